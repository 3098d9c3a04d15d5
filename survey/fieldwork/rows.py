"""The board's table as it is looked at: rows by unit, group or mode, filtered and sorted. Pure.

The page and the file that is taken from it show the same rows in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from forms.names import fold
from survey.fieldwork.counting import EVERYTHING, Board, Choice, Tally, by_group, by_mode, by_unit
from survey.fieldwork.standing import Standing, Verdict


class By(StrEnum):
    """What a row is about."""

    UNIT = "unit"
    GROUP = "group"
    MODE = "mode"


_PART = {By.UNIT: by_unit, By.GROUP: by_group, By.MODE: by_mode}


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``expected``: returns expected by now; ``difference``: returned less that, as a share of the issued."""

    key: str
    name: str
    tally: Tally
    expected: float | None
    difference: float | None
    verdict: Verdict | None

    @property
    def expected_rate(self) -> float | None:
        """Where the mark stands on the meter."""
        return None if self.expected is None or not self.tally.issued else self.expected / self.tally.issued


_Key = Callable[[Row], float]
SORTS: Mapping[str, _Key] = {
    "issued": lambda row: row.tally.issued,
    "returned": lambda row: row.tally.returned,
    "rate": lambda row: -1.0 if row.tally.rate is None else row.tally.rate,
    "difference": lambda row: -9.0 if row.difference is None else row.difference,
    "valid": lambda row: row.tally.valid,
    "refused": lambda row: row.tally.refused,
    "broke_off": lambda row: row.tally.broke_off,
    "ineligible": lambda row: row.tally.ineligible + row.tally.screened_out,
    "lost": lambda row: row.tally.lost,
    "outstanding": lambda row: row.tally.outstanding,
}


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody looks at: everything that the page's address says. ``sort``: "" is the wave file's order."""

    by: By = By.UNIT
    choice: Choice = EVERYTHING
    sort: str = ""
    descending: bool = False
    late: bool = False  # only rows that are late


def look(told: Mapping[str, str]) -> Look:
    """Read it from the parameters of an address; what is not known is left out, as in any link that somebody edits."""
    sort = told.get("sort", "")
    descending = sort.startswith("-")
    name = sort.removeprefix("-")
    by = told.get("by", By.UNIT)
    choice = Choice(*(told.get(part, "")[:100] for part in ("unit", "group", "mode", "kind")))
    return Look(
        By(by) if by in tuple(By) else By.UNIT, choice, name if name in (*SORTS, "name") else "", descending,
        told.get("late", "") == "1",
    )  # fmt: skip


def rows(board: Board, here: Standing, what: Look, names: Mapping[str, str]) -> list[Row]:
    """The rows. ``names``: of units, groups or modes, in the order of the wave file."""
    found = []
    counted = board.by(_PART[what.by], what.choice)
    for key in (*names, *sorted(counted.keys() - names.keys())):
        tally = counted.get(key)
        if tally is not None:
            expected, verdict = here.expected(tally), here.verdict(tally)
            if not what.late or verdict is Verdict.LATE:
                found.append(Row(key, names.get(key, key), tally, expected, here.difference(tally), verdict))
    if what.sort == "name":
        found.sort(key=lambda row: fold(row.name), reverse=what.descending)
    elif what.sort:
        found.sort(key=SORTS[what.sort], reverse=what.descending)
    return found
