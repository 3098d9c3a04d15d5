"""The check page: every answer with a way to change it, and the form that submits."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from forms.questionnaire import ItemType
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


def _parts(here: Visit, draft: Draft, seen: Draft) -> list[Part]:
    form = here.form
    parts = []
    for page in form.pages:
        if form.vanishes(page, seen):
            continue
        place = form.place(page)
        title = page.section.title.of(chosen())
        about = heading(form, page)
        known = form.values(page, seen)
        lines = (
            words.line(
                item,
                known.get(item.id),
                chosen(),
                earlier=form.key(page, item.id) in draft.entries or place in draft.declined,
            )
            for item in form.shown(page, seen)
            if item.type is not ItemType.NOTE
        )
        parts.append(
            Part(
                page.number,
                about if about == title or form.opens_unit(page) else f"{about}: {title}",
                go(str(page.number), back="check"),
                page.unit is not None and place in seen.declined,
                tuple(lines),
            )
        )
    return parts


def show(here: Visit, *, stale: bool = False) -> Response:
    """Render the check page with a fresh receipt; ``stale``: a submit was refused and this is its answer."""
    draft, seen = here.draft, here.seen(here.draft)
    parts = _parts(here, draft, seen)
    missing = sum(not (line.answer or line.earlier) for part in parts if not part.declined for line in part.lines)
    receipt, tag = here.fresh_receipt()
    last = parts[-1].number
    return render(
        "check.html",
        status=422 if stale else 200,
        hotlines=here.hotlines,
        scripted=True,
        switchable=request.method != "POST",
        stale=stale and bool(draft.entries),
        empty=not draft.entries,
        screened_out=here.form.screened_out(seen),
        missing=missing,
        parts=parts,
        receipt=receipt,
        tag=tag,
        revision=draft.revision,
        first=go("1"),
        back=Link(go(str(last)), _("Quay lại phần %(number)s", number=last)),
    )
