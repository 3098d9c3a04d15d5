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

-- name: board_drift(wave)$
-- How many of the numbers that triggers keep differ from counting.
SELECT count(*) FROM (
  SELECT cell, state FROM (
    SELECT cell, state, count(*) AS n FROM invitation WHERE wave = :wave GROUP BY cell, state
    UNION ALL SELECT cell, state, n FROM state_count WHERE wave = :wave AND n <> 0) AS both_ways
  GROUP BY cell, state HAVING count(*) <> 2 OR min(n) <> max(n)) AS differing;

-- name: board_repeated(wave)$
-- How many numbers of invitations were given more than once.
SELECT count(*) FROM (SELECT serial FROM invitation WHERE wave = :wave GROUP BY serial HAVING count(*) > 1) AS repeated;

-- name: board_waves()
SELECT id, state, pilot FROM wave ORDER BY id;

-- name: proof_deeds(wave)
-- Who did what to the sample and the forms, for the file.
SELECT number, at, who, action, detail FROM audit
WHERE wave = :wave AND action IN ('frame imported', 'list recorded', 'sample drawn', 'reserve released', 'wave extended',
  'late forms admitted', 'late forms excluded', 'control calls drawn', 'counter draw reconciled', 'wave closed',
  'wave frozen')
ORDER BY number;

-- name: proof_taken_out(wave)
-- How many invitations were reissued or revoked by staff, by the log.
SELECT action, count(*) AS n FROM audit
WHERE wave = :wave AND action IN ('invitation reissued', 'invitation revoked', 'disposition recorded')
GROUP BY action;

-- name: payment_interviewers(wave)
-- Forms accepted: answered invitations of the batches that interviewers took, each with the batch that took it last.
SELECT b.holder, c.grp, count(*) AS n
FROM batch_row r
JOIN batch b ON b.wave = r.wave AND b.number = r.batch AND b.kind = 'interviewer'
JOIN invitation i ON i.wave = r.wave AND i.serial = r.serial AND i.state = 'answered'
JOIN cell c ON c.wave = i.wave AND c.id = i.cell
WHERE r.wave = :wave AND r.state = 'out'
  AND r.batch = (SELECT max(o.batch) FROM batch_row o WHERE o.wave = r.wave AND o.serial = r.serial)
GROUP BY b.holder, c.grp ORDER BY b.holder, c.grp;

-- name: payment_respondents(wave, groups)
-- Who answered, of the groups that are paid for it; contacts, and nothing of any answer.
SELECT c.grp, i.serial, t.name, t.address
FROM invitation i
JOIN cell c ON c.wave = i.wave AND c.id = i.cell
LEFT JOIN contact t ON t.frame_row = i.frame_row
WHERE i.wave = :wave AND i.state = 'answered' AND c.mode <> 'open'
  AND c.grp IN (SELECT value FROM json_each(:groups))
ORDER BY c.grp, t.name, i.serial;
