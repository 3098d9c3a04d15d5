"""The bootstrap of the whole chain agrees with the linearised standard errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.replicate_check import KindCheck, replicate_check
from forms.framework import Framework
from survey.commands.replicate_check import replicate_check as command
from tests.analysis.index.conftest import FRAMEWORK


def test_both_standard_errors_agree(build: Any, usual: Any, small: Framework) -> None:
    dataset = build(usual)
    (found,) = replicate_check(dataset, small, draws=600, seed=3)
    assert found.units == ("so_a", "so_b", "so_c", "so_d") and (found.linearised > 0).all()
    assert found.replicate == pytest.approx(found.linearised, rel=0.15)
    assert found.ratio == pytest.approx(1, abs=0.1)
    (again,) = replicate_check(dataset, small, draws=600, seed=3)
    assert (again.replicate == found.replicate).all()


def test_a_fully_answered_census_varies_in_neither(build: Any, usual: Any, small: Framework) -> None:
    (found,) = replicate_check(build(usual, population=20), small, draws=50)
    citizens = found.replicate
    assert (citizens < 0.9 * replicate_check(build(usual, name="many"), small, draws=50)[0].replicate).all()


def test_a_kind_without_variation_has_no_ratio() -> None:
    assert np.isnan(KindCheck("k", ("a",), np.array([0.0]), np.array([0.0]), 10).ratio)


def test_the_command(build: Any, usual: Any, tmp_path: Path) -> None:
    dataset = build(usual)
    (tmp_path / "f.toml").write_text(FRAMEWORK, "utf-8")
    asked = ["--dataset", str(dataset.path), "--framework", str(tmp_path / "f.toml"), "--draws", "20"]
    table = CliRunner().invoke(command, asked)
    assert table.exit_code == 0, table.exception
    assert table.stdout.splitlines()[0].split() == ["department", "linearised", "se", "replicate", "se"]
    assert "median of replicate / linearised" in table.stdout
    document = json.loads(CliRunner().invoke(command, [*asked, "--format", "json"]).stdout)
    assert [row["unit"] for row in document["rows"]] == ["so_a", "so_b", "so_c", "so_d"]
