"""The result as one table, a line a unit, for spreadsheets and other programs."""

from __future__ import annotations

from typing import Any

from analysis.result import IndexResult, UnitIndex

HEADINGS = (
    "kind", "rank", "unit", "name", "index", "se", "ci_low", "ci_high", "rank_lower", "rank_upper", "possible_best",
    "survey_points", "appraised_points", "maximum", "previous", "change", "verdict", "marks",
    "common_index", "from_average", "from_average_side", "like_for_like", "like_for_like_se", "like_for_like_verdict",
    "target", "target_gap", "self_gap", "sensitivity_low", "sensitivity_high",
)  # fmt: skip


def headings(result: IndexResult) -> list[str]:
    """``HEADINGS`` and one column a domain, in % of its points."""
    domains = dict.fromkeys(
        domain.id for kind in result.kinds for unit in (*kind.units, *kind.unranked) for domain in unit.domains
    )
    return [*HEADINGS, *domains]


def rows(result: IndexResult) -> list[list[Any]]:
    """One line a unit, by kind and rank, unranked units last; the index as published."""
    names = headings(result)[len(HEADINGS) :]
    return [_row(result, unit, names) for kind in result.kinds for unit in (*kind.units, *kind.unranked)]


def _row(result: IndexResult, unit: UnitIndex, domains: list[str]) -> list[Any]:
    percent = {domain.id: domain.percent for domain in unit.domains}
    change = unit.change
    return [
        unit.kind,
        unit.rank,
        unit.unit,
        result.wave.unit_names[unit.unit].get("vi", unit.unit),
        unit.published,
        unit.se,
        unit.ci_low,
        unit.ci_high,
        unit.rank_lower,
        unit.rank_upper,
        "yes" if unit.possible_best else "",
        unit.survey_points,
        unit.appraised_points,
        unit.maximum,
        change.previous if change else None,
        change.change if change else None,
        str(change.verdict) if change else None,
        " ".join(sorted(unit.marks)),
        *_beside(result, unit),
        *(percent.get(domain) for domain in domains),
    ]


def _beside(result: IndexResult, unit: UnitIndex) -> list[Any]:
    average, like, target = unit.average, unit.like_for_like, unit.target
    found = result.kind(unit.kind).sensitivity
    held = found.ranges.get(unit.unit) if found is not None else None
    return [
        unit.common_index,
        average.gap if average else None,
        str(average.side) if average else None,
        like.change if like else None,
        like.se if like else None,
        str(like.verdict) if like else None,
        target.target if target else None,
        target.gap if target else None,
        unit.self_gap,
        held.low if held else None,
        held.high if held else None,
    ]
