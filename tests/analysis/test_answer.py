"""Questions to a file: degenerate domains, intervals, notes for every null, faults that name column and value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from scipy.stats import beta, norm, t

from analysis.answer import Answer, Row, answer
from analysis.assembly import Layout
from analysis.design import Df, Lonely
from analysis.intervals import Interval
from analysis.question import Asked, Question, Statistic
from analysis.sheet import Sheet
from forms.faults import Faults
from tests.analysis.asking import MEAN, asked, noted, sheet


def share(column: str = "y", value: str = "1") -> Asked:
    return Asked(Statistic.PROPORTION, column, value=value)


TOTAL = Asked(Statistic.TOTAL, "y")


def test_a_mean_by_hand() -> None:
    found = asked(sheet(y=[1, 2, 3, "NA", 6], w=[1, 1, 2, 5, 1]), layout=Layout(weight="w"), level=0.9)
    (row,) = found.rows
    mean = (1 + 2 + 6 + 6) / 5
    scores = np.array([1 - mean, 2 - mean, 2 * (3 - mean), 0, 6 - mean]) / 5
    variance = 5 / 4 * (scores**2).sum()
    half = t.ppf(0.95, 3) * np.sqrt(variance)  # df: four rows have y, in one stratum
    assert (row.n, row.missing, row.df) == (4, 1, 3)
    assert row.estimate == pytest.approx(mean)
    assert row.se == pytest.approx(np.sqrt(variance))
    assert (row.ci_low, row.ci_high) == pytest.approx((mean - half, mean + half))
    weight, y = np.array([1, 1, 2, 1]), np.array([1, 2, 3, 6])
    simple = (1 - 4 / 5) / 4 * 4 / 3 * (weight * (y - mean) ** 2).sum() / 5
    assert row.deff == pytest.approx(variance / simple)


def test_missing_weights_are_told() -> None:
    assert noted(asked(sheet(y=[1, 2, 3])), "no weights were given")
    assert noted(asked(sheet(y=[1, 2, 3], N=[9, 9, 9]), layout=Layout(fpc=("N",))), "weights follow from the fpc")
    found = asked(sheet(y=[1, 2, 30], w=[1, 1, 0]), layout=Layout(weight="w"))
    assert found.rows[0].n == 2 and found.rows[0].estimate == 1.5
    assert noted(found, "1 rows have weight 0")


def unanimous() -> Sheet:
    """Office a: 8 of 10; office b: 6 of 6."""
    return sheet(y=[1] * 8 + [0] * 2 + [1] * 6, unit=["a"] * 10 + ["b"] * 6, w=[2] * 16)


@pytest.mark.parametrize("interval", list(Interval))
def test_nobody_looks_certain_because_everybody_agreed(interval: Interval) -> None:
    found = asked(unanimous(), share(), layout=Layout(weight="w"), by=("unit",), interval=interval)
    mixed, same = found.rows
    assert mixed.deff is not None
    assert same.estimate == 1 and same.se is None and same.deff is None
    assert (same.ci_low, same.ci_high) == (pytest.approx(beta.ppf(0.025, 6 / mixed.deff, 1)), 1.0)
    assert noted(found, "beta interval with n over the median deff") and noted(found, "y=1 for unit=b")
    assert np.isnan(found.covariance[1]).all() and np.isnan(found.covariance[:, 1]).all()
    assert np.isfinite(found.covariance[0, 0])


def test_a_share_of_nobody_has_an_interval_too() -> None:
    (row,) = asked(sheet(y=[0, 0, 0, 0, 2], z=[1, 1, 1, 1, 0]), share(value="2"), where=("z", "1")).rows
    assert row.estimate == 0 and row.ci_low == 0
    assert row.ci_high == pytest.approx(beta.ppf(0.975, 1, 4))  # no companion with a deff: n itself


def test_a_unanimous_mean_has_no_standard_error() -> None:
    found = asked(sheet(y=[4, 4, 4]))
    (row,) = found.rows
    assert (row.estimate, row.se, row.ci_low, row.deff) == (4, None, None, None)
    assert noted(found, "every value is the same: no standard error: mean of y")


def test_a_unanimous_total_of_everybody_has_none_either_but_that_of_a_domain_has() -> None:
    file = sheet(y=[4, 4, 4, 4], d=["p", "p", "q", "q"])
    assert asked(file, TOTAL).rows[0].se is None
    assert asked(file, TOTAL, by=("d",)).rows[0].se == pytest.approx(np.sqrt(4 / 3 * 16))


def test_who_was_asked_in_full_has_no_sampling_error() -> None:
    found = asked(sheet(y=[1, 0, 1], N=[3, 3, 3]), share(), layout=Layout(fpc=("N",)), interval=Interval.BETA)
    (row,) = found.rows
    assert row.se == 0 and row.ci_low == row.ci_high == pytest.approx(2 / 3)
    assert noted(found, "no sampling error") and noted(found, "no deff")


def test_an_unanimous_census_is_certain() -> None:
    (row,) = asked(sheet(y=[1, 1], N=[2, 2]), layout=Layout(fpc=("N",))).rows
    assert (row.estimate, row.se, row.ci_low, row.ci_high) == (1, 0, 1, 1)


def staged(inner: Sequence[int]) -> Answer:
    file = sheet(y=[4] * 4, a=[1, 1, 2, 2], b=[1, 2, 1, 2], A=[2] * 4, B=inner)
    return asked(file, layout=Layout(clusters=("a", "b"), fpc=("A", "B")))


def test_a_census_of_clusters_that_were_sampled_inside_is_not_certain() -> None:
    assert staged([2, 2, 2, 2]).rows[0].se == 0
    assert staged([5, 5, 5, 5]).rows[0].se is None


def test_few_degrees_of_freedom_are_marked_and_none_give_no_interval() -> None:
    file = sheet(y=[1, 2, 3, 4, 5, 7], c=[1, 1, 2, 2, 3, 3])
    found = asked(file, layout=Layout(clusters=("c",)))
    assert found.rows[0].df == 2 and noted(found, "fewer than 8 degrees of freedom")
    inside = asked(file, layout=Layout(clusters=("c",)), where=("c", "1"), df=Df.DOMAIN)
    (row,) = inside.rows
    assert row.df == 0 and row.se is not None and row.ci_low is None
    assert noted(inside, "fewer than 1 df: no interval")
    assert asked(file, layout=Layout(clusters=("c",)), where=("c", "1")).rows[0].df == 2


def test_everything_lonely_is_null_with_a_note() -> None:
    file = sheet(y=[1, 2, 3], s=["a", "b", "c"])
    found = asked(file, layout=Layout(stratum="s"), lonely=Lonely.AVERAGE)
    assert found.rows[0].se is None and noted(found, "every stratum is lonely")


def test_domains_without_answers_and_ratios_to_nothing_are_null_with_a_note() -> None:
    file = sheet(y=[1, 2, "", "NA", 3, 5], x=[1, -1, 1, 1, 2, 3], d=["p", "p", "q", "q", "r", "r"])
    found = asked(file, MEAN, Asked(Statistic.RATIO, "y", denominator="x"), by=("d",))
    rows: Mapping[tuple[str, str], Row] = {(row.statistic, row.by["d"]): row for row in found.rows}
    assert rows["mean", "q"].estimate is None and rows["mean", "q"].missing == 2
    assert rows["ratio", "p"].estimate is None and rows["ratio", "p"].n == 2
    assert rows["ratio", "r"].estimate == pytest.approx(8 / 5)
    assert noted(found, "no usable rows: mean of y for d=q")
    assert noted(found, "the denominator sums to 0: ratio of y/x for d=p")


def test_every_null_is_explained_and_long_lists_are_cut() -> None:
    units = [f"u{number}" for number in range(9) for _ in range(2)]
    found = asked(sheet(y=[5] * 18, u=units), by=("u",))
    assert noted(found, "and 4 more")
    silent = [row for row in found.rows if None in (row.estimate, row.se, row.ci_low)]
    assert len(silent) == 9


def test_crossed_domains_sorted_as_numbers_where_they_are() -> None:
    file = sheet(y=range(8), a=[10, 9] * 4, b=["x", "x", "y", "y", "y", "", "NA", "x"], c=["1"] * 8)
    found = asked(file, by=("a", "b", "c"))
    assert [tuple(row.by.values()) for row in found.rows] == [
        ("9", "x", "1"), ("9", "y", "1"), ("10", "x", "1"), ("10", "y", "1")
    ]  # fmt: skip
    assert found.rows[0].estimate == pytest.approx((1 + 7) / 2)
    assert noted(found, "2 rows have no “b” and are in no domain")


def test_where_keeps_the_whole_design() -> None:
    file = sheet(y=[1, 2, 3, 4, 5, 6], g=["a", "a", "b", "b", "", "b"])
    found = asked(file, where=("g", "b"))
    (row,) = found.rows
    scores = np.array([0, 0, 3 - 13 / 3, 4 - 13 / 3, 0, 6 - 13 / 3]) / 3
    assert row.se == pytest.approx(np.sqrt(6 / 5 * (scores**2).sum()))
    assert noted(found, "1 rows have no “g” and are left out of --where")


def test_variables_come_one_after_the_other_each_over_its_domains() -> None:
    file = sheet(y=[1, 2, 3, 5], z=[4, 4, 5, 6], d=["p", "p", "q", "q"])
    found = asked(file, share("d", "p"), TOTAL, MEAN, Asked(Statistic.MEAN, "z"), by=("d",))
    assert [(row.statistic, row.variable, row.by["d"]) for row in found.rows][:4] == [
        ("mean", "y", "p"), ("mean", "y", "q"), ("mean", "z", "p"), ("mean", "z", "q")
    ]  # fmt: skip
    assert [row.statistic for row in found.rows[4:]] == ["total", "total", "proportion", "proportion"]
    assert found.covariance[4, 4] == pytest.approx((found.rows[4].se or 0) ** 2)
    document = found.document(covariance=True)
    assert list(document) == ["rows", "design", "covariance", "notes"]
    assert list(document["rows"][0]) == ("statistic variable by estimate se ci_low ci_high df deff n missing".split())
    assert document["rows"][6]["value"] == "p"


def test_wilson_is_the_score_interval_at_the_effective_size() -> None:
    file = sheet(y=[1] * 6 + [0] * 14)
    (row,) = asked(file, share(), interval=Interval.WILSON).rows
    n, z, p = 19, norm.ppf(0.975), 0.3  # p(1 − p)/V is n − 1, and t_{n−1} is t_df
    middle, half = (p + z**2 / 2 / n) / (1 + z**2 / n), z / (1 + z**2 / n) * np.sqrt(p * 0.7 / n + z**2 / 4 / n**2)
    assert (row.ci_low, row.ci_high) == pytest.approx((middle - half, middle + half))


def test_intervals_of_shares_do_not_apply_to_means() -> None:
    found = asked(sheet(y=[1, 0, 1, 0]), MEAN, share(), interval=Interval.LOGIT)
    assert noted(found, "--ci logit is for proportions")
    assert not noted(asked(sheet(y=[1, 0, 1, 0]), share(), interval=Interval.LOGIT), "--ci")


def test_a_fraction_of_0_takes_nothing_off_the_variance() -> None:
    rows = {"y": [1, 2, 4, 8], "w": [2, 2, 3, 3], "s": ["a", "a", "b", "b"]}
    file = sheet(**rows, none=[0, 0, 0, 0], some=[0, 0, 0.5, 0.5])
    plain, none, some = (
        asked(file, layout=Layout(weight="w", stratum="s", fpc=fpc)).rows[0] for fpc in ((), ("none",), ("some",))
    )
    assert none == plain
    assert plain.se is not None and some.se is not None and some.se < plain.se


@pytest.mark.parametrize(
    ("columns", "layout", "told"),
    [
        ({"w": [1, -2, 1]}, Layout(weight="w"), "made.csv:3, column “w”: weight -2 is negative"),
        ({"w": [1, "NA", 1]}, Layout(weight="w"), "made.csv:3, column “w”: a weight is missing"),
        ({"w": [0, 0, 0]}, Layout(weight="w"), "every weight is 0"),
        ({"w": [1, "x1", 1]}, Layout(weight="w"), "“x1”, where a number should be"),
        ({"s": ["a", "", "b"]}, Layout(stratum="s"), "made.csv:3, column “s”: is empty"),
        ({"c": [1, 2, 1], "s": ["a", "a", "b"]}, Layout(stratum="s", clusters=("c",)), "cluster “1” is in two strata"),
        ({"N": [2, 2, 2]}, Layout(fpc=("N",)), "fpc 2 is a count below the 3 sampled"),
        ({"N": [20, 20, 30]}, Layout(fpc=("N",)), "must be the same"),
        ({"N": [0, 0, 0]}, Layout(fpc=("N",)), "fpc 0 is not above 0"),
        ({"N": [0, 20, 0], "s": ["a", "b", "a"], "w": [1, 1, 1]}, Layout("w", "s", fpc=("N",)), "fpc 0 is not above 0"),
        ({"N": [5, "", 5]}, Layout(fpc=("N",)), "an fpc is missing"),
        ({}, Layout(weight="nowhere"), "there is no such column; the columns are: y"),
    ],
)
def test_faults_of_the_design_name_column_and_value(
    columns: dict[str, Sequence[object]], layout: Layout, told: str
) -> None:
    with pytest.raises(Faults) as raised:
        asked(sheet(y=[1, 2, 3], **columns), layout=layout)
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"clusters": ("a", "b", "c")}, "at most two"),
        ({"fpc": ("a", "b")}, "--fpc names 2 columns"),
        ({"clusters": ("a", "b"), "fpc": ("c",)}, "every stage needs its fpc"),
        ({"nested": True, "clusters": ("a",)}, "needs --cluster and --stratum"),
    ],
)
def test_layouts_that_cannot_be(parts: dict[str, object], told: str) -> None:
    with pytest.raises(Faults, match=told):
        Layout(**parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (Question((Asked(Statistic.MEAN, "d"),)), "made.csv:2, column “d”: “p”, where a number should be"),
        (Question((share("d", "z"),)), "no row has the value “z”; there are “p”, “q”"),
        (Question((MEAN,), where=("d", "z")), "no row has the value “z”"),
        (Question((MEAN,), by=("e",)), "no row is in any domain"),
    ],
)
def test_faults_of_the_question_name_column_and_value(question: Question, told: str) -> None:
    with pytest.raises(Faults) as raised:
        answer(sheet(y=[1, 2], d=["p", "q"], e=["", "NA"]), Layout(), question)
    assert told in str(raised.value)


def test_a_number_matches_however_it_is_written() -> None:
    assert asked(sheet(y=["1.0", "2", "1.0"]), share(value="1")).rows[0].estimate == pytest.approx(2 / 3)


def test_second_stages_without_their_fpc() -> None:
    file = sheet(y=[1, 2, 4, 7], a=[1, 1, 2, 2], b=[1, 2, 1, 2], N=[4] * 4, w=[2] * 4)
    none = asked(file, layout=Layout(weight="w", clusters=("a", "b")))
    assert noted(none, "the second stage (“b”) does not enter the variance")
    first = asked(file, layout=Layout(weight="w", clusters=("a",), fpc=("N",))).rows[0].se or 0
    both = asked(file, layout=Layout(weight="w", clusters=("a", "b"), fpc=("N",)))
    inner = 0.5 * 2 * (0.5 + 4.5) / 16
    assert both.rows[0].se == pytest.approx(np.sqrt(first**2 + inner))
    assert noted(both, "second stage is taken as drawn with replacement")


@pytest.mark.parametrize("interval", list(Interval))
def test_a_share_that_the_strata_fix_has_no_error(interval: Interval) -> None:
    file = sheet(y=[1, 1, 1, 0, 0, 0, 0], s=["a"] * 3 + ["b"] * 4, w=[3.7] * 3 + [1.9] * 4)
    found = asked(file, share(), layout=Layout(weight="w", stratum="s"), interval=interval)
    (row,) = found.rows
    assert row.se == 0 and row.ci_low == row.estimate == row.ci_high
    assert noted(found, "no sampling error")
