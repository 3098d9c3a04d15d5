-- Forms keyed from paper that wait for a second or third person. They are drafts like the others: in no backup, each
-- sealed with a key made from its code and a random salt, its id a keyed hash that joins no invitation by itself.
CREATE TABLE keyed_form (
  id      BLOB NOT NULL,
  number  INTEGER NOT NULL CHECK (number IN (1, 2)),   -- the first keying, the second
  wave    TEXT NOT NULL,
  batch   INTEGER NOT NULL,
  salt    BLOB NOT NULL,
  sealed  BLOB NOT NULL,
  PRIMARY KEY (id, number)
) STRICT, WITHOUT ROWID;
