"""One respondent's form: its fixed list of pages, and which pages and items are there for the answers so far.

Pure: the answers come in, nothing is read or stored.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from forms.answers import Value, screened_out, visible
from forms.questionnaire import Item, ItemType, Page, Questionnaire
from survey.citizen.mirroring import mirror
from survey.drafts import RESPONDENT, Draft, Key
from survey.invitations import Invitation
from survey.plan.wave_spec import WALK_IN, Unit, WaveSpec

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

_MOST = 20_000  # pages of forms that a process keeps: officials rate many offices, each in an order of his own


@dataclass(frozen=True)
class Form:
    """What one invitation asks: ``units`` in this respondent's own order."""

    wave: WaveSpec
    questionnaire: Questionnaire
    units: tuple[Unit, ...]

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """The fixed list of pages."""
        return self.questionnaire.pages(len(self.units))

    @property
    def declinable(self) -> bool:
        """Whether single units may be declined: only where several are asked about."""
        return len(self.units) > 1

    def unit(self, page: Page) -> Unit | None:
        """The unit that a page is about; None where it is about the respondent."""
        return None if page.unit is None else self.units[page.unit]

    def place(self, page: Page) -> str:
        """Whom a page is about, as drafts name it."""
        return RESPONDENT if page.unit is None else self.units[page.unit].id

    def declined(self, page: Page, draft: Draft) -> bool:
        """Whether the unit that a page is about was declined."""
        return self.declinable and self.place(page) in draft.declined

    def key(self, page: Page, item: str) -> Key:
        """Under what an answer given on this page is kept: about its unit, or about the respondent."""
        return (self.place(page) if item in self.questionnaire.unit_items else RESPONDENT, item)

    def _touched(self, page: Page, draft: Draft) -> bool:
        """Whether anything that a page asks was answered."""
        if self.declinable:  # forms of several units are as many as respondents: nothing of their pages is kept
            asked = (item.id for item in page.section.items if item.type is not ItemType.NOTE)
            return any(self.key(page, item) in draft.entries for item in asked)
        return not draft.entries.keys().isdisjoint(self._keys(page))

    def _keys(self, page: Page) -> Set[Key]:
        """Of all that a page asks."""
        known = self._keys_by_page.get(page.number)
        if known is None:
            known = frozenset(self.key(page, item.id) for item in page.section.items if item.type is not ItemType.NOTE)
            self._keys_by_page[page.number] = known
        return known

    @cached_property
    def _keys_by_page(self) -> dict[int, frozenset[Key]]:
        return {}

    def opens_unit(self, page: Page) -> bool:
        """Whether this is the first page about its unit, where the unit may be declined."""
        first = next(other for other in self.pages if other.unit == page.unit)
        return page.unit is not None and first.number == page.number

    def values(self, page: Page, draft: Draft) -> Mapping[str, Value]:
        """What is known on a page: the answers about the respondent and about its unit."""
        about = draft.answers()
        return about if page.unit is None else {**about, **draft.answers(self.place(page))}

    def shown(self, page: Page, draft: Draft) -> tuple[Item, ...]:
        """The items of a page for the answers so far.

        What is asked once a respondent shows if it shows for any unit that was not declined.
        """
        if not self.questionnaire.deciding:
            return page.section.items
        if page.unit is not None:
            known = [self.values(page, draft)]
        else:
            about = draft.answers()
            known = [{**about, **draft.answers(u.id)} for u in self.units if u.id not in draft.declined] or [about]
        ids = frozenset().union(*(visible(self.questionnaire, values) for values in known))
        return tuple(item for item in page.section.items if item.id in ids)

    def begun(self, page: Page, draft: Draft) -> bool:
        """Whether anything was answered on a page, or its unit declined."""
        return self._touched(page, draft) or self.declined(page, draft)

    def vanishes(self, page: Page, draft: Draft) -> bool:
        """Whether nothing is asked on a page: all its items are hidden, or its unit was declined earlier."""
        if page.unit is not None and self.declined(page, draft):
            return not self.opens_unit(page)
        return all(item.type is ItemType.NOTE for item in self.shown(page, draft))

    def before(self, page: Page, draft: Draft) -> int | None:
        """The number of the page before that asks something."""
        return next((p.number for p in reversed(self.pages[: page.number - 1]) if not self.vanishes(p, draft)), None)

    def looks(self, page: Page, draft: Draft, *, returning: bool = False) -> Hashable:
        """What the looks of a page on which nothing was answered depend on, apart from names and numbers on it."""
        if self.questionnaire.deciding or (self.declinable and draft.declined):
            return self._looks(page, draft, returning)
        known = self._always.get((page.number, returning))
        if known is None:
            known = self._always[page.number, returning] = self._looks(page, draft, returning)
        return known

    @cached_property
    def _always(self) -> dict[tuple[int, bool], Hashable]:
        """What no answer changes."""
        return {}

    def _looks(self, page: Page, draft: Draft, returning: bool) -> Hashable:
        shown = tuple(item.id for item in self.shown(page, draft))
        mirrored = mirror(self.questionnaire, page, self.values(page, draft))
        return page.number, shown, tuple(mirrored.items()), self.before(page, draft), returning

    def after(self, number: int, draft: Draft) -> int | None:
        """The number of the next page that asks something; None when only the check page is left."""
        return next((p.number for p in self.pages if p.number > number and not self.vanishes(p, draft)), None)

    def first_open(self, draft: Draft) -> int | None:
        """The first page on which nothing was answered yet; None when every page was."""
        for page in self.pages:
            if self.vanishes(page, draft) or self.declined(page, draft):
                continue
            asked = [item for item in self.shown(page, draft) if item.type is not ItemType.NOTE]
            if not any(self.key(page, item.id) in draft.entries for item in asked):
                return page.number
        return None

    def first_untouched(self, draft: Draft) -> int | None:
        """The first page with no answer at all, whatever the answers are; None when every page has one."""
        for page in self.pages:
            asks = any(item.type is not ItemType.NOTE for item in page.section.items)
            if asks and not self._touched(page, draft) and not self.declined(page, draft):
                return page.number
        return None

    def screened_out(self, draft: Draft) -> bool:
        """Whether the answers end the form for every unit."""
        about = draft.answers()
        return all(screened_out(self.questionnaire, {**about, **draft.answers(unit.id)}) for unit in self.units)


def of(known: dict[Hashable, Form], wave: RegisteredWave, group: str, order: tuple[str, ...]) -> Form:
    """The form of a group about these units. Whoever is asked the same has the same one, kept in ``known``."""
    key = (wave.plan_hash, len(wave.corrections), wave.spec.closes, group, order)
    form = known.get(key)
    if form is None:
        form = Form(wave.spec, wave.questionnaire_of(group), tuple(wave.spec.unit(unit) for unit in order))
        if (len(known) + 1) * len(form.pages) > _MOST:
            known.clear()
        known[key] = form
    return form


def start_looks(invitation: Invitation, draft: Draft) -> Hashable:
    """What the looks of the first page depend on."""
    return "start", invitation.mode == WALK_IN, bool(draft.entries)
