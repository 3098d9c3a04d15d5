"""Who is drawn: strata, allocation and selection, pure and repeatable by hand.

Algorithm ``sha256-rank/1``. The list is a text: a heading and a line ``row_id,stratum,size,take`` a row, sorted, lines
ended by a line feed. Its SHA-256 is recorded before the public number is known. The effective seed is the SHA-256 (in
hexadecimal) of that hash, in hexadecimal, followed by the public number. What stands before the dash of a row id is a
person; a person with several rows keeps the one with the smallest SHA-256 of ``seed|unit|row_id``. In each stratum the
``take`` rows with the smallest SHA-256 of ``seed|row|row_id`` are drawn, or all of them when fewer are left.
No generator of random numbers is involved, so any language repeats a draw (docs/reference/draw.md).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from math import sqrt

from forms.faults import Faults
from survey.wave_spec import Allocation, Design, Method

ALGORITHM = "sha256-rank/1"
MERGED = "*"  # stands for the levels of a column that does not split here
Levels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of the person-free list: ``size`` is the number of units at which its person was found."""

    row_id: str
    stratum: str
    size: int = 1

    @property
    def person(self) -> str:
        """The salted person: rows of one person begin alike."""
        return self.row_id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Strata:
    """``of``: levels → stratum; ``take``: stratum → number to draw; ``population``: stratum → rows; ``notes``: said."""

    of: Mapping[Levels, str]
    take: Mapping[str, int]
    population: Mapping[str, int]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """``drawn``: selected row ids by rank within stratum; ``probability``: of every row of the list."""

    drawn: tuple[str, ...]
    probability: Mapping[str, float]
    eligible: Mapping[str, int]


def stratum_name(levels: Iterable[str]) -> str:
    """``so_tu_phap/online``; ``*`` stands for a column that does not split here, ``all`` for no column."""
    return "/".join(level.replace("/", "-") for level in levels) or "all"


def allocate(n: int, size: Mapping[str, int], lower: Mapping[str, int], upper: Mapping[str, int]) -> dict[str, int]:
    """Share ``n`` out in proportion to ``size`` within bounds; whole numbers that add up to ``n``.

    Exact arithmetic; remainders go to the largest fraction, ties to the first name. Bounds that bind are fixed, side
    by side with the greater excess first, and the rest is shared again. ``sum(lower) <= n <= sum(upper)`` is required.
    """
    if not sum(lower.values()) <= n <= sum(upper.values()):
        raise ValueError("the bounds leave no way to share out n")
    fixed: dict[str, int] = {}
    free = sorted(size)
    while free:
        left, whole = n - sum(fixed.values()), sum(size[name] for name in free)
        share = {name: Fraction(left * size[name], whole) for name in free}
        below = {name for name in free if share[name] < lower[name]}
        above = {name for name in free if share[name] > upper[name]}
        if not below and not above:
            return fixed | _largest_remainder(left, share)
        lack = sum(lower[name] - share[name] for name in below)
        excess = sum(share[name] - upper[name] for name in above)
        if lack >= excess:
            fixed |= {name: lower[name] for name in below}
        if excess >= lack:
            fixed |= {name: upper[name] for name in above}
        free = [name for name in free if name not in fixed]
    return fixed


def _largest_remainder(n: int, share: Mapping[str, Fraction]) -> dict[str, int]:
    whole = {name: part.numerator // part.denominator for name, part in share.items()}
    order = sorted(share, key=lambda name: (whole[name] - share[name], name))
    for name in order[: n - sum(whole.values())]:
        whole[name] += 1
    return whole


def stratify(design: Design, counts: Mapping[Levels, int]) -> Strata:
    """Strata and numbers to draw. ``counts``: rows of the list by their levels of ``design.by``.

    Raises Faults when the minimum of every level needs more than n, naming the smallest n that works.
    """
    population = sum(counts.values())
    if not population:
        raise Faults("the list is empty: there is nobody to draw")
    if design.method is Method.CENSUS:
        of = {levels: stratum_name(levels) for levels in counts}
        return _strata(of, {of[levels]: number for levels, number in counts.items()}, counts, ())
    wanted = design.n or 0
    n = min(wanted, population)
    notes = (f"only {population} in the list: all are taken instead of {wanted}",) if n < wanted else ()
    if design.method is Method.SIMPLE:
        return _strata(dict.fromkeys(counts, stratum_name(())), {stratum_name(()): n}, counts, notes)
    parts = _split(design, counts, n, 0)
    of = {levels: stratum_name(label) for levels, (label, _) in parts.items()}
    take = {stratum_name(label): number for label, number in parts.values()}
    return _strata(of, take, counts, (*notes, *_short(design, counts)))


def _strata(of: Mapping[Levels, str], take: Mapping[str, int], counts: Mapping[Levels, int],
            notes: tuple[str, ...]) -> Strata:  # fmt: skip
    population: Counter[str] = Counter()
    for levels, number in counts.items():
        population[of[levels]] += number
    return Strata(of, take, population, notes)


def _short(design: Design, counts: Mapping[Levels, int]) -> tuple[str, ...]:
    outer = _by_level(counts, 0)
    return tuple(
        f"{design.by[0]} {level} has only {sum(inner.values())}, fewer than {design.minimum}: all are taken"
        for level, inner in sorted(outer.items())
        if sum(inner.values()) < design.minimum
    )


def _by_level(counts: Mapping[Levels, int], column: int) -> dict[str, dict[Levels, int]]:
    outer: dict[str, dict[Levels, int]] = defaultdict(dict)
    for levels, number in counts.items():
        outer[levels[column]][levels] = number
    return outer


def _split(design: Design, counts: Mapping[Levels, int], n: int, column: int) -> dict[Levels, tuple[Levels, int]]:
    """Levels → (label from ``column`` on, number to draw in the stratum of that label)."""
    if column == len(design.by):
        return {levels: ((), n) for levels in counts}
    outer = _by_level(counts, column)
    sizes = {level: sum(inner.values()) for level, inner in outer.items()}
    least = design.minimum if column == 0 else design.hold
    holds = column == 0 or len(sizes) == 1 or (n >= least * len(sizes) and min(sizes.values()) >= least)
    if not holds:
        return {levels: ((MERGED,) * (len(design.by) - column), n) for levels in counts}
    lower = {level: min(least, size, n if len(sizes) == 1 else size) for level, size in sizes.items()}
    if sum(lower.values()) > n:
        raise Faults(
            f"{len(sizes)} levels of “{design.by[0]}” with at least {least} each (or all there are) "
            f"need n = {sum(lower.values())} or more, not {n}"
        )
    weight = sizes if design.allocation is Allocation.PROPORTIONAL else dict.fromkeys(sizes, 1)
    share = allocate(n, weight, lower, sizes)
    found: dict[Levels, tuple[Levels, int]] = {}
    for level, inner in outer.items():
        for levels, (label, number) in _split(design, inner, share[level], column + 1).items():
            found[levels] = ((level, *label), number)
    return found


def list_text(rows: Iterable[ListRow], take: Mapping[str, int]) -> str:
    """The person-free list as published and hashed."""
    lines = sorted(f"{row.row_id},{row.stratum},{row.size},{take[row.stratum]}" for row in rows)
    return "\n".join(["row_id,stratum,size,take", *lines, ""])


def effective_seed(list_hash: str, public_number: str) -> str:
    """SHA-256 of the list's hash followed by the public number, in hexadecimal."""
    return sha256(f"{list_hash}{public_number}".encode()).hexdigest()


def rank(seed: str, purpose: str, name: str) -> str:
    """The place of ``name`` in the draw for ``purpose``: smaller goes first."""
    return sha256(f"{seed}|{purpose}|{name}".encode()).hexdigest()


def select(rows: Sequence[ListRow], take: Mapping[str, int], seed: str) -> Selection:
    """Draw. A person found at several units stays in the list of one of them, each with the same chance.

    The probability of a row is 1/size (its unit was the one) times take/left in its stratum, given who was left.
    """
    kept: dict[str, ListRow] = {}
    for row in rows:
        other = kept.get(row.person)
        if other is None or rank(seed, "unit", row.row_id) < rank(seed, "unit", other.row_id):
            kept[row.person] = row
    strata: dict[str, list[ListRow]] = defaultdict(list)
    for row in kept.values():
        strata[row.stratum].append(row)
    drawn: list[str] = []
    for stratum in sorted(strata):
        ranked = sorted(strata[stratum], key=lambda row: rank(seed, "row", row.row_id))
        drawn += [row.row_id for row in ranked[: take[stratum]]]
    eligible = {stratum: len(members) for stratum, members in strata.items()}
    fraction = {stratum: min(1.0, take[stratum] / left) for stratum, left in eligible.items()}
    return Selection(tuple(drawn), {row.row_id: fraction.get(row.stratum, 0.0) / row.size for row in rows}, eligible)


def margin_of_error(returns: float, population: int | None = None) -> float | None:
    """Half the width of the 95 % interval of a share of one half, for ``returns`` of ``population`` answers.

    Cochran (1977), Sampling Techniques, 3rd ed., §3.3 with p = ½; without ``population``, no correction for it.
    """
    if returns <= 0:
        return None
    left = 1.0 if population is None else max(0.0, 1 - returns / population)
    return 1.96 * sqrt(0.25 / returns * left)
