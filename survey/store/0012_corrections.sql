-- Corrections of wording after opening: a chain beside the plan, which stays as it was sealed.
-- Both versions of a questionnaire stay in `document`; a row is never changed or removed.

CREATE TABLE correction (
  wave TEXT NOT NULL REFERENCES wave (id), number INTEGER NOT NULL,
  body TEXT NOT NULL,                        -- JSON: what was corrected, by whom, why, the hash of the one before
  hash TEXT NOT NULL,                        -- SHA-256 of body
  PRIMARY KEY (wave, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER correction_stays BEFORE UPDATE ON correction BEGIN SELECT RAISE(ABORT, 'corrections are never changed'); END;
CREATE TRIGGER correction_never_goes BEFORE DELETE ON correction BEGIN SELECT RAISE(ABORT, 'corrections are never removed'); END;
