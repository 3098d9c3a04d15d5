"""A mapping suggested from a table's header: what surely means an item is mapped, the rest is left to be filled in."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from forms.names import NameFault, Names, bare, fold, free_identifier
from forms.questionnaire import Item, ItemType, Questionnaire
from survey.external.cells import Reader, meanings
from survey.external.mapping import UNFILLED, Held

MOST = 60  # different answers that are listed of a column
_SIGNS = (", ", "; ", ";", "|", ",", " ")  # between several choices of a cell
_CODES = re.compile(r"(?:.*/)?(\w+?)(?:\[(\w+)\])?\.?")  # Kobo's group/name, LimeSurvey's name[sub]


def suggested(columns: Mapping[str, Sequence[str | None]], asked: Questionnaire, name: str, unit: str) -> str:
    """The text of a mapping; ``unit``: the column that names units, '' when it is not known yet."""
    lines = [
        f"# A mapping is taken only when every “{UNFILLED}” of it is filled in.",
        'id = "dot_ngoai"', f'title.vi = "{UNFILLED}"',
        f'opens = "{UNFILLED}"  # the first day, such as 2025-11-01, without quotation marks',
        f'closes = "{UNFILLED}"', "k = 5",
        f"questionnaire = {_said(name)}", 'mode = "open"', f"unit_column = {_said(unit)}", "", "[group]",
        'id = "nguoi_dan"', 'name.vi = "Người dân"', "",
        "# Without [design] the answers are marked as no probability sample.", "# [design]",
        f'# weight = "{UNFILLED}"', f'# stratum = "{UNFILLED}"', "",
    ]  # fmt: skip
    lines += _units(columns.get(unit, ()))
    for heading, cells in columns.items():
        if heading != unit:
            lines += _column(heading, cells, asked)
    return "\n".join(lines)


def headings(asked: Questionnaire) -> set[str]:
    """What columns of a table of this questionnaire are called."""
    items = [item for item in asked.items.values() if item.type is not ItemType.NOTE]
    return {item.id for item in items} | {text for item in items for text in item.text.values()}


def _units(cells: Sequence[str | None]) -> Iterator[str]:
    """An office once, however it is written; what may mean several is left to be said."""
    offices, unsure = _offices(cells)
    taken: set[str] = set()
    for name, said in offices.items():
        id = free_identifier(name, taken, "don_vi")
        taken.add(id)
        yield from ("[[unit]]", f'id = "{id}"', f"name.vi = {_said(name)}", 'kind = "department"')
        if said:
            yield f"said = [{', '.join(map(_said, said))}]"
        yield ""
    for name, found in unsure.items():
        yield f"# {_said(name)} may mean {' or '.join(map(_said, found))}: put it under “said” of that one."
    if not taken:
        yield from ("[[unit]]", 'id = "don_vi"', f'name.vi = "{UNFILLED}"', 'kind = "department"', "")


def _offices(cells: Sequence[str | None]) -> tuple[dict[str, list[str]], dict[str, tuple[str, ...]]]:
    """Name → its other spellings, and spelling → the names that it may mean.

    The name is the spelling that says most: with its marks and capitals, with its prefix, the commonest.
    """
    often = Counter((cell or "").strip() for cell in cells)

    def rank(said: str) -> tuple[bool, bool, int, int, str]:
        return (bare(said) == fold(said), said == said.casefold(), -len(bare(said)), -often[said], said)

    offices: dict[str, list[str]] = {}
    known = Names({})
    unsure: dict[str, tuple[str, ...]] = {}
    for said in sorted(_different(cells), key=rank):
        try:
            offices[known.find(said)].append(said)
        except NameFault as error:
            if error.found:
                unsure[said] = error.found
            else:
                offices[said] = []
                known.add(said, said)
    return dict(sorted(offices.items())), unsure


def _column(heading: str, cells: Sequence[str | None], asked: Questionnaire) -> Iterator[str]:
    item, choice = _item(heading, asked)
    hash = "" if item else "# "
    yield f"{hash}[[column]]"
    yield f"{hash}heading = {_said(heading)}"
    yield f'{hash}item = "{item.id if item else UNFILLED}"'
    if choice:
        yield f'choice = "{choice}"'
    if item and item.closed and not choice:
        yield from _values(cells, item)
    yield ""


def _values(cells: Sequence[str | None], item: Item) -> Iterator[str]:
    """What the column says and no choice surely means; figures from 1 are places on the scale."""
    different = _different(cells)
    values: dict[str, str] = {}
    if item.type is ItemType.MULTIPLE:
        sign, different = _parted(different, item)
        yield f"separator = {_said(sign)}"
        # Said, though they are known: whoever reads the mapping sees that the sign does not part them.
        values = {text: choice.id for choice in item.choices for text in choice.text.values() if sign in text}
    known = meanings(item)
    strange = [said for said in different if said not in known and bare(said) not in known and said not in values]
    if not strange and not values:
        return
    yield "[column.values]"
    for text, id in values.items():
        yield f'{_said(text)} = "{id}"'
    places = {str(at): choice.id for at, choice in enumerate(item.choices, 1)}
    counted = all(said in places for said in strange)
    for said in strange[:MOST]:
        meant = places[said] if counted else UNFILLED
        yield f'{_said(said)} = "{meant}"' + ("" if counted else '  # a choice, "na", "declined", or "" for no answer')


def _parted(different: Sequence[str], item: Item) -> tuple[str, list[str]]:
    """The sign that leaves the fewest cells with words that no choice has, and the pieces that it makes."""
    signs = [sign for sign in _SIGNS if any(sign in said for said in different)] or [_SIGNS[0]]
    read = {sign: [Reader(Held("", item, None, sign, {})).parted(said) for said in different] for sign in signs}
    best = min(signs, key=lambda sign: (sum(each.unknown > 0 for each in read[sign]), signs.index(sign)))
    return best, list(dict.fromkeys(piece for each in read[best] for piece in each.pieces))


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
