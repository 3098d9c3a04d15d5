"""From a questionnaire's TOML to ``Questionnaire``, with every fault at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, overload

from forms.conditions import DECLINED, NA, Comparison, Condition, ConditionError, parse
from forms.questionnaire import (
    PLACEHOLDERS,
    Choice,
    Contradiction,
    Each,
    Item,
    ItemType,
    Layout,
    Questionnaire,
    Section,
)
from forms.text import Text
from forms.toml import Document, Table

# Names of the page's own hidden fields and buttons, and of what every WTForms form has already.
_PAGE = {"asked", "revision", "sitting", "lang", "receipt", "tag", "code", "action"}
_PAGE |= {"begin", "decline", "declined", "undo"}
_FORM = {"data", "errors", "form_errors", "meta", "populate_obj", "post_process", "process", "validate"}
RESERVED = frozenset(_PAGE | _FORM)
_ITEM_KEYS = ("id", "type", "text", "hint", "factor", "required", "show_if", "na")
_KEYS_BY_TYPE: Mapping[ItemType, tuple[str, ...]] = {
    ItemType.SCALE: ("scale", "choices"),
    ItemType.SINGLE: ("scale", "choices"),
    ItemType.MULTIPLE: ("scale", "choices"),
    ItemType.NUMBER: ("min", "max"),
    ItemType.TEXT: ("max_length",),
    ItemType.DATE: (),
    ItemType.NOTE: (),
}


def read(source: str, name: str) -> Questionnaire:
    """Read and check a questionnaire; raises Faults."""
    document = Document(source, name)
    root = document.root
    root.only("id", "version", "minutes", "title", "factor", "scale", "section", "screen_out", "layout",
              "contradiction")  # fmt: skip
    reader = _Reader(root)
    questionnaire = Questionnaire(
        id=root.id(),
        version=root.integer("version", 1, low=1) or 1,
        minutes=root.integer("minutes", 5, low=1) or 5,
        title=root.words("title"),
        factors=reader.factors,
        sections=tuple(reader.sections()),
        screen_out=reader.condition(root, "screen_out", None),
        text=source,
        layout=root.option("layout", Layout, Layout.SECTIONS) or Layout.SECTIONS,
        contradictions=tuple(reader.contradictions(root)),
    )
    reader.unused()
    document.finish()
    return questionnaire


class _Reader:
    """Reads top to bottom, so that a condition finds only the items before it."""

    def __init__(self, root: Table) -> None:
        self.root = root
        self.factors: dict[str, Text] = {}
        for factor, table in root.named("factor"):
            table.only("name")
            self.factors[factor] = table.words("name")
        self.scales: dict[str, tuple[Choice, ...]] = {}
        for scale, table in root.named("scale"):
            table.only("choices")
            self.scales[scale] = tuple(_choices(table))
        self.seen: dict[str, Item] = {}
        self.each: dict[str, Each] = {}  # item → how often it is asked
        self.used: set[str] = set()  # scales and factors that some item has

    def unused(self) -> None:
        """A scale or factor that no item has is a spelling mistake somewhere."""
        for kind, names in (("scale", self.scales), ("factor", self.factors)):
            for name in names:
                if f"{kind} {name}" not in self.used:
                    self.root.document.fault((kind, name), f"no item has the {kind} “{name}”")

    def sections(self) -> Iterator[Section]:
        ids: set[str] = set()
        for table in self.root.tables("section", required=True):
            table.only("id", "title", "intro", "each", "item")
            id = table.id()
            if id and id in ids:
                table.fault("id", f"the section id “{id}” is used twice")
            ids.add(id)
            each = table.option("each", Each, Each.UNIT) or Each.UNIT
            title, intro = self.text(table, "title"), self.text(table, "intro", required=False)
            items = tuple(self.items(table, each))
            if not items and "item" not in table:
                table.fault(None, f"the section “{id}” has no item")
            yield Section(id, title, items, intro, each.value)

    @overload
    def text(self, table: Table, key: str) -> Text: ...

    @overload
    def text(self, table: Table, key: str, *, required: Literal[False]) -> Text | None: ...

    def text(self, table: Table, key: str, *, required: bool = True) -> Text | None:
        """A text in which only known names may stand in braces."""
        words = table.words(key) if required else table.optional_words(key)
        for name in sorted(words.placeholders - PLACEHOLDERS) if words else ():
            known = ", ".join(f"{{{each}}}" for each in sorted(PLACEHOLDERS))
            table.fault(key, f"“{{{name}}}” is nothing that a wave puts in; known: {known}")
        return words

    def items(self, section: Table, each: Each) -> Iterator[Item]:
        for table in section.tables("item"):
            item = self.item(table, each)
            if not item:
                continue
            if item.id in self.seen:
                table.fault("id", f"the item id “{item.id}” is used twice")
            elif item.id in RESERVED:
                table.fault("id", f"“{item.id}” is a name that pages use themselves; choose another id")
            elif "__" in item.id:
                table.fault("id", f"“{item.id}”: two underscores in a row part an item from its choice in the dataset")
            self.seen.setdefault(item.id, item)
            self.each.setdefault(item.id, each)
            yield item

    def item(self, table: Table, each: Each) -> Item | None:
        id = table.id()
        type = table.option("type", ItemType)
        text, hint = self.text(table, "text"), self.text(table, "hint", required=False)
        show_if = self.condition(table, "show_if", each)
        if type is None:
            return None
        table.only(*_ITEM_KEYS, *_KEYS_BY_TYPE[type])
        choices, scale = self.choices(table, type)
        item = Item(
            id,
            type,
            text,
            hint,
            choices=choices,
            allow_na=table.boolean("na", type is ItemType.SCALE),
            required=table.boolean("required", False),
            show_if=show_if,
            factor=self.factor(table),
            minimum=table.integer("min"),
            maximum=table.integer("max"),
            max_length=table.integer("max_length", 1000, low=1) or 1000,
            scale=scale,
        )
        if item.minimum is not None and item.maximum is not None and item.minimum > item.maximum:
            table.fault("min", f"“min” is {item.minimum}, which is above “max”, {item.maximum}")
        if type is ItemType.NOTE and item.required:
            table.fault("required", "a note takes no answer and cannot be required")
        return item

    def factor(self, table: Table) -> str | None:
        if "factor" not in table:
            return None
        factor = table.string("factor")
        if factor and factor not in self.factors:
            table.fault("factor", f"there is no [factor.{factor}]")
        self.used.add(f"factor {factor}")
        return factor or None

    def choices(self, table: Table, type: ItemType) -> tuple[tuple[Choice, ...], str | None]:
        """The choices of an item, and the scale that they are, if any."""
        if "scale" not in _KEYS_BY_TYPE[type]:
            return (), None
        if "scale" in table and "choices" in table:
            table.fault("scale", "has both “scale” and “choices”; keep one")
        elif "scale" in table:
            scale = table.string("scale")
            self.used.add(f"scale {scale}")
            if scale and scale not in self.scales:
                table.fault("scale", f"there is no [scale.{scale}]")
            return self._scored(table, type, self.scales.get(scale, ())), scale or None
        elif "choices" in table:
            return self._scored(table, type, tuple(_choices(table))), None
        else:
            table.fault(None, f"a {type} item needs “scale” or “choices”")
        return (), None

    def _scored(self, table: Table, type: ItemType, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        if type is ItemType.SCALE and any(choice.value is None for choice in choices):
            table.fault(None, "every choice of a scale item needs a “value”")
        return choices

    def contradictions(self, root: Table) -> Iterator[Contradiction]:
        """Rules about answers, which may ask about every item but texts: their words stand in no dataset's row."""
        ids: set[str] = set()
        for table in root.tables("contradiction"):
            table.only("id", "text", "when")
            id, text, when = table.id(), table.words("text"), self.condition(table, "when", None)
            if id in ids:
                table.fault("id", f"the contradiction id “{id}” is used twice")
            ids.add(id)
            for name in sorted(when.names) if when else ():
                if name in self.seen and self.seen[name].type is ItemType.TEXT:
                    table.fault("when", f"“when” asks about “{name}”, a free text, which is linked to nobody")
            if when is None:
                table.fault(None, "“when” is missing")
            else:
                yield Contradiction(id, text, when)

    def condition(self, table: Table, key: str, each: Each | None) -> Condition | None:
        """The condition at ``key``, checked against the items read so far."""
        if key not in table or not table.string(key):
            return None
        try:
            condition = parse(table.string(key))
        except ConditionError as error:
            table.fault(key, f"the condition “{table.string(key)}” {error}")
            return None
        for comparison in condition.comparisons:
            message = self._mistake(comparison, key, each)
            if message:
                table.fault(key, message)
        return condition

    def _mistake(self, comparison: Comparison, key: str, each: Each | None) -> str | None:
        name = comparison.name
        item = self.seen.get(name)
        if item is None:
            where = "" if each is None else " before this one"
            return f"“{key}” asks about “{name}”, but there is no such item{where}"
        if item.type is ItemType.NOTE:
            return f"“{key}” asks about “{name}”, a note, which takes no answer"
        if each is Each.RESPONDENT and self.each[name] is Each.UNIT:
            return f"“{key}” asks about “{name}”, which has one answer a unit, but this item is asked once a respondent"
        if comparison.sign == "answered":
            return None
        return _misfit(comparison, key, item)


def _misfit(comparison: Comparison, key: str, item: Item) -> str | None:
    """How the values of a comparison fail to be answers of the item."""
    ordered = comparison.sign in ("<", "<=", ">", ">=")
    numeric = item.type in (ItemType.NUMBER, ItemType.DATE)
    if item.type is ItemType.TEXT:
        return f"“{key}” compares “{item.id}”, a free text; only answered({item.id}) can be asked of it"
    if (item.type is ItemType.MULTIPLE) != (comparison.sign == "has"):
        return f"“{key}”: write 'choice' in {item.id} for a multiple choice, and only for one"
    if ordered and not numeric:
        return f"“{key}” orders the answers of “{item.id}”, which is no number"
    known = {choice.id for choice in item.choices} | {NA, DECLINED}
    for value in comparison.values:
        if isinstance(value, int) != numeric and value not in (NA, DECLINED):
            return f"“{key}” compares “{item.id}” with {value!r}, which is never its answer"
        if not numeric and value not in known:
            return f"“{key}”: “{item.id}” has no choice “{value}”"
    return None


def _choices(table: Table) -> Iterator[Choice]:
    ids: set[str] = set()
    for position, choice in enumerate(table.tables("choices", required=True)):
        id = choice.id()
        if id in ids:
            choice.fault("id", f"the choice id “{id}” is used twice")
        elif id in (NA, DECLINED):
            choice.fault("id", f"“{id}” is kept for people who do not choose; name this choice otherwise")
        ids.add(id)
        text = choice.words_beside("id", "value")
        if text.placeholders:
            choice.fault("id", f"“{{{min(text.placeholders)}}}”: nothing is put into the words of a choice")
        value = choice.number("value", 0, 1) if "value" in choice else None
        yield Choice(id, text, value, position)
    if len(ids) < 2 and table.data.get("choices"):
        table.fault("choices", "needs at least two choices")
