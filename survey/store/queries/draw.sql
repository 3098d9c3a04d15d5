-- Lists recorded before their public number, what was drawn from them, and the cells it makes.

-- name: draw_issued(wave, grp)$
SELECT count(*) FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell
WHERE i.wave = :wave AND c.grp = :grp AND c.mode <> 'open';

-- name: draw_last(wave, grp)^
SELECT wave, grp, number, salt, list_hash, design, listed_at, public_number, effective_seed, algorithm, drawn_at, reason
FROM draw WHERE wave = :wave AND grp = :grp ORDER BY number DESC LIMIT 1;

-- name: draw_all(wave)
SELECT wave, grp, number, salt, list_hash, design, listed_at, public_number, effective_seed, algorithm, drawn_at, reason
FROM draw WHERE wave = :wave ORDER BY grp, number;

-- name: draw_add(wave, grp, number, salt, list_hash, design, listed_at, reason)!
INSERT INTO draw (wave, grp, number, salt, list_hash, design, listed_at, reason)
VALUES (:wave, :grp, :number, :salt, :list_hash, :design, :listed_at, :reason);

-- name: draw_add_rows(wave, grp, number, row_id, frame_row, stratum, size, position, psu)*!
INSERT INTO draw_row (wave, grp, number, row_id, frame_row, stratum, size, position, psu)
VALUES (:wave, :grp, :number, :row_id, :frame_row, :stratum, :size, :position, :psu);

-- name: draw_rows(wave, grp, number)
SELECT row_id, frame_row, stratum, size, position, psu, probability, cell, waits FROM draw_row
WHERE wave = :wave AND grp = :grp AND number = :number ORDER BY row_id;

-- name: draw_finish(wave, grp, number, public_number, effective_seed, algorithm, drawn_at, design)!
UPDATE draw SET public_number = :public_number, effective_seed = :effective_seed, algorithm = :algorithm,
       drawn_at = :drawn_at, design = :design
WHERE wave = :wave AND grp = :grp AND number = :number AND drawn_at IS NULL;

-- name: draw_mark_rows(wave, grp, number, row_id, probability, cell, waits)*!
UPDATE draw_row SET probability = :probability, cell = :cell, waits = :waits
WHERE wave = :wave AND grp = :grp AND number = :number AND row_id = :row_id;

-- name: draw_forget_cells(wave, grp)!
DELETE FROM cell WHERE wave = :wave AND grp = :grp AND mode <> 'open';

-- name: draw_forget_design(wave, grp)!
DELETE FROM design_cell WHERE wave = :wave AND grp = :grp;

-- name: draw_next_cell(wave)$
SELECT coalesce(max(id), 0) + 1 FROM cell WHERE wave = :wave;

-- name: draw_add_cells(wave, id, grp, stratum, wclass, margins, mode, units)*!
INSERT INTO cell (wave, id, grp, stratum, wclass, margins, mode, units)
VALUES (:wave, :id, :grp, :stratum, :wclass, :margins, :mode, :units);

-- name: draw_cells(wave, grp)
SELECT id, grp, stratum, wclass, margins, mode, units, factor FROM cell
WHERE wave = :wave AND grp = :grp AND mode <> 'open' ORDER BY id;

-- name: draw_add_design(wave, grp, stratum, wclass, margins, method, population, drawn)*!
INSERT INTO design_cell (wave, grp, stratum, wclass, margins, method, population, drawn)
VALUES (:wave, :grp, :stratum, :wclass, :margins, :method, :population, :drawn);

-- name: draw_design(wave, grp)
SELECT stratum, wclass, margins, method, population, drawn FROM design_cell
WHERE wave = :wave AND grp = :grp ORDER BY stratum, wclass, margins;

-- name: draw_forget_psus(wave, grp)!
DELETE FROM psu WHERE wave = :wave AND grp = :grp;

-- name: draw_add_psus(wave, grp, stratum, psu, population, probability, drawn)*!
INSERT INTO psu (wave, grp, stratum, psu, population, probability, drawn)
VALUES (:wave, :grp, :stratum, :psu, :population, :probability, :drawn);

-- name: draw_releases(wave, grp, number)
SELECT release, released, at, reason FROM sample_release
WHERE wave = :wave AND grp = :grp AND number = :number ORDER BY release;

-- name: draw_add_release(wave, grp, number, release, released, at, reason)!
INSERT INTO sample_release (wave, grp, number, release, released, at, reason)
VALUES (:wave, :grp, :number, :release, :released, :at, :reason);

-- name: draw_factor(wave, id, factor)*!
UPDATE cell SET factor = :factor WHERE wave = :wave AND id = :id;

-- name: draw_waiting_lists(wave)
SELECT d.grp, d.number FROM draw d
WHERE d.wave = :wave AND d.drawn_at IS NULL
  AND EXISTS (SELECT 1 FROM draw e WHERE e.wave = d.wave AND e.grp = d.grp AND e.number < d.number
              AND e.drawn_at IS NOT NULL)
ORDER BY d.grp;
