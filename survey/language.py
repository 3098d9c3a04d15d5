"""The language of a page: chosen by ``?lang=`` alone, so that no cookie is needed; Vietnamese unless asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

import flask_babel
from flask import Flask, g, has_request_context, request

SOURCE = "vi"  # the templates are written in it
LANGUAGES: Mapping[str, str] = {"vi": "Tiếng Việt", "en": "English"}


def chosen() -> str:
    """The language of this request; Vietnamese outside one."""
    wanted = request.args.get("lang", SOURCE) if has_request_context() else SOURCE
    return wanted if wanted in LANGUAGES else SOURCE


def gettext(text: str, **params: object) -> str:
    """``text`` (written in Vietnamese) in the language of this request; imported as ``_``."""
    return str(flask_babel.gettext(text, **params))


def ngettext(one: str, several: str, number: int) -> str:
    """The same where the words depend on a number, which is ``%(num)s`` in them."""
    return str(flask_babel.ngettext(one, several, number))


def day(value: date) -> str:
    """A date as an office writes it: 31/03/2026; in other languages with the month's name."""
    return str(flask_babel.format_date(value, "dd/MM/yyyy" if chosen() == SOURCE else "d MMMM yyyy"))


def carried() -> dict[str, str]:
    """What every link and form action takes along: the language, a kiosk's turn, and what is in ``g.carried``."""
    language = chosen()
    more: dict[str, str] = g.get("carried", {})
    turn = {"turn": g.kiosk.turn} if g.get("kiosk") else {}
    return ({} if language == SOURCE else {"lang": language}) | turn | more


def go(target: str, **more: str) -> str:
    """``target`` (a relative path) with the query that every link carries."""
    query = urlencode(carried() | more)
    return f"{target}?{query}" if query else target


def home() -> str:
    """The relative path to ``/`` from the page being answered; relative, so that a prefix needs no setting."""
    return "../" * (request.path.count("/") - 1) or "./"


def switch() -> dict[str, str]:
    """The link to this page in the next language."""
    names = list(LANGUAGES)
    other = names[(names.index(chosen()) + 1) % len(names)]
    return {"lang": other, "name": LANGUAGES[other], "href": "?" + urlencode(carried() | {"lang": other})}


def register(app: Flask) -> None:
    """Give ``app`` its languages."""
    flask_babel.Babel(
        app, default_locale=SOURCE, locale_selector=chosen, default_translation_directories="translations"
    )
