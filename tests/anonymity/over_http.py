"""A real server on a day of our choice, whose mixer waits to be told; and people who answer it over HTTP.

``python -m tests.anonymity.over_http DAYS INSTANCE PORT`` is that server.
"""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from survey import create_app, mixer, serving
from survey.config import Settings, load
from survey.demo import behaviour
from survey.demo.browser import Browser, Page
from survey.demo.respondents import Slip

WORDS = "Ý kiến riêng số"  # … and a number that nobody else writes: by it the test knows whose box is whose
HANDS = 3


@dataclass
class Crowd:
    """Who answered, in the order of their receipts; the words and the receipt of each."""

    base: str
    order: list[int] = field(default_factory=list)
    receipts: dict[int, str] = field(default_factory=dict)
    marks: dict[int, str] = field(default_factory=dict)
    faults: list[BaseException] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, slips: Sequence[Slip], *, leave: bool = False) -> None:
        """Everybody answers, several at a time; ``leave``: they stop at the check page."""
        waiting = list(reversed(slips))
        crew = [threading.Thread(target=self._work, args=(waiting, leave)) for _ in range(HANDS)]
        for member in crew:
            member.start()
        for member in crew:
            member.join()
        assert not self.faults, self.faults

    def _work(self, waiting: list[Slip], leave: bool) -> None:
        browser = Browser(self.base)
        try:
            while waiting:
                self._one(browser, waiting.pop(), leave)
        except BaseException as fault:
            self.faults.append(fault)
        finally:
            browser.close()

    def _one(self, browser: Browser, slip: Slip, leave: bool) -> None:
        serial = int(slip.serial)
        mark = f"{random.Random(serial).getrandbits(48):015d}"  # noqa: S311 - the same on a second visit
        page = browser.get(f"/P/{slip.code}")
        begin = next(form for form in page.forms if "refuse" not in form.action and "undo" not in form.action)
        page = browser.submit(page, begin)
        while not page.url.partition("?")[0].endswith("/check"):
            page = self._fill(browser, page, slip, mark)
        if leave:
            return
        done = browser.submit(page, page.main)
        with self.lock:
            self.order.append(serial)
            self.receipts[serial], self.marks[serial] = done.texts["receipt"], mark

    def _fill(self, browser: Browser, page: Page, slip: Slip, mark: str) -> Page:
        areas = {field.name for field in page.main.fields.values() if field.kind == "textarea"}
        who = replace(slip.person, skipping=0.0)  # every answer counts: a day that brings fewer than k is refused
        filled = behaviour.fill(who, page.main, 80.0, 1, slip.units[0])
        values = [pair for pair in filled if pair[0] not in areas]
        values = [(name, "yes" if name == "used" else value) for name, value in values if name != "declined"]
        values += [(name, f"{WORDS} {mark}") for name in areas]
        after = browser.submit(page, page.main, values)
        return browser.submit(after, after.main, values) if after.status == 422 else after


def _serve(days: int, settings: Settings, port: int) -> None:
    def shifted() -> datetime:
        return datetime.now(UTC) + timedelta(days=days)

    serving.create_app = lambda told, **more: create_app(told, shifted, **more)
    mixer.mix_open_waves = lambda *_: 0
    serving.serve(settings, "127.0.0.1", port, 1)


if __name__ == "__main__":
    from pathlib import Path

    _serve(int(sys.argv[1]), load(Path(sys.argv[2])), int(sys.argv[3]))
