-- Waves and the documents they were registered with.

-- name: wave_add(id, spec, documents, plan_hash, pilot, public_key, key_origin, box_bytes)!
INSERT INTO wave (id, spec, documents, plan_hash, pilot, public_key, key_origin, box_bytes, state)
VALUES (:id, :spec, :documents, :plan_hash, :pilot, :public_key, :key_origin, :box_bytes, 'draft');

-- name: wave_get(id)^
SELECT id, spec, documents, plan_hash, pilot, public_key, key_origin, box_bytes, state FROM wave WHERE id = :id;

-- name: wave_extensions(wave)
SELECT number, closes, at, reason FROM extension WHERE wave = :wave ORDER BY number;

-- name: wave_extend(wave, number, closes, at, reason)!
INSERT INTO extension (wave, number, closes, at, reason) VALUES (:wave, :number, :closes, :at, :reason);

-- name: wave_replace(id, spec, documents, plan_hash, pilot, public_key, key_origin, box_bytes)!
UPDATE wave SET spec = :spec, documents = :documents, plan_hash = :plan_hash, pilot = :pilot,
       public_key = :public_key, key_origin = :key_origin, box_bytes = :box_bytes
WHERE id = :id AND state = 'draft' AND NOT EXISTS (SELECT 1 FROM draw WHERE draw.wave = :id);

-- name: wave_change_key(id, public_key, key_origin)!
UPDATE wave SET public_key = :public_key, key_origin = :key_origin
WHERE id = :id AND state = 'draft' AND NOT EXISTS (SELECT 1 FROM draw WHERE draw.wave = :id);

-- name: wave_now(id)^
SELECT state, plan_hash, public_key, pilot,
       (SELECT closes FROM extension e WHERE e.wave = wave.id ORDER BY e.number DESC LIMIT 1) AS closes,
       (SELECT count(*) FROM correction c WHERE c.wave = wave.id) AS corrected
FROM wave WHERE id = :id;

-- name: wave_units_in_use(wave)
SELECT grp, unit FROM frame_row WHERE wave = :wave
UNION SELECT f.grp, j.value FROM frame_row f, json_each(f.units) j WHERE f.wave = :wave AND f.units IS NOT NULL
ORDER BY grp, unit;

-- name: wave_ids()
SELECT id FROM wave ORDER BY id;

-- name: wave_add_document(hash, kind, id, body)!
INSERT INTO document (hash, kind, id, body) VALUES (:hash, :kind, :id, :body) ON CONFLICT (hash) DO NOTHING;

-- name: wave_document(hash)$
SELECT body FROM document WHERE hash = :hash;

-- name: wave_documents_of(kind)
SELECT hash, id, body FROM document WHERE kind = :kind ORDER BY id, hash;

-- name: correction_all(wave)
SELECT number, body, hash FROM correction WHERE wave = :wave ORDER BY number;

-- name: correction_head(wave)^
SELECT number, hash FROM correction WHERE wave = :wave ORDER BY number DESC LIMIT 1;

-- name: correction_add(wave, number, body, hash)!
INSERT INTO correction (wave, number, body, hash) VALUES (:wave, :number, :body, :hash);
