"""The same thing found in many rows of a table is said once, with how often and where first."""

from __future__ import annotations

from collections.abc import Iterator

from forms.faults import Fault

_ROWS_NAMED = 10


class Noted:
    """What was found, by column and words, with the rows."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], list[int]] = {}

    def add(self, row: int, column: str, said: str) -> None:
        """Remember that ``said`` is so in a row; rows come in order."""
        self._rows.setdefault((column, said), []).append(row)

    def faults(self, name: str) -> list[Fault]:
        """A fault each, in the order of their first rows."""
        ordered = sorted(self._rows.items(), key=lambda each: each[1][0])
        return [Fault(said + _others(rows), name, rows[0], column) for (column, said), rows in ordered]

    def lines(self) -> Iterator[str]:
        """A line each, with the rows."""
        for (column, said), rows in self._rows.items():
            named = ", ".join(map(str, rows[:_ROWS_NAMED])) + (", …" if len(rows) > _ROWS_NAMED else "")
            yield f"column “{column}”: {said} ({len(rows):,} {'rows' if len(rows) > 1 else 'row'}: {named})"


def _others(rows: list[int]) -> str:
    match len(rows) - 1:
        case 0:
            return ""
        case 1:
            return f" (so in one more row, {rows[1]})"
        case more:
            return f" (so in {more:,} more rows)"
