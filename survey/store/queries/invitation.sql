-- Issuing, finding and moving invitations. The list of open states stands in the three statements that race;
-- a test holds it equal to invitations.OPEN.

-- name: invitation_waves()
SELECT id FROM wave ORDER BY id;

-- name: invitation_to_issue(wave)
SELECT d.grp, d.cell, d.frame_row, f.place
FROM draw_row d JOIN frame_row f ON f.id = d.frame_row
WHERE d.wave = :wave AND d.cell IS NOT NULL
  AND d.number = (SELECT max(w.number) FROM draw w WHERE w.wave = d.wave AND w.grp = d.grp)
  AND NOT EXISTS (SELECT 1 FROM invitation i WHERE i.frame_row = d.frame_row AND i.wave = :wave)
ORDER BY d.grp, d.cell, d.row_id;

-- name: invitation_cells(wave)
SELECT id, grp, stratum, wclass, margins, mode, units FROM cell WHERE wave = :wave ORDER BY id;

-- name: invitation_last_serial(wave)$
-- Serials of counter invitations are random ones from a million on.
SELECT coalesce(max(serial), 0) FROM invitation WHERE wave = :wave AND serial < 1000000;

-- name: invitation_add(lookup, wave, serial, generation, cell, place, frame_row)*!
INSERT INTO invitation (lookup, wave, serial, generation, cell, place, frame_row, state)
VALUES (:lookup, :wave, :serial, :generation, :cell, :place, :frame_row, 'issued');

-- name: invitation_small_cells(wave, k)
SELECT c.id, c.grp, c.stratum, c.wclass, c.margins, c.units, count(*) AS n
FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell
WHERE i.wave = :wave AND c.mode NOT IN ('open', 'counter', 'kiosk')
GROUP BY c.id, c.grp, c.stratum, c.wclass, c.margins, c.units
HAVING count(*) < :k
ORDER BY c.id;

-- name: invitation_open_wave(wave)!
UPDATE wave SET state = 'open' WHERE id = :wave AND state = 'draft';

-- name: invitation_wave_state(wave)$
SELECT state FROM wave WHERE id = :wave;

-- name: invitation_by_lookup(lookup)^
SELECT i.lookup, i.wave, i.serial, i.generation, i.cell, i.place, i.state,
       c.grp, c.stratum, c.wclass, c.margins, c.mode, c.units
FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell
WHERE i.lookup = :lookup;

-- name: invitation_standing(lookup)^
SELECT i.state, w.state AS wave_state FROM invitation i JOIN wave w ON w.id = i.wave WHERE i.lookup = :lookup;

-- name: invitation_by_serial(wave, serial)^
SELECT i.lookup, i.wave, i.serial, i.generation, i.cell, i.place, i.state,
       c.grp, c.stratum, c.wclass, c.margins, c.mode, c.units
FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell
WHERE i.wave = :wave AND i.serial = :serial;

-- name: invitation_all(wave)
SELECT i.lookup, i.wave, i.serial, i.generation, i.cell, i.place, i.state,
       c.grp, c.stratum, c.wclass, c.margins, c.mode, c.units
FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell
WHERE i.wave = :wave
ORDER BY i.serial;

-- name: invitation_standing_counts(wave)^
SELECT coalesce(sum(n), 0) AS made, coalesce(sum(CASE WHEN state = 'revoked' THEN n ELSE 0 END), 0) AS revoked
FROM state_count WHERE wave = :wave;

-- name: invitation_at_places(wave)
-- How many each place hands over of each cell.
SELECT g.place, c.grp, c.mode, c.units, g.n
FROM (SELECT cell, place, count(*) AS n FROM invitation WHERE wave = :wave AND state <> 'revoked'
      GROUP BY cell, place) g
JOIN cell c ON c.wave = :wave AND c.id = g.cell
ORDER BY g.place, c.id;

-- name: invitation_was_revoked(lookup)$
SELECT wave FROM revoked_code WHERE lookup = :lookup;

-- name: invitation_start(lookup)!
UPDATE invitation SET state = 'started'
WHERE lookup = :lookup AND state IN ('issued', 'delivered', 'refused', 'undeliverable', 'no_contact')
  AND wave IN (SELECT id FROM wave WHERE state = 'open');

-- name: invitation_refuse(lookup)!
UPDATE invitation SET state = 'refused'
WHERE lookup = :lookup AND state IN ('issued', 'delivered', 'started', 'undeliverable', 'no_contact')
  AND wave IN (SELECT id FROM wave WHERE state = 'open');

-- name: invitation_undo(lookup, state)!
UPDATE invitation SET state = :state
WHERE lookup = :lookup AND state = 'refused' AND wave IN (SELECT id FROM wave WHERE state = 'open');

-- name: invitation_spend(lookup)!
UPDATE invitation SET state = 'answered'
WHERE lookup = :lookup
  AND state IN ('issued', 'delivered', 'started', 'refused', 'undeliverable', 'no_contact')
  AND wave IN (SELECT id FROM wave WHERE state = 'open');

-- name: invitation_move(lookup, before, state)!
UPDATE invitation SET state = :state WHERE lookup = :lookup AND state = :before;

-- name: invitation_new_code(old, lookup, generation)!
UPDATE invitation SET lookup = :lookup, generation = :generation, state = 'issued' WHERE lookup = :old;

-- name: invitation_revoke_code(lookup, wave)!
INSERT INTO revoked_code (lookup, wave) VALUES (:lookup, :wave);

-- name: invitation_count_days(wave, day, unit, grp, mode, state, n)*!
INSERT INTO day_count (wave, day, unit, grp, mode, state, n) VALUES (:wave, :day, :unit, :grp, :mode, :state, :n)
ON CONFLICT (wave, day, unit, grp, mode, state) DO UPDATE SET n = day_count.n + excluded.n;
