"""A section page: its questions with what was answered, the saving of it, and where to go next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from werkzeug.datastructures import MultiDict

from forms.answers import AnswerFault, Read, Value, read
from forms.fields import section_form
from forms.questionnaire import Item, ItemType, Page
from survey import responses
from survey.citizen import words
from survey.citizen.form import Form
from survey.citizen.gate import Visit
from survey.citizen.messages import Link
from survey.citizen.mirroring import mirror
from survey.citizen.rendering import page as render
from survey.drafts import DECLINED_UNIT, Draft, Key
from survey.language import chosen, go, ngettext
from survey.language import gettext as _
from survey.responses import Outcome
from survey.web import web

DECLINED = "declined"  # field: this unit is not known well enough
REVISION = "revision"  # hidden field: what the draft was when the page was made


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a page comes back, with what was typed."""

    faults: tuple[AnswerFault, ...]
    typed: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Trouble:
    """One line of the summary above a page that comes back."""

    anchor: str
    question: str
    message: str


def heading(form: Form, page: Page) -> str:
    """What a page is about, in its largest words: the office where several are assessed, else the section."""
    unit = form.unit(page)
    return (unit.name if unit and form.declinable else page.section.title).of(chosen())


def where(form: Form, page: Page) -> str:
    """Where the respondent is, in words."""
    words_ = _("Phần %(number)s/%(total)s", number=page.number, total=len(form.pages))
    unit = form.unit(page)
    if unit is None:
        return words_
    if form.declinable:
        place = _("cơ quan thứ %(number)s trong %(total)s", number=(page.unit or 0) + 1, total=len(form.units))
        return f"{words_} · {place}"
    about = _("đánh giá %(unit)s", unit=unit.name.of(chosen()))
    return f"{words_} · {about}"


def show(here: Visit, page: Page, draft: Draft, refused: Refused | None = None) -> Response:
    """Render a section page, fresh, with earlier answers, or as it was refused."""
    form = here.form
    shown = form.shown(page, draft)
    mirrored = mirror(page, form.values(page, draft))
    ids = {item.id for item in shown}
    items = [item for item in page.section.items if item.id in ids or item.id in mirrored]
    unit = form.unit(page)
    faults = refused.faults if refused else ()
    messages = {fault.item: words.fault(fault) for fault in faults}
    asked = any(fault.key == "required" for fault in faults)
    several_sections = sum(other.unit == page.unit for other in form.pages) > 1
    return render(
        "section.html",
        status=422 if refused else 200,
        hotlines=here.hotlines,
        scripted=True,
        switchable=refused is None,
        number=page.number,
        total=len(form.pages),
        where=where(form, page),
        heading=heading(form, page),
        subheading=page.section.title.of(chosen()) if unit and form.declinable and several_sections else "",
        intro=page.section.intro.of(chosen()) if page.section.intro else "",
        action=go(str(page.number), **_returning()),
        revision=draft.revision,
        asked=asked,
        items=items,
        shown=ids,
        mirrored=mirrored,
        fields=_fields(form, page, draft, refused, messages, asked=asked),
        faults=_troubles(shown, messages),
        summary=ngettext("Còn %(num)s câu cần Ông/Bà xem lại", "Còn %(num)s câu cần Ông/Bà xem lại", len(messages)),
        declinable=form.declinable and form.opens_unit(page),
        declined=refused is None and form.place(page) in draft.declined,
        unit_name=unit.name.of(chosen()) if unit else "",
        back=_back(form, page, draft),
    )


def _returning() -> dict[str, str]:
    """Whether the page was opened from the check page, to which it then leads back."""
    return {"back": "check"} if request.args.get("back") == "check" else {}


def _back(form: Form, page: Page, draft: Draft) -> Link:
    if _returning():
        return Link(go("check"), _("Quay lại trang xem lại"))
    before = [p.number for p in form.pages if p.number < page.number and not form.vanishes(p, draft)]
    if before:
        return Link(go(str(before[-1])), _("Quay lại phần %(number)s", number=before[-1]))
    return Link(go(f"../{request.view_args['code']}" if request.view_args else "."), _("Quay lại trang đầu"))


def _fields(
    form: Form, page: Page, draft: Draft, refused: Refused | None, messages: Mapping[str, str], *, asked: bool
) -> Any:
    """The page's WTForms form: with earlier answers, or with what was typed and what is wrong with it."""
    typed = MultiDict((name, value) for name, values in refused.typed.items() for value in values) if refused else None
    fields = section_form(page.section, chosen(), words.around())(typed, data=draft.answers(form.place(page)))
    for field in fields:
        field.fault = messages.get(field.name, "")
        field.asked = asked
    return fields


def _troubles(items: Sequence[Item], messages: Mapping[str, str]) -> list[Trouble]:
    troubles = []
    for item in items:
        if item.id in messages:
            first = f"-{item.choices[0].id}" if item.closed else "-in"
            troubles.append(Trouble(item.id + first, item.text.of(chosen()), messages[item.id]))
    return troubles


def save(here: Visit, page: Page) -> tuple[Read, Draft | Outcome]:
    """Read what was posted, save what is right of it; the faults are the caller's to show."""
    posted = request.form.to_dict(flat=False)
    form, draft = here.form, here.seen(here.draft)
    sitting = here.begin_sitting()
    place = form.place(page)
    found = read(page.section, posted, form.values(page, draft))
    # A question that the page did not show was not left empty: its earlier answer stays in the draft.
    asked = {item.id for item in form.shown(page, draft)} | posted.keys()
    unsaved = {fault.item for fault in found.faults} | (found.values.keys() - asked)
    answers: dict[Key, Value | None] = {
        (place, item): value for item, value in found.values.items() if item not in unsaved
    }
    if form.declinable and form.opens_unit(page):
        declined = bool(posted.get(DECLINED))
        answers[place, DECLINED_UNIT] = "yes" if declined else None
        if declined:
            found = Read(found.values, ())
    w = web()
    saved = responses.save_page(
        w.store, w.drafts, w.keyring, w.clock, here.wave, here.code, answers, seen=seen_revision(), sitting=sitting
    )
    return found, saved


def seen_revision() -> int:
    """The revision that the posted page was made from; a page without one has seen nothing and clears nothing."""
    text = request.form.get(REVISION, "0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def next_target(here: Visit, page: Page, before: Draft, draft: Draft) -> str:
    """Where a saved page leads: to questions that its answers brought up, to the next page, or to the check page."""
    form = here.form
    if form.place(page) not in draft.declined:
        seen = (
            {item.id for item in form.shown(page, before)} | set(request.form) | draft.answers(form.place(page)).keys()
        )
        for item in form.shown(page, draft):
            if item.id not in seen and item.type is not ItemType.NOTE:
                return go(str(page.number), **_returning()) + f"#{item.id}"
    following = form.after(page.number, draft)
    if _returning():
        others = (other for other in form.pages if other.number != page.number)
        brought_up = (p.number for p in others if form.vanishes(p, before) and not form.vanishes(p, draft))
        following = next(brought_up, None)
    return go("check") if following is None else go(str(following))
