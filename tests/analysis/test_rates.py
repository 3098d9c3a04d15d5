"""Outcome rates: AAPOR's formulas on a case worked by hand, bases, bounds and nulls."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.rates import CATEGORY, by_day, rates
from forms.faults import Faults

COUNTS = {
    "complete": 50, "partial": 10, "refused": 5, "broke_off": 3, "started": 2, "issued": 12, "delivered": 4,
    "no_contact": 3, "undeliverable": 1, "other": 2, "damaged": 2, "late": 4, "revoked": 2, "screened_out": 6,
    "ineligible": 4,
}  # fmt: skip
I, P, R, NC, O, NE = 50, 10, 10, 20, 10, 10  # noqa: E741
WHOLE = I + P + R + NC + O


def test_a_list_that_is_eligible_throughout() -> None:
    found = rates(COUNTS)
    assert found.categories == {"I": I, "P": P, "R": R, "NC": NC, "O": O, "UH+UO": 0, "NE": NE}
    assert found.e == WHOLE / (WHOLE + NE)
    expected = {
        "RR1": (I, WHOLE), "RR2": (I + P, WHOLE), "RR3": (I, WHOLE), "RR4": (I + P, WHOLE), "RR5": (I, WHOLE),
        "RR6": (I + P, WHOLE), "COOP1": (I, 80), "COOP2": (60, 80), "COOP3": (I, 70), "COOP4": (60, 70),
        "REF1": (R, WHOLE), "REF2": (R, WHOLE), "REF3": (R, WHOLE), "CON1": (80, WHOLE), "CON2": (80, WHOLE),
        "CON3": (80, WHOLE), "RETURN": (50 + 10 + 3 + 6 + 2 + 4, 110), "VALID": (60, 75),
    }  # fmt: skip
    assert {rate.name: (rate.numerator, rate.denominator) for rate in found.rates} == expected
    assert found.rate("RR1").value == 0.5
    assert (found.issued, found.returned, found.valid) == (110, 75, 60)


def test_a_list_that_does_not_say_who_is_eligible() -> None:
    found = rates(COUNTS, unknown=True)
    known = I + P + R + O
    e = known / (known + NE)
    assert found.categories["UH+UO"] == NC and found.categories["NC"] == 0 and found.e == e
    assert found.rate("RR1").denominator == known + NC
    assert found.rate("RR3").denominator == pytest.approx(known + e * NC)
    assert found.rate("RR5").denominator == known
    assert found.rate("REF2").denominator == pytest.approx(known + e * NC)
    assert found.rate("CON2").denominator == pytest.approx(known + e * NC)
    assert rates(COUNTS, unknown=True, e=0.5).rate("RR4").denominator == known + 10


def test_definitions_say_what_was_divided() -> None:
    found = rates(COUNTS)
    assert found.rate("RR3").definition == "(I) / ((I+P+R+NC+O) + e(UH+UO))"
    assert found.rate("CON1").definition == "(I+P+R+O) / ((I+P+R+O+NC) + (UH+UO))"
    assert found.rate("COOP4").definition == "(I+P) / ((I+P+R))"
    assert "hợp lệ (complete) ÷ thu về" in rates(COUNTS, valid=["complete"]).rate("VALID").definition
    assert rates(COUNTS, valid=["complete"]).valid == 50


def test_nothing_gives_nulls() -> None:
    found = rates({})
    assert found.e is None
    assert all(rate.value is None for rate in found.rates)
    assert rates({"screened_out": 3}).rate("RR1").document() == {"value": None, "numerator": 0, "denominator": 0}


def test_a_state_that_is_none_is_refused() -> None:
    with pytest.raises(Faults, match="“lost” is no state"):
        rates({"lost": 1})


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(CATEGORY)), st.integers(0, 1000)), st.booleans())
def test_rates_are_shares_and_hang_together(counts: dict[str, int], unknown: bool) -> None:
    found = rates(counts, unknown=unknown)
    for rate in found.rates:
        assert rate.value is None or 0 <= rate.value <= 1
    value = {rate.name: rate.value or 0 for rate in found.rates}
    assert value["RR1"] <= value["RR2"] <= value["RR4"] <= value["RR6"]
    assert value["RR1"] <= value["RR3"] <= value["RR5"]
    assert value["COOP1"] <= value["COOP3"] and value["REF1"] <= value["REF3"]
    assert sum(found.categories.values()) == found.issued


def test_by_day_only_what_came_back_has_a_date() -> None:
    found = by_day({"answered": 4, "late": 1, "refused": 2, "started": 9, "issued": 20}, 20)
    assert (found.issued, found.returned, found.valid) == (20, 5, None)
    assert found.rate("RETURN").value == 5 / 20
    assert [rate.name for rate in found.rates] == ["RETURN"], "what an answer was has no day"
