"""What analysts take away: every format says what the dataset says, with labels, weights and the design."""

from __future__ import annotations

import csv
import json
import re
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pyreadstat
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from analysis.dataset import Dataset
from analysis.export import delimited, statistical
from analysis.export import rows as exported
from analysis.weights import wave_design
from forms.faults import Faults
from forms.harmless import as_it_was, harmless
from survey import surroundings
from survey.cli import phieu
from tests.survey.freeze.conftest import export, renamed

ROWS = 21  # 5 officials about 3 offices, 6 citizens about so_a; 4 about so_b are too few


def test_csv_has_every_row_with_its_weight_and_a_codebook(dataset: Dataset, tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    done = export(dataset, "csv", file)

    assert done.exit_code == 0 and f"{ROWS} rows" in done.output and "never for publication" in done.output
    with file.open(encoding="utf-8-sig") as lines:
        found = list(csv.DictReader(lines))
    table = dataset.table()
    assert [int(row["respondent"]) for row in found] == table["respondent"].to_pylist()
    assert [row["q2"] for row in found] == [str(value) for value in table["q2"].to_pylist()]
    officials = wave_design(dataset, "can_bo")
    assert [float(row["final_weight"]) for row in found if row["group"] == "can_bo"] == officials.design.weight.tolist()
    assert {row["final_stratum"] for row in found} == {"can_bo/all", "dan/so_a"}
    with (tmp_path / "d.csv.codebook.csv").open(encoding="utf-8-sig") as lines:
        told = list(csv.DictReader(lines))
    assert {"variable": "q1", "label": "", "value": "2", "value_label": "Tốt", "missing": ""} in told
    assert {"variable": "q1", "label": "", "value": "-2", "value_label": "Không trả lời", "missing": "1"} in told
    assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.glob("d.*")} == {0o600}
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_file() and each.name.startswith((".", "d"))) == [
        "d.csv", "d.csv.R", "d.csv.codebook.csv",
    ]  # fmt: skip


def test_labels_take_the_place_of_codes_where_asked_for(dataset: Dataset, tmp_path: Path) -> None:
    export(dataset, "csv", tmp_path / "d.csv", "--values", "labels", "--lang", "en")

    with (tmp_path / "d.csv").open(encoding="utf-8-sig") as lines:
        found = list(csv.DictReader(lines))
    assert {row["q1"] for row in found} == {"Tốt"}, "what has no English is in Vietnamese"
    assert {row["unit"] for row in found} == {"Sở A", "Sở B", "Sở C"}
    assert {row["why__rude"] for row in found if row["unit"] == "so_b"} <= {"Chosen", ""}


def test_a_formula_in_a_name_is_text_everywhere(dataset: Dataset, tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://x.example","Sở A")'
    risky = renamed(dataset, evil)
    for form in ("csv", "xlsx"):
        assert export(risky, form, tmp_path / f"d.{form}", "--values", "labels").exit_code == 0

    with (tmp_path / "d.csv").open(encoding="utf-8-sig") as lines:
        assert f"'{evil}" in {row["unit"] for row in csv.DictReader(lines)}
    book = openpyxl.load_workbook(tmp_path / "d.xlsx")
    cells = [cell for row in book["data"].iter_rows() for cell in row if cell.value == evil]
    assert cells and {cell.data_type for cell in cells} == {"s"}


def test_xlsx_has_numbers_as_numbers_and_a_codebook(dataset: Dataset, tmp_path: Path) -> None:
    export(dataset, "xlsx", tmp_path / "d.xlsx")

    book = openpyxl.load_workbook(tmp_path / "d.xlsx")
    heading, *lines = book["data"].iter_rows(values_only=True)
    assert len(lines) == ROWS
    weight = [line[heading.index("final_weight")] for line in lines]
    assert all(isinstance(value, int | float) for value in weight)
    assert {line[heading.index("visits")] for line in lines} == {2}
    keys = [line[heading.index("respondent")] for line in lines]
    assert keys == [str(key) for key in dataset.table()["respondent"].to_pylist()], "a sheet's numbers have 15 digits"
    assert ("q1", "", "0", "Kém", "") in set(book["codebook"].iter_rows(values_only=True))


def test_a_sheet_that_would_be_too_long_is_refused(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "d.xlsx").write_text("of yesterday")
    monkeypatch.setattr(delimited, "MOST_ROWS", ROWS - 1)

    refused = export(dataset, "xlsx", tmp_path / "d.xlsx", "--overwrite")

    assert isinstance(refused.exception, Faults) and "export CSV or Parquet" in str(refused.exception)
    assert (tmp_path / "d.xlsx").read_text() == "of yesterday"
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_parquet_carries_labels_in_its_fields(dataset: Dataset, tmp_path: Path) -> None:
    export(dataset, "parquet", tmp_path / "d.parquet")

    table = pq.read_table(tmp_path / "d.parquet")
    field = table.schema.field("q1")
    assert table.num_rows == ROWS and field.metadata[b"label"].decode() == "Câu một"
    assert json.loads(field.metadata[b"values"])["2"] == "Tốt"
    assert table.schema.metadata[b"dataset"].decode() == dataset.hash


def test_the_command_of_the_page_estimates_from_the_file(dataset: Dataset, tmp_path: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "export.md"
    (line,) = re.findall(r"(?m)^phieu (estimate FILE\.sav .+)$", page.read_text("utf-8"))
    export(dataset, "sav", tmp_path / "d.sav")

    words = line.replace("FILE.sav", str(tmp_path / "d.sav")).replace("ITEM", "q2").split()
    done = CliRunner().invoke(phieu, [*words, "--format", "json"], catch_exceptions=False)

    rows = json.loads(done.stdout)["rows"]
    assert len(rows) == 4 and all(row["se"] is not None or row["n"] < 2 for row in rows)


@pytest.mark.parametrize("form", ["sav", "dta"])
def test_statistical_packages_get_labels_codes_and_text(dataset: Dataset, tmp_path: Path, form: str) -> None:
    done = export(dataset, form, tmp_path / f"d.{form}")

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
        script = (tmp_path / "d.dta.do").read_text("utf-8")
        assert "mvdecode q1, mv(-1=.a \\ -2=.b)" in script and "svyset psu [pweight=final_weight]" in script


@pytest.mark.parametrize(("form", "free", "warned"), [
    ("sav", 50 << 20, True), ("dta", 50 << 20, True), ("csv", 50 << 20, False), ("sav", 1 << 40, False),
    ("sav", None, False),
])  # fmt: skip
def test_a_file_that_may_not_fit_into_memory_is_warned_of_before(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, free: int | None, warned: bool
) -> None:
    monkeypatch.setattr(surroundings, "free_memory", lambda: free)
    done = export(dataset, form, tmp_path / f"d.{form}")
    assert done.exit_code == 0
    assert ("is made in memory: this one needs about 180 MB, and 50 MB are free" in done.stderr) is warned


def test_a_table_of_a_million_rows_is_reckoned_as_it_was_measured(dataset: Dataset) -> None:
    given = exported.rows(dataset, "vi")
    long = replace(given, total=1_000_000, variables=(given.variables[0],) * 60)
    assert 500 << 20 < statistical.memory(long) < 800 << 20


@pytest.mark.parametrize(("told", "free"), [
    ("MemTotal:       24000 kB\nMemAvailable:    2048 kB\n", 2 << 20), ("MemTotal: 1 kB\n", None), (None, None),
])  # fmt: skip
def test_free_memory_is_what_the_system_says(tmp_path: Path, told: str | None, free: int | None) -> None:
    if told is not None:
        (tmp_path / "meminfo").write_text(told)
    assert surroundings.free_memory(tmp_path / "meminfo") == free


def test_a_file_of_another_name_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    assert "must end in .sav" in str(export(dataset, "sav", tmp_path / "d.csv").exception)


@given(st.text(alphabet=st.sampled_from("=+-@'\t\rab"), max_size=5))
def test_harmless_text_is_read_back_as_it_was(text: str) -> None:
    made = harmless(text)

    assert as_it_was(made) == text
    assert not made.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_dataset_without_assessments_has_nothing_to_export(dataset: Dataset) -> None:
    table = dataset.table().slice(0, 0)
    pq.write_table(table, dataset.path / "assessments.parquet")

    with pytest.raises(Faults, match="no assessments"):
        exported.rows(dataset, "vi")


def test_every_format_under_one_name_keeps_its_own_script(dataset: Dataset, tmp_path: Path) -> None:
    for form in ("csv", "xlsx", "sav", "dta", "parquet"):
        assert export(dataset, form, tmp_path / f"d.{form}").exit_code == 0

    for form in ("csv", "xlsx", "sav", "dta", "parquet"):
        assert f'"d.{form}"' in (tmp_path / f"d.{form}.R").read_text("utf-8")


def test_an_export_is_not_written_over_unasked(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "d.csv.R").write_text("my edits")

    refused = export(dataset, "csv", tmp_path / "d.csv")

    assert "d.csv.R: exists already" in str(refused.exception) and not (tmp_path / "d.csv").exists()
    assert export(dataset, "csv", tmp_path / "d.csv", "--overwrite").exit_code == 0
    assert "svydesign" in (tmp_path / "d.csv.R").read_text("utf-8")
