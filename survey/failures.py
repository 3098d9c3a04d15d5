"""Errors as pages: domain errors and HTTP errors become a sentence in one place. None of them reads the database."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from survey.api.views import PATH as API
from survey.api.views import failed
from survey.citizen import messages
from survey.citizen.rendering import page
from survey.web import web


def _show(message: messages.Message) -> Response:
    return page("message.html", status=message.status, hotlines=web().known_hotlines, message=message, switchable=False)


def _http(error: HTTPException) -> Response:
    if request.path.startswith(API):
        return failed(error)
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


def register(app: Flask) -> None:
    """Give every error a page; what nobody foresaw arrives here as status 500."""
    app.register_error_handler(HTTPException, _http)
