"""For the operator's probes: is the process alive, could it store an answer, and the figures of it all."""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from survey.metrics import access, state, text
from survey.metrics.access import Access
from survey.store import StoreError
from survey.web import web

blueprint = Blueprint("operating", __name__)
_TEXT = {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """Answers as long as the process does."""
    return "ok\n", 200, _TEXT


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Writes to both databases and takes it back, as far as the disk: a full one is noticed here too."""
    try:
        for store in (web().store, web().drafts):
            store.check_writable()
    except StoreError as error:
        return f"cannot store: {type(error).__name__}\n", 503, _TEXT
    return "ready\n", 200, _TEXT


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Prometheus' figures of the whole server, for its operator alone."""
    app = web()
    match access.of(app.settings, request.environ):
        case Access.NO_SUCH_PAGE:
            abort(404)
        case Access.TOKEN_WANTED:
            return "the token of [metrics] is wanted\n", 401, {**_TEXT, "WWW-Authenticate": "Bearer"}
    found = state.families(app.settings, app.store, app.drafts, app.counts, app.clock)
    return text.written(found), 200, {"Content-Type": text.CONTENT_TYPE}
