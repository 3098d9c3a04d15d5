-- Messages: rounds of sending, who is due in one, and what became of each.

-- name: message_last_round(wave, channel)^
SELECT number, purpose, channel, begun_on, finished FROM message_round
WHERE wave = :wave AND channel = :channel ORDER BY number DESC LIMIT 1;

-- name: message_unfinished(wave)$
SELECT count(*) FROM message_round WHERE wave = :wave AND finished = 0;

-- name: message_reminders(wave, channel)$
SELECT count(*) FROM message_round WHERE wave = :wave AND channel = :channel AND purpose = 'remind';

-- name: message_add_round(wave, purpose, channel, begun_on)$
INSERT INTO message_round (wave, number, purpose, channel, begun_on)
SELECT :wave, coalesce(max(number), 0) + 1, :purpose, :channel, :begun_on FROM message_round WHERE wave = :wave
RETURNING number;

-- name: message_finish_round(wave, number)!
UPDATE message_round SET finished = 1 WHERE wave = :wave AND number = :number;

-- name: message_addressed(wave)
-- Unfinished invitations and where they can be reached, with what was sent before.
SELECT i.serial, i.generation, i.lookup, i.state, i.place, c.grp, c.units, t.email, t.phone,
       EXISTS (SELECT 1 FROM contact_flag f WHERE f.frame_row = i.frame_row AND (f.shared = 1 OR f.staff = 1)) AS flagged,
       (SELECT max(m.state) FROM message m JOIN message_round r ON r.wave = m.wave AND r.number = m.round
        WHERE m.wave = i.wave AND m.serial = i.serial AND r.purpose = 'invite') AS invited
FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell JOIN contact t ON t.frame_row = i.frame_row
WHERE i.wave = :wave AND c.mode NOT IN ('open', 'counter', 'kiosk')
  AND i.state IN ('issued', 'delivered', 'started', 'no_contact')
ORDER BY i.serial;

-- name: message_in_round(wave, round)
SELECT serial, state FROM message WHERE wave = :wave AND round = :round ORDER BY serial;

-- name: message_begin(wave, serial, round)!
INSERT INTO message (wave, serial, round, state)
SELECT :wave, :serial, :round, 'sending' FROM invitation
WHERE wave = :wave AND serial = :serial AND state IN ('issued', 'delivered', 'started', 'no_contact')
ON CONFLICT (wave, serial, round) DO NOTHING;

-- name: message_end(wave, serial, round, state)!
UPDATE message SET state = :state WHERE wave = :wave AND serial = :serial AND round = :round;

-- name: message_take_back(wave, serial, round)!
DELETE FROM message WHERE wave = :wave AND serial = :serial AND round = :round AND state = 'sending';

-- name: message_forget_round(wave, round)!
DELETE FROM message WHERE wave = :wave AND round = :round;

-- name: message_forget(wave, serial)!
DELETE FROM message WHERE wave = :wave AND serial = :serial;

-- name: message_silence(wave, address, reason)!
INSERT INTO no_message (wave, address, reason) VALUES (:wave, :address, :reason)
ON CONFLICT (wave, address) DO UPDATE SET reason = excluded.reason;

-- name: message_silent(wave)
SELECT address, reason FROM no_message WHERE wave = :wave;

-- name: message_contacts(wave)
SELECT i.serial, t.email, t.phone FROM invitation i JOIN contact t ON t.frame_row = i.frame_row
WHERE i.wave = :wave AND (t.email IS NOT NULL OR t.phone IS NOT NULL) ORDER BY i.serial;
