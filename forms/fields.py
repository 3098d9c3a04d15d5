"""Section → WTForms form whose fields draw themselves accessibly.

Every item is one ``fieldset`` with its ``legend`` (a single box is labelled too), native inputs, no script. The
words around the choices come from the caller, who knows the languages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import wtforms
from markupsafe import Markup, escape

from forms.conditions import DECLINED, NA
from forms.questionnaire import Item, ItemType, Section


@dataclass(frozen=True, slots=True)
class Words:
    """What the page itself says around an item."""

    na: str = "Không biết hoặc không áp dụng"
    declined: str = "Tôi không muốn trả lời"
    required: str = "cần trả lời"
    month: str = "Tháng và năm, ví dụ 03/2026"


WORDS: Mapping[str, Words] = {
    "vi": Words(),
    "en": Words("Don't know or does not apply", "I would rather not answer", "needs an answer", "As in 03/2026"),
}


class ItemField(wtforms.Field):  # type: ignore[misc]  # WTForms publishes no types
    """One item of a questionnaire; ``data`` is the list of values as posted, for showing them again."""

    def __init__(self, item: Item, language: str, words: Words, **kwargs: Any) -> None:
        super().__init__(label=item.text.of(language), **kwargs)
        self.item = item
        self.language = language
        self.words = words
        self.data: list[str] = []
        self.asked = False  # show "I would rather not answer": the item was required and left empty
        self.messages: Sequence[str] = ()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep what was posted, whatever it is: reading it is the task of ``answers.read``."""
        self.data = [str(value) for value in valuelist]

    def process_data(self, value: Any) -> None:
        """Take an answer out of a draft."""
        if value is None:
            self.data = []
        elif isinstance(value, tuple | list):
            self.data = [str(part) for part in value]
        elif self.item.type is ItemType.DATE and isinstance(value, int):
            self.data = [f"{value % 100:02d}/{value // 100}"]
        else:
            self.data = [str(value)]

    def widget(self, field: wtforms.Field, **kwargs: Any) -> Markup:
        """The item as HTML."""
        return _fieldset(self)


@cache
def section_form(section: Section, language: str = "vi", words: Words | None = None) -> type[wtforms.Form]:
    """The form class of a section, notes included; one field an item, named by its id."""
    words = words or WORDS.get(language, WORDS["vi"])
    fields = {item.id: ItemField(item, language, words) for item in section.items}
    return type(f"{section.id.title()}Form", (wtforms.Form,), fields)


def _fieldset(field: ItemField) -> Markup:
    item, id = field.item, field.id
    text, hint = item.text.of(field.language), item.hint.of(field.language) if item.hint else ""
    if item.type is ItemType.NOTE:
        return Markup('<div class="note" id="{}"><p>{}</p></div>').format(id, text)
    described = [f"{id}-hint"] if hint else []
    described += [f"{id}-error"] if field.messages else []
    aria = Markup(' aria-describedby="{}"').format(" ".join(described)) if described else Markup("")
    parts = [
        Markup('<fieldset id="{}" class="item{}" tabindex="-1"{}>').format(id, " wrong" if field.messages else "", aria)
    ]
    needed = Markup(' <span class="needed">({})</span>').format(field.words.required) if item.required else Markup("")
    parts.append(Markup("<legend>{}{}</legend>").format(text, needed))
    if hint:
        parts.append(Markup('<p class="hint" id="{}-hint">{}</p>').format(id, hint))
    if field.messages:
        parts.append(Markup('<p class="error" id="{}-error">{}</p>').format(id, " ".join(field.messages)))
    parts.append(_choices(field) if item.closed else _box(field))
    parts.append(_apart(field))
    parts.append(Markup("</fieldset>"))
    return Markup("").join(parts)


def _option(field: ItemField, kind: str, value: str, text: str) -> Markup:
    """One native radio or checkbox inside its label."""
    checked = Markup(" checked") if value in field.data else Markup("")
    return Markup('<label><input type="{}" name="{}" value="{}"{}> <span>{}</span></label>').format(
        kind, field.name, value, checked, text
    )


def _choices(field: ItemField) -> Markup:
    item = field.item
    kind = "checkbox" if item.type is ItemType.MULTIPLE else "radio"
    shape = " five" if item.type is ItemType.SCALE and len(item.choices) == 5 else ""
    options = Markup("").join(_option(field, kind, c.id, c.text.of(field.language)) for c in item.choices)
    return Markup('<div class="choices{}">{}</div>').format(shape, options)


def _apart(field: ItemField) -> Markup:
    """What stands apart from the choices: don't know, and (once asked again) rather not answer."""
    item, words = field.item, field.words
    if item.type is ItemType.TEXT:
        return Markup("")
    kind = "checkbox" if item.type is ItemType.MULTIPLE or not item.closed else "radio"
    options = []
    if item.allow_na:
        options.append(_option(field, kind, NA, words.na))
    if item.required and (field.asked or DECLINED in field.data):
        options.append(_option(field, kind, DECLINED, words.declined))
    return Markup('<div class="choices apart">{}</div>').format(Markup("").join(options)) if options else Markup("")


def _box(field: ItemField) -> Markup:
    """A text area, or one line for a number or a month."""
    item = field.item
    label = escape(item.text.of(field.language))
    typed = next((text for text in field.data if text not in (NA, DECLINED)), "")
    if item.type is ItemType.TEXT:
        # HTML drops a line end right after the tag: this one protects the respondent's own.
        # No maxlength: browsers cut a pasted text without a word.
        return Markup('<textarea name="{}" aria-label="{}" rows="4">\n{}</textarea>').format(field.name, label, typed)
    if item.type is ItemType.DATE:
        note = Markup('<p class="hint">{}</p>').format(field.words.month)
        return note + Markup('<input type="text" name="{}" aria-label="{}" inputmode="numeric" value="{}">').format(
            field.name, label, typed
        )
    return Markup('<input type="text" name="{}" aria-label="{}" inputmode="numeric" value="{}">').format(
        field.name, label, typed
    )
