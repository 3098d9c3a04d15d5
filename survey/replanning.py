"""What may still become of a registered plan: a copy under another id, a later day to close."""

from __future__ import annotations

import json
import re
from datetime import date

from forms.faults import Faults
from survey import audit, seals
from survey.clock import Clock, today
from survey.plan.wave_file import load
from survey.plan.wave_spec import WaveSpec
from survey.store import Store
from survey.wave import RegisteredWave

_HOTLINE = re.compile(r"(?m)^\s*hotline\s*=")


def copied(wave: RegisteredWave, identity: str, opens: date | None, closes: date | None) -> WaveSpec:
    """A registered wave's plan under another id, with other days where they are given. Raises Faults."""
    text = _with_value(wave.spec.text, "id", f'"{identity}"')
    for key, day in (("opens", opens), ("closes", closes)):
        if day is not None:
            text = _with_value(text, key, day.isoformat())
    if wave.spec.hotline != load(text, identity).hotline:  # corrected since
        line = json.dumps(wave.spec.hotline, ensure_ascii=False)
        text = _with_value(text, "hotline", line) if _HOTLINE.search(text) else f"hotline = {line}\n{text}"
    return load(text, f"copy of {wave.spec.id}")


def _with_value(text: str, key: str, value: str) -> str:
    """The text of a wave file with another value of a key; keys of the file itself stand before its tables."""
    head, bracket, tables = text.partition("\n[")
    changed, number = re.subn(rf"(?m)^(\s*{key}\s*=\s*)[^#\n]*?(\s*(?:#.*)?)$", rf"\g<1>{value}\g<2>", head)
    if number != 1:
        raise Faults(f"the plan's “{key}” could not be found in its file; write the copy by hand")
    return changed + bracket + tables


def extend(store: Store, clock: Clock, wave: RegisteredWave, until: date, *, reason: str, who: str) -> None:
    """Move the day that a wave closes to a later one. The plan keeps the day it was sealed with.

    Recorded with its reason, in the log and as a departure in every dataset; a new seal fixes the log. Raises Faults
    when the wave is not open, the day is not later, or no reason is given.
    """
    if not reason.strip():
        raise Faults("an extension needs a reason, which the log and the report keep")
    identity = wave.spec.id
    with store.moving(patient=True) as tx:  # a seal ends it
        now = tx.wave_now(id=identity)
        if now["state"] != "open":
            raise Faults(f"wave “{identity}” is {now['state']}: only an open wave can be extended")
        last = date.fromisoformat(now["closes"]) if now["closes"] else wave.spec.closes
        if until <= last:
            raise Faults(f"wave “{identity}” closes on {last}: {until} is no later day")
        if until < today(clock, wave.spec.timezone):
            raise Faults(f"{until} is past: answers could not come in")
        number = len(list(tx.wave_extensions(wave=identity))) + 1
        tx.wave_extend(wave=identity, number=number, closes=until.isoformat(),
                       at=clock().isoformat(timespec="seconds"), reason=reason.strip())  # fmt: skip
        detail = {"from": last.isoformat(), "until": until.isoformat(), "reason": reason.strip()}
        audit.append(tx, clock, who, "wave extended", identity, detail)
        seals.write(tx, clock, wave)
