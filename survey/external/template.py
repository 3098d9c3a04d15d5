"""A mapping suggested from a table's header: what surely means an item is mapped, the rest is left to be filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from forms.names import bare, free_identifier
from forms.questionnaire import Item, ItemType, Questionnaire
from survey.external.answers import meanings

MOST = 60  # different answers that are listed of a column
_CODES = re.compile(r"(?:.*/)?(\w+?)(?:\[(\w+)\])?\.?")  # Kobo's group/name, LimeSurvey's name[sub]


def suggested(columns: Mapping[str, Sequence[str | None]], asked: Questionnaire, name: str, unit: str) -> str:
    """The text of a mapping; ``unit``: the column that names units, '' when it is not known yet."""
    lines = [
        'id = "dot_ngoai"', 'title.vi = "…"', "opens = 2024-01-01", "closes = 2024-12-31", "k = 5",
        f"questionnaire = {_said(name)}", 'mode = "open"', f"unit_column = {_said(unit)}", "", "[group]",
        'id = "nguoi_dan"', 'name.vi = "Người dân"', "",
        "# Without [design] the answers are marked as no probability sample.", "# [design]",
        '# weight = "…"', '# stratum = "…"', "",
    ]  # fmt: skip
    taken: set[str] = set()
    for said in _different(columns.get(unit, ())):
        id = free_identifier(said, taken, "don_vi")
        taken.add(id)
        lines += ["[[unit]]", f'id = "{id}"', f"name.vi = {_said(said)}", 'kind = "department"', ""]
    if not taken:
        lines += ["[[unit]]", 'id = "don_vi"', 'name.vi = "…"', 'kind = "department"', ""]
    for heading, cells in columns.items():
        if heading != unit:
            lines += _column(heading, cells, asked)
    return "\n".join(lines)


def _column(heading: str, cells: Sequence[str | None], asked: Questionnaire) -> Iterator[str]:
    item, choice = _item(heading, asked)
    hash = "" if item else "# "
    yield f"{hash}[[column]]"
    yield f"{hash}heading = {_said(heading)}"
    yield f'{hash}item = "{item.id if item else "…"}"'
    if choice:
        yield f'choice = "{choice}"'
    if item and item.closed and not choice:
        yield from _values(cells, item)
    yield ""


def _values(cells: Sequence[str | None], item: Item) -> Iterator[str]:
    """What the column says and no choice surely means; figures from 1 are places on the scale."""
    different = _different(cells)
    if item.type is ItemType.MULTIPLE:
        sign = next((each for each in ("; ", ", ", ";", "|") if any(each in said for said in different)), " ")
        yield f"separator = {_said(sign)}"
        different = list(dict.fromkeys(part.strip() for said in different for part in said.split(sign) if part.strip()))
    known = meanings(item)
    strange = [said for said in different if said not in known and bare(said) not in known]
    if not strange:
        return
    yield "[column.values]"
    places = {str(at): choice.id for at, choice in enumerate(item.choices, 1)}
    counted = all(said in places for said in strange)
    for said in strange[:MOST]:
        yield f'{_said(said)} = "{places[said] if counted else ""}"' + ("" if counted else "  # what does it mean?")


def _item(heading: str, asked: Questionnaire) -> tuple[Item | None, str | None]:
    items = {id: item for id, item in asked.items.items() if item.type is not ItemType.NOTE}
    for item in items.values():
        if bare(heading) in {bare(text) for text in item.text.values()}:
            return item, None
    match = _CODES.fullmatch(heading.strip().casefold())
    if match is None:
        return None, None
    parent = heading.strip().casefold().rsplit("/", 2)[-2:]
    if len(parent) == 2 and parent[0] in items and items[parent[0]].choice(parent[1]):
        return items[parent[0]], parent[1]
    name, sub = match[1], match[2]
    if sub and name in items and items[name].choice(sub):
        return items[name], sub
    return items.get(f"{name}_{sub}" if sub else name), None


def _different(cells: Sequence[str | None]) -> list[str]:
    found = sorted({(cell or "").strip() for cell in cells} - {""})
    return found[: 10 * MOST]


def _said(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
