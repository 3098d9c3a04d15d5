-- Forms on paper: who keys them, batches, what became of them. Nothing here names an invitation.

-- name: keyer_add(wave, name, office, who, at)!
INSERT INTO keyer (wave, name, office, who, at) VALUES (:wave, :name, :office, :who, :at)
ON CONFLICT (wave, name) DO NOTHING;

-- name: keyer_all(wave)
SELECT name, office FROM keyer WHERE wave = :wave ORDER BY name;

-- name: keyer_remove(wave, name)!
DELETE FROM keyer WHERE wave = :wave AND name = :name;

-- name: paper_add_batch(wave, number, place, arrived, late, counted)!
INSERT INTO paper_batch (wave, number, place, arrived, late, counted)
VALUES (:wave, :number, :place, :arrived, :late, :counted);

-- name: paper_batches(wave)
SELECT number, place, arrived, late, counted, keyed, damaged, void, excluded
FROM paper_batch WHERE wave = :wave ORDER BY number;

-- name: paper_recount(wave, number, counted)!
UPDATE paper_batch SET counted = :counted WHERE wave = :wave AND number = :number;

-- name: paper_account(wave, number, keyed, damaged, void, excluded, held)!
-- Adds to a batch what became of its forms, never more than were counted in; ``held`` wait for a second keying.
UPDATE paper_batch
SET keyed = keyed + :keyed, damaged = damaged + :damaged, void = void + :void, excluded = excluded + :excluded
WHERE wave = :wave AND number = :number
  AND keyed + damaged + void + excluded + :keyed + :damaged + :void + :excluded + :held <= counted;

-- name: paper_decide(wave, admitted, reason, who, at)!
INSERT INTO paper_decision (wave, admitted, reason, who, at) VALUES (:wave, :admitted, :reason, :who, :at)
ON CONFLICT (wave) DO NOTHING;

-- name: paper_decision(wave)^
SELECT admitted, reason, who, at FROM paper_decision WHERE wave = :wave;

-- name: paper_compared(wave, item, compared, differed)*!
INSERT INTO paper_again (wave, item, compared, differed) VALUES (:wave, :item, :compared, :differed)
ON CONFLICT (wave, item) DO UPDATE
SET compared = paper_again.compared + excluded.compared, differed = paper_again.differed + excluded.differed;

-- name: paper_agreement(wave)
SELECT item, compared, differed FROM paper_again WHERE wave = :wave ORDER BY item;

-- On the drafts' own database.

-- name: held_get(id)
SELECT number, batch, salt, sealed FROM keyed_form WHERE id = :id ORDER BY number;

-- name: held_add(id, number, wave, batch, salt, sealed)!
INSERT INTO keyed_form (id, number, wave, batch, salt, sealed) VALUES (:id, :number, :wave, :batch, :salt, :sealed);

-- name: held_forget(id)!
DELETE FROM keyed_form WHERE id = :id;

-- name: held_ids(wave)
SELECT DISTINCT id FROM keyed_form WHERE wave = :wave ORDER BY id;

-- name: held_counts(wave)
SELECT batch, count(*) AS n, count(*) FILTER (WHERE forms = 2) AS unsettled FROM
  (SELECT id, batch, count(*) AS forms FROM keyed_form WHERE wave = :wave GROUP BY id, batch) AS form
GROUP BY batch ORDER BY batch;
