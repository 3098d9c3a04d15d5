"""Skip rules in words, for paper: what the pages decide by themselves, a reader is told."""

from __future__ import annotations

import gettext as catalogues
from collections.abc import Callable, Mapping

from forms.conditions import NA, Comparison, Condition, Junction
from forms.questionnaire import Item, ItemType
from survey.language import SOURCE, TRANSLATIONS

Words = Callable[..., str]


def words(language: str) -> Words:
    """The interface's words in a language, outside any request; called as ``_``."""
    found = catalogues.translation(
        "messages", TRANSLATIONS, [language], fallback=language == SOURCE
    )  # fmt: skip

    def say(text: str, **params: object) -> str:
        said = found.gettext(text)
        return said % params if params else said

    return say


def told(
    condition: Condition, items: Mapping[str, Item], numbers: Mapping[str, int], language: str, _: Words
) -> str:  # fmt: skip
    """A condition as a part of a sentence; ``numbers``: the number that each item has on the paper."""
    return _told(condition.root, items, numbers, language, _, outer=True)


def _told(
    node: Comparison | Junction, items: Mapping[str, Item], numbers: Mapping[str, int], language: str, _: Words,
    *, outer: bool = False,
) -> str:  # fmt: skip
    if isinstance(node, Comparison):
        return _compared(node, items[node.name], numbers[node.name], language, _)
    parts = [_told(part, items, numbers, language, _) for part in node.parts]
    if node.sign == "not":
        return _("không đúng là %(condition)s", condition=parts[0])
    joined = (_(" và ") if node.sign == "and" else _(" hoặc ")).join(parts)
    return joined if outer else f"({joined})"


def _compared(node: Comparison, item: Item, number: int, language: str, _: Words) -> str:
    if node.sign == "answered":
        return _("câu %(number)s có trả lời", number=number)
    if item.type in (ItemType.NUMBER, ItemType.DATE):
        value = _shown(node.values[0], item)
        if len(node.values) > 1:
            value = _(" hoặc ").join(_shown(one, item) for one in node.values)
        match node.sign:
            case "<":
                return _("câu %(number)s ghi nhỏ hơn %(value)s", number=number, value=value)
            case "<=":
                return _("câu %(number)s ghi không quá %(value)s", number=number, value=value)
            case ">":
                return _("câu %(number)s ghi lớn hơn %(value)s", number=number, value=value)
            case ">=":
                return _("câu %(number)s ghi từ %(value)s trở lên", number=number, value=value)
            case "!=":
                return _("câu %(number)s ghi khác %(value)s", number=number, value=value)
        return _("câu %(number)s ghi %(value)s", number=number, value=value)
    names = [_name(str(value), item, language, _) for value in node.values]
    choice = _(" hoặc ").join(f"“{name}”" for name in names)
    if node.sign == "!=":
        return _("câu %(number)s chọn câu trả lời khác %(choice)s", number=number, choice=choice)
    return _("câu %(number)s chọn %(choice)s", number=number, choice=choice)


def _shown(value: str | int, item: Item) -> str:
    if item.type is ItemType.DATE and isinstance(value, int):
        return f"{value % 100:02}/{value // 100}"
    return str(value)


def _name(value: str, item: Item, language: str, _: Words) -> str:
    choice = item.choice(value)
    if choice is not None:
        return choice.text.of(language)
    return _("Không biết hoặc không áp dụng") if value == NA else _("Tôi không muốn trả lời")
