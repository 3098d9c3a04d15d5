-- The counter draw, messages, batches handed over, visits. No table here holds the day of an invitation: a question is
-- timed only while its selection is live, and a message round has a date that the invitations in it do not keep.

CREATE TABLE counter_draw (                  -- of a wave that selects at counters; made with seal 0
  wave TEXT PRIMARY KEY REFERENCES wave (id),
  secret_hash TEXT NOT NULL,                 -- SHA-256 of the secret half of the draw key
  public_number TEXT, entered_at TEXT,
  reconciled_at TEXT, conduct TEXT           -- JSON, as published: how each office asked
) STRICT, WITHOUT ROWID;

CREATE TABLE counter_dossier (               -- dossiers whose results fall due while the wave is open
  id BLOB PRIMARY KEY,                       -- 16 random bytes; a contact may stand under it
  wave TEXT NOT NULL REFERENCES wave (id), grp TEXT NOT NULL,
  reference BLOB NOT NULL,                   -- keyed hash of the dossier number
  unit TEXT NOT NULL, place TEXT NOT NULL, due TEXT NOT NULL, returned TEXT,
  period TEXT,                               -- null: falls due in none of the wave's periods
  asked INTEGER NOT NULL DEFAULT 0 CHECK (asked IN (0, 1)),
  handed INTEGER NOT NULL DEFAULT 0 CHECK (handed IN (0, 1)),
  live_since TEXT,                           -- when it was selected, until its slip is printed or 15 minutes are over
  declared_on TEXT,                          -- not selected, and asked about on the clerk's word that it is handed over
  UNIQUE (wave, grp, reference)
) STRICT, WITHOUT ROWID;

CREATE TABLE counter_count (                 -- kind: asked, early, lapsed, repeated, unlisted (then unit is a place)
  wave TEXT NOT NULL, grp TEXT NOT NULL, unit TEXT NOT NULL, kind TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (wave, grp, unit, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE message_round (                 -- one sending: first invitations, or a reminder
  wave TEXT NOT NULL REFERENCES wave (id), number INTEGER NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('invite', 'remind')),
  channel TEXT NOT NULL CHECK (channel IN ('email', 'sms', 'zalo')),
  begun_on TEXT NOT NULL, finished INTEGER NOT NULL DEFAULT 0 CHECK (finished IN (0, 1)),
  PRIMARY KEY (wave, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (                       -- rows of a finished reminder go: they would tell who was unfinished when
  wave TEXT NOT NULL, serial INTEGER NOT NULL, round INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('sending', 'sent', 'rejected')),
  PRIMARY KEY (wave, serial, round)
) STRICT, WITHOUT ROWID;

CREATE TABLE no_message (                    -- addresses that get nothing more
  wave TEXT NOT NULL, address BLOB NOT NULL, -- keyed hash
  reason TEXT NOT NULL CHECK (reason IN ('bounced', 'opted out')),
  PRIMARY KEY (wave, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE batch (                         -- biên bản giao nhận phiếu
  wave TEXT NOT NULL REFERENCES wave (id), number INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('interviewer', 'post', 'place')),
  holder TEXT NOT NULL, made_at TEXT NOT NULL,
  back INTEGER,                              -- forms that came back filled in; null until the batch is taken back
  PRIMARY KEY (wave, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE batch_row (
  wave TEXT NOT NULL, batch INTEGER NOT NULL, serial INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'out' CHECK (state IN ('out', 'spoiled', 'unused')),
  PRIMARY KEY (wave, batch, serial)
) STRICT, WITHOUT ROWID;

CREATE TABLE visit (                         -- no day: the interviewer's sheet has it
  wave TEXT NOT NULL, serial INTEGER NOT NULL, number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 3),
  outcome TEXT NOT NULL,
  PRIMARY KEY (wave, serial, number)
) STRICT, WITHOUT ROWID;
