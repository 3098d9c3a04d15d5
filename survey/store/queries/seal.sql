-- name: seal_add(wave, number, body, hash)!
INSERT INTO seal (wave, number, body, hash) VALUES (:wave, :number, :body, :hash);

-- name: seal_last(wave)^
SELECT number, body, hash FROM seal WHERE wave = :wave ORDER BY number DESC LIMIT 1;

-- name: seal_body(wave, number)$
SELECT body FROM seal WHERE wave = :wave AND number = :number;

-- name: seal_all(wave)
SELECT number, body, hash FROM seal WHERE wave = :wave ORDER BY number;

-- name: seal_receipts(wave)
SELECT hash, seal, walk_in FROM receipt WHERE wave = :wave;

-- name: seal_of_receipt(hash)^
SELECT wave, seal, walk_in FROM receipt WHERE hash = :hash;

-- name: seal_boxes(wave)
SELECT box, seal, walk_in FROM box WHERE wave = :wave;

-- name: seal_mark_receipts(wave, number)!
UPDATE receipt SET seal = :number WHERE wave = :wave AND seal IS NULL;

-- name: seal_mark_boxes(wave, number)!
UPDATE box SET seal = :number WHERE wave = :wave AND seal IS NULL;

-- name: seal_counts(wave)
SELECT c.mode = 'open' AS walk_in, c.grp, count(*) AS issued, sum(i.generation) AS reissued,
       sum(CASE WHEN i.state = 'revoked' THEN 1 ELSE 0 END) AS revoked,
       sum(CASE WHEN i.state = 'answered' THEN 1 ELSE 0 END) AS spent
FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell
WHERE i.wave = :wave
GROUP BY c.mode = 'open', c.grp
ORDER BY c.mode = 'open', c.grp;

-- name: seal_cells(wave)
SELECT cell, count(*) AS n FROM invitation WHERE wave = :wave GROUP BY cell ORDER BY cell;

-- name: seal_lookups(wave)
SELECT lookup FROM invitation WHERE wave = :wave;

-- name: seal_draws(wave)
SELECT grp, number, list_hash, public_number, effective_seed, algorithm FROM draw WHERE wave = :wave ORDER BY grp, number;
