-- Dispositions for rates: counts only, no invitation by itself.

-- name: rates_cells(wave)
SELECT c.grp, c.stratum, c.mode, c.units, c.factor, d.state, sum(d.n) AS n
FROM disposition d JOIN cell c ON c.wave = d.wave AND c.id = d.cell
WHERE d.wave = :wave
GROUP BY c.grp, c.stratum, c.mode, c.units, c.factor, d.state
ORDER BY c.grp, c.stratum, c.mode, c.units, c.factor, d.state;

-- name: rates_days(wave)
SELECT day, unit, grp, mode, state, n FROM day_count WHERE wave = :wave ORDER BY day, unit, grp, mode, state;
