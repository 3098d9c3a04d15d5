-- Tokens of the interface for other programs.

-- name: token_add(id, hash, name, scope, wave, issued)!
INSERT INTO api_token (id, hash, name, scope, wave, issued) VALUES (:id, :hash, :name, :scope, :wave, :issued);

-- name: token_by(hash)^
SELECT id, scope, wave FROM api_token WHERE hash = :hash AND revoked IS NULL;

-- name: token_all()
SELECT id, name, scope, wave, issued, revoked FROM api_token ORDER BY revoked IS NOT NULL, issued, id;

-- name: token_revoke(id, at)!
UPDATE api_token SET revoked = :at WHERE id = :id AND revoked IS NULL;
