"""Differences between domains and statistics: as R svycontrast, with their covariance, and what cannot be compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis.answer import Answer, answer
from analysis.assembly import Layout
from analysis.contrasts import contrast
from analysis.design import Df
from analysis.margins import Margins
from analysis.question import Asked, Question, Statistic
from analysis.r_script import r_script
from forms.faults import Faults
from tests.analysis.asking import sheet
from tests.analysis.reference import api

STRATIFIED = Layout(weight="pw", stratum="stype", fpc=("fpc",))
API00, API99 = Asked(Statistic.MEAN, "api00"), Asked(Statistic.MEAN, "api99")


def found(*texts: str, asked: tuple[Asked, ...] = (API00,), by: tuple[str, ...] = (), df: Df = Df.DESIGN) -> Answer:
    question = Question(asked, by=by, df=df, contrasts=tuple(contrast(text) for text in texts))
    return answer(api("apistrat"), STRATIFIED, question)


@pytest.mark.parametrize(
    ("text", "asked", "by", "estimate", "se"),
    # R 4.2.2, survey 4.1-1: svycontrast(svyby(…, covmat = TRUE), …), svycontrast(svymean(~api00 + api99, …), c(1, -1))
    [
        ("Yes - No", (API00,), ("sch.wide",), 82.7835854421888, 21.400054960652),
        ("api00 - api99", (API00, API99), (), 32.8925183753596, 2.0511124077106),
        ("0.5*E + 0.5*H - M", (API00,), ("stype",), 13.525, 18.8951750885511),
        (
            '"E/Yes" - H/No',
            (Asked(Statistic.TOTAL, "enroll"),),
            ("stype", "sch.wide"),
            1124920.17138672,
            130611.121933241,
        ),
    ],
)
def test_agrees_with_r(text: str, asked: tuple[Asked, ...], by: tuple[str, ...], estimate: float, se: float) -> None:
    row = found(text, asked=asked, by=by).rows[-1]
    assert (row.estimate, row.se) == (pytest.approx(estimate, rel=1e-9), pytest.approx(se, rel=1e-9))
    assert row.statistic == "contrast" and row.contrast == text and row.of == asked[0].statistic
    assert row.df == 197 and row.ci_low is not None and row.p_value is not None and row.deff is None


def test_the_covariance_goes_on_over_the_contrasts() -> None:
    told = found("Yes - No", asked=(API00, API99), by=("sch.wide",))
    assert [row.label for row in told.rows[4:]] == ["Yes - No (mean of api00)", "Yes - No (mean of api99)"]
    base = told.covariance[:4, :4]
    factors = np.array([[-1, 1, 0, 0], [0, 0, -1, 1]])
    np.testing.assert_allclose(told.covariance[4:, 4:], factors @ base @ factors.T, rtol=1e-9)
    np.testing.assert_allclose(told.covariance[4:, :4], factors @ base, rtol=1e-9)
    assert told.rows[4].n == 200
    document = told.rows[4].document()
    assert document["contrast"] == "Yes - No" and document["of"] == "mean" and 0 < document["p_value"] < 0.01


def test_pairs_are_of_domains_or_of_statistics() -> None:
    labels = [row.contrast for row in found("pairs", by=("stype",)).rows[3:]]
    assert labels == ["E - H", "E - M", "H - M"]
    assert [row.contrast for row in found("pairs", asked=(API00, API99)).rows[2:]] == ["api00 - api99"]
    across = found("api00@E - api99@E", asked=(API00, API99), by=("stype",)).rows[-1]
    assert across.n == 100 and across.variable == "api00,api99"


def test_few_degrees_of_freedom_are_those_of_the_parts() -> None:
    row = found("Yes - No", by=("sch.wide",), df=Df.DOMAIN).rows[-1]
    assert row.df == min(one.df or 0 for one in found(by=("sch.wide",), df=Df.DOMAIN).rows)


def test_parts_without_figure_or_error_leave_none() -> None:
    file = sheet(y=[1, 2, 4, 4, "", 3], d=["p", "p", "q", "q", "r", "p"])
    question = Question((Asked(Statistic.MEAN, "y"),), by=("d",), contrasts=(contrast("p - q"), contrast("p - r")))
    told = answer(file, Layout(), question)
    unsure, empty = told.rows[3:]
    assert (unsure.estimate, unsure.se, unsure.p_value) == (-2, None, None)
    assert (empty.estimate, empty.se) == (None, None)
    assert any("has no standard error: p - q" in note for note in told.notes)
    assert any("cannot be said: p - r" in note for note in told.notes)
    assert np.isnan(told.covariance[3:]).all()


def test_a_difference_without_error_is_not_tested() -> None:
    file = sheet(y=[1, 2, 4, 6], z=[3, 4, 6, 8])
    asked = (Asked(Statistic.MEAN, "y"), Asked(Statistic.MEAN, "z"))
    row = answer(file, Layout(), Question(asked, contrasts=(contrast("z - y"),))).rows[-1]
    assert (row.estimate, row.se, row.p_value) == (pytest.approx(2), 0, None)


@pytest.mark.parametrize(
    ("text", "asked", "by", "told"),
    [
        ("E - X", (API00,), ("stype",), "there is no “X”; there are “E”, “H”, “M”"),
        ("api00 - sch.wide=Yes", (API00, Asked(Statistic.PROPORTION, "sch.wide", value="Yes")), (),
         "these are not figures of one kind"),
        ("E - E", (API00,), ("stype",), "its terms cancel out"),
        ("pairs", (API00,), (), "there is one figure"),
        ("a - b", (Asked(Statistic.QUANTILE, "api00", p=0.5),), (), "needs a mean, total, proportion or ratio"),
        ("", (API00,), (), "it should read A - B"),
        ("A - ", (API00,), (), "it should read A - B"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared(text: str, asked: tuple[Asked, ...], by: tuple[str, ...], told: str) -> None:
    with pytest.raises(Faults, match=told):
        found(text, asked=asked, by=by)


def test_names_may_hold_hyphens_and_be_quoted() -> None:
    assert contrast('- a-b + 2*"c - d" - .5 * e').terms == ((-1, "a-b"), (2, "c - d"), (-0.5, "e"))
    text = r_script(Path("a.csv"), Layout(), Question((API00,), contrasts=(contrast("E - H"),)), Margins())
    assert "# --contrast E - H: svycontrast()" in text
