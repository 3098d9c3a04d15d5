"""``/results/…``: published results, as files that the register names and nothing else. No cookie, no statistics."""

from __future__ import annotations

import hashlib
import mimetypes
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from survey.citizen import messages
from survey.citizen.messages import Link
from survey.citizen.rendering import page as render
from survey.headers import policy
from survey.publishing import register
from survey.publishing.register import Publication, Version
from survey.web import web

blueprint = Blueprint("results", __name__)
FIRST = "index.html"
OPENED = frozenset({".html", ".pdf", ".png", ".json"})  # shown by a browser; other files are saved
TYPES = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv",
}


@blueprint.get("/results/<wave>/")
def first(wave: str) -> ResponseReturnValue:
    """The results of a wave; where several kinds were published apart, a page that leads to each."""
    known = _known(wave)
    served = [each for each in known if each.current]
    if not served:
        return _withdrawn(known)
    if len(served) > 1:
        return _several(served)
    return _file(wave, served[0], _current(served[0]), FIRST)


@blueprint.get("/results/<wave>/<path:name>")
def file(wave: str, name: str) -> ResponseReturnValue:
    """A file of the only publication; or of the one, and of the version of it, that the address names."""
    known = _known(wave)
    head, _, rest = name.partition("/")
    chosen = register.named(known, head)
    if chosen is None:
        served = [each for each in known if each.current]
        if len(served) != 1:
            abort(404)
        return _file(wave, served[0], _current(served[0]), name)
    number, _, inside = rest.partition("/")
    if number.startswith("v") and number[1:].isdecimal():
        old = chosen.version(int(number[1:]))
        return _file(wave, chosen, old, inside or FIRST) if old else _withdrawn(known)
    if not chosen.current:
        return _withdrawn(known)
    return _file(wave, chosen, chosen.current, rest or FIRST)


def _known(wave: str) -> tuple[Publication, ...]:
    """What the register has of this wave; 404 where nothing was ever published."""
    if not wave.replace("_", "").isalnum() or not wave.isascii():
        abort(404)
    found = register.read(web().settings.instance, wave)
    if not found:
        abort(404)
    return found


def _current(publication: Publication) -> Version:
    if publication.current is None:
        abort(404)
    return publication.current


def _file(wave: str, publication: Publication, version: Version, name: str) -> Response:
    """One file of a version, if the register names it and it is still what was published."""
    digest = version.files.get(name)
    if digest is None:
        abort(404)
    path = register.place(web().settings.instance, wave, publication.name, version.number) / name
    body = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(body).hexdigest() != digest:
        web().logger.error("a published file of %s was altered or is missing", wave)
        abort(404)
    if name == FIRST and (said := _beside(wave, publication, version)):
        body = body.replace(b"<main>", b"<main>" + said.encode("utf-8"), 1)
    suffix = Path(name).suffix
    kind = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = Response(body, mimetype=kind)
    if suffix == ".html":
        response.headers["Content-Security-Policy"] = policy(style=version.style, script=version.script)
    elif suffix not in OPENED:
        response.headers["Content-Disposition"] = "attachment"
    response.headers["Cache-Control"] = "no-cache"
    return response


def _beside(wave: str, publication: Publication, version: Version) -> Markup:
    """What the page of a version says of the others: links to them, and that it was corrected."""
    base = f"/results/{wave}/{publication.name}/"
    if publication.current is not None and publication.current is not version:
        newer = publication.current
        return Markup(
            '<div class="notice" role="note"><p>Bản số {} này đã được đính chính. Nội dung đính chính: {} '
            '<a href="{}">Xem bản hiện hành (số {})</a>.</p></div>'
        ).format(version.number, newer.reason, base, newer.number)
    others = [each for each in publication.versions if each is not version and each.state != register.WITHDRAWN]
    links = Markup(", ").join(
        Markup('<a href="{}v{}/">bản số {}</a>').format(base, each.number, each.number) for each in others
    )
    return Markup('<p class="quiet">Các bản trước: {}.</p>').format(links) if others else Markup("")


def _several(served: list[Publication]) -> Response:
    links = [Link(f"{each.name}/", each.current.heading) for each in served if each.current]
    return render("message.html", message=messages.several_results(links))


def _withdrawn(known: tuple[Publication, ...]) -> Response:
    """Results that were here and are no more: gone, with the reason where one was given."""
    ended = [each.versions[-1] for each in known if each.versions[-1].state == register.WITHDRAWN]
    if not ended:
        abort(404)
    last = max(ended, key=lambda version: version.ended)
    told = messages.withdrawn(datetime.fromisoformat(last.ended).date(), last.reason)
    return render("message.html", message=told, status=told.status)
