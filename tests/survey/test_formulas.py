"""A text that a spreadsheet would run leaves in no CSV of ours; numbers are untouched, and reading undoes it."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from analysis.sheet import read_sheet
from forms.harmless import as_it_was, harmless_cell
from survey import exports, output
from survey.cli import phieu
from tests.survey.small_dataset import make_inputs

ROOT = Path(__file__).parents[2]
EVIL = ("=1+1", "+84905123456", "-2+3", "@SUM(A1)", "\tx", "\r=x", '=HYPERLINK("http://x.example","Sở A")', "'=x")
NUMBERS = ("-1", "-0.5", "-1e-05", "-2,25", "12")
_RUN = re.compile(r"[=+@\t\r]|-(?!(\d+([.,]\d+)*|[.,]\d+)(e[+-]?\d+)?\Z)")
WRITERS = {
    "survey/output.py", "analysis/report/opendata.py", "analysis/export/delimited.py", "analysis/weighting.py",
    # Headings of ours, and people and points that we make up.
    "survey/frames/template.py", "survey/demo/appraisal.py", "survey/setup/trial.py",
}  # fmt: skip


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_every_writer_of_csv_is_known_here() -> None:
    """A new one is tried below before it is named above."""
    found = {
        str(file.relative_to(ROOT))
        for folder in ("survey", "analysis", "forms")
        for file in (ROOT / folder).rglob("*.py")
        if re.search(r"csv\.(writer|DictWriter|write_csv)\(|\.write_csv\(table|\.to_csv\(", file.read_text("utf-8"))
    }
    assert found == WRITERS


def test_what_commands_print_runs_nothing() -> None:
    head, *rows = cells(output.csv_text([*EVIL, "n"], [[*EVIL, -0.5], [*EVIL, -2]]))

    assert head == [*map(harmless_cell, EVIL), "n"]
    assert rows == [[*map(harmless_cell, EVIL), "-0.5"], [*map(harmless_cell, EVIL), "-2"]]
    assert not any(_RUN.match(cell) for cell in head[:-1]) and [as_it_was(cell) for cell in head[:-1]] == list(EVIL)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_is_text_stays_a_number(number: str) -> None:
    assert cells(output.csv_text(["level"], [[number]])) == [["level"], [number]]


@given(st.text(alphabet=st.sampled_from("=+-@'\t\r1.,eab"), max_size=7))
def test_what_is_guarded_is_read_back_as_it_was(text: str) -> None:
    made = harmless_cell(text)

    assert as_it_was(made) == text and not _RUN.match(made)


def test_lists_of_invitations_and_contacts_are_guarded_once() -> None:
    told = exports.table_bytes(".csv", ["name"], [[text] for text in EVIL]).decode()

    assert [row[0] for row in cells(told)[1:]] == [harmless_cell(text) for text in EVIL]


def test_weights_beside_a_file_leave_its_text_as_it_came(tmp_path: Path) -> None:
    file, out = tmp_path / "a.csv", tmp_path / "w.csv"
    rows = [[text, number, "1"] for text, number in zip(EVIL, NUMBERS * 2, strict=False)]
    file.write_bytes((output.csv_text(["=said", "x", "w"], rows) + "\n").encode())

    done = CliRunner().invoke(phieu, ["weights", str(file), "--weight", "w", "-o", str(out)])

    assert done.exit_code == 0, done.output
    head, *lines = cells(out.read_bytes().decode())
    assert head[:2] == ["'=said", "x"]
    assert [line[:2] for line in lines] == [[harmless_cell(text), number] for text, number, _ in rows]
    assert read_sheet(out).column("=said").to_pylist() == list(EVIL)


def test_open_data_of_an_office_with_a_hostile_name_run_nothing(tmp_path: Path) -> None:
    names = {"so_a": EVIL[6], "so_b": "Sở B", "so_c": "Sở C"}
    units = [{"id": unit, "name": {"vi": name}, "kind": "department"} for unit, name in names.items()]
    dataset, framework, points = make_inputs(tmp_path, units=units)
    points.write_text("unit,plan\nso_a,30.5\nSở B,38\nSở C,20.25\n", "utf-8")
    given_options = ["--dataset", str(dataset), "--framework", str(framework), "--appraised", str(points)]

    done = CliRunner().invoke(phieu, ["report", *given_options, "-o", str(tmp_path / "pack")])

    assert done.exit_code == 0, done.output
    texts = {file.name: file.read_bytes().decode("utf-8") for file in (tmp_path / "pack").rglob("*.csv")}
    assert f"'{EVIL[6]}" in {cell for text in texts.values() for row in cells(text) for cell in row}
    assert [
        (name, cell) for name, text in texts.items() for row in cells(text) for cell in row if _RUN.match(cell)
    ] == []
