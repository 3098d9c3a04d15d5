"""A table of keyed forms: one row a form (and unit), columns ``code``, ``unit``, ``declined`` and the items' ids.

Cells hold what is printed at the boxes of the form (1, 2, …; 9 for “don't know”), or choice ids; several of them are
parted by spaces or semicolons. What is read is checked as the pages check it, and every fault is said at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from forms import answers, names, tables
from forms.answers import AnswerFault, Value
from forms.faults import Fault, Faults
from forms.questionnaire import Item, ItemType, Questionnaire
from forms.tables import Cell
from survey import codes
from survey.drafts import DECLINED_UNIT, RESPONDENT, Draft, Key
from survey.invitations import Invitation
from survey.keying.counting_in import NO_CODE, of_code, scanned
from survey.keys import WaveKeys
from survey.paper import marks as paper_marks
from survey.store import Store

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

CODE, UNIT, DECLINED = "code", "unit", "declined"
_PARTS = re.compile(r"[\s;,+/]+")
_NO = frozenset({"", "0", "no", "không", "khong", "false"})


@dataclass(frozen=True, slots=True)
class Form:
    """One keyed form. ``refused`` says why no form of this code can be taken; then there are no answers."""

    code: str
    row: int
    draft: Draft = field(default_factory=Draft)
    refused: str = ""


@dataclass(slots=True)
class _Reading:
    """What is known of one form while its rows are read."""

    row: int
    found: Invitation | str
    page: dict[Key, Value | None] = field(default_factory=dict)
    units: set[str] = field(default_factory=set)
    place: dict[Key, int] = field(default_factory=dict)


def headings(wave: RegisteredWave, group: str) -> tuple[str, ...]:
    """The columns for forms of one group."""
    asked = wave.questionnaire_of(group).items.values()
    return CODE, UNIT, DECLINED, *(item.id for item in asked if item.type is not ItemType.NOTE)


def read(store: Store, keys: WaveKeys, wave: RegisteredWave, content: bytes, file: str) -> list[Form]:
    """The forms of a CSV or XLSX file, in order. Raises Faults with row and column for all that is wrong with it."""
    (sheet, *others) = [each for each in tables.read(content, file) if any(any(row) for row in each.rows)]
    if others:
        raise Faults([Fault("has several sheets: give one file a table", file)])
    faults: list[Fault] = []
    columns = _columns(wave, sheet.rows[0], file)
    forms: dict[str, _Reading] = {}
    with store.read() as tx:
        for number, row in enumerate(sheet.rows[1:], start=2):
            cells = {name: _text(row[place]) for name, place in columns.items() if place < len(row)}
            if not any(cells.values()):
                continue
            code = scanned(cells[CODE])
            if not codes.is_valid(code):
                faults.append(Fault(NO_CODE, file, number, CODE))
                continue
            form = forms.setdefault(code, _Reading(number, of_code(tx, keys, code)))
            if isinstance(form.found, Invitation):
                faults += _row(wave, form, form.found, cells, file, number)
    faults += [
        Fault("holds no answer: record a blank sheet as set aside, with `phieu paper void`", file, form.row)
        for form in forms.values()
        if isinstance(form.found, Invitation) and not form.page
    ]
    if not forms and not faults:
        faults.append(Fault("has no rows below the headings", file))
    if faults:
        raise Faults(sorted(faults, key=lambda fault: fault.row or 0))
    return [_form(code, form) for code, form in forms.items()]


def _form(code: str, form: _Reading) -> Form:
    if isinstance(form.found, str):
        return Form(code, form.row, refused=form.found)
    return Form(code, form.row, Draft().merged(form.page, seen=0))


def _columns(wave: RegisteredWave, heading: Sequence[Cell], file: str) -> dict[str, int]:
    """Heading → its place. Every item of at least one questionnaire must be there, and nothing that is in none."""
    found: dict[str, int] = {}
    faults: list[Fault] = []
    groups = [(each.id, set(headings(wave, each.id)) - {CODE, UNIT, DECLINED}) for each in wave.spec.groups]
    known = {CODE, UNIT, DECLINED}.union(*(items for _, items in groups))
    for place, cell in enumerate(heading):
        name = _text(cell).casefold()
        if not name:
            continue
        if name not in known:
            faults.append(Fault("is neither an item of this wave nor code, unit or declined", file, 1, _text(cell)))
        elif name in found:
            faults.append(Fault("stands twice", file, 1, name))
        found.setdefault(name, place)
    if CODE not in found:
        faults.append(Fault("has no such column; the first row names the columns", file, 1, CODE))
    fitting = [group for group, items in groups if items <= found.keys()]
    if not fitting and not faults:
        near, items = max(groups, key=lambda each: len(each[1] & found.keys()))
        lacking = ", ".join(sorted(items - found.keys()))
        faults.append(Fault(f"lacks columns that forms of group “{near}” have: {lacking}", file, 1))
    if faults:
        raise Faults(faults)
    return found


def _row(
    wave: RegisteredWave, form: _Reading, invitation: Invitation, cells: Mapping[str, str], file: str, number: int
) -> Iterator[Fault]:
    """Put a row's answers into its form; what is wrong with it."""
    questionnaire = wave.questionnaire_of(invitation.group)
    unit = _unit(wave, invitation, cells.get(UNIT, ""))
    if unit is None:
        yield Fault(f"“{cells.get(UNIT, '')}” is not assessed by this invitation", file, number, UNIT)
        return
    if unit in form.units:
        yield Fault("this code and unit stand in an earlier row too", file, number, CODE)
        return
    form.units.add(unit)
    for name in cells.keys() - {CODE, UNIT, DECLINED} - questionnaire.items.keys():
        if cells[name]:
            yield Fault(f"is not asked of group “{invitation.group}”", file, number, name)
    declined = cells.get(DECLINED, "").casefold() not in _NO
    if declined:
        form.page[unit, DECLINED_UNIT] = "1"
    values, wrong = read_cells(questionnaire, cells)
    for each in wrong:
        yield Fault(_told(each, questionnaire.items[each.item], cells[each.item]), file, number, each.item)
    for item, value in values.items():
        about = unit if item in questionnaire.unit_items else RESPONDENT
        if about == unit and declined:
            yield Fault("is answered, but the unit is marked as declined", file, number, item)
        elif form.page.setdefault((about, item), value) != value:
            first = form.place[about, item]
            yield Fault(f"is asked once a respondent, and differs from row {first}", file, number, item)
        form.place.setdefault((about, item), number)


def _unit(wave: RegisteredWave, invitation: Invitation, told: str) -> str | None:
    """The unit that a row is about: by id or name, and left out where the form has only one."""
    if not told:
        return invitation.unit_ids[0] if len(invitation.unit_ids) == 1 else None
    candidates = {id: [id, *dict(wave.spec.unit(id).name).values()] for id in invitation.unit_ids}
    try:
        return names.match(told, candidates)
    except names.NameFault:
        return None


def read_cells(questionnaire: Questionnaire, cells: Mapping[str, str]) -> tuple[dict[str, Value], list[AnswerFault]]:
    """What was keyed of one unit, read as the pages read. What is empty stays so: nobody can be asked again."""
    values: dict[str, Value] = {}
    faults: list[AnswerFault] = []
    for section in questionnaire.sections:
        posted: dict[str, Sequence[str]] = {item.id: _sent(item, cells.get(item.id, "")) for item in section.items}
        outcome = answers.read(section, {**posted, answers.ASKED: ["1"]})
        values |= {item: value for item, value in outcome.values.items() if value is not None and value != ()}
        faults += outcome.faults
    return values, faults


def _sent(item: Item, cell: str) -> list[str]:
    """What the pages would have sent; a printed number is the choice at its box."""
    if not cell or not item.closed:
        return [cell] if cell else []
    parts = [part for part in _PARTS.split(cell) if part] if item.type is ItemType.MULTIPLE else [cell]
    return [_choice(item, part) for part in parts]


def _choice(item: Item, told: str) -> str:
    if not (told.isascii() and told.isdecimal()):
        return told.casefold()
    number = int(told[:6])
    if item.allow_na and number == paper_marks.na_code(item):
        return answers.NA
    return item.choices[number - 1].id if 1 <= number <= len(item.choices) else told


def _told(fault: AnswerFault, item: Item, cell: str) -> str:
    match fault.key:
        case "unknown_choice":
            last = f", {paper_marks.na_code(item)} for “don't know”" if item.allow_na else ""
            return f"“{cell[:40]}” is no box of this question: 1 to {len(item.choices)}{last}"
        case "not_a_number":
            return f"“{cell[:40]}” is no whole number"
        case "not_a_month":
            return f"“{cell[:40]}” is no month such as 03/2026"
        case "out_of_range":
            low, high = fault.params.get("minimum", "any"), fault.params.get("maximum", "any")
            return f"{cell[:40]} is not from {low} to {high}"
        case _:
            return f"has {fault.params['length']} characters where {fault.params['maximum']} are allowed"


def _text(cell: Cell) -> str:
    """A cell as somebody would have typed it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return f"{cell:%Y-%m}" if isinstance(cell, date) else str(cell).strip()
