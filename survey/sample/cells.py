"""Cells of at least k: everything about a respondent that a response may carry is shared by k invitations, pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from forms.faults import Fault, Faults
from survey.plan.wave_file import MULTIPLICITY, STRATUM_PREFIX
from survey.plan.wave_spec import Group, TooFew
from survey.sample.sampling import MERGED, stratum_name


@dataclass(frozen=True, slots=True, order=True)
class Traits:
    """What a response of one person would tell. ``units``: those assessed, empty while blocks are not yet given.

    ``classes`` is empty where strata are the response classes.
    """

    strata: tuple[tuple[str, str], ...]
    classes: tuple[tuple[str, str], ...]
    margins: tuple[tuple[str, str], ...]
    multiplicity: str
    units: tuple[str, ...] = ()

    def get(self, name: str) -> str:
        """The level of what ``merge`` calls ``name``; '' where this group has none."""
        if name == MULTIPLICITY:
            return self.multiplicity
        if name.startswith(STRATUM_PREFIX):
            return dict(self.strata).get(name.removeprefix(STRATUM_PREFIX), "")
        return dict(self.margins).get(name) or dict(self.classes).get(name, "")

    def merged(self, names: Iterable[str]) -> Traits:
        """The same with these no longer told."""
        traits = self
        for name in names:
            column = name.removeprefix(STRATUM_PREFIX)
            if name == MULTIPLICITY:
                traits = replace(traits, multiplicity=MERGED)
            elif column != name:
                # A response class made of the strata's levels goes with them.
                traits = replace(traits, strata=_hidden(traits.strata, column), classes=_hidden(traits.classes, name))
            else:
                traits = replace(
                    traits, margins=_hidden(traits.margins, column), classes=_hidden(traits.classes, column)
                )
        return traits

    @property
    def stratum(self) -> str:
        """The stratum's name."""
        return stratum_name(level for _, level in self.strata)

    @property
    def wclass(self) -> str:
        """The response class's name; the stratum's where the group declares no classes."""
        return stratum_name(level for _, level in self.classes) if self.classes else self.stratum

    def __str__(self) -> str:
        told = [f"stratum {self.stratum}", *(f"{name} {level}" for name, level in self.margins)]
        if self.classes:
            told.insert(1, f"class {self.wclass}")
        if self.multiplicity not in ("1", MERGED):
            told.append(f"found at {self.multiplicity} units")
        if self.units:
            told.append("assesses " + (", ".join(self.units) if len(self.units) <= 3 else f"{len(self.units)} units"))
        return ", ".join(told)


def _hidden(levels: tuple[tuple[str, str], ...], column: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, MERGED if name == column else level) for name, level in levels)


@dataclass(frozen=True, slots=True)
class Merging:
    """``into``: traits as drawn → as carried; ``left_out``: traits that stay under k, with their number."""

    into: Mapping[Traits, Traits]
    left_out: Mapping[Traits, int]


def merge(counts: Mapping[Traits, int], group: Group, k: int) -> Merging:
    """Merge until every cell holds ``k``.

    The smallest cell under k is joined with its neighbours (cells that differ only in the first names of
    ``group.merge``, as few names as reach k): those under k first, then the smallest, until k is reached. What
    differs between them is no longer told. Raises Faults with every cell that no declared merge helps, unless the
    group leaves such cells out.
    """
    into = {traits: traits for traits in counts}
    sizes = Counter(counts)
    hopeless: dict[Traits, int] = {}
    while under := [traits for traits, size in sizes.items() if size < k and traits not in hopeless]:
        smallest = min(under, key=lambda traits: (sizes[traits], traits))
        joined = _neighbours(smallest, sizes, group.merge, k)
        if not joined:
            hopeless[smallest] = sizes[smallest]
            continue
        told = [name for name in group.merge if len({traits.get(name) for traits in joined}) > 1]
        common = smallest.merged(told)
        total = sum(sizes.pop(traits) for traits in joined)
        sizes[common] += total
        into = {drawn: common if carried in joined else carried for drawn, carried in into.items()}
    if hopeless and group.too_few is TooFew.STOP:
        raise Faults(_too_small(traits, size, group, k) for traits, size in sorted(hopeless.items()))
    return Merging({drawn: carried for drawn, carried in into.items() if carried not in hopeless}, hopeless)


def _too_small(traits: Traits, size: int, group: Group, k: int) -> Fault:
    return Fault(
        f"group {group.id}: the cell “{traits}” holds {size} invitations, fewer than {k}; draw more, declare another "
        f'`merge`, or leave such cells out with too_few = "leave_out"'
    )


def _neighbours(cell: Traits, sizes: Mapping[Traits, int], order: Sequence[str], k: int) -> list[Traits]:
    """The cell and those to join it with; empty when nothing reaches k."""
    for depth in range(1, len(order) + 1):
        names = order[:depth]
        alike = cell.merged(names)
        near = [traits for traits in sizes if traits != cell and traits.merged(names) == alike]
        if sizes[cell] + sum(sizes[traits] for traits in near) < k:
            continue
        joined, total = [cell], sizes[cell]
        for traits in sorted(near, key=lambda traits: (sizes[traits], traits)):
            if total >= k and sizes[traits] >= k:
                break
            joined.append(traits)
            total += sizes[traits]
        return joined
    return []


def population(counts: Mapping[Traits, int], merging: Merging) -> Counter[Traits]:
    """Population by the traits that are carried; where nobody like them was drawn, by the nearest that were.

    ``counts``: rows of the list by their own traits. Units and multiplicity do not tell cells of a population apart.
    """
    nearest = {plain(drawn): carried for drawn, carried in merging.into.items()}
    totals: Counter[Traits] = Counter()
    for traits, number in counts.items():
        carried = merging.into.get(traits) or nearest.get(plain(traits)) or _hiding(traits, merging) or traits
        totals[plain(carried)] += number
    return totals


def plain(traits: Traits) -> Traits:
    """Without what tells no cells of a population apart."""
    return replace(traits, multiplicity="", units=())


def _hiding(traits: Traits, merging: Merging) -> Traits | None:
    """A carried cell that tells nothing against these traits: equal, or merged, in everything."""
    for carried in merging.into.values():
        if all(_agree(getattr(traits, part), getattr(carried, part)) for part in ("strata", "classes", "margins")):
            return carried
    return None


def _agree(own: tuple[tuple[str, str], ...], carried: tuple[tuple[str, str], ...]) -> bool:
    return all(b[1] in (a[1], MERGED) for a, b in zip(own, carried, strict=True))


def runs(rows: Sequence[str], k: int) -> Iterator[Sequence[str]]:
    """Cut rows, in the order given, into as many runs of at least ``k`` as they hold, equally long."""
    number = max(1, len(rows) // k)
    for position in range(number):
        start, end = (len(rows) * each // number for each in (position, position + 1))
        yield rows[start:end]
