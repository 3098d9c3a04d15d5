"""What of a form could not be taken over as it was, row by row: nothing is dropped in silence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """How much of it is left."""

    CHANGED = "changed"  # it is there, in another shape
    LEFT_OUT = "left out"  # it is not there


@dataclass(frozen=True, slots=True)
class Note:
    """One thing: in which sheet and row (as shown; None for a whole sheet), about what, and what became of it."""

    sheet: str
    row: int | None
    about: str
    kind: Kind
    message: str

    def __str__(self) -> str:
        place = self.sheet if self.row is None else f"{self.sheet}:{self.row}"
        return f"{place}: {self.kind}: {f'“{self.about}” ' if self.about else ''}{self.message}"


@dataclass(slots=True)
class Notes:
    """Notes as they come."""

    found: list[Note] = field(default_factory=list)
    lowered: dict[str, list[str]] = field(default_factory=dict)

    def changed(self, sheet: str, row: int | None, about: str, message: str) -> None:
        """Something is there in another shape."""
        self.found.append(Note(sheet, row, about, Kind.CHANGED, message))

    def left_out(self, sheet: str, row: int | None, about: str, message: str) -> None:
        """Something is not there."""
        self.found.append(Note(sheet, row, about, Kind.LEFT_OUT, message))

    def renamed(self, sheet: str, row: int | None, name: str, id: str) -> None:
        """What is called otherwise; names that only lost their capitals are told of in one line."""
        if id == name.casefold() != name:
            self.lowered.setdefault(sheet, []).append(name)
        elif id != name:
            self.changed(sheet, row, name, f"is now called “{id}”")

    def unused(self, sheet: str, row: int, cells: Iterable[tuple[str, str]], used: Iterable[str]) -> None:
        """Cells under headings that nothing is made of."""
        known = set(used)
        for heading, said in cells:
            if heading not in known and said:
                short = said if len(said) <= 40 else f"{said[:39]}…"
                self.left_out(sheet, row, heading, f"says “{short}”, which a questionnaire has no place for")

    def in_order(self) -> tuple[Note, ...]:
        """What is not there before what has another shape; by sheet and row."""
        small = [
            Note(sheet, None, "", Kind.CHANGED, f"{len(names)} names are in small letters now: {_some(names)}")
            for sheet, names in self.lowered.items()
        ]
        return tuple(
            sorted(
                [*self.found, *small],
                key=lambda note: (note.kind is Kind.CHANGED, note.sheet != "survey", note.sheet, note.row or 0),
            )
        )


def _some(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names[:5]) + (" …" if len(names) > 5 else "")
