"""A workbook back as a framework, every fault at its sheet and row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from forms import framework_toml as toml
from forms import tables
from forms.faults import Fault, Faults
from forms.framework import Framework, load
from forms.framework_workbook.layout import ABOUT, COLUMNS, CRITERIA, EXCEPTION_COLUMNS, EXCEPTIONS, LEVELS, RULE
from forms.names import bare
from forms.questionnaire import Item
from forms.tables import Cell, Sheet
from forms.toml import ID


@dataclass(slots=True)
class _Lines:
    """TOML line by line, each with the sheet's row that it comes from."""

    file: str
    text: list[str] = field(default_factory=list)
    origin: list[tuple[str, int]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def add(self, line: str, sheet: Sheet, row: int) -> None:
        self.text.append(line)
        self.origin.append((sheet.place, row))


def read(path: Path, items: Mapping[str, Item] | None = None) -> Framework:
    """Read a framework from a workbook as ``write`` makes it; its ``text`` is TOML. Raises Faults by sheet and row."""
    sheets = {bare(sheet.name): sheet for sheet in tables.read(tables.content_of(path), str(path))}
    missing = [name for name in (ABOUT, CRITERIA) if bare(name) not in sheets]
    if missing:
        raise Faults(Fault(f"has no sheet “{name}”", str(path)) for name in missing)
    lines = _Lines(str(path))
    _read_about(sheets[bare(ABOUT)], lines)
    _read_criteria(sheets[bare(CRITERIA)], lines)
    if bare(EXCEPTIONS) in sheets:
        _read_exceptions(sheets[bare(EXCEPTIONS)], lines)
    try:
        made = load("\n".join(lines.text) + "\n", str(path), items)
    except Faults as faults:
        raise Faults([*lines.faults, *(_placed(fault, lines) for fault in faults.faults)]) from faults
    if lines.faults:
        raise Faults(lines.faults)
    return made


def _placed(fault: Fault, lines: _Lines) -> Fault:
    """The fault of a TOML line at the row that the line was made of."""
    if fault.row is None or not lines.origin:
        return fault
    place, row = lines.origin[min(fault.row, len(lines.origin)) - 1]
    return Fault(fault.message, place, row, fault.column)


def _read_about(sheet: Sheet, lines: _Lines) -> None:
    for number, row in enumerate(sheet.rows, 1):
        key, value = (str(cell) for cell in [*row, "", ""][:2])
        if key == "illustrative":
            lines.add(f"illustrative = {str(bare(value) in ('yes', 'true', 'co', 'x')).lower()}", sheet, number)
        elif key == "years" and value:
            years = [part.strip().removesuffix(".0") for part in value.replace(",", ";").split(";") if part.strip()]
            if all(year.isdigit() for year in years):
                lines.add(f"years = [{', '.join(years)}]", sheet, number)
            else:
                lines.faults.append(Fault(f"“{value}” is no list of years such as 2025; 2026", sheet.place, number))
        elif key == "id" or key.startswith("title"):
            lines.add(f"{key} = {toml.quoted(value)}", sheet, number)


def _headings(sheet: Sheet, known: Mapping[str, str], lines: _Lines) -> tuple[int, dict[int, str]]:
    """Row below the headings, from 0, and key by column; unknown headings are faults."""
    spelled = {bare(heading): key for key, heading in known.items()} | {bare(key): key for key in known}
    text = "name" if "name" in known else "reason"
    for at, row in enumerate(sheet.rows):
        found: dict[int, str] = {}
        for place, cell in enumerate(row):
            words = bare(str(cell))
            if words in spelled:
                found[place] = spelled[words]
            elif words.startswith(bare(known[text]) + " ") and str(cell).rstrip().endswith(")"):
                found[place] = f"{text}.{str(cell).rstrip(' )').rpartition('(')[2]}"
            elif found and cell != "":
                lines.faults.append(Fault("is no column of a framework", sheet.place, at + 1, str(cell)))
        if found:
            return at + 1, found
    return len(sheet.rows), {}


def _cells(sheet: Sheet, known: Mapping[str, str], lines: _Lines) -> Iterator[tuple[int, dict[str, Cell]]]:
    """Row number and filled cells by key, of the rows that have any."""
    first, columns = _headings(sheet, known, lines)
    for at in range(first, len(sheet.rows)):
        row = sheet.rows[at]
        cells = {key: row[place] for place, key in columns.items() if place < len(row) and row[place] != ""}
        if cells:
            yield at + 1, cells


def _read_criteria(sheet: Sheet, lines: _Lines) -> None:
    levels = {bare(word): level for level, words in LEVELS.items() for word in (level, words)}
    kind = ""
    for number, cells in _cells(sheet, COLUMNS, lines):
        kind = str(cells.pop("kind", kind))
        level = levels.get(bare(str(cells.pop("level", ""))))
        if level is None:
            told = f"“{COLUMNS['level']}” must be one of: {', '.join(LEVELS.values())}"
            lines.faults.append(Fault(told, sheet.place, number, COLUMNS["level"]))
            continue
        if not ID.fullmatch(kind):
            lines.faults.append(Fault(f"“{kind}” is no id of a unit kind", sheet.place, number, COLUMNS["kind"]))
            continue
        table = ".".join(["kind", kind, *list(LEVELS)[: list(LEVELS).index(level) + 1]])
        lines.add(f"[[{table}]]", sheet, number)
        for line in _of_row(cells, sheet, number, lines):
            lines.add(line, sheet, number)


def _of_row(cells: Mapping[str, Cell], sheet: Sheet, number: int, lines: _Lines) -> Iterator[str]:
    rule: dict[str, str] = {}
    for key, cell in cells.items():
        text = str(cell)
        if key in RULE:
            rule["kind" if key == "rule" else key] = _of_rule(key, cell, sheet, number, lines)
        elif key.split(".")[0] == "name":
            yield f"{key if '.' in key else 'name.vi'} = {toml.quoted(text)}"
        elif key.endswith("points"):
            yield f"{key} = {_number(cell, sheet, number, key, lines)}"
        elif key == "items":
            yield f"items = {toml.listed(tuple(_parts(text)))}"
        elif key == "shares":
            yield f"shares = {{ {', '.join(_pairs(text, '=', sheet, number, key, lines))} }}"
        else:
            yield f"{key} = {toml.quoted(text)}"
    if rule:
        yield f"rule = {{ {', '.join(f'{key} = {value}' for key, value in rule.items())} }}"


def _of_rule(key: str, cell: Cell, sheet: Sheet, number: int, lines: _Lines) -> str:
    """The value of one key of a rule."""
    if key == "target":
        return _number(cell, sheet, number, key, lines)
    if key == "favourable":
        return toml.listed(tuple(_parts(str(cell))))
    if key == "table":
        steps = (f"[{pair.replace(' = ', ', ')}]" for pair in _pairs(str(cell), ":", sheet, number, key, lines))
        return f"[{', '.join(steps)}]"
    return toml.quoted(str(cell))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ";").split(";") if part.strip()]


def _number(cell: Cell, sheet: Sheet, number: int, key: str, lines: _Lines) -> str:
    try:
        return toml.number(float(cell.replace(",", ".") if isinstance(cell, str) else cell))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        lines.faults.append(Fault(f"“{cell}” is not a number", sheet.place, number, COLUMNS[key]))
        return "0"


def _pairs(text: str, mark: str, sheet: Sheet, number: int, key: str, lines: _Lines) -> Iterator[str]:
    """``a=0,6; b=0,4`` or ``0,9:1; 0:0`` as TOML pairs ``a = 0.6``."""
    for part in _parts(text):
        left, found, right = (each.strip() for each in part.partition(mark))
        if not found or not left:
            told = f"“{part}” is no pair such as {'nguoi_dan=0.6' if mark == '=' else '0.9:1'}"
            lines.faults.append(Fault(told, sheet.place, number, COLUMNS[key]))
            continue
        yield f"{left.replace(',', '.')} = {_number(right, sheet, number, key, lines)}"


def _read_exceptions(sheet: Sheet, lines: _Lines) -> None:
    for number, cells in _cells(sheet, EXCEPTION_COLUMNS, lines):
        lines.add("[[not_applicable]]", sheet, number)
        for key, cell in cells.items():
            if key == "subcriteria":
                lines.add(f"subcriteria = {toml.listed(tuple(_parts(str(cell))))}", sheet, number)
            else:
                named = key if key != "reason" else "reason.vi"
                lines.add(f"{named} = {toml.quoted(str(cell))}", sheet, number)
