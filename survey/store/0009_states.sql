-- How many invitations of each cell stand in each state, kept by the database itself so that a board of a million
-- need not count them. It knows cells only, and no more of them than counting would tell: no order, no day.

CREATE TABLE state_count (
  wave TEXT NOT NULL, cell INTEGER NOT NULL, state TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (wave, cell, state)
) STRICT, WITHOUT ROWID;

INSERT INTO state_count (wave, cell, state, n)
SELECT wave, cell, state, count(*) FROM invitation GROUP BY wave, cell, state;

-- No upsert in a trigger: a statement with OR IGNORE would pass its clause on to it.
CREATE TRIGGER invitation_made AFTER INSERT ON invitation BEGIN
  INSERT INTO state_count (wave, cell, state, n) SELECT new.wave, new.cell, new.state, 0
  WHERE NOT EXISTS (SELECT 1 FROM state_count WHERE wave = new.wave AND cell = new.cell AND state = new.state);
  UPDATE state_count SET n = n + 1 WHERE wave = new.wave AND cell = new.cell AND state = new.state;
END;

CREATE TRIGGER invitation_moved AFTER UPDATE OF wave, cell, state ON invitation
WHEN old.state <> new.state OR old.cell <> new.cell OR old.wave <> new.wave BEGIN
  UPDATE state_count SET n = n - 1 WHERE wave = old.wave AND cell = old.cell AND state = old.state;
  INSERT INTO state_count (wave, cell, state, n) SELECT new.wave, new.cell, new.state, 0
  WHERE NOT EXISTS (SELECT 1 FROM state_count WHERE wave = new.wave AND cell = new.cell AND state = new.state);
  UPDATE state_count SET n = n + 1 WHERE wave = new.wave AND cell = new.cell AND state = new.state;
END;

CREATE TRIGGER invitation_gone AFTER DELETE ON invitation BEGIN
  UPDATE state_count SET n = n - 1 WHERE wave = old.wave AND cell = old.cell AND state = old.state;
END;
