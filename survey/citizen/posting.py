"""What a posted page says, and where it leads. Pure: the form, the draft and the fields come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from forms.answers import Read, Value, read
from forms.questionnaire import ItemType, Page
from survey.citizen.form import Form
from survey.drafts import DECLINED_UNIT, Draft, Key

DECLINED = "declined"  # the box "I do not know enough about this unit"
REVISION = "revision"

Posted = Mapping[str, Sequence[str]]


class Target(NamedTuple):
    """A page of the form, or ``check``; and the question on it that came up only now."""

    page: str
    item: str = ""


def answered(form: Form, page: Page, draft: Draft, posted: Posted) -> tuple[Read, dict[Key, Value | None]]:
    """What is wrong with a posted page, and the answers that are kept of it."""
    earlier = form.values(page, draft) if form.questionnaire.deciding else None
    found = _of_shown(form, page, draft, read(page.section, posted, earlier))
    # A question that the page did not show was not left empty: its earlier answer stays in the draft.
    asked = {item.id for item in form.shown(page, draft)} | posted.keys()
    unsaved = {fault.item for fault in found.faults} | (found.values.keys() - asked)
    answers: dict[Key, Value | None] = {
        form.key(page, item): value for item, value in found.values.items() if item not in unsaved
    }
    if form.declinable and form.opens_unit(page):
        declined = bool(posted.get(DECLINED))
        answers[form.place(page), DECLINED_UNIT] = "yes" if declined else None
        if declined:
            found = Read(found.values, ())
    return found, answers


def _of_shown(form: Form, page: Page, draft: Draft, found: Read) -> Read:
    """What was read, without faults in questions that the page's own answers hide: nobody could mend what is hidden."""
    if not found.faults:
        return found
    typed = {form.key(page, item): value for item, value in found.values.items()}
    after = draft.merged(typed, seen=draft.revision)
    shown = {item.id for item in form.shown(page, after)}
    hidden = {fault.item for fault in found.faults} - shown
    values = {item: value for item, value in found.values.items() if item not in hidden}
    return Read(values, tuple(fault for fault in found.faults if fault.item not in hidden))


def seen_revision(posted: Posted) -> int:
    """The revision that the posted page was made from; a page without one has seen nothing and clears nothing."""
    text = next(iter(posted.get(REVISION, ())), "0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def leads_to(form: Form, page: Page, before: Draft, draft: Draft, posted: Set[str], *, returning: bool) -> Target:
    """Where a saved page leads: to questions that its answers brought up, to the next page, or to the check page.

    ``posted``: the fields that the page had; ``returning``: it was opened from the check page.
    """
    if form.questionnaire.deciding and not form.declined(page, draft):
        seen = {item.id for item in form.shown(page, before)} | posted | form.values(page, draft).keys()
        for item in form.shown(page, draft):
            if item.id not in seen and item.type is not ItemType.NOTE:
                return Target(str(page.number), item.id)
    following = form.after(page.number, draft)
    if returning:
        others = (other for other in form.pages if other.number != page.number)
        brought_up = (p.number for p in others if form.vanishes(p, before) and not form.vanishes(p, draft))
        following = next(brought_up, None)
    return Target("check") if following is None else Target(str(following))
