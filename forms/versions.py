"""Two versions of a questionnaire side by side: what was added, removed, moved, reworded or given another meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from forms.questionnaire import Choice, Item, Questionnaire, Section
from forms.text import Text


class Aspect(StrEnum):
    """What can differ between two versions."""

    ID = "id"
    VERSION = "version"
    MINUTES = "minutes"
    TITLE = "title"
    LAYOUT = "layout"
    SCREEN_OUT = "screen_out"
    CONTRADICTIONS = "contradictions"
    FACTOR_NAME = "factor name"
    FACTORS = "factors"
    SECTIONS = "sections"
    SECTION_TITLE = "section title"
    SECTION_INTRO = "section intro"
    EACH = "each"
    ITEMS = "items"
    TEXT = "text"
    HINT = "hint"
    TYPE = "type"
    NA = "na"
    REQUIRED = "required"
    SHOW_IF = "show_if"
    FACTOR = "factor"
    LIMITS = "limits"
    CHOICES = "choices"
    CHOICE_TEXT = "choice text"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: where it stands (an id, '' for the whole), in which language, and both states.

    ``before`` is '' for what was added, ``after`` for what was removed.
    """

    aspect: Aspect
    where: str
    before: str
    after: str
    language: str = ""


def differences(old: Questionnaire, new: Questionnaire) -> tuple[Difference, ...]:
    """Everything in which two versions differ, in the order of the new one; none for mere layout of the file."""
    return tuple(_differences(old, new))


def _differences(old: Questionnaire, new: Questionnaire) -> Iterator[Difference]:
    plain: Sequence[tuple[Aspect, Callable[[Questionnaire], str]]] = (
        (Aspect.ID, lambda asked: asked.id),
        (Aspect.VERSION, lambda asked: str(asked.version)),
        (Aspect.MINUTES, lambda asked: str(asked.minutes)),
        (Aspect.LAYOUT, lambda asked: str(asked.layout)),
        (Aspect.SCREEN_OUT, lambda asked: asked.screen_out.text if asked.screen_out else ""),
        (
            Aspect.CONTRADICTIONS,
            lambda asked: "; ".join(f"{rule.id}: {rule.when.text}" for rule in asked.contradictions),
        ),
    )
    for aspect, of in plain:
        yield from _plain(aspect, "", of(old), of(new))
    yield from _words(Aspect.TITLE, "", old.title, new.title)
    yield from _listed(Aspect.FACTORS, "", old.factors, new.factors)
    for id in old.factors.keys() & new.factors.keys():
        yield from _words(Aspect.FACTOR_NAME, id, old.factors[id], new.factors[id])
    before, after = ({section.id: section for section in asked.sections} for asked in (old, new))
    yield from _listed(Aspect.SECTIONS, "", before, after)
    for id, section in after.items():
        if id in before:
            yield from _sections(before[id], section)
    for id, item in new.items.items():
        if id in old.items:
            yield from _items(old.items[id], item)


def _sections(old: Section, new: Section) -> Iterator[Difference]:
    yield from _words(Aspect.SECTION_TITLE, new.id, old.title, new.title)
    yield from _words(Aspect.SECTION_INTRO, new.id, old.intro, new.intro)
    yield from _plain(Aspect.EACH, new.id, old.each, new.each)
    yield from _listed(Aspect.ITEMS, new.id, [item.id for item in old.items], [item.id for item in new.items])


def _items(old: Item, new: Item) -> Iterator[Difference]:
    yield from _words(Aspect.TEXT, new.id, old.text, new.text)
    yield from _words(Aspect.HINT, new.id, old.hint, new.hint)
    plain: Sequence[tuple[Aspect, Callable[[Item], Any]]] = (
        (Aspect.TYPE, lambda item: item.type),
        (Aspect.NA, lambda item: item.allow_na),
        (Aspect.REQUIRED, lambda item: item.required),
        (Aspect.SHOW_IF, lambda item: item.show_if.text if item.show_if else ""),
        (Aspect.FACTOR, lambda item: item.factor or ""),
        (Aspect.LIMITS, _limits),
    )
    for aspect, of in plain:
        yield from _plain(aspect, new.id, str(of(old)), str(of(new)))
    before, after = ({choice.id: choice for choice in item.choices} for item in (old, new))
    yield from _listed(Aspect.CHOICES, new.id, before, after)
    for id, choice in after.items():
        if id in before:
            yield from _choices(f"{new.id}/{id}", before[id], choice)


def _choices(where: str, old: Choice, new: Choice) -> Iterator[Difference]:
    yield from _words(Aspect.CHOICE_TEXT, where, old.text, new.text)
    yield from _plain(Aspect.VALUE, where, _score(old), _score(new))


def _score(choice: Choice) -> str:
    return "" if choice.value is None else f"{choice.value:g}"


def _limits(item: Item) -> str:
    said = [("min", item.minimum), ("max", item.maximum), ("max_length", item.max_length)]
    return ", ".join(f"{key} {value}" for key, value in said if value is not None)


def _plain(aspect: Aspect, where: str, before: str, after: str) -> Iterator[Difference]:
    if before != after:
        yield Difference(aspect, where, before, after)


def _words(aspect: Aspect, where: str, before: Text | None, after: Text | None) -> Iterator[Difference]:
    """The words of each language in which they differ."""
    old: Mapping[str, str] = before or {}
    new: Mapping[str, str] = after or {}
    for language in dict.fromkeys((*new, *old)):
        if old.get(language, "") != new.get(language, ""):
            yield Difference(aspect, where, old.get(language, ""), new.get(language, ""), language)


def _listed(aspect: Aspect, where: str, before: Sequence[str] | Mapping[str, Any], after: Any) -> Iterator[Difference]:
    """Members that came or went, and an order that changed among those that stayed."""
    old, new = list(before), list(after)
    yield from (Difference(aspect, where, "", id) for id in new if id not in old)
    yield from (Difference(aspect, where, id, "") for id in old if id not in new)
    stayed = [id for id in old if id in new], [id for id in new if id in old]
    if stayed[0] != stayed[1]:
        yield Difference(aspect, where, ", ".join(stayed[0]), ", ".join(stayed[1]))
