-- Acts that wait for a second person.

-- name: approval_add(wave, kind, arguments, shown, reason, asker, asked_at)$
INSERT INTO approval (wave, kind, arguments, shown, reason, asker, asked_at, state)
VALUES (:wave, :kind, :arguments, :shown, :reason, :asker, :asked_at, 'pending') RETURNING number;

-- name: approval_get(number)^
SELECT * FROM approval WHERE number = :number;

-- name: approval_all(limit)
SELECT * FROM approval ORDER BY state = 'pending' DESC, number DESC LIMIT :limit;

-- name: approval_of(wave, kind, asker, state)
SELECT * FROM approval WHERE wave = :wave AND kind = :kind AND asker = :asker AND state = :state ORDER BY number;

-- name: approval_move(number, was, state, who, at, note)!
UPDATE approval SET state = :state, decided_by = coalesce(:who, decided_by), decided_at = coalesce(:at, decided_at),
       note = :note
WHERE number = :number AND state = :was;

-- name: approval_waiting(since)$
SELECT count(*) FROM approval WHERE state = 'pending' AND asked_at >= :since;
