-- Lists recorded before their public number, what was drawn from them, and the cells it makes.

-- name: draw_issued(wave, grp)$
SELECT count(*) FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell
WHERE i.wave = :wave AND c.grp = :grp;

-- name: draw_last(wave, grp)^
SELECT wave, grp, number, salt, list_hash, design, listed_at, public_number, effective_seed, algorithm, drawn_at, reason
FROM draw WHERE wave = :wave AND grp = :grp ORDER BY number DESC LIMIT 1;

-- name: draw_all(wave)
SELECT wave, grp, number, salt, list_hash, design, listed_at, public_number, effective_seed, algorithm, drawn_at, reason
FROM draw WHERE wave = :wave ORDER BY grp, number;

-- name: draw_add(wave, grp, number, salt, list_hash, design, listed_at, reason)!
INSERT INTO draw (wave, grp, number, salt, list_hash, design, listed_at, reason)
VALUES (:wave, :grp, :number, :salt, :list_hash, :design, :listed_at, :reason);

-- name: draw_add_rows(wave, grp, number, row_id, frame_row, stratum, size)*!
INSERT INTO draw_row (wave, grp, number, row_id, frame_row, stratum, size)
VALUES (:wave, :grp, :number, :row_id, :frame_row, :stratum, :size);

-- name: draw_rows(wave, grp, number)
SELECT row_id, frame_row, stratum, size, probability, cell FROM draw_row
WHERE wave = :wave AND grp = :grp AND number = :number ORDER BY row_id;

-- name: draw_finish(wave, grp, number, public_number, effective_seed, algorithm, drawn_at, design)!
UPDATE draw SET public_number = :public_number, effective_seed = :effective_seed, algorithm = :algorithm,
       drawn_at = :drawn_at, design = :design
WHERE wave = :wave AND grp = :grp AND number = :number AND drawn_at IS NULL;

-- name: draw_mark_rows(wave, grp, number, row_id, probability, cell)*!
UPDATE draw_row SET probability = :probability, cell = :cell
WHERE wave = :wave AND grp = :grp AND number = :number AND row_id = :row_id;

-- name: draw_forget_cells(wave, grp)!
DELETE FROM cell WHERE wave = :wave AND grp = :grp;

-- name: draw_forget_design(wave, grp)!
DELETE FROM design_cell WHERE wave = :wave AND grp = :grp;

-- name: draw_next_cell(wave)$
SELECT coalesce(max(id), 0) + 1 FROM cell WHERE wave = :wave;

-- name: draw_add_cells(wave, id, grp, stratum, wclass, margins, mode, units)*!
INSERT INTO cell (wave, id, grp, stratum, wclass, margins, mode, units)
VALUES (:wave, :id, :grp, :stratum, :wclass, :margins, :mode, :units);

-- name: draw_cells(wave, grp)
SELECT id, grp, stratum, wclass, margins, mode, units FROM cell WHERE wave = :wave AND grp = :grp ORDER BY id;

-- name: draw_add_design(wave, grp, stratum, wclass, margins, method, population, drawn)*!
INSERT INTO design_cell (wave, grp, stratum, wclass, margins, method, population, drawn)
VALUES (:wave, :grp, :stratum, :wclass, :margins, :method, :population, :drawn);

-- name: draw_design(wave, grp)
SELECT stratum, wclass, margins, method, population, drawn FROM design_cell
WHERE wave = :wave AND grp = :grp ORDER BY stratum, wclass, margins;
