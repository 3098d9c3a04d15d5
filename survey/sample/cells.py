"""Cells of at least k: everything about a respondent that a response may carry is shared by k invitations, pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

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
    alive = _Alive(counts, group.merge)
    waiting = [(size, traits) for traits, size in counts.items() if size < k]
    heapify(waiting)
    hopeless: dict[Traits, int] = {}
    while waiting:
        size, smallest = heappop(waiting)
        if alive.sizes.get(smallest) != size:  # joined meanwhile
            continue
        joined = alive.neighbours(smallest, k)
        if not joined:
            hopeless[smallest] = size
            continue
        told = [name for name in group.merge if len({traits.get(name) for traits in joined}) > 1]
        common = smallest.merged(told)
        if alive.join(joined, common) < k:
            heappush(waiting, (alive.sizes[common], common))
    if hopeless and group.too_few is TooFew.STOP:
        raise Faults(_too_small(traits, size, group, k) for traits, size in sorted(hopeless.items()))
    into = {drawn: carried for carried, members in alive.members.items() for drawn in members}
    return Merging({drawn: into[drawn] for drawn in counts if into[drawn] not in hopeless}, hopeless)


def _too_small(traits: Traits, size: int, group: Group, k: int) -> Fault:
    return Fault(
        f"group {group.id}: the cell “{traits}” holds {size} invitations, fewer than {k}; draw more, declare another "
        f'`merge`, or leave such cells out with too_few = "leave_out"'
    )


class _Alive:
    """The cells there are, found by what they share once the first names of the order are no longer told."""

    def __init__(self, counts: Mapping[Traits, int], order: Sequence[str]) -> None:
        self.order = order
        self.sizes: dict[Traits, int] = {}
        self.members: dict[Traits, list[Traits]] = {}
        self._alike: dict[Traits, list[Traits]] = {}
        self._near: list[dict[Traits, set[Traits]]] = [defaultdict(set) for _ in order]
        for traits, size in counts.items():
            self._add(traits, size, [traits])

    def neighbours(self, cell: Traits, k: int) -> list[Traits]:
        """The cell and those to join it with; empty when nothing reaches k."""
        own = self.sizes[cell]
        for depth, alike in enumerate(self._alike[cell]):
            near = self._near[depth][alike] - {cell}
            if own + sum(self.sizes[traits] for traits in near) < k:
                continue
            joined, total = [cell], own
            for traits in sorted(near, key=lambda traits: (self.sizes[traits], traits)):
                if total >= k and self.sizes[traits] >= k:
                    break
                joined.append(traits)
                total += self.sizes[traits]
            return joined
        return []

    def join(self, joined: Iterable[Traits], common: Traits) -> int:
        """Make one cell of several; return how many it holds."""
        total, members = 0, []
        for traits in joined:
            total += self.sizes.pop(traits)
            members += self.members.pop(traits)
            for depth, alike in enumerate(self._alike[traits]):
                self._near[depth][alike].discard(traits)
        self._add(common, total, members)
        return self.sizes[common]

    def _add(self, traits: Traits, size: int, members: list[Traits]) -> None:
        self.sizes[traits] = self.sizes.get(traits, 0) + size
        self.members.setdefault(traits, []).extend(members)
        if traits not in self._alike:
            found, alike = [], traits
            for name in self.order:
                alike = alike.merged([name])
                found.append(alike)
            self._alike[traits] = found
        for depth, alike in enumerate(self._alike[traits]):
            self._near[depth][alike].add(traits)


def population(counts: Mapping[Traits, int], merging: Merging) -> Counter[Traits]:
    """Population by the traits that are carried; where nobody like them was drawn, by the nearest that were.

    ``counts``: rows of the list by their own traits. Units and multiplicity do not tell cells of a population apart.
    """
    nearest = {plain(drawn): carried for drawn, carried in merging.into.items()}
    hiding = _Hiding(merging.into.values())
    totals: Counter[Traits] = Counter()
    for traits, number in counts.items():
        carried = merging.into.get(traits) or nearest.get(plain(traits)) or hiding.of(traits) or traits
        totals[plain(carried)] += number
    return totals


def plain(traits: Traits) -> Traits:
    """Without what tells no cells of a population apart."""
    return replace(traits, multiplicity="", units=())


class _Hiding:
    """Finds the first carried cell that tells nothing against some traits: equal, or merged, in everything."""

    def __init__(self, carried: Iterable[Traits]) -> None:
        # By which levels are merged, since all cells that merged the same ones are found by the others at once.
        self._by_mask: dict[tuple[bool, ...], dict[tuple[str, ...], tuple[int, Traits]]] = defaultdict(dict)
        for place, traits in enumerate(dict.fromkeys(carried)):
            levels = _levels(traits)
            mask = tuple(level == MERGED for level in levels)
            self._by_mask[mask].setdefault(levels, (place, traits))

    def of(self, traits: Traits) -> Traits | None:
        """The cell; None when every one tells something else."""
        levels = _levels(traits)
        found = []
        for mask, cells in self._by_mask.items():
            hidden = tuple(MERGED if merged else level for merged, level in zip(mask, levels, strict=True))
            if hidden in cells:
                found.append(cells[hidden])
        return min(found)[1] if found else None


def _levels(traits: Traits) -> tuple[str, ...]:
    return tuple(level for part in (traits.strata, traits.classes, traits.margins) for _, level in part)


def runs(rows: Sequence[str], k: int) -> Iterator[Sequence[str]]:
    """Cut rows, in the order given, into as many runs of at least ``k`` as they hold, equally long."""
    number = max(1, len(rows) // k)
    for position in range(number):
        start, end = (len(rows) * each // number for each in (position, position + 1))
        yield rows[start:end]
