"""Lists of units and places as people type, paste or send them in: one a line, «name; kind», or a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms import tables
from forms.faults import Fault, Faults
from forms.names import NameFault, Names, fold, free_identifier
from survey.frames.cell_values import plain, unmarked, written

KINDS: Mapping[str, tuple[str, ...]] = {
    "department": ("sở, ban, ngành", "sở", "ban", "ngành", "sở ban ngành", "department"),
    "commune": ("xã, phường, đặc khu", "xã", "phường", "đặc khu", "thị trấn", "xã phường", "commune"),
    "district": ("huyện, thị xã, thành phố", "huyện", "thị xã", "thành phố", "quận", "district"),
    "agency": ("cơ quan ngành dọc", "ngành dọc", "agency"),
}
MOST = 2_000  # units of a wave: a country has fewer than that of any kind that is compared
LONGEST = 200  # letters of a name
_HEADINGS = {
    "name": ("tên cơ quan", "cơ quan", "tên đơn vị", "đơn vị", "tên", "tên cơ quan, đơn vị", "name", "nơi tiếp nhận",
             "tên nơi tiếp nhận"),
    "second": ("loại", "loại cơ quan", "loại đơn vị", "khối", "kind", "cơ quan vận hành", "cơ quan quản lý"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list: a name, and what stands beside it (a kind, or the office that runs a place)."""

    name: str
    second: str
    row: int


def pasted(text: str) -> list[Line]:
    """A pasted list: one a line; a semicolon or a tabulator parts the name from the rest. Raises Faults."""
    lines = []
    for row, line in enumerate(text.splitlines(), start=1):
        name, _, second = line.replace("\t", ";").partition(";")
        if plain(name) or plain(second):
            lines.append((row, name, second))
    return _checked(lines, "")


def uploaded(content: bytes, file: str) -> list[Line]:
    """The first sheet of a workbook or a CSV file: a column of names, one beside it. Raises Faults."""
    sheet = tables.read(content, file, tables.OFFICE)[0]
    at = {"name": 0, "second": 1}
    rows: list[tuple[int, Any, Any]] = []
    for row, cells in enumerate(sheet.rows, start=1):
        if not any(map(plain, cells)):
            continue
        if not rows and (found := _heading(cells)):
            at = found
            continue
        first, second = (cells[at[key]] if at[key] < len(cells) else "" for key in ("name", "second"))
        rows.append((row, first, second))
    return _checked(rows, sheet.place)


def _heading(cells: Sequence[Any]) -> dict[str, int]:
    known = {unmarked(spelling): key for key, spellings in _HEADINGS.items() for spelling in spellings}
    here: dict[str, int] = {}
    for position, cell in enumerate(cells):
        if key := known.get(unmarked(plain(cell))):
            here.setdefault(key, position)
    return {"name": here["name"], "second": here.get("second", len(cells))} if "name" in here else {}


def _checked(rows: Iterable[tuple[int, Any, Any]], file: str) -> list[Line]:
    lines: list[Line] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for row, first, second in rows:
        try:
            line = Line(written(first), written(second), row)
            _check_name(line, seen)
        except ValueError as error:
            faults.append(Fault(str(error), file, row))
            continue
        seen[fold(line.name)] = row
        lines.append(line)
    if len(lines) > MOST:
        faults = [Fault(f"holds {len(lines)} names, more than {MOST}", file)]
    if not lines and not faults:
        faults = [Fault("has no rows", file)]
    if faults:
        raise Faults(faults)
    return lines


def _check_name(line: Line, seen: Mapping[str, int]) -> None:
    if not line.name:
        raise ValueError("has no name")
    if len(line.name) > LONGEST:
        raise ValueError(f"the name is longer than {LONGEST} letters")
    if (before := seen.get(fold(line.name))) is not None:
        raise ValueError(f"“{line.name}” stands already in row {before}")


def kind_of(line: Line) -> str:
    """The kind that a line says, or that its name begins with. Raises ValueError when neither tells."""
    said = unmarked(line.second)
    if said:
        found = next((kind for kind, words in KINDS.items() if said in map(unmarked, words)), None)
        if found is None:
            raise ValueError(f"“{line.second}” is no kind of unit")
        return found
    name = f"{unmarked(line.name)} "
    for prefix in ("ủy ban nhân dân ", "ubnd "):
        name = name.removeprefix(unmarked(prefix) + " ")
    for kind, words in KINDS.items():
        if any(name.startswith(unmarked(word) + " ") for word in words[1:]):
            return kind
    if name.startswith(("van phong ", "thanh tra ")):
        return "department"
    raise ValueError(f"the kind of “{line.name}” is not told; write it behind a semicolon")


def units(lines: Iterable[Line], there: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """``[[unit]]`` tables of a list, with ids made of their names; none that is there already. Raises Faults."""
    known = list(there)
    taken, names = {str(each.get("id")) for each in known}, {fold(name_of(each)): each for each in known}
    made: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for line in lines:
        try:
            kind = kind_of(line)
            if fold(line.name) in names:
                raise ValueError(f"“{line.name}” is a unit already")
        except ValueError as error:
            faults.append(Fault(str(error), "", line.row))
            continue
        identity = free_identifier(line.name, taken, "co_quan")
        taken.add(identity)
        made.append({"id": identity, "name": {"vi": line.name}, "kind": kind})
    if faults:
        raise Faults(faults)
    return made


def places(
    lines: Iterable[Line], there: Iterable[Mapping[str, Any]], run_by: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """``[[place]]`` tables of a list; ``run_by`` are the units, one of which may run a place. Raises Faults."""
    known = list(there)
    taken, names = {str(each.get("id")) for each in known}, {fold(name_of(each)) for each in known}
    offices = Names({str(each.get("id")): [name_of(each)] for each in run_by})
    made: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for line in lines:
        try:
            if fold(line.name) in names:
                raise ValueError(f"“{line.name}” is a place already")
            unit = offices.find(line.second) if line.second else ""
        except NameFault as error:
            faults.append(Fault(f"unknown unit: {error}" if not error.found else str(error), "", line.row))
            continue
        except ValueError as error:
            faults.append(Fault(str(error), "", line.row))
            continue
        identity = free_identifier(line.name, taken, "noi_tiep_nhan")
        taken.add(identity)
        made.append({"id": identity, "name": {"vi": line.name}, **({"unit": unit} if unit else {})})
    if faults:
        raise Faults(faults)
    return made


def name_of(table: Mapping[str, Any]) -> str:
    """The Vietnamese name of a unit or a place, however its file writes it."""
    name = table.get("name", "")
    return str(name.get("vi", "")) if isinstance(name, Mapping) else str(name)
