"""What the server writes down: one event a line whatever stands in it, and no message of an error."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey import failures, logs

NASTY = st.text() | st.sampled_from(["a\nb", "\r\n{}", "\x1b[2J", "\u2028", "\x85", "\ud800", '"}{"level": "info"'])


def _record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    record = logging.LogRecord("phieu.x", logging.WARNING, __file__, 1, message, args, None)
    vars(record).update(extra)
    return record


@given(text=NASTY, value=NASTY)
def test_one_event_is_one_line_that_can_be_read_back(text: str, value: str) -> None:
    line = logs.Lines(plain=False).format(_record("%s", text))
    assert line.isascii() and len(line.splitlines()) == 1
    assert json.loads(line)["text"] == text and json.loads(line)["event"] == "phieu.x"
    told = json.loads(logs.Lines(plain=False).format(_record(text, **logs.event("failure", kind=value, none=None))))
    assert (told["event"], told["kind"], told["level"]) == ("failure", value, "warning")
    assert "text" not in told and "none" not in told
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told["time"])


@given(text=NASTY, value=NASTY)
def test_at_a_terminal_nothing_ends_a_line_or_speaks_to_it(text: str, value: str) -> None:
    for record in (_record("%s", text), _record(text, **logs.event("request", route=value))):
        line = logs.Lines(plain=True).format(record)
        assert len(line.splitlines()) == 1 and not re.search("[\x00-\x1f\x7f-\x9f]", line)
        line.encode()
    shown = logs.Lines(plain=True).format(_record("", **logs.event("failure", frames=["a.py:1 in \nb", "c"])))
    assert shown.splitlines()[1:] == ["    a.py:1 in \\x0ab", "    c"]
    assert "warning phieu.x hello" in logs.Lines(plain=True).format(_record("hello"))


def test_an_error_is_told_by_its_kind_and_place() -> None:
    try:
        raise ValueError("mã 7KXM-2PQR-9ABC")
    except ValueError:
        record = _record("it failed", exc_info=sys.exc_info())
    told = json.loads(logs.Lines(plain=False).format(record))
    assert told["kind"] == "ValueError" and told["frames"][-1].startswith(__file__)
    assert "7KXM" not in json.dumps(told)


@pytest.mark.parametrize(("sent", "written"), [("GET", "GET"), ("BREW", "other"), ("GET\n", "other"), ("get", "other")])
def test_only_known_methods_are_written(sent: str, written: str) -> None:
    assert logs.method(sent) == written


def _run(source: str) -> list[dict[str, object]]:
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", f"from survey import logs; logs.begin()\n{source}"], capture_output=True, text=True
    )
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_what_nobody_caught_is_an_event_too() -> None:
    threaded = "import threading; t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()"
    events = _run(f"import warnings; warnings.warn('cũ')\n{threaded}\nraise KeyError('7KXM-2PQR-9ABC')")
    assert [event["event"] for event in events] == ["py.warnings", "uncaught", "uncaught"]
    assert [event.get("kind") for event in events[1:]] == ["ZeroDivisionError", "KeyError"]
    assert events[2]["level"] == "critical" and events[2]["frames"] and "7KXM" not in json.dumps(events)


def test_an_interrupt_is_no_failure() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from survey import logs; logs.begin()\nraise KeyboardInterrupt"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr.endswith("KeyboardInterrupt\n") and "uncaught" not in done.stderr


def test_what_fails_while_a_failure_is_told_is_answered_empty(caplog: pytest.LogCaptureFixture) -> None:
    def broken(environ: object, start_response: object) -> list[bytes]:
        raise ValueError("7KXM-2PQR-9ABC")

    told: list[object] = []
    assert failures.last(broken)({}, lambda *begun: told.extend(begun)) == []  # type: ignore[arg-type, return-value]
    assert told[0] == "500 INTERNAL SERVER ERROR" and "7KXM" not in caplog.text
    assert caplog.records[0].__dict__["fields"]["kind"] == "ValueError"
