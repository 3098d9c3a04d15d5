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
