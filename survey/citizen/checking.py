"""The check page: every answer with a way to change it, and the form that submits."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from typing import NamedTuple

from flask import Response, request

from forms.questionnaire import ItemType
from survey.citizen import sheets, words
from survey.citizen.form import Form
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
    ids: tuple[str, ...]
    lines: tuple[words.Line, ...]


def _parts(form: Form, draft: Draft, seen: Draft) -> list[Part]:
    parts, language = [], chosen()
    for page in form.pages:
        if form.vanishes(page, seen):
            continue
        place = form.place(page)
        title = page.section.title.of(language)
        about = heading(form, page)
        known = form.values(page, seen)
        shown = [item for item in form.shown(page, seen) if item.type is not ItemType.NOTE]
        lines = (
            words.line(
                item,
                known.get(item.id),
                language,
                earlier=form.key(page, item.id) in draft.entries or place in draft.declined,
            )
            for item in shown
        )
        parts.append(
            Part(
                page.number,
                about if about == title or form.opens_unit(page) else f"{about}: {title}",
                go(str(page.number), back="check"),
                page.unit is not None and place in seen.declined,
                tuple(item.id for item in shown),
                tuple(lines),
            )
        )
    return parts


def show(here: Visit, *, stale: bool = False) -> Response:
    """Render the check page with a fresh receipt; ``stale``: a submit was refused and this is its answer."""
    draft, seen = here.draft, here.seen(here.draft)
    parts = _parts(here.form, draft, seen)
    missing = sum(not (line.answer or line.earlier) for part in parts if not part.declined for line in part.lines)
    receipt, tag = here.fresh_receipt()
    screened_out = here.form.screened_out(seen)
    whole = not any(part.declined or not all(line.answer for line in part.lines) for part in parts)
    if stale or not whole or not sheets.suits():
        return _print(here, parts, Sent(receipt, tag, str(draft.revision)), screened_out, missing=missing, stale=stale)
    # Everybody who answered everything is shown the same page but for the answers themselves.
    given = {f"answer{n}": line.answer for n, line in enumerate(line for part in parts for line in part.lines)}
    what = ("check", tuple((part.number, part.ids) for part in parts), screened_out)
    sent = Sent(*map(sheets.blank, Sent._fields))
    return sheets.filled(
        here, what, lambda _code, form: _print(here, _blank(form, draft, seen), sent, screened_out),
        receipt=receipt, tag=tag, revision=str(draft.revision), **given,
    )  # fmt: skip


class Sent(NamedTuple):
    """What the form that submits carries."""

    receipt: str
    tag: str
    revision: str


def _blank(form: Form, draft: Draft, seen: Draft) -> list[Part]:
    """The parts with a blank in place of every answer."""
    count = itertools.count()
    return [
        dataclasses.replace(
            part, lines=tuple(words.Line(line.question, sheets.blank(f"answer{next(count)}")) for line in part.lines)
        )
        for part in _parts(form, draft, seen)
    ]


def _print(
    here: Visit, parts: list[Part], sent: Sent, screened_out: bool, *, missing: int = 0, stale: bool = False
) -> Response:
    begun, last = bool(here.draft.entries), parts[-1].number
    return render(
        "check.html",
        status=422 if stale else 200,
        hotlines=here.hotlines,
        scripted=True,
        switchable=request.method != "POST",
        stale=stale and begun,
        empty=not begun,
        screened_out=screened_out,
        missing=missing,
        parts=parts,
        receipt=sent.receipt,
        tag=sent.tag,
        revision=sent.revision,
        first=go("1"),
        back=Link(go(str(last)), _("Quay lại phần %(number)s", number=last)),
    )
