"""Ask a vulnerability database about every package of requirements.lock (OSV's interface, https://osv.dev).

Ends with 0 when it was asked about all of them and knows nothing; 1 when it knows something; 3 when it could not be
asked, or answered something else: nothing is then known. What leaves this machine: names and versions. ``OSV_URL``
names another server of the same interface, such as an office's own copy.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from make_sbom import Pin, pins

LOCK = Path(__file__).parents[1] / "requirements.lock"
DATABASE = "https://api.osv.dev"
PATIENCE = 30  # seconds
MOST_PAGES = 20  # of answers about one package
CLEAN, FOUND, NOT_ASKED = 0, 1, 3


class NotAsked(Exception):
    """The database gave no answer that could be trusted to be whole."""


def ask(server: str, queries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One round of questions; as many answers, in their order. Raises NotAsked."""
    address = urlsplit(server)
    kinds = {"https": http.client.HTTPSConnection, "http": http.client.HTTPConnection}
    if address.scheme not in kinds or not address.hostname:
        raise NotAsked(f"{server} is no address of a server")
    try:
        with closing(kinds[address.scheme](address.hostname, address.port, timeout=PATIENCE)) as wire:
            body = json.dumps({"queries": queries})
            wire.request("POST", f"{address.path}/v1/querybatch", body, {"Content-Type": "application/json"})
            answer = wire.getresponse()
            said = answer.read()
        if answer.status != http.client.OK:
            raise NotAsked(f"{server} answered {answer.status}")
        results = json.loads(said)["results"]
        if len(results) != len(queries):
            raise NotAsked(f"{server} answered {len(results)} of {len(queries)} questions")
        return [dict(each) for each in results]
    except (OSError, http.client.HTTPException) as error:
        raise NotAsked(f"{server} cannot be reached: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise NotAsked(f"{server} did not answer as OSV does") from error


def known(server: str, lock: Sequence[Pin]) -> dict[Pin, list[str]]:
    """What the database knows, by pin; pins of which it knows nothing are left out. Raises NotAsked."""
    found: dict[Pin, set[str]] = {}
    open_questions: list[tuple[Pin, str]] = [(pin, "") for pin in lock]
    for _ in range(MOST_PAGES):
        queries = [{"package": {"purl": pin.purl}, **({"page_token": page} if page else {})}
                   for pin, page in open_questions]  # fmt: skip
        further = []
        for (pin, _page), answer in zip(open_questions, ask(server, queries), strict=True):
            try:
                names = {str(each["id"]) for each in answer.get("vulns") or ()}
            except (KeyError, TypeError) as error:
                raise NotAsked(f"{server} did not answer as OSV does") from error
            if names:
                found.setdefault(pin, set()).update(names)
            if answer.get("next_page_token"):
                further.append((pin, str(answer["next_page_token"])))
        if not further:
            return {pin: sorted(names) for pin, names in found.items()}
        open_questions = further
    raise NotAsked(f"{server} never came to an end")


def main(server: str) -> int:
    """Ask, print, and return the exit status."""
    lock = pins(LOCK.read_text("utf-8"))
    try:
        found = known(server, lock)
    except NotAsked as error:
        print(f"NOT ASKED: {error}. Nothing is known of the {len(lock)} packages.", file=sys.stderr)
        return NOT_ASKED
    for pin, names in found.items():
        print(f"{pin.name} {pin.version}: {', '.join(names)}")
    if found:
        print(
            f"FOUND: known faults in {len(found)} of {len(lock)} packages; https://osv.dev tells each.",
            file=sys.stderr,
        )
        return FOUND
    print(f"CLEAN: {server} knows nothing against {len(lock)} packages.", file=sys.stderr)
    return CLEAN


if __name__ == "__main__":
    sys.exit(main(os.environ.get("OSV_URL", DATABASE).rstrip("/")))
