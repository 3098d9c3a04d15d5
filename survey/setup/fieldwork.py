"""How fieldwork is measured, who is paid, and the public number of counters: between the file and a form's fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from survey.setup.typed import Typed, percent_text

FIELDS = (
    "target_rate", "skip_weekends", "holidays", "curve", "like", "basis", "interviewer", "respondent", "columns",
    "counter_number", "counter_date",
)  # fmt: skip
_SPAN = re.compile(r"\s*(?:–|—|đến|->|\bto\b)\s*|\s+-\s+")
_AMOUNT = re.compile(r"([a-z][a-z0-9_]*)\s*[:=]\s*(\S.*)")
_OF_PATH = {("counter", "number"): "counter_number", ("counter", "date"): "counter_date"}
MOST_PAID = 100_000_000  # đồng; above it a zero too many was typed


def field_of(path: tuple[str | int, ...]) -> str:
    """The field where a key of the file is mended; '' where none is."""
    if path[:2] in _OF_PATH:
        return _OF_PATH[str(path[0]), str(path[1])]
    return next(
        (str(part) for part in path[1:] if part in FIELDS), "counter_number" if path[:1] == ("counter",) else ""
    )


def shown(data: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a form, as the file has them."""
    work, pay, counter = (data.get(key, {}) for key in ("fieldwork", "payment", "counter"))
    return {
        "target_rate": percent_text(work["target_rate"]) if "target_rate" in work else "",
        "skip_weekends": "yes" if work.get("skip_weekends") else "",
        "holidays": "\n".join(map(_day_text, work.get("holidays", []))),
        "curve": "; ".join(map(percent_text, work.get("curve", []))),
        "like": str(work.get("like", "")),
        "basis": str(pay.get("basis", "")),
        "interviewer": str(pay.get("interviewer", "")),
        "respondent": "\n".join(f"{group}: {amount}" for group, amount in pay.get("respondent", {}).items()),
        "columns": ", ".join(pay.get("columns", [])),
        "counter_number": str(counter.get("number", "")),
        "counter_date": counter["date"].isoformat() if isinstance(counter.get("date"), date) else "",
    }


def _day_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{_one_day(value['from'])} – {_one_day(value['to'])}"
    return _one_day(value)


def _one_day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def change(data: dict[str, Any], fields: Mapping[str, str]) -> None:
    """Put the fields of a form into the file. Raises Faults, a ``column`` each, having changed nothing."""
    typed = Typed(fields)
    new = {"fieldwork": _fieldwork(typed), "payment": _payment(typed),
           "counter": _counter(typed, data.get("counter", {}))}  # fmt: skip
    typed.check()
    for key, value in new.items():
        data.pop(key, None)
        if value:
            data[key] = value


def _fieldwork(typed: Typed) -> dict[str, Any]:
    curve, like = _curve(typed), typed.line("like")
    if curve and like:
        typed.fault("like", "says the same as the curve: leave one of the two empty")
    found = {"target_rate": typed.percent("target_rate", 1, 100),
             "skip_weekends": True if typed.fields.get("skip_weekends") else None,
             "holidays": _holidays(typed), "curve": curve, "like": like}  # fmt: skip
    return {key: value for key, value in found.items() if value not in (None, "", [])}


def _holidays(typed: Typed) -> list[Any]:
    found: list[Any] = []
    for line in filter(None, map(str.strip, typed.fields.get("holidays", "").splitlines())):
        ends = [Typed({"holidays": part}).day("holidays") for part in _SPAN.split(line)]
        first, last = ends[0], ends[-1]
        if len(ends) > 2 or first is None or last is None or last < first:
            typed.fault(
                "holidays", f"“{line[:80]}” is no day such as 02/09/2026, nor a span such as 05/02/2027 – 12/02/2027"
            )
        else:
            found.append(first if first == last else {"from": first, "to": last})
    return found


def _curve(typed: Typed) -> list[float]:
    parts = [part for part in re.split(r"\s*;\s*", typed.line("curve")) if part]
    shares = [Typed({"curve": part}).percent("curve", 0, 100) for part in parts]
    if None in shares:
        typed.fault("curve", "is no row of percentages such as 40; 65; 80; 92; 100")
        return []
    return [share for share in shares if share is not None]


def _payment(typed: Typed) -> dict[str, Any]:
    respondent: dict[str, int] = {}
    for line in filter(None, map(str.strip, typed.fields.get("respondent", "").splitlines())):
        match = _AMOUNT.fullmatch(line)
        amount = Typed({"respondent": match[2]}).whole("respondent", 1, MOST_PAID) if match else None
        if match is None or amount is None:
            typed.fault("respondent", f"“{line[:80]}” is no line such as can_bo: 50.000")
        else:
            respondent[match[1]] = amount
    found = {"basis": typed.line("basis"), "interviewer": typed.whole("interviewer", 1, MOST_PAID),
             "respondent": respondent, "columns": typed.names("columns")}  # fmt: skip
    said = {key: value for key, value in found.items() if value}
    if said and not ("interviewer" in said or respondent):
        typed.fault(
            "interviewer", "nobody is paid: fill in what an interviewer or a respondent is paid, or nothing here"
        )
    return said


def _counter(typed: Typed, before: Mapping[str, Any]) -> dict[str, Any]:
    """Both or neither; periods that the file declares stay."""
    number, day = typed.line("counter_number"), typed.day("counter_date")
    if not number and not typed.fields.get("counter_date", "").strip():
        return {}
    if not number:
        typed.fault("counter_number", "is not filled in")
    if day is None and not any(fault.column == "counter_date" for fault in typed.faults):
        typed.fault("counter_date", "is not filled in")
    return {**before, "number": number, "date": day}
