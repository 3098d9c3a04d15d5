"""What must be known before a number is read travels with the rows: in every format, its codebook and its scripts."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pyreadstat
import pytest

from analysis.dataset import Dataset
from tests.survey.freeze.conftest import export, sealed_again

SHORT = "Không phải mẫu xác suất"
WEIGHT = "Quyền số dùng để ước lượng (không phải mẫu xác suất)"


@pytest.fixture
def of_nobody_drawn(dataset: Dataset) -> Dataset:
    return sealed_again(dataset.path, non_probability=True, simulated=False)


def labels(file: Path) -> dict[str, str]:
    read = pyreadstat.read_sav if file.suffix == ".sav" else pyreadstat.read_dta
    found: dict[str, str] = read(str(file), output_format="dict")[1].column_names_to_labels
    return found


def test_a_sav_says_it_in_title_notes_and_labels(of_nobody_drawn: Dataset, tmp_path: Path) -> None:
    done = export(of_nobody_drawn, "sav", tmp_path / "d.sav")

    _, told = pyreadstat.read_sav(str(tmp_path / "d.sav"), output_format="dict")
    assert told.file_label.startswith(f"{SHORT} – ")
    assert " ".join(line.strip() for line in told.notes).startswith(f"{SHORT}: không ai được chọn ngẫu nhiên")
    assert labels(tmp_path / "d.sav")["final_weight"] == WEIGHT
    assert "note: No probability sample" in done.output


def test_a_dta_says_it_in_title_labels_and_script(of_nobody_drawn: Dataset, tmp_path: Path) -> None:
    export(of_nobody_drawn, "dta", tmp_path / "d.dta", "--lang", "en")

    _, told = pyreadstat.read_dta(str(tmp_path / "d.dta"), output_format="dict")
    assert told.file_label.startswith("No probability sample – ")
    assert labels(tmp_path / "d.dta")["base_weight"] == "Base weight (no probability sample)"
    assert "\nnote: No probability sample: nobody was drawn" in (tmp_path / "d.dta.do").read_text("utf-8")


def test_codebooks_begin_with_it(of_nobody_drawn: Dataset, tmp_path: Path) -> None:
    for form in ("csv", "xlsx", "parquet"):
        export(of_nobody_drawn, form, tmp_path / f"d.{form}")

    with (tmp_path / "d.csv.codebook.csv").open(encoding="utf-8-sig") as lines:
        first, *others = csv.DictReader(lines)
    assert first["variable"] == "" and first["label"].startswith(SHORT)
    assert WEIGHT in {line["label"] for line in others}
    _, row, *_ = openpyxl.load_workbook(tmp_path / "d.xlsx")["codebook"].iter_rows(values_only=True)
    assert row[1] == first["label"]
    assert pq.read_schema(tmp_path / "d.parquet").metadata[b"note"].startswith(b"No probability sample: nobody")


@pytest.mark.parametrize("form", ["csv", "xlsx", "sav", "dta", "parquet"])
def test_r_says_it_before_anything_is_read(of_nobody_drawn: Dataset, tmp_path: Path, form: str) -> None:
    export(of_nobody_drawn, form, tmp_path / f"d.{form}")

    script = (tmp_path / f"d.{form}.R").read_text("utf-8")
    assert script.index('message("No probability sample') < script.index("d <- ")
    assert "adjustment for nonresponse" not in script and "as if those who answered had been drawn" in script


def test_nothing_is_said_of_a_sample_that_was_drawn(dataset: Dataset, tmp_path: Path) -> None:
    drawn = sealed_again(dataset.path, simulated=False)
    done = export(drawn, "sav", tmp_path / "d.sav")

    _, told = pyreadstat.read_sav(str(tmp_path / "d.sav"), output_format="dict")
    assert SHORT not in told.file_label and told.notes == []
    assert "probability" not in done.output and "message(" not in (tmp_path / "d.sav.R").read_text("utf-8")
    adjusted = "Quyền số dùng để ước lượng (đã điều chỉnh không trả lời)"
    assert labels(tmp_path / "d.sav")["final_weight"] == adjusted


def test_invented_interim_and_trial_data_say_so(dataset: Dataset, tmp_path: Path) -> None:
    export(sealed_again(dataset.path, simulated=True, interim=True, pilot=True), "sav", tmp_path / "d.sav")

    _, told = pyreadstat.read_sav(str(tmp_path / "d.sav"), output_format="dict")
    said = " ".join(line.strip() for line in told.notes)
    assert all(word in said for word in ("Số liệu mô phỏng", "Số liệu tạm thời", "Điều tra thử"))


def test_ways_of_answering_strata_and_margins_have_words(dataset: Dataset, tmp_path: Path) -> None:
    export(dataset, "csv", tmp_path / "d.csv", "--values", "labels")
    export(dataset, "sav", tmp_path / "d.sav", "--lang", "en")

    with (tmp_path / "d.csv").open(encoding="utf-8-sig") as lines:
        found = list(csv.DictReader(lines))
    assert {row["final_stratum"] for row in found} == {"tất cả / Cán bộ", "Sở A / Người dân"}
    assert {row["stratum"] for row in found} == {"tất cả", "Sở A"}
    assert {row["mode"] for row in found} <= {"quét mã QR", "đã gộp để đủ phiếu"}
    assert set(pyreadstat.read_sav(str(tmp_path / "d.sav"), output_format="dict")[1].variable_value_labels["mode"]
               .values()) <= {"QR code", "merged to hold enough"}  # fmt: skip
