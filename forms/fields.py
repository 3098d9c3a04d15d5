"""Section → WTForms form whose fields draw themselves accessibly: native inputs, no script.

Choices are one ``fieldset`` with its ``legend``; a box to write in has its ``label``. The words around them come from
the caller, who knows the languages.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import wtforms
from markupsafe import Markup

from forms.conditions import DECLINED, NA, Value
from forms.questionnaire import Item, ItemType, Section


@dataclass(frozen=True, slots=True)
class Words:
    """What the page itself says around an item."""

    na: str = "Không biết hoặc không áp dụng"
    declined: str = "Tôi không muốn trả lời"
    required: str = "(xin Ông/Bà không bỏ trống câu này)"
    month: str = "tháng/năm"


VIETNAMESE = Words()


def as_posted(item: Item, value: Value) -> list[str]:
    """What a browser would post for this answer."""
    if isinstance(value, tuple | list):
        return [str(part) for part in value]
    if item.type is ItemType.DATE and isinstance(value, int):
        return [f"{value % 100:02d}/{value // 100}"]
    return [str(value)]


class ItemField(wtforms.Field):  # type: ignore[misc]  # WTForms publishes no types
    """One item of a questionnaire; ``data`` is the list of values as posted, for showing them again."""

    def __init__(self, item: Item, language: str, words: Words, **kwargs: Any) -> None:
        super().__init__(label=item.text.of(language), **kwargs)
        self.item = item
        self.language = language
        self.words = words
        self.data: list[str] = []
        self.asked = False  # show "I would rather not answer": the item was required and left empty
        self.fault = ""  # what is wrong with what was typed, in a sentence

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep what was posted, whatever it is: reading it is the task of ``answers.read``."""
        self.data = [str(value) for value in valuelist]

    def process_data(self, value: Any) -> None:
        """Take an answer out of a draft."""
        self.data = [] if value is None else as_posted(self.item, value)

    def widget(self, field: wtforms.Field, **kwargs: Any) -> Markup:
        """The item as HTML."""
        if self.item.type is ItemType.NOTE:
            return Markup('<p class="note item" id="{}">{}</p>').format(self.id, self.item.text.of(self.language))
        return _choices(self) if self.item.closed else _box(self)


@lru_cache(maxsize=512)
def section_form(section: Section, language: str = "vi", words: Words = VIETNAMESE) -> type[wtforms.Form]:
    """The form class of a section, notes included; one field an item, named by its id."""
    fields = {item.id: ItemField(item, language, words) for item in section.items}
    return type(f"{section.id.title()}Form", (wtforms.Form,), fields)


def _asked(field: ItemField) -> Markup:
    """The question, and that it should be answered where it should."""
    text = Markup("{}").format(field.item.text.of(field.language))
    return text + (Markup(' <span class="need">{}</span>').format(field.words.required) if field.item.required else "")


def _notes(field: ItemField) -> Markup:
    """The hint and the fault; ``_described`` ties both to the item."""
    hint, fault = field.item.hint, field.fault
    made = Markup("")
    if hint:
        made += Markup('<p class="hint" id="{}-hint">{}</p>\n').format(field.id, hint.of(field.language))
    if fault:
        made += Markup('<p class="fault" id="{}-fault">{}</p>\n').format(field.id, fault)
    return made


def _described(field: ItemField) -> Markup:
    ids = [f"{field.id}-fault"] * bool(field.fault) + [f"{field.id}-hint"] * bool(field.item.hint)
    return Markup(' aria-describedby="{}"').format(" ".join(ids)) if ids else Markup("")


def _wrong(field: ItemField) -> str:
    return " wrong" if field.fault else ""


def _choices(field: ItemField) -> Markup:
    """Radios or boxes in a fieldset; what is no opinion stands apart."""
    item = field.item
    kind = "checkbox" if item.type is ItemType.MULTIPLE else "radio"
    shape = " five" if item.type is ItemType.SCALE and len(item.choices) == 5 else ""
    options = [_option(field, kind, c.id, c.text.of(field.language), f"{field.id}-{c.id}") for c in item.choices]
    return Markup(
        '<fieldset class="item{}" id="{}"{}>\n<legend>{}</legend>\n{}<div class="choices{}">\n{}</div>\n{}</fieldset>'
    ).format(
        _wrong(field),
        field.id,
        _described(field),
        _asked(field),
        _notes(field),
        shape,
        Markup("").join(options),
        _apart(field, kind),
    )


def _option(field: ItemField, kind: str, value: str, text: str, id: str = "") -> Markup:
    """One native radio or checkbox inside its label."""
    return Markup('<label><input type="{}"{} name="{}" value="{}"{}> {}</label>\n').format(
        kind,
        Markup(' id="{}"').format(id) if id else "",
        field.name,
        value,
        Markup(" checked") if value in field.data else "",
        text,
    )


def _apart(field: ItemField, kind: str) -> Markup:
    """What stands apart from the choices: don't know, and (once asked again) rather not answer."""
    item, words = field.item, field.words
    options = []
    if item.allow_na:
        options.append(_option(field, kind, NA, words.na))
    if item.required and (field.asked or DECLINED in field.data):
        options.append(_option(field, kind, DECLINED, words.declined))
    return Markup('<div class="choices apart">\n{}</div>\n').format(Markup("").join(options)) if options else Markup("")


def _box(field: ItemField) -> Markup:
    """A text area, or one line for a number or a month."""
    item = field.item
    # In a text the two words are words; beside a number or a month they are the boxes that were ticked.
    typed = next((text for text in field.data if item.type is ItemType.TEXT or text not in (NA, DECLINED)), "")
    told = _described(field) + (Markup(' aria-invalid="true"') if field.fault else "")
    if item.type is ItemType.TEXT:
        # HTML drops a line end right after the tag: this one protects the respondent's own.
        # No maxlength: browsers cut a pasted text without a word.
        control = Markup('<textarea id="{}-in" name="{}" rows="4"{}>\n{}</textarea>').format(
            field.id, field.name, told, typed
        )
    else:
        month = Markup(' placeholder="{}"').format(field.words.month) if item.type is ItemType.DATE else ""
        control = Markup(
            '<input class="line short" id="{}-in" name="{}" inputmode="numeric"{} autocomplete="off" value="{}"{}>'
        ).format(field.id, field.name, month, typed, told)
    apart = Markup("") if item.type is ItemType.TEXT else _apart(field, "checkbox")
    return Markup('<div class="item{}" id="{}">\n<label class="ask" for="{}-in">{}</label>\n{}{}{}</div>').format(
        _wrong(field), field.id, field.id, _asked(field), _notes(field), control, apart
    )
