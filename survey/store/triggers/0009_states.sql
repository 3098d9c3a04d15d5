-- The triggers of 0009 for PostgreSQL, which others may write beside: an addition to a counter is one statement, and of two
-- counters the one that comes first by name is always moved first, so that no two respondents wait for each other.

CREATE FUNCTION count_state(of_wave TEXT, of_cell INTEGER, of_state TEXT, more INTEGER) RETURNS void LANGUAGE sql AS $$
  INSERT INTO state_count (wave, cell, state, n) VALUES (of_wave, of_cell, of_state, more)
  ON CONFLICT (wave, cell, state) DO UPDATE SET n = state_count.n + excluded.n
$$;

-- By statement: a hundred thousand invitations made at once are one addition to each counter.
CREATE FUNCTION invitation_made() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO state_count (wave, cell, state, n)
  SELECT wave, cell, state, count(*) FROM made GROUP BY wave, cell, state ORDER BY wave, cell, state
  ON CONFLICT (wave, cell, state) DO UPDATE SET n = state_count.n + excluded.n;
  RETURN NULL;
END $$;

CREATE FUNCTION invitation_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF (old.wave, old.cell, old.state) < (new.wave, new.cell, new.state) THEN
    PERFORM count_state(old.wave, old.cell, old.state, -1);
    PERFORM count_state(new.wave, new.cell, new.state, 1);
  ELSE
    PERFORM count_state(new.wave, new.cell, new.state, 1);
    PERFORM count_state(old.wave, old.cell, old.state, -1);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION invitation_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM count_state(old.wave, old.cell, old.state, -1);
  RETURN NULL;
END $$;

CREATE TRIGGER invitation_made AFTER INSERT ON invitation REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION invitation_made();
CREATE TRIGGER invitation_moved AFTER UPDATE OF wave, cell, state ON invitation FOR EACH ROW
WHEN (old.state <> new.state OR old.cell <> new.cell OR old.wave <> new.wave) EXECUTE FUNCTION invitation_moved();
CREATE TRIGGER invitation_gone AFTER DELETE ON invitation FOR EACH ROW EXECUTE FUNCTION invitation_gone();
