"""Two years compared on what they share: against numbers made by hand, from datasets and from what was published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis import compose, mergers, past, targets
from analysis.beside import Beside
from analysis.compose import index_result
from analysis.dataset import Dataset
from analysis.findings import LikeForLike, Side, Verdict
from analysis.mergers import Continued, Mergers
from analysis.notes import NoteKind
from analysis.past import Past
from analysis.previous import Previous, changes, merged
from analysis.report import data
from analysis.result import IndexResult, UnitIndex
from analysis.targets import Aim
from forms import framework
from forms.faults import Faults
from forms.framework import Framework
from tests.analysis.index.conftest import FRAMEWORK, UNITS, Answers, Build

Appraised = dict[str, dict[str, float]]
SAME = Continued({unit: {unit: 1.0} for unit in UNITS})


@pytest.fixture
def years(build: Build, usual: Answers) -> tuple[Dataset, Dataset]:
    """This year, and a last year in which everybody was a step less happy with access."""

    def lower(row: Mapping[str, int | None]) -> dict[str, int | None]:
        return {item: max(0, (at or 0) - 1) if item.startswith("access") else at for item, at in row.items()}

    before = {group: {u: [lower(row) for row in rows] for u, rows in units.items()} for group, units in usual.items()}
    return build(usual, name="now"), build(before, name="then")


def unit(result: IndexResult, id: str) -> UnitIndex:
    return next(each for each in result.kinds[0].units if each.unit == id)


def like(result: IndexResult, id: str) -> LikeForLike:
    found = unit(result, id).like_for_like
    assert found is not None
    return found


def counted(
    dataset: Dataset, framework: Framework, appraised: Appraised, last: Past, became: Continued = SAME, **options: Any
) -> IndexResult:
    beside = Beside(past=last, continued=became, **options)
    return index_result(dataset, framework, appraised, draws=500, beside=beside)


def test_the_same_framework_compares_whole_indices(
    years: tuple[Dataset, Dataset], small: Framework, appraised: Appraised
) -> None:
    now, then = years
    last = compose.past(then, small, appraised)
    result = counted(now, small, appraised, last)
    alone = index_result(then, small, appraised, draws=500)
    for id in UNITS:
        found, this, that = like(result, id), unit(result, id), unit(alone, id)
        assert (found.previous, found.current) == pytest.approx((that.index, this.index))
        assert found.se == pytest.approx(np.hypot(this.se or 0, that.se or 0))
        assert found.low is not None and found.high is not None and found.low < found.change < found.high
        assert found.share == 100 and not found.conservative
        assert found.domains["steering"] == pytest.approx(0) and found.domains["service"] > 0
    assert {like(result, id).verdict for id in UNITS} <= {Verdict.MORE, Verdict.NOISE}
    common = result.kinds[0].common
    assert common is not None and common.subcriteria == ("access", "staff", "plan") and not common.dropped
    assert common.groups == ("nguoi_dan", "cong_chuc") and common.previous_hash == then.hash


def test_what_changed_leaves_the_comparison_and_says_why(
    years: tuple[Dataset, Dataset], small: Framework, appraised: Appraised
) -> None:
    now, then = years
    changed = FRAMEWORK.replace('{ kind = "share", favourable = ["v4", "v5"] }', '{ kind = "mean" }')
    changed = changed.replace('id = "plan"', 'id = "old_plan"').replace("cong_chuc = 0.4", "cong_chuc = 0.4")
    old = framework.load(changed, "old.toml")
    points = {u: {"old_plan": row["plan"], "staff": row["staff"]} for u, row in appraised.items()}
    result = counted(now, small, appraised, compose.past(then, old, points))
    common = result.kinds[0].common
    assert common is not None and dict(common.dropped) == {"staff": "rule", "plan": "new", "old_plan": "gone"}
    found = like(result, "so_a")
    assert found.share == pytest.approx(30)  # access 20, and the 10 appraised points of staff
    this = unit(result, "so_a").subcriterion("access").points or 0
    assert found.current == pytest.approx((this + 8) / 30 * 100)
    assert set(found.domains) == {"service"}


def test_other_items_and_sources_and_groups_are_not_common(
    years: tuple[Dataset, Dataset], small: Framework, appraised: Appraised
) -> None:
    now, then = years
    old = framework.load(
        FRAMEWORK.replace('items = ["access_1", "access_2"]', 'items = ["access_1"]')
        .replace("survey_points = 20\nappraised_points = 10\n", "")
        .replace('source = "both"', 'source = "survey"'),
        "old.toml",
    )
    result = counted(now, small, appraised, compose.past(then, old, {u: {"plan": 40.0} for u in UNITS}))
    common = result.kinds[0].common
    assert common is not None and dict(common.dropped) == {"access": "items", "staff": "source"}
    assert like(result, "so_a").share == pytest.approx(70)
    text = FRAMEWORK.replace("shares = { nguoi_dan = 1.0 }", "shares = { cong_chuc = 1.0 }")
    groups = framework.load(text.replace('"staff_1"', '"access_2"').replace('["v4", "v5"]', '["v5"]'), "g.toml")
    result = counted(now, small, appraised, compose.past(then, groups, appraised))
    assert result.kinds[0].common is not None and result.kinds[0].common.dropped["staff"] == "rule"


def test_a_group_that_one_year_lacks_counts_in_neither(
    build: Build, usual: Answers, small: Framework, appraised: Appraised
) -> None:
    few = {"nguoi_dan": usual["nguoi_dan"], "cong_chuc": {**usual["cong_chuc"], "so_a": usual["cong_chuc"]["so_a"][:3]}}
    now, then = build(usual, name="now"), build(few, name="then")
    result = counted(now, small, appraised, compose.past(then, small, appraised))
    access = unit(result, "so_a").subcriterion("access")
    citizens = next(each.score for each in access.groups if each.group == "nguoi_dan")
    other = unit(result, "so_a").index or 0
    assert like(result, "so_a").current == pytest.approx(other - (access.points or 0) + 20 * (citizens or 0))
    assert like(result, "so_a").change == pytest.approx(0, abs=1e-9)
    assert like(result, "so_b").current == pytest.approx(unit(result, "so_b").index)


def test_stepped_rules_are_drawn_in_both_years(years: tuple[Dataset, Dataset], appraised: Appraised) -> None:
    bands = '{ kind = "bands", of = "mean", table = [[0.6, 1], [0.4, 0.5], [0, 0]] }'
    stepped = framework.load(FRAMEWORK.replace('{ kind = "mean" }', bands), "s.toml")
    now, then = years
    found = like(counted(now, stepped, appraised, compose.past(then, stepped, appraised)), "so_b")
    assert found.se is not None and found.se > 0 and abs(found.change) <= 20


def test_a_published_result_gives_the_same_change_and_its_error_or_a_bound_of_it(
    years: tuple[Dataset, Dataset], small: Framework, appraised: Appraised, tmp_path: Path
) -> None:
    now, then = years
    (tmp_path / "result.json").write_text(data.text(index_result(then, small, appraised, draws=500)), "utf-8")
    last = past.read(tmp_path)
    assert last.names["so_a"] == "Sở A" and set(last.published) == set(UNITS)
    from_file = counted(now, small, appraised, last)
    from_data = counted(now, small, appraised, compose.past(then, small, appraised))
    for id in UNITS:
        one, two = like(from_file, id), like(from_data, id)
        assert one.change == pytest.approx(two.change) and one.se == pytest.approx(two.se) and not one.conservative
    text = FRAMEWORK.replace('points = 20\nsource = "survey"', 'points = 30\nsource = "survey"')
    heavier = framework.load(text.replace("points = 50", "points = 40"), "h")
    less = {u: {**row, "plan": 30.0} for u, row in appraised.items()}
    for id in UNITS:
        one = like(counted(now, heavier, less, last), id)
        two = like(counted(now, heavier, less, compose.past(then, small, appraised)), id)
        assert one.change == pytest.approx(two.change) and one.conservative and not two.conservative
        assert (one.se or 0) >= (two.se or 0) - 1e-12


@pytest.mark.parametrize("text", ["{", "[]", '{"kinds": 3}', '{"wave": {"unit_names": {}}, "kinds": [{}]}'])
def test_what_is_no_result_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.json").write_text(text, "utf-8")
    with pytest.raises(Faults, match=r"is no result\.json"):
        past.read(tmp_path / "r.json")
    with pytest.raises(Faults, match="cannot be read"):
        past.read(tmp_path / "none.json")


def test_merged_units_compare_with_the_weighted_mean_of_their_parts(
    years: tuple[Dataset, Dataset], small: Framework, appraised: Appraised
) -> None:
    now, then = years
    last = compose.past(then, small, appraised)
    became = Continued({"so_a": {"so_a": 0.25, "so_b": 0.75}, "so_c": {"so_c": 1.0}}, ("Sở D",))
    result = counted(now, small, appraised, last, became, ended=("Sở D",))
    alone = index_result(then, small, appraised, draws=500)
    parts = [unit(alone, id).index or 0 for id in ("so_a", "so_b")]
    assert like(result, "so_a").previous == pytest.approx(0.25 * parts[0] + 0.75 * parts[1])
    assert unit(result, "so_b").like_for_like is None
    assert result.kinds[0].common is not None and result.kinds[0].common.ended == ("Sở D",)
    assert [note.kind for note in result.notes].count(NoteKind.UNITS_ENDED) == 1


def test_published_figures_of_parts_make_a_mean_with_an_error_where_all_have_one() -> None:
    table = {"a": Previous(80, 1.0, {"d": 50.0, "e": 1.0}), "b": Previous(60, 2.0, {"d": 90.0}), "c": Previous(70)}
    names = {"a": "A", "b": "B", "c": "C"}
    became = Continued({"x": {"a": 0.5, "b": 0.5}, "y": {"b": 0.5, "c": 0.5}, "z": {"c": 1.0}, "w": {"nobody": 1.0}})
    found = merged(table, names, became)
    assert found["x"] == Previous(70.0, pytest.approx(np.sqrt(1.25)), {"d": 70.0}, ("A", "B"))  # type: ignore[arg-type]
    assert found["y"].se is None and found["z"].parts == () and "w" not in found
    from analysis.previous import Figure

    moved = changes({unit: Figure(75.0, 1.0, None, {}) for unit in ("x", "y", "z")}, found)
    assert moved["x"].parts == ("A", "B") and moved["x"].change == 5
    assert [moved[unit].previous_rank for unit in ("x", "y", "z")] == [1, 3, 1]


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mergers.csv"
    path.write_text(text, "utf-8")
    return path


NAMES = {"so_tai_chinh": "Sở Tài chính", "so_noi_vu": "Sở Nội vụ", "so_y_te": "Sở Y tế"}
MERGERS = """Cơ quan mới;Cơ quan cũ;Quy mô
Sở Tài chính;Sở Tài chính;100
Sở Tài chính;Sở Kế hoạch và Đầu tư;300
Sở Nội vụ;Sở Nội vụ và Lao động;
;Huyện Lắk;
"""


def test_a_mapping_says_what_became_of_units_and_everything_else_is_named(tmp_path: Path) -> None:
    read = mergers.read(table(tmp_path, MERGERS), NAMES)
    assert read.ended == ("Huyện Lắk",)
    before = {"tc": "Sở Tài chính", "kh": "Sở Kế hoạch và Đầu tư", "nv": "Sở Nội vụ và Lao động", "lak": "Huyện Lắk",
              "so_y_te": "Sở Y tế"}  # fmt: skip
    became = mergers.continued(before, NAMES, read, "f")
    assert became.parts == {
        "so_tai_chinh": {"tc": 0.25, "kh": 0.75},
        "so_noi_vu": {"nv": 1.0},
        "so_y_te": {"so_y_te": 1.0},
    }
    assert became.ended == ("Huyện Lắk",)
    with pytest.raises(Faults) as caught:
        mergers.continued({"x": "Sở Ngoại vụ", "y": "Sở Y tế", "so_y_te": "Sở Y tế"}, NAMES, read, "f")
    told = [str(fault) for fault in caught.value.faults]
    assert told[0].startswith("f: “Sở Ngoại vụ” of the previous year is no unit of this wave: say in --mergers what")
    assert "both “Sở Y tế”" in told[1] and "“Huyện Lắk” is in the mapping, but not in the previous year" in told[-1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unit,n\nSở Y tế,3\n", "this column is missing"),
        ("unit,previous\nSở Y tế,A\nSở Nội vụ,A\n", "“A” comes twice: it can go into one unit only"),
        ("unit,previous\nSở Y tế,\n", "names no previous unit"),
        ("unit,previous\nSở Lạ,A\n", "“Sở Lạ” is no unit of this wave"),
        ("unit,previous,n\nSở Y tế,A,không\n", "“không” is not a size above 0"),
        ("unit,previous,n\nSở Y tế,A,5\nSở Y tế,B,\n", "“B” was merged with others, so that its size (n) is needed"),
    ],
)
def test_a_wrong_mapping_is_refused_by_its_row(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Faults, match=said.replace("(", r"\(").replace(")", r"\)")):
        mergers.read(table(tmp_path, text), NAMES)


def test_targets_say_what_is_still_to_be_had_and_whether_that_is_sure(
    years: tuple[Dataset, Dataset], small: Framework, appraised: Appraised, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Đơn vị;Mục tiêu;Nghị quyết\nSở A;99,5;NQ 12\nSở B;20;\nSở C;;\n".replace("Sở C;;\n", ""), "utf-8")
    aims = targets.read(path, {id: f"Sở {id[-1].upper()}" for id in UNITS})
    assert aims == {"so_a": Aim(99.5, "NQ 12"), "so_b": Aim(20.0)}
    result = index_result(years[0], small, appraised, draws=200, beside=Beside(targets=aims))
    below, above = unit(result, "so_a").target, unit(result, "so_b").target
    assert below is not None and above is not None
    assert below.gap == pytest.approx(99.5 - (unit(result, "so_a").published or 0))
    assert (below.reached, below.side, below.source) == (False, Side.BELOW, "NQ 12")
    assert (above.reached, above.side) == (True, Side.ABOVE)
    assert unit(result, "so_c").target is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unit\nSở A\n", "this column is missing"),
        ("unit,target\nSở Z,80\n", "“Sở Z” is no unit of this wave"),
        ("unit,target\nSở A,101\n", "“101” is no index from 0 to 100"),
        ("unit,target\nSở A,cao\n", "“cao” is no index"),
        ("unit,target\nSở A,80\nSở A,81\n", "“Sở A” comes twice"),
    ],
)
def test_wrong_targets_are_refused_by_their_row(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "t.csv").write_text(text, "utf-8")
    with pytest.raises(Faults, match=said):
        targets.read(tmp_path / "t.csv", {"so_a": "Sở A"})


def test_a_framework_of_other_years_is_said(years: tuple[Dataset, Dataset], small: Framework) -> None:
    manifest = {**years[0].manifest, "simulated": False}
    for list_of, said in (([2025], False), ([2026, 2027], False), ([2020], True), ([], False)):
        other = framework.load(FRAMEWORK.replace("illustrative = true", f"years = {list_of}"), "y.toml")
        kinds = [note.kind for note in compose.departures(manifest, other)]
        assert (NoteKind.OTHER_YEAR in kinds) is said


def test_everything_beside_is_in_the_document(
    years: tuple[Dataset, Dataset], small: Framework, appraised: Appraised
) -> None:
    result = counted(years[0], small, appraised, compose.past(years[1], small, appraised), targets={"so_a": Aim(80)})
    document = json.loads(data.text(result))
    first = next(each for each in document["kinds"][0]["units"] if each["unit"] == "so_a")
    assert first["target"]["target"] == 80 and first["like_for_like"]["share"] == 100
    assert document["kinds"][0]["common"]["dropped"] == {}
    assert Mergers().of("Sở A") is None
