"""What most requests ask for, answered before the web framework is asked: fresh pages, *Begin*, a page that is saved.

Only as the slow way would: a code that is good, an open door, a form that shows everything, a page nobody has begun,
answers that read well. For everything else ``answer`` is None and the framework goes on from the start.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

from forms.answers import DECLINED, NA, Value
from forms.fields import VIETNAMESE
from forms.questionnaire import Item, ItemType
from survey import codes, drafts, headers, invitations, proxy, responses
from survey.citizen import checking, form, posting, sheets, starting, words
from survey.citizen.form import Form
from survey.citizen.gate import FAILED, LET_IN
from survey.dispositions import State
from survey.drafts import Draft
from survey.headers import Header
from survey.invitations import Door, Invitation
from survey.keys import WaveKeys
from survey.language import SOURCE
from survey.metrics.counting import ROUTE
from survey.plan.wave_spec import Resume
from survey.store import StoreError
from survey.wave import RegisteredWave

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from survey.web import Web

FORM = "application/x-www-form-urlencoded"
LONGEST = 65_536  # bytes of a posted page
MOST_FIELDS = 500
CHECK, SUBMIT = "check", "submit"
# What the framework would call these addresses, for whoever counts.
_ROUTES = {None: "/P/<code>", CHECK: "/P/<code>/check", SUBMIT: "/P/<code>/submit"}
_SECTION = "/P/<code>/<int:number>"
_PATH = re.compile(rf"/[Pp]/([{codes.ALPHABET}]{{{codes.LENGTH}}})(?:/([1-9][0-9]?|{CHECK}|{SUBMIT}))?")


Fields = dict[str, list[str]]


class Answer(NamedTuple):
    """A whole answer."""

    status: str
    headers: list[Header]
    body: bytes


class _Visitor(NamedTuple):
    """Whose page it is, where it may be answered."""

    code: str
    found: Invitation
    wave: RegisteredWave
    keys: WaveKeys
    form: Form
    draft: Draft


def answer(app: Web, environ: WSGIEnvironment) -> Answer | None:
    """None where the framework must look at the request."""
    if environ["REQUEST_METHOD"] not in ("GET", "POST") or environ.get("QUERY_STRING") or "HTTP_COOKIE" in environ:
        return None
    asked = _PATH.fullmatch(environ["PATH_INFO"])
    if asked is None or not codes.is_valid(asked[1]) or app.guesses.slowed(proxy.address_in(environ)):
        return None
    try:
        # What is sent is read before anything is looked up: it may take as long as a slow network wants.
        posted = _fields(environ) if environ["REQUEST_METHOD"] == "POST" else {}
        visitor = None if posted is None else _let_in(app, asked[1])
        if visitor is None or posted is None:
            return None
        environ[LET_IN] = visitor.found, visitor.wave
        environ[ROUTE] = _ROUTES.get(asked[2], _SECTION)
        if environ["REQUEST_METHOD"] == "GET":
            return _shown(app, visitor, asked[2], environ)
        if asked[2] == SUBMIT:
            return _submitted(app, visitor, posted, environ)
        target = _posted(app, visitor, asked[2], posted)
    except StoreError as error:
        environ[FAILED] = error
        return None
    except Exception:
        return None  # what fails here fails there too, where it is said, and logged without a code or an answer
    return None if target is None else _redirect(target, tls=proxy.tls_in(environ))


def _let_in(app: Web, code: str) -> _Visitor | None:
    """By one statement a look-up, among the waves that were served before; others are the slow way's to find."""
    with app.store.look() as tx:
        for id in app.served:
            keys = app.keyring.wave(id)
            row = tx.visit_by_lookup(lookup=codes.lookup(keys.lookup, code)) if keys else None
            if row is not None:
                break
        else:
            return None
    found, wave = invitations.from_row(row), app.wave_as_read(id, row)
    if wave is None or keys is None or not found.open or found.state is State.REFUSED:
        return None
    if invitations.door(wave, app.clock) is not Door.OPEN or wave.spec.group(found.group).resume is Resume.CONTINUE:
        return None
    asked = form.of(app.forms, wave, found.group, drafts.unit_order(keys, code, found.unit_ids))
    return _Visitor(code, found, wave, keys, asked, drafts.load(app.drafts, keys, code))


def _shown(app: Web, here: _Visitor, which: str | None, environ: WSGIEnvironment) -> Answer | None:
    if which is None:
        looks = form.start_looks(here.found, here.draft)
        return _filled(app, here, looks, environ)
    if which == CHECK:
        given = checking.whole(here.form, here.draft, _said)
        if given is None:
            return None
        receipt, tag = responses.fresh_receipt(here.keys, here.code)
        return _filled(app, here, given.looks, environ, receipt=receipt, tag=tag, **given.answers)
    if which == SUBMIT or int(which) > len(here.form.pages):
        return None
    page = here.form.pages[int(which) - 1]
    if here.form.vanishes(page, here.draft) or here.form.begun(page, here.draft):
        return None
    return _filled(app, here, here.form.looks(page, here.draft), environ)


def _said(item: Item, value: Value) -> str:
    """An answer in the words of the questionnaires' own language."""
    if item.type is not ItemType.TEXT and value in (NA, DECLINED):
        return VIETNAMESE.na if value == NA else VIETNAMESE.declined
    return words.written(item, value, SOURCE)


def _filled(app: Web, here: _Visitor, looks: Hashable, environ: WSGIEnvironment, **values: str) -> Answer | None:
    sheet = app.sheets.get(sheets.key(here.wave, here.form, here.found.group, SOURCE, looks))
    if sheet is None:
        return None
    told = sheets.here_and_there(here.form, here.code, SOURCE) | {"revision": str(here.draft.revision)} | values
    gzip = headers.reads_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    return Answer("200 OK", *sheet.answer(told, gzip=gzip, tls=proxy.tls_in(environ)))


def _submitted(app: Web, here: _Visitor, posted: Fields, environ: WSGIEnvironment) -> Answer | None:
    """The receipt, once the response is stored; what else may come of a submit is the framework's to say."""
    receipt, tag = (next(iter(posted.get(name, ())), "") for name in ("receipt", "tag"))
    done = responses.submit(
        app.store, app.drafts, app.keyring, app.clock, here.wave, here.code, receipt, tag,
        seen=posting.seen_revision(posted), found=here.found, read=here.draft,
    )  # fmt: skip
    if done.stored:
        app.arrivals.add(here.wave, here.keys, here.found, proxy.address_in(environ))
    if done.outcome is not responses.Outcome.RECEIVED:
        return None
    return _filled(app, here, starting.RECEIPT, environ, receipt=codes.grouped(done.receipt))


def _posted(app: Web, here: _Visitor, which: str | None, posted: Fields) -> str | None:
    """Where a post leads, after what it brings is saved; None where nothing was."""
    if which == CHECK or int(which or 0) > len(here.form.pages):
        return None
    if which is None:
        return f"{here.code}/{here.form.first_open(here.draft) or 'check'}"
    page = here.form.pages[int(which) - 1]
    found, answers = posting.answered(here.form, page, here.draft, posted)
    if found.faults:
        return None
    saved = responses.save_page(
        app.store, app.drafts, app.keyring, app.clock, here.wave, here.code, answers,
        seen=posting.seen_revision(posted), found=here.found, read=here.draft, keys=here.keys,
    )  # fmt: skip
    if not isinstance(saved, Draft):
        return None
    target = posting.leads_to(here.form, page, here.draft, saved, posted.keys(), returning=False)
    return f"{target.page}#{target.item}" if target.item else target.page


def _fields(environ: WSGIEnvironment) -> Fields | None:
    """The fields of a plain form; None for anything else, which the framework then reads itself, and for a body that
    ended before all of it was there, which it refuses."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > LONGEST or environ.get("CONTENT_TYPE", "").partition(";")[0] != FORM:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    if len(body) != int(length):
        return None
    try:
        return _parsed(body.decode())
    except ValueError:
        return None


def _parsed(body: str) -> Fields:
    """As ``parse_qs`` reads it; where nothing is escaped, which choices never are, in a third of the time."""
    if "%" in body or "+" in body or body.count("&") >= MOST_FIELDS:
        return parse_qs(body, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    fields: Fields = {}
    for pair in filter(None, body.split("&")):
        name, _, value = pair.partition("=")
        fields.setdefault(name, []).append(value)
    return fields


_LEADS_ON = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "0"), ("Vary", "Accept-Encoding")]
_LEADING_ON = [_LEADS_ON + headers.missing(_LEADS_ON, tls=tls) for tls in (False, True)]


def _redirect(target: str, *, tls: bool) -> Answer:
    return Answer("303 SEE OTHER", [("Location", target), *_LEADING_ON[tls]], b"")


def register(app: Web) -> None:
    """Ask here first, then the framework."""
    framework = app.wsgi_app

    def wsgi_app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH"):
            # The server says that a body ends by itself, and ends it where the network broke: half a form would be
            # taken for a whole one. Without that promise the framework counts, and refuses what is too short.
            environ.pop("wsgi.input_terminated", None)
        made = answer(app, environ)
        if made is None:
            return framework(environ, start_response)
        start_response(made.status, made.headers)
        return [made.body]

    app.wsgi_app = wsgi_app  # type: ignore[method-assign]  # as Flask's documentation has it
