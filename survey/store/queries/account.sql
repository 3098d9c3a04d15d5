-- Staff accounts, their sessions, the codes that stand in for the second step.

-- name: account_add(name, full_name, office, role, place, unit, password, made_at)$
INSERT INTO account (name, full_name, office, role, place, unit, password, made_at)
VALUES (:name, :full_name, :office, :role, :place, :unit, :password, :made_at)
ON CONFLICT (name) DO NOTHING RETURNING id;

-- name: account_by_name(name)^
SELECT * FROM account WHERE name = :name;

-- name: account_get(id)^
SELECT * FROM account WHERE id = :id;

-- name: account_all()
SELECT * FROM account ORDER BY disabled, name;

-- name: account_set_password(id, password, must_change)!
UPDATE account SET password = :password, must_change = :must_change, failed = 0, failed_at = NULL WHERE id = :id;

-- name: account_rehash(id, was, password)!
UPDATE account SET password = :password WHERE id = :id AND password = :was;

-- name: account_set_disabled(id, disabled)!
UPDATE account SET disabled = :disabled WHERE id = :id AND disabled <> :disabled;

-- name: account_tried(id, at)!
UPDATE account SET failed = failed + 1, failed_at = :at WHERE id = :id;

-- name: account_succeeded(id)!
UPDATE account SET failed = 0, failed_at = NULL WHERE id = :id;

-- name: account_administrators()$
SELECT count(*) FROM account WHERE role = 'administrator' AND disabled = 0;

-- name: account_session_begin(hash, account, begun_at)!
INSERT INTO staff_session (hash, account, begun_at) VALUES (:hash, :account, :begun_at);

-- name: account_of_session(hash, since)^
SELECT account.* FROM staff_session JOIN account ON account.id = staff_session.account
WHERE staff_session.hash = :hash AND staff_session.begun_at > :since AND account.disabled = 0;

-- name: account_session_end(hash)!
DELETE FROM staff_session WHERE hash = :hash;

-- name: account_sessions_end(account, keep)!
DELETE FROM staff_session WHERE account = :account AND hash <> :keep;

-- name: account_sessions_forget(before)!
DELETE FROM staff_session WHERE begun_at <= :before;

-- name: account_set_totp(id, totp)!
UPDATE account SET totp = :totp, totp_step = 0 WHERE id = :id;

-- name: account_spend_totp(id, step)!
UPDATE account SET totp_step = :step WHERE id = :id AND totp_step < :step;

-- name: account_add_recovery(account, hash)!
INSERT INTO recovery_code (account, hash) VALUES (:account, :hash);

-- name: account_spend_recovery(account, hash)!
DELETE FROM recovery_code WHERE account = :account AND hash = :hash;

-- name: account_drop_recovery(account)!
DELETE FROM recovery_code WHERE account = :account;

-- name: account_count_recovery(account)$
SELECT count(*) FROM recovery_code WHERE account = :account;
