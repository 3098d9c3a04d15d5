"""The ``[fieldwork]`` and ``[payment]`` tables of a wave file: how many are to come back by when, and who is paid what.

::

    [fieldwork]
    target_rate = 0.7                     # share of what is issued that is to come back; a group may say its own
    skip_weekends = true                  # no returns are expected on Saturdays and Sundays
    holidays = [2027-02-05, { from = 2027-02-06, to = 2027-02-12 }]
    curve = [0.4, 0.65, 0.8, 0.92, 1]     # share of all returns in by equal parts of the working days
    like = "cchc_2025"                    # in place of a curve: the day counts of an earlier wave

    [payment]
    basis = "Quyết định số …"             # printed on every list
    interviewer = 30000                   # đồng, for each form accepted
    respondent = { can_bo = 50000 }       # đồng, by group that is paid for answering
    columns = ["Số tài khoản", "Ngân hàng"]  # further columns, left empty
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from forms.toml import ID, Table

MOST_HOLIDAYS = 366
MOST_POINTS = 400
MOST_COLUMNS = 4  # more do not fit a page


@dataclass(frozen=True, slots=True)
class Fieldwork:
    """What the board measures against. ``curve``: cumulative shares at the ends of equal parts; empty when undeclared.

    ``target_rate`` is None where neither a target nor an expected response is declared.
    """

    target_rate: float | None = None
    targets: tuple[tuple[str, float], ...] = ()  # by group
    skip_weekends: bool = False
    holidays: frozenset[date] = frozenset()
    curve: tuple[float, ...] = ()
    like: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """Amounts in đồng: for each form accepted of an interviewer, and by group for each respondent who answered."""

    basis: str = ""
    interviewer: int = 0
    respondent: tuple[tuple[str, int], ...] = ()
    columns: tuple[str, ...] = field(default_factory=tuple)


def read(table: Table | None, groups: tuple[tuple[str, float | None], ...], identity: str, opens: date,
         closes: date) -> Fieldwork:  # fmt: skip
    """What is declared of the fieldwork. ``groups``: each with its own target rate, or None."""
    targets = tuple((group, rate) for group, rate in groups if rate is not None)
    if table is None:
        return Fieldwork(targets=targets)
    table.only("target_rate", "skip_weekends", "holidays", "curve", "like")
    holidays = _holidays(table)
    weekends = table.boolean("skip_weekends", False)
    _some_day_is_left(table, opens, closes, holidays, weekends)
    curve, like = _curve(table), table.string("like", "")
    if like and not ID.fullmatch(like):
        table.fault("like", f"“{like}” is not the id of a wave")
    if like == identity:
        table.fault("like", "a wave cannot be measured against its own days")
    if curve and like:
        table.fault("like", "“curve” and “like” say the same thing twice: leave one out")
    return Fieldwork(rate(table), targets, weekends, holidays, curve, like)


def rate(table: Table) -> float | None:
    """``target_rate``; None where it is not declared."""
    return table.number("target_rate", 0.01, 1.0) if "target_rate" in table else None


def payment(table: Table | None, groups: tuple[str, ...]) -> Payment | None:
    """Who is paid what; None where nobody is."""
    if table is None:
        return None
    table.only("basis", "interviewer", "respondent", "columns")
    amounts = table.table("respondent")
    paid = []
    for group in amounts.data if amounts is not None else ():
        if amounts is not None:
            if group not in groups:
                amounts.fault(group, f"“{group}” is not a group of this wave")
            paid.append((group, amounts.integer(group, 0, low=1) or 0))
    interviewer = table.integer("interviewer", 0, low=1) or 0
    if not interviewer and not paid:
        table.fault(None, "nobody is paid: declare “interviewer”, “respondent” or both")
    columns = table.strings("columns")
    if len(columns) > MOST_COLUMNS:
        table.fault("columns", f"{len(columns)} further columns do not fit a page: {MOST_COLUMNS} at most")
    if any(not column.strip() for column in columns) or len(set(columns)) < len(columns):
        table.fault("columns", "a column of “columns” is empty or stands twice")
    return Payment(table.string("basis", ""), interviewer, tuple(paid), columns)


def _holidays(table: Table) -> frozenset[date]:
    days: set[date] = set()
    values: Any = table.data.get("holidays", [])
    if not isinstance(values, list):
        table.fault("holidays", "“holidays” must be a list of days such as 2027-02-05 or { from = …, to = … }")
        return frozenset()
    for place, value in enumerate(values):
        path = (*table.path, "holidays", place)
        span = _span(value)
        if span is None:
            table.document.fault(path, "must be a day such as 2027-02-05, or { from = 2027-02-05, to = 2027-02-12 }")
        elif not 0 <= (span[1] - span[0]).days < MOST_HOLIDAYS:
            table.document.fault(path, f"{span[0]} to {span[1]} is no span of days within a year")
        else:
            days |= {span[0] + timedelta(number) for number in range((span[1] - span[0]).days + 1)}
    return frozenset(days)


def _span(value: Any) -> tuple[date, date] | None:
    """First and last day of an entry; None when it is none."""
    if isinstance(value, dict):
        if set(value) != {"from", "to"}:
            return None
        first, last = value["from"], value["to"]
    else:
        first = last = value
    days = [day for day in (first, last) if isinstance(day, date) and not isinstance(day, datetime)]
    return (days[0], days[1]) if len(days) == 2 else None


def _some_day_is_left(table: Table, opens: date, closes: date, holidays: frozenset[date], weekends: bool) -> None:
    span = min((closes - opens).days + 1, MOST_HOLIDAYS)
    days = [opens + timedelta(number) for number in range(span)]
    if days and all(day in holidays or (weekends and day.weekday() > 4) for day in days):
        table.fault("holidays", f"no working day is left between {opens} and {closes}")


def _curve(table: Table) -> tuple[float, ...]:
    values: Any = table.data.get("curve")
    if values is None:
        return ()
    if not isinstance(values, list) or not 2 <= len(values) <= MOST_POINTS:
        table.fault("curve", f"“curve” must be a list of 2 to {MOST_POINTS} shares, the last of them 1")
        return ()
    shares = [table.checked("curve", value, 0.0, 1.0) for value in values]
    if any(share is None for share in shares):
        return ()
    kept = tuple(share for share in shares if share is not None)
    if any(later < earlier for earlier, later in pairwise(kept)):
        table.fault("curve", "“curve” is cumulative: it cannot fall")
    if kept[-1] != 1:
        table.fault(
            "curve", f"“curve” ends with {kept[-1]:g}: with the last day all returns are in, so it must end with 1"
        )
    return kept
