-- What the fieldwork board counts: cells and days, no invitation by itself.

-- name: board_cells(wave)
-- Who came by a poster is left out: they are in no rate.
SELECT c.grp, c.mode, c.units, s.state, sum(s.n) AS n
FROM state_count s JOIN cell c ON c.wave = s.wave AND c.id = s.cell
WHERE s.wave = :wave AND c.mode <> 'open' AND s.n > 0
GROUP BY c.grp, c.mode, c.units, s.state;

-- name: board_mixed(wave)
-- What mixed answers were. Those that wait are not told: fewer than k of a cell, they would name their people.
SELECT c.grp, c.mode, c.units, a.state, sum(a.n) AS n
FROM answered_count a JOIN cell c ON c.wave = a.wave AND c.id = a.cell
WHERE a.wave = :wave AND c.mode <> 'open'
GROUP BY c.grp, c.mode, c.units, a.state;

-- name: board_days(wave, units)
-- Returns by day, of units in a JSON list; unit '' counts each once.
SELECT day, grp, mode, sum(n) AS n FROM day_count
WHERE wave = :wave AND unit IN (SELECT value FROM json_each(:units)) AND mode <> 'open'
  AND state IN ('answered', 'damaged', 'late')
GROUP BY day, grp, mode ORDER BY day;

-- name: board_waves()
SELECT id, state, pilot FROM wave ORDER BY id;
