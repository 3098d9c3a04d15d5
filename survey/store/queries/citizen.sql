-- name: waves_to_serve()
-- The waves whose pages are served, and their state.
SELECT id, state FROM wave WHERE state <> 'draft' ORDER BY id;

-- name: walk_in_cell(wave, grp, units)$
SELECT id FROM cell WHERE wave = :wave AND grp = :grp AND mode = 'open' AND units = :units;

-- name: walk_in_count(wave)$
SELECT count(*) FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell
WHERE i.wave = :wave AND c.mode = 'open';

-- name: kiosk_add(place, label, link, made_at)$
INSERT INTO kiosk (place, label, link, made_at) VALUES (:place, :label, :link, :made_at) RETURNING number;

-- name: kiosk_of_link(place, link)^
SELECT number, made_at FROM kiosk WHERE place = :place AND link = :link AND revoked_at IS NULL;

-- name: kiosk_bind(number, link, bound_at)!
UPDATE kiosk SET link = NULL, bound_at = :bound_at
WHERE number = :number AND link = :link AND revoked_at IS NULL;

-- name: kiosk_get(number)^
SELECT number, place, label, made_at, bound_at, revoked_at FROM kiosk WHERE number = :number;

-- name: kiosk_all()
SELECT number, place, label, made_at, bound_at, revoked_at FROM kiosk ORDER BY number;

-- name: kiosk_revoke(number, revoked_at)!
UPDATE kiosk SET revoked_at = :revoked_at, link = NULL WHERE number = :number AND revoked_at IS NULL;

-- name: visit_by_lookup(lookup)^
-- An invitation with its cell, and its wave as ``wave_now`` has it: all that a page needs, in one statement.
SELECT i.lookup, i.wave, i.serial, i.generation, i.cell, i.place, i.state,
       c.grp, c.stratum, c.wclass, c.margins, c.mode, c.units,
       w.state AS wave_state, w.plan_hash, w.public_key, w.pilot,
       (SELECT closes FROM extension e WHERE e.wave = w.id ORDER BY e.number DESC LIMIT 1) AS closes,
       (SELECT count(*) FROM correction n WHERE n.wave = w.id) AS corrected
FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell JOIN wave w ON w.id = i.wave
WHERE i.lookup = :lookup;
