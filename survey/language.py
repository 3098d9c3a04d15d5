"""The language of a page: chosen by ``?lang=`` alone, so that no cookie is needed; Vietnamese unless asked."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Flask, g, has_request_context, request
from flask_babel import Babel

SOURCE = "vi"  # the templates are written in it
LANGUAGES: Mapping[str, str] = {"vi": "Tiếng Việt", "en": "English"}


def chosen() -> str:
    """The language of this request; Vietnamese outside one."""
    wanted = request.args.get("lang", SOURCE) if has_request_context() else SOURCE
    return wanted if wanted in LANGUAGES else SOURCE


def carried() -> dict[str, str]:
    """What every link and form action takes along: the language, and what the view put into ``g.carried``."""
    language = chosen()
    return ({} if language == SOURCE else {"lang": language}) | g.get("carried", {})


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
    Babel(app, default_locale=SOURCE, locale_selector=chosen, default_translation_directories="translations")
