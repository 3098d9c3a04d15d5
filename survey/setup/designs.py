"""A group's sample design between its table in the file and the fields of a form: how many, drawn how."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from forms.toml import ID
from survey.setup.typed import Typed, number_text, percent_text

FIELDS = (
    "method", "by_1", "by_2", "sort", "zones", "psu", "psus", "first", "size", "n", "error", "p", "deff", "confidence",
    "each", "allocation", "power", "deviation", "min", "max", "response", "reserve",
)  # fmt: skip
METHODS = ("census", "simple", "stratified", "systematic", "two_stage")
ALLOCATIONS = ("proportional", "equal", "neyman", "power")
FIRST_STAGES = ("simple", "pps")
# keys of a design that the form shows; what it does not show stays as long as the way of drawing does
_DRAWN = ("n", "size", "by", "min", "max", "sort", "zones", "psu", "psus", "first", "reserve", "allocation", "power",
          "deviation")  # fmt: skip
_LEVEL = re.compile(r"(.+?)\s*[:=]\s*([0-9]+(?:[.,][0-9]+)?)")


def shown(design: Mapping[str, Any]) -> dict[str, Any]:
    """The fields, as the file has them; several values are parted by commas, lines by line ends."""
    size: Mapping[str, Any] = design.get("size", {})
    by = [*design.get("by", []), "", ""]
    response = size.get("response", design.get("response"))
    return {
        "method": design.get("method", "census"),
        "by_1": by[0],
        "by_2": by[1],
        "sort": ",".join(design.get("sort", [])),
        "zones": "yes" if design.get("zones") else "",
        "psu": design.get("psu", ""),
        "psus": design.get("psus", ""),
        "first": design.get("first", "simple"),
        "size": size.get("rule", "n"),
        "n": design.get("n", ""),
        "error": _percent(size, "e"),
        "p": _percent(size, "p"),
        "deff": number_text(size["deff"]) if "deff" in size else "",
        "confidence": _percent(size, "confidence"),
        "each": "yes" if size.get("each") else "",
        "allocation": design.get("allocation", "proportional"),
        "power": number_text(design["power"]) if "power" in design else "",
        "deviation": _deviation_text(design.get("deviation", "")),
        "min": design.get("min", ""),
        "max": design.get("max", ""),
        "response": percent_text(response) if response is not None else "",
        "reserve": _percent(design, "reserve"),
    }


def _percent(table: Mapping[str, Any], key: str) -> str:
    return percent_text(table[key]) if key in table else ""


def _deviation_text(told: Any) -> str:
    """A column's name, or a line a level."""
    if not isinstance(told, Mapping):
        return str(told)
    return "\n".join(f"{level}: {number_text(value)}" for level, value in told.items())


def changed(typed: Typed, before: Mapping[str, Any]) -> dict[str, Any]:
    """The table that the fields make; what is wrong is remembered in ``typed``."""
    method = typed.line("method", required=True)
    kept = {key: value for key, value in before.items() if key not in ("method", "response", *_DRAWN)}
    if method != before.get("method", "census"):
        kept = {}
    response = typed.percent("response", 1, 100)
    made = {"method": method, **kept, **({"response": response} if response is not None else {})}
    by = list(dict.fromkeys(name for field in ("by_1", "by_2") if (name := typed.line(field))))
    if by and method != "simple":
        made["by"] = by
    if method == "stratified" and not by:
        typed.fault("by_1", "choose the column that makes the strata")
    if method == "systematic":
        made |= _systematic(typed)
    if method == "two_stage":
        made |= _stages(typed)
    if method != "census":
        made |= _size(typed, before.get("size", {}), by)
    if method in ("stratified", "systematic") and by:
        made |= _allocation(typed, said="allocation" in before)
    return made


def _systematic(typed: Typed) -> dict[str, Any]:
    columns = typed.names("sort")
    if not columns:
        typed.fault("sort", "choose the column in whose order the list is walked")
    return {"sort": columns, **({"zones": True} if typed.fields.get("zones") else {})}


def _stages(typed: Typed) -> dict[str, Any]:
    """Two stages: the column whose values are drawn first, how many of them, and how."""
    psu = typed.line("psu")
    if not psu:
        typed.fault("psu", "choose the column whose values the first stage draws, such as the commune")
    first = typed.line("first") or FIRST_STAGES[0]
    return {"psu": psu, "psus": typed.whole("psus", 2, 100_000, required=True),
            **({"first": first} if first != FIRST_STAGES[0] else {})}  # fmt: skip


def _size(typed: Typed, before: Mapping[str, Any], by: Sequence[str]) -> dict[str, Any]:
    """How many are drawn: a number, or the error that is wished for."""
    found: dict[str, Any] = {}
    rule = typed.line("size") or "n"
    if rule == "n":
        found["n"] = typed.whole("n", 1, 10_000_000, required=True)
    else:
        each = {"each": by[0]} if typed.fields.get("each") and by else {}
        found["size"] = {"rule": rule, "e": typed.percent("error", 0.1, 50, required=True)}
        found["size"] |= (_cochran(typed) if rule == "cochran" else {}) | each
    least, most = typed.whole("min", 0, 1_000_000), typed.whole("max", 1, 10_000_000)
    if least and most and most < least:
        typed.fault("max", f"is {most}, less than the least of {least}")
    reserve = typed.percent("reserve", 0, 500)
    found |= {"min": least} if least else {}
    found |= {"max": most} if most else {}
    return found | ({"reserve": reserve} if reserve else {})


def _cochran(typed: Typed) -> dict[str, float]:
    told = {"p": typed.percent("p", 1, 99), "deff": typed.number("deff", 0.1, 100),
            "confidence": typed.percent("confidence", 50, 99.99)}  # fmt: skip
    return {key: value for key, value in told.items() if value is not None}


def _allocation(typed: Typed, *, said: bool) -> dict[str, Any]:
    """How the sample is shared out among the levels of the first column; the usual way where the file says it."""
    allocation = typed.line("allocation") or ALLOCATIONS[0]
    if allocation == "power":
        power = typed.number("power", 0, 1)
        return {"allocation": allocation, **({"power": power} if power is not None else {})}
    if allocation == "neyman":
        return {"allocation": allocation, "deviation": _deviation(typed)}
    return {"allocation": allocation} if said or allocation != ALLOCATIONS[0] else {}


def _deviation(typed: Typed) -> Any:
    """Neyman's standard deviations: the name of a column, or “level: number” on a line each."""
    lines = [line.strip() for line in typed.fields.get("deviation", "").splitlines() if line.strip()]
    if len(lines) == 1 and ID.fullmatch(lines[0]):
        return lines[0]
    found: dict[str, float] = {}
    for line in lines:
        match = _LEVEL.fullmatch(line)
        if match is None or match[1] in found:
            typed.fault("deviation", f"“{line[:80]}” is no line such as so_tu_phap: 0,25")
            return {}
        found[match[1]] = float(match[2].replace(",", "."))
    if not any(found.values()):
        typed.fault("deviation", "Neyman's allocation needs the name of a column, or a standard deviation by level")
    return found
