-- Staff: who signs in at the desk. Nothing here touches a respondent.

CREATE TABLE account (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,           -- what is typed at sign-in: lower case
  full_name  TEXT NOT NULL,
  office     TEXT NOT NULL,                  -- where this person works: decides what may not be touched
  role       TEXT NOT NULL,
  place      TEXT NOT NULL DEFAULT '',       -- the counter of a clerk
  unit       TEXT NOT NULL DEFAULT '',       -- the office whose published results a viewer sees
  password   TEXT NOT NULL,                  -- argon2id, with its own cost and salt inside
  must_change INTEGER NOT NULL DEFAULT 1 CHECK (must_change IN (0, 1)),
  totp       BLOB,                           -- the secret of the second step, sealed with the instance key
  totp_step  INTEGER NOT NULL DEFAULT 0,     -- the last step that was spent: a number seen over a shoulder is worth nothing
  disabled   INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
  failed     INTEGER NOT NULL DEFAULT 0,     -- attempts since the last that succeeded
  failed_at  TEXT,
  made_at    TEXT NOT NULL
) STRICT;

CREATE TABLE recovery_code (                 -- each opens once in place of the second step
  account INTEGER NOT NULL REFERENCES account (id), hash BLOB NOT NULL,
  PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_session (                 -- its token is in the browser alone
  hash BLOB PRIMARY KEY, account INTEGER NOT NULL REFERENCES account (id), begun_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_session_account ON staff_session (account);
