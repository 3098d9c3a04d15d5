"""Do two persons who keyed the same form agree? Pure.

A cell is an item about a unit (or once a respondent) that one of the two keyed; it differs when they did not key the
same. Words are compared without regard to case, spaces and punctuation, are told apart, and hold no form back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from forms.answers import Value
from forms.names import fold
from forms.questionnaire import ItemType, Questionnaire
from survey.drafts import DECLINED_UNIT, Draft

FORMS, DECLINED = "", "declined"  # in place of an item: whole forms; units declined


@dataclass(frozen=True, slots=True)
class Tally:
    """Cells compared, and how many of them differed."""

    compared: int
    differed: int

    @property
    def rate(self) -> float | None:
        """The disagreement rate; None of nothing."""
        return self.differed / self.compared if self.compared else None


def compare(questionnaire: Questionnaire, first: Draft, second: Draft) -> dict[str, Tally]:
    """By item; under ``FORMS`` the form itself, which differs when anything but words does."""
    found: dict[str, list[bool]] = {}
    for about, item in sorted(first.entries.keys() | second.entries.keys()):
        one, other = (draft.entries.get((about, item)) for draft in (first, second))
        same = one is not None and other is not None and _same(questionnaire, item, one.value, other.value)
        found.setdefault(item if item != DECLINED_UNIT else DECLINED, []).append(not same)
    tallies = {item: Tally(len(cells), sum(cells)) for item, cells in found.items()}
    differ = any(tally.differed for item, tally in tallies.items() if not words(questionnaire, item))
    tallies[FORMS] = Tally(1, int(differ))
    return tallies


def words(questionnaire: Questionnaire, item: str) -> bool:
    """Whether an item is answered in the respondent's own words."""
    return item in questionnaire.items and questionnaire.items[item].type is ItemType.TEXT


def overall(tallies: Mapping[str, Tally], texts: Iterable[str]) -> Tally:
    """All cells but those in words."""
    left_out = {FORMS, *texts}
    kept = [tally for item, tally in tallies.items() if item not in left_out]
    return Tally(sum(each.compared for each in kept), sum(each.differed for each in kept))


def _same(questionnaire: Questionnaire, item: str, one: Value, other: Value) -> bool:
    if item in questionnaire.items and words(questionnaire, item):
        return fold(str(one)) == fold(str(other))
    return one == other
