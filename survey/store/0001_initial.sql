-- The collecting side's tables. A respondent's answers never stand beside what could name the respondent:
-- contact ↔ frame_row ↔ invitation on one side, box and receipt on the other, and nothing between them.

CREATE TABLE wave (
  id          TEXT PRIMARY KEY,
  spec        TEXT NOT NULL,                 -- the wave file as registered (TOML)
  documents   TEXT NOT NULL,                 -- JSON: {"questionnaires": {id: sha256}, "framework": sha256 or null}
  plan_hash   TEXT NOT NULL,                 -- SHA-256 over spec and documents
  pilot       INTEGER NOT NULL DEFAULT 0 CHECK (pilot IN (0, 1)),
  public_key  BLOB NOT NULL,                 -- X25519, 32 bytes; the private half is never here
  key_origin  TEXT NOT NULL CHECK (key_origin IN ('outside', 'server')),
  box_bytes   INTEGER NOT NULL,              -- every box of the wave is padded to this many bytes before sealing
  state       TEXT NOT NULL CHECK (state IN ('draft', 'open', 'closed', 'frozen'))
) STRICT, WITHOUT ROWID;

CREATE TABLE document (                      -- questionnaires and frameworks, by content
  hash  TEXT PRIMARY KEY,
  kind  TEXT NOT NULL CHECK (kind IN ('questionnaire', 'framework')),
  id    TEXT NOT NULL,
  body  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE frame_import (
  wave TEXT NOT NULL REFERENCES wave (id), grp TEXT NOT NULL, number INTEGER NOT NULL,
  file_name TEXT NOT NULL, file_hash TEXT NOT NULL, rows_in INTEGER NOT NULL, rows_kept INTEGER NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (wave, grp, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE frame_row (                     -- a dossier, or an official's post
  id         BLOB PRIMARY KEY,               -- 16 random bytes
  wave       TEXT NOT NULL REFERENCES wave (id),
  grp        TEXT NOT NULL,
  reference  BLOB NOT NULL,                  -- keyed hash of the dossier or post number: finds duplicates
  identity   BLOB,                           -- keyed hash of the identity columns: finds one person's dossiers
  unit       TEXT NOT NULL,                  -- the office that decided the dossier; an official's own office
  place      TEXT NOT NULL,
  units      TEXT,                           -- JSON list where the group assesses 'list'
  fields     TEXT NOT NULL,                  -- JSON: stratifiers and margins (channel, level, overdue, …)
  UNIQUE (wave, grp, reference)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact (                       -- apart, and purged after the wave
  frame_row BLOB PRIMARY KEY, wave TEXT NOT NULL,
  name TEXT, phone TEXT, email TEXT, address TEXT, reference TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE draw (
  wave TEXT NOT NULL REFERENCES wave (id), grp TEXT NOT NULL, number INTEGER NOT NULL,
  salt BLOB NOT NULL, list_hash TEXT NOT NULL, design TEXT NOT NULL, listed_at TEXT NOT NULL,
  public_number TEXT, effective_seed TEXT, algorithm TEXT, drawn_at TEXT, reason TEXT,
  PRIMARY KEY (wave, grp, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE draw_row (                      -- the person-free list, and what the draw made of it
  wave TEXT NOT NULL, grp TEXT NOT NULL, number INTEGER NOT NULL,
  row_id TEXT NOT NULL,                      -- salted: says nothing about the person
  frame_row BLOB NOT NULL, stratum TEXT NOT NULL, size REAL NOT NULL DEFAULT 1,
  probability REAL, cell INTEGER,            -- inclusion probability; the cell when selected, else null
  PRIMARY KEY (wave, grp, number, row_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE design_cell (                   -- population and sample by stratum, response class and margins
  wave TEXT NOT NULL, grp TEXT NOT NULL, stratum TEXT NOT NULL, wclass TEXT NOT NULL, margins TEXT NOT NULL,
  method TEXT NOT NULL, population INTEGER NOT NULL, drawn INTEGER NOT NULL,
  PRIMARY KEY (wave, grp, stratum, wclass, margins)
) STRICT, WITHOUT ROWID;

CREATE TABLE cell (                          -- everything about a respondent that a response may carry
  wave TEXT NOT NULL, id INTEGER NOT NULL, grp TEXT NOT NULL, stratum TEXT NOT NULL, wclass TEXT NOT NULL,
  margins TEXT NOT NULL,                     -- JSON {name: level}; '*' where merged to reach k
  mode TEXT NOT NULL,
  units TEXT NOT NULL,                       -- JSON [[unit, base weight], …]
  PRIMARY KEY (wave, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE invitation (
  lookup      BLOB PRIMARY KEY,              -- keyed hash of the code
  wave        TEXT NOT NULL REFERENCES wave (id),
  serial      INTEGER NOT NULL,
  generation  INTEGER NOT NULL DEFAULT 0,
  cell        INTEGER NOT NULL,
  place       TEXT NOT NULL,
  frame_row   BLOB,
  state       TEXT NOT NULL,
  UNIQUE (wave, serial)
) STRICT, WITHOUT ROWID;

CREATE TABLE revoked_code (lookup BLOB PRIMARY KEY, wave TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE day_count (                     -- days exist only as counters; unit '' is the total
  wave TEXT NOT NULL, day TEXT NOT NULL, unit TEXT NOT NULL, grp TEXT NOT NULL, mode TEXT NOT NULL,
  state TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (wave, day, unit, grp, mode, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox_box (id BLOB PRIMARY KEY, wave TEXT NOT NULL, cell INTEGER NOT NULL, box BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE inbox_receipt (hash BLOB PRIMARY KEY, wave TEXT NOT NULL, cell INTEGER NOT NULL) STRICT, WITHOUT ROWID;
-- `seal` is the number of the first seal that holds the row: a batch of k or more of each cell it touches, never a time.
CREATE TABLE box (id BLOB PRIMARY KEY, wave TEXT NOT NULL, box BLOB NOT NULL, seal INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE receipt (hash BLOB PRIMARY KEY, wave TEXT NOT NULL, seal INTEGER) STRICT, WITHOUT ROWID;

CREATE TABLE seal (
  wave TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL,
  PRIMARY KEY (wave, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  number INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, wave TEXT,
  detail TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
