"""Publication quality (METHOD §8): what is marked, what is withheld, and that limits are the wave's own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from analysis import report
from analysis.compose import index_result
from analysis.intervals import t_width
from analysis.report import view, wording
from analysis.result import USUAL, IndexResult, Mark, Quality, UnitIndex
from forms.framework import Framework

ESTIMATION = {"lonely": "adjust", "collapse": [], "valid": ["complete", "partial"], "n_min": 5}


def counted(build: Any, usual: Any, small: Framework, appraised: Any, **limits: Any) -> IndexResult:
    name = "-".join(f"{key}{value}" for key, value in limits.items()) or "usual"
    dataset = build(usual, name=name, estimation={**ESTIMATION, **limits})
    return index_result(dataset, small, appraised, draws=200)


def first(result: IndexResult) -> UnitIndex:
    (kind,) = result.kinds
    return next(unit for unit in (*kind.units, *kind.unranked) if unit.unit == "so_a")


def test_without_limits_only_few_answers_are_marked(build: Any, usual: Any, small: Framework, appraised: Any) -> None:
    result = counted(build, usual, small, appraised)
    assert result.quality == USUAL == Quality(few=30, wide=None, too_wide=None)
    assert not {Mark.WIDE, Mark.WITHHELD} & first(result).marks
    assert Mark.SMALL in first(result).marks
    assert Mark.SMALL not in first(counted(build, usual, small, appraised, few=10)).marks


def test_a_width_is_that_of_the_interval_on_the_scale_to_a_hundred(
    build: Any, usual: Any, small: Framework, appraised: Any
) -> None:
    usually = first(counted(build, usual, small, appraised))
    assert usually.ci_low is not None and usually.ci_high is not None
    width = usually.ci_high - usually.ci_low
    for limit, marked in ((width * 1.001, False), (width * 0.999, True)):
        unit = first(counted(build, usual, small, appraised, wide=limit))
        assert (Mark.WIDE in unit.marks) is marked
        assert (unit.index, unit.rank) == (usually.index, usually.rank)


def test_each_estimate_is_withheld_by_its_own_interval(
    build: Any, usual: Any, small: Framework, appraised: Any
) -> None:
    usually = first(counted(build, usual, small, appraised))
    staff = usually.subcriterion("staff").groups[0]
    assert staff.se is not None and usually.domain("service").se is not None
    limit = 2 * 2.1 * 100 * staff.se * 0.9  # under the widest, of one share by twenty answers
    unit = first(counted(build, usual, small, appraised, wide=1, too_wide=limit))
    hidden, shown = unit.subcriterion("staff"), unit.subcriterion("access")
    assert (hidden.points, hidden.survey_points, hidden.se) == (None, None, None)
    assert hidden.appraised_points == 8.0
    assert (hidden.groups[0].score, hidden.groups[0].se, hidden.groups[0].n) == (None, None, 20)
    assert Mark.WITHHELD in hidden.marks & hidden.groups[0].marks & unit.marks
    assert shown.points == usually.subcriterion("access").points and Mark.WIDE in shown.marks
    assert unit.domain("service").percent is not None and Mark.WIDE in unit.domain("service").marks
    assert unit.domain("steering").marks == frozenset()  # appraised only: nothing is estimated
    assert unit.rank is not None and Mark.WIDE in unit.marks


def test_a_unit_whose_index_is_withheld_is_not_ranked(
    build: Any, usual: Any, small: Framework, appraised: Any, tmp_path: Any
) -> None:
    usual["nguoi_dan"]["so_a"] = [{"access_1": at, "access_2": at, "staff_1": at} for at in (0, 4, 0, 4, 0, 4)]
    widths = [
        unit.ci_high - unit.ci_low
        for unit in counted(build, usual, small, appraised).kinds[0].units
        if unit.ci_low is not None and unit.ci_high is not None
    ]
    between = round(sorted(widths)[-2] * 1.01, 3)
    assert between < max(widths)
    result = counted(build, usual, small, appraised, too_wide=between)
    (kind,) = result.kinds
    assert [unit.rank for unit in kind.units] == [1, 2, 3] and len(kind.covariance) == 3
    (unit,) = kind.unranked
    assert (unit.unit, unit.reason, unit.index, unit.se, unit.ci_low) == ("so_a", "too_wide", None, None, None)
    assert unit.survey_points is None and unit.domain("service").points is None
    (shown,) = view.kind_views(result, small)
    assert shown.unranked == (("Sở A", wording.reason("too_wide", result.quality)),)
    assert f"rộng hơn {wording.limit(between)} điểm" in shown.unranked[0][1]
    manifest = {"groups": [], "questionnaires": {}, "draws": [], "seals": [], "departures": [], "versions": {}}
    manifest |= {"product": "phieu", "plan_sha256": "0" * 64, "counts": {}}
    report.write(tmp_path / "report", result, small, manifest)
    page, document = tmp_path / "report" / "index.html", tmp_path / "report" / "result.json"
    assert "thì không công bố" in page.read_text("utf-8")
    assert json.loads(document.read_text("utf-8"))["quality"] == {"few": 30, "wide": None, "too_wide": between}


@pytest.mark.parametrize(("few", "said"), [(30, "dưới 30 câu trả lời"), (1500, "dưới 1.500 câu trả lời")])
def test_the_words_name_the_limits_of_the_wave(few: int, said: str) -> None:
    limits = replace(USUAL, few=few, wide=7.5, too_wide=20)
    assert said in wording.mark(Mark.SMALL, limits)
    assert "rộng hơn 7,5 điểm" in wording.mark(Mark.WIDE, limits)
    assert "rộng hơn 20% mức" in wording.mark(Mark.WITHHELD, limits)


def test_what_has_no_interval_is_wider_than_any_limit() -> None:
    assert t_width(0.0, 0.0, 0.95) == 0
    assert t_width(1.0, float("inf"), 0.95) == pytest.approx(2 * 1.959964)
    assert Quality(wide=100).marks(t_width(1e-6, 0.5, 0.95)) == {Mark.WIDE}
    assert Quality(wide=10, too_wide=20).marks(20.0) == {Mark.WIDE}
    assert Quality(wide=10, too_wide=20).marks(20.1) == {Mark.WITHHELD}
