"""Last year's wave as the beginning of this year's: the plan, its days moved; never lists, samples, keys or answers."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from typing import Any

from survey.wave import RegisteredWave


def moved(wave: RegisteredWave, opens: date) -> dict[str, Any]:
    """The plan's data, opening on another day and as long as before.

    What must be said anew is left out, so that the check asks for it: number and date of the issuing body's plan, the
    reference period of each group. A wave that was only simulated is simulated no more.
    """
    data = tomllib.loads(wave.spec.text)
    by = opens - wave.spec.opens
    _shift(data, ("opens", "closes", "purge_on"), by)
    counter = data.get("counter", {})
    _shift(counter, ("date",), by)
    for period in counter.get("period", []):
        _shift(period, ("opens", "closes"), by)
    data.pop("simulated", None)
    for key in ("plan", "date"):
        data.get("authority", {}).pop(key, None)
    for group in data["group"]:
        group.get("target", {}).pop("period", None)
    return data


def pilot(wave: RegisteredWave, opens: date) -> dict[str, Any]:
    """The same plan for a rehearsal: every word as it will be asked, open for a fortnight."""
    data = tomllib.loads(wave.spec.text)
    data["opens"], data["closes"] = opens, opens + timedelta(days=13)
    for key in ("purge_on", "counter"):
        data.pop(key, None)
    data["group"] = [group for group in data["group"] if "counter" not in group]
    return data


def _shift(table: dict[str, Any], keys: tuple[str, ...], by: timedelta) -> None:
    for key in keys:
        if isinstance(table.get(key), date):
            table[key] += by
