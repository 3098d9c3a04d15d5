"""The R script asks what was asked: run by R where R is there, and looked at where it is not."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from analysis.answer import answer
from analysis.assembly import Layout
from analysis.calibration import Distance
from analysis.design import Df, Lonely
from analysis.intervals import Interval
from analysis.margins import Margins
from analysis.question import Asked, Question, Statistic
from analysis.r_script import r_script
from analysis.sheet import read_sheet
from tests.analysis.reference import ORACLE

API = ORACLE / "apistrat.csv"
LAYOUT = Layout(weight="pw", stratum="stype", fpc=("fpc",))
EVERY = (
    Asked(Statistic.MEAN, "acs.k3"),
    Asked(Statistic.TOTAL, "enroll"),
    Asked(Statistic.RATIO, "api00", denominator="api99"),
    Asked(Statistic.PROPORTION, "awards", value="Yes"),
    Asked(Statistic.QUANTILE, "api00", p=0.3),
    Asked(Statistic.CHISQ, "awards", other="sch.wide"),
)


def lines(question: Question, layout: Layout = LAYOUT, margins: Margins | None = None, file: Path = API) -> list[str]:
    return r_script(file, layout, question, margins or Margins()).splitlines()


def test_the_design_and_every_statistic() -> None:
    found = lines(Question(EVERY, where=("stype", "E"), lonely=Lonely.ADJUST, level=0.9))
    assert found[1] == 'options(survey.lonely.psu = "adjust")'
    assert found[3] == "design <- svydesign(id = ~1, strata = ~`stype`, weights = ~`pw`, fpc = ~`fpc`, data = d)"
    assert found[5] == 'design <- subset(design, `stype` == "E")'
    assert "svymean(~`acs.k3`, design, na.rm = TRUE, deff = TRUE)" in found[6]
    assert "level = 0.9, df = degf(subset(whole, !is.na(`acs.k3`)))" in found[6]
    assert "degf(subset(whole, !is.na(`api00`) & !is.na(`api99`)))" in found[8]
    assert 'quantiles = 0.3, qrule = "math", alpha = 0.1' in found[10]
    assert found[11] == 'svychisq(~`awards` + `sch.wide`, design, statistic = "F", na.rm = TRUE)'


def test_domains_and_intervals_of_shares() -> None:
    found = lines(Question(EVERY, by=("sch.wide",), df=Df.DOMAIN, interval=Interval.BETA))
    assert sum("svyby(" in line for line in found) == 5
    assert any("use degf(subset(design, …)) for each" in line for line in found)
    assert sum(line.startswith("# in each domain of ~`sch.wide`") for line in found) == 2
    assert any("no counterpart" in line for line in lines(Question(EVERY, interval=Interval.WILSON)))
    assert any('method = "xlogit"' in line for line in lines(Question(EVERY, interval=Interval.LOGIT)))


@pytest.mark.parametrize(
    ("layout", "told"),
    [
        (Layout(), "svydesign(id = ~1, weights = rep(1, nrow(d)), data = d)"),
        (Layout(clusters=("a", "b"), stratum="s", nested=True, fpc=("m", "n")),
         "svydesign(id = ~`a` + `b`, strata = ~`s`, fpc = ~`m` + `n`, nest = TRUE, data = d)"),
    ],
)  # fmt: skip
def test_other_designs(layout: Layout, told: str) -> None:
    assert f"design <- {told}" in lines(Question(EVERY), layout)


def test_other_files() -> None:
    assert "read_parquet" in lines(Question(EVERY), file=Path("a.parquet"))[2]
    assert "read_excel" in lines(Question(EVERY), file=Path("a.xlsx"))[2]


TERMS = "term,total\n(Intercept),6194\nstype=H,755\nstype=M,1018\napi99,3914069\n"


@pytest.fixture
def margins(tmp_path: Path) -> dict[str, Margins]:
    for name, text in (
        ("t", TERMS),
        ("a", "level,count\nE,4421\nH,755\nM,1018\n"),
        ("b", "level,count\nNo,1072\nYes,5122\n"),
    ):
        (tmp_path / name).write_text(text, "utf-8")
    return {
        "none": Margins(),
        "poststratify": Margins(poststratify=("sch.wide", tmp_path / "b")),
        "rake": Margins(rake=(("stype", tmp_path / "a"), ("sch.wide", tmp_path / "b"))),
        "linear": Margins(totals=tmp_path / "t"),
        "logit": Margins(totals=tmp_path / "t", distance=Distance.LOGIT, bounds=(0.5, 2.0)),
    }


def test_weighting(margins: dict[str, Margins]) -> None:
    text = {name: "\n".join(lines(Question(EVERY), margins=one)) for name, one in margins.items()}
    assert "postStratify(design, ~`sch.wide`, margin)" in text["poststratify"]
    assert 'calibrate(design, list(~`stype`, ~`sch.wide`), list(margin1, margin2), calfun = "raking"' in text["rake"]
    assert 'calfun = "linear")' in text["linear"]
    assert 'calfun = "logit", bounds = c(0.5, 2), epsilon = 1e-10)' in text["logit"]
    assert "calibrate" not in text["none"]


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
@pytest.mark.parametrize("method", ["rake", "logit"])
def test_r_comes_to_the_same(method: str, margins: dict[str, Margins], tmp_path: Path) -> None:
    layout = Layout(weight="pw", stratum="stype")
    question = Question((Asked(Statistic.MEAN, "api00"),))
    (tmp_path / "s.R").write_text(
        r_script(API, layout, question, margins[method]) + 'cat("SE", SE(e), "\\n")\n', "utf-8"
    )
    command = ["Rscript", str(tmp_path / "s.R")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if "no package called" in done.stderr:
        assert os.environ.get("CI") != "true", "continuous integration installs R's survey"
        pytest.skip("R is here without survey")
    (said,) = [line for line in done.stdout.splitlines() if line.startswith("SE ")]
    (row,) = answer(read_sheet(API), layout, question, margins[method]).rows
    assert row.se == pytest.approx(float(said.split()[1]), rel=1e-6)
