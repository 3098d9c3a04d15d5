-- Waves being prepared at the desk, lists that were sent in for them, and their planning tables.

-- name: preparation_get(id)^
SELECT id, body, pilot, source, revision, updated_at, updated_by FROM preparation WHERE id = :id;

-- name: preparation_all()
SELECT p.id, p.body, p.pilot, p.source, p.revision, p.updated_at, p.updated_by FROM preparation p
ORDER BY p.updated_at DESC, p.id;

-- name: preparation_put(id, body, pilot, source, revision, updated_at, updated_by)!
INSERT INTO preparation (id, body, pilot, source, revision, updated_at, updated_by)
VALUES (:id, :body, :pilot, :source, :revision, :updated_at, :updated_by)
ON CONFLICT (id) DO UPDATE SET body = excluded.body, pilot = excluded.pilot, source = excluded.source,
  revision = excluded.revision, updated_at = excluded.updated_at, updated_by = excluded.updated_by;

-- name: preparation_forget(id)!
DELETE FROM preparation WHERE id = :id;

-- name: preparation_documents(wave)
SELECT name, body FROM preparation_document WHERE wave = :wave ORDER BY name;

-- name: preparation_keep_document(wave, name, body)!
INSERT INTO preparation_document (wave, name, body) VALUES (:wave, :name, :body);

-- name: preparation_forget_documents(wave)!
DELETE FROM preparation_document WHERE wave = :wave;

-- name: upload_get(wave, grp)^
SELECT wave, grp, token, file_name, bytes, choices, found, at, who FROM upload WHERE wave = :wave AND grp = :grp;

-- name: upload_put(wave, grp, token, file_name, bytes, choices, found, at, who)!
INSERT INTO upload (wave, grp, token, file_name, bytes, choices, found, at, who)
VALUES (:wave, :grp, :token, :file_name, :bytes, :choices, :found, :at, :who)
ON CONFLICT (wave, grp) DO UPDATE SET token = excluded.token, file_name = excluded.file_name, bytes = excluded.bytes,
  choices = excluded.choices, found = excluded.found, at = excluded.at, who = excluded.who;

-- name: upload_forget(wave, grp)!
DELETE FROM upload WHERE wave = :wave AND grp = :grp;

-- name: upload_tokens()
SELECT token FROM upload;

-- name: upload_tokens_elsewhere(wave)
SELECT token FROM upload WHERE wave <> :wave;

-- name: upload_forget_wave(wave)!
DELETE FROM upload WHERE wave = :wave;

-- name: upload_older(before)
SELECT wave, grp, token FROM upload WHERE at < :before;

-- name: upload_imported(wave)
SELECT grp, coalesce(sum(n), 0) AS n, count(DISTINCT unit) AS units FROM frame_supply WHERE wave = :wave GROUP BY grp;

-- name: upload_by_unit(wave, grp)
SELECT unit, sum(n) AS n FROM frame_supply WHERE wave = :wave AND grp = :grp GROUP BY unit ORDER BY unit;

-- name: upload_imports(wave, grp)
SELECT number, file_name, rows_in, rows_kept, at, supplier, reference_date FROM frame_import
WHERE wave = :wave AND grp = :grp ORDER BY number DESC;

-- name: planned_get(wave)
SELECT grp, key, body FROM planned WHERE wave = :wave;

-- name: planned_put(wave, grp, key, body)!
INSERT INTO planned (wave, grp, key, body) VALUES (:wave, :grp, :key, :body)
ON CONFLICT (wave, grp) DO UPDATE SET key = excluded.key, body = excluded.body;

-- name: upload_drawn(wave)
SELECT d.grp, count(r.cell) AS drawn FROM draw d
JOIN draw_row r ON r.wave = d.wave AND r.grp = d.grp AND r.number = d.number
WHERE d.wave = :wave AND d.number = (SELECT max(e.number) FROM draw e WHERE e.wave = d.wave AND e.grp = d.grp)
GROUP BY d.grp;

-- name: upload_issued(wave)
SELECT place, count(*) AS n FROM invitation WHERE wave = :wave AND state <> 'revoked' GROUP BY place ORDER BY place;
