"""``phieu reliability`` and ``phieu drivers`` on files that know nothing of a wave."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey.cli import phieu

ORACLE = Path(__file__).parents[1] / "oracle"
BFI = ORACLE / "bfi_A.csv"
AGREEABLE = "A1,A2,A3,A4,A5"


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(phieu, [*map(str, arguments)])
    told = str(result.exception) if isinstance(result.exception, Faults) else ""
    return result.exit_code, result.stdout, result.stderr + told


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answers of R's reference, with nothing where R writes NA."""
    file = tmp_path_factory.mktemp("bfi") / "plain.csv"
    with BFI.open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, rows[0].keys())
        writer.writeheader()
        writer.writerows({key: "" if value == "NA" else value for key, value in row.items()} for row in rows)
    return file


def test_alpha_is_what_r_psych_says(plain: Path) -> None:
    code, out, _ = run("reliability", plain, "--items", AGREEABLE, "--format", "json")
    assert code == 0
    found = json.loads(out)
    with (ORACLE / "expected_alpha.csv").open(encoding="utf-8") as file:
        wanted = next(row for row in csv.DictReader(file) if row["scale"] == "bfi_A")
    assert found["alpha"] == pytest.approx(float(wanted["alpha"]), rel=1e-10)
    assert found["standardised"] == pytest.approx(float(wanted["std_alpha"]), rel=1e-10)
    assert found["n"] == int(wanted["n"]) and found["interval"] == "feldt"
    assert found["ci_low"] < found["alpha"] < found["ci_high"] and 0.6 < found["omega"] < 0.8
    table = run("reliability", plain, "--items", AGREEABLE)
    assert "alpha 0.7038" in table[1] and "2709 complete cases" in table[1]
    rows = list(csv.DictReader(run("reliability", plain, "--items", AGREEABLE, "--format", "csv")[1].splitlines()))
    assert [row["item"] for row in rows] == AGREEABLE.split(",")


def test_two_items_have_neither_omega_nor_alpha_without_one(plain: Path) -> None:
    code, out, err = run("reliability", plain, "--items", "A1,A2")
    assert code == 0 and "omega total –" in out and "omega needs three items" in err


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hundred persons with two rows each: y goes with a, hardly with b, and not with c."""
    rng = np.random.default_rng(7)
    file = tmp_path_factory.mktemp("drivers") / "answers.csv"
    a, b, c = rng.normal(size=(3, 400))
    y = 2 * a + 0.5 * b + rng.normal(size=400)
    lines = ["person,part,w,a,b,c,y,same,word"]
    for at in range(400):
        numbers = ",".join(f"{value:.6f}" for value in (a[at], b[at], c[at], y[at]))
        lines.append(f"p{at // 2},{'nam' if at < 200 else 'bac'},{1 + at % 3},{numbers},3,chữ")
    file.write_text("\n".join(lines), "utf-8")
    return file


def test_drivers_say_what_the_outcome_was_made_of(answers: Path) -> None:
    code, out, _ = run("drivers", answers, "--outcome", "y", "--factors", "a,b,c", "--cluster", "person", "--stratum",
                       "part", "--weight", "w", "--format", "json")  # fmt: skip
    assert code == 0
    found = json.loads(out)
    shares = {row["factor"]: row["share"] for row in found["rows"]}
    assert shares["a"] > 0.85 > 0.15 > shares["b"] > shares["c"]
    assert sum(shares.values()) == pytest.approx(1)
    assert sum(row["weight"] for row in found["rows"]) == pytest.approx(found["r_squared"])
    assert all(row["ci_low"] <= row["share"] <= row["ci_high"] for row in found["rows"])
    assert "association, not cause" in found["notes"]
    again = run("drivers", answers, "--outcome", "y", "--factors", "a,b,c", "--cluster", "person", "--stratum", "part",
                "--weight", "w", "--format", "json")  # fmt: skip
    assert again[1] == out
    table = run("drivers", answers, "--outcome", "y", "--factors", "a,b,c")
    assert "R² 0.7663" in table[1] and "every row has weight 1" in table[2]
    rows = list(csv.DictReader(run("drivers", answers, "--outcome", "y", "--factors", "a,b", "--format", "csv")[1]
                               .splitlines()))  # fmt: skip
    assert [row["factor"] for row in rows] == ["a", "b"]


def test_one_cluster_has_no_interval(answers: Path, tmp_path: Path) -> None:
    lone = tmp_path / "lone.csv"
    lone.write_text(answers.read_text("utf-8").replace("person,part", "person,part", 1), "utf-8")
    code, out, err = run("drivers", lone, "--outcome", "y", "--factors", "a,b", "--cluster", "same")
    assert code == 0 and "–" in out and "there is no interval" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("reliability", "--items", "a"), "needs two items"),
        (("reliability", "--items", "a,a"), "stands there twice"),
        (("reliability", "--items", "a,same"), "every answer to same is the same"),
        (("reliability", "--items", "a,word"), "word"),
        (("reliability", "--items", "a,nowhere"), "nowhere"),
        (("reliability", "--items", "a,b", "--weight", "word"), "word"),
        (("drivers", "--outcome", "y", "--factors", "a"), "two factors"),
        (("drivers", "--outcome", "a", "--factors", "a,b"), "one of the factors too"),
        (("drivers", "--outcome", "same", "--factors", "a,b"), "the outcome"),
        (("drivers", "--outcome", "y", "--factors", "a,b,a"), "stands there twice"),
        (("drivers", "--outcome", "y", "--factors", "a,b", "--stratum", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_is_refused_by_name(answers: Path, arguments: tuple[str, ...], said: str) -> None:
    command, *rest = arguments
    code, out, err = run(command, answers, *rest)
    assert code != 0 and out == "" and said in err
