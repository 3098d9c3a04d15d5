-- name: audit_head()^
SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1;

-- name: audit_append(number, at, who, action, wave, detail, previous, hash)!
INSERT INTO audit (number, at, who, action, wave, detail, previous, hash)
VALUES (:number, :at, :who, :action, :wave, :detail, :previous, :hash);

-- name: audit_all()
SELECT number, at, who, action, wave, detail, previous, hash FROM audit ORDER BY number;
