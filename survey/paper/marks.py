"""What every printed page says about its own standing: who issued it, and what it is not yet."""

from __future__ import annotations

import unicodedata

from forms.questionnaire import Item
from survey.wave import RegisteredWave

NA_CODE = 9  # as survey offices print it


def marks(wave: RegisteredWave) -> tuple[str, ...]:
    """BẢN THỬ where no issuing body is named or the wave is a pilot; SỐ LIỆU MÔ PHỎNG where it is simulated."""
    spec = wave.spec
    return (
        *(["BẢN THỬ"] if spec.authority is None or wave.pilot else []),
        *(["SỐ LIỆU MÔ PHỎNG"] if spec.simulated else []),
    )


def issuer(wave: RegisteredWave) -> str:
    """The issuing body with its plan, or nothing."""
    told = wave.spec.authority
    return f"{told.name.of('vi')} · {plan(wave)}" if told else ""


def plan(wave: RegisteredWave) -> str:
    """The issuing body's plan with its day, or nothing."""
    told = wave.spec.authority
    if told is None:
        return ""
    name = unicodedata.normalize("NFC", told.plan.strip())
    named = name if name.casefold().startswith("kế hoạch") else f"Kế hoạch {name}"
    return f"{named} ngày {told.date:%d/%m/%Y}"


def na_code(item: Item) -> int:
    """What is printed and keyed for “don't know”: 9, or 99 where there are so many choices."""
    return NA_CODE if len(item.choices) < NA_CODE else 99
