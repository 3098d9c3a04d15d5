"""What a format cannot hold is refused or made to fit, and named: long labels, many columns, letters with marks."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pyarrow as pa
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
from tests.survey.freeze.conftest import export, sealed_again


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
