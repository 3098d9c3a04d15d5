-- Boxes and receipts on their way in, their mixing, and what seals need of them. Nothing here names an invitation.

-- name: response_ready(wave, opening)^
-- What a submit asks before it is stored: whether seal 0 still says what was read of it, whether a reminder began.
SELECT EXISTS (SELECT 1 FROM seal WHERE wave = :wave AND number = 0 AND body = :opening) AS known,
       EXISTS (SELECT 1 FROM message_round WHERE wave = :wave AND purpose = 'remind') AS reminded;

-- name: response_add_box(id, wave, cell, state, box)!
INSERT INTO inbox_box (id, wave, cell, state, box) VALUES (:id, :wave, :cell, :state, :box);

-- name: response_add_receipt(hash, wave, cell)!
INSERT INTO inbox_receipt (hash, wave, cell) VALUES (:hash, :wave, :cell);

-- name: response_receipt(hash)^
SELECT wave, seal FROM receipt WHERE hash = :hash
UNION ALL
SELECT wave, NULL AS seal FROM inbox_receipt WHERE hash = :hash;

-- name: mix_ready(wave, k)$
SELECT count(*) FROM (SELECT cell FROM inbox_box WHERE wave = :wave GROUP BY cell HAVING count(*) >= :k) AS ready;

-- name: mix_boxes(wave, k)!
INSERT INTO box (id, wave, box, walk_in)
SELECT id, wave, box,
       CASE WHEN EXISTS (SELECT 1 FROM cell c WHERE c.wave = inbox_box.wave AND c.id = inbox_box.cell AND c.mode = 'open')
            THEN 1 ELSE 0 END
FROM inbox_box
WHERE wave = :wave
  AND cell IN (SELECT cell FROM inbox_box WHERE wave = :wave GROUP BY cell HAVING count(*) >= :k)
ORDER BY id;

-- name: mix_count(wave, k)!
-- What leaves the inbox is counted by cell: an invitation only knows that it was answered.
INSERT INTO answered_count (wave, cell, state, n)
SELECT wave, cell, state, count(*) FROM inbox_box
WHERE wave = :wave AND state <> ''
  AND cell IN (SELECT cell FROM inbox_box WHERE wave = :wave GROUP BY cell HAVING count(*) >= :k)
GROUP BY wave, cell, state
ON CONFLICT (wave, cell, state) DO UPDATE SET n = answered_count.n + excluded.n;

-- name: mix_receipts(wave, k)!
INSERT INTO receipt (hash, wave, walk_in)
SELECT hash, wave,
       CASE WHEN EXISTS (SELECT 1 FROM cell c WHERE c.wave = inbox_receipt.wave AND c.id = inbox_receipt.cell AND c.mode = 'open')
            THEN 1 ELSE 0 END
FROM inbox_receipt
WHERE wave = :wave
  AND cell IN (SELECT cell FROM inbox_receipt WHERE wave = :wave GROUP BY cell HAVING count(*) >= :k)
ORDER BY hash;

-- name: mix_clear_boxes(wave, k)!
DELETE FROM inbox_box
WHERE wave = :wave
  AND cell IN (SELECT cell FROM inbox_box WHERE wave = :wave GROUP BY cell HAVING count(*) >= :k);

-- name: mix_clear_receipts(wave, k)!
DELETE FROM inbox_receipt
WHERE wave = :wave
  AND cell IN (SELECT cell FROM inbox_receipt WHERE wave = :wave GROUP BY cell HAVING count(*) >= :k);

-- name: mix_waiting(wave)$
SELECT count(*) FROM inbox_box WHERE wave = :wave;

-- name: mix_waves()
SELECT id FROM wave WHERE state IN ('open', 'closed') ORDER BY id;

-- name: collection_close(wave)!
UPDATE wave SET state = 'closed' WHERE id = :wave AND state = 'open';
