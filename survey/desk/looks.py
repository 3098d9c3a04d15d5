"""Looking at contacts on a screen is logged: by account, wave and list, never by person, for an entry has a time.

This is the one thing that opening a page of the desk writes. It goes nowhere but into the log, and says no more however
often a page is opened.
"""

from __future__ import annotations

from survey import audit
from survey.desk.gate import account_here, wave_here
from survey.web import web

FOLLOW_UP = "follow-up"
FOLLOW_UP_PERSON = "one of the follow-up"


def log_look(which: str, shown: int) -> None:
    """Write that whoever is signed in sees ``shown`` contacts of this list now; nothing where there are none."""
    if not shown:
        return
    w, detail = web(), {"list": which, "n": shown}
    with w.store.write(durable=False) as tx:
        audit.append(tx, w.clock, account_here().who, "contacts looked at", wave_here().spec.id, detail)
