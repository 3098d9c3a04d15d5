-- Arrivals. The first half is on the drafts' own database, until a day is over; the second is what is left of a day.

-- name: arrival_add_salt(wave, day, salt)!
INSERT INTO arrival_salt (wave, day, salt) VALUES (:wave, :day, :salt) ON CONFLICT (wave, day) DO NOTHING;

-- name: arrival_salt(wave, day)$
SELECT salt FROM arrival_salt WHERE wave = :wave AND day = :day;

-- name: arrival_add_hours(wave, day, grp, unit, hour, n)*!
INSERT INTO arrival_hour (wave, day, grp, unit, hour, n) VALUES (:wave, :day, :grp, :unit, :hour, :n)
ON CONFLICT (wave, day, grp, unit, hour) DO UPDATE SET n = arrival_hour.n + excluded.n;

-- name: arrival_add_blocks(wave, day, grp, unit, bucket, n)*!
INSERT INTO arrival_block (wave, day, grp, unit, bucket, n) VALUES (:wave, :day, :grp, :unit, :bucket, :n)
ON CONFLICT (wave, day, grp, unit, bucket) DO UPDATE SET n = arrival_block.n + excluded.n;

-- name: arrival_days(wave, before)
SELECT day FROM arrival_salt WHERE wave = :wave AND day < :before
UNION
SELECT day FROM arrival_hour WHERE wave = :wave AND day < :before
ORDER BY day;

-- name: arrival_hours_of(wave, day)
SELECT grp, unit, hour, n FROM arrival_hour WHERE wave = :wave AND day = :day ORDER BY grp, unit, hour;

-- name: arrival_blocks_of(wave, day)
SELECT grp, unit, n FROM arrival_block WHERE wave = :wave AND day = :day ORDER BY grp, unit, n;

-- name: arrival_forget_hours(wave, day)!
DELETE FROM arrival_hour WHERE wave = :wave AND day = :day;

-- name: arrival_forget_blocks(wave, day)!
DELETE FROM arrival_block WHERE wave = :wave AND day = :day;

-- name: arrival_forget_salt(wave, day)!
DELETE FROM arrival_salt WHERE wave = :wave AND day = :day;

-- name: arrival_count(wave, day, grp, unit, kind, n)*!
INSERT INTO arrival_count (wave, day, grp, unit, kind, n) VALUES (:wave, :day, :grp, :unit, :kind, :n)
ON CONFLICT (wave, day, grp, unit, kind) DO UPDATE SET n = CASE
  WHEN excluded.kind NOT IN ('busiest', 'largest') THEN arrival_count.n + excluded.n
  WHEN excluded.n > arrival_count.n THEN excluded.n ELSE arrival_count.n END;

-- name: arrival_counts(wave)
SELECT day, grp, unit, kind, n FROM arrival_count WHERE wave = :wave ORDER BY grp, unit, day, kind;

-- name: keyer_count_add(wave, keyer, day, kind, n)*!
INSERT INTO keyer_count (wave, keyer, day, kind, n) VALUES (:wave, :keyer, :day, :kind, :n)
ON CONFLICT (wave, keyer, day, kind) DO UPDATE SET n = keyer_count.n + excluded.n;

-- name: keyer_counts(wave)
SELECT keyer, day, kind, n FROM keyer_count WHERE wave = :wave ORDER BY keyer, day, kind;
