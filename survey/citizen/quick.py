"""Pages that nobody typed into, answered before the web framework is asked: most of what a survey serves.

Only what a sheet can say is answered here, and only as the slow way would: a code that is good, an open door, a form
that shows everything, a page nobody has begun. For everything else ``answer`` is None and the framework goes on.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

from survey import codes, drafts, headers, invitations, proxy
from survey.citizen import form, sheets
from survey.citizen.form import Form
from survey.dispositions import State
from survey.drafts import Draft
from survey.headers import Header
from survey.invitations import Door, Invitation
from survey.language import SOURCE
from survey.plan.wave_spec import Resume
from survey.store import StoreError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from survey.web import Web

_PATH = re.compile(rf"/[Pp]/([{codes.ALPHABET}]{{{codes.LENGTH}}})(?:/([1-9][0-9]?))?")


def answer(app: Web, environ: WSGIEnvironment) -> tuple[list[Header], bytes] | None:
    """Headers and body of a page, status 200; None where the framework must look at the request."""
    if environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING") or "HTTP_COOKIE" in environ:
        return None
    asked = _PATH.fullmatch(environ["PATH_INFO"])
    if asked is None or not codes.is_valid(asked[1]):
        return None
    if app.guesses.slowed(proxy.address_in(environ)):
        return None
    try:
        return _page(app, environ, asked[1], int(asked[2] or 0))
    except StoreError:
        return None  # the slow way says it


def _page(app: Web, environ: WSGIEnvironment, code: str, number: int) -> tuple[list[Header], bytes] | None:
    with app.store.read() as tx:
        found = invitations.found_by(tx, app.keyring, code)
        if not isinstance(found, Invitation) or not found.open or found.state is State.REFUSED:
            return None
        wave = app.wave_by(tx, found.wave)
    keys = app.keyring.wave(found.wave)
    if keys is None or invitations.door(wave, app.clock) is not Door.OPEN:
        return None
    if wave.spec.group(found.group).resume is Resume.CONTINUE:
        return None
    asked = form.of(app.forms, wave, found.group, drafts.unit_order(keys, code, found.unit_ids))
    draft = drafts.load(app.drafts, keys, code)
    looks = _looks(asked, number, draft) if number else form.start_looks(found, draft)
    sheet = app.sheets.get(sheets.key(wave, asked, found.group, SOURCE, looks))
    if sheet is None:
        return None
    told = sheets.here_and_there(asked, code, SOURCE) | {"revision": str(draft.revision)}
    gzip = headers.reads_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    return sheet.answer(told, gzip=gzip, tls=proxy.tls_in(environ))


def _looks(asked: Form, number: int, draft: Draft) -> Hashable:
    """None where the page is not there, asks nothing or was begun."""
    page = asked.pages[number - 1] if number <= len(asked.pages) else None
    if page is None or asked.vanishes(page, draft) or asked.begun(page, draft):
        return None
    return asked.looks(page, draft)


def register(app: Web) -> None:
    """Ask here first, then the framework."""
    framework = app.wsgi_app

    def wsgi_app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        made = answer(app, environ)
        if made is None:
            return framework(environ, start_response)
        start_response("200 OK", made[0])
        return [made[1]]

    app.wsgi_app = wsgi_app  # type: ignore[method-assign]  # as Flask's documentation has it
