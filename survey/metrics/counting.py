"""Every request is counted by the pattern of its route, and those of staff and programs are logged.

Respondents' requests are never logged one by one: a line has a time and a size, and who has seen somebody answer, or
knows how long a text is, could join the two. They are counted alone, and shown
as they stood when the last ``STEP`` of a kind were complete: all figures of a kind move at once, or none.
"""

from __future__ import annotations

import logging
import threading
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from survey import logs
from survey.metrics import slots

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.routing import Map

    from survey.web import Web

ROUTE = "phieu.route"  # in a request: the pattern that it met
UNKNOWN = "-"  # in place of a pattern: the address leads nowhere
STEP = 10  # so many respondents' requests of a kind come before any figure moves; k where a wave has a larger one
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds
CLASSES = ("2xx", "3xx", "4xx", "5xx")
_BUCKETS = len(BOUNDS) + 1
_CELLS = _BUCKETS + 1  # with the sum, in microseconds
_STARTS = {name[0]: number * _CELLS for number, name in enumerate(CLASSES)}
_STAFF = ("/desk/", "/api/", "/healthz", "/readyz", "/metrics")
_KEYING = "/desk/w/<wave>/keying"  # forms on paper: their answers come this way
_PROBES = ("/healthz", "/readyz", "/metrics", "/desk/static/")  # asked all the time, logged when they fail
Headers = Sequence[tuple[str, str]]

log = logging.getLogger("phieu.requests")


class Series(NamedTuple):
    """Requests of one kind: in which cells they are counted, and whether each may be written down."""

    method: str
    route: str
    start: int
    logged: bool


class Counted(NamedTuple):
    """What was counted of one kind with one class of answers. ``buckets``: by ``BOUNDS``, and what took longer."""

    method: str
    route: str
    status: str
    buckets: Sequence[int]
    seconds: float

    @property
    def n(self) -> int:
        """How many."""
        return sum(self.buckets)


def of_respondents(route: str) -> bool:
    """Whether answers come by this route, or whoever asks may be somebody who answers."""
    return not route.startswith(_STAFF) or route.startswith(_KEYING)


def spread(buckets: Sequence[int]) -> float:
    """Seconds as the buckets alone tell them: the middle of each, so that a sum never says more than they do."""
    middles = [(low + high) / 2 for low, high in zip((0.0, *BOUNDS), BOUNDS, strict=False)] + [BOUNDS[-1]]
    return sum(n * middle for n, middle in zip(buckets, middles, strict=True))


class Counts:
    """The counters of one application; ``join`` puts them where its server's other processes write theirs."""

    def __init__(self, routes: Map) -> None:
        rules = {(canonical(rule.rule), method) for rule in routes.iter_rules() for method in rule.methods or ()}
        kinds = [("other", UNKNOWN), *sorted({(_known(method), route) for route, method in rules})]
        self.series = [
            Series(method, route, slots.FIRST + number * _CELLS * len(CLASSES), logged=not of_respondents(route))
            for number, (method, route) in enumerate(kinds)
        ]
        by_kind = {(each.method, each.route): each for each in self.series}
        self._of = {(method, route): by_kind[_known(method), route] for route, method in rules}
        self._lock, self._looking = threading.Lock(), threading.Lock()
        self.width = slots.FIRST + len(self.series) * _CELLS * len(CLASSES)
        self.rows = slots.alone(self.width)
        self._mine = self.rows.mine

    def join(self, place: str) -> None:
        """Count in a server's memory from now on."""
        try:
            self.rows = slots.joined(place, self.width) or self.rows
        except OSError as error:  # figures of one process alone are better than no answers
            log.warning("figures are not shared", extra=logs.event("figures.alone", kind=type(error).__name__))
        self._mine = self.rows.mine

    def add(self, method: str, route: str, status: str, seconds: float) -> Series:
        """One more request; returns its kind."""
        kind = self._of.get((method, route)) or self.series[0]
        start = kind.start + _STARTS.get(status[0], _STARTS["5"])
        bucket, total, mine = start + bisect_left(BOUNDS, seconds), start + _BUCKETS, self._mine
        with self._lock:
            mine[bucket] += 1
            mine[total] += int(seconds * 1e6)
        return kind

    def all(self, step: int) -> Iterable[Counted]:
        """What all processes counted, respondents' requests in steps; what nobody asked for is left out."""
        with self._looking, self.rows.held_alone():
            found = [
                Counted(kind.method, kind.route, status, *self._seen(kind, kind.start + number * _CELLS, step))
                for kind in self.series for number, status in enumerate(CLASSES)
            ]  # fmt: skip
        return [each for each in found if each.n]

    def _seen(self, kind: Series, start: int, step: int) -> tuple[Sequence[int], float]:
        """Buckets and seconds; a respondents' kind as it was last shown, until ``step`` more came.

        Were each limit rounded by itself, another would move with every second request: a clock of answers.
        """
        *buckets, micro = self.rows.total(start, _CELLS)
        if kind.logged:
            return buckets, micro / 1e6
        shown = self.rows.server[start : start + _BUCKETS]
        if sum(buckets) - sum(shown) >= step:
            for number, n in enumerate(buckets):
                shown[number] = n
        return list(shown), spread(shown)


def canonical(rule: str) -> str:
    """The pattern by which a rule is counted: printed links work in small letters too."""
    return rule.replace("/p/<", "/P/<", 1) if rule.startswith("/p/<") else rule


def _known(method: str) -> str:
    return {"GET": "GET", "HEAD": "GET", "POST": "POST"}.get(method, "other")


def register(app: Web) -> None:
    """Count what every way through the application answers; after all routes are there."""
    app.counts = Counts(app.url_map)
    app.wsgi_app = watched(app.wsgi_app, app.counts)  # type: ignore[assignment,method-assign]  # as Flask's documentation has it


class _Told:
    """Passes on how an answer begins, and remembers it."""

    __slots__ = ("headers", "start_response", "status")

    def __init__(self, start_response: StartResponse) -> None:
        self.start_response = start_response
        self.status = "500"  # until something else was answered
        self.headers: Headers = ()

    def __call__(self, status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        self.status, self.headers = status, headers
        return self.start_response(status, headers, *more)


def watched(inner: WSGIApplication, counts: Counts) -> WSGIApplication:
    """``inner``, with every request counted, and logged where nobody who answers could be meant."""

    def wsgi_app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = perf_counter()
        told = _Told(start_response)
        try:
            return inner(environ, told)
        finally:
            took = perf_counter() - began
            kind = counts.add(environ["REQUEST_METHOD"], environ.get(ROUTE, UNKNOWN), told.status, took)
            if kind.logged:
                _say(environ["REQUEST_METHOD"], kind.route, told, took)

    return wsgi_app


def _say(method: str, route: str, told: _Told, took: float) -> None:
    code = int(told.status[:3])
    if code < 500 and route.startswith(_PROBES):
        return
    sized = [value for name, value in told.headers if name.lower() == "content-length"]
    more = {"bytes": int(sized[0])} if sized else {}
    said = logs.event("request", method=logs.method(method), route=route, status=code, ms=round(took * 1000, 1), **more)
    log.log(logging.WARNING if code >= 500 else logging.INFO, "request", extra=said)
