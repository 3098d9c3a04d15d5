-- Partial answers, in a file of their own that no backup contains. The id is a keyed hash of the code under its own
-- label, so a row joins no invitation without the wave's code key; the key of ``sealed`` needs the code itself.
CREATE TABLE draft (
  id        BLOB PRIMARY KEY,
  wave      TEXT NOT NULL,
  salt      BLOB NOT NULL,                   -- 32 random bytes; half of the key, destroyed with the row
  revision  INTEGER NOT NULL,
  sealed    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
