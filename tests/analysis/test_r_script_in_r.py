"""Scripts of ``--r-script`` run by R itself: every figure that R prints is the one that we print."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from analysis.answer import answer
from analysis.assembly import Layout
from analysis.calibration import Distance
from analysis.design import Lonely
from analysis.intervals import Interval
from analysis.margins import Margins
from analysis.question import Asked, Question, Statistic
from analysis.r_script import r_script
from analysis.sheet import read_sheet
from tests.analysis.reference import ORACLE

# Under CI=true a missing R is a failure, never a silent skip.
pytestmark = pytest.mark.skipif(
    shutil.which("Rscript") is None and os.environ.get("CI") != "true", reason="R is not installed"
)
# What a person reads is written so that a test can: estimates, standard errors, then limits.
PRELUDE = r"""
suppressMessages(library(survey))
say <- function(kind, v) cat(kind, format(unlist(v, use.names = FALSE), digits = 17), "\n")
print <- function(x, ...) {
  if (inherits(x, "htest")) say("H", c(x$statistic, x$p.value, x$parameter))
  else if (inherits(x, "newsvyquantile")) { say("E", coef(x)); say("S", SE(x)); say("L", confint(x)) }
  else if (is.numeric(x) && is.null(dim(x)) && is.null(attr(x, "var"))) say("C", x)
  else if (is.matrix(x) && ncol(x) == 2) say("L", x)
  else if (inherits(x, "svyby") && any(grepl("^se", names(x)))) { say("E", coef(x)); say("S", SE(x)) }
  else { say("E", coef(x)); say("S", SE(x)) }
}
"""
LINEAR = (
    Asked(Statistic.MEAN, "api00"),
    Asked(Statistic.TOTAL, "enroll"),
    Asked(Statistic.RATIO, "api00", denominator="api99"),
    Asked(Statistic.PROPORTION, "sch.wide", value="Yes"),
)
QUANTILES = (Asked(Statistic.QUANTILE, "api00", p=0.5), Asked(Statistic.QUANTILE, "api00", p=0.25))
STRATA = Layout(weight="pw", stratum="stype", fpc=("fpc",))
CLUSTERS = Layout(weight="pw", clusters=("dnum",), fpc=("fpc",))
STAGES = Layout(clusters=("dnum", "snum"), fpc=("fpc1", "fpc2"))


@dataclass(frozen=True)
class Case:
    """A file, its design, what is asked, and totals to calibrate to: columns of ``counts`` or ``terms``."""

    name: str
    file: str
    layout: Layout
    question: Question
    margins: Margins = field(default_factory=Margins)


def cases(folder: Path) -> list[Case]:
    counts = {"stype": "level,count\nE,4421\nH,755\nM,1018\n", "sch.wide": "level,count\nNo,1072\nYes,5122\n"}
    for name, text in counts.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "terms").write_text("term,total\n(Intercept),6194\nstype=H,755\nstype=M,1018\napi99,3914069\n", "utf-8")
    schools, wide = ("stype", folder / "stype"), ("sch.wide", folder / "sch.wide")
    terms = Margins(totals=folder / "terms")
    plain, by = Question(LINEAR + QUANTILES), Question(LINEAR + QUANTILES, by=("stype",))
    loose = Layout(weight="pw", stratum="stype")
    return [
        Case("srs", "apisrs", Layout(fpc=("fpc",)), plain),
        Case("strata", "apistrat", STRATA, plain),
        Case("strata by", "apistrat", STRATA, Question(LINEAR, by=("stype",))),
        Case("strata where", "apistrat", STRATA, Question(LINEAR + QUANTILES, where=("stype", "E"))),
        Case("level", "apistrat", STRATA, Question(LINEAR + QUANTILES, level=0.8)),
        Case("chisq", "apistrat", STRATA, Question((Asked(Statistic.CHISQ, "awards", other="sch.wide"),))),
        Case("clusters", "apiclus1", CLUSTERS, plain),
        Case("clusters by", "apiclus1", CLUSTERS, by),
        Case("stages", "apiclus2", STAGES, plain),
        Case("stages by", "apiclus2", STAGES, Question(LINEAR, by=("stype",))),
        Case("stages adjust", "apiclus2", STAGES, replace(plain, lonely=Lonely.ADJUST)),
        Case("poststratify", "apistrat", loose, plain, Margins(poststratify=wide)),
        Case("rake", "apiclus1", CLUSTERS, Question(LINEAR), Margins(rake=(schools, wide))),
        Case("linear", "apiclus1", CLUSTERS, Question(LINEAR, by=("stype",)), terms),
        Case("raking", "apistrat", loose, Question(LINEAR), replace(terms, distance=Distance.RAKING)),
        Case("logit", "apistrat", loose, Question(LINEAR), replace(terms, distance=Distance.LOGIT, bounds=(0.5, 2.0))),
        Case("beta", "apistrat", STRATA, Question(LINEAR[3:], interval=Interval.BETA)),
        Case("logit interval", "apiclus1", CLUSTERS, Question(LINEAR[3:], interval=Interval.LOGIT)),
    ]


Told = list[tuple[str, list[float]]]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Case, Told]]:
    """Every case in one R: starting it takes longer than what it is asked."""
    folder = tmp_path_factory.mktemp("r")
    whole, everyone = PRELUDE, cases(folder)
    for at, case in enumerate(everyone):
        text = r_script(ORACLE / f"{case.file}.csv", case.layout, case.question, case.margins)
        text = re.sub(r"^(svychisq\(.*\))$", r"print(\1)", text, flags=re.M)
        (folder / f"{at}.R").write_text(text, "utf-8")
        whole += f'cat("CASE {at}\\n"); source("{folder / f"{at}.R"}", local = new.env())\n'
    (folder / "whole.R").write_text(whole, "utf-8")
    command = ["Rscript", str(folder / "whole.R")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, tuple[Case, Told]] = {}
    for line in done.stdout.splitlines():
        kind, *rest = line.split()
        if kind == "CASE":
            case = everyone[int(rest[0])]
            found[case.name] = case, []
        elif kind in "ESLHC":
            found[case.name][1].append((kind, [float(each) for each in rest]))
    return found


def ours(case: Case) -> Iterator[tuple[str, list[float]]]:
    """The same figures in the order in which R says them."""
    rows = answer(read_sheet(ORACLE / f"{case.file}.csv"), case.layout, case.question, case.margins).rows
    for asked in case.question.asked:
        mine = [row for row in rows if (row.statistic, row.variable, row.value, row.p) == _key(asked)]
        mine.sort(key=lambda row: sorted(row.by.items()))
        if asked.statistic is Statistic.CHISQ:
            for row in mine:
                yield "H", [float(each) for each in (row.estimate, row.p_value, row.ndf, row.df)]  # type: ignore[arg-type]
            continue
        yield "E", [_said(row.estimate) for row in mine]
        yield "S", [_said(row.se) for row in mine]
        if asked.statistic is Statistic.QUANTILE and case.question.by:
            continue  # R's svyby leaves their limits to whoever asks domain by domain
        yield (
            "L" if case.question.interval is Interval.T else "C",
            [_said(limit) for side in ("ci_low", "ci_high") for limit in (getattr(row, side) for row in mine)],
        )


def _said(value: float | None) -> float:
    """What cannot be said is no number in R."""
    return math.nan if value is None else value


def _key(asked: Asked) -> tuple[object, ...]:
    variable = {
        Statistic.RATIO: f"{asked.column}/{asked.denominator}",
        Statistic.CHISQ: f"{asked.column},{asked.other}",
    }
    return asked.statistic, variable.get(asked.statistic, asked.column), asked.value, asked.p


@pytest.mark.parametrize("name", [case.name for case in cases(Path("/dev/shm"))])  # noqa: S108
def test_r_says_the_same(name: str, said: dict[str, tuple[Case, Told]]) -> None:
    case, theirs = said[name]
    if case.question.interval is not Interval.T:
        theirs = [told for told in theirs if told[0] != "L"]  # its t limits, said before those that were asked for
    mine = list(ours(case))
    assert [kind for kind, _ in theirs] == [kind for kind, _ in mine]
    for (kind, wanted), (_, found) in zip(theirs, mine, strict=True):
        assert found == pytest.approx(
            wanted, rel=1e-6 if case.question.interval is not Interval.T else 1e-8, nan_ok=True
        ), kind
