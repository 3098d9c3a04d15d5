"""The R-indicator of a frozen wave, from design.parquet alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from analysis.representativity import cells_of, representativity
from forms.faults import Faults
from survey.commands.representativity import representativity as representativity_command


def test_strata_are_what_the_list_knows(build: Any, usual: Any) -> None:
    dataset = build(usual)
    told = cells_of(dataset, "nguoi_dan")
    assert list(told.labels) == ["stratum"] and (told.weight == 10).all()
    assert (told.eligible - told.answered == 2).all()
    assert told.fraction[0] == pytest.approx(told.eligible[0] / 1000)
    found = representativity(told)
    assert 0 < found.r <= 1 and found.n == told.eligible.sum()
    with pytest.raises(Faults, match="no eligible invitations"):
        cells_of(dataset, "nobody")


def test_the_command_says_it_by_group(build: Any, usual: Any) -> None:
    dataset = build(usual)
    result = CliRunner().invoke(representativity_command, ["--dataset", str(dataset.path), "--format", "json"])
    document = json.loads(result.stdout)
    assert {row["group"] for row in document["rows"]} == set(usual)
    assert all(0 < row["r"] <= 1 and row["partials"][0]["variable"] == "stratum" for row in document["rows"])
    table = CliRunner().invoke(representativity_command, ["--dataset", str(dataset.path), "--group", "nguoi_dan"])
    assert table.stdout.split("\n\n")[0].splitlines()[1].startswith("nguoi_dan")
    nobody = CliRunner().invoke(representativity_command, ["--dataset", str(dataset.path), "--group", "nobody"])
    assert "nobody: group nobody has no eligible invitations" in nobody.stderr
