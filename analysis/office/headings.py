"""Where the headings of an appraisal table stand: one row or several, merged or not, below any titles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.office.words import SCORES, Role, role_of, role_of_all
from forms.names import NameFault, Names, bare
from forms.tables import Cell, Sheet

_FIRST_ROWS = 80  # titles, notices and addressees above a table are never longer
_DEEPEST = 3  # rows of headings


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its place from 0, its heading as people read it, what it holds, and whose where units are columns."""

    place: int
    heading: str
    role: Role | None
    unit: str | None = None

    @property
    def letter(self) -> str:
        """The letter that a spreadsheet shows."""
        text, rest = "", self.place + 1
        while rest:
            rest, digit = divmod(rest - 1, 26)
            text = chr(65 + digit) + text
        return text

    def called(self, text: str) -> bool:
        """Whether somebody means this column: by its heading, the lowest part of it, or its letter."""
        return bare(text) in (bare(self.heading), bare(self.heading.split(" – ")[-1]), bare(self.letter))

    def __str__(self) -> str:
        return f"{self.letter} “{self.heading}”"


@dataclass(frozen=True, slots=True)
class Layout:
    """The headings of one sheet: ``top`` their first row, ``body`` the first row below them, both from 0."""

    top: int
    body: int
    columns: tuple[Column, ...]

    def of(self, role: Role) -> tuple[Column, ...]:
        """The columns that hold this, from left to right; not those of single units."""
        return tuple(column for column in self.columns if column.role is role and column.unit is None)

    @property
    def by_unit(self) -> tuple[Column, ...]:
        """The columns of single units."""
        return tuple(column for column in self.columns if column.unit is not None)


def find(sheet: Sheet, known: Names) -> Layout | None:
    """The layout of a sheet with criteria as rows and points beside them; None when it is no such table."""
    for top in range(min(len(sheet.rows), _FIRST_ROWS)):
        if not _begins(sheet.rows[top], known):
            continue
        end = _end(sheet, top, known)
        layout = Layout(top, end, _columns(sheet, top, end, known))
        names = layout.of(Role.CRITERION) or layout.of(Role.ID)
        scored = layout.by_unit or [column for column in layout.columns if column.role in SCORES]
        if names and scored:
            return layout
    return None


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else ""


def _begins(row: Sequence[Cell], known: Names) -> bool:
    """A row with a heading for the criteria and one for something else, a unit perhaps."""
    texts = [_text(cell) for cell in row]
    roles = [role for text in texts if (role := role_of(text)) is not None]
    others = len(roles) - 1 + sum(_unit(text, known) is not None for text in texts)
    return bool({Role.CRITERION, Role.ID} & set(roles)) and others > 0


def _end(sheet: Sheet, top: int, known: Names) -> int:
    """The row after the last row of headings: those below the first say something of points and name no criterion."""
    named = [place for place, cell in enumerate(sheet.rows[top]) if role_of(_text(cell)) in (Role.CRITERION, Role.ID)]
    end = top + 1
    while end < len(sheet.rows) and end < top + _DEEPEST:
        row = sheet.rows[end]
        texts = [(place, _text(cell)) for place, cell in enumerate(row) if _text(cell)]
        numbers = any(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in row)
        told = [
            role_of(text) in SCORES | {Role.MAXIMUM, Role.DOCUMENT, Role.REASON, Role.OTHER}
            or _unit(text, known) is not None
            for _, text in texts
        ]
        if numbers or not told or not any(told) or any(place in named for place, _ in texts):
            break
        end += 1
    return end


def _unit(text: str, known: Names) -> str | None:
    if len(text) < 3 or role_of(text) is not None:
        return None
    try:
        return known.find(text)
    except NameFault:
        return None


def _columns(sheet: Sheet, top: int, end: int, known: Names) -> tuple[Column, ...]:
    width = max(len(row) for row in sheet.rows[top:end])
    heads = _filled(sheet, top, end, width)
    found = []
    for place in range(width):
        texts = [line[place] for line in heads if line[place]]
        texts = [text for at, text in enumerate(texts) if text not in texts[:at]]
        if not texts:
            continue
        whose = [unit for text in texts if (unit := _unit(text, known)) is not None]
        found.append(Column(place, " – ".join(texts), role_of_all(texts), whose[0] if len(whose) == 1 else None))
    return tuple(found)


def _filled(sheet: Sheet, top: int, end: int, width: int) -> list[list[str]]:
    """The texts of the headings with merged cells filled; without merging a heading reaches over the empty cells to
    its right that have a heading below."""
    lines = [[_text(row[place]) if place < len(row) else "" for place in range(width)] for row in sheet.rows[top:end]]
    for (first, left), (last, right) in sheet.merged:
        if not top <= first < end:
            continue
        text = lines[first - top][left] if left < width else ""
        for row in range(first, min(last + 1, end)):
            for place in range(left, min(right + 1, width)):
                lines[row - top][place] = text
    for at, line in enumerate(lines[:-1]):
        for place in range(1, width):
            below = any(other[place] for other in lines[at + 1 :]), any(other[place - 1] for other in lines[at + 1 :])
            alone = not sheet.merged and not line[place] and line[place - 1]
            if alone and all(below) and role_of(line[place - 1]) is not Role.CRITERION:
                line[place] = line[place - 1]
    return lines
