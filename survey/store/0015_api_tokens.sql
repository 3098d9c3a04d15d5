-- Tokens with which other programs read published results and fieldwork counters. The token itself is kept nowhere.

CREATE TABLE api_token (
  id       TEXT PRIMARY KEY,                 -- what the log calls it
  hash     BLOB NOT NULL UNIQUE,             -- SHA-256: a token has 256 random bits, no pepper makes that more
  name     TEXT NOT NULL,                    -- who has it
  scope    TEXT NOT NULL CHECK (scope IN ('results', 'fieldwork')),
  wave     TEXT REFERENCES wave (id),        -- null: every wave
  issued   TEXT NOT NULL,
  revoked  TEXT
) STRICT;
