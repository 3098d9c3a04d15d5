"""Preview from the desk: a questionnaire's pages exactly as respondents see them, with posts that store nothing.

What was typed travels in the address of the next page, so that skip rules work and nothing is kept anywhere.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from flask import Blueprint, Response, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from survey import library, preview
from survey.citizen import checking, sections, starting
from survey.citizen.form import Form
from survey.citizen.gate import Visit
from survey.desk import policy
from survey.dispositions import State
from survey.drafts import Draft, Entry, Key
from survey.invitations import Invitation
from survey.keys import WaveKeys
from survey.language import go
from survey.web import web

blueprint = Blueprint("looking", __name__, url_prefix="/desk/preview", template_folder="../citizen/templates")
TYPED = "d"  # in the query
MOST_UNITS = 12
LONGEST = 6_000  # characters of an address; the longest texts are left out of it
_MOST_UNPACKED = 64 << 10
_CODE = re.compile(rf"([0-9a-f]{{{library.SHORT}}})-([0-9]{{1,2}})")


@dataclass(frozen=True)
class Looking(Visit):
    """A visit that belongs to no invitation."""

    @cached_property
    def form(self) -> Form:
        """The pages, units in the order of the file."""
        spec = self.wave.spec
        return Form(spec, self.wave.questionnaire_of(preview.WAVE), spec.units)

    @cached_property
    def draft(self) -> Draft:
        """What the address carries."""
        return unpacked(request.args.get(TYPED, ""))

    @property
    def hides_earlier(self) -> bool:
        """Nothing is hidden from whoever looks."""
        return False

    def fresh_receipt(self) -> tuple[str, str]:
        """None: nothing is sent."""
        return "", ""


@blueprint.before_request
def enter() -> ResponseReturnValue | None:
    """Only for staff who may see questionnaires; the desk's own gate asks for a token that these pages do not carry."""
    from flask_login import current_user

    account = current_user.account if current_user.is_authenticated else None
    if account is None:
        return redirect(url_for("desk.sign_in"), 303)
    if account.must_change or not policy.may(account, policy.Right.QUESTIONNAIRES):
        abort(403)
    g.preview = True
    told = _CODE.fullmatch(str((request.view_args or {}).get("code", "")))
    found = library.find(web().store, web().settings.instance, told[1]) if told else None
    if told is None or found is None or not 1 <= int(told[2]) <= MOST_UNITS:
        abort(404)
    wave = preview.wave_of(found, int(told[2]), web().clock)
    units = tuple((unit.id, 1.0) for unit in wave.spec.units)
    invitation = Invitation(
        preview.WAVE, 1, b"", 0, State.ISSUED, preview.WAVE, 1, preview.WAVE, "", "", {}, "qr", units
    )  # fmt: skip
    g.visit = Looking(told[0], invitation, wave, cast(WaveKeys, None))
    g.carried = {TYPED: request.args[TYPED]} if request.args.get(TYPED) else {}
    return None


def _here() -> Looking:
    found: Looking = g.visit
    return found


def _page(number: int) -> Any:
    pages = _here().form.pages
    return pages[number - 1] if 1 <= number <= len(pages) else abort(404)


def _carry(draft: Draft) -> None:
    g.carried = {TYPED: packed(draft)}


@blueprint.route("/<code>", methods=["GET", "POST"])
def start(code: str) -> ResponseReturnValue:
    """The first page; *Begin* leads to the first section."""
    return starting.show(_here()) if request.method == "GET" else redirect(go(f"{code}/1"), 303)


@blueprint.route("/<code>/<int:number>", methods=["GET", "POST"])
def section(code: str, number: int) -> ResponseReturnValue:
    """A section; what is posted is read, checked and carried on."""
    here, page = _here(), _page(number)
    draft = here.draft
    if request.method == "GET":
        if here.form.vanishes(page, draft):
            return redirect(go(str(here.form.after(number, draft) or "check")), 303)
        return sections.show(here, page, draft)
    found, answers = sections.answered(here, page, draft)
    now = draft.merged(answers, seen=draft.revision)
    _carry(now)
    if found.faults:
        return sections.show(here, page, now, sections.Refused(found.faults, request.form.to_dict(flat=False)))
    return redirect(sections.next_target(here, page, draft, now), 303)


@blueprint.get("/<code>/check")
def check(code: str) -> Response:
    """The answers before sending."""
    return checking.show(_here())


@blueprint.post("/<code>/submit")
def submit(code: str) -> Response:
    """What a respondent sees at the end, with a receipt that is none."""
    return starting.receipt(_here(), "0000-0000-0000-0000")


@blueprint.post("/<code>/refuse")
def refuse(code: str) -> ResponseReturnValue:
    """Nothing to refuse: the first page again."""
    return redirect(go(f"../{code}"), 303)


def packed(draft: Draft) -> str:
    """A draft as a word for an address; the longest texts are left out when it would be too long."""
    entries: dict[Key, Entry] = dict(draft.entries)
    while True:
        rows = [[*key, entry.value, entry.revision] for key, entry in entries.items()]
        text = json.dumps([draft.revision, rows], ensure_ascii=False, separators=(",", ":"))
        word = base64.urlsafe_b64encode(zlib.compress(text.encode("utf-8", "replace"), 9)).decode().rstrip("=")
        if len(word) <= LONGEST or not entries:
            return word
        del entries[max(entries, key=lambda key: len(str(entries[key].value)))]


def unpacked(word: str) -> Draft:
    """The draft of an address; an empty one where it makes no sense."""
    try:
        packed_ = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        revision, rows = json.loads(zlib.decompressobj().decompress(packed_, _MOST_UNPACKED))
        return Draft(int(revision), dict(_entry(row) for row in rows))
    except (ValueError, TypeError, binascii.Error, zlib.error, RecursionError):
        return Draft()


def _entry(row: Any) -> tuple[Key, Entry]:
    unit, item, value, revision = row
    if isinstance(value, list):
        value = tuple(str(each) for each in value)
    if not isinstance(unit, str) or not isinstance(item, str) or not isinstance(value, str | int | tuple):
        raise ValueError
    return (unit, item), Entry(unit, item, value, int(revision), "")
