-- Dossiers selected at counters: what is on the list, what was asked, what the selection made.

-- name: counter_prepare(wave, secret_hash)!
INSERT INTO counter_draw (wave, secret_hash) VALUES (:wave, :secret_hash) ON CONFLICT (wave) DO NOTHING;

-- name: counter_draw(wave)^
SELECT secret_hash, public_number, entered_at, reconciled_at, conduct FROM counter_draw WHERE wave = :wave;

-- name: counter_enter_number(wave, public_number, entered_at)!
UPDATE counter_draw SET public_number = :public_number, entered_at = :entered_at
WHERE wave = :wave AND public_number IS NULL;

-- name: counter_reconciled(wave, at, conduct)!
UPDATE counter_draw SET reconciled_at = :at, conduct = :conduct WHERE wave = :wave;

-- name: counter_put(id, wave, grp, reference, unit, place, due, returned, period)!
INSERT INTO counter_dossier (id, wave, grp, reference, unit, place, due, returned, period)
VALUES (:id, :wave, :grp, :reference, :unit, :place, :due, :returned, :period);

-- name: counter_returned(id, returned, place)!
UPDATE counter_dossier SET returned = :returned, place = :place WHERE id = :id;

-- name: counter_find(wave, grp, reference)^
SELECT id, wave, grp, unit, place, due, returned, period, asked, handed, again, live_since FROM counter_dossier
WHERE wave = :wave AND grp = :grp AND reference = :reference;

-- name: counter_known(wave, grp)
SELECT id, reference, unit, due, place, returned FROM counter_dossier WHERE wave = :wave AND grp = :grp;

-- name: counter_list(wave)
SELECT d.id, d.grp, d.unit, d.place, d.due, d.returned, d.period, d.asked, d.handed, d.declared_on, c.reference AS number
FROM counter_dossier d LEFT JOIN contact c ON c.frame_row = d.id
WHERE d.wave = :wave AND d.period IS NOT NULL
ORDER BY d.grp, d.unit, d.period, d.id;

-- name: counter_listed(wave)
-- How many dossiers of the population each office has, and how many of them were asked about.
SELECT grp, unit, count(*) AS n, sum(asked) AS asked, sum(handed) AS handed FROM counter_dossier
WHERE wave = :wave AND period IS NOT NULL GROUP BY grp, unit ORDER BY grp, unit;

-- name: counter_places(wave)
SELECT DISTINCT place FROM counter_dossier WHERE wave = :wave AND place <> '' ORDER BY place;

-- name: counter_asked(id, live_since, declared_on)!
UPDATE counter_dossier SET asked = 1, live_since = coalesce(live_since, :live_since), declared_on = :declared_on WHERE id = :id;

-- name: counter_live(wave)
SELECT id, grp, unit, place, live_since FROM counter_dossier WHERE wave = :wave AND live_since IS NOT NULL;

-- name: counter_end(id)!
UPDATE counter_dossier SET live_since = NULL WHERE id = :id;

-- name: counter_hand(id)!
UPDATE counter_dossier SET live_since = NULL, handed = 1 WHERE id = :id AND handed = 0 AND live_since IS NOT NULL;

-- name: counter_reopen(id, live_since, again)!
-- The slip did not come out: the selection lives again.
UPDATE counter_dossier SET handed = 0, live_since = :live_since, again = :again WHERE id = :id AND handed = 1;

-- name: counter_invitation(frame_row)^
SELECT i.lookup, i.wave, i.serial, i.generation, i.cell, i.place, i.state,
       c.grp, c.stratum, c.wclass, c.margins, c.mode, c.units
FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell
WHERE i.frame_row = :frame_row;

-- name: counter_renew(old, lookup, serial, generation, cell, place)!
UPDATE invitation SET lookup = :lookup, serial = :serial, generation = :generation, cell = :cell, place = :place
WHERE lookup = :old;

-- name: counter_offer(kiosk, dossier)!
INSERT INTO counter_waiting (kiosk, dossier) VALUES (:kiosk, :dossier) ON CONFLICT (kiosk) DO NOTHING;

-- name: counter_offered(kiosk)^
SELECT d.id, d.wave, d.grp, d.unit, d.place, d.period, d.live_since
FROM counter_waiting w JOIN counter_dossier d ON d.id = w.dossier
WHERE w.kiosk = :kiosk AND d.live_since IS NOT NULL;

-- name: counter_withdraw(dossier)!
DELETE FROM counter_waiting WHERE dossier = :dossier;

-- name: counter_unreached(id)!
UPDATE counter_dossier SET live_since = NULL, declared_on = NULL, handed = 1 WHERE id = :id;

-- name: counter_forget_days(wave)!
UPDATE counter_dossier SET declared_on = NULL WHERE wave = :wave;

-- name: counter_count(wave, grp, unit, kind, n)!
INSERT INTO counter_count (wave, grp, unit, kind, n) VALUES (:wave, :grp, :unit, :kind, :n)
ON CONFLICT (wave, grp, unit, kind) DO UPDATE SET n = counter_count.n + excluded.n;

-- name: counter_counts(wave)
SELECT grp, unit, kind, n FROM counter_count WHERE wave = :wave ORDER BY grp, unit, kind;

-- name: counter_contact(frame_row, wave, name, phone, email, address, reference)!
INSERT INTO contact (frame_row, wave, name, phone, email, address, reference)
VALUES (:frame_row, :wave, :name, :phone, :email, :address, :reference);

-- name: counter_cell(wave, grp, stratum, mode)$
SELECT id FROM cell WHERE wave = :wave AND grp = :grp AND stratum = :stratum AND mode = :mode;

-- name: counter_serial_taken(wave, serial)$
SELECT 1 FROM invitation WHERE wave = :wave AND serial = :serial;

-- name: counter_handed(wave)
SELECT c.grp, d.unit, count(*) AS n
FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell JOIN counter_dossier d ON d.id = i.frame_row
WHERE i.wave = :wave AND c.mode IN ('counter', 'kiosk') AND i.state <> 'no_contact'
GROUP BY c.grp, d.unit;
