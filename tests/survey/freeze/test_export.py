"""What analysts take away: every format says what the dataset says, with labels, weights and the design."""

from __future__ import annotations

import csv
import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from analysis.dataset import Dataset, open_dataset
from analysis.design import Design, SecondStage
from analysis.export import delimited, scripts, statistical
from analysis.export import rows as exported
from analysis.export.harmless import as_it_was, harmless
from analysis.export.statistical import DTA, SAV, names, shortened
from analysis.export.variables import Kind, Variable
from analysis.weights import WaveDesign, wave_design
from forms.faults import Faults
from survey.cli import phieu
from survey.freeze import manifest as manifests

ROWS = 21  # 5 officials about 3 offices, 6 citizens about so_a; 4 about so_b are too few


@pytest.fixture
def dataset(frozen) -> Dataset:
    return open_dataset(frozen.folder)


def run(dataset: Dataset, form: str, file: Path, *more: str):
    return CliRunner().invoke(phieu, ["export", "--dataset", str(dataset.path), "--as", form, "-o", str(file), *more])


def renamed(dataset: Dataset, name: str) -> Dataset:
    """The dataset with another name for its first office."""
    told = json.loads((dataset.path / "manifest.json").read_text("utf-8"))
    told["units"][0]["name"]["vi"] = name
    manifests.write_json(told, dataset.path / "manifest.json")
    return open_dataset(dataset.path)


def test_csv_has_every_row_with_its_weight_and_a_codebook(dataset: Dataset, tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    done = run(dataset, "csv", file)

    assert done.exit_code == 0 and f"{ROWS} rows" in done.output and "never for publication" in done.output
    with file.open(encoding="utf-8-sig") as lines:
        found = list(csv.DictReader(lines))
    table = dataset.table()
    assert [int(row["respondent"]) for row in found] == table["respondent"].to_pylist()
    assert [row["q2"] for row in found] == [str(value) for value in table["q2"].to_pylist()]
    officials = wave_design(dataset, "can_bo")
    assert [float(row["final_weight"]) for row in found if row["group"] == "can_bo"] == officials.design.weight.tolist()
    assert {row["final_stratum"] for row in found} == {"can_bo/all", "dan/so_a"}
    with (tmp_path / "d-codebook.csv").open(encoding="utf-8-sig") as lines:
        told = list(csv.DictReader(lines))
    assert {"variable": "q1", "label": "", "value": "2", "value_label": "Tốt", "missing": ""} in told
    assert {"variable": "q1", "label": "", "value": "'-2", "value_label": "Không trả lời", "missing": "1"} in told
    assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.glob("d*.*")} == {0o600}
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_file() and each.name.startswith((".", "d"))) == [
        "d-codebook.csv", "d.R", "d.csv",
    ]  # fmt: skip


def test_labels_take_the_place_of_codes_where_asked_for(dataset: Dataset, tmp_path: Path) -> None:
    run(dataset, "csv", tmp_path / "d.csv", "--values", "labels", "--lang", "en")

    with (tmp_path / "d.csv").open(encoding="utf-8-sig") as lines:
        found = list(csv.DictReader(lines))
    assert {row["q1"] for row in found} == {"Tốt"}, "what has no English is in Vietnamese"
    assert {row["unit"] for row in found} == {"Sở A", "Sở B", "Sở C"}
    assert {row["why__rude"] for row in found if row["unit"] == "so_b"} <= {"Chosen", ""}


def test_a_formula_in_a_name_is_text_everywhere(dataset: Dataset, tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://x.example","Sở A")'
    risky = renamed(dataset, evil)
    for form in ("csv", "xlsx"):
        assert run(risky, form, tmp_path / f"d.{form}", "--values", "labels").exit_code == 0

    with (tmp_path / "d.csv").open(encoding="utf-8-sig") as lines:
        assert f"'{evil}" in {row["unit"] for row in csv.DictReader(lines)}
    book = openpyxl.load_workbook(tmp_path / "d.xlsx")
    cells = [cell for row in book["data"].iter_rows() for cell in row if cell.value == evil]
    assert cells and {cell.data_type for cell in cells} == {"s"}


def test_xlsx_has_numbers_as_numbers_and_a_codebook(dataset: Dataset, tmp_path: Path) -> None:
    run(dataset, "xlsx", tmp_path / "d.xlsx")

    book = openpyxl.load_workbook(tmp_path / "d.xlsx")
    heading, *lines = book["data"].iter_rows(values_only=True)
    assert len(lines) == ROWS
    weight = [line[heading.index("final_weight")] for line in lines]
    assert all(isinstance(value, int | float) for value in weight)
    assert {line[heading.index("visits")] for line in lines} == {2}
    assert ("q1", "", "0", "Kém", "") in set(book["codebook"].iter_rows(values_only=True))


def test_a_sheet_that_would_be_too_long_is_refused(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "d.xlsx").write_text("of yesterday")
    monkeypatch.setattr(delimited, "MOST_ROWS", ROWS - 1)

    refused = run(dataset, "xlsx", tmp_path / "d.xlsx")

    assert isinstance(refused.exception, Faults) and "export CSV or Parquet" in str(refused.exception)
    assert (tmp_path / "d.xlsx").read_text() == "of yesterday"
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_parquet_carries_labels_in_its_fields(dataset: Dataset, tmp_path: Path) -> None:
    run(dataset, "parquet", tmp_path / "d.parquet")

    table = pq.read_table(tmp_path / "d.parquet")
    field = table.schema.field("q1")
    assert table.num_rows == ROWS and field.metadata[b"label"].decode() == "Câu một"
    assert json.loads(field.metadata[b"values"])["2"] == "Tốt"
    assert table.schema.metadata[b"dataset"].decode() == dataset.hash


@pytest.mark.parametrize("form", ["sav", "dta"])
def test_statistical_packages_get_labels_codes_and_text(dataset: Dataset, tmp_path: Path, form: str) -> None:
    done = run(dataset, form, tmp_path / f"d.{form}")

    assert done.exit_code == 0, done.output
    read = pyreadstat.read_sav if form == "sav" else pyreadstat.read_dta
    columns, told = read(str(tmp_path / f"d.{form}"), output_format="dict", user_missing=True)
    assert told.number_rows == ROWS
    labels = dict(zip(told.column_names, told.column_labels, strict=True))
    assert labels["q1"] == "Câu một" and labels["why__rude"] == "Vì sao? – Thiếu lịch sự"
    assert {int(key): words for key, words in told.variable_value_labels["q1"].items()} == {
        -2: "Không trả lời", -1: "Không biết hoặc không phù hợp", 0: "Kém", 1: "Vừa", 2: "Tốt",
    }  # fmt: skip
    offices = told.variable_value_labels["unit"]
    table = dataset.table()
    assert [offices[code] for code in columns["unit"]] == [
        {"so_a": "Sở A", "so_b": "Sở B", "so_c": "Sở C"}[unit] for unit in table["unit"].to_pylist()
    ]
    assert columns["respondent"] == [str(key) for key in table["respondent"].to_pylist()], "63 bits stay whole"
    assert np.allclose(columns["final_weight"], exported.rows(dataset, "vi").weight)
    if form == "sav":
        assert told.missing_ranges["q1"] == [{"lo": -1.0, "hi": -1.0}, {"lo": -2.0, "hi": -2.0}]
    else:
        script = (tmp_path / "d.do").read_text("utf-8")
        assert "mvdecode q1, mv(-1=.a \\ -2=.b)" in script and "svyset psu [pweight=final_weight]" in script


@pytest.mark.skipif(
    # Under CI=true a missing R is a failure, never a silent skip.
    shutil.which("Rscript") is None and os.environ.get("CI") != "true", reason="R is not installed"
)  # fmt: skip
def test_r_reads_it_and_declares_the_same_design(dataset: Dataset, tmp_path: Path) -> None:
    run(dataset, "csv", tmp_path / "d.csv")
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
    run(renamed(dataset, "Sở A 🙂 ế"), form, tmp_path / f"d.{form}")
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
    done = run(dataset, "parquet", tmp_path / "d.parquet", "--replicates", "400")
    assert done.exit_code == 0
    table = pq.read_table(tmp_path / "d.parquet")
    again = np.column_stack([table[f"rep_{at:04d}"].to_numpy() for at in range(1, 401)])
    weight = table["final_weight"].to_numpy()
    assert again.min() >= 0 and np.allclose(again.mean(axis=1), weight, rtol=0.25)
    assert "svrepdesign" in (tmp_path / "d.R").read_text("utf-8")
    assert np.array_equal(again, exported.rows(dataset, "vi", 400).replicates), "the same dataset, the same weights"


def test_a_sav_of_32_000_columns_with_labels_of_10_kb_and_emoji(dataset: Dataset, tmp_path: Path) -> None:
    """Every format's limit at once; another reader opens it, and every cut is said."""
    wide = 32_000 if os.environ.get("CI") == "true" else 2_000  # the library takes 20 s over the many
    label = "🙂👩‍👧é" * 700  # 10 KB and more
    many = tuple(Variable(f"cột_{at:05d}", label if at < 3 else f"n {at}", Kind.NUMBER) for at in range(wide))
    given = exported.rows(dataset, "vi")
    table = pa.table({each.name: pa.array([1.5, None], pa.float64()) for each in many})

    class Wide:
        variables, language, total = many, "vi", 2
        dataset = given.dataset

        def batches(self):
            yield from table.to_batches()

    said = statistical.write_sav(Wide(), tmp_path / "d.sav", lambda n: None)
    assert len(said) == 3 and all("its label is cut" in line for line in said)
    _, told = pyreadstat.read_sav(str(tmp_path / "d.sav"), metadataonly=True, output_format="dict")
    assert told.number_columns == wide and told.column_names[-1] == f"cột_{wide - 1:05d}"
    cut = told.column_labels[0]
    assert label.startswith(cut) and len(cut.encode()) <= 256 and not cut.endswith("\u200d")


def test_a_file_of_another_name_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    assert "must end in .sav" in str(run(dataset, "sav", tmp_path / "d.csv").exception)


@given(st.text(alphabet=st.sampled_from("=+-@'\t\rab"), max_size=5))
def test_harmless_text_is_read_back_as_it_was(text: str) -> None:
    made = harmless(text)

    assert as_it_was(made) == text
    assert not made.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.text(alphabet=st.sampled_from("aạếê̆🙂\u0303"), max_size=30), st.integers(0, 24), st.booleans())
def test_labels_are_cut_between_letters(text: str, most: int, bytes_: bool) -> None:
    length = statistical.utf8 if bytes_ else len
    cut = shortened(text, most, length)

    assert text.startswith(cut) and length(cut) <= most
    assert cut == text or not statistical.unicodedata.combining(text[len(cut)]) or not cut


def test_long_names_and_labels_are_cut_and_said(dataset: Dataset) -> None:
    long = [Variable(f"{'a' * 40}_{number}", "n" * 300, Kind.CODE, {0: "v" * 200}) for number in range(3)]

    short = names(long, DTA)
    assert list(short.values()) == ["a" * 32, f"{'a' * 30}_2", f"{'a' * 30}_3"]
    assert names(long, SAV)[long[0].name] == long[0].name
    said: list[str] = []
    assert len(statistical._label(long[0], SAV, said) or "") == 256
    assert len(statistical._cut("x", long[0].values, SAV, said)[0]) == 120
    assert said == [
        f"{long[0].name}: its label is cut (SPSS takes 256 bytes)",
        "x: labels of 0 are cut (SPSS takes 120 bytes)",
    ]


def test_more_variables_than_a_format_takes_are_refused(dataset: Dataset, tmp_path: Path) -> None:
    given_rows = exported.rows(dataset, "vi")
    few = statistical.Limits("SPSS", statistical.utf8, 64, 256, 120, 64, 3)

    with pytest.raises(Faults, match="more than SPSS takes"):
        statistical._labelled(given_rows, few, lambda n: None)


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


def test_a_dataset_without_assessments_has_nothing_to_export(dataset: Dataset) -> None:
    table = dataset.table().slice(0, 0)
    pq.write_table(table, dataset.path / "assessments.parquet")

    with pytest.raises(Faults, match="no assessments"):
        exported.rows(dataset, "vi")
