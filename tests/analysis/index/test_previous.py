"""Last year's table, and when a change is more than noise."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.holm import adjusted_by_name as holm
from analysis.previous import Figure, Previous, changes, read
from analysis.result import Verdict
from forms.faults import Faults

NAMES = {"so_tu_phap": "Sở Tư pháp", "so_y_te": "Sở Y tế", "ea_kar": "Huyện Ea Kar"}


def table(folder: Path, text: str) -> Path:
    path = folder / "previous.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_units_match_by_name_and_may_be_missing(tmp_path: Path) -> None:
    file = table(tmp_path, "unit;index;se;steering\nsở tư pháp;91,40;;80\nEA KAR;85.16;0,5;\n;;;\n")
    assert read(file, NAMES, ["steering"]) == {
        "so_tu_phap": Previous(91.40, None, {"steering": 80.0}),
        "ea_kar": Previous(85.16, 0.5, {}),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unit,se\nSở Y tế,1\n", ["column “index”: this column is missing"]),
        ("unit,index,index,mood\nSở Y tế,1,1,1\n", ["comes twice", "“mood”: is neither"]),
        ("unit,index\nSở Mỏ,80\nSở Y tế,101\n", ["“Sở Mỏ” is no unit", "“101” is not a number from 0 to 100"]),
        ("unit,index\nSở Y tế,tám\nSở Y tế,80\nso_y_te,81\n", ["“tám”", "comes twice"]),
        ("unit,index\n,80\nSở Y tế,\n", ["names no unit", "has no index"]),
        ("unit,index,se\nSở Y tế,80,-1\n", ["column “se”: “-1”"]),
    ],
)
def test_every_fault_is_said_with_its_place(tmp_path: Path, text: str, said: list[str]) -> None:
    with pytest.raises(Faults) as caught:
        read(table(tmp_path, text), NAMES, ["steering"])
    for each in said:
        assert each in str(caught.value)


def now(published: float, se: float | None = 1.0, df: float | None = None) -> Figure:
    return Figure(published, se, df, {"steering": 70.0, "impact": 50.0})


def test_a_change_is_of_the_published_figures() -> None:
    change = changes({"a": now(83.46)}, {"a": Previous(81.125, None, {"steering": 72.5, "gone": 1.0})})["a"]
    assert (change.previous, change.change) == (81.13, 2.33)
    assert change.verdict is Verdict.NOT_ASSESSABLE and change.p_value is None
    assert change.domains == {"steering": -2.5}


def test_units_that_are_new_or_gone_have_no_change() -> None:
    assert changes({"a": now(80)}, {"b": Previous(80)}) == {}


def test_without_this_years_error_there_is_no_verdict() -> None:
    assert changes({"a": now(80, se=None)}, {"a": Previous(70, 1.0)})["a"].verdict is Verdict.NOT_ASSESSABLE


def test_the_verdict_is_adjusted_for_the_number_of_units() -> None:
    alone = changes({"a": now(83.0)}, {"a": Previous(80.0, 1.0)})["a"]
    assert alone.p_value == pytest.approx(2 * stats.norm.sf(3 / 2**0.5)) and alone.verdict is Verdict.MORE
    many = {f"u{place}": now(80.0) for place in range(9)} | {"a": now(83.0)}
    last = {unit: Previous(80.0, 1.0) for unit in many}
    assert changes(many, last)["a"].verdict is Verdict.NOISE


def test_few_degrees_of_freedom_make_a_change_harder_to_prove() -> None:
    assert changes({"a": now(83.0, df=3.0)}, {"a": Previous(80.0, 1.0)})["a"].verdict is Verdict.NOISE
    assert changes({"a": now(83.0, df=0.0)}, {"a": Previous(80.0, 1.0)})["a"].verdict is Verdict.NOT_ASSESSABLE


def test_without_any_error_every_change_is_real() -> None:
    sure = changes({"a": now(80.01, 0.0), "b": now(80.0, 0.0)}, {"a": Previous(80.0, 0.0), "b": Previous(80.0, 0.0)})
    assert (sure["a"].verdict, sure["b"].verdict) == (Verdict.MORE, Verdict.NOISE)


def test_holm_as_in_its_textbook_example() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == pytest.approx(
        {"d": 0.02, "a": 0.03, "c": 0.06, "b": 0.06}
    )


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_holm_never_lowers_and_keeps_the_order(p_values: dict[str, float]) -> None:
    adjusted = holm(p_values)
    order = sorted(p_values, key=lambda unit: p_values[unit])
    assert all(p_values[unit] <= adjusted[unit] <= 1 for unit in p_values)
    assert [adjusted[unit] for unit in order] == sorted(adjusted.values())
