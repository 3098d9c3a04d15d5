-- Where lists came from and what is known about them; which contacts are not a person's own; what was purged.

ALTER TABLE frame_import ADD COLUMN supplier TEXT NOT NULL DEFAULT '';        -- the office that supplied the list
ALTER TABLE frame_import ADD COLUMN reference_date TEXT NOT NULL DEFAULT '';  -- whose posts the list states

CREATE TABLE frame_supply (                  -- rows kept of each import that still counts, by unit
  wave TEXT NOT NULL, grp TEXT NOT NULL, number INTEGER NOT NULL, unit TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (wave, grp, number, unit)
) STRICT, WITHOUT ROWID;

CREATE TABLE frame_mapping (                 -- what a person said about the columns of files with these headings
  wave TEXT NOT NULL, grp TEXT NOT NULL,
  headings TEXT NOT NULL,                    -- SHA-256 of the set of headings
  mapping TEXT NOT NULL,                     -- JSON {heading: field}
  at TEXT NOT NULL,
  PRIMARY KEY (wave, grp, headings)
) STRICT, WITHOUT ROWID;

CREATE TABLE post_expected (                 -- the appointment list: how many posts a unit should have
  wave TEXT NOT NULL, grp TEXT NOT NULL, unit TEXT NOT NULL, expected INTEGER NOT NULL, supplier TEXT NOT NULL,
  PRIMARY KEY (wave, grp, unit)
) STRICT, WITHOUT ROWID;

CREATE TABLE post_move (                     -- a post's holder changed; who it was is nowhere here
  wave TEXT NOT NULL, grp TEXT NOT NULL, number INTEGER NOT NULL, frame_row BLOB NOT NULL, unit TEXT NOT NULL,
  appointed TEXT NOT NULL, answers TEXT NOT NULL CHECK (answers IN ('successor', 'holder')), reason TEXT NOT NULL,
  who TEXT NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (wave, grp, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_flag (                  -- never used for electronic delivery
  frame_row BLOB PRIMARY KEY, wave TEXT NOT NULL,
  shared INTEGER NOT NULL CHECK (shared IN (0, 1)),   -- the telephone or address of more than three persons
  staff INTEGER NOT NULL CHECK (staff IN (0, 1))      -- found in a list of staff
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_contact (                 -- purged with the contacts
  wave TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (wave, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE purge (                         -- each purge of a wave
  wave TEXT NOT NULL, number INTEGER NOT NULL, contacts INTEGER NOT NULL, drafts INTEGER NOT NULL,
  key_destroyed INTEGER NOT NULL CHECK (key_destroyed IN (0, 1)), who TEXT NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (wave, number)
) STRICT, WITHOUT ROWID;
