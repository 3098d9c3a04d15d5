-- Acts on invitations that assess the organiser itself, which wait for a second person of no rated office.

CREATE TABLE approval (
  number     INTEGER PRIMARY KEY,
  wave       TEXT NOT NULL REFERENCES wave (id),
  kind       TEXT NOT NULL,
  arguments  BLOB NOT NULL,                  -- JSON, sealed with the instance key: strips hold codes
  shown      TEXT NOT NULL,                  -- JSON: what the second person reads of them, never a code
  reason     TEXT NOT NULL,
  asker      TEXT NOT NULL, asked_at TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('pending', 'doing', 'done', 'failed', 'granted', 'used', 'refused', 'withdrawn')),
  decided_by TEXT, decided_at TEXT,
  note       TEXT NOT NULL DEFAULT ''        -- why it was refused, or what went wrong
) STRICT;
