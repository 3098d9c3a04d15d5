"""An attacker with every number of result.json and the framework solves for the scores that are not shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from analysis.compose import index_result
from analysis.report import data
from forms.framework import Framework
from tests.analysis.index.patterns import PATTERNS

NARROW = 0.25  # of a score between 0 and 1: one answer of four; what is known more closely is not hidden
ROUNDING = 1e-8  # result.json has 12 significant digits


@pytest.mark.parametrize("n_min", [2, 5, 10])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_hidden_score_follows_from_what_is_published(
    build: Any, small: Framework, appraised: Any, pattern: str, n_min: int
) -> None:
    random = np.random.default_rng(11)
    answers: dict[str, dict[str, list[dict[str, int]]]] = {"nguoi_dan": {}, "cong_chuc": {}}
    for unit, sizes in PATTERNS[pattern].items():
        for (group, units), size in zip(answers.items(), sizes, strict=True):
            asked = ["access_1", "access_2"] + (["staff_1"] if group == "nguoi_dan" else [])
            units[unit] = [{item: int(random.integers(1, 4)) for item in asked} for _ in range(size)]
    estimation = {"lonely": "adjust", "collapse": [], "valid": ["complete", "partial"], "n_min": n_min}
    dataset = build(answers, k=10, estimation=estimation)
    published = json.loads(data.text(index_result(dataset, small, appraised, draws=200)))
    hidden = list(_hidden(published))
    assert hidden
    widths = {cell: high - low for cell, (low, high) in _attack(published, small, hidden).items()}
    assert min(widths.values()) >= NARROW, widths


Cell = tuple[str, str, str]  # unit, subcriterion, group


def _units(published: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    (kind,) = published["kinds"]
    return [*kind["units"], *kind["unranked"]]


def _hidden(published: Mapping[str, Any]) -> Iterator[Cell]:
    for unit in _units(published):
        for sub in unit["subcriteria"]:
            for group in sub["groups"]:
                if group["hidden"]:
                    assert group["score"] is group["se"] is group["n"] is None
                    yield unit["unit"], sub["id"], group["group"]


def _attack(published: Mapping[str, Any], framework: Framework, hidden: list[Cell]) -> dict[Cell, tuple[float, float]]:
    """The least and the greatest value of each hidden score that agrees with all published numbers."""
    place = {cell: column for column, cell in enumerate(hidden)}
    rows, sums = [], []
    for weights, total in _equations(published, framework):
        row = np.zeros(len(hidden))
        for cell, weight in weights.items():
            if cell in place:
                row[place[cell]] = weight
            else:
                total -= weight * _shown(published, cell)
        rows.append(row)
        sums.append(total)
    bounds = np.array(sums)
    limits = {"A_ub": np.vstack([rows, -np.array(rows)]), "b_ub": np.r_[bounds + ROUNDING, ROUNDING - bounds]}
    found = {}
    for cell in hidden:
        aim = np.eye(len(hidden))[place[cell]]
        ends = [linprog(sign * aim, **limits, bounds=(0, 1)) for sign in (1, -1)]
        assert all(end.success for end in ends), "the attacker's equations are not those of the computation"
        found[cell] = (float(ends[0].fun), -float(ends[1].fun))
    return found


def _shown(published: Mapping[str, Any], cell: Cell) -> float:
    unit, sub, group = cell
    (scores,) = (s for u in _units(published) if u["unit"] == unit for s in u["subcriteria"] if s["id"] == sub)
    return next(float(score["score"]) for score in scores["groups"] if score["group"] == group)


def _equations(published: Mapping[str, Any], framework: Framework) -> Iterator[tuple[dict[Cell, float], float]]:
    """Weights of the scores and what they add up to: points, domains, index, and index on the shared groups."""
    (kind,) = published["kinds"]
    for unit in _units(published):
        points: dict[str, dict[Cell, float]] = {}
        for sub in unit["subcriteria"]:
            name = sub["id"]
            shares = {group: _share(framework, name, group) for group in sub["groups_present"]}
            points[name] = {
                (unit["unit"], name, group): sub["survey_maximum"] * share / sum(shares.values())
                for group, share in shares.items()
            }
            if sub["survey_points"] is not None:
                yield points[name], sub["survey_points"]
        given = {sub["id"]: sub["appraised_points"] for sub in unit["subcriteria"]}
        domains = framework.kinds["department"].domains
        for domain, shown in zip(domains, unit["domains"], strict=True):
            if shown["points"] is not None:
                names = [sub.id for sub in domain.subcriteria]
                yield _joined(points, names), shown["points"] - sum(given[name] for name in names)
        if unit["index"] is not None:
            yield _joined(points, list(points)), unit["index"] * unit["maximum"] / 100 - sum(given.values())
    for unit in kind["units"]:
        if unit["common_index"] is not None:
            yield _common(framework, kind["units"], unit)


def _share(framework: Framework, name: str, group: str) -> float:
    """The framework is public, whatever result.json leaves out."""
    return next(sub.shares[group] for sub in framework.kinds["department"].subcriteria if sub.id == name)


def _joined(points: Mapping[str, Mapping[Cell, float]], names: list[str]) -> dict[Cell, float]:
    return {cell: weight for name in names for cell, weight in points[name].items()}


def _common(
    framework: Framework, ranked: list[Mapping[str, Any]], unit: Mapping[str, Any]
) -> tuple[dict[Cell, float], float]:
    """The index on the groups that count at every ranked unit."""
    weights: dict[Cell, float] = {}
    maximum = given = 0.0
    for sub in unit["subcriteria"]:
        mine = [each for other in ranked for each in other["subcriteria"] if each["id"] == sub["id"]]
        shares = {
            group: _share(framework, sub["id"], group)
            for group in sub["groups_present"]
            if all(group in each["groups_present"] for each in mine)
        }
        for group, share in shares.items():
            weights[unit["unit"], sub["id"], group] = sub["survey_maximum"] * share / sum(shares.values())
        maximum += sub["appraised_maximum"] + (sub["survey_maximum"] if shares else 0.0)
        given += sub["appraised_points"]
    return weights, unit["common_index"] * maximum / 100 - given
