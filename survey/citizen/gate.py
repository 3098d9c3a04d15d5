"""Whose page is this, and may it be answered? One gate before every page with a code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from flask import Response, g, request

from forms.answers import cleaned
from survey import codes, drafts, invitations, responses
from survey.citizen import messages
from survey.citizen.form import Form
from survey.citizen.form import of as form_of
from survey.citizen.rendering import page
from survey.citizen.words import Line
from survey.guessing import Crowded
from survey.invitations import Door, Invitation, Revoked
from survey.keys import WaveKeys
from survey.language import chosen
from survey.plan.wave_spec import Resume
from survey.proxy import address
from survey.wave import RegisteredWave
from survey.web import web

SUBMIT = "citizen.submit"
SITTING = "s"  # in the query
FAILED = "phieu.failed"  # in the request: why ``quick`` could not store or read; nobody waits a second time for it
LET_IN = "phieu.let_in"  # in the request: whose code it has, where ``quick`` has looked already
_NONCE = re.compile(r"[A-Za-z0-9_-]{16}")


@dataclass(frozen=True)
class Visit:
    """A request with the code of an invitation."""

    code: str
    invitation: Invitation
    wave: RegisteredWave
    keys: WaveKeys

    @cached_property
    def draft(self) -> drafts.Draft:
        """The answers so far; an empty draft when there are none."""
        return drafts.load(web().drafts, self.keys, self.code)

    @property
    def hides_earlier(self) -> bool:
        """Whether answers of an earlier sitting stay unseen (the wave file's ``resume``)."""
        return self.wave.spec.group(self.invitation.group).resume is Resume.CONTINUE

    @property
    def sitting(self) -> str:
        """The nonce of this sitting, from the address; none, and needing none, where everything is shown."""
        return str(g.carried.get(SITTING, ""))

    def begin_sitting(self) -> str:
        """Begin a sitting where none is carried along and one is needed; every later link carries it."""
        if self.hides_earlier and not self.sitting:
            g.carried = {SITTING: drafts.new_sitting()}
        return self.sitting

    def seen(self, draft: drafts.Draft) -> drafts.Draft:
        """What of a draft this visitor may be shown, and what pages may depend on."""
        return in_sitting(draft, self.sitting) if self.hides_earlier else draft

    @cached_property
    def form(self) -> Form:
        """The pages of this invitation."""
        order = drafts.unit_order(self.keys, self.code, self.invitation.unit_ids)
        return form_of(web().forms, self.wave, self.invitation.group, order)

    def fresh_receipt(self) -> tuple[str, str]:
        """A receipt and its tag for a check page."""
        return responses.fresh_receipt(self.keys, self.code)

    @property
    def hotlines(self) -> tuple[str, ...]:
        """Whom to call about this wave."""
        return (self.wave.spec.hotline,) if self.wave.spec.hotline else ()


def in_sitting(draft: drafts.Draft, sitting: str) -> drafts.Draft:
    """Only what was typed in this sitting; without one nothing, not even how often the form was saved."""
    if not sitting:
        return drafts.Draft()
    typed = {key: entry for key, entry in draft.entries.items() if entry.sitting == sitting}
    return drafts.Draft(draft.revision, typed)


def visit() -> Visit:
    """The visit that the gate let in."""
    found: Visit = g.visit
    return found


def enter() -> Response | None:
    """Find the invitation of the code in the address; answer at once when there is nothing to fill in."""
    typed = (request.view_args or {}).get("code")
    if typed is None:
        return None
    code = codes.normalise(typed)
    if not codes.is_valid(code):
        return _say(messages.misread(), web().known_hotlines)
    asker = address(request)
    try:
        with web().guesses.turn(asker):
            found, wave = request.environ.pop(LET_IN, None) or _looked_up(code)
            if found is None:
                web().guesses.wrong(asker)
    except Crowded:
        return _say(messages.crowded(), web().known_hotlines)
    if found is None or wave is None:
        over = invitations.codes_forgotten(web().store)
        return _say(messages.forgotten() if over else messages.unknown(), web().known_hotlines)
    keys = web().keyring.wave_keys(found.wave)
    if isinstance(found, Revoked):
        return _say(messages.revoked(), (wave.spec.hotline,))
    g.visit = here = Visit(code, found, wave, keys)
    nonce = request.args.get(SITTING, "")
    g.carried = {SITTING: nonce} if here.hides_earlier and _NONCE.fullmatch(nonce) else {}
    if FAILED in request.environ:
        raise request.environ.pop(FAILED)
    return None if request.endpoint == SUBMIT else shut(here)


def _looked_up(code: str) -> tuple[Invitation | Revoked | None, RegisteredWave | None]:
    with web().store.read() as tx:
        found = invitations.found_by(tx, web().keyring, code)
        return found, web().wave_by(tx, found.wave) if found else None


def shut(here: Visit) -> Response | None:
    """The page that stands for a form which cannot be filled in (any more, or yet); None while it can."""
    refused = 422 if request.method == "POST" else None
    door = invitations.door(here.wave, web().clock)
    if here.invitation.spent:
        message = messages.received(refused or 200)
    elif door is Door.NOT_YET:
        message = messages.not_yet(here.wave.spec.opens)
    elif door is Door.OVER or not here.invitation.open:
        message = messages.closed(refused or 410)
    else:
        return None
    return _say(message, here.hotlines, typed(here))


def overtaken() -> Response:
    """The page of an invitation that was open when this request came in and is not any more."""
    answer = enter()
    if answer is None:
        answer = shut(visit())
    return answer or _say(messages.unreadable(), visit().hotlines, typed(visit()))


def typed(here: Visit) -> tuple[Line, ...]:
    """What was just posted in vain, so that nobody's words are lost with the page."""
    items = here.form.questionnaire.items
    found = []
    for name, values in request.form.lists():
        texts = [text for text in (cleaned(value, lines=True) for value in values) if text]
        if name in items and texts:
            choices = (items[name].choice(text) for text in texts)
            shown = [c.text.of(chosen()) if c else t for c, t in zip(choices, texts, strict=True)]
            found.append(Line(items[name].text.of(chosen()), "\n".join(shown)))
    return tuple(found)


def _say(message: messages.Message, hotlines: tuple[str, ...], typed: tuple[Line, ...] = ()) -> Response:
    return page(
        "message.html",
        status=message.status,
        hotlines=[line for line in hotlines if line],
        switchable=request.method != "POST",
        message=message,
        typed=typed,
    )
