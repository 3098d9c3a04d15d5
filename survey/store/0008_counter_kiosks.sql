-- A selected dossier whose questionnaire a tablet is to open. It holds no code and no number of an invitation: the
-- invitation is made when the tablet fetches it, and the row goes with that, or when the selection lapses.
CREATE TABLE counter_waiting (
  kiosk   INTEGER PRIMARY KEY REFERENCES kiosk (number),  -- a tablet holds one person's questionnaire at a time
  dossier BLOB NOT NULL UNIQUE REFERENCES counter_dossier (id)
) STRICT;

-- 1 once a slip was asked for again: a clerk may do so once.
ALTER TABLE counter_dossier ADD COLUMN again INTEGER NOT NULL DEFAULT 0 CHECK (again IN (0, 1));

CREATE INDEX invitation_frame_row ON invitation (frame_row);
