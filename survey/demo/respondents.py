"""Simulated respondents: a process of its own that answers over HTTP, as people with slips and browsers would.

``python -m survey.demo.respondents INVITATIONS.csv --base-url URL --units UNITS.json --seed N`` writes JSON lines to
standard output: progress, then ``{"result": …}`` once everybody who would answer in time has, and, after a line on
standard input (the wave is closed), a second result: who came late, and every receipt asked after.
Receipts stay in this process, apart from the invitations they came from.
"""

from __future__ import annotations

import argparse
import csv
import json
import queue
import random
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from survey.demo import behaviour
from survey.demo.behaviour import Conduct, Person
from survey.demo.browser import Browser, Form, Page, Unexpected

THREADS = 4
_PAGES = 200  # more than any form has: a person who clicks on does not click forever
_EVERY = 10


@dataclass(frozen=True, slots=True)
class Slip:
    """One line of invitations.csv with the person who holds it."""

    serial: str
    code: str
    units: tuple[str, ...]
    person: Person


@dataclass(slots=True)
class Tally:
    """What happened, shared by the threads."""

    conducts: Counter[str] = field(default_factory=Counter)
    receipts: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    done: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class World:
    """Where the server is, and the units by id: ``[name, quality]``."""

    base: str
    units: Mapping[str, tuple[str, float]]
    seed: int


def slips(file: Path, seed: int) -> list[Slip]:
    """The invitations with their persons. A person depends on group, units and place among those, not on the serial."""
    seen: Counter[tuple[str, str]] = Counter()
    found: list[Slip] = []
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            key = row["group"], row["units"]
            seen[key] += 1
            who = behaviour.person(seed, *key, seen[key])
            found.append(Slip(row["serial"], row["code"].replace("-", ""), tuple(row["units"].split(";")), who))
    return found


def answer(browser: Browser, world: World, slip: Slip) -> str | None:
    """Do what this person does with the slip while the wave is open; the receipt, when there is one."""
    conduct = slip.person.conduct
    if conduct in (Conduct.SILENT, Conduct.LATE, Conduct.PAPER_LATE, Conduct.PAPER_DAMAGED):
        return None
    page = _must(browser.get(f"/P/{slip.code}"), 200)
    if conduct is Conduct.REFUSE:
        _must(browser.submit(page, _form(page, "refuse")), 200)
        return None
    page = _must(browser.submit(page, _begin(page)), 200)
    left = slip.person.chance.randrange(1, 5) if conduct is Conduct.BREAK_OFF else _PAGES
    while not page.url.partition("?")[0].endswith("/check"):
        if left == 0:
            return None
        left -= 1
        page = _next(browser, world, slip, page)
    if conduct is Conduct.BREAK_OFF:
        return None
    done = _must(browser.submit(page, page.main), 200)
    if "receipt" not in done.texts:
        raise Unexpected(f"no receipt on {done.url}: {done.text[:200]}")
    return done.texts["receipt"]


def _next(browser: Browser, world: World, slip: Slip, page: Page) -> Page:
    """Fill a page and send it; a page that comes back for a required item is sent once more."""
    form = page.main
    unit = _unit(world, slip, page)
    values = behaviour.fill(slip.person, form, world.units[unit][1], world.seed, unit)
    after = browser.submit(page, form, values)
    if after.status == 422:
        after = browser.submit(after, after.main, values)
    return _must(after, 200)


def _unit(world: World, slip: Slip, page: Page) -> str:
    """The unit that a page is about: the one it names, the longest name when one is part of another."""
    named = [unit for unit in slip.units if world.units[unit][0] in page.text]
    return max(named, key=lambda unit: len(world.units[unit][0]), default=slip.units[0])


def _form(page: Page, ending: str) -> Form:
    for form in page.forms:
        if form.action.partition("?")[0].endswith(ending):
            return form
    raise Unexpected(f"no form to {ending} on {page.url}")


def _begin(page: Page) -> Form:
    for form in page.forms:
        if not form.action.partition("?")[0].endswith(("refuse", "undo")):
            return form
    raise Unexpected(f"no way to begin on {page.status} {page.url}: {page.text[:200]}")


def _must(page: Page, status: int) -> Page:
    if page.status != status:
        raise Unexpected(f"{page.status} instead of {status} at {page.url}: {page.text[:200]}")
    return page


def too_late(browser: Browser, slip: Slip) -> None:
    """Open the link after the close: there must be no way to begin."""
    page = browser.get(f"/P/{slip.code}")
    forms = [form for form in page.forms if not form.action.partition("?")[0].endswith(("refuse", "undo"))]
    if forms:
        raise Unexpected(f"a late answer could still begin at {page.url}")


def ask_after(browser: Browser, receipt: str) -> bool:
    """Whether the server says that this receipt is counted."""
    page = _must(browser.get(f"/check?receipt={receipt}"), 200)
    return "counted" in page.texts


def at_work(
    base: str,
    jobs: Sequence[Any],
    tally: Tally,
    work: Callable[[Browser, Any], str | None],
    told: Callable[[int], None],
) -> None:
    """Let a few threads, each with a browser, do all the jobs; faults are kept, not raised."""
    waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)

    def run() -> None:
        browser = Browser(base)
        while True:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return browser.close()
            receipt, fault = None, None
            try:
                receipt = work(browser, job)
            except Exception as error:  # one person's trouble must not stop the others; it is told at the end
                fault = f"{type(error).__name__}: {error}"
            with tally.lock:
                tally.done += 1
                tally.receipts += [receipt] if receipt else []
                tally.faults += [fault] if fault else []
                if tally.done % _EVERY == 0:
                    told(tally.done)

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _say(**told: Any) -> None:
    print(json.dumps(told, ensure_ascii=False), flush=True)


def _in_time(world: World, everybody: list[Slip], tally: Tally) -> None:
    order = everybody[:]
    random.Random(f"{world.seed}/order").shuffle(order)  # noqa: S311 (a simulation, repeatable)
    total = len(order)

    def work(browser: Browser, slip: Slip) -> str | None:
        receipt = answer(browser, world, slip)
        with tally.lock:
            tally.conducts[slip.person.conduct] += 1
        return receipt

    at_work(world.base, order, tally, work, lambda done: _say(done=done, total=total))
    paper = {"late": Conduct.PAPER_LATE, "damaged": Conduct.PAPER_DAMAGED}
    recorded = {
        state: [int(slip.serial) for slip in everybody if slip.person.conduct is conduct]
        for state, conduct in paper.items()
    }
    counts = {"conducts": tally.conducts, "receipts": len(tally.receipts)}
    _say(result={**counts, "faults": tally.faults, "paper": recorded})


def _after_close(world: World, everybody: Sequence[Slip], tally: Tally) -> None:
    late = [slip for slip in everybody if slip.person.conduct is Conduct.LATE]
    after = Tally()
    at_work(world.base, late, after, lambda browser, slip: too_late(browser, slip), lambda done: None)
    counted = Tally()

    def work(browser: Browser, receipt: str) -> str | None:
        return receipt if ask_after(browser, receipt) else None

    random.Random(world.seed).shuffle(tally.receipts)  # noqa: S311 (a simulation, repeatable)
    at_work(world.base, tally.receipts, counted, work, lambda done: _say(done=done, total=len(tally.receipts)))
    faults = after.faults + counted.faults
    _say(result={"turned_away": len(late) - len(after.faults), "counted": len(counted.receipts), "faults": faults})


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer while the wave is open; after a line on standard input, come late and ask after the receipts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("invitations", type=Path)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--units", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    told = parser.parse_args(arguments)
    units = {id: (name, quality) for id, (name, quality) in json.loads(told.units.read_text("utf-8")).items()}
    world = World(told.base_url, units, told.seed)
    everybody = slips(told.invitations, told.seed)
    tally = Tally()
    _in_time(world, everybody, tally)
    if sys.stdin.readline():
        _after_close(world, everybody, tally)
    return 0


if __name__ == "__main__":
    sys.exit(main())
