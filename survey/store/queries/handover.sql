-- Batches handed over to interviewers, the post and places; visits.

-- name: batch_add(wave, kind, holder, made_at)$
INSERT INTO batch (wave, number, kind, holder, made_at)
SELECT :wave, coalesce(max(number), 0) + 1, :kind, :holder, :made_at FROM batch WHERE wave = :wave
RETURNING number;

-- name: batch_add_rows(wave, batch, serial)*!
INSERT INTO batch_row (wave, batch, serial) VALUES (:wave, :batch, :serial);

-- name: batch_get(wave, number)^
SELECT number, kind, holder, made_at, back FROM batch WHERE wave = :wave AND number = :number;

-- name: batch_all(wave)
SELECT number, kind, holder, made_at, back FROM batch WHERE wave = :wave ORDER BY number;

-- name: batch_totals(wave)
-- Every batch with how many it holds, without its rows.
SELECT b.number, b.kind, b.holder, b.back, count(r.serial) AS out, count(*) FILTER (WHERE r.state = 'spoiled') AS spoiled,
       count(*) FILTER (WHERE r.state = 'unused') AS unused
FROM batch b LEFT JOIN batch_row r ON r.wave = b.wave AND r.batch = b.number
WHERE b.wave = :wave GROUP BY b.number, b.kind, b.holder, b.back ORDER BY b.number;

-- name: batch_rows(wave, batch)
SELECT b.serial, b.state AS came, i.state, i.place, c.grp, c.units, c.mode
FROM batch_row b JOIN invitation i ON i.wave = b.wave AND i.serial = b.serial
JOIN cell c ON c.wave = i.wave AND c.id = i.cell
WHERE b.wave = :wave AND b.batch = :batch ORDER BY b.serial;

-- name: batch_holding(wave)
-- Serials that are out with somebody: their batch was not taken back.
SELECT r.serial, r.batch FROM batch_row r JOIN batch b ON b.wave = r.wave AND b.number = r.batch
WHERE r.wave = :wave AND b.back IS NULL;

-- name: batch_take_back(wave, number, back)!
UPDATE batch SET back = :back WHERE wave = :wave AND number = :number AND back IS NULL;

-- name: batch_mark(wave, batch, serial, state)*!
UPDATE batch_row SET state = :state WHERE wave = :wave AND batch = :batch AND serial = :serial;

-- name: batch_contacts(wave, batch)
SELECT r.serial, t.name, t.phone, t.address FROM batch_row r
JOIN invitation i ON i.wave = r.wave AND i.serial = r.serial JOIN contact t ON t.frame_row = i.frame_row
WHERE r.wave = :wave AND r.batch = :batch ORDER BY r.serial;

-- name: batch_posts(wave)
-- What a letter may name in place of a person.
SELECT i.serial, f.unit, f.fields FROM invitation i JOIN frame_row f ON f.id = i.frame_row WHERE i.wave = :wave;

-- name: visit_count(wave, serial)$
SELECT count(*) FROM visit WHERE wave = :wave AND serial = :serial;

-- name: visit_add(wave, serial, number, outcome)!
INSERT INTO visit (wave, serial, number, outcome) VALUES (:wave, :serial, :number, :outcome);

-- name: visit_all(wave)
SELECT serial, number, outcome FROM visit WHERE wave = :wave ORDER BY serial, number;
