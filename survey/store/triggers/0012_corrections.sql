-- The triggers of 0012 for PostgreSQL.

CREATE FUNCTION correction_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'corrections are never changed';
END $$;
CREATE FUNCTION correction_never_goes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'corrections are never removed';
END $$;

CREATE TRIGGER correction_stays BEFORE UPDATE ON correction FOR EACH ROW EXECUTE FUNCTION correction_stays();
CREATE TRIGGER correction_never_goes BEFORE DELETE ON correction FOR EACH ROW EXECUTE FUNCTION correction_never_goes();
