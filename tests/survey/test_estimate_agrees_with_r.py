"""``phieu estimate`` against R on small designs of every kind (tests/oracle/made/designs, made by its make.R)."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from survey.commands.estimate import estimate

DESIGNS = Path(__file__).parents[1] / "oracle" / "made" / "designs"
CASES: list[dict[str, Any]] = json.loads((DESIGNS / "cases.json").read_text("utf-8"))
ASKED = ("--mean", "y", "--total", "y", "--ratio", "y/x", "--proportion", "b=Yes", "--chisq", "a,b",
         *(part for p in (0.25, 0.5, 0.9) for part in ("--quantile", f"y={p}")))  # fmt: skip
FIGURES = {
    "beta": ("ci_low", "ci_high"),
    "xlogit": ("ci_low", "ci_high"),
    "chisq": ("p_value", "ndf", "df"),
    "quantile": ("se", "ci_low", "ci_high", "df"),
}
# Where R says something of which a figure is, under another name.
NAMES = {"chisq": {"p_value": "se", "ndf": "low"}}


def expected(name: str) -> dict[tuple[str, str], dict[str, str]]:
    with (DESIGNS / "expected.csv").open() as file:
        return {(row["statistic"], row["dom"]): row for row in csv.DictReader(file) if row["file"] == name}


def document(case: dict[str, Any], *more: str) -> dict[str, Any]:
    result = CliRunner().invoke(
        estimate, [f"{case['file']}.csv", *case["arguments"], *ASKED, *more, "--format", "json"]
    )
    assert result.exit_code == 0, result.exception
    found: dict[str, Any] = json.loads(result.stdout)
    for row in found["rows"]:
        row.update(dict.fromkeys(case.get("untold", ())))  # what R counts otherwise; its script says why
    return found


def number(text: str) -> float | None:
    value = float("nan") if text == "NA" else float(text)
    return value if math.isfinite(value) else None


def agree(row: dict[str, Any], said: dict[str, str], kind: str) -> None:
    """Every figure that both have; where nothing varies R says 0 and we say nothing."""
    if float(said["estimate"]) > 1e20:  # a test of what the weights were made to meet: a division by rounding
        assert row["estimate"] is None
        return
    assert row["estimate"] == pytest.approx(float(said["estimate"]), rel=1e-8)
    flat = (number(said["se"]) or 0.0) <= 1e-10 * abs(float(said["estimate"]))
    if flat and kind not in ("beta", "xlogit", "chisq"):
        return
    for figure in FIGURES.get(kind, ("se", "ci_low", "ci_high", "df", "deff")):
        theirs = number(said[NAMES.get(kind, {}).get(figure, figure.removeprefix("ci_"))])
        if figure == "deff" and (theirs or 0.0) < 0:
            theirs = None  # more rows than the weights sum to
        if theirs is None:
            assert row[figure] is None, (kind, figure)
        else:
            assert row[figure] == pytest.approx(theirs, rel=1e-6 if kind in ("beta", "xlogit") else 1e-8), figure


def kind_of(row: dict[str, Any]) -> str:
    return f"quantile {row['p']:g}" if row["statistic"] == "quantile" else str(row["statistic"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_agrees_with_r(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DESIGNS)
    wanted, seen = expected(case["file"]), 0
    for row in document(case)["rows"]:
        if said := wanted.get((kind_of(row), "")):
            agree(row, said, row["statistic"])
            seen += 1
    by_domain = document(case, "--by", "dom", "--covariance")
    for row in by_domain["rows"]:
        if (said := wanted.get((kind_of(row), row["by"]["dom"]))) and said["estimate"] != "NaN":
            agree(row, said, row["statistic"])
            seen += 1
    means = [row["by"]["dom"] for row in by_domain["rows"] if row["statistic"] == "mean"]
    for (kind, pair), said in wanted.items():
        # Under “average” R scales covariances by other strata than the variances of the same domains: no matrix of one.
        if kind == "covariance" and case["lonely"] != "average":
            one, other = (means.index(dom) for dom in pair.split("/"))
            assert by_domain["covariance"][one][other] == pytest.approx(float(said["estimate"]), rel=1e-8, abs=1e-12)
    for interval, method in (("beta", "beta"), ("logit", "xlogit")):
        said = wanted[method, ""]
        if case["calibration"] == "rake" or number(said["high"]) is None:
            continue  # the share is a margin that the weights meet: no error is left
        (row,) = [row for row in document(case, "--ci", interval)["rows"] if row["statistic"] == "proportion"]
        agree(row, said, method)
    assert seen >= 16
