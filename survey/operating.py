"""For the operator's probes: is the process alive, and could it store an answer?"""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

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
