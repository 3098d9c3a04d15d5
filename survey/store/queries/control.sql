-- Control calls: who is to be called, and counts of what was said.

-- name: control_returned(wave)
SELECT i.serial, i.state, c.mode, c.units,
       coalesce((SELECT b.holder FROM batch_row r JOIN batch b ON b.wave = r.wave AND b.number = r.batch
                 WHERE r.wave = i.wave AND r.serial = i.serial AND b.kind = 'interviewer'
                 ORDER BY b.number DESC LIMIT 1), '') AS interviewer
FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell JOIN contact k ON k.frame_row = i.frame_row
WHERE i.wave = :wave AND coalesce(k.phone, k.email, k.address) IS NOT NULL
  AND i.state IN ('answered', 'damaged', 'late')
ORDER BY i.serial;

-- name: control_record_list(wave, list_hash, returned, algorithm, at)!
INSERT INTO control_draw (wave, list_hash, public_number, effective_seed, algorithm, returned, at)
VALUES (:wave, :list_hash, '', '', :algorithm, :returned, :at) ON CONFLICT (wave) DO NOTHING;

-- name: control_seed(wave, public_number, effective_seed)!
UPDATE control_draw SET public_number = :public_number, effective_seed = :effective_seed
WHERE wave = :wave AND public_number = '';

-- name: control_drawn(wave)^
SELECT list_hash, public_number, effective_seed, algorithm, returned, at FROM control_draw WHERE wave = :wave;

-- name: control_add(wave, serial, interviewer)*!
INSERT INTO control_call (wave, serial, interviewer) VALUES (:wave, :serial, :interviewer);

-- name: control_open(wave)$
SELECT count(*) FROM control_call WHERE wave = :wave AND done = 0;

-- name: control_calls(wave)
SELECT l.serial, l.tries, c.mode, c.units, k.name, k.phone, k.email, k.address, coalesce(f.shared, 0) AS shared,
       coalesce(f.staff, 0) AS staff
FROM control_call l JOIN invitation i ON i.wave = l.wave AND i.serial = l.serial
JOIN cell c ON c.wave = i.wave AND c.id = i.cell
LEFT JOIN contact k ON k.frame_row = i.frame_row LEFT JOIN contact_flag f ON f.frame_row = i.frame_row
WHERE l.wave = :wave AND l.done = 0
ORDER BY l.serial;

-- name: control_call(wave, serial)^
SELECT l.serial, l.interviewer, l.tries, l.done, c.mode, c.units
FROM control_call l JOIN invitation i ON i.wave = l.wave AND i.serial = l.serial
JOIN cell c ON c.wave = i.wave AND c.id = i.cell
WHERE l.wave = :wave AND l.serial = :serial;

-- name: control_try(wave, serial, done)!
UPDATE control_call SET tries = tries + 1, done = :done WHERE wave = :wave AND serial = :serial AND done = 0;

-- name: control_add_up(wave, unit, mode, interviewer, outcome, n)*!
INSERT INTO control_count (wave, unit, mode, interviewer, outcome, n)
VALUES (:wave, :unit, :mode, :interviewer, :outcome, :n)
ON CONFLICT (wave, unit, mode, interviewer, outcome) DO UPDATE SET n = control_count.n + excluded.n;

-- name: control_counts(wave)
SELECT unit, mode, interviewer, outcome, n FROM control_count WHERE wave = :wave
ORDER BY unit, mode, interviewer, outcome;
