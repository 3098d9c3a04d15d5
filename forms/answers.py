"""One set of answers: read what was posted, and tell which items count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from forms.conditions import DECLINED as DECLINED
from forms.conditions import NA as NA
from forms.conditions import Value as Value
from forms.questionnaire import Item, ItemType, Questionnaire, Section

ASKED = "asked"  # hidden field: this page has already come back once for its required items
_MOST_SHOWN = 1_000
LONGEST_NUMBER = 9  # digits: an int32 of the dataset holds it

Values = Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class AnswerFault:
    """What is wrong with one answer; ``key`` is a stable message id.

    Keys: ``required``, ``unknown_choice``, ``not_a_number``, ``out_of_range`` (params ``minimum``, ``maximum``),
    ``not_a_month``, ``too_long`` (params ``maximum``, ``length``).
    """

    item: str
    key: str
    params: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """The answers of one page.

    ``values`` has every item of the section that was read well, None where it was left empty. An item with a
    fault is not in it (so that saving the page does not clear what was there), except a text that is too long,
    which stays whole.
    """

    values: dict[str, Value | None]
    faults: tuple[AnswerFault, ...]


def read(section: Section, posted: Mapping[str, Sequence[str]], earlier: Values | None = None) -> Read:
    """Read one page; never raises, whatever was posted.

    ``posted`` has the values of each field as sent. Fields that are no item are ignored. ``earlier`` are answers
    to other pages: an item that they and this page hide is not required. A page that carries ``asked`` has
    asked for its required items once already and is let through.
    """
    values: dict[str, Value | None] = {}
    faults: list[AnswerFault] = []
    for item in section.items:
        if item.type is ItemType.NOTE:
            continue
        texts = posted.get(item.id, ())
        if len(texts) == 1 and item.type is not ItemType.MULTIPLE and item.choice(texts[0]):
            values[item.id] = texts[0]  # as nearly all are: one choice, just as it was offered
            continue
        sent = [cleaned(text, item.type is ItemType.TEXT) for text in texts]
        outcome = _answer(item, [text for text in sent if text])
        if isinstance(outcome, AnswerFault):
            faults.append(outcome)
            if outcome.key == "too_long":
                values[item.id] = sent[-1]
            continue
        values[item.id] = outcome
        if outcome is None and item.required and ASKED not in posted:
            known = {**(earlier or {}), **values}
            if item.show_if is None or item.show_if.holds(known):
                faults.append(AnswerFault(item.id, "required"))
    return Read(values, tuple(faults))


def cleaned(text: str, lines: bool = False) -> str:
    """NFC, without what no XML or workbook can hold (control characters, U+FFFE, U+FFFF) and blanks at the ends.

    Line ends become ``\\n`` where ``lines`` are kept.
    """
    if text.isascii() and text.isprintable():  # a choice's id: nothing to look for
        return text.strip()
    text = unicodedata.normalize("NFC", text)
    if lines:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if (lines and c == "\n") or _holds(c)).strip()


def _holds(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in "\ufffe\uffff"


def _answer(item: Item, sent: list[str]) -> Value | AnswerFault | None:
    if item.type not in (ItemType.SCALE, ItemType.SINGLE, ItemType.TEXT):
        # Boxes, unlike radios, can be ticked beside an answer: the answer says more.
        sent = [text for text in sent if text not in (NA, DECLINED)] or sent
    if not sent:
        return None
    last = sent[-1]
    if item.type is not ItemType.TEXT and ((last == DECLINED and item.required) or (last == NA and item.allow_na)):
        return last
    match item.type:
        case ItemType.MULTIPLE:
            return _several(item, sent)
        case ItemType.NUMBER:
            return _number(item, last)
        case ItemType.DATE:
            return _month(item, last)
        case ItemType.TEXT:
            if len(last) > item.max_length:
                return AnswerFault(item.id, "too_long", {"maximum": item.max_length, "length": len(last)})
            return last
        case _:
            return last if item.choice(last) else AnswerFault(item.id, "unknown_choice")


def _several(item: Item, sent: list[str]) -> Value | AnswerFault:
    if any(item.choice(id) is None for id in sent):
        return AnswerFault(item.id, "unknown_choice")
    return tuple(choice.id for choice in item.choices if choice.id in sent)


def _number(item: Item, text: str) -> Value | AnswerFault:
    digits = re.fullmatch(r"([-+]?)0*([0-9]+)", text.replace(" ", ""))
    if not digits:
        return AnswerFault(item.id, "not_a_number")
    limits = {"minimum": item.minimum, "maximum": item.maximum}
    params = {name: limit for name, limit in limits.items() if limit is not None}
    if len(digits[2]) > LONGEST_NUMBER:
        return AnswerFault(item.id, "out_of_range", params)
    number = int(digits[1] + digits[2])
    if number < params.get("minimum", number) or number > params.get("maximum", number):
        return AnswerFault(item.id, "out_of_range", params)
    return number


_MONTHS = (
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})(?:-[0-9]{1,2})?"),
    re.compile(r"(?:[0-9]{1,2}[/.-])?(?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})"),
)


def _month(item: Item, text: str) -> Value | AnswerFault:
    """A month as yyyymm, from what ``<input type="month">`` sends or a person types; a day is dropped."""
    for pattern in _MONTHS:
        match = pattern.fullmatch(text.replace(" ", ""))
        if match and 1 <= int(match["month"]) <= 12 and 1900 <= int(match["year"]) <= 2199:
            return int(match["year"]) * 100 + int(match["month"])
    return AnswerFault(item.id, "not_a_month")


def screened_out(questionnaire: Questionnaire, values: Values) -> bool:
    """Whether these answers end the questionnaire."""
    return questionnaire.screen_out is not None and questionnaire.screen_out.holds(values)


def visible(questionnaire: Questionnaire, values: Values) -> frozenset[str]:
    """The items shown for these answers (those about the respondent and about one unit together).

    Items are taken in order: a hidden item counts as unanswered for those after it. Being screened out hides
    every item after the last one that the screening asks about.
    """
    asked = tuple(values.get(id) for id in questionnaire.deciding)
    known = questionnaire.shown
    if asked not in known:
        if len(known) >= _MOST_SHOWN:
            known.clear()
        known[asked] = _visible(questionnaire, values)
    return known[asked]


def _visible(questionnaire: Questionnaire, values: Values) -> frozenset[str]:
    shown: set[str] = set()
    counted: dict[str, Value | None] = {}
    waiting = set(questionnaire.screen_out.names) if questionnaire.screen_out else None
    for id, item in questionnaire.items.items():
        if waiting is not None and not waiting and screened_out(questionnaire, counted):
            break
        if item.show_if is None or item.show_if.holds(counted):
            shown.add(id)
            counted[id] = values.get(id)
        if waiting:
            waiting.discard(id)
    return frozenset(shown)


def submitted(questionnaire: Questionnaire, values: Values) -> dict[str, Value]:
    """The answers that leave the draft: visible and not empty, in the order of the questionnaire."""
    shown = visible(questionnaire, values)
    return {id: value for id in questionnaire.items if id in shown and (value := values.get(id)) is not None}


def completeness(
    questionnaire: Questionnaire, respondent_values: Values, unit_values: Sequence[Values]
) -> tuple[int, int]:
    """How many closed items were answered, of those that applied, over all units that were not declined.

    "Don't know or does not apply" is an answer; a declined item is not. What is asked once a respondent applies
    if it shows for any of the units.
    """
    answered = applicable = 0
    about_respondent: set[str] = set()
    for values in unit_values or ({},):
        known = {**respondent_values, **values}
        for id in visible(questionnaire, known):
            if not questionnaire.items[id].closed or (id in questionnaire.unit_items and not unit_values):
                continue
            if id not in questionnaire.unit_items:
                if id in about_respondent:
                    continue
                about_respondent.add(id)
            applicable += 1
            answered += known.get(id) not in (None, DECLINED)
    return answered, applicable
