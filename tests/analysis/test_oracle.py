"""Agreement with R `survey` 4.1 (tests/oracle/README.md) to a relative 1e-8."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from analysis.answer import Row, answer
from analysis.assembly import Layout
from analysis.intervals import Interval
from analysis.question import Asked, Question, Statistic
from tests.analysis.reference import ORACLE, api

LAYOUTS = {
    "apisrs": Layout(fpc=("fpc",)),
    "apistrat": Layout(weight="pw", stratum="stype", fpc=("fpc",)),
    "apistrat_nofpc": Layout(weight="pw", stratum="stype"),
    "apiclus1": Layout(weight="pw", clusters=("dnum",), fpc=("fpc",)),
    "apiclus1_nofpc": Layout(weight="pw", clusters=("dnum",)),
    "apiclus2": Layout(clusters=("dnum", "snum"), fpc=("fpc1", "fpc2")),
}


def expected(design: str) -> list[dict[str, str]]:
    with (ORACLE / "expected_api.csv").open() as file:
        return [row for row in csv.DictReader(file) if row["design"] == design]


def close(found: float | None, text: str, tolerance: float = 1e-8) -> None:
    if text != "NA":
        assert found == pytest.approx(float(text), rel=tolerance)


@pytest.mark.parametrize("design", LAYOUTS)
@pytest.mark.parametrize("by", ["", "stype", "sch.wide"])
def test_means_and_totals(design: str, by: str) -> None:
    rows = [row for row in expected(design) if row["statistic"] in ("mean", "total") and row["by"] == by]
    asked = {(row["statistic"], row["variable"]) for row in rows}
    question = Question(
        tuple(Asked(Statistic(kind), variable) for kind, variable in sorted(asked)), by=(by,) if by else ()
    )
    found: dict[tuple[str, str, str], Row] = {
        (row.statistic, row.variable, row.by.get(by, "")): row
        for row in answer(api(design), LAYOUTS[design], question).rows
    }
    assert len(rows) >= 6
    for row in rows:
        got = found[row["statistic"], row["variable"], row["level"]]
        close(got.estimate, row["estimate"])
        close(got.se, row["se"])
        close(got.ci_low, row["ci_low"])
        close(got.ci_high, row["ci_high"])
        close(got.deff, row["deff"])
        close(got.df, row["df"])


@pytest.mark.parametrize("design", LAYOUTS)
def test_ratio(design: str) -> None:
    (row,) = [row for row in expected(design) if row["statistic"] == "ratio"]
    (got,) = answer(
        api(design), LAYOUTS[design], Question((Asked(Statistic.RATIO, "api00", denominator="api99"),))
    ).rows
    close(got.estimate, row["estimate"])
    close(got.se, row["se"])
    close(got.ci_low, row["ci_low"])
    close(got.ci_high, row["ci_high"])


@pytest.mark.parametrize("design", LAYOUTS)
@pytest.mark.parametrize(("interval", "method"), [("t", "mean"), ("beta", "beta"), ("logit", "xlogit")])
def test_intervals_of_a_share(design: str, interval: str, method: str) -> None:
    (row,) = [row for row in expected(design) if row["method"] == method]
    question = Question((Asked(Statistic.PROPORTION, "hi", value="1"),), interval=Interval(interval))
    (got,) = answer(api(design), LAYOUTS[design], question).rows
    close(got.estimate, row["estimate"])
    close(got.ci_low, row["ci_low"])
    close(got.ci_high, row["ci_high"])


def matrix(name: str) -> np.ndarray:
    with (ORACLE / f"{name}.csv").open() as file:
        return np.array([[float(cell) for cell in row[1:]] for row in list(csv.reader(file))[1:]])


@pytest.mark.parametrize(
    ("design", "file", "variables", "by"),
    [
        ("apistrat", "apistrat_vcov_mean", ("api00", "api99", "enroll"), ()),
        ("apistrat", "apistrat_vcov_by_schwide", ("api00",), ("sch.wide",)),
        ("apiclus2", "apiclus2_vcov_by_stype", ("api00",), ("stype",)),
    ],
)
def test_covariance(design: str, file: str, variables: tuple[str, ...], by: tuple[str, ...]) -> None:
    question = Question(tuple(Asked(Statistic.MEAN, variable) for variable in variables), by=by)
    found = answer(api(design), LAYOUTS[design], question).covariance
    np.testing.assert_allclose(found, matrix(file), rtol=1e-8)
