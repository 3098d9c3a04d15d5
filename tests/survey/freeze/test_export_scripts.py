"""The scripts beside exported data: they read it, take out what is no answer, and declare the report's design."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from analysis.dataset import Dataset
from analysis.design import Design, SecondStage
from analysis.export import rows as exported
from analysis.export import scripts
from analysis.export.statistical import DTA, names
from analysis.weights import WaveDesign, wave_design
from tests.survey.freeze.conftest import export, renamed


@pytest.mark.skipif(
    # Under CI=true a missing R is a failure, never a silent skip.
    shutil.which("Rscript") is None and os.environ.get("CI") != "true", reason="R is not installed"
)  # fmt: skip
def test_r_reads_it_and_declares_the_same_design(dataset: Dataset, tmp_path: Path) -> None:
    export(dataset, "csv", tmp_path / "d.csv")
    ask = (
        'source("d.R"); cat(as.numeric(svymean(~q2, subset(design, unit == "so_b" & group == "can_bo"))), degf(design))'
    )

    said = subprocess.run(  # noqa: S603 - R of this machine, a script written here
        ["Rscript", "-e", f"suppressMessages({{{ask}}})"],  # noqa: S607
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.returncode == 0, said.stderr
    mean, df = map(float, said.stdout.split())
    about = [row["q2"] for row in dataset.table().to_pylist() if (row["unit"], row["group"]) == ("so_b", "can_bo")]
    assert (mean, df) == (pytest.approx(sum(about) / len(about)), 9)


@pytest.mark.skipif(
    shutil.which("Rscript") is None and os.environ.get("CI") != "true", reason="R is not installed"
)  # fmt: skip
@pytest.mark.parametrize("form", ["sav", "dta"])
def test_r_opens_labels_intact(dataset: Dataset, tmp_path: Path, form: str) -> None:
    """By haven, and .sav by foreign, which share no code with what wrote the file."""
    export(renamed(dataset, "Sở A 🙂 ế"), form, tmp_path / f"d.{form}")
    foreign = 'if (nzchar(Sys.getenv("CI")) || requireNamespace("foreign", quietly = TRUE)) {'
    foreign += (
        'f <- foreign::read.spss("d.sav", use.value.labels = FALSE, reencode = "UTF-8"); stopifnot(nrow(f) == 21) }'
    )
    ask = (
        f'd <- haven::read_{form}("d.{form}"); x <- attr(d$unit, "labels"); y <- attr(d$q1, "labels");'
        'cat(nrow(d), attr(d$q1, "label"), names(x)[1], names(y)[y == 2], sep = "|");'
        + (foreign if form == "sav" else "")
    )
    said = subprocess.run(  # noqa: S603 - R of this machine, a script written here
        ["Rscript", "-e", f"Sys.setlocale('LC_ALL', 'C.UTF-8'); suppressMessages(suppressWarnings({{{ask}}}))"],  # noqa: S607
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "there is no package called" in said.stderr and os.environ.get("CI") != "true":
        pytest.skip("haven is not installed")
    assert said.returncode == 0, said.stderr
    assert said.stdout.endswith("21|Câu một|Sở A 🙂 ế|Tốt")


def test_replicate_weights_give_the_design_s_error(dataset: Dataset, tmp_path: Path) -> None:
    done = export(dataset, "parquet", tmp_path / "d.parquet", "--replicates", "400")
    assert done.exit_code == 0
    table = pq.read_table(tmp_path / "d.parquet")
    again = np.column_stack([table[f"rep_{at:04d}"].to_numpy() for at in range(1, 401)])
    weight = table["final_weight"].to_numpy()
    assert again.min() >= 0 and np.allclose(again.mean(axis=1), weight, rtol=0.25)
    assert "svrepdesign" in (tmp_path / "d.R").read_text("utf-8")
    assert np.array_equal(again, exported.rows(dataset, "vi", 400).replicates), "the same dataset, the same weights"


def test_two_stages_have_both_fractions(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def staged(given_dataset: Dataset, group: str, columns=None) -> WaveDesign:
        found = wave_design(given_dataset, group, columns)
        if group != "dan":
            return found
        d = found.design
        second = SecondStage(np.arange(d.n), np.full(int(d.psu.max()) + 1, 0.25))
        changed = Design(d.stratum, d.psu, d.weight, d.fraction, d.strata, second)
        return WaveDesign(found.table, changed, found.base, found.factor, found.steps, found.kish, found.notes)

    monkeypatch.setattr(exported, "wave_design", staged)
    given_rows = exported.rows(dataset, "vi")

    assert given_rows.fpc2 is not None and sorted(set(given_rows.fpc2.tolist())) == [0.25, 1.0]
    assert [each.name for each in given_rows.variables][-1] == "fpc2"
    assert next(given_rows.batches()).column("fpc2").to_numpy().min() == 0.25
    assert "ids = ~psu + respondent" in scripts.r_script(given_rows, tmp_path / "d.csv")
    called = names(given_rows.variables, DTA)
    assert "|| respondent, fpc(fpc2)" in scripts.stata_script(given_rows, tmp_path / "d.dta", called)


def test_stata_takes_out_only_what_is_no_answer(dataset: Dataset, tmp_path: Path) -> None:
    """A pace has codes and none for no answer."""
    assert export(dataset, "dta", tmp_path / "d.dta").exit_code == 0

    script = (tmp_path / "d.do").read_text("utf-8")
    assert "mvdecode q1, mv(-1=.a \\ -2=.b)" in script and "duration_band" not in script
