"""All checks on a dataset, and what is said of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.quality.examined import AGAINST, Flag, examine
from survey.cli import phieu
from tests.analysis.index.conftest import build  # noqa: F401 - a fixture
from tests.analysis.quality.people import ITEMS, honest, stuffed


def rows(table: np.ndarray) -> list[dict[str, int | None]]:
    return [
        {f"i{at:02}": (None if value < 0 else int(value)) for at, value in enumerate(line)} for line in table.tolist()
    ]


@pytest.fixture
def dataset(build):  # noqa: F811
    """Six offices; in the first, 14 of 30 forms come from one hand, 3 are straight, and one has hardly an answer."""
    rng = np.random.default_rng(8)
    units = {f"so_{letter}": honest(rng, 30, 0.6) for letter in "abcd"}
    units["so_a"][:14] = stuffed(rng, 14, 0.6)
    units["so_a"][14:17] = 4
    units["so_a"][17, 9:] = -9
    few = {unit: [{"i00": 1}] * 5 for unit in units}
    return build({"nguoi_dan": {unit: rows(table) for unit, table in units.items()}, "cong_chuc": few})


def test_checks_count_what_they_flag_of_what_they_saw(dataset) -> None:
    found = examine(dataset, seed=1)

    by = {(check.flag, check.group): check for check in found.checks}
    straight = by[Flag.STRAIGHT, "nguoi_dan"]
    assert straight.by_unit["so_a"][0] >= 3 and straight.base == 120
    assert sum(number for number, _ in straight.by_unit.values()) == straight.flagged
    copied = by[Flag.COPIED, "nguoi_dan"]
    assert copied.by_unit["so_a"][0] >= 4
    assert ("copied", "so_a") in {(mark.what, mark.unit) for mark in found.marks}
    flagged = sum(by[flag, "nguoi_dan"].flagged for flag in AGAINST if (flag, "nguoi_dan") in by)
    assert len(found.flagged) == flagged, "one form a person"
    assert found.unchecked == ("cong_chuc",)


def test_what_is_published_names_no_office_but_those_that_stand_apart(dataset) -> None:
    found = examine(dataset, seed=1)

    assert all("by_unit" not in check for check in found.document(by_unit=False)["checks"])
    assert all("so_a" in check["by_unit"] for check in found.document(by_unit=True)["checks"])
    told = json.dumps(found.document(by_unit=True))
    assert "respondent" not in told.replace("respondents_flagged", "")


def test_the_command_prints_tables_and_json(dataset) -> None:
    table = CliRunner().invoke(phieu, ["quality", "--dataset", str(dataset.path)])
    assert table.exit_code == 0, table.output
    assert "nearly_straight" in table.output and "not checked, too few scale items: cong_chuc" in table.output
    assert "so_a" in table.output and "never" not in table.output.split("\n")[0]

    told = json.loads(CliRunner().invoke(phieu, ["quality", "--dataset", str(dataset.path), "--format", "json"]).stdout)
    assert told["dataset_hash"] == dataset.hash and told["unchecked"] == ["cong_chuc"]
    assert len(told["checks"]) == 6 and ITEMS == 25


def test_forms_that_were_too_fast_are_counted_of_those_whose_pace_is_known(build) -> None:  # noqa: F811
    rng = np.random.default_rng(9)
    fast = [0] * 6 + [1] * 14 + [None] * 10
    units = {
        "so_a": [{**row, "duration_band": band} for row, band in zip(rows(honest(rng, 30)), fast, strict=True)],
        "so_b": [{**row, "duration_band": 2} for row in rows(honest(rng, 30))],
    }
    few = {unit: [{"i00": 1}] * 5 for unit in units}
    found = examine(build({"nguoi_dan": units, "cong_chuc": few}), seed=1)

    (check,) = [check for check in found.checks if check.flag is Flag.FAST]
    assert (check.group, check.flagged, check.base) == ("nguoi_dan", 6, 50)
    assert check.by_unit == {"so_a": (6, 20), "so_b": (0, 30)}
    assert len(found.flagged) >= 6
