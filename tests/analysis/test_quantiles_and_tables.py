"""Quantiles with Woodruff's interval and Rao–Scott tests, against R and on small cases by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.answer import answer
from analysis.assembly import Layout
from analysis.design import Df, Lonely
from analysis.quantiles import quantile
from analysis.question import Asked, Question, Statistic
from analysis.sheet import read_sheet
from tests.analysis.asking import asked, noted, sheet

MADE = Path(__file__).parents[1] / "oracle" / "made"
LAYOUTS = {
    "elements": Layout(weight="w", stratum="st", fpc=("N",)),
    "clusters": Layout(weight="w", stratum="st", clusters=("cl",), nested=True, fpc=("Nc",)),
}


def expected(design: str, what: str) -> list[dict[str, str]]:
    with (MADE / "expected_more.csv").open() as file:
        return [row for row in csv.DictReader(file) if (row["design"], row["what"]) == (design, what)]


def agree(found: float | None, text: str) -> None:
    assert (found is None) if text in ("NaN", "NA") else found == pytest.approx(float(text), rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("design", LAYOUTS)
def test_quantiles_agree_with_r(design: str) -> None:
    file = read_sheet(MADE / "made.csv")
    rows = expected(design, "quantile")
    questions = {(row["variable"], float(row["p"])) for row in rows}
    every = tuple(Asked(Statistic.QUANTILE, variable, p=p) for variable, p in sorted(questions))
    found = {}
    for by in ((), ("dom",)):
        question = Question(every, by=by, df=Df.DOMAIN, lonely=Lonely.ADJUST)
        for row in answer(file, LAYOUTS[design], question).rows:
            found[row.variable, row.p, row.by.get("dom", "")] = row
    assert len(rows) == 24
    for row in rows:
        got = found[row["variable"], float(row["p"]), row["by"]]
        agree(got.estimate, row["estimate"])
        agree(got.ci_low, row["low"])
        agree(got.ci_high, row["high"])
        agree(got.se, row["se"])
        agree(got.df, row["df"])


@pytest.mark.parametrize("design", LAYOUTS)
def test_rao_scott_agrees_with_r(design: str) -> None:
    file = read_sheet(MADE / "positive.csv")
    rows = expected(design, "chisq")
    assert len(rows) == 5
    for row in rows:
        one, other = row["variable"].split("/")
        where = ("half", row["by"]) if row["by"] else None
        question = Question(
            (Asked(Statistic.CHISQ, one, other=other),), where=where, df=Df.DOMAIN, lonely=Lonely.ADJUST
        )
        (got,) = answer(file, LAYOUTS[design], question).rows
        agree(got.estimate, row["estimate"])
        agree(got.ndf, row["ndf"])
        agree(got.df, row["df"])
        agree(got.p_value, row["p"])


@pytest.mark.parametrize(
    ("p", "found"), [(0.1, 5), (0.25, 3), (0.2500001, 5), (0.5, 5), (0.75, 7), (0.76, 9), (1.0, 9)]
)
def test_the_smallest_value_that_reaches_p(p: float, found: float) -> None:
    # R: survey:::qrule_math(c(7, 3, 9, 5), rep(1, 4), p); under the first row's weight it takes the second
    assert quantile(np.array([7.0, 3, 9, 5]), np.ones(4), p) == found


def test_exact_shares_survive_rounding() -> None:
    values = np.arange(10.0)
    assert [quantile(values, np.full(10, 0.1), p / 10) for p in range(1, 11)] == list(range(10))


def test_rows_of_weight_zero_have_no_place() -> None:
    assert quantile(np.array([1.0, 2]), np.array([0.0, 1]), 0.1) == 2
    assert np.isnan(quantile(np.array([1.0]), np.zeros(1), 0.5))


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 9)), min_size=1, max_size=30),
    st.floats(0.01, 0.99),
)
def test_a_quantile_is_a_value_and_splits_the_weights(pairs: list[tuple[int, int]], p: float) -> None:
    values, weight = np.array(pairs, float).T
    found = quantile(values, weight, p)
    assert found in values
    assert weight[values <= found].sum() / weight.sum() >= p - 1e-9
    first = np.lexsort((np.arange(len(values)), values))[0]
    low = weight[first] / weight.sum()  # under the first row's share R takes the second row
    assert weight[values < found].sum() / weight.sum() < max(p, low) + 1e-9


def test_limits_outside_the_distribution_are_null_with_a_note() -> None:
    found = asked(sheet(y=list(range(1, 11))), Asked(Statistic.QUANTILE, "y", p=0.1), Asked(Statistic.MEAN, "y"))
    mean, row = found.rows
    assert (row.estimate, row.ci_low, row.se, row.deff) == (1, None, None, None)
    assert row.ci_high is not None
    assert row.label == "quantile of y=0.1" and row.document()["p"] == 0.1 and "value" not in row.document()
    assert noted(found, "leaves 0 to 1") and noted(found, "a quantile has no deff")
    assert found.covariance[0, 0] == pytest.approx((mean.se or 0) ** 2) and np.isnan(found.covariance[1]).all()


def test_quantiles_of_nothing_and_of_one_value() -> None:
    file = sheet(y=["", "NA", 4, 4, 4], d=["p", "p", "q", "q", "q"])
    found = asked(file, Asked(Statistic.QUANTILE, "y", p=0.5), by=("d",))
    none, same = found.rows
    assert none.estimate is None and none.missing == 2 and noted(found, "no usable rows")
    assert same.estimate == 4 and same.se is None and noted(found, "every value is the same")
    top = asked(sheet(y=[1, 4, 4, 4]), Asked(Statistic.QUANTILE, "y", p=0.9))
    assert (top.rows[0].se, top.rows[0].ci_low, top.rows[0].ci_high) == (0, 4, 4) and noted(top, "no width")
    lonely = asked(sheet(y=[1, 2], s=["a", "b"]), Asked(Statistic.QUANTILE, "y", p=0.5),
                   layout=Layout(stratum="s"), lonely=Lonely.AVERAGE)  # fmt: skip
    assert lonely.rows[0].se is None and noted(lonely, "every stratum is lonely")


CHISQ = Asked(Statistic.CHISQ, "a", other="b")


def test_a_simple_random_sample_gives_pearsons_test() -> None:
    counts = np.array([[20, 10], [5, 15]])
    a = [str(i) for i in range(2) for j in range(2) for _ in range(counts[i, j])]
    b = [str(j) for i in range(2) for j in range(2) for _ in range(counts[i, j])]
    (row,) = asked(sheet(a=a, b=b), CHISQ).rows
    share = counts / 50
    pearson = 50 * ((share - np.outer(share.sum(1), share.sum(0))) ** 2 / np.outer(share.sum(1), share.sum(0))).sum()
    # With observed proportions Δ is n/(n − 1) · Σ over cells of p̂ (relative residual)², not exactly 1.
    assert row.estimate == pytest.approx(pearson, rel=0.25) and row.ndf == pytest.approx(1)
    assert row.df == pytest.approx(49) and row.n == 50
    assert row.p_value is not None and row.p_value < 0.01
    assert row.document()["p_value"] == row.p_value and row.document()["se"] is None


def test_empty_rows_are_dropped_with_a_note() -> None:
    a, b = ["p", "p", "q", "q", "r", "p", "q"], ["x", "y", "x", "y", "", "x", "y"]
    found = asked(sheet(a=a, b=b), CHISQ)
    same = asked(sheet(a=a[:4] + a[5:], b=b[:4] + b[5:]), CHISQ)
    assert found.rows[0].missing == 1 and noted(found, "were dropped: chisq of a,b")
    assert found.rows[0].n == same.rows[0].n == 6 and found.rows[0].ndf == same.rows[0].ndf


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        (["p", "p", "p"], ["x", "y", "x"], "no test"),
        (["", "", "p"], ["x", "y", ""], "no usable rows"),
        (["p", "q"], ["x", "y"], "no test"),
        (["p", "q", "r"] * 9, ["x", "y", "z"] * 9, "too many cells are empty"),
    ],
)
def test_where_there_is_no_table_there_is_no_test(a: list[str], b: list[str], told: str) -> None:
    found = asked(sheet(a=a, b=b), CHISQ)
    assert found.rows[0].estimate is None and found.rows[0].p_value is None
    assert noted(found, told)


def test_a_census_leaves_nothing_to_test() -> None:
    file = sheet(a=["p", "p", "q", "q"], b=["x", "y", "x", "y"], N=[4] * 4)
    found = asked(file, CHISQ, layout=Layout(fpc=("N",)))
    assert found.rows[0].estimate is None and noted(found, "nothing varies: no test")
