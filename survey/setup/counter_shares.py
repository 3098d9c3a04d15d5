"""A group asked at counters, between its table in the file and the fields of a form: which share of the dossiers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from survey.setup.typed import Typed, percent_text

METHOD = "counter"  # stands among the ways of drawing, though nothing is drawn from a list
FIELDS = ("share", "shares")
_ID = r"[a-z][a-z0-9_]*"
_LINE = re.compile(rf"(?P<unit>{_ID}|\*)(?:\s*/\s*(?P<period>{_ID}))?\s*[:=]\s*(?P<share>[0-9.,]+)\s*%?")
EVERY = "*"  # in place of a unit: a share of one period that holds for all of them


def shown(counter: Mapping[str, Any] | None) -> dict[str, str]:
    """The share of all, and a line for each unit or period with another one."""
    if counter is None:
        return {"share": "", "shares": ""}
    lines = [
        f"{other.get('unit') or EVERY}{' / ' + other['period'] if other.get('period') else ''}: "
        f"{percent_text(other['p'])}"
        for other in counter.get("other", [])
    ]
    return {"share": percent_text(counter["p"]), "shares": "\n".join(lines), "method": METHOD}


def changed(typed: Typed) -> dict[str, Any]:
    """The table that the fields make; what is wrong is remembered in ``typed``."""
    share = typed.percent("share", 0.1, 100, required=True)
    others = []
    for line in filter(None, map(str.strip, typed.fields.get("shares", "").splitlines())):
        match = _LINE.fullmatch(line)
        told = Typed({"shares": match["share"] if match else ""}).percent("shares", 0.1, 100)
        if match is None or told is None:
            typed.fault("shares", f"“{line[:80]}” is no line such as so_tu_phap: 20")
            continue
        named = {"unit": match["unit"] if match["unit"] != EVERY else None, "period": match["period"], "p": told}
        others.append({key: value for key, value in named.items() if value is not None})
    return {"p": share, **({"other": others} if others else {})}
