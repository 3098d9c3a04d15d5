-- On the drafts' own database.

-- name: draft_get(id)^
SELECT salt, revision, sealed FROM draft WHERE id = :id;

-- name: draft_put(id, wave, salt, revision, sealed)!
INSERT INTO draft (id, wave, salt, revision, sealed) VALUES (:id, :wave, :salt, :revision, :sealed)
ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, sealed = excluded.sealed;

-- name: draft_delete(id)!
DELETE FROM draft WHERE id = :id;

-- name: draft_delete_wave(wave)!
DELETE FROM draft WHERE wave = :wave;

-- name: draft_count_wave(wave)$
SELECT count(*) FROM draft WHERE wave = :wave;
