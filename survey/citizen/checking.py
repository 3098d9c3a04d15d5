"""The check page: every answer with a way to change it, and the form that submits."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import NamedTuple

from flask import Response, request

from forms.answers import Value
from forms.questionnaire import Item, ItemType
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
        lines = (
            words.line(
                item,
                known.get(item.id),
                language,
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
    receipt, tag = here.fresh_receipt()
    given = None if stale or not sheets.suits() else whole(here.form, seen, _answer)
    if given is not None:
        sent = Sent(*map(sheets.blank, Sent._fields))
        return sheets.filled(
            here, given.looks, lambda _code, form: _print(here, _blank(form, draft, seen), sent, given.screened_out),
            receipt=receipt, tag=tag, revision=str(draft.revision), **given.answers,
        )  # fmt: skip
    parts = _parts(here.form, draft, seen)
    missing = sum(not (line.answer or line.earlier) for part in parts if not part.declined for line in part.lines)
    screened_out = here.form.screened_out(seen)
    return _print(here, parts, Sent(receipt, tag, str(draft.revision)), screened_out, missing=missing, stale=stale)


class Whole(NamedTuple):
    """A form that was answered throughout: its check page is everybody's but for the ``answers`` (blank → text)."""

    looks: Hashable
    screened_out: bool
    answers: dict[str, str]


def whole(form: Form, draft: Draft, said: Callable[[Item, Value], str]) -> Whole | None:
    """None where something was left out or declined; ``said``: an answer in words."""
    if not draft.entries or draft.declined:
        return None
    asked: list[Hashable] = []
    answers: dict[str, str] = {}
    for page in form.pages:
        if form.vanishes(page, draft):
            continue
        known = form.values(page, draft)
        for item in form.shown(page, draft):
            if item.type is not ItemType.NOTE:
                value = known.get(item.id)
                if value is None:
                    return None
                asked.append((page.number, item.id))
                answers[f"answer{len(answers)}"] = said(item, value)
    screened_out = form.screened_out(draft)
    return Whole(("check", tuple(asked), screened_out), screened_out, answers)


def _answer(item: Item, value: Value) -> str:
    return words.answer(item, value, chosen())


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
