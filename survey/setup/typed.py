"""What a person types into a field, and what it means: days, numbers, shares; every fault with the field's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from forms.faults import Fault, Faults
from survey.frames.cell_values import plain

_DAY = re.compile(r"(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}))")
LONGEST = 400  # letters of a line
LONGEST_TEXT = 4_000


class Typed:
    """The fields of one form; what is wrong is remembered, and a harmless value returned."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = fields
        self.faults: list[Fault] = []

    def fault(self, field: str, message: str) -> None:
        """Remember a fault."""
        self.faults.append(Fault(message, column=field))

    def check(self) -> None:
        """Raise Faults when there were any."""
        if self.faults:
            raise Faults(self.faults)

    def line(self, field: str, *, required: bool = False, longest: int = LONGEST) -> str:
        """One line of text, spaces tidied."""
        text = plain(self.fields.get(field, ""))
        if required and not text:
            self.fault(field, "is not filled in")
        if len(text) > longest:
            self.fault(field, f"is longer than {longest} letters")
        return text

    def day(self, field: str, *, required: bool = False) -> date | None:
        """A day, as a browser sends it or as people write it."""
        text = self.line(field, required=required)
        if not text:
            return None
        match = _DAY.fullmatch(text)
        try:
            if match is None:
                raise ValueError
            year, month, day, day_first, month_second, year_last = (int(part or 0) for part in match.groups())
            found = date(year or year_last, month or month_second, day or day_first)
        except ValueError:
            self.fault(field, f"“{text}” is no day such as 31/12/2026")
            return None
        if not 2000 <= found.year <= 2100:
            self.fault(field, f"“{text}” is no day such as 31/12/2026")
            return None
        return found

    def whole(self, field: str, low: int, high: int, *, required: bool = False) -> int | None:
        """A whole number; points and spaces between thousands are read over."""
        text = self.line(field, required=required)
        if not text:
            return None
        digits = re.sub(r"[ .](?=\d{3}\b)", "", text)
        if not (digits.isascii() and digits.isdecimal()) or len(digits) > 9 or not low <= int(digits) <= high:
            self.fault(field, f"“{text}” is no whole number from {low} to {high}")
            return None
        return int(digits)

    def percent(self, field: str, low: float, high: float, *, required: bool = False) -> float | None:
        """A share typed in per cent: 70, 70% or 2,5 are 0.7 and 0.025."""
        text = self.line(field, required=required)
        if not text:
            return None
        number = text.rstrip("%").strip().replace(",", ".")
        found = float(number) if re.fullmatch(r"\d{1,3}(\.\d{1,4})?", number) else -1.0
        if not low <= found <= high:
            self.fault(field, f"“{text}” is no percentage from {low:g} to {high:g}")
            return None
        return round(found / 100, 6)

    def number(self, field: str, low: float, high: float) -> float | None:
        """A number with a decimal comma or point."""
        text = self.line(field)
        if not text:
            return None
        plainly = text.replace(",", ".")
        found = float(plainly) if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", plainly) else -1.0
        if not low <= found <= high:
            self.fault(field, f"“{text}” is no number from {low:g} to {high:g}")
            return None
        return found

    def names(self, field: str) -> list[str]:
        """Several values, parted by commas."""
        return [name for part in self.fields.get(field, "").split(",") if (name := part.strip())]


def percent_text(share: float) -> str:
    """0.025 as 2,5."""
    return f"{100 * share:.4f}".rstrip("0").rstrip(".").replace(".", ",")


def number_text(value: float) -> str:
    """0.25 as 0,25."""
    return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")
