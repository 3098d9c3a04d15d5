"""A respondent's page: the template, the style sheet and script inside it, and the policy that allows just these."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Response, render_template
from markupsafe import Markup

from survey.headers import policy
from survey.language import chosen, go, home, switch

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
POLICY = policy(style=CSS)
POLICY_WITH_SCRIPT = policy(style=CSS, script=SCRIPT)


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
    text = render_template(
        template,
        css=Markup(CSS),  # noqa: S704 - our own sheet
        script=Markup(SCRIPT) if scripted else "",  # noqa: S704 - our own script
        lang=chosen(),
        go=go,
        home=home(),
        switch=switch() if switchable else None,
        hotlines=hotlines,
        **context,
    )
    response = Response(text, status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY_WITH_SCRIPT if scripted else POLICY
    return response
