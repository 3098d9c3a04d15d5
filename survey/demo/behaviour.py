"""What a simulated person does with a slip and how they answer: seeded, and leaning on how well each office works."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from survey.demo.browser import Field, Form


class Conduct(StrEnum):
    """What becomes of an invitation, as far as its person decides it."""

    ANSWER = "answer"
    BREAK_OFF = "break_off"  # some pages, never sent
    REFUSE = "refuse"
    LATE = "late"  # opens the link after the close
    PAPER_LATE = "paper_late"  # sends a paper form back too late
    PAPER_DAMAGED = "paper_damaged"
    SILENT = "silent"


# Officials answer more often than people who once had a dossier.
_ANSWERING = {"nguoi_dan": 0.66, "to_chuc": 0.68, "cong_chuc": 0.86}
_OFFICIALS = 0.84
_OTHERWISE = {
    Conduct.SILENT: 0.55, Conduct.BREAK_OFF: 0.18, Conduct.REFUSE: 0.12, Conduct.LATE: 0.1,
    Conduct.PAPER_LATE: 0.03, Conduct.PAPER_DAMAGED: 0.02,
}  # fmt: skip

_STRAIGHT = 0.06  # persons who give one and the same answer to every scale
_SKIPPING = 0.03  # of items
_CARELESS = 0.04  # persons who skip a third of the items
_NOT_KNOWING = 0.03
_DECLINING = 0.02  # of units, by who assesses several
_COMMENTING = 0.12
_SELF = 0.06  # how much kinder civil servants judge their own office

# item → choice → weight, where the answer is no opinion on a scale
_CHANCES: Mapping[str, Mapping[str, float]] = {
    "used": {"yes": 97, "no": 3},
    "channel": {"counter": 64, "online": 33, "post": 3},
    "apology": {"yes": 55, "no": 45},
    "extra_payment": {"no": 965, "hinted": 28, "asked": 7},
    "answered_by": {"myself": 75, "together": 17, "delegated": 8},
}

_COMMENTS = (
    "Đề nghị rút ngắn thời gian giải quyết hồ sơ.",
    "Nên có thêm người hướng dẫn nộp hồ sơ trực tuyến.",
    "Cán bộ tiếp nhận nhiệt tình, xin cảm ơn.",
    "Mong cơ quan trả lời phản ánh sớm hơn.",
    "Nơi ngồi chờ còn chật, mùa nắng rất nóng.",
    "Trang nộp hồ sơ trực tuyến đôi lúc không vào được.",
    "Đề nghị công khai số điện thoại người xử lý hồ sơ.",
    "Thủ tục đã gọn hơn năm trước.",
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a slip. ``kindness`` shifts every score; ``always`` is a straight-liner's one answer."""

    group: str
    chance: random.Random
    conduct: Conduct
    kindness: float
    skipping: float
    always: int | None


def person(seed: int, group: str, units: str, number: int) -> Person:
    """The person of the ``number``-th invitation of a group about these units; the same for the same seed."""
    chance = random.Random(f"{seed}/person/{group}/{units}/{number}")  # noqa: S311 (a simulation, repeatable)
    conduct = Conduct.ANSWER
    if chance.random() >= _ANSWERING.get(group, _OFFICIALS):
        conduct = chance.choices(list(_OTHERWISE), list(_OTHERWISE.values()))[0]
    kindness = chance.gauss(_SELF if group == "cong_chuc" else 0.0, 0.09)
    skipping = 0.33 if chance.random() < _CARELESS else _SKIPPING
    always = chance.choice((2, 3, 3, 4)) if chance.random() < _STRAIGHT else None
    return Person(group, chance, conduct, kindness, skipping, always)


def fill(who: Person, form: Form, quality: float, seed: int, unit: str) -> list[tuple[str, str]]:
    """What the person puts into a form about a unit of this quality (an index of 100); hidden fields are not theirs."""
    values: list[tuple[str, str]] = []
    level = 0.60 + (quality - 70.0) * 0.0125 + who.kindness
    for field in form.fields.values():
        values += [(field.name, value) for value in _answer(who, field, level, f"{seed}/{unit}")]
    return values


def _answer(who: Person, field: Field, level: float, place: str) -> Sequence[str]:
    chance = who.chance
    if field.kind == "hidden":
        return ()
    if field.name == "declined":
        return field.options[:1] if chance.random() < _DECLINING else ()
    if field.kind == "textarea":
        return (chance.choice(_COMMENTS),) if chance.random() < _COMMENTING else ()
    if field.name != "used" and chance.random() < who.skipping:
        return ()
    if not field.options:
        return (str(min(int(chance.expovariate(0.7)), 9)),)
    choices = [value for value in field.options if value != "na"]
    if len(choices) < len(field.options) and chance.random() < _NOT_KNOWING:
        return ("na",)
    if field.kind == "checkbox":
        return [value for value in choices if chance.random() < 0.4]
    return (_chosen(who, field.name, choices, level, place),)


def _chosen(who: Person, item: str, choices: Sequence[str], level: float, place: str) -> str:
    chance = who.chance
    if choices[0] == "v1":
        if who.always is not None:
            return choices[min(who.always, len(choices) - 1)]
        strength = random.Random(f"{place}/{item}").gauss(0.0, 0.05)  # noqa: S311 (this office's strong and weak sides)
        score = level + strength + chance.gauss(0.0, 0.16)
        return choices[min(max(round(score * (len(choices) - 1)), 0), len(choices) - 1)]
    if item == "overdue":
        return "yes" if chance.random() < 0.05 + 0.5 * max(0.0, 0.85 - level) else "no"
    if item in _CHANCES:
        weights = [_CHANCES[item].get(choice, 0.0) for choice in choices]
        if sum(weights):
            return chance.choices(choices, weights)[0]
    return chance.choice(choices)
