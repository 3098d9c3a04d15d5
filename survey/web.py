"""The Flask application: what one instance's pages need to hand, and a log that holds no code and no answer."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Request, current_app, request
from werkzeug.routing import IntegerConverter

from survey import invitations, logs, wave
from survey.accounts import passwords
from survey.arrivals.tally import Arrivals
from survey.clock import Clock
from survey.config import Settings
from survey.guessing import Guesses
from survey.inclusion import Trees
from survey.keys import Keyring
from survey.metrics import counting
from survey.originals import Altered
from survey.store import DRAFT_MIGRATIONS, Store, StoreError, Transaction
from survey.walk_ins import Pace
from survey.wave import RegisteredWave

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from survey.citizen.form import Form
    from survey.citizen.sheets import Sheet

PREVIEW = "preview"  # a file in an instance that is only for looking; every page of it says so
LARGEST_POST = 4 * 1024 * 1024  # bytes; far above any form, so that even a pasted book comes back as typed
HASHED_AT_ONCE = 4  # passwords a process, 64 MiB each: a flood of sign-ins takes no memory or threads from answers
MOST_FIELDS = 5_000


class Number(IntegerConverter):
    """A number in an address that the database can hold; a longer one leads nowhere."""

    regex = "[0-9]{1,18}"


class Asked(Request):
    """A request as the views see it: HEAD is a GET of which nobody reads the page, and never the other method."""

    def __init__(self, environ: WSGIEnvironment, populate_request: bool = True, shallow: bool = False) -> None:
        super().__init__(environ, populate_request, shallow)
        if self.method == "HEAD":
            self.method = "GET"  # link previews ask so, and what is no GET counts as a press of a button


class Web(Flask):
    """One instance, served."""

    request_class = Asked

    def __init__(self, settings: Settings, clock: Clock) -> None:
        super().__init__("survey", static_folder=None, template_folder=None)
        self.url_map.converters["int"] = Number
        self.settings = settings
        self.clock = clock
        self.store = Store(settings.database)
        self.drafts = Store(settings.drafts, DRAFT_MIGRATIONS)
        self.keyring = Keyring(settings)
        self.arrivals = Arrivals(self.drafts, clock)
        self.trees = Trees()
        self.guesses = Guesses()
        self.pace = Pace()
        self.counts: counting.Counts  # once all routes are known
        self.sign_ins = Guesses()
        self.hasher = passwords.hasher()
        self.hashing = threading.BoundedSemaphore(HASHED_AT_ONCE)
        self.preview = (settings.instance / PREVIEW).exists()
        self._waves_were_read = 0  # by which process
        self.before_request(self.read_waves)
        self._waves: dict[str, RegisteredWave] = {}
        self._told: dict[str, tuple[RegisteredWave, Any, RegisteredWave]] = {}  # as read, a row's columns, as it stands
        self.forms: dict[Hashable, Form] = {}
        self.sheets: dict[Hashable, Sheet] = {}
        self.config["MAX_CONTENT_LENGTH"] = LARGEST_POST
        self.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_POST
        self.config["MAX_FORM_PARTS"] = MOST_FIELDS
        self.jinja_env.add_extension("jinja2.ext.do")
        self.jinja_env.trim_blocks = self.jinja_env.lstrip_blocks = True

    def wave(self, id: str) -> RegisteredWave:
        """A registered wave with its state of this moment; the rest never changes, so it is read once."""
        with self.store.read() as tx:
            return self.wave_by(tx, id)

    def wave_by(self, tx: Transaction, id: str) -> RegisteredWave:
        """The same in the caller's transaction."""
        now = tx.wave_now(id=id)
        known = self._waves.get(id)
        if known is None or now is None or _other(known, now):
            self._waves[id] = wave.found_by(tx, id)
            return self._waves[id]
        return known.at(now)

    @property
    def served(self) -> tuple[str, ...]:
        """The ids of the waves that were read so far."""
        return tuple(self._waves)

    def wave_as_read(self, id: str, row: Sequence[Any]) -> RegisteredWave | None:
        """A wave that was read before, in the state of a row of ``visit_by_lookup``; None when it must be read anew."""
        known, told = self._waves.get(id), row[invitations.COLUMNS :]
        read, before, standing = self._told.get(id, (None, None, None))
        if known is not None and read is known and before == told:
            return standing
        now = dict(zip(("state", "plan_hash", "public_key", "pilot", "closes", "corrected"), told, strict=True))
        if known is None or _other(known, now):
            return None
        standing = known.at(now)
        self._told[id] = known, told, standing
        return standing

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing here is asynchronous, which Flask would otherwise look into for every function of every request."""
        return func

    @property
    def known_waves(self) -> tuple[RegisteredWave, ...]:
        """Every wave met so far, the latest first."""
        return tuple(sorted(self._waves.values(), key=lambda wave: wave.spec.opens, reverse=True))

    @property
    def known_hotlines(self) -> tuple[str, ...]:
        """Whom to call when nobody knows which wave a page belongs to: every hotline met so far, without a look-up."""
        return tuple(dict.fromkeys(known.spec.hotline for known in self._waves.values() if known.spec.hotline))

    def preprocess_request(self) -> Any:
        """Note which route was met, for whoever counts: outside of this context nobody knows it."""
        if request.url_rule is not None:
            request.environ[counting.ROUTE] = counting.canonical(request.url_rule.rule)
        return super().preprocess_request()

    def read_waves(self) -> None:
        """At the first request of a process, read the waves that are served, so that every page knows whom to call."""
        if self._waves_were_read == os.getpid():
            return
        self._waves_were_read = os.getpid()
        try:
            with self.store.read() as tx:
                names = [row["id"] for row in tx.waves_to_serve()]
            for name in names:
                self._read_wave(name)
        except StoreError as error:
            self._log_unread(error)

    def _read_wave(self, name: str) -> None:
        """Read one; where it is not as it was registered the others are served all the same."""
        try:
            self.wave(name)
        except Altered as error:
            self._log_unread(error, wave=name)

    def _log_unread(self, error: StoreError, **of: str) -> None:
        said = logs.event("waves.unread", kind=type(error).__name__, **of)
        self.logger.warning("the waves cannot be read: %s", type(error).__name__, extra=said)

    def log_exception(self, exc_info: Any) -> None:
        """Say where it failed and with what kind of error; never the path (a code) or the message (an answer)."""
        kind, _, trace = exc_info
        method, where = logs.method(request.method), logs.frames(trace)
        said = logs.event("failure", kind=kind.__name__, method=method, endpoint=request.endpoint, frames=where)
        self.logger.error("%s while answering %s %s", kind.__name__, method, request.endpoint, extra=said)

    def log_unstored(self, error: StoreError) -> None:
        """Say why the database could not be used: by the error's name alone, its message might quote a row."""
        name = logs.name_of(error)
        method, endpoint = logs.method(request.method), request.endpoint
        said = logs.event("store.unusable", kind=name, method=method, endpoint=endpoint)
        self.logger.error("the database cannot be used: %s while answering %s %s", name, method, endpoint, extra=said)


def _other(known: RegisteredWave, now: Mapping[str, Any]) -> bool:
    """Whether since a wave was read its plan or keys were replaced, a pilot made real, or its wording corrected."""
    read = known.plan_hash, known.public_key, known.pilot, len(known.corrections)
    return read != (now["plan_hash"], now["public_key"], bool(now["pilot"]), now["corrected"])


def web() -> Web:
    """The application that answers this request."""
    return cast(Web, current_app)
