-- What the freeze reads: boxes without anything that could name their invitation, and counts by cell.

-- name: freeze_boxes(wave)
SELECT box FROM box WHERE wave = :wave ORDER BY id;

-- name: freeze_boxes_after(wave, after, most)
SELECT id, box FROM box WHERE wave = :wave AND id > :after ORDER BY id LIMIT :most;

-- name: freeze_waiting(wave)
SELECT c.grp, c.stratum, c.wclass, c.margins, c.mode, c.units, count(*) AS n
FROM inbox_box b JOIN cell c ON c.wave = b.wave AND c.id = b.cell
WHERE b.wave = :wave
GROUP BY c.grp, c.stratum, c.wclass, c.margins, c.mode, c.units;

-- name: freeze_dispositions(wave)
SELECT c.grp, c.stratum, c.wclass, c.margins, c.mode, c.units, d.state, sum(d.n) AS n
FROM disposition d JOIN cell c ON c.wave = d.wave AND c.id = d.cell
WHERE d.wave = :wave
GROUP BY c.grp, c.stratum, c.wclass, c.margins, c.mode, c.units, d.state;

-- name: freeze_answered(wave)
SELECT c.grp, c.stratum, c.wclass, c.margins, c.mode, c.units, i.n
FROM (SELECT cell, count(*) AS n FROM invitation WHERE wave = :wave AND state = 'answered' GROUP BY cell) i
JOIN cell c ON c.wave = :wave AND c.id = i.cell;

-- name: freeze_mixed(wave)
SELECT c.grp, c.stratum, c.wclass, c.margins, c.mode, c.units, a.state, a.n
FROM answered_count a JOIN cell c ON c.wave = a.wave AND c.id = a.cell
WHERE a.wave = :wave;

-- name: freeze_design(wave)
SELECT grp, stratum, wclass, margins, method, population, drawn
FROM design_cell WHERE wave = :wave ORDER BY grp, stratum, wclass, margins;

-- name: freeze_draws(wave)
SELECT grp, number, list_hash, public_number, effective_seed, algorithm, reason
FROM draw WHERE wave = :wave AND drawn_at IS NOT NULL ORDER BY grp, number;

-- name: freeze_psus(wave)
SELECT grp, stratum, psu, population, drawn FROM psu WHERE wave = :wave ORDER BY grp, stratum, psu;

-- name: freeze_factors(wave)
SELECT grp, stratum, wclass, margins, mode, units, factor FROM cell WHERE wave = :wave ORDER BY id;

-- name: freeze_releases(wave)
SELECT r.grp, r.number, r.release, r.released, r.reason FROM sample_release r
WHERE r.wave = :wave
  AND r.number = (SELECT max(d.number) FROM draw d
                  WHERE d.wave = r.wave AND d.grp = r.grp AND d.drawn_at IS NOT NULL)
ORDER BY r.grp, r.release;

-- name: freeze_days(wave)
SELECT day, grp, sum(n) AS n FROM day_count
WHERE wave = :wave AND unit = '' AND mode <> 'open' AND state IN ('answered', 'damaged', 'late')
GROUP BY day, grp ORDER BY day, grp;

-- name: freeze_seals(wave)
SELECT number, body, hash FROM seal WHERE wave = :wave ORDER BY number;

-- name: freeze_documents(wave)$
SELECT documents FROM wave WHERE id = :wave;

-- name: freeze_mark(wave)!
UPDATE wave SET state = 'frozen' WHERE id = :wave AND state IN ('closed', 'frozen');
