"""A respondent group between its table in the file and the fields of a form: whom, what about, drawn how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey.setup.typed import LONGEST_TEXT, Typed, percent_text

FIELDS = (
    "name_vi", "name_en", "questionnaire", "assesses", "kinds", "method", "by_1", "by_2", "sort", "size", "n", "error",
    "each", "min", "response", "reserve", "margins", "merge", "too_few", "max_units", "unit_min", "mode", "population",
    "frame", "period", "gaps",
)  # fmt: skip
METHODS = ("census", "simple", "stratified", "systematic")
MODES = ("qr", "email", "sms", "zalo", "paper", "interview", "phone")
DOSSIER_COLUMNS = ("unit", "channel", "level", "field", "overdue")
POST_COLUMNS = ("unit", "position")
_TARGET = ("population", "frame", "period", "gaps")
_OF_PART = {"name": "name_vi", "by": "by_1", "e": "error", "rule": "size"}
_DRAWN = ("n", "size", "by", "min", "sort", "reserve")  # keys of a design that this form shows


def field_of(path: Sequence[str | int]) -> str:
    """The field where a key of a group's table is mended; '' where none is."""
    for part in reversed(path[2:]):
        name = _OF_PART.get(str(part), str(part))
        if name in FIELDS:
            return name
    return ""


def columns_of(group: Mapping[str, Any]) -> tuple[str, ...]:
    """Columns of the list that strata, order and margins may be made of, the group's own included."""
    usual = DOSSIER_COLUMNS if group.get("assesses") == "dossier" else POST_COLUMNS
    design = group.get("design", {})
    own = [*design.get("by", []), *design.get("sort", []), *group.get("margins", [])]
    return tuple(dict.fromkeys((*usual, *own)))


def shown(group: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a form, as the file has them; several values are parted by commas."""
    design: Mapping[str, Any] = group.get("design", {})
    size: Mapping[str, Any] = design.get("size", {})
    by = [*design.get("by", []), "", ""]
    told = str(group.get("assesses", ""))
    response = size.get("response", design.get("response"))
    name = group.get("name", {})
    words = name if isinstance(name, Mapping) else {"vi": name}
    fields: dict[str, Any] = {
        "name_vi": words.get("vi", ""),
        "name_en": words.get("en", ""),
        "questionnaire": group.get("questionnaire", ""),
        "assesses": "kind" if told.startswith("kind:") else told,
        "kinds": told.removeprefix("kind:") if told.startswith("kind:") else "",
        "method": design.get("method", "census"),
        "by_1": by[0],
        "by_2": by[1],
        "sort": ",".join(design.get("sort", [])),
        "size": size.get("rule", "n"),
        "n": design.get("n", ""),
        "error": percent_text(size["e"]) if "e" in size else "",
        "each": "yes" if size.get("each") else "",
        "min": design.get("min", ""),
        "response": percent_text(response) if response is not None else "",
        "reserve": percent_text(design["reserve"]) if "reserve" in design else "",
        "margins": ",".join(group.get("margins", [])),
        "merge": ",".join(group.get("merge", [])),
        "too_few": group.get("too_few", "stop"),
        "max_units": group.get("max_units", 8),
        "unit_min": group.get("unit_min", 1),
        "mode": group.get("mode", "qr"),
    }
    target = group.get("target", {})
    fields |= {key: _vietnamese(target.get(key, "")) for key in _TARGET}
    return {key: str(value) for key, value in fields.items()}


def _vietnamese(words: Any) -> str:
    return str(words.get("vi", "")) if isinstance(words, Mapping) else str(words)


def change(group: dict[str, Any], fields: Mapping[str, str]) -> None:
    """Put the fields of a form into a group's table. Raises Faults, a ``column`` each, having changed nothing.

    Keys that no field shows stay as they are, as long as the way of drawing does.
    """
    typed = Typed(fields)
    new: dict[str, Any] = {
        "name": {"vi": typed.line("name_vi", required=True), "en": typed.line("name_en")},
        "questionnaire": typed.line("questionnaire", required=True),
        "assesses": _assesses(typed),
        "margins": typed.names("margins"),
        "merge": typed.names("merge"),
        "mode": typed.line("mode"),
        "too_few": typed.line("too_few"),
        "max_units": typed.whole("max_units", 1, 100),
        "unit_min": typed.whole("unit_min", 1, 100_000),
        "target": _target(typed, group.get("target", {})),
    }
    if not new["name"]["en"]:
        del new["name"]["en"]
    if "counter" not in group:
        new["design"] = _design(typed, group.get("design", {}))
    typed.check()
    usual = {"merge": [], "margins": [], "mode": "qr", "too_few": "stop", "max_units": 8, "unit_min": 1}
    for key, value in new.items():
        group.pop(key, None)
        if value not in (None, "", {}) and value != usual.get(key):
            group[key] = value


def _assesses(typed: Typed) -> str:
    chosen = typed.line("assesses", required=True)
    if chosen != "kind":
        return chosen
    kinds = typed.names("kinds")
    if not kinds:
        typed.fault("kinds", "choose at least one kind of unit")
    return "kind:" + ",".join(kinds)


def _target(typed: Typed, before: Mapping[str, Any]) -> dict[str, Any]:
    """What the report says of the group; an English text that was there stays beside."""
    found: dict[str, Any] = {}
    for key in _TARGET:
        words = typed.line(key, required=key != "gaps", longest=LONGEST_TEXT)
        english = before.get(key, {}).get("en") if isinstance(before.get(key), Mapping) else None
        if words:
            found[key] = {"vi": words, **({"en": english} if english else {})}
    return found


def _design(typed: Typed, before: Mapping[str, Any]) -> dict[str, Any]:
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
        made["sort"] = typed.names("sort")
        if not made["sort"]:
            typed.fault("sort", "choose the column in whose order the list is walked")
    if method != "census":
        made |= _size(typed, before.get("size", {}), by)
    return made


def _size(typed: Typed, before: Mapping[str, Any], by: Sequence[str]) -> dict[str, Any]:
    """How many are drawn: a number, or the error that is wished for."""
    found: dict[str, Any] = {}
    rule = typed.line("size") or "n"
    if rule == "n":
        found["n"] = typed.whole("n", 1, 10_000_000, required=True)
    else:
        more = {key: value for key, value in before.items() if key in ("p", "deff", "confidence") and rule == "cochran"}
        each = {"each": by[0]} if typed.fields.get("each") and by else {}
        found["size"] = {"rule": rule, "e": typed.percent("error", 0.1, 50, required=True), **more, **each}
    least, reserve = typed.whole("min", 0, 1_000_000), typed.percent("reserve", 0, 500)
    found |= {"min": least} if least else {}
    return found | ({"reserve": reserve} if reserve else {})
