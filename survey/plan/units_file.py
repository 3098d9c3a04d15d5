"""The ``[[unit]]`` tables of a wave file: offices that are assessed, and abolished ones whose dossiers another has."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from forms.toml import ID, Table
from survey.plan.delivery_file import a_date
from survey.plan.wave_spec import Former, Unit


def read(tables: Iterable[Table], opens: date, closes: date) -> tuple[tuple[Unit, ...], tuple[Former, ...]]:
    """Assessed units, and those abolished before the wave opens (``valid_to``), each in the file's order."""
    rows = [(table, _valid_to(table, opens, closes)) for table in tables]
    former = tuple(_former(table, end) for table, end in rows if end is not None and end < opens)
    units = tuple(_unit(table) for table, end in rows if end is None or end >= opens)
    known = {unit.id for unit in units} | {each.id for each in former}
    for table, _ in rows:
        successor = table.data.get("successor")
        if isinstance(successor, str) and successor not in known:
            table.fault("successor", f"“{successor}” is not a unit of this wave")
    for table, end in rows:
        if end is not None and end < opens and _circular(former, str(table.data.get("id"))):
            table.fault("successor", "its successors lead back to itself")
    return units, former


def _valid_to(table: Table, opens: date, closes: date) -> date | None:
    table.only("id", "name", "kind", "valid_from", "valid_to", "successor")
    start = a_date(table, "valid_from") if "valid_from" in table else None
    end = a_date(table, "valid_to") if "valid_to" in table else None
    if start is not None and start > closes:
        table.fault("valid_from", f"the unit exists from {start}, after the wave closes on {closes}")
    if start is not None and end is not None and end < start:
        table.fault("valid_to", f"the unit ends on {end} before it begins on {start}")
    if "successor" in table and (end is None or end >= opens):
        table.fault("successor", f"only a unit whose valid_to lies before the wave opens ({opens}) has a successor")
    return end


def _unit(table: Table) -> Unit:
    return Unit(table.id(), table.words("name"), _kind(table))


def _former(table: Table, end: date) -> Former:
    successor = table.string("successor", "") or None
    return Former(table.id(), table.words("name"), _kind(table), end, successor)


def _kind(table: Table) -> str:
    kind = table.string("kind")
    if kind and not ID.fullmatch(kind):
        table.fault("kind", f"“{kind}” is not an id: use a–z, 0–9 and _, beginning with a letter")
    return kind


def _circular(former: tuple[Former, ...], start: str) -> bool:
    next_of = {each.id: each.successor for each in former}
    at, seen = start, {start}
    while (following := next_of.get(at)) is not None:
        if following in seen:
            return True
        seen.add(following)
        at = following
    return False
