"""The check page: every answer with a way to change it, and the form that submits."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from forms.answers import completeness
from survey import responses
from survey.citizen import words
from survey.citizen.gate import Visit
from survey.citizen.messages import Link
from survey.citizen.rendering import page as render
from survey.citizen.sections import heading
from survey.drafts import Draft
from survey.language import chosen, go
from survey.language import gettext as _


@dataclass(frozen=True, slots=True)
class Part:
    """One page's answers as the check page shows them."""

    number: int
    heading: str
    href: str
    declined: bool
    lines: tuple[words.Line, ...]


def _parts(here: Visit, draft: Draft) -> list[Part]:
    form = here.form
    parts = []
    for page in form.pages:
        if form.vanishes(page, draft):
            continue
        place = form.place(page)
        title = page.section.title.of(chosen())
        about = heading(form, page)
        parts.append(
            Part(
                page.number,
                about if about == title or form.opens_unit(page) else f"{about}: {title}",
                go(str(page.number), back="check"),
                page.unit is not None and place in draft.declined,
                words.lines(form.shown(page, draft), draft.answers(place), chosen()),
            )
        )
    return parts


def _missing(here: Visit, draft: Draft) -> int:
    assessed = [draft.answers(unit.id) for unit in here.form.units if unit.id not in draft.declined]
    answered, applicable = completeness(here.form.questionnaire, draft.answers(), assessed)
    return applicable - answered


def show(here: Visit, *, stale: bool = False) -> Response:
    """Render the check page with a fresh receipt; ``stale``: a submit was refused and this is its answer."""
    draft = here.draft
    receipt, tag = responses.fresh_receipt(here.keys, here.code)
    last = [page.number for page in here.form.pages if not here.form.vanishes(page, draft)][-1]
    return render(
        "check.html",
        status=422 if stale else 200,
        hotlines=here.hotlines,
        switchable=request.method != "POST",
        stale=stale and bool(draft.entries),
        empty=not draft.entries,
        screened_out=here.form.screened_out(draft),
        missing=_missing(here, draft),
        parts=_parts(here, draft),
        receipt=receipt,
        tag=tag,
        revision=draft.revision,
        first=go("1"),
        back=Link(go(str(last)), _("Quay lại phần %(number)s", number=last)),
    )
