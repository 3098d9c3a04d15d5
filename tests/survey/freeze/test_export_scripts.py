"""The scripts beside exported data: they read it, take out what is no answer, and declare the report's design."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from analysis.dataset import Dataset, open_dataset
from analysis.design import Design, SecondStage
from analysis.export import rows as exported
from analysis.export import scripts
from analysis.export.statistical import DTA, names
from analysis.weights import WaveDesign, wave_design
from survey.freeze import manifest as manifests
from tests.survey.freeze.conftest import called, export, renamed, sealed_again
from tests.survey.small_dataset import make_dataset


@pytest.fixture
def r(tmp_path: Path) -> Callable[..., str]:
    """R in the folder of the test: what it prints. In a locale of ASCII, unless told otherwise."""

    def run(ask: str, locale: str = "C") -> str:
        if shutil.which("Rscript") is None and os.environ.get("CI") != "true":
            # Under CI=true a missing R is a failure, never a silent skip.
            pytest.skip("R is not installed")
        said = subprocess.run(  # noqa: S603 - R of this machine, a script written here
            ["Rscript", "-e", f"suppressMessages({{{ask}}})"],  # noqa: S607
            cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": locale},
        )  # fmt: skip
        if "there is no package called" in said.stderr and os.environ.get("CI") != "true":
            pytest.skip("a package of R is not installed")
        assert said.returncode == 0, said.stderr
        assert "Warning" not in said.stderr, said.stderr
        return said.stdout

    return run


def test_r_reads_it_and_declares_the_same_design(dataset: Dataset, tmp_path: Path, r: Callable[..., str]) -> None:
    export(dataset, "csv", tmp_path / "d.csv")

    said = r(
        'source("d.csv.R"); there <- subset(design, unit == "so_b" & group == "can_bo")\n'
        "cat(as.numeric(svymean(~q2, there)), degf(design), paste(d$respondent))"
    )

    mean, df, *keys = said.split()
    about = [row["q2"] for row in dataset.table().to_pylist() if (row["unit"], row["group"]) == ("so_b", "can_bo")]
    assert (float(mean), float(df)) == (pytest.approx(sum(about) / len(about)), 9)
    assert keys == [str(key) for key in dataset.table()["respondent"].to_pylist()], "63 bits stay whole"


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_r_makes_factors_of_words(dataset: Dataset, tmp_path: Path, r: Callable[..., str], locale: str) -> None:
    """Words in place of codes: every answer is there, in the order of its codes, and none where there was none."""
    items = ("q1", "q2", "why__rude", "duration_band")
    export(renamed(dataset, "Sở A 🙂 ế"), "csv", tmp_path / "d.csv", "--values", "labels")

    said = r(
        'source("d.csv.R"); stopifnot(nrow(d) == 21)\n'
        f'for (item in c({", ".join(map(repr, items))})) cat(item, as.integer(d[[item]]) - 1L, "\\n")\n'
        'cat("levels", nlevels(d$q1), class(d$visits), utf8ToInt(substring(d$unit[1], 1, 2)))',
        locale,
    )

    found = {name: values for name, *values in (line.split() for line in said.splitlines())}
    for item in items:
        codes = dataset.table()[item].to_pylist()
        assert found[item] == ["NA" if code is None or code < 0 else str(code) for code in codes]
    assert found["levels"] == ["3", "integer", str(ord("S")), str(ord("ở"))], "a name is its own letters everywhere"


def test_r_stops_at_words_that_are_not_the_codebook_s(dataset: Dataset, tmp_path: Path, r: Callable[..., str]) -> None:
    export(dataset, "csv", tmp_path / "d.csv", "--values", "labels")
    file = tmp_path / "d.csv"
    file.write_text(file.read_text("utf-8").replace("Tốt", "Tot"), "utf-8")

    said = r('cat(conditionMessage(tryCatch(source("d.csv.R"), error = identity)))')

    assert said == "q1 holds words that are not in the codebook: Tot"


@pytest.mark.parametrize("form", ["sav", "dta"])
def test_r_runs_the_script_of_a_package_s_file(
    dataset: Dataset, tmp_path: Path, r: Callable[..., str], form: str
) -> None:
    """Names that the format cut or reserves are called so in the script, too."""
    other = called(dataset, {"q1": "with" if form == "dta" else "to", "why": "vi_sao_" * 5, "q2": "fpc"})
    done = export(other, form, tmp_path / f"d.{form}")
    assert done.exit_code == 0 and "fpc is called fpc_1" in done.output, done.output

    said = r(f'source("d.{form}.R"); cat(sum(!is.na(d[answers])), class(d$respondent), degf(design))')

    answers = [each["name"] for each in other.codebook["columns"] if "item" in each and each["type"] == "int8"]
    given = sum(code is not None and code >= 0 for name in answers for code in other.table()[name].to_pylist())
    assert said.split() == [str(given), "character", "9"]


@pytest.mark.parametrize("lonely", ["adjust", "certainty", "average", "fail"])
def test_lone_units_are_treated_as_the_wave_says(dataset: Dataset, tmp_path: Path, lonely: str) -> None:
    estimation = {**dataset.manifest["estimation"], "lonely": lonely}

    export(sealed_again(dataset.path, estimation=estimation), "dta", tmp_path / "d.dta")

    assert f'survey.lonely.psu = "{lonely}"' in (tmp_path / "d.dta.R").read_text("utf-8")
    single = {"adjust": "centered", "certainty": "certainty", "average": "scaled", "fail": "missing"}[lonely]
    assert f"singleunit({single})" in (tmp_path / "d.dta.do").read_text("utf-8")


def test_a_script_names_the_packages_that_it_needs(dataset: Dataset, tmp_path: Path) -> None:
    for form, package in (("xlsx", "readxl"), ("parquet", "arrow"), ("sav", "haven")):
        export(dataset, form, tmp_path / f"d.{form}")
        assert f'install.packages(c("survey", "{package}"))' in (tmp_path / f"d.{form}.R").read_text("utf-8")


@pytest.mark.parametrize("form", ["sav", "dta"])
def test_r_opens_labels_intact(dataset: Dataset, tmp_path: Path, r: Callable[..., str], form: str) -> None:
    """By haven, and .sav by foreign, which share no code with what wrote the file."""
    export(renamed(dataset, "Sở A 🙂 ế"), form, tmp_path / f"d.{form}")
    foreign = 'if (nzchar(Sys.getenv("CI")) || requireNamespace("foreign", quietly = TRUE)) { suppressWarnings('
    foreign += 'f <- foreign::read.spss("d.sav", use.value.labels = FALSE, reencode = "UTF-8"));'
    foreign += "stopifnot(nrow(f) == 21) }"

    said = r(
        f'd <- haven::read_{form}("d.{form}"); x <- attr(d$unit, "labels"); y <- attr(d$q1, "labels");'
        'cat(nrow(d), attr(d$q1, "label"), names(x)[1], names(y)[y == 2], sep = "|");'
        + (foreign if form == "sav" else ""),
        "C.UTF-8",
    )

    assert said.endswith("21|Câu một|Sở A 🙂 ế|Tốt")


def test_replicate_weights_give_the_design_s_error(tmp_path: Path, r: Callable[..., str]) -> None:
    """By mean squares here and by R, which has the design's own beside them."""
    folder = make_dataset(tmp_path / "dataset")
    book = json.loads((folder / "codebook.json").read_text("utf-8"))
    types = {"respondent": "int64", "psu": "int32", "base_weight": "float64"}
    names_ = open_dataset(folder).columns
    book["columns"] = [{"name": name, "type": types.get(name, "dictionary")} for name in names_[:-1]]
    book["columns"].append({"name": "access_1", "type": "int8", "item": "access_1"})
    manifests.write_json({**book, "codes": {"na": -1, "declined": -2}}, folder / "codebook.json")
    dataset = sealed_again(folder)
    assert export(dataset, "csv", tmp_path / "d.csv", "--replicates", "800").exit_code == 0

    given = exported.rows(dataset, "vi", 800)
    x = dataset.table()["access_1"].to_numpy()
    means = given.replicates.T @ x / given.replicates.sum(axis=0)
    error = float(np.sqrt(np.mean((means - given.weight @ x / given.weight.sum()) ** 2)))
    said = r('source("d.csv.R"); cat(SE(svymean(~access_1, replicated)), SE(svymean(~access_1, design)))')
    by_replicates, by_design = map(float, said.split())

    assert given.replicates.min() >= 0
    assert error == pytest.approx(by_replicates, rel=1e-5)
    assert error == pytest.approx(by_design, rel=0.12), "800 draws: 2.5 % of chance"


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

    script = (tmp_path / "d.dta.do").read_text("utf-8")
    assert "mvdecode q1, mv(-1=.a \\ -2=.b)" in script and "duration_band" not in script
