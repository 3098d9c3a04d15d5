-- Lists of dossiers and posts, and the contacts kept apart from them.

-- A list being imported stands in scratch tables (``staging`` in SQLite, temporary ones in PostgreSQL). Its rows get ids
-- that only grow, ``base`` being random for each import: tables keyed by them are then written from one end to the other.

-- name: frame_stage_rows()!
CREATE TABLE staging.staged_row (
  n INTEGER PRIMARY KEY, sheet INTEGER, row INTEGER, reference BLOB, identity BLOB, unit TEXT, place TEXT, units TEXT, fields TEXT,
  name TEXT, phone TEXT, email TEXT, address TEXT, number TEXT
);

-- name: frame_stage_shared()!
CREATE TABLE staging.staged_shared (value TEXT PRIMARY KEY) WITHOUT ROWID;

-- name: frame_stage_suspects()!
CREATE TABLE staging.staged_suspect (n INTEGER PRIMARY KEY);

-- name: frame_stage()*!
INSERT INTO staged_row
  (sheet, row, reference, identity, unit, place, units, fields, name, phone, email, address, number)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: frame_staged_first()
SELECT number, unit, place, fields FROM staged_row ORDER BY n LIMIT 5;

-- name: frame_staged_at(n)^
SELECT sheet, row, number FROM staged_row WHERE n = :n;

-- name: frame_references(wave, grp)
SELECT reference FROM frame_row WHERE wave = :wave AND grp = :grp;

-- name: frame_take_rows(wave, grp, base)!
INSERT INTO frame_row (id, wave, grp, reference, identity, unit, place, units, fields)
SELECT CAST(:base || substr(CAST(100000000 + n AS TEXT), 2) AS BLOB), :wave, :grp, reference, identity, unit, place,
       nullif(units, ''), fields
FROM staged_row ORDER BY n;

-- name: frame_take_contacts(wave, base)!
INSERT INTO contact (frame_row, wave, name, phone, email, address, reference)
SELECT CAST(:base || substr(CAST(100000000 + n AS TEXT), 2) AS BLOB), :wave, nullif(name, ''), nullif(phone, ''),
       nullif(email, ''), nullif(address, ''), number
FROM staged_row ORDER BY n;

-- name: frame_mappings(wave, grp)
SELECT headings, mapping FROM frame_mapping WHERE wave = :wave AND grp = :grp;

-- name: frame_remember(wave, grp, headings, mapping, at)!
INSERT INTO frame_mapping (wave, grp, headings, mapping, at) VALUES (:wave, :grp, :headings, :mapping, :at)
ON CONFLICT (wave, grp, headings) DO UPDATE SET mapping = excluded.mapping, at = excluded.at;

-- name: frame_add_supply(wave, grp, number, unit, n)*!
INSERT INTO frame_supply (wave, grp, number, unit, n) VALUES (:wave, :grp, :number, :unit, :n);

-- name: frame_forget_supply(wave, grp)!
DELETE FROM frame_supply WHERE wave = :wave AND grp = :grp;

-- name: frame_last_import(wave, grp)$
SELECT coalesce(max(number), 0) FROM frame_import WHERE wave = :wave AND grp = :grp;

-- name: frame_add_import(wave, grp, number, file_name, file_hash, rows_in, rows_kept, at, supplier, reference_date)!
INSERT INTO frame_import (wave, grp, number, file_name, file_hash, rows_in, rows_kept, at, supplier, reference_date)
VALUES (:wave, :grp, :number, :file_name, :file_hash, :rows_in, :rows_kept, :at, :supplier, :reference_date);

-- name: frame_forget_rows(wave, grp)!
DELETE FROM frame_row WHERE wave = :wave AND grp = :grp;

-- name: frame_rows(wave, grp)
SELECT id, identity, unit, place, units, fields FROM frame_row WHERE wave = :wave AND grp = :grp ORDER BY id;

-- name: frame_counts(wave)
SELECT grp, count(*) AS n, count(identity) AS identified FROM frame_row WHERE wave = :wave GROUP BY grp ORDER BY grp;

-- name: frame_listed(wave, grp)$
SELECT count(*) FROM draw WHERE wave = :wave AND grp = :grp;

-- name: frame_contacts(wave)
SELECT i.serial, c.name, c.phone, c.email, c.address, c.reference, g.frame_row IS NOT NULL AS flagged
FROM invitation i JOIN contact c ON c.frame_row = i.frame_row LEFT JOIN contact_flag g ON g.frame_row = c.frame_row
WHERE i.wave = :wave
ORDER BY i.serial;
