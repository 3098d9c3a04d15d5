"""The first step: title and days, who issues it, what is counted; between the file's keys and the fields of a form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from survey.setup.typed import Typed

FIELDS = (
    "title_vi", "title_en", "opens", "closes", "timezone", "hotline", "authority_vi", "authority_en", "plan_number",
    "plan_date", "framework", "k", "purge_on", "paper",
)  # fmt: skip
USUAL_ZONE = "Asia/Ho_Chi_Minh"
_OF_PATH: Mapping[tuple[str | int, ...], str] = {
    ("title",): "title_vi", ("title", "vi"): "title_vi", ("title", "en"): "title_en", ("authority",): "authority_vi",
    ("authority", "name"): "authority_vi", ("authority", "plan"): "plan_number", ("authority", "date"): "plan_date",
}  # fmt: skip


def field_of(path: tuple[str | int, ...]) -> str:
    """The field where a key of the file is mended; '' where none is."""
    found = _OF_PATH.get(path, str(path[0]) if path else "")
    return found if found in FIELDS else ""


def shown(data: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a form, as the file has them."""
    authority = data.get("authority", {})
    return {
        "title_vi": _words(data.get("title"), "vi"),
        "title_en": _words(data.get("title"), "en"),
        "opens": _day(data.get("opens")),
        "closes": _day(data.get("closes")),
        "timezone": str(data.get("timezone", USUAL_ZONE)),
        "hotline": str(data.get("hotline", "")),
        "authority_vi": _words(authority.get("name"), "vi"),
        "authority_en": _words(authority.get("name"), "en"),
        "plan_number": str(authority.get("plan", "")),
        "plan_date": _day(authority.get("date")),
        "framework": str(data.get("framework", "")),
        "k": str(data.get("k", 5)),
        "purge_on": _day(data.get("purge_on")),
        "paper": "yes" if "paper" in data else "",
    }


def change(data: dict[str, Any], fields: Mapping[str, str]) -> None:
    """Put the fields of a form into the file. Raises Faults, a ``column`` each, having changed nothing."""
    typed = Typed(fields)
    opens, closes = typed.day("opens", required=True), typed.day("closes", required=True)
    if opens and closes and closes < opens:
        typed.fault("closes", "the last day is before the first")
    purge_on = typed.day("purge_on")
    if purge_on and closes and purge_on <= closes:
        typed.fault("purge_on", "contacts are needed until the wave is closed: choose a later day")
    zone = typed.line("timezone") or USUAL_ZONE
    if zone not in available_timezones():
        typed.fault("timezone", f"“{zone}” is not a known time zone; write for example Asia/Ho_Chi_Minh")
    new: dict[str, Any] = {
        "title": _text(typed, "title", required=True),
        "opens": opens,
        "closes": closes,
        "timezone": zone,
        "hotline": typed.line("hotline"),
        "authority": _authority(typed),
        "framework": typed.line("framework"),
        "k": typed.whole("k", 2, 100) or 5,
        "purge_on": purge_on,
        "paper": data.get("paper", {}) if fields.get("paper") else None,
    }
    typed.check()
    for key, value in new.items():
        data.pop(key, None)
        if value not in (None, ""):
            data[key] = value


def _authority(typed: Typed) -> dict[str, Any] | None:
    """All of it or nothing: without it paper says BẢN THỬ, which is fine until the plan has its number."""
    name, plan, day = typed.line("authority_vi"), typed.line("plan_number"), typed.day("plan_date")
    if not (name or plan or typed.fields.get("plan_date", "").strip()):
        return None
    for field, value in (("authority_vi", name), ("plan_number", plan), ("plan_date", day)):
        if not value and not any(fault.column == field for fault in typed.faults):
            typed.fault(field, "is needed where the other two are filled in; leave all three empty for a trial")
    return {"name": _text(typed, "authority"), "plan": plan, "date": day}


def _text(typed: Typed, field: str, *, required: bool = False) -> dict[str, str]:
    english = typed.line(f"{field}_en")
    words = {"vi": typed.line(f"{field}_vi", required=required)}
    return words | ({"en": english} if english else {})


def _words(value: Any, language: str) -> str:
    if isinstance(value, str):
        return value if language == "vi" else ""
    return str(value.get(language, "")) if isinstance(value, Mapping) else ""


def _day(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else ""
