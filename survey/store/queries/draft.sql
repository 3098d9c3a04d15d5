-- On the drafts' own database.

-- name: draft_get(id)^
SELECT salt, sealed FROM draft WHERE id = :id;

-- name: draft_add(id, wave, salt, revision, sealed)!
INSERT INTO draft (id, wave, salt, revision, sealed) VALUES (:id, :wave, :salt, :revision, :sealed)
ON CONFLICT (id) DO NOTHING;

-- name: draft_replace(id, before, revision, sealed)!
-- Only where it stands as it was read.
UPDATE draft SET revision = :revision, sealed = :sealed WHERE id = :id AND sealed = :before;

-- name: draft_delete(id)!
DELETE FROM draft WHERE id = :id;

-- name: draft_delete_wave(wave)!
DELETE FROM draft WHERE wave = :wave;

-- name: draft_count_wave(wave)$
SELECT count(*) FROM draft WHERE wave = :wave;
