"""What the setup can meet is said in Vietnamese: every sentence of the code that makes faults of plans and lists."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from forms.faults import Fault
from survey import said

ROOT = Path(__file__).parents[2]
LISTS = ("cell_values", "columns", "frame", "names", "rows", "staging")
MADE_IN = [
    *(ROOT / "survey" / "setup").glob("*.py"),
    *(ROOT / "survey" / "frames" / f"{name}.py" for name in LISTS),
    *(ROOT / "forms" / f"{name}.py" for name in ("tables", "table_stream", "toml", "fitting")),
    *(ROOT / "survey" / "plan" / f"{name}.py" for name in ("wave_file", "design_file", "units_file", "documents")),
    *(ROOT / "survey" / "sample" / f"{name}.py" for name in ("strata", "draws", "listing", "cells", "assigning")),
    *(ROOT / "survey" / f"{name}.py" for name in ("wave", "codebook")),
]  # fmt: skip
_MAKERS = {"Fault", "Faults", "ValueError", "fault"}
# Said by nobody at the desk: texts of commands, keys rather than sentences, and what only a file written by hand has.
UNSAID = ("deviation", "successor", "valid_from", "`phieu ", "write COLUMN=FIELD", "a box answers")


def sentences(node: ast.expr) -> Iterator[list[str]]:
    """The pieces of a message around its gaps, of each branch."""
    match node:
        case ast.Constant(value=str(text)):
            yield [text]
        case ast.JoinedStr(values=values):
            parts = [""]
            for value in values:
                if isinstance(value, ast.Constant):
                    parts[-1] += str(value.value)
                else:
                    parts.append("")
            yield parts
        case ast.IfExp(body=body, orelse=other):
            yield from itertools.chain(sentences(body), sentences(other))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            for one, two in itertools.product(sentences(left), sentences(right)):
                yield [*one[:-1], one[-1] + two[0], *two[1:]]


def messages() -> Iterator[str]:
    for file in MADE_IN:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name not in _MAKERS:
                continue
            for argument in node.args[: 2 if name == "fault" else 1]:
                for parts in sentences(argument):
                    text = "7".join(parts)
                    if " " in text.replace("7", "").strip() and not any(each in text for each in UNSAID):
                        yield text


@pytest.mark.parametrize("message", sorted(set(messages())))
def test_what_the_desk_can_meet_is_said_in_vietnamese(message: str) -> None:
    assert said.vietnamese(message) != message


def test_a_fault_is_said_with_its_place() -> None:
    fault = Fault("“31/2” is a date that does not exist", "ds.csv", 7, "Ngày trả")

    assert said.fault(fault, "vi") == "ds.csv, dòng 7, cột “Ngày trả”: “31/2” không phải ngày có thật"
    assert said.fault(fault, "en") == str(fault)
    assert said.fault(Fault("“opens” is missing"), "vi") == "Thiếu ngày bắt đầu"
    assert said.fault(Fault("group dan: its list is empty; import one with `phieu frame import`"), "vi") == (
        "Nhóm dan: danh sách trống; hãy nhập danh sách"
    )


def test_what_is_not_known_stays() -> None:
    assert said.vietnamese("something new {}") == "something new {}"


def test_every_sentence_is_found_by_its_own_pattern_first() -> None:
    """A wide pattern above a narrow one would swallow it."""
    lines = [line for line in said._FILE.read_text("utf-8").splitlines() if line and line[0] != "#"]
    for known, told in zip(lines[::2], lines[1::2], strict=True):
        gaps = known.count("{}")
        sample = known.replace("{}", "7")
        wanted = told.format(*(said._Part("7") for _ in range(gaps)))
        assert said.vietnamese(sample) == wanted, known
