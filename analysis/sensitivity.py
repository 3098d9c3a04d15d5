"""How far ranks hang on the choices of method, as the OECD/JRC Handbook asks (METHOD §7): pure functions of points.

Nardo et al., Handbook on Constructing Composite Indicators (OECD/JRC 2008), step 7; the mean absolute shift of ranks is
that of Saisana, Saltelli and Tarantola (Journal of the Royal Statistical Society A 168, 2005).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.design import Floats
from analysis.findings import Choice, Drawn, RankRange, Scenario, Sensitivity, Weighty
from analysis.index import membership
from analysis.points import FULL, Points

Ranks = NDArray[np.int64]

DRAWS = 10_000
CONCENTRATIONS = (50.0, 20.0, 200.0)  # the usual one first
TAIL = 0.05
_CHUNK = 500  # draws held at once


@dataclass(frozen=True, slots=True, eq=False)
class Other:
    """An index (U,) counted otherwise, of all units of the kind; nan where it cannot be said."""

    choice: Choice
    subject: str
    index: Floats


def assessed(
    points: Points,
    published: Mapping[str, int],
    others: Sequence[Other] = (),
    skipped: Mapping[Choice, str] | None = None,
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> Sensitivity | None:
    """Every choice varied on its own. ``published``: ranks of the ranked units; None with fewer than two of them.

    ``others``: ways of counting that need the answers themselves; ``skipped``: those that could not be tried.
    """
    if len(published) < 2:
        return None
    rows = [place for place, unit in enumerate(points.scale.units) if unit in published]
    standing = {points.scale.units[row]: published[points.scale.units[row]] for row in rows}
    left = {str(choice): reason for choice, reason in (skipped or {}).items()}
    tried = [*without_domains(points), *others]
    if len(points.scale.kind.domains) < 2:
        left |= {str(Choice.DOMAIN): "one", str(Choice.POINTS): "one"}
    if not (np.count_nonzero(points.scale.shares, axis=0) > 1).any():
        left[str(Choice.SHARES)] = "one"
    scenarios = tuple(_scenario(other, points.scale.units, standing) for other in tried)
    drawn = tuple(
        _drawn(points, rows, standing, choice, concentration, seed=seed, draws=draws)
        for choice in (Choice.SHARES, Choice.POINTS)
        if str(choice) not in left
        for concentration in CONCENTRATIONS
    )
    return Sensitivity(scenarios, drawn, _ranges(standing, scenarios, drawn), _weighty(scenarios, drawn), left)


def without_domains(points: Points) -> Iterator[Other]:
    """The index on the other domains, one left out at a time."""
    domains = points.scale.kind.domains
    members = membership(points.scale.kind)
    maximum = points.scale.survey + points.scale.appraised
    for row, domain in enumerate(domains if len(domains) > 1 else ()):
        kept = 1 - members[row]
        total = np.where(kept > 0, points.total, 0.0).sum(axis=1)
        most = (maximum * kept).sum(axis=1)
        share = np.divide(total, most, out=np.full_like(total, np.nan), where=most > 0)
        yield Other(Choice.DOMAIN, domain.id, share * FULL)


def printed(index: Floats) -> Floats:
    """Two decimals, half away from zero, as what is published (METHOD §6); indices are not negative."""
    return np.asarray(np.floor(np.round(index * FULL, 7) + 0.5) / FULL)


def ranks(index: Floats) -> Ranks:
    """(…, U) 1 + the number strictly better, of what would be printed."""
    shown = printed(index)
    better = shown[..., None, :] > shown[..., :, None]
    return np.asarray(1 + better.sum(axis=-1), dtype=np.int64)


def _scenario(other: Other, units: Sequence[str], standing: Mapping[str, int]) -> Scenario:
    kept = [place for place, unit in enumerate(units) if unit in standing and np.isfinite(other.index[place])]
    names = [units[place] for place in kept]
    found = ranks(other.index[kept])
    shift = np.abs(found - _among(standing, names))
    return Scenario(
        other.choice,
        other.subject,
        dict(zip(names, found.tolist(), strict=True)),
        tuple(unit for unit in standing if unit not in names),
        int((shift > 0).sum()),
        float(shift.mean()) if len(shift) else 0.0,
        int(shift.max(initial=0)),
    )


def _among(standing: Mapping[str, int], names: Sequence[str]) -> Ranks:
    """Published ranks counted among some units only: who falls out moves nobody."""
    own = np.array([standing[name] for name in names], dtype=np.int64)
    return np.asarray(1 + (own[None, :] < own[:, None]).sum(axis=1), dtype=np.int64)


def _drawn(
    points: Points,
    rows: Sequence[int],
    standing: Mapping[str, int],
    choice: Choice,
    concentration: float,
    *,
    seed: int,
    draws: int,
) -> Drawn:
    order = [Choice.SHARES, Choice.POINTS].index(choice)
    random = np.random.Generator(np.random.PCG64([seed, order, int(concentration)]))
    make = _by_shares(points, rows) if choice is Choice.SHARES else _by_points(points, rows)
    published = np.array(list(standing.values()), dtype=np.int64)
    found = np.empty((draws, len(rows)), np.int64)
    for start in range(0, draws, _CHUNK):
        size = min(_CHUNK, draws - start)
        found[start : start + size] = ranks(make(random, concentration, size))
    low, high = np.quantile(found, [TAIL, 1 - TAIL], axis=0, method="inverted_cdf")
    same, first = (found == published).mean(axis=0), (found == 1).mean(axis=0)
    return Drawn(
        choice,
        concentration,
        draws,
        _named(standing, low.astype(np.int64)),
        _named(standing, high.astype(np.int64)),
        _named(standing, same),
        _named(standing, first),
        float(np.abs(found - published).mean()),
    )


def _named(standing: Mapping[str, int], values: NDArray[Any]) -> dict[str, Any]:
    return dict(zip(standing, values.tolist(), strict=True))


_Make = Callable[[np.random.Generator, float, int], Floats]


def _by_shares(points: Points, rows: Sequence[int]) -> _Make:
    """Indices (m, R) by group shares of each subcriterion from Dirichlet(concentration · nominal shares).

    Absent groups stay absent: their part goes to the others, as in the published index.
    """
    scale = points.scale
    used = points.present.used[:, rows] > 0
    score = np.where(used, points.given.score[:, rows], 0.0)
    fixed = np.nan_to_num(points.appraised[rows]).sum(axis=1)
    survey = scale.survey[rows]
    columns = [column for column in range(survey.shape[1]) if survey[:, column].any()]

    def make(random: np.random.Generator, concentration: float, size: int) -> Floats:
        total = np.broadcast_to(fixed, (size, len(rows))).copy()
        for column in columns:
            shape = concentration * scale.shares[:, column]
            drawn = random.standard_gamma(np.where(shape > 0, shape, 1.0), (size, len(shape))) * (shape > 0)
            above, below = drawn @ score[:, :, column], drawn @ used[:, :, column].astype(np.float64)
            total += survey[:, column] * np.divide(above, below, out=np.zeros_like(above), where=below > 0)
        return total / scale.maximum[rows] * FULL

    return make


def _by_points(points: Points, rows: Sequence[int]) -> _Make:
    """Indices (m, R) by points of the domains from Dirichlet(concentration · nominal), kept in proportion within each.

    A domain of which nothing applies to a unit leaves its maximum, as in the published index.
    """
    scale = points.scale
    members = membership(scale.kind)
    maximum = (scale.survey + scale.appraised)[rows] @ members.T
    earned = np.nan_to_num(points.total[rows]) @ members.T
    reached = np.divide(earned, maximum, out=np.zeros_like(earned), where=maximum > 0)
    nominal = np.array([domain.points for domain in scale.kind.domains]) / scale.kind.points
    # What part of a domain applies keeps its part of the domain's drawn points.
    applies = maximum / np.array([domain.points for domain in scale.kind.domains])

    def make(random: np.random.Generator, concentration: float, size: int) -> Floats:
        drawn = random.dirichlet(concentration * nominal, size)
        return np.asarray(drawn @ (reached * applies).T / (drawn @ applies.T) * FULL)

    return make


def _ranges(standing: Mapping[str, int], scenarios: Sequence[Scenario], drawn: Sequence[Drawn]) -> dict[str, RankRange]:
    found = {}
    for unit, rank in standing.items():
        lows, highs = [rank], [rank]
        for scenario in scenarios:
            if unit in scenario.ranks:
                lows.append(scenario.ranks[unit])
                highs.append(scenario.ranks[unit])
        for each in drawn:
            if each.concentration == CONCENTRATIONS[0]:
                lows.append(each.low[unit])
                highs.append(each.high[unit])
        found[unit] = RankRange(min(lows), max(highs))
    return found


def _weighty(scenarios: Sequence[Scenario], drawn: Sequence[Drawn]) -> tuple[Weighty, ...]:
    """For each choice the scenario that shifts most; the choice that shifts most comes first."""
    best: dict[Choice, Weighty] = {}
    told = [Weighty(each.choice, each.subject, each.shift, each.largest) for each in scenarios]
    told += [
        Weighty(each.choice, f"{each.concentration:g}", each.shift, None)
        for each in drawn
        if each.concentration == CONCENTRATIONS[0]
    ]
    for each in told:
        if each.choice not in best or each.shift > best[each.choice].shift:
            best[each.choice] = each
    return tuple(sorted(best.values(), key=lambda each: -each.shift))
