"""A respondent's page: the template, the style sheet and script inside it, and the policy that allows just these."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Response, g, render_template
from markupsafe import Markup

from survey.headers import policy
from survey.language import chosen, go, home, switch
from survey.web import web

_SOURCE = (Path(__file__).parent / "look.css").read_text("utf-8")


def _packed(css: str) -> str:
    """The same sheet without comments and idle blanks: it travels with every page."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r" ?([{};,>]) ?", r"\1", css).replace(";}", "}").strip()


def _without_comments(script: str) -> str:
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


CSS = _packed(_SOURCE)
SCRIPT = _without_comments((Path(__file__).parent / "script.js").read_text("utf-8"))
RECEIPT_SCRIPT = _without_comments((Path(__file__).parent / "receipt.js").read_text("utf-8"))
KIOSK_CSS = _packed(_SOURCE + (Path(__file__).parent / "kiosk.css").read_text("utf-8"))
KIOSK_SCRIPT = _without_comments((Path(__file__).parent / "kiosk.js").read_text("utf-8"))
POLICY = policy(style=CSS)
POLICY_WITH_SCRIPT = policy(style=CSS, script=SCRIPT)
POLICY_OF_RECEIPT = policy(style=CSS, script=RECEIPT_SCRIPT)
KIOSK_POLICY = policy(style=KIOSK_CSS, script=KIOSK_SCRIPT)


@dataclass(frozen=True, slots=True)
class Turn:
    """On a kiosk: where its first page is, and after how long a page without script goes back there."""

    home: str
    seconds: int


@dataclass(frozen=True, slots=True)
class _Dress:
    """What a page wears: its sheet, its script, the policy that allows them, and on a kiosk the turn."""

    css: str
    script: str
    policy: str
    turn: Turn | None = None


def _dress(scripted: bool) -> _Dress:
    """A kiosk's pages have its own script alone: the other one keeps answers on the device, which others use too.

    Where something is being filled in, no script can tell idleness from reading: the fixed time is longer there.
    """
    kiosk = g.get("kiosk")
    if kiosk is not None:
        turn = Turn(f"{home()}kiosk/{kiosk.place}", 300 if scripted else 60)
        return _Dress(KIOSK_CSS, KIOSK_SCRIPT, KIOSK_POLICY, turn)
    return _Dress(CSS, SCRIPT, POLICY_WITH_SCRIPT) if scripted else _Dress(CSS, "", POLICY)


def receipt(**context: Any) -> Response:
    """The page of a receipt, which a script can draw as a picture; not on a kiosk, where it would stay for the next."""
    if g.get("kiosk") is not None:
        return page("receipt.html", switchable=False, **context)
    return _rendered("receipt.html", _Dress(CSS, RECEIPT_SCRIPT, POLICY_OF_RECEIPT), 200, switchable=False, **context)


def page(
    template: str,
    *,
    status: int = 200,
    hotlines: Sequence[str] = (),
    switchable: bool = True,
    scripted: bool = False,
    **context: Any,
) -> Response:
    """Render one page.

    ``switchable``: whether a link can open it in the other language (not what a POST answers). ``scripted``: whether
    the optional script comes along.
    """
    return _rendered(template, _dress(scripted), status, hotlines=hotlines, switchable=switchable, **context)


def _rendered(
    template: str, dress: _Dress, status: int, *, hotlines: Sequence[str] = (), switchable: bool, **context: Any
) -> Response:
    text = render_template(
        template,
        css=Markup(dress.css),  # noqa: S704 - our own sheet
        script=Markup(dress.script),  # noqa: S704 - our own script
        turn=dress.turn,
        preview=web().preview or g.get("preview", False),
        lang=chosen(),
        go=go,
        home=home(),
        switch=switch() if switchable else None,
        hotlines=hotlines,
        **context,
    )
    response = Response(text, status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = dress.policy
    return response
