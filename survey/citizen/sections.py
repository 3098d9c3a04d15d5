"""A section page: its questions with what was answered, the saving of it, and where to go next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from werkzeug.datastructures import MultiDict

from forms.answers import AnswerFault, Read, Value
from forms.fields import section_form
from forms.questionnaire import Item, Page
from survey import responses
from survey.citizen import posting, sheets, words
from survey.citizen.form import Form
from survey.citizen.gate import Visit
from survey.citizen.messages import Link
from survey.citizen.mirroring import mirror
from survey.citizen.rendering import page as render
from survey.drafts import Draft, Key
from survey.language import chosen, go, ngettext
from survey.language import gettext as _
from survey.responses import Outcome
from survey.web import web


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a page comes back, with what was typed."""

    faults: tuple[AnswerFault, ...]
    typed: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Part:
    """One section as a page shows it; ``asleep``: none of its questions is shown, but an answer may bring some up."""

    title: str
    intro: str
    items: Sequence[Item]
    asleep: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """One line of the summary above a page that comes back."""

    anchor: str
    question: str
    message: str


def heading(form: Form, page: Page) -> str:
    """What a page is about, in its largest words: the section, or the office where a page or form has several."""
    unit = form.unit(page)
    return (unit.name if unit and (form.declinable or len(page.parts) > 1) else page.section.title).of(chosen())


def where(form: Form, page: Page) -> str:
    """Where the respondent is, in words."""
    if len(form.pages) == 1:
        return form.wave.title.of(chosen())
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
    """Show a section page, fresh, with earlier answers, or as it was refused."""
    form = here.form
    if refused or not sheets.suits() or form.begun(page, draft):
        return _print(here, here.code, form, page, draft, str(draft.revision), refused)
    return sheets.filled(
        here,
        form.looks(page, draft, returning=bool(_returning())),
        lambda code, blank: _print(here, code, blank, page, draft, sheets.blank("revision")),
        revision=str(draft.revision),
    )


def _print(
    here: Visit, code: str, form: Form, page: Page, draft: Draft, revision: str, refused: Refused | None = None
) -> Response:
    shown = form.shown(page, draft)
    mirrored = mirror(form.questionnaire, page, form.values(page, draft))
    unit = form.unit(page)
    faults = refused.faults if refused else ()
    messages = {fault.item: words.fault(fault) for fault in faults}
    asked = any(fault.key == "required" for fault in faults)
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
        parts=_parts(form, page, {item.id for item in shown}, mirrored),
        action=go(str(page.number), **_returning()),
        revision=revision,
        asked=asked,
        shown={item.id for item in shown},
        mirrored=mirrored,
        fields=_fields(form, page, draft, refused, messages, asked=asked),
        faults=_troubles(shown, messages),
        summary=ngettext("Còn %(num)s câu cần Ông/Bà xem lại", "Còn %(num)s câu cần Ông/Bà xem lại", len(messages)),
        declinable=form.declinable and form.opens_unit(page),
        declined=refused is None and form.place(page) in draft.declined,
        unit_name=unit.name.of(chosen()) if unit else "",
        back=_back(code, form, page, draft),
    )


def _parts(form: Form, page: Page, shown: Set[str], mirrored: Mapping[str, str]) -> list[Part]:
    """The sections of a page with what of them is shown or may come up; those of which nothing can are left out."""
    several = len(page.parts) > 1
    titled = several or (form.declinable and page.unit is not None and _sections_of(form, page) > 1)
    parts = []
    for section in page.parts:
        items = [item for item in section.items if item.id in shown or item.id in mirrored]
        if items or not several:
            title = section.title.of(chosen()) if titled else ""
            intro = section.intro.of(chosen()) if section.intro else ""
            parts.append(Part(title, intro, items, several and not shown & {i.id for i in items}))
    return parts


def _sections_of(form: Form, page: Page) -> int:
    """On how many pages this page's unit is asked about."""
    return sum(other.unit == page.unit for other in form.pages)


def _returning() -> dict[str, str]:
    """Whether the page was opened from the check page, to which it then leads back."""
    return {"back": "check"} if request.args.get("back") == "check" else {}


def _back(code: str, form: Form, page: Page, draft: Draft) -> Link:
    if _returning():
        return Link(go("check"), _("Quay lại trang xem lại"))
    before = form.before(page, draft)
    if before is not None:
        return Link(go(str(before)), _("Quay lại phần %(number)s", number=before))
    return Link(go(f"../{code}"), _("Quay lại trang đầu"))


def _fields(
    form: Form, page: Page, draft: Draft, refused: Refused | None, messages: Mapping[str, str], *, asked: bool
) -> Any:
    """The page's WTForms form: with earlier answers, or with what was typed and what is wrong with it."""
    typed = MultiDict((name, value) for name, values in refused.typed.items() for value in values) if refused else None
    fields = section_form(page.section, chosen(), words.around())(typed, data=form.values(page, draft))
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


def answered(here: Visit, page: Page, draft: Draft) -> tuple[Read, dict[Key, Value | None]]:
    """Read what was posted: what is wrong with it, and the answers that are kept of it."""
    return posting.answered(here.form, page, draft, request.form.to_dict(flat=False))


def save(here: Visit, page: Page) -> tuple[Read, Draft | Outcome]:
    """Read what was posted, save what is right of it; the faults are the caller's to show."""
    draft = here.seen(here.draft)
    sitting = here.begin_sitting()
    found, answers = answered(here, page, draft)
    w = web()
    saved = responses.save_page(
        w.store, w.drafts, w.keyring, w.clock, here.wave, here.code, answers,
        seen=seen_revision(), sitting=sitting, found=here.invitation, read=here.draft,
    )  # fmt: skip
    return found, saved


def seen_revision() -> int:
    """The revision that the posted page was made from."""
    return posting.seen_revision(request.form.to_dict(flat=False))


def next_target(here: Visit, page: Page, before: Draft, draft: Draft) -> str:
    """Where a saved page leads: to questions that its answers brought up, to the next page, or to the check page."""
    returning = _returning()
    target = posting.leads_to(here.form, page, before, draft, set(request.form), returning=bool(returning))
    if target.item:
        return go(target.page, **returning) + f"#{target.item}"
    return go(target.page)
