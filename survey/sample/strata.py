"""From a design and a list's counts to strata and the numbers to draw in them. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from forms.faults import Fault, Faults
from survey.plan.wave_spec import Allocation, Design, Method
from survey.sample import allocation, sizes
from survey.sample.allocation import allocate
from survey.sample.sampling import MERGED, Levels, stratum_name

FEWEST_PSUS = 2  # of a stratum: one alone would leave its variance unknown


@dataclass(frozen=True, slots=True)
class Strata:
    """``of``: levels → stratum; ``take``: stratum → number to draw; ``population``: stratum → rows; ``notes``: said.

    ``reserve``: numbers drawn in addition, that wait. In two stages ``psus`` holds how many first-stage units a stratum
    gives, and ``take`` and ``reserve`` are of each of them.
    """

    of: Mapping[Levels, str]
    take: Mapping[str, int]
    population: Mapping[str, int]
    notes: tuple[str, ...] = ()
    reserve: Mapping[str, int] = field(default_factory=dict)
    psus: Mapping[str, int] = field(default_factory=dict)


def stratify(
    design: Design,
    counts: Mapping[Levels, int],
    values: Mapping[Levels, Sequence[float]] | None = None,
    psus: Mapping[Levels, Mapping[str, int]] | None = None,
) -> Strata:
    """Strata and numbers to draw. ``counts``: rows of the list by their levels of ``design.by``.

    ``values``: of the column whose spread Neyman's allocation takes, by levels; ``psus``: rows by first-stage unit, by
    levels. Raises Faults when bounds cannot be met, naming the smallest n that works.
    """
    population = sum(counts.values())
    if not population:
        raise Faults("the list is empty: there is nobody to draw")
    if design.method is Method.CENSUS:
        of = {levels: stratum_name(levels) for levels in counts}
        take: Counter[str] = Counter()
        for levels, number in counts.items():
            take[of[levels]] += number
        return _strata(of, take, counts, ())
    n, fixed, notes = _size(design, counts)
    if design.method is Method.TWO_STAGE:
        return _two_stage(design, counts, psus or {}, n, notes)
    if not design.by:
        made = _strata(dict.fromkeys(counts, stratum_name(())), {stratum_name(()): n}, counts, notes)
        return _with_reserve(design, made)
    split = _Split(design, counts, values or {}, fixed)
    parts = split.below(counts, n, 0)
    of = {levels: stratum_name(label) for levels, (label, _) in parts.items()}
    numbers = {stratum_name(label): number for label, number in parts.values()}
    return _with_reserve(design, _strata(of, numbers, counts, (*notes, *_short(design, counts))))


def _strata(of: Mapping[Levels, str], take: Mapping[str, int], counts: Mapping[Levels, int],
            notes: tuple[str, ...]) -> Strata:  # fmt: skip
    population: Counter[str] = Counter()
    for levels, number in counts.items():
        population[of[levels]] += number
    return Strata(of, take, population, notes)


def _with_reserve(design: Design, made: Strata) -> Strata:
    """A share of each stratum's sample more, as far as there is anybody."""
    if not design.reserve:
        return made
    share = Fraction(repr(design.reserve))
    reserve = {name: min(ceil(share * n), made.population[name] - n) for name, n in made.take.items()}
    return Strata(made.of, made.take, made.population, made.notes, reserve)


def _size(design: Design, counts: Mapping[Levels, int]) -> tuple[int, dict[str, int] | None, tuple[str, ...]]:
    """n, what each level of the first column must give where the rule is for each, and what is to be said of it."""
    population = sum(counts.values())
    rule = design.size
    if rule is None:
        wanted = design.n or 0
        short = f"only {population} in the list: all are taken instead of {wanted}"
        return min(wanted, population), None, (short,) if population < wanted else ()
    if not rule.each:
        n = sizes.invitations(rule, population, design.response)
        return n, None, _error_of_all(design, "the list", n, population)
    levels = {level: sum(inner.values()) for level, inner in _by_level(counts, 0).items()}
    fixed = {level: sizes.invitations(rule, size, design.response) for level, size in levels.items()}
    said = (_error_of_all(design, f"{design.by[0]} {level}", fixed[level], levels[level]) for level in sorted(levels))
    return sum(fixed.values()), fixed, tuple(note for notes in said for note in notes)


def _error_of_all(design: Design, what: str, n: int, population: int) -> tuple[str, ...]:
    """Where even everybody would not return enough: a census, and the error that it really leaves."""
    rule = design.size
    if rule is None or n < population:
        return ()
    margin = sizes.margin_of_error(n * design.response, population, deff=rule.deff, confidence=rule.confidence) or 0.0
    return (
        f"{what} has {population}: all are taken, and with {design.response:.0%} answering the error is "
        f"±{100 * margin:.1f}% where ±{100 * rule.e:.1f}% was asked for",
    )


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


@dataclass(frozen=True, slots=True)
class _Split:
    """Splits n column by column, the first outermost."""

    design: Design
    counts: Mapping[Levels, int]
    values: Mapping[Levels, Sequence[float]]
    fixed: Mapping[str, int] | None

    def below(self, counts: Mapping[Levels, int], n: int, column: int) -> dict[Levels, tuple[Levels, int]]:
        """Levels → (label from ``column`` on, number to draw in the stratum of that label)."""
        design = self.design
        if column == len(design.by):
            return {levels: ((), n) for levels in counts}
        outer = _by_level(counts, column)
        size = {level: sum(inner.values()) for level, inner in outer.items()}
        least = design.minimum if column == 0 else design.hold
        holds = column == 0 or len(size) == 1 or (n >= least * len(size) and min(size.values()) >= least)
        if not holds:
            return {levels: ((MERGED,) * (len(design.by) - column), n) for levels in counts}
        share = self._share(n, size, outer, column)
        found: dict[Levels, tuple[Levels, int]] = {}
        for level, inner in outer.items():
            for levels, (label, number) in self.below(inner, share[level], column + 1).items():
                found[levels] = ((level, *label), number)
        return found

    def _share(
        self, n: int, size: Mapping[str, int], outer: Mapping[str, Mapping[Levels, int]], column: int
    ) -> Mapping[str, int]:
        design = self.design
        if column == 0 and self.fixed is not None:
            return self.fixed
        least = design.minimum if column == 0 else design.hold
        lower = {level: min(least, number, n if len(size) == 1 else number) for level, number in size.items()}
        upper = dict(size)
        if column == 0:
            upper = {level: min(number, design.maximum or number) for level, number in size.items()}
            _possible(design, n, lower, upper)
        spread = {level: [value for each in inner for value in self.values.get(each, ())]
                  for level, inner in outer.items()}  # fmt: skip
        if column == 0:
            _declared(design, size)
        weight = allocation.weights(design, size, spread, outer=column == 0)
        return allocate(n, weight, lower, upper)


def _possible(design: Design, n: int, lower: Mapping[str, int], upper: Mapping[str, int]) -> None:
    """Whether the bounds of the first column leave a way to share out n. Raises Faults with the n that would do."""
    if sum(lower.values()) > n:
        raise Faults(
            f"{len(lower)} levels of “{design.by[0]}” with at least {design.minimum} each (or all there are) "
            f"need n = {sum(lower.values())} or more, not {n}"
        )
    if sum(upper.values()) < n:
        raise Faults(
            f"{len(upper)} levels of “{design.by[0]}” with at most {design.maximum} each (or all there are) "
            f"give n = {sum(upper.values())} or fewer, not {n}"
        )


def _declared(design: Design, size: Iterable[str]) -> None:
    """Neyman's table must name every level, and no other. Raises Faults."""
    if design.allocation is not Allocation.NEYMAN or design.deviation is not None:
        return
    declared, there = {level for level, _ in design.deviations}, set(size)
    faults = [Fault(f"“deviation” says nothing of {design.by[0]} {level}") for level in sorted(there - declared)]
    faults += [
        Fault(f"“deviation” names {design.by[0]} {level}, which is not in the list")
        for level in sorted(declared - there)
    ]
    if faults:
        raise Faults(faults)


def _two_stage(
    design: Design, counts: Mapping[Levels, int], psus: Mapping[Levels, Mapping[str, int]], n: int,
    notes: tuple[str, ...],
) -> Strata:  # fmt: skip
    """How many first-stage units each stratum gives, in proportion to its rows, and how many people each of them."""
    of = {levels: stratum_name(levels) for levels in counts}
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for levels, numbers in psus.items():
        held[of[levels]].update(numbers)
    _in_one_stratum(design, held)
    there = {stratum: len(units) for stratum, units in held.items()}
    lower = {stratum: min(FEWEST_PSUS, number) for stratum, number in there.items()}
    wanted = design.psus or 0
    if sum(lower.values()) > wanted:
        raise Faults(f"{len(there)} strata with at least {FEWEST_PSUS} of “{design.psu}” each need "
                     f"psus = {sum(lower.values())} or more, not {wanted}")  # fmt: skip
    drawn = min(wanted, sum(there.values()))
    if drawn < wanted:
        notes = (*notes, f"only {drawn} of “{design.psu}” in the list: all are taken instead of {wanted}")
    people = {stratum: sum(units.values()) for stratum, units in held.items()}
    each = -(-n // drawn)
    if each * drawn > n:
        notes = (*notes, f"n = {n} is rounded up to {each} in each of {drawn} of “{design.psu}”")
    small = sum(size < each for units in held.values() for size in units.values())
    if small:
        notes = (*notes, f"{small} of “{design.psu}” have fewer than {each} in the list: where drawn, all are taken")
    share = allocate(drawn, people, lower, there)
    reserve = ceil(Fraction(repr(design.reserve)) * each)
    return Strata(
        of, dict.fromkeys(there, each), people, notes,
        dict.fromkeys(there, reserve) if reserve else {}, share,
    )  # fmt: skip


def _in_one_stratum(design: Design, held: Mapping[str, Mapping[str, int]]) -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for stratum, units in held.items():
        for name in units:
            homes[name].append(stratum)
    faults = [
        Fault(f"“{design.psu}” {name} lies in several strata ({', '.join(sorted(strata))}): it is drawn as a whole")
        for name, strata in sorted(homes.items())
        if len(strata) > 1
    ]
    if faults:
        raise Faults(faults)
