"""Numbers on paper: decimal comma, thousands point, half away from zero."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import numbers


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0.125, 2, "0.13"),
        (-0.125, 2, "-0.13"),
        (2.675, 2, "2.68"),  # binary 2.67499999…: the decimal value is what was meant
        (1.005, 2, "1.01"),
        (0.1 + 0.2, 1, "0.3"),
        (75.365, 2, "75.37"),
        (-0.001, 2, "0.00"),
        (2.5, 0, "3"),
    ],
)
def test_rounding_is_half_away_from_zero_on_the_decimal_value(value: float, digits: int, expected: str) -> None:
    assert str(numbers.rounded(value, digits)) == expected


@given(st.integers(-(10**6), 10**6))
def test_every_exact_half_goes_away_from_zero(thousandths: int) -> None:
    half = (2 * thousandths + 1) * Decimal("0.005")
    assert abs(numbers.rounded(float(half), 2)) == abs(half) + Decimal("0.005")


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (1234.5, 2, "1.234,50"),
        (86000, 0, "86.000"),
        (-0.9, 1, "−0,9"),
        (-0.0004, 2, "0,00"),
        (None, 2, "—"),
        (float("nan"), 2, "—"),
        (float("inf"), 2, "—"),
        (1234567.891, 2, "1.234.567,89"),
    ],
)
def test_numbers_have_a_decimal_comma_and_a_thousands_point(value: float | None, digits: int, expected: str) -> None:
    assert numbers.number(value, digits) == expected


def test_a_percentage_has_no_space_before_its_sign() -> None:
    assert numbers.percent(0.525) == "52,5%"
    assert numbers.percent(1, 0) == "100%"
    assert numbers.percent(None) == "—"
    assert numbers.percent(float("nan")) == "—"


def test_a_change_shows_its_sign_unless_it_rounds_to_nothing() -> None:
    assert [numbers.signed(value) for value in (2.1, -0.9, 0.004, None)] == ["+2,10", "−0,90", "0,00", "—"]


def test_counts_ranks_and_hashes() -> None:
    assert numbers.count(1600) == "1.600"
    assert numbers.count(None) == "—"
    assert numbers.ranks(1, 3) == "1–3"
    assert numbers.ranks(4, 4) == "4"
    assert numbers.fold("9f2c" + "0" * 56 + "41ab") == "9f2c…41ab"
    assert numbers.fold("short") == "short"


def test_dates_are_written_as_decree_30_asks() -> None:
    assert numbers.day(datetime.date(2026, 6, 25)) == "25/6/2026"
    assert numbers.day(datetime.date(2026, 2, 5)) == "05/02/2026"
    assert numbers.day(datetime.date(2026, 12, 1)) == "01/12/2026"
