"""A respondent's page: the template, the one style sheet inside it, and the policy that allows just that."""

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


CSS = _packed(_SOURCE)
POLICY = policy(style=CSS)


def page(
    template: str, *, status: int = 200, hotlines: Sequence[str] = (), switchable: bool = True, **context: Any
) -> Response:
    """Render one page. ``switchable``: whether a link can open it in the other language (not what a POST answers)."""
    text = render_template(
        template,
        css=Markup(CSS),  # noqa: S704 - our own sheet
        lang=chosen(),
        go=go,
        home=home(),
        switch=switch() if switchable else None,
        hotlines=hotlines,
        **context,
    )
    response = Response(text, status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    return response
