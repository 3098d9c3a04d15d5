-- name: audit_head()^
SELECT number, at, hash FROM audit ORDER BY number DESC LIMIT 1;

-- name: audit_append(number, at, who, action, wave, detail, previous, hash)!
INSERT INTO audit (number, at, who, action, wave, detail, previous, hash)
VALUES (:number, :at, :who, :action, :wave, :detail, :previous, :hash);

-- name: audit_last(action)$
SELECT at FROM audit WHERE action = :action ORDER BY number DESC LIMIT 1;

-- name: audit_put_off()
-- Waves of which something was to be written anew later, and was not yet; since when.
SELECT wave, max(CASE WHEN action = 'rewriting put off' THEN at ELSE '' END) AS since
FROM audit WHERE action IN ('rewriting put off', 'rewriting made up for') GROUP BY wave
HAVING max(CASE WHEN action = 'rewriting put off' THEN number ELSE 0 END)
     > max(CASE WHEN action = 'rewriting put off' THEN 0 ELSE number END);

-- name: audit_all()
SELECT number, at, who, action, wave, detail, previous, hash FROM audit ORDER BY number;

-- name: audit_search(text, wave, who, action, since, until, limit, offset)
SELECT number, at, who, action, wave, detail FROM audit
WHERE (:wave = '' OR wave = :wave) AND (:who = '' OR who = :who) AND (:action = '' OR action = :action)
  AND (:since = '' OR at >= :since) AND (:until = '' OR at < :until)
  AND (:text = '' OR instr(lower(detail || ' ' || action || ' ' || who), lower(:text)) > 0)
ORDER BY number DESC LIMIT :limit OFFSET :offset;

-- name: audit_count(text, wave, who, action, since, until)$
SELECT count(*) FROM audit
WHERE (:wave = '' OR wave = :wave) AND (:who = '' OR who = :who) AND (:action = '' OR action = :action)
  AND (:since = '' OR at >= :since) AND (:until = '' OR at < :until)
  AND (:text = '' OR instr(lower(detail || ' ' || action || ' ' || who), lower(:text)) > 0);

-- name: audit_people()
SELECT who FROM audit GROUP BY who ORDER BY who;

-- name: audit_actions()
SELECT DISTINCT action FROM audit ORDER BY action;
