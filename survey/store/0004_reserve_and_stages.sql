-- Reserve samples and their release, first-stage units, and closing days that were moved.

ALTER TABLE draw_row ADD COLUMN position INTEGER NOT NULL DEFAULT 0;  -- in the order of a systematic sample
ALTER TABLE draw_row ADD COLUMN psu TEXT NOT NULL DEFAULT '';         -- first-stage unit
ALTER TABLE draw_row ADD COLUMN waits INTEGER;                        -- place in the reserve of its pool; null once drawn

-- What a release makes of the weight that the cell's answers carry: old answers and new ones are weighted alike.
ALTER TABLE cell ADD COLUMN factor REAL NOT NULL DEFAULT 1;

CREATE TABLE sample_release (
  wave TEXT NOT NULL REFERENCES wave (id), grp TEXT NOT NULL, number INTEGER NOT NULL, release INTEGER NOT NULL,
  released TEXT NOT NULL,                    -- JSON {pool: how many of its reserve}
  at TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (wave, grp, number, release)
) STRICT, WITHOUT ROWID;

CREATE TABLE psu (                           -- first-stage units of the last draw
  wave TEXT NOT NULL, grp TEXT NOT NULL, stratum TEXT NOT NULL, psu TEXT NOT NULL,
  population INTEGER NOT NULL, probability REAL NOT NULL, drawn INTEGER NOT NULL CHECK (drawn IN (0, 1)),
  PRIMARY KEY (wave, grp, stratum, psu)
) STRICT, WITHOUT ROWID;

CREATE TABLE extension (                     -- the plan keeps the day it was sealed with
  wave TEXT NOT NULL REFERENCES wave (id), number INTEGER NOT NULL,
  closes TEXT NOT NULL, at TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (wave, number)
) STRICT, WITHOUT ROWID;
