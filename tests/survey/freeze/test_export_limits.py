"""What a format cannot hold is refused or made to fit, and named: long labels, many columns, letters with marks."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.dataset import Dataset
from analysis.export import rows as exported
from analysis.export import statistical
from analysis.export.statistical import DTA, SAV, names, shortened
from analysis.export.variables import Kind, Variable
from forms.faults import Faults
from forms.harmless import harmless
from survey.freeze import manifest as manifests
from tests.survey.freeze.conftest import export, sealed_again, worded


def test_a_sav_of_32_000_columns_with_labels_of_10_kb_and_emoji(dataset: Dataset, tmp_path: Path) -> None:
    """Every format's limit at once; another reader opens it, and every cut is said."""
    wide = 32_000
    label = "🙂👩‍👧é" * 700  # 10 KB and more
    many = tuple(Variable(f"cột_{at:05d}", label if at < 3 else f"n {at}", Kind.NUMBER) for at in range(wide))
    given = exported.rows(dataset, "vi")
    table = pa.table({each.name: pa.array([1.5, None], pa.float64()) for each in many})

    class Wide:
        variables, language, total, title, marks = many, "vi", 2, "Đo", ()
        dataset = given.dataset

        def batches(self):
            yield from table.to_batches()

    said = statistical.write_sav(Wide(), tmp_path / "d.sav", lambda n: None)
    assert len(said) == 3 and all("its label is cut" in line for line in said)
    # The library reads its own names in a time that grows as their square: of so many, the head of the file is asked.
    with (tmp_path / "d.sav").open("rb") as file:
        head = file.read(84)
    assert head[:4] == b"$FL2" and int.from_bytes(head[68:72], "little") == wide
    few, _ = pyreadstat.read_sav(str(tmp_path / "d.sav"), usecols=[f"cột_{wide - 1:05d}"], output_format="dict")
    assert few == {f"cột_{wide - 1:05d}": [1.5, None]}
    Wide.variables = many[:3]
    statistical.write_sav(Wide(), tmp_path / "few.sav", lambda n: None)
    cut = pyreadstat.read_sav(str(tmp_path / "few.sav"), output_format="dict")[1].column_labels[0]
    assert label.startswith(cut) and len(cut.encode()) <= 256 and not cut.endswith("\u200d")


@given(st.text(alphabet=st.sampled_from("aạếê̆🙂\u0303"), max_size=30), st.integers(0, 24), st.booleans())
def test_labels_are_cut_between_letters(text: str, most: int, bytes_: bool) -> None:
    length = statistical.utf8 if bytes_ else len
    cut = shortened(text, most, length)

    assert text.startswith(cut) and length(cut) <= most
    assert cut == text or not statistical.unicodedata.combining(text[len(cut)]) or not cut


def test_long_names_and_labels_are_cut_and_said(dataset: Dataset) -> None:
    long = [Variable(f"{'a' * 40}_{number}", "n" * 300, Kind.CODE, {0: "v" * 200}) for number in range(3)]

    short = names(long, DTA)
    assert list(short.values()) == ["a" * 27, f"{'a' * 25}_2", f"{'a' * 25}_3"]
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
    few = statistical.Limits("SPSS", statistical.utf8, 64, 256, 120, 64, 3, SAV.reserved)

    with pytest.raises(Faults, match="more than SPSS takes"):
        statistical._labelled(given_rows, few, lambda n: None)


@pytest.mark.parametrize("name", ["in", "if", "with", "int", "long", "using", "str3", "strl", "_all", "_n"])
def test_an_item_called_as_a_command_of_stata_is_renamed(name: str) -> None:
    given_names = names([Variable(name, "", Kind.NUMBER), Variable(f"{name}_1", "", Kind.NUMBER)], DTA)

    assert list(given_names.values()) == [f"{name}_1", f"{name}_1_2"]


@pytest.mark.parametrize("name", ["to", "by", "or", "all", "not", "with", "eq"])
def test_an_item_called_as_a_word_of_spss_is_renamed(name: str) -> None:
    """ReadStat writes it, SPSS does not take it."""
    assert names([Variable(name, "", Kind.NUMBER)], SAV) == {name: f"{name}_1"}
    assert names([Variable(f"{name}x", "", Kind.NUMBER)], SAV) == {f"{name}x": f"{name}x"}


def test_offices_of_one_name_are_told_apart(dataset: Dataset, tmp_path: Path) -> None:
    """Their words may stand in place of their ids."""
    alike = [{**each, "name": {"vi": "Phòng Tư pháp"}} for each in dataset.manifest["units"]]
    export(sealed_again(dataset.path, units=alike), "csv", tmp_path / "d.csv", "--values", "labels")

    with (tmp_path / "d.csv").open(encoding="utf-8-sig") as lines:
        found = {row["unit"] for row in csv.DictReader(lines)}
    assert found == {f"Phòng Tư pháp ({unit})" for unit in ("so_a", "so_b", "so_c")}


def test_what_nobody_wrote_cannot_be_asked_for(dataset: Dataset, tmp_path: Path) -> None:
    french = export(dataset, "csv", tmp_path / "d.csv", "--lang", "fr")
    assert "nothing here is in “fr”: --lang is one of en, vi" in str(french.exception)

    worded = export(dataset, "sav", tmp_path / "d.sav", "--values", "labels")
    assert "--values labels is for CSV and XLSX" in str(worded.exception)
    assert list(tmp_path.glob("d.*")) == []


LONG = "🙂👩‍👧é" * 700
"""10 KB and more."""
FORMULA = '=HYPERLINK("http://x.example","Sở A")'
_READERS = {
    "csv": lambda file: {row["variable"]: row["label"] for row in _lines(f"{file}.codebook.csv") if row["label"]},
    "xlsx": lambda file: {
        row[0]: row[1] for row in openpyxl.load_workbook(file)["codebook"].iter_rows(values_only=True) if row[1]
    },
    "parquet": lambda file: {
        field.name: field.metadata[b"label"].decode() for field in pq.read_schema(file) if field.metadata[b"label"]
    },
    "sav": lambda file: pyreadstat.read_sav(file, output_format="dict")[1].column_names_to_labels,
    "dta": lambda file: pyreadstat.read_dta(file, output_format="dict")[1].column_names_to_labels,
}


def _lines(file: str) -> list[dict[str, str]]:
    with Path(file).open(encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("form", ["csv", "xlsx", "sav", "dta", "parquet"])
def test_labels_of_10_kb_emoji_and_formulas_leave_in_every_format(dataset: Dataset, tmp_path: Path, form: str) -> None:
    """Whole where the format holds them; else cut between letters, with a line that names it. Nothing can run."""
    texts = {"q1": LONG, "q2": FORMULA, "visits": "e\u0302\u0301 nghe\u0302\u0300", "used": "a\0b"}
    hostile = worded(dataset, texts)

    done = export(hostile, form, tmp_path / f"d.{form}")

    assert done.exit_code == 0, done.output
    labels = _READERS[form](str(tmp_path / f"d.{form}"))
    whole = form not in ("sav", "dta")
    assert labels["q1"] == LONG or not whole
    assert LONG.startswith(labels["q1"]) and not labels["q1"].endswith("\u200d")
    assert ("q1: its label is cut" in done.output) is not whole
    assert labels["q2"] == (f"'{FORMULA}" if form == "csv" else FORMULA)
    assert labels["visits"] == texts["visits"], "combining letters stay as they were typed"
    # U+0000 ends a text in both packages' formats; a sheet has an escape of its own for it.
    assert labels["used"] == {"sav": "ab", "dta": "ab", "xlsx": "a_x0000_b"}.get(form, "a\0b")


def test_words_longer_than_a_cell_of_a_sheet_are_cut_and_said(dataset: Dataset, tmp_path: Path) -> None:
    done = export(worded(dataset, {"q1": "n" * 40_000}), "xlsx", tmp_path / "d.xlsx")

    assert "q1: words longer than a cell are cut (XLSX takes 32,767 letters)" in done.output
    assert _READERS["xlsx"](str(tmp_path / "d.xlsx"))["q1"] == "n" * 32_767


def test_one_variable_too_many_is_refused_and_nothing_is_left(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistical, "SAV", replace(SAV, variables=len(dataset.columns)))
    before = sorted(tmp_path.iterdir())

    refused = export(dataset, "sav", tmp_path / "d.sav")

    assert "variables are more than SPSS takes" in str(refused.exception)
    assert sorted(tmp_path.iterdir()) == before


def test_more_replicates_than_memory_holds_are_refused(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exported, "MOST_REPLICATED", 100)

    refused = export(dataset, "csv", tmp_path / "d.csv", "--replicates", "5")

    assert str(refused.exception).endswith("5 replicate weights of 21 rows are too many for memory: --replicates 4")
    assert export(dataset, "csv", tmp_path / "d.csv", "--replicates", "4").exit_code == 0


def test_values_that_would_be_cut_to_the_same_words_are_told_apart() -> None:
    said: list[str] = []

    found = statistical._cut("s", {1: f"{'ế' * 60}a", 2: f"{'ế' * 60}b", 3: "c"}, SAV, said)

    assert found == {1: f"{'ế' * 38} (1)", 2: f"{'ế' * 38} (2)", 3: "c"}
    assert said == ["s: labels of 1, 2 are cut (SPSS takes 120 bytes)"]


@pytest.mark.parametrize("words", ["-2", "=1+1", "+", "NA", '"a", b', "hai\ndòng"])
def test_words_of_a_choice_are_the_same_in_data_and_codebook(dataset: Dataset, tmp_path: Path, words: str) -> None:
    """FILE.R looks them up."""
    book = json.loads((dataset.path / "codebook.json").read_text("utf-8"))
    for item in book["items"]:
        if item["id"] == "q1":
            item["choices"][2]["text"] = {"vi": words}
    manifests.write_json(book, dataset.path / "codebook.json")

    export(sealed_again(dataset.path), "csv", tmp_path / "d.csv", "--values", "labels")

    (said,) = {row["q1"] for row in _lines(str(tmp_path / "d.csv"))}
    told = {row["value"]: row["value_label"] for row in _lines(f"{tmp_path / 'd.csv'}.codebook.csv")
            if row["variable"] == "q1"}  # fmt: skip
    assert said == told["2"] == harmless(words)
