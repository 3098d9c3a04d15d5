-- Lists of dossiers and posts, and the contacts kept apart from them.

-- name: frame_references(wave, grp)
SELECT reference FROM frame_row WHERE wave = :wave AND grp = :grp;

-- name: frame_add_rows(id, wave, grp, reference, identity, unit, place, units, fields)*!
INSERT INTO frame_row (id, wave, grp, reference, identity, unit, place, units, fields)
VALUES (:id, :wave, :grp, :reference, :identity, :unit, :place, :units, :fields);

-- name: frame_add_contacts(frame_row, wave, name, phone, email, address, reference)*!
INSERT INTO contact (frame_row, wave, name, phone, email, address, reference)
VALUES (:frame_row, :wave, :name, :phone, :email, :address, :reference);

-- name: frame_last_import(wave, grp)$
SELECT coalesce(max(number), 0) FROM frame_import WHERE wave = :wave AND grp = :grp;

-- name: frame_add_import(wave, grp, number, file_name, file_hash, rows_in, rows_kept, at)!
INSERT INTO frame_import (wave, grp, number, file_name, file_hash, rows_in, rows_kept, at)
VALUES (:wave, :grp, :number, :file_name, :file_hash, :rows_in, :rows_kept, :at);

-- name: frame_forget_contacts(wave, grp)!
DELETE FROM contact WHERE frame_row IN (SELECT id FROM frame_row WHERE wave = :wave AND grp = :grp);

-- name: frame_forget_rows(wave, grp)!
DELETE FROM frame_row WHERE wave = :wave AND grp = :grp;

-- name: frame_rows(wave, grp)
SELECT id, identity, unit, place, units, fields FROM frame_row WHERE wave = :wave AND grp = :grp ORDER BY id;

-- name: frame_counts(wave)
SELECT grp, count(*) AS n, count(identity) AS identified FROM frame_row WHERE wave = :wave GROUP BY grp ORDER BY grp;

-- name: frame_listed(wave, grp)$
SELECT count(*) FROM draw WHERE wave = :wave AND grp = :grp;

-- name: frame_contacts(wave)
SELECT i.serial, c.name, c.phone, c.email, c.address, c.reference
FROM invitation i JOIN contact c ON c.frame_row = i.frame_row
WHERE i.wave = :wave
ORDER BY i.serial;
