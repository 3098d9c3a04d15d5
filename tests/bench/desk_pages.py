"""Every page of the desk with 100,000 invitations and 100 units: each is promised in 150 ms and 100 KB of first load.

What is timed is a request through the whole application: session looked up, store read, page rendered.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from survey.accounts.accounts import Account
from survey.accounts.roles import Role
from survey.desk import files, policy
from survey.publishing import shelf
from survey.web import Web
from tests.bench import desk_scene
from tests.bench.figures import Figure
from tests.desk.desk import Desk

MILLISECONDS, BYTES = 150, 100_000
ENDS = ("sign_out", "static", "elsewhere")  # no pages of their own
WHOSE = (Role.COORDINATOR, Role.ANALYST, Role.DISPATCHER, Role.ADMINISTRATOR, Role.CLERK, Role.KEYER)
MORE = ("?unit=xa_50", "?group=nhom_1", "?sort=rate")


def addresses(app: Web) -> Iterator[tuple[str, str]]:
    """Endpoint and address of whatever a browser can open, for a wave in the field and, of the setup, one begun."""
    with app.store.read() as tx:
        dataset = shelf.datasets(app.store, "bench", app.settings.instance)[0].name if tx else ""
    told: dict[str, Any] = {"unit": "xa_50", "place": "trung_tam", "name": dataset, "number": 1, "serial": 1,
                            "group": "nguoi_dan", "deed": "submit", "username": "analyst"}  # fmt: skip
    for rule in app.url_map.iter_rules():
        endpoint = rule.endpoint.removeprefix("desk.")
        if not rule.endpoint.startswith("desk.") or "GET" not in (rule.methods or ()) or endpoint in ENDS:
            continue
        wave = desk_scene.BEGUN if endpoint.startswith("setup") else "bench"
        told["name"] = "all" if endpoint == "results_withdraw" else dataset
        told["wave"] = wave
        yield endpoint, re.sub(r"<(?:[^:>]*:)?([^>]+)>", lambda part: str(told.get(part[1], 1)), rule.rule)


def measure(app: Web, desks: dict[Role, Desk], people: dict[Role, Account]) -> dict[str, tuple[float, int]]:
    """Address → milliseconds (the best of three) and bytes of the first load, of every page that opens."""
    found: dict[str, tuple[float, int]] = {}
    for endpoint, address in addresses(app):
        right = policy.right_of(endpoint)
        role = next((each for each in WHOSE if policy.may(people[each], right)), None)
        if role is None:
            continue
        for more in ("", *(MORE if endpoint in ("board", "follow_up", "results_data") else ())):
            best, size = 9e9, 0
            for _ in range(3):
                start = time.perf_counter()
                answer = desks[role].client.get(address + more)
                best = min(best, 1000 * (time.perf_counter() - start))
                size = len(answer.get_data()) + _named(answer.text) if answer.mimetype == "text/html" else 0
            if answer.status_code == 200 and answer.mimetype == "text/html":
                found[address + more] = best, size
    return found


def _named(text: str) -> int:
    """Bytes of our sheets and scripts that a page names."""
    names = set(re.findall(r"/desk/static/[0-9a-f]+/([\w.]+)", text))
    return sum(len(files.FILES[name].content) for name in names)


def run(rows: int = desk_scene.ROWS) -> list[Figure]:
    """Time every page; each one that is late or heavy is a figure of its own."""
    from survey.accounts import accounts

    with tempfile.TemporaryDirectory() as folder:
        app = desk_scene.build(Path(folder), rows)
        desks = {role: Desk(app).sign_in(role.value) for role in WHOSE}
        people = {one.role: one for one in accounts.everybody(app.store)}
        found = measure(app, desks, people)
        app.store.close()
    slowest = max(found, key=lambda address: found[address][0])
    largest = max(found, key=lambda address: found[address][1])
    setup = max((each for each in found if f"/{desk_scene.BEGUN}/setup" in each), key=lambda each: found[each][0])
    named = [f"/desk/w/bench/{name}" for name in ("board", "follow-up", "results", "unit/xa_50")]
    late = [address for address, (ms, _) in found.items() if ms > MILLISECONDS and address != slowest]
    heavy = [address for address, (_, size) in found.items() if size > BYTES and address != largest]
    return [
        Figure("desk", f"the slowest of {len(found)} pages with {rows:,} invitations, {slowest}", found[slowest][0],
               "ms", MILLISECONDS),
        Figure("desk", f"the largest first load, {largest}", found[largest][1], "bytes", BYTES),
        *(Figure("desk", address, found[address][0], "ms", MILLISECONDS) for address in (setup, *named, *late)),
        *(Figure("desk", f"first load of {address}", found[address][1], "bytes", BYTES) for address in heavy),
    ]  # fmt: skip
