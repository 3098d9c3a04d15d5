-- Contacts: apart from answers and from all that is drawn; flagged where they are not a person's own; purged.

-- name: contact_suspect()*!
INSERT INTO staged_suspect (n) VALUES (?);

-- name: contact_values(wave)
SELECT phone, email FROM contact WHERE wave = :wave AND (phone IS NOT NULL OR email IS NOT NULL);

-- name: contact_staff_values(wave)
SELECT value FROM staff_contact WHERE wave = :wave;

-- name: frame_find_shared(wave, grp, replace)!
INSERT INTO staged_shared (value)
WITH own (value, owner) AS (
  SELECT phone, coalesce(CAST(identity AS TEXT), nullif(name, ''), CAST(reference AS TEXT))
  FROM staged_row JOIN staged_suspect USING (n) WHERE phone <> ''
  UNION ALL
  SELECT email, coalesce(CAST(identity AS TEXT), nullif(name, ''), CAST(reference AS TEXT))
  FROM staged_row JOIN staged_suspect USING (n) WHERE email <> ''
  UNION ALL SELECT c.phone, coalesce(CAST(f.identity AS TEXT), c.name, CAST(f.id AS TEXT)) FROM contact c JOIN frame_row f ON f.id = c.frame_row
            WHERE c.wave = :wave AND c.phone IS NOT NULL AND NOT (:replace = 1 AND f.grp = :grp)
  UNION ALL SELECT c.email, coalesce(CAST(f.identity AS TEXT), c.name, CAST(f.id AS TEXT)) FROM contact c JOIN frame_row f ON f.id = c.frame_row
            WHERE c.wave = :wave AND c.email IS NOT NULL AND NOT (:replace = 1 AND f.grp = :grp)
)
SELECT value FROM own GROUP BY value HAVING count(DISTINCT owner) > 3;

-- name: frame_staged_shared()$
SELECT count(*) FROM staged_shared;

-- name: contact_staged_flags(wave)
SELECT unit, sum(shared) AS shared, sum(staff) AS staff, count(*) AS n FROM (
  SELECT unit,
         CASE WHEN phone IN (SELECT value FROM staged_shared) OR email IN (SELECT value FROM staged_shared)
              THEN 1 ELSE 0 END AS shared,
         CASE WHEN phone IN (SELECT value FROM staff_contact WHERE wave = :wave)
                   OR email IN (SELECT value FROM staff_contact WHERE wave = :wave) THEN 1 ELSE 0 END AS staff
  FROM staged_row JOIN staged_suspect USING (n)) AS reachable
WHERE shared = 1 OR staff = 1 GROUP BY unit ORDER BY unit;

-- name: contact_forget_flags(wave)!
DELETE FROM contact_flag WHERE wave = :wave;

-- name: contact_flag_all(wave)!
INSERT INTO contact_flag (frame_row, wave, shared, staff)
SELECT frame_row, wave, shared, staff FROM (
  SELECT frame_row, wave,
         CASE WHEN phone IN (SELECT value FROM staged_shared) OR email IN (SELECT value FROM staged_shared)
              THEN 1 ELSE 0 END AS shared,
         CASE WHEN phone IN (SELECT value FROM staff_contact WHERE wave = :wave)
                   OR email IN (SELECT value FROM staff_contact WHERE wave = :wave) THEN 1 ELSE 0 END AS staff
  FROM contact WHERE wave = :wave AND (phone IS NOT NULL OR email IS NOT NULL)) AS reachable
WHERE shared = 1 OR staff = 1;

-- name: contact_flags(wave)
SELECT f.grp, f.unit, count(*) AS n, coalesce(sum(g.shared), 0) AS shared, coalesce(sum(g.staff), 0) AS staff,
       count(g.frame_row) AS flagged
FROM contact c JOIN frame_row f ON f.id = c.frame_row LEFT JOIN contact_flag g ON g.frame_row = c.frame_row
WHERE c.wave = :wave AND (c.phone IS NOT NULL OR c.email IS NOT NULL)
GROUP BY f.grp, f.unit ORDER BY f.grp, f.unit;

-- name: contact_forget_group(wave, grp)!
DELETE FROM contact WHERE frame_row IN (SELECT id FROM frame_row WHERE wave = :wave AND grp = :grp);

-- name: contact_add_staff(wave, value)*!
INSERT INTO staff_contact (wave, value) VALUES (:wave, :value) ON CONFLICT (wave, value) DO NOTHING;

-- name: contact_staff(wave)$
SELECT count(*) FROM staff_contact WHERE wave = :wave;

-- name: contact_count(wave)$
SELECT count(*) FROM contact WHERE wave = :wave;

-- name: contact_purge(wave)!
DELETE FROM contact WHERE wave = :wave;

-- name: contact_forget_flag_of(wave, serial)!
DELETE FROM contact_flag WHERE frame_row = (SELECT frame_row FROM invitation WHERE wave = :wave AND serial = :serial);

-- name: contact_forget_of(wave, serial)!
DELETE FROM contact WHERE frame_row = (SELECT frame_row FROM invitation WHERE wave = :wave AND serial = :serial);

-- name: contact_purge_staff(wave)!
DELETE FROM staff_contact WHERE wave = :wave;

-- name: contact_add_purge(wave, number, contacts, drafts, key_destroyed, who, at)!
INSERT INTO purge (wave, number, contacts, drafts, key_destroyed, who, at)
VALUES (:wave, :number, :contacts, :drafts, :key_destroyed, :who, :at);

-- name: contact_purges(wave)
SELECT number, contacts, drafts, key_destroyed, who, at FROM purge WHERE wave = :wave ORDER BY number;

-- name: contact_keys_gone()$
SELECT count(*) FROM purge WHERE key_destroyed = 1;

-- name: contact_of_post(wave, grp, reference)^
SELECT f.id, f.unit FROM frame_row f WHERE f.wave = :wave AND f.grp = :grp AND f.reference = :reference;

-- name: contact_replace(frame_row, name, phone, email, address)!
UPDATE contact SET name = :name, phone = :phone, email = :email, address = :address WHERE frame_row = :frame_row;

-- name: contact_of_serial(wave, serial)^
SELECT c.frame_row, c.name, c.phone, c.email, c.address FROM contact c JOIN invitation i ON i.frame_row = c.frame_row
WHERE i.wave = :wave AND i.serial = :serial;
