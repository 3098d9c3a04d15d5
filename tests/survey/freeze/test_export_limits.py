"""What a format cannot hold is refused or made to fit, and named: long labels, many columns, letters with marks."""

from __future__ import annotations

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
