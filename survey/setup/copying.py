"""Last year's wave as the beginning of this year's: the plan, its days moved; never lists, samples, keys or answers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from survey.wave import RegisteredWave

PILOT_DAYS, PILOT_UNITS = 14, 2


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
    """The same words for a rehearsal: open for a fortnight, a few units of each kind, everybody asked who is listed.

    What needs many people (strata, margins, blocks of units, the counter draw, posters) is left out: five slips a group
    are enough to try with.
    """
    data = tomllib.loads(wave.spec.text)
    data["opens"], data["closes"] = opens, opens + timedelta(days=PILOT_DAYS - 1)
    for key in ("purge_on", "counter", "open", "estimation"):
        data.pop(key, None)
    data["unit"] = [unit for kind in dict.fromkeys(map(_kind, data["unit"])) for unit in _few(data["unit"], kind)]
    kept = {unit["id"] for unit in data["unit"]}
    data["place"] = [place for place in data.get("place", []) if place.get("unit", "") in {"", *kept}]
    data["group"] = [group for group in data["group"] if "counter" not in group]
    for group in data["group"]:
        for key in ("margins", "classes", "merge", "unit_min"):
            group.pop(key, None)
        group["design"] = {"method": "census"}
    return data


def _kind(unit: Mapping[str, Any]) -> str:
    return str(unit["kind"])


def _few(units: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The first units of a kind that are assessed now."""
    return [unit for unit in units if unit["kind"] == kind and "valid_to" not in unit][:PILOT_UNITS]


def _shift(table: dict[str, Any], keys: tuple[str, ...], by: timedelta) -> None:
    for key in keys:
        if isinstance(table.get(key), date):
            table[key] += by
