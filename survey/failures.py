"""Errors as pages: domain errors and HTTP errors become a sentence in one place. None of them reads the database."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from survey.api.views import PATH as API
from survey.api.views import failed
from survey.citizen import messages
from survey.citizen.rendering import page
from survey.web import web


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


def register(app: Flask, page_of: Callable[[HTTPException], Response] = _public) -> None:
    """Give every error a page; what nobody foresaw arrives here as status 500. Programs are told in their own way."""

    def answer(error: HTTPException) -> Response:
        return failed(error) if request.path.startswith(API) else page_of(error)

    app.register_error_handler(HTTPException, answer)
