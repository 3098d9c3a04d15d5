-- Officials' posts: how many there should be, and whose holder changed.

-- name: post_expect(wave, grp, unit, expected, supplier)!
INSERT INTO post_expected (wave, grp, unit, expected, supplier) VALUES (:wave, :grp, :unit, :expected, :supplier)
ON CONFLICT (wave, grp, unit) DO UPDATE SET expected = excluded.expected, supplier = excluded.supplier;

-- name: post_forget_expected(wave, grp)!
DELETE FROM post_expected WHERE wave = :wave AND grp = :grp;

-- name: post_expected(wave, grp)
SELECT unit, expected, supplier FROM post_expected WHERE wave = :wave AND grp = :grp ORDER BY unit;

-- name: post_supplied(wave, grp)
SELECT s.unit, i.supplier, i.reference_date, sum(s.n) AS n
FROM frame_supply s JOIN frame_import i ON i.wave = s.wave AND i.grp = s.grp AND i.number = s.number
WHERE s.wave = :wave AND s.grp = :grp
GROUP BY s.unit, i.supplier, i.reference_date ORDER BY s.unit, i.supplier, i.reference_date;

-- name: post_last_move(wave, grp)$
SELECT coalesce(max(number), 0) FROM post_move WHERE wave = :wave AND grp = :grp;

-- name: post_add_move(wave, grp, number, frame_row, unit, appointed, answers, reason, who, at)!
INSERT INTO post_move (wave, grp, number, frame_row, unit, appointed, answers, reason, who, at)
VALUES (:wave, :grp, :number, :frame_row, :unit, :appointed, :answers, :reason, :who, :at);

-- name: post_moves(wave, grp)
SELECT number, unit, appointed, answers, reason, who, at FROM post_move WHERE wave = :wave AND grp = :grp ORDER BY number;
