"""Errors as pages: domain errors and HTTP errors become a sentence in one place. None of them reads the database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, abort, g, request
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from survey import logs
from survey.api.views import PATH as API
from survey.api.views import failed
from survey.citizen import gate, messages
from survey.citizen.rendering import page
from survey.store import StoreError
from survey.web import web

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

RETRY_SECONDS = 30
log = logging.getLogger("phieu")


def _show(message: messages.Message) -> Response:
    return page("message.html", status=message.status, hotlines=web().known_hotlines, message=message, switchable=False)


def _public(error: HTTPException) -> Response:
    match error.code:
        case 404 | 405:
            answer = _show(messages.no_page(error.code))
        case 413:
            answer = _show(messages.too_much())
        case 500:
            answer = _show(messages.failure())
        case _:
            answer = _show(messages.unreadable(error.code or 400))
    for name, value in error.get_headers():
        if name == "Allow":
            answer.headers[name] = value
    return answer


def _unstored() -> Response:
    """What was posted stands on the page, to be sent again: a browser's own repeat is not for everybody."""
    posted = request.method == "POST"
    message, here = messages.unstored(posted=posted), g.get("visit")
    return page(
        "message.html",
        status=message.status,
        hotlines=web().known_hotlines,
        switchable=False,
        message=message,
        typed=gate.typed(here) if here else (),
        again=tuple(request.form.items(multi=True)) if posted else None,
    )


def _require_text() -> None:
    """No address has the character U+0000, and PostgreSQL keeps none: what looks for it finds nothing."""
    if "\0" in request.path:
        abort(404)
    if any("\0" in value for value in request.args.values()):
        abort(400)


def register(app: Flask, page_of: Callable[[HTTPException], Response] = _public) -> None:
    """Give every error a page; what nobody foresaw arrives here as status 500. Programs are told in their own way."""

    def answer(error: HTTPException) -> Response:
        return failed(error) if request.path.startswith(API) else page_of(error)

    def unstored(error: StoreError) -> Response:
        web().log_unstored(error)
        if request.path.startswith(API):
            made = failed(ServiceUnavailable())
        else:
            made = _unstored() if page_of is _public else page_of(ServiceUnavailable())
        return made

    def come_again(response: Response) -> Response:
        if response.status_code in (429, 503):
            response.headers.setdefault("Retry-After", str(RETRY_SECONDS))
        return response

    app.before_request(_require_text)
    app.register_error_handler(HTTPException, answer)
    app.register_error_handler(StoreError, unstored)
    app.after_request(come_again)


def last(inner: WSGIApplication) -> WSGIApplication:
    """What fails even while a failure is told: an empty answer, and a line without the error's message, which the web
    server would write down whole."""

    def wsgi_app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return inner(environ, start_response)
        except Exception as error:
            said = logs.event("failure", kind=type(error).__name__, frames=logs.frames(error.__traceback__))
            log.error("nothing could be answered", extra=said)
            start_response("500 INTERNAL SERVER ERROR", [("Content-Length", "0"), ("Cache-Control", "no-store")])
            return []

    return wsgi_app
