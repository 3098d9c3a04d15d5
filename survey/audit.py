"""The log of what staff and the system did, hash-chained: an entry altered or removed breaks every later one.

Nothing that a respondent does is written here: an entry has a time.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from survey.clock import Clock
from survey.store import Store, Transaction

FROZEN = "wave frozen"  # the entry of a freeze, whose detail names the dataset's hash
PAYMENT_LIST = "payment list made"  # its detail names who is paid
_FIELDS = ("number", "at", "who", "action", "wave", "detail", "previous")


def append(tx: Transaction, clock: Clock, who: str, action: str, wave: str | None, detail: Mapping[str, Any]) -> None:
    """Write one entry in the caller's transaction, so that the deed and its record stand or fall together."""
    head = tx.audit_head()
    entry = {
        "number": head["number"] + 1 if head else 1,
        "at": clock().isoformat(timespec="seconds"),
        "who": who,
        "action": action,
        "wave": wave,
        "detail": json.dumps(detail, ensure_ascii=False, sort_keys=True),
        "previous": head["hash"] if head else "",
    }
    tx.audit_append(**entry, hash=_hash(entry))


def head(tx: Transaction) -> str:
    """The hash of the last entry, which stands for all of them; empty before the first."""
    row = tx.audit_head()
    return row["hash"] if row else ""


def verify(store: Store) -> list[str]:
    """What is wrong with the chain, one sentence a fault; empty when it is whole."""
    faults: list[str] = []
    previous, number = "", 0
    with store.read() as tx:
        for row in tx.audit_all():
            number += 1
            if row["number"] != number or row["previous"] != previous:
                faults.append(f"audit entry {row['number']} does not follow the one before it")
            if row["hash"] != _hash({field: row[field] for field in _FIELDS}):
                faults.append(f"audit entry {row['number']} was altered")
            previous, number = row["hash"], row["number"]
    return faults


def operator() -> str:
    """Who the log names for what is done at the command line: the account of the machine, and who started the job."""
    try:
        account = f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's account may have no name
        account = "cli"
    asked_by = os.environ.get("PHIEU_ASKED_BY", "")
    return f"{asked_by} by {account}" if asked_by else account


def _hash(entry: Mapping[str, Any]) -> str:
    text = json.dumps([entry[field] for field in _FIELDS], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
