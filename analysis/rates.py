"""Dispositions → AAPOR outcome rates (Standard Definitions, 10th ed., 2023) and Vietnamese return rates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from forms.faults import Faults

CATEGORY = {
    "complete": "I",
    "partial": "P",
    "refused": "R",
    "broke_off": "R",
    "started": "R",
    "issued": "NC",
    "delivered": "NC",
    "no_contact": "NC",
    "undeliverable": "NC",
    "other": "O",
    "damaged": "O",
    "late": "O",
    "revoked": "O",
    "screened_out": "NE",
    "ineligible": "NE",
}
"""State of an invitation at the close → AAPOR category. A revoked one that was never reissued counts once, as other."""

STATES = tuple(CATEGORY)
RETURNED = ("complete", "partial", "broke_off", "screened_out", "damaged", "late")
"""Thu về: every form that came back, whatever was in it."""

ELIGIBLE = ("I", "P", "R", "NC", "O")
_SETS: Mapping[str, tuple[str, str, float | None]] = {
    # rate: numerator, denominator without unknowns, share of the unknowns in it (None: e)
    "RR1": ("I", "I P R NC O", 1.0),
    "RR2": ("I P", "I P R NC O", 1.0),
    "RR3": ("I", "I P R NC O", None),
    "RR4": ("I P", "I P R NC O", None),
    "RR5": ("I", "I P R NC O", 0.0),
    "RR6": ("I P", "I P R NC O", 0.0),
    "COOP1": ("I", "I P R O", 0.0),
    "COOP2": ("I P", "I P R O", 0.0),
    "COOP3": ("I", "I P R", 0.0),
    "COOP4": ("I P", "I P R", 0.0),
    "REF1": ("R", "I P R NC O", 1.0),
    "REF2": ("R", "I P R NC O", None),
    "REF3": ("R", "I P R NC O", 0.0),
    "CON1": ("I P R O", "I P R O NC", 1.0),
    "CON2": ("I P R O", "I P R O NC", None),
    "CON3": ("I P R O", "I P R O NC", 0.0),
}

LEGEND = {
    "I": "complete",
    "P": "partial",
    "R": "refused, broke off, or started and not submitted",
    "NC": "eligible by the list without reply, not contacted, undeliverable",
    "O": "other (dead, language), damaged, late, revoked and not reissued",
    "UH+UO": "as NC, where the list does not say who is eligible",
    "NE": "screened out, ineligible: in no denominator",
}


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate with its base; ``value`` is None when the denominator is 0."""

    name: str
    numerator: float
    denominator: float
    definition: str
    se: float | None = None

    @property
    def value(self) -> float | None:
        """numerator / denominator."""
        return self.numerator / self.denominator if self.denominator else None

    def document(self) -> dict[str, Any]:
        """For JSON; the definition is given once for all rows."""
        said = {"value": self.value, "numerator": self.numerator, "denominator": self.denominator}
        return said if self.se is None else said | {"se": self.se}


@dataclass(frozen=True, slots=True)
class Rates:
    """Every rate of one set of invitations. ``categories``: I, P, R, NC, O, UH+UO, NE; ``e`` None when undefined.

    ``valid`` is None where only the number of answers is known, not what they were.
    """

    categories: Mapping[str, float]
    e: float | None
    issued: float
    returned: float
    valid: float | None
    rates: tuple[Rate, ...]

    def rate(self, name: str) -> Rate:
        """The rate of that name; KeyError when there is none."""
        return {rate.name: rate for rate in self.rates}[name]


def rates(
    counts: Mapping[str, float],
    *,
    valid: Collection[str] = ("complete", "partial"),
    unknown: bool = False,
    e: float | None = None,
) -> Rates:
    """Every rate of METHOD §3 from counts (or base weights) by state.

    ``unknown``: the list does not say who is eligible, so no reply counts as UH or UO; ``e`` their eligible share,
    estimated as (I+P+R+NC+O)/(I+P+R+NC+O+NE) when not given. Raises Faults for an unknown state.
    """
    strange = sorted(set(counts) - set(CATEGORY))
    if strange:
        raise Faults(f"“{strange[0]}” is no state of an invitation")
    sums = dict.fromkeys((*ELIGIBLE, "UH+UO", "NE"), 0.0)
    for state, number in counts.items():
        sums[category_of(state, unknown)] += number
    known = sum(sums[name] for name in ELIGIBLE)
    if e is None and known + sums["NE"]:
        e = known / (known + sums["NE"])
    issued, returned = sum(counts.values()), _sum(counts, RETURNED)
    good = _sum(counts, valid)
    found = [_rate(name, sums, e or 0.0) for name in _SETS]
    found.append(_returned(returned, issued))
    found.append(Rate("VALID", good, returned, f"hợp lệ ({' + '.join(valid)}) ÷ thu về (tỷ lệ hợp lệ)"))
    return Rates(sums, e, issued, returned, good, tuple(found))


def category_of(state: str, unknown: bool) -> str:
    """The AAPOR category of a state; ``unknown`` as in ``rates``."""
    category = CATEGORY[state]
    return "UH+UO" if unknown and category == "NC" else category


Part = Callable[[str, bool], float]


def parts_of(rate: str, valid: Collection[str]) -> tuple[Part, Part]:
    """Whether a state counts in the numerator, and in the denominator (without e of the unknown): 0 or 1 each."""
    if rate == "RETURN":
        return (lambda state, _: float(state in RETURNED)), (lambda _, __: 1.0)
    if rate == "VALID":
        return (lambda state, _: float(state in valid)), (lambda state, _: float(state in RETURNED))
    above, below, share = _SETS[rate]
    there = below.split() + (["UH+UO"] if share == 1.0 else [])
    return (
        lambda state, unknown: float(category_of(state, unknown) in above.split()),
        lambda state, unknown: float(category_of(state, unknown) in there),
    )


def _sum(counts: Mapping[str, float], names: Iterable[str]) -> float:
    return sum(counts.get(name, 0) for name in names)


def _rate(name: str, sums: Mapping[str, float], e: float) -> Rate:
    above, below, share = _SETS[name]
    unknowns = {None: " + e(UH+UO)", 1.0: " + (UH+UO)", 0.0: ""}[share]
    definition = f"({above.replace(' ', '+')}) / (({below.replace(' ', '+')}){unknowns})"
    eligible = _sum(sums, below.split()) + (e if share is None else share) * sums["UH+UO"]
    return Rate(name, _sum(sums, above.split()), eligible, definition)


def by_day(counts: Mapping[str, float], issued: float) -> Rates:
    """The return rate up to a day, from the moves counted until then, and the number issued.

    Days are counted of answers, whatever was in them (``answered``), so that there are neither categories nor other
    rates; nor could a refusal be dated, which may still turn into a return.
    """
    returned = _sum(counts, ("answered", *RETURNED))
    return Rates({}, None, issued, returned, None, (_returned(returned, issued),))


def _returned(returned: float, issued: float) -> Rate:
    return Rate("RETURN", returned, issued, "thu về ÷ phát ra (tỷ lệ thu hồi)")
