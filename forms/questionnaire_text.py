"""From ``Questionnaire`` to the TOML that ``questionnaire.load`` reads: for forms that come from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator

from forms.questionnaire import Choice, Item, ItemType, Layout, Questionnaire, Section
from forms.text import Text


def write(questionnaire: Questionnaire) -> str:
    """The text of a questionnaire; its own ``text`` is not looked at. Choices stand in the scale that an item names."""
    return "\n".join(_lines(questionnaire)) + "\n"


def _lines(asked: Questionnaire) -> Iterator[str]:
    yield f"id = {_said(asked.id)}"
    yield f"version = {asked.version}"
    yield f"minutes = {asked.minutes}"
    if asked.layout is not Layout.SECTIONS:
        yield f"layout = {_said(asked.layout)}"
    yield from _words("title", asked.title)
    if asked.screen_out is not None:
        yield f"screen_out = {_said(asked.screen_out.text)}"
    for id, name in asked.factors.items():
        yield from ("", f"[factor.{id}]", *_words("name", name))
    for id, choices in {item.scale: item.choices for item in asked.items.values() if item.scale}.items():
        yield from ("", f"[scale.{id}]", *_choices(choices))
    for section in asked.sections:
        yield from _section(section)
    for rule in asked.contradictions:
        yield from ("", "[[contradiction]]", f"id = {_said(rule.id)}", *_words("text", rule.text))
        yield f"when = {_said(rule.when.text)}"


def _section(section: Section) -> Iterator[str]:
    yield from ("", "[[section]]", f"id = {_said(section.id)}", *_words("title", section.title))
    if section.intro is not None:
        yield from _words("intro", section.intro)
    if section.each != "unit":
        yield f"each = {_said(section.each)}"
    for item in section.items:
        yield from ("", "[[section.item]]", *_item(item))


def _item(item: Item) -> Iterator[str]:
    yield f"id = {_said(item.id)}"
    yield f"type = {_said(item.type)}"
    yield from _words("text", item.text)
    if item.hint is not None:
        yield from _words("hint", item.hint)
    if item.factor is not None:
        yield f"factor = {_said(item.factor)}"
    if item.required:
        yield "required = true"
    if item.allow_na != (item.type is ItemType.SCALE):
        yield f"na = {'true' if item.allow_na else 'false'}"
    if item.show_if is not None:
        yield f"show_if = {_said(item.show_if.text)}"
    for key, limit in (("min", item.minimum), ("max", item.maximum)):
        if limit is not None:
            yield f"{key} = {limit}"
    if item.type is ItemType.TEXT and item.max_length != 1000:
        yield f"max_length = {item.max_length}"
    if item.closed:
        yield from [f"scale = {_said(item.scale)}"] if item.scale else _choices(item.choices)


def _choices(choices: tuple[Choice, ...]) -> Iterator[str]:
    yield "choices = ["
    for choice in choices:
        value = [] if choice.value is None else [f"value = {choice.value!r}"]
        words = [f"{language} = {_said(text)}" for language, text in choice.text.items()]
        yield f"  {{ {', '.join([f'id = {_said(choice.id)}', *value, *words])} }},"
    yield "]"


def _words(key: str, text: Text) -> Iterator[str]:
    for language, words in text.items():
        yield f"{key}.{language} = {_said(words)}"


def _said(text: str) -> str:
    """A basic string of TOML, whose escapes JSON shares."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
