"""A page of the desk: the template with who is signed in, where one is, and what else this role may open."""

from __future__ import annotations

from typing import Any

from flask import Response, g, render_template, request

from survey.desk import faces, files, navigation
from survey.desk.fault_words import said
from survey.desk.gate import allowed
from survey.headers import own_files
from survey.language import DESK_LANGUAGES, chosen
from survey.web import web


def page(template: str, *, status: int = 200, **context: Any) -> Response:
    """Render ``desk/<template>``; inside are ``account``, ``wave`` (or None), ``nav``, ``allowed`` and the macros."""
    account, wave = g.get("account"), g.get("wave")
    text = render_template(
        f"desk/{template}",
        account=account,
        wave=wave,
        lang=chosen(),
        languages=_languages(),
        nav=navigation.entries(account, wave.spec.id if wave else None) if account else (),
        other_waves=navigation.other_waves(wave) if account and wave else (),
        role_name=faces.role_name,
        static=files.url,
        allowed=allowed,
        said=said,
        preview=web().preview,
        **context,
    )
    response = Response(text, status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = own_files()
    return response


def _languages() -> list[dict[str, str]]:
    """The links to this page in the other languages; none to what a POST answered."""
    if request.method != "GET":
        return []
    from urllib.parse import urlencode

    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return [
        {"lang": code, "name": name, "href": "?" + urlencode([*kept, ("lang", code)])}
        for code, name in DESK_LANGUAGES.items()
        if code != chosen()
    ]
