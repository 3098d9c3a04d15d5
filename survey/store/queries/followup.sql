-- Who has not finished, with contacts and without any answer or code.

-- name: followup_cells(wave)
-- Those who were asked where they stood are on no list.
SELECT id, grp, units FROM cell WHERE wave = :wave AND mode NOT IN ('open', 'counter', 'kiosk');

-- name: followup_list(wave, states, cells, place, after, most)
SELECT i.serial, i.state, i.place, c.grp, c.mode, c.units, t.name, t.phone, t.email, t.address,
       coalesce(f.shared, 0) AS shared, coalesce(f.staff, 0) AS staff,
       (SELECT count(*) FROM visit v WHERE v.wave = i.wave AND v.serial = i.serial) AS visits
FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell
LEFT JOIN contact t ON t.frame_row = i.frame_row LEFT JOIN contact_flag f ON f.frame_row = i.frame_row
WHERE i.wave = :wave AND i.serial > :after
  AND i.state IN (SELECT value FROM json_each(:states))
  AND i.cell IN (SELECT CAST(value AS INTEGER) FROM json_each(:cells))
  AND (:place = '' OR i.place = :place)
ORDER BY i.serial LIMIT :most;

-- name: followup_one(wave, serial)
SELECT i.serial, i.state, i.place, c.grp, c.mode, c.units, t.name, t.phone, t.email, t.address,
       coalesce(f.shared, 0) AS shared, coalesce(f.staff, 0) AS staff,
       (SELECT count(*) FROM visit v WHERE v.wave = i.wave AND v.serial = i.serial) AS visits
FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell
LEFT JOIN contact t ON t.frame_row = i.frame_row LEFT JOIN contact_flag f ON f.frame_row = i.frame_row
WHERE i.wave = :wave AND i.serial = :serial AND c.mode NOT IN ('open', 'counter', 'kiosk');

-- name: followup_visits(wave, serial)
SELECT number, outcome FROM visit WHERE wave = :wave AND serial = :serial ORDER BY number;

-- name: followup_rounds(wave)
SELECT number, purpose, channel, begun_on, finished FROM message_round WHERE wave = :wave ORDER BY number;

-- name: followup_reserve(wave)
-- How many wait in each group's reserve.
SELECT r.grp, count(*) AS waits FROM draw_row r
WHERE r.wave = :wave AND r.waits IS NOT NULL
  AND r.number = (SELECT max(d.number) FROM draw d WHERE d.wave = r.wave AND d.grp = r.grp AND d.drawn_at IS NOT NULL)
GROUP BY r.grp ORDER BY r.grp;
