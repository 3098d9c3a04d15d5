"""What is wrong with a file, said so that the person who made it can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what is wrong, and where.

    ``row`` counts from 1 as a spreadsheet or editor shows it; ``column`` is a heading or a key.
    """

    message: str
    file: str = ""
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        place = self.file if self.row is None else f"{self.file}:{self.row}"
        if self.column is not None:
            place = f"{place}, column “{self.column}”" if place else f"column “{self.column}”"
        return f"{place}: {self.message}" if place else self.message


class Faults(ValueError):
    """All the faults of one file at once. Nothing was changed when this is raised."""

    def __init__(self, faults: Iterable[Fault] | str) -> None:
        self.faults: tuple[Fault, ...] = (Fault(faults),) if isinstance(faults, str) else tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
