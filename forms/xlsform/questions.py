"""One row of the sheet “survey” as an item of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from forms.conditions import LONGEST, Condition, ConditionError, Junction, write
from forms.conditions import parse as parse_condition
from forms.questionnaire import Item, ItemType
from forms.questionnaire_file import RESERVED
from forms.text import Text
from forms.xlsform.conditions import Known, Node, condition
from forms.xlsform.expressions import Unsayable, limits, longest, parse
from forms.xlsform.lists import List, made_id, text
from forms.xlsform.notes import Notes
from forms.xlsform.sheets import Row

_PLAIN = {
    "integer": ItemType.NUMBER, "int": ItemType.NUMBER, "decimal": ItemType.NUMBER, "range": ItemType.NUMBER,
    "text": ItemType.TEXT, "string": ItemType.TEXT, "date": ItemType.DATE, "note": ItemType.NOTE,
}  # fmt: skip
_SELECT = re.compile(
    r"(?P<one>select[ _]?one(?: from)?|select1)|(?P<several>select[ _]multiple|select all that apply(?: from)?)"
)
_YES = {"yes", "true", "true()", "1", "y", "có"}
_NO = {"", "no", "false", "false()", "0", "n", "không"}
# The ids of the dataset's own columns, and names that mean something else.
_TAKEN = RESERVED | {
    "respondent",
    "psu",
    "unit",
    "group",
    "stratum",
    "wclass",
    "mode",
    "base_weight",
    "phase",
    "duration_band",
}
USED = {
    "type", "name", "required", "relevant", "constraint", "phieu_factor", "phieu_na", "phieu_type", "phieu_each",
}  # fmt: skip
_PARAMETERS = re.compile(r"(start|end|step)\s*=\s*(-?\d+)")


@dataclass(slots=True)
class Asked:
    """What was read so far: whatever a later question may ask about."""

    lists: Mapping[str, List]
    notes: Notes
    known: dict[str, tuple[Item, Mapping[str, str]]] = field(default_factory=dict)
    about_respondent: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=lambda: set(_TAKEN))
    rows: dict[str, int] = field(default_factory=dict)  # of the items, by id

    def for_each(self, each: str) -> Known:
        """What a question may ask about: one that is asked once a respondent, only others such."""
        if each == "unit":
            return self.known
        return {name: found for name, found in self.known.items() if name in self.about_respondent}


def question(row: Row, asked: Asked, group: Node | None, each: str) -> list[Item]:
    """The items that a row becomes: one, two for “or other”, or none with a note of why."""
    notes, kind = asked.notes, re.sub(r"\s+", " ", row.get("type").strip())
    name = row.get("name")
    type, list_, other = _type(kind, asked.lists)
    if type is ItemType.SCALE and row.get("phieu_type") == "single":
        type = ItemType.SINGLE
    if not isinstance(type, ItemType):
        notes.left_out("survey", row.number, name or kind, type)
        return []
    if row.get("type").split()[0].casefold() in ("decimal", "range"):
        notes.changed("survey", row.number, name, f"is a {kind.split()[0]}: only whole numbers can be given here")
    if not name:
        notes.changed("survey", row.number, kind, "has no name")
    id = made_id(name, "q", asked.ids)
    notes.renamed("survey", row.number, name, id)
    asked.ids.add(id)
    asked.rows[id] = row.number
    said = text(row.words.get("label", {}), notes, "survey", row.number, name or id)
    hint = row.words.get("hint")
    low, high, length = _limits(row, type, notes)
    _rest(row, type, kind, notes)
    item = Item(
        id, type, said, text(hint, notes, "survey", row.number, name) if hint else None,
        choices=list_.choices if list_ else (),
        allow_na=(list_.na if list_ else row.get("phieu_na") == "yes") and type is not ItemType.NOTE,
        required=_required(row, notes) and type is not ItemType.NOTE,
        show_if=shown_if(row, asked, group, each),
        factor=row.get("phieu_factor") or None, minimum=low, maximum=high, max_length=length,
        scale=list_.id if list_ else None,
    )  # fmt: skip
    made = [item]
    _remember(asked, name or id, item, list_.ids if list_ else {}, each)
    if other:
        made.append(_other(row, asked, item, each))
    return made


def _rest(row: Row, type: ItemType, kind: str, notes: Notes) -> None:
    """What of a row no item is made of."""
    used = USED | ({"parameters"} if kind == "range" else set())
    if type is ItemType.DATE and row.get("appearance") == "month-year":
        used = used | {"appearance"}
    elif type is ItemType.DATE:
        notes.changed("survey", row.number, row.get("name"), "is a day: only its month and year are kept")
    notes.unused("survey", row.number, row.cells.items(), used)


def _type(kind: str, lists: Mapping[str, List]) -> tuple[ItemType | str, List | None, bool]:
    """Our type of a question, or why there is none; its list; whether another answer may be written in."""
    plain = kind.casefold().split(" ")[0]
    match = _SELECT.match(kind.casefold())
    if match is None or plain.endswith(("file", "external")):
        if plain in _PLAIN:
            return _PLAIN[plain], None, False
        return f"is of type “{kind}”, which cannot be asked here", None, False
    rest = kind[match.end() :].split()
    name = rest[0] if rest else ""
    if name not in lists:
        return f"asks for the list “{name}”, which the sheet “choices” has not", None, False
    found = lists[name]
    other = rest[1:] in (["or_other"], ["or", "specify", "other"])
    if len(found.choices) + other < 2:
        return f"has the list “{name}”, which has fewer than two choices", None, False
    if match["several"]:
        return ItemType.MULTIPLE, found, other
    return (ItemType.SCALE if found.scored and not other else ItemType.SINGLE), found, other


def _remember(asked: Asked, name: str, item: Item, ids: Mapping[str, str], each: str) -> None:
    if item.type is ItemType.NOTE:
        return
    asked.known[name] = (item, ids)
    if each != "unit":
        asked.about_respondent.add(name)


def _other(row: Row, asked: Asked, item: Item, each: str) -> Item:
    """The line in which to write what is none of the choices; ``reading`` has added the choice itself."""
    id = made_id(f"{item.id}_other", "q", asked.ids)
    asked.ids.add(id)
    sign = "has" if item.type is ItemType.MULTIPLE else "=="
    text_ = f"'other' in {item.id}" if sign == "has" else f"{item.id} == 'other'"
    asked.notes.changed("survey", row.number, row.get("name"), f"“or other” is now a choice and the question “{id}”")
    made = Item(id, ItemType.TEXT, Text({"vi": "Xin ghi rõ:", "en": "Please specify:"}), show_if=parse_condition(text_))
    _remember(asked, id, made, {}, each)
    return made


def shown_if(row: Row, asked: Asked, group: Node | None, each: str) -> Condition | None:
    """When a row shows: its own condition and that of the groups it stands in."""
    node = group
    if row.get("relevant"):
        own = relevant(row, asked, each, within=group is not None)
        node = own if node is None else (node if own is None else Junction("and", (node, own)))
    if node is None:
        return None
    try:
        said = write(node)
        if len(said) > LONGEST:
            raise Unsayable(f"is longer than {LONGEST} characters")
        return parse_condition(said)
    except (Unsayable, ConditionError) as error:
        asked.notes.left_out(
            "survey", row.number, row.get("name"), f"its condition, with that of its groups, {error}: {EVERYBODY}"
        )
        return None


def relevant(row: Row, asked: Asked, each: str, *, within: bool = False) -> Node | None:
    """A row's own condition; None with a note where it cannot be said. ``within``: groups have one too."""
    try:
        return condition(parse(row.get("relevant")), asked.for_each(each))
    except Unsayable as error:
        asked.notes.left_out(
            "survey", row.number, row.get("name") or row.get("type"),
            f"the whole of its condition, which {error}: {WITHIN if within else EVERYBODY}",
        )  # fmt: skip
        return None


EVERYBODY = "it is asked of everybody"
WITHIN = "it is asked of everybody whom its groups are asked of"


def _limits(row: Row, type: ItemType, notes: Notes) -> tuple[int | None, int | None, int]:
    """Smallest, largest and longest answer."""
    low = high = None
    length = 1000
    steps = {key: int(value) for key, value in _PARAMETERS.findall(row.get("parameters"))}
    if row.get("type").casefold() == "range":
        low, high = steps.get("start", 0), steps.get("end", 10)
        if steps.get("step", 1) != 1:
            notes.left_out("survey", row.number, "parameters", "every whole number can be given, whatever the step")
    if row.get("constraint"):
        try:
            if type is ItemType.NUMBER:
                low, high = _both((low, high), limits(parse(row.get("constraint"))))
            elif type is ItemType.TEXT:
                length = longest(parse(row.get("constraint")))
            else:
                raise Unsayable("limits answers that are chosen or a date")
        except Unsayable as error:
            notes.left_out("survey", row.number, "constraint", f"of “{row.get('name')}” {error}")
    return low, high, length


def _both(
    one: tuple[int | None, int | None], other: tuple[int | None, int | None]
) -> tuple[int | None, int | None]:  # fmt: skip
    """What lies within both limits. Raises Unsayable where no whole number does."""
    low = max((n for n in (one[0], other[0]) if n is not None), default=None)
    high = min((n for n in (one[1], other[1]) if n is not None), default=None)
    if low is not None and high is not None and low > high:
        raise Unsayable("leaves no whole number")
    return low, high


def _required(row: Row, notes: Notes) -> bool:
    said = row.get("required").casefold()
    if said not in _YES | _NO:
        notes.left_out(
            "survey", row.number, "required", f"is “{said[:40]}”: here an answer is asked for always or never"
        )
    return said in _YES
