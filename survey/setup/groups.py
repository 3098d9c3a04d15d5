"""A respondent group between its table in the file and the fields of a form: whom, what about, drawn how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey.setup import counter_shares, designs
from survey.setup.typed import LONGEST_TEXT, Typed

FIELDS = (
    "name_vi", "name_en", "questionnaire", "assesses", "kinds", *designs.FIELDS, *counter_shares.FIELDS, "margins",
    "merge", "too_few", "max_units", "unit_min", "mode", "population", "frame", "period", "gaps",
)  # fmt: skip
METHODS = (*designs.METHODS, counter_shares.METHOD)
MODES = ("qr", "email", "sms", "zalo", "paper", "interview", "phone")
DOSSIER_COLUMNS = ("unit", "channel", "level", "field", "overdue")
POST_COLUMNS = ("unit", "position")
_TARGET = ("population", "frame", "period", "gaps")
_OF_PART = {"name": "name_vi", "by": "by_1", "e": "error", "rule": "size"}
_LISTED_ONLY = ("design", "margins", "classes", "merge", "mode", "multiplicity_cap")  # of no group asked at counters


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
    own = [*design.get("by", []), *design.get("sort", []), design.get("psu", ""), *group.get("margins", [])]
    return tuple(name for name in dict.fromkeys((*usual, *own)) if name)


def shown(group: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a form, as the file has them; several values are parted by commas."""
    told = str(group.get("assesses", ""))
    name = group.get("name", {})
    words = name if isinstance(name, Mapping) else {"vi": name}
    fields: dict[str, Any] = {
        "name_vi": words.get("vi", ""),
        "name_en": words.get("en", ""),
        "questionnaire": group.get("questionnaire", ""),
        "assesses": "kind" if told.startswith("kind:") else told,
        "kinds": told.removeprefix("kind:") if told.startswith("kind:") else "",
        **designs.shown(group.get("design", {})),
        **counter_shares.shown(group.get("counter")),
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
    if fields.get("method") == counter_shares.METHOD:
        new |= dict.fromkeys(_LISTED_ONLY) | {"counter": counter_shares.changed(typed)}
        if new["assesses"] != "dossier":
            typed.fault("assesses", "a group asked at counters is asked about the office of the dossier")
    else:
        new |= {"design": designs.changed(typed, group.get("design", {})), "counter": None}
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
