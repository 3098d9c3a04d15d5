-- An invitation knows that it was answered and no more; which disposition an answer was stands in its box and in counts
-- by cell, into which the mixer adds k or more of a cell at a time.

CREATE TABLE answered_count (                -- responses mixed so far
  wave TEXT NOT NULL, cell INTEGER NOT NULL, state TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (wave, cell, state)
) STRICT, WITHOUT ROWID;

-- '' where it was counted already: what waited when this table had no such column.
ALTER TABLE inbox_box ADD COLUMN state TEXT NOT NULL DEFAULT '';

INSERT INTO answered_count (wave, cell, state, n)
SELECT wave, cell, state, count(*) FROM invitation
WHERE state IN ('complete', 'partial', 'broke_off', 'screened_out')
GROUP BY wave, cell, state;

UPDATE invitation SET state = 'answered' WHERE state IN ('complete', 'partial', 'broke_off', 'screened_out');

INSERT INTO day_count (wave, day, unit, grp, mode, state, n)
SELECT wave, day, unit, grp, mode, 'answered', sum(n) FROM day_count
WHERE state IN ('complete', 'partial', 'broke_off', 'screened_out')
GROUP BY wave, day, unit, grp, mode;

DELETE FROM day_count WHERE state IN ('complete', 'partial', 'broke_off', 'screened_out');

CREATE VIEW disposition AS                   -- every invitation once: by its own state, or as what its answer was
SELECT wave, cell, state, count(*) AS n FROM invitation WHERE state <> 'answered' GROUP BY wave, cell, state
UNION ALL
SELECT wave, cell, state, n FROM answered_count
UNION ALL
SELECT wave, cell, state, count(*) AS n FROM inbox_box WHERE state <> '' GROUP BY wave, cell, state;
