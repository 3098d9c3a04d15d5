"""The language of a page: chosen by ``?lang=`` alone, so that no cookie is needed; Vietnamese unless asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from gettext import translation
from pathlib import Path
from urllib.parse import urlencode

import flask_babel
from babel import Locale, UnknownLocaleError
from flask import Flask, g, has_request_context, request

SOURCE = "vi"  # the templates are written in it
TRANSLATIONS = Path(__file__).parent / "translations"


def languages(folder: Path = TRANSLATIONS, domain: str = "messages") -> dict[str, str]:
    """Code → name in the language itself, of the source and of every language that has a compiled file."""
    found = {SOURCE: "Tiếng Việt"}
    for file in sorted(folder.glob(f"*/LC_MESSAGES/{domain}.mo")):
        code = file.parts[-3]
        found[code] = translation("messages", folder, [code]).gettext("Tiếng Việt")
    return found


LANGUAGES: Mapping[str, str] = languages()
DESK_LANGUAGES: Mapping[str, str] = languages(domain="desk")


class _Unlisted(Locale):
    """A language that Babel has no data for, such as Ê Đê (rad): its own words, with Vietnamese dates and numbers."""

    code = SOURCE

    def __init__(self, code: str) -> None:
        super().__init__(SOURCE)
        self.code = code

    def __str__(self) -> str:
        return self.code


def locale(code: str) -> Locale:
    """The locale of a language, also of one that Babel does not know."""
    try:
        return Locale.parse(code)
    except UnknownLocaleError:
        return _Unlisted(code)


def chosen() -> str:
    """The language of this request; Vietnamese outside one. The desk keeps its own in ``g.language``."""
    if not has_request_context():
        return SOURCE
    kept: str | None = g.get("language")
    wanted = kept or request.args.get("lang", SOURCE)
    return wanted if wanted in LANGUAGES else SOURCE


def gettext(text: str, **params: object) -> str:
    """``text`` (written in Vietnamese) in the language of this request; imported as ``_``."""
    return str(flask_babel.gettext(text, **params))


def ngettext(one: str, several: str, number: int) -> str:
    """The same where the words depend on a number, which is ``%(num)s`` in them."""
    return str(flask_babel.ngettext(one, several, number))


def day(value: date) -> str:
    """A date as an office writes it: 31/03/2026; in other languages with the month's name."""
    vietnamese = locale(chosen()).language == SOURCE
    return str(flask_babel.format_date(value, "dd/MM/yyyy" if vietnamese else "d MMMM yyyy"))


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
        app,
        default_locale=SOURCE,
        locale_selector=lambda: locale(chosen()),
        # The desk's sentences first, so that where both have one, respondents read their own words.
        default_domain="desk;messages",
        default_translation_directories=f"{TRANSLATIONS};{TRANSLATIONS}",
    )
