"""The numbers of a wave's fieldwork, computed by a child of the worker that is asked, at most once a minute.

Which of them may be told is decided by linear programmes: seconds of work, and libraries that a worker, which serves
respondents, would keep in its memory for good.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from survey.clock import Clock

Row = dict[str, Any]
AGE = timedelta(minutes=1)
PATIENCE = 300.0  # seconds that a child has
_log = logging.getLogger("phieu.api")


class NotComputed(RuntimeError):
    """The child gave no numbers: it was ended, or the machine had nothing left for it."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A document, when it was made, and of what: numbers of another ``source`` are not these."""

    source: Hashable
    at: datetime
    document: Row


class Apart:
    """The last numbers of each wave. ``compute`` makes a document of a request; without it a child does."""

    NAME: ClassVar[str] = "phieu.api.numbers"

    def __init__(self, clock: Clock, compute: Callable[[Mapping[str, Any]], Row] | None = None) -> None:
        self._clock, self._compute = clock, compute or child
        self._one = threading.Lock()  # a child at a time in this worker
        self._last: dict[str, Numbers] = {}

    def numbers(self, wave: str, source: Hashable, request: Callable[[], Mapping[str, Any]]) -> Numbers:
        """Those of ``source``, a minute old at the most; the last ones while another makes new ones. The first waits.

        ``request`` is called when numbers are made. Raises NotComputed when there are none.
        """
        last = self._known(wave, source)
        if last is not None and abs(self._clock() - last.at) < AGE:
            return last
        if last is None:
            self._one.acquire()
        elif not self._one.acquire(blocking=False):
            return last
        try:
            last = self._known(wave, source)  # made, maybe, while this one waited
            if last is not None and abs(self._clock() - last.at) < AGE:
                return last
            at = self._clock()
            self._last[wave] = made = Numbers(source, at, self._compute(request()))
            return made
        except NotComputed:
            if last is None:
                raise
            _log.warning("fieldwork numbers were not computed; the last ones are told", extra={"wave": wave})
            return last
        finally:
            self._one.release()

    def _known(self, wave: str, source: Hashable) -> Numbers | None:
        last = self._last.get(wave)
        return last if last is not None and last.source == source else None


def child(request: Mapping[str, Any]) -> Row:
    """``numbers.answered`` by a process of its own. Raises NotComputed."""
    command = [sys.executable, "-P", "-m", "survey.api.numbers"]  # nothing of the working directory
    try:
        done = subprocess.run(  # noqa: S603 (our own interpreter and module)
            command, input=json.dumps(request), capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE,
            check=True,
        )  # fmt: skip
        answer: Row = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise NotComputed(str(error)) from error
    return answer
