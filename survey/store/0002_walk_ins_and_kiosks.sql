-- Walk-ins through posters stay apart to the last tree: their boxes and receipts are marked, and sealed by themselves.
ALTER TABLE box ADD COLUMN walk_in INTEGER NOT NULL DEFAULT 0 CHECK (walk_in IN (0, 1));
ALTER TABLE receipt ADD COLUMN walk_in INTEGER NOT NULL DEFAULT 0 CHECK (walk_in IN (0, 1));

CREATE TABLE kiosk (                         -- tablets that staff bound to a place
  number     INTEGER PRIMARY KEY,
  place      TEXT NOT NULL,
  label      TEXT NOT NULL,                  -- which tablet, in staff's words
  link       BLOB,                           -- hash of the one-time link; null once it was used
  made_at    TEXT NOT NULL,
  bound_at   TEXT,
  revoked_at TEXT
) STRICT;
