"""Differences and other linear combinations of estimates, with standard errors from their full covariance.

Σ c_i θ_i has variance c′Vc; degrees of freedom are the fewest of its parts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import stdtr

from analysis.design import Floats
from analysis.intervals import t_limits
from analysis.row import FEW_DF, Remark, Row
from forms.faults import Faults

PAIRS = "pairs"
_TERM = re.compile(
    r'\s*(?P<sign>[+-])\s*(?:(?P<factor>\d+(?:\.\d+)?|\.\d+)\s*\*\s*)?(?:"(?P<quoted>[^"]+)"|(?P<name>\S.*?))(?=\s+[+-]\s|\s*$)'
)
_SAME = 1e-12


@dataclass(frozen=True, slots=True)
class Contrast:
    """``text`` as asked; ``terms``: factor and name of a domain or statistic. No terms: all pairs of domains."""

    text: str
    terms: tuple[tuple[float, str], ...]


def contrast(text: str) -> Contrast:
    """``A - B``, ``0.5*A + 0.5*"B" - C``, or ``pairs``. Signs stand between spaces. Raises Faults."""
    if text.strip() == PAIRS:
        return Contrast(PAIRS, ())
    signed = text if re.match(r"\s*[+-]\s", text) else f"+ {text}"
    terms, at = [], 0
    while at < len(signed):
        found = _TERM.match(signed, at)
        if found is None:
            raise Faults(f"--contrast {text}: it should read A - B, 0.5*A + 0.5*B - C, or pairs")
        factor = float(found["factor"] or 1) * (-1 if found["sign"] == "-" else 1)
        terms.append((factor, (found["quoted"] or found["name"]).strip()))
        at = found.end() if signed[found.end() :].strip() else len(signed)
    return Contrast(text.strip(), tuple(terms))


def contrasted(
    rows: Sequence[Row], covariance: Floats, asked: Sequence[Contrast], level: float
) -> tuple[list[Row], Floats]:
    """The rows of means, totals, proportions and ratios (Q) with those of the contrasts after them, and the covariance
    of all. Raises Faults naming a term that is not there."""
    made, factors = [], []
    for one in asked:
        for label, combination in _combinations(rows, one):
            made.append(_row(rows, covariance, label, combination, level))
            factors.append(combination)
    if not made:
        return list(rows), covariance
    whole = np.vstack([np.eye(len(rows)), *factors])
    return [*rows, *made], whole @ covariance @ whole.T


def _combinations(rows: Sequence[Row], asked: Contrast) -> list[tuple[str, Floats]]:
    """What is asked of every statistic that has all its parts: a label, and factors (Q,)."""
    sets = _sets(rows)
    found = []
    for names in sets if asked.terms else [names for names in sets if not any("@" in name for name in names)]:
        terms_of = [asked.terms] if asked.terms else [((1.0, a), (-1.0, b)) for a, b in combinations(names, 2)]
        for terms in terms_of:
            if all(name in names for _, name in terms):
                factors = np.zeros(len(rows))
                for factor, name in terms:
                    factors[names[name]] += factor
                if not factors.any():
                    raise Faults(f"--contrast {asked.text}: its terms cancel out")
                found.append((asked.text if asked.terms else f"{terms[0][1]} - {terms[1][1]}", factors))
    if not found:
        _refuse(asked, sets)
    return found


def _sets(rows: Sequence[Row]) -> list[dict[str, int]]:
    """Rows that can be told from each other by one name: domains of a statistic, else statistics of one kind."""
    sets: dict[tuple[str, ...], dict[str, int]] = {}
    for at, row in enumerate(rows):
        own = row.variable if row.value is None else f"{row.variable}={row.value}"
        domain = "/".join(row.by.values())
        if row.by:
            sets.setdefault((row.statistic, own), {})[domain] = at
            sets.setdefault((row.statistic,), {})[f"{own}@{domain}"] = at
        else:
            sets.setdefault((row.statistic,), {})[own] = at
    return [names for key, names in sets.items() if len(key) == 2 or not any("@" in name for name in names)] + [
        names for key, names in sets.items() if len(key) == 1 and any("@" in name for name in names)
    ]


def _refuse(asked: Contrast, sets: Sequence[dict[str, int]]) -> None:
    there = dict.fromkeys(name for names in sets for name in names)
    missing = [name for _, name in asked.terms if name not in there]
    shown = ", ".join(f"“{name}”" for name in list(there)[:10]) + (" …" if len(there) > 10 else "")
    if not there:
        raise Faults(f"--contrast {asked.text}: it needs a mean, total, proportion or ratio")
    if not asked.terms:
        raise Faults("--contrast pairs: there is one figure, and nothing to compare it with")
    if missing:
        raise Faults(f"--contrast {asked.text}: there is no “{missing[0]}”; there are {shown}")
    raise Faults(f"--contrast {asked.text}: these are not figures of one kind")


def _row(rows: Sequence[Row], covariance: Floats, label: str, factors: Floats, level: float) -> Row:
    parts = [rows[at] for at in np.flatnonzero(factors).tolist()]
    known = all(part.estimate is not None for part in parts)
    value = sum(float(factors[at]) * (rows[at].estimate or 0.0) for at in np.flatnonzero(factors).tolist())
    sure = known and all(part.se is not None for part in parts)
    variance = float(factors @ covariance @ factors) if sure else 0.0
    scale = sum(factors[at] ** 2 * covariance[at, at] for at in np.flatnonzero(factors).tolist()) if sure else 0.0
    variance = 0.0 if variance <= _SAME * scale else variance
    df = min(part.df or 0 for part in parts)
    low, high = t_limits(value, variance, df, level) if sure and df >= 1 else (None, None)
    apart = len({tuple(part.by.items()) for part in parts}) == len(parts)
    tested = sure and df >= 1 and variance > 0
    said = {
        Remark.PART_EMPTY: not known,
        Remark.PART_UNSURE: known and not sure,
        Remark.CONTRAST: True,
        Remark.NO_DF: sure and df < 1,
        Remark.FEW_DF: sure and 1 <= df < FEW_DF,
    }
    one_variable = {part.variable for part in parts}
    return Row(
        "contrast",
        one_variable.pop() if len(one_variable) == 1 else ",".join(sorted(one_variable)),
        {},
        value if known else None,
        float(np.sqrt(variance)) if sure else None,
        low,
        high,
        df,
        None,
        (sum if apart else min)(part.n for part in parts),
        (sum if apart else max)(part.missing for part in parts),
        parts[0].value if len({part.value for part in parts}) == 1 else None,
        p_value=float(2 * stdtr(df, -abs(value) / np.sqrt(variance))) if tested else None,
        contrast=label,
        of=parts[0].statistic,
        remarks=frozenset(remark for remark, holds in said.items() if holds),
    )
