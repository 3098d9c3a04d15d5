"""Fields for whole numbers and days, whose faults are said in the language of the page."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, Form, IntegerField
from wtforms.validators import StopValidation

from survey.language import gettext as _


class WholeNumber(IntegerField):  # type: ignore[misc]  # WTForms publishes no types
    """A whole number from ``low`` to ``high``; ``empty``: whether it may be left out, which is None."""

    data: Any

    def __init__(self, *, low: int = 1, high: int = 100_000, empty: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self.low, self.high, self.empty = low, high, empty
        self.flags.required = not empty

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; what is no number is said by ``pre_validate``."""
        typed = "".join(valuelist).strip().replace(".", "").replace(" ", "")
        self.typed = bool(typed)
        self.data = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 16 else None

    def pre_validate(self, form: Form) -> None:
        """Raises StopValidation for no number, or one beyond the limits."""
        if self.data is None and (self.empty and not getattr(self, "typed", False)):
            return
        if self.data is None or not self.low <= self.data <= self.high:
            raise StopValidation(_("Xin nhập một số từ %(low)s đến %(high)s.", low=self.low, high=self.high))


class Day(DateField):  # type: ignore[misc]  # WTForms publishes no types
    """A day, as a browser's calendar or a person writes it; None where it is left out."""

    def __init__(self, **more: Any) -> None:
        super().__init__(format=["%Y-%m-%d", "%d/%m/%Y"], **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Raises ValueError for what is no day."""
        if "".join(valuelist).strip():
            try:
                super().process_formdata(valuelist)
            except ValueError:
                raise ValueError(_("Xin nhập ngày như 31/03/2026.")) from None
