"""How the server says what happened: one event a line, on standard error; JSON, or plain text at a terminal.

Events name a route's pattern, a kind of error, a place in the code. Texts that came from outside (a path, a query, a
header, an error's message, whatever was typed) never go into one: they hold codes and answers.
"""

from __future__ import annotations

import json
import logging
import logging.config
import re
import sys
import threading
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def event(name: str, **fields: Any) -> dict[str, Any]:
    """For ``extra=`` of a logging call: what happened, and what is known of it."""
    return {"event": name, "fields": {key: value for key, value in fields.items() if value is not None}}


def method(sent: str) -> str:
    """A method as it may be written down: anybody can send any word for one."""
    return sent if sent in METHODS else "other"


def name_of(error: BaseException) -> str:
    """An error's name alone; its message might quote a row or a path."""
    return str(getattr(error, "sqlite_errorname", None) or type(error).__name__)


def frames(trace: TracebackType | None) -> list[str]:
    """Where it failed, outermost first."""
    return [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(trace)]


class Lines(logging.Formatter):
    """A record as one line, whatever stands in it."""

    def __init__(self, *, plain: bool) -> None:
        super().__init__()
        self._plain = plain

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        told = _told(record)
        return _plain(record, told) if self._plain else json.dumps(told, default=str)


def _told(record: logging.LogRecord) -> dict[str, Any]:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    name: str | None = getattr(record, "event", None)
    told: dict[str, Any] = {"time": at.replace("+00:00", "Z"), "level": record.levelname.lower()}
    told["event"] = name or record.name.strip("_")
    # What our own events say in words is said by their fields too.
    told |= {"text": record.getMessage()} if name is None else getattr(record, "fields", {})
    if record.exc_info and record.exc_info[0]:
        told |= {"kind": record.exc_info[0].__name__, "frames": frames(record.exc_info[2])}
    return told | {"process": record.process}


def _plain(record: logging.LogRecord, told: Mapping[str, Any]) -> str:
    at = datetime.fromtimestamp(record.created).astimezone()
    left = {key: value for key, value in told.items() if key not in ("time", "level", "event", "process", "frames")}
    more = " ".join(f"{key}={value}" if key != "text" else str(value) for key, value in left.items())
    line = f"{at:%H:%M:%S} {told['level']:<7} {told['event']} {more}".rstrip()
    where = "".join(f"\n    {_shown(frame)}" for frame in told.get("frames", ()))
    return _shown(line) + where


def _shown(text: str) -> str:
    """Nothing in a line ends it, or speaks to the terminal."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def lines() -> Lines:
    """The form for where standard error leads."""
    return Lines(plain=sys.stderr.isatty())


def configuration() -> dict[str, Any]:
    """For ``logging.config``: everything of this process goes to standard error, the web server's own words too."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "survey.logs.lines"}},
        "handlers": {"said": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["said"], "level": "WARNING"},
        "loggers": {
            "phieu": {"level": "INFO"},
            "_granian": {"level": "INFO", "handlers": [], "propagate": True},
            "granian.access": {"handlers": [], "propagate": False},
        },
    }


def begin() -> None:
    """From now on this process writes such lines, of what nobody caught and of warnings as well."""
    logging.config.dictConfig(configuration())
    logging.captureWarnings(True)
    log = logging.getLogger("phieu")

    def uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        log.critical("uncaught %s", kind.__name__, extra=event("uncaught", kind=kind.__name__, frames=frames(trace)))

    def interrupted(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            uncaught(kind, error, trace)

    sys.excepthook = interrupted
    threading.excepthook = lambda told: uncaught(told.exc_type, told.exc_value, told.exc_traceback)
