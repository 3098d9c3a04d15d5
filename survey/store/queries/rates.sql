-- Dispositions for rates: counts only, no invitation by itself.

-- name: rates_cells(wave)
SELECT c.grp, c.stratum, c.mode, c.units, c.factor, i.state, count(*) AS n
FROM invitation i JOIN cell c ON c.wave = i.wave AND c.id = i.cell
WHERE i.wave = :wave
GROUP BY c.grp, c.stratum, c.mode, c.units, c.factor, i.state
ORDER BY c.grp, c.stratum, c.mode, c.units, c.factor, i.state;

-- name: rates_days(wave)
SELECT day, unit, grp, mode, state, n FROM day_count WHERE wave = :wave ORDER BY day, unit, grp, mode, state;
