"""The counter draw by itself: word by word what the method says, and what follows from it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.counter import selection as counter
from survey.counter.selection import Conduct, CounterPlan, Override, Period, Shares

KEY = bytes(range(32))


def test_the_draw_is_what_the_method_says_word_by_word():
    secret, public = b"\x07" * 32, "074213"
    key = hashlib.sha256(secret + public.encode()).digest()
    assert counter.draw_key(secret, public) == key
    below = 0
    for n in range(500):
        number = f"H{n}"
        first = int.from_bytes(hmac.new(key, f"danso_a{number}".encode(), "sha256").digest()[:8], "big")
        assert counter.selected(key, "dan", "so_a", number, 0.1) is (first < 2**64 // 10)
        below += first < 2**64 // 10
    assert 30 < below < 75


def test_the_threshold_is_that_of_the_decimal_in_the_plan():
    assert counter.threshold(0.1) == 2**64 // 10 != int(0.1 * 2**64)
    assert counter.threshold(1.0) == 2**64
    assert counter.threshold(1e-19) == 1
    for wrong in (0.0, -0.1, 1.01):
        with pytest.raises(ValueError, match="no share"):
            counter.threshold(wrong)


@given(st.floats(1e-6, 1.0, allow_subnormal=False))
def test_the_threshold_is_the_whole_part_of_the_share(p: float):
    assert 0 <= Fraction(repr(p)) * 2**64 - counter.threshold(p) < 1


@given(st.text(min_size=1, max_size=12), st.floats(0.01, 0.99))
def test_a_larger_share_selects_whom_a_smaller_one_selects(number: str, p: float):
    if counter.selected(KEY, "dan", "so_a", number, p):
        assert counter.selected(KEY, "dan", "so_a", number, min(1.0, p * 1.01))
    assert counter.selected(KEY, "dan", "so_a", number, 1.0)


def test_the_share_selected_is_p():
    for p in (0.05, 0.3, 0.9):
        share = sum(counter.selected(KEY, "dan", "so_a", f"{n}", p) for n in range(20_000)) / 20_000
        assert abs(share - p) < 4 * (p * (1 - p) / 20_000) ** 0.5


def test_typed_and_scanned_numbers_are_one():
    assert counter.dossier_number(" h12.34 -\u00a0ab\n") == counter.dossier_number("H12.34-AB") == "H12.34-AB"


def test_the_last_override_that_fits_wins():
    shares = Shares(0.1, (Override("", "dau", 0.2), Override("so_a", "", 0.3), Override("so_a", "dau", 0.4)))
    assert [shares.of(*pair) for pair in (("so_b", "cuoi"), ("so_b", "dau"), ("so_a", "cuoi"), ("so_a", "dau"))] == [
        0.1, 0.2, 0.3, 0.4,
    ]  # fmt: skip


def test_a_dossier_belongs_to_the_period_in_which_it_falls_due():
    one = Period("dau", date(2026, 3, 1), date(2026, 3, 15))
    plan = CounterPlan("xổ số", date(2026, 3, 2), (one,))
    assert plan.period_of(date(2026, 3, 1)) == plan.period_of(date(2026, 3, 15)) == one
    assert plan.period_of(date(2026, 3, 16)) is None


@pytest.mark.parametrize(
    ("asked", "early", "marks"),
    [(90, 5, ()), (89, 0, ("under 90% asked",)), (90, 6, ("over 5% irregular",)),
     (0, 0, ("under 90% asked",))],
)  # fmt: skip
def test_an_office_is_marked_below_90_percent_asked_and_above_5_percent_irregular(asked, early, marks):
    conduct = Conduct("dan", "so_a", 100, asked, 30, 27, early, 0, 0, 100 if asked else 0)
    assert conduct.marks == marks
    assert conduct.document()["marks"] == marks


def test_early_lapsed_and_repeated_questions_count_together():
    assert Conduct("dan", "so_a", 100, 100, 30, 27, 2, 2, 2, 100).irregular.value == 0.06
    nobody = Conduct("dan", "so_a", 0, 0, 0, 0, 0, 0, 0, 0)
    assert (nobody.marks, nobody.share_asked.value) == ((), None)
