-- Forms on paper, and control calls. Forms are counted by batch and never by invitation: which sheet came in which batch,
-- or which invitation was answered on paper, stands nowhere in this database.

CREATE TABLE keyer (                         -- who keys forms; of no office that the wave rates
  wave TEXT NOT NULL REFERENCES wave (id), name TEXT NOT NULL, office TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (wave, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE paper_batch (                   -- forms counted in together
  wave TEXT NOT NULL REFERENCES wave (id), number INTEGER NOT NULL,
  place TEXT NOT NULL,                       -- where they came from; '' by post
  arrived TEXT NOT NULL,                     -- the day the batch came, which no form in it keeps
  late INTEGER NOT NULL CHECK (late IN (0, 1)),
  counted INTEGER NOT NULL,
  keyed INTEGER NOT NULL DEFAULT 0,          -- responses stored
  damaged INTEGER NOT NULL DEFAULT 0,        -- not readable, or two keyings that nobody settled
  void INTEGER NOT NULL DEFAULT 0,           -- set aside with a reason: blank, answered online as well, …
  excluded INTEGER NOT NULL DEFAULT 0,       -- late, and excluded with all other late ones
  PRIMARY KEY (wave, number),
  CHECK (min(keyed, damaged, void, excluded) >= 0 AND keyed + damaged + void + excluded <= counted)
) STRICT, WITHOUT ROWID;

CREATE TABLE paper_decision (                -- on all late forms of a wave at once, unseen; there is one
  wave TEXT PRIMARY KEY REFERENCES wave (id), admitted INTEGER NOT NULL CHECK (admitted IN (0, 1)),
  reason TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE paper_again (                   -- forms keyed by two persons; item '' counts forms, 'declined' units declined
  wave TEXT NOT NULL REFERENCES wave (id), item TEXT NOT NULL, compared INTEGER NOT NULL, differed INTEGER NOT NULL,
  PRIMARY KEY (wave, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE control_draw (                  -- phúc tra: one draw a wave, after its close
  wave TEXT PRIMARY KEY REFERENCES wave (id), list_hash TEXT NOT NULL, public_number TEXT NOT NULL,
  effective_seed TEXT NOT NULL, algorithm TEXT NOT NULL, returned INTEGER NOT NULL, at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE control_call (                  -- whom to call; what was said is counted apart, never kept by person
  wave TEXT NOT NULL, serial INTEGER NOT NULL, interviewer TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
  done INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)),
  PRIMARY KEY (wave, serial)
) STRICT, WITHOUT ROWID;

CREATE TABLE control_count (                 -- unit '' counts each call once; outcome: drawn, called, denied, …
  wave TEXT NOT NULL, unit TEXT NOT NULL, mode TEXT NOT NULL, interviewer TEXT NOT NULL, outcome TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (wave, unit, mode, interviewer, outcome)
) STRICT, WITHOUT ROWID;
