-- Waves and the documents they were registered with.

-- name: wave_add(id, spec, documents, plan_hash, pilot, public_key, key_origin, box_bytes)!
INSERT INTO wave (id, spec, documents, plan_hash, pilot, public_key, key_origin, box_bytes, state)
VALUES (:id, :spec, :documents, :plan_hash, :pilot, :public_key, :key_origin, :box_bytes, 'draft');

-- name: wave_get(id)^
SELECT id, spec, documents, plan_hash, pilot, public_key, key_origin, box_bytes, state FROM wave WHERE id = :id;

-- name: wave_ids()
SELECT id FROM wave ORDER BY id;

-- name: wave_add_document(hash, kind, id, body)!
INSERT INTO document (hash, kind, id, body) VALUES (:hash, :kind, :id, :body) ON CONFLICT (hash) DO NOTHING;

-- name: wave_document(hash)$
SELECT body FROM document WHERE hash = :hash;
