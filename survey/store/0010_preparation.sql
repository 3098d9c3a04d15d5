-- Waves being prepared at the desk.

CREATE TABLE preparation (
  id TEXT PRIMARY KEY,                       -- the wave's
  body TEXT NOT NULL,                        -- its file as it would be registered
  pilot INTEGER NOT NULL CHECK (pilot IN (0, 1)),
  source TEXT NOT NULL DEFAULT '',           -- the wave that it was copied from
  revision INTEGER NOT NULL,
  updated_at TEXT NOT NULL, updated_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE preparation_document (          -- questionnaires and frameworks that are not bundled, as the file names them
  wave TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (wave, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE upload (                        -- a list sent in and looked at, not yet imported; the file lies in uploads/
  wave TEXT NOT NULL, grp TEXT NOT NULL,
  token TEXT NOT NULL, file_name TEXT NOT NULL, bytes INTEGER NOT NULL,
  choices TEXT NOT NULL,                     -- JSON: mapping, guess, replace, supplier, reference date
  found TEXT NOT NULL DEFAULT '',            -- JSON: what a dry run said
  at TEXT NOT NULL, who TEXT NOT NULL,
  PRIMARY KEY (wave, grp)
) STRICT, WITHOUT ROWID;

CREATE TABLE planned (                       -- the planning table of a group, for the plan and the list of that key
  wave TEXT NOT NULL, grp TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (wave, grp)
) STRICT, WITHOUT ROWID;
