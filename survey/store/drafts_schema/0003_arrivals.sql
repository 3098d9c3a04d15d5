-- Forms that came today, by office and group: by hour, and by a bucket of the sender's network. They become a few numbers
-- when the day is over, and go, with the salt without which nobody can tell which network a bucket was.
CREATE TABLE arrival_salt (
  wave TEXT NOT NULL, day TEXT NOT NULL, salt BLOB NOT NULL,
  PRIMARY KEY (wave, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE arrival_hour (
  wave TEXT NOT NULL, day TEXT NOT NULL, grp TEXT NOT NULL, unit TEXT NOT NULL, hour INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (wave, day, grp, unit, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE arrival_block (
  wave TEXT NOT NULL, day TEXT NOT NULL, grp TEXT NOT NULL, unit TEXT NOT NULL, bucket INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (wave, day, grp, unit, bucket)
) STRICT, WITHOUT ROWID;
