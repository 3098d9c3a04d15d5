-- What is left of a day's arrivals once it is over: forms, those of the busiest hour, those from networks that sent
-- several, the most from one; for the group (unit '') also forms by hour, h00 to h23. No invitation, no address, no box.

CREATE TABLE arrival_count (
  wave TEXT NOT NULL REFERENCES wave (id), day TEXT NOT NULL, grp TEXT NOT NULL, unit TEXT NOT NULL, kind TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (wave, day, grp, unit, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE keyer_count (                   -- kind: keyed, compared, differed (forms); how a keyer's forms fare, never which
  wave TEXT NOT NULL REFERENCES wave (id), keyer TEXT NOT NULL, day TEXT NOT NULL, kind TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (wave, keyer, day, kind)
) STRICT, WITHOUT ROWID;
