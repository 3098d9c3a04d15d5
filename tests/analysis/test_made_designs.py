"""Agreement with R on made-up samples with zeros, gaps, lonely strata and second stages (tests/oracle/made)."""

from __future__ import annotations

import csv
from itertools import groupby
from pathlib import Path

import pytest

from analysis.answer import answer
from analysis.assembly import Layout
from analysis.design import Df, Lonely
from analysis.question import Asked, Question, Statistic
from analysis.sheet import read_sheet

MADE = Path(__file__).parents[1] / "oracle" / "made"
LAYOUTS = {
    ("made", "elements"): Layout(weight="w", stratum="st", fpc=("N",)),
    ("made", "clusters"): Layout(weight="w", stratum="st", clusters=("cl",), nested=True, fpc=("Nc",)),
    ("made", "fractions"): Layout(stratum="st", fpc=("frac",)),
    ("lone", "elements"): Layout(weight="w", stratum="st", fpc=("N",)),
    ("two", "stages"): Layout(weight="w", stratum="st", clusters=("psu", "ssu"), fpc=("N1", "N2")),
    ("two", "no_fpc"): Layout(weight="w", stratum="st", clusters=("psu", "ssu")),
}


def sets() -> list[tuple[tuple[str, str, str], list[dict[str, str]]]]:
    with (MADE / "expected.csv").open() as file:
        rows = list(csv.DictReader(file))
    return [(key, list(part)) for key, part in groupby(rows, lambda row: (row["file"], row["design"], row["lonely"]))]


@pytest.mark.parametrize(("key", "rows"), sets(), ids=lambda value: "-".join(value) if isinstance(value, tuple) else "")
@pytest.mark.parametrize("df", list(Df))
def test_agrees_with_r(key: tuple[str, str, str], rows: list[dict[str, str]], df: Df) -> None:
    file, design, lonely = key
    sheet = read_sheet(MADE / f"{file}.csv")
    seen = 0
    for by in ("", "dom" if file == "made" else "d"):
        wanted = [row for row in rows if row["by"] == by]
        asked = []
        for row in wanted:
            above, _, below = row["variable"].partition("/")
            asked.append(Asked(Statistic(row["statistic"]), above, denominator=below or None))
        question = Question(tuple(dict.fromkeys(asked)), by=(by,) if by else (), lonely=Lonely(lonely), df=df)
        found = {
            (row.statistic, row.variable, row.by.get(by, "")): row
            for row in answer(sheet, LAYOUTS[file, design], question).rows
        }
        for row in wanted:
            got = found[row["statistic"], row["variable"], row["level"]]
            assert got.estimate == pytest.approx(float(row["estimate"]), rel=1e-12)
            assert got.se == pytest.approx(float(row["se"]), rel=1e-8)
            assert got.deff == pytest.approx(float(row["deff"]), rel=1e-8)
            if df is Df.DOMAIN or not by:  # R takes the degrees of freedom of the subset
                assert got.df == int(row["df"])
            seen += 1
    assert seen == len(rows) >= 7
