"""Who is drawn: selection by SHA-256 alone, pure and repeatable by hand.

Algorithm ``sha256-rank/2``. The list is a text: a heading and a line a row, sorted, lines ended by a line feed. Its
SHA-256 is recorded before the public number is known. The effective seed is the SHA-256 (in hexadecimal) of that hash,
in hexadecimal, followed by the public number. What stands before the dash of a row id is a person; a person with
several rows keeps the one with the smallest SHA-256 of ``seed|unit|row_id``. What follows depends on the design:
docs/reference/draw.md tells it for whoever repeats a draw. No generator of random numbers is involved.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import accumulate

ALGORITHM = "sha256-rank/2"
MERGED = "*"  # stands for the levels of a column that does not split here
_START = 1 << 64  # a random start is one of so many equal parts of the interval
Levels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of the person-free list: ``size`` is the number of units at which its person was found.

    ``position``: its place in the order of a systematic sample; ``psu``: its first-stage unit in two stages.
    """

    row_id: str
    stratum: str
    size: int = 1
    position: int = 0
    psu: str = ""

    @property
    def person(self) -> str:
        """The salted person: rows of one person begin alike."""
        return self.row_id.partition("-")[0]

    @property
    def pool(self) -> str:
        """What the row is drawn from: its stratum, or its first-stage unit."""
        return f"{self.stratum}/{self.psu}" if self.psu else self.stratum


@dataclass(frozen=True, slots=True)
class How:
    """What a design adds to the numbers of each stratum.

    ``reserve``: drawn in addition, waiting; ``psus``: first-stage units to draw, by stratum, with ``pps`` in proportion
    to their rows; ``systematic``: by position with a random start; ``zone``: so many neighbours of a systematic sample
    make a pseudo-stratum; ``released``: of the reserve, by pool.
    """

    reserve: Mapping[str, int] = field(default_factory=dict)
    psus: Mapping[str, int] = field(default_factory=dict)
    pps: bool = False
    systematic: bool = False
    zone: int = 0
    released: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Psu:
    """A first-stage unit: its rows in the list, the probability with which it is drawn, and whether it was."""

    stratum: str
    name: str
    population: int
    probability: float
    drawn: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """``drawn``: selected row ids, in order within each pool; ``reserve``: those that wait, likewise, by pool.

    ``probability``: of every row of the list; ``zone``: of every row, where there are zones; ``psus``: all of them.
    """

    drawn: tuple[str, ...]
    probability: Mapping[str, float]
    reserve: Mapping[str, tuple[str, ...]]
    zone: Mapping[str, str]
    psus: tuple[Psu, ...]


def stratum_name(levels: Iterable[str]) -> str:
    """``so_tu_phap/online``; ``*`` stands for a column that does not split here, ``all`` for no column."""
    return "/".join(map(level_name, levels)) or "all"


def level_name(level: str) -> str:
    """A level as names of strata and the list's columns hold it: neither parts a name nor a line."""
    return level.replace("/", "-").replace(",", ";")


def list_text(rows: Iterable[ListRow], take: Mapping[str, int], how: How | None = None) -> str:
    """The person-free list as published and hashed: the columns that every design has, then those of this one."""
    how = how or How()
    heading = ["row_id", "stratum", "size", "take"]
    heading += ["reserve"] if how.reserve else []
    heading += ["position"] if how.systematic else []
    heading += ["psu", "psus"] if how.psus else []
    lines = []
    for row in rows:
        told: list[object] = [row.row_id, row.stratum, row.size, take[row.stratum]]
        told += [how.reserve[row.stratum]] if how.reserve else []
        told += [row.position] if how.systematic else []
        told += [row.psu, how.psus[row.stratum]] if how.psus else []
        lines.append(",".join(map(str, told)))
    return "\n".join([",".join(heading), *sorted(lines), ""])


def effective_seed(list_hash: str, public_number: str) -> str:
    """SHA-256 of the list's hash followed by the public number, in hexadecimal."""
    return sha256(f"{list_hash}{public_number}".encode()).hexdigest()


def rank(seed: str, purpose: str, name: str) -> str:
    """The place of ``name`` in the draw for ``purpose``: smaller goes first."""
    return sha256(f"{seed}|{purpose}|{name}".encode()).hexdigest()


def select(rows: Sequence[ListRow], take: Mapping[str, int], seed: str, how: How | None = None) -> Selection:
    """Draw. A person found at several units stays in the list of one of them, each with the same chance.

    The probability of a row is 1/size (its unit was the one) × the chance of its first-stage unit × take/left in its
    pool, given who was left.
    """
    how = how or How()
    left = _one_row_a_person(rows, seed)
    psus = _first_stage(rows, how, seed)
    chance = {f"{psu.stratum}/{psu.name}": psu.probability for psu in psus}
    out = {f"{psu.stratum}/{psu.name}" for psu in psus if not psu.drawn}
    pools: dict[str, list[ListRow]] = defaultdict(list)
    for row in left:
        pools[row.pool].append(row)
    drawn: list[str] = []
    waiting: dict[str, tuple[str, ...]] = {}
    fraction: dict[str, float] = {}
    for pool in sorted(pools):
        stratum = pools[pool][0].stratum
        number = min(take[stratum] + how.released.get(pool, 0), len(pools[pool]))
        fraction[pool] = chance.get(pool, 1.0) * number / len(pools[pool])
        if pool in out:
            continue
        both = min(take[stratum] + how.reserve.get(stratum, 0), len(pools[pool]))
        order = [row.row_id for row in _ordered(pools[pool], both, seed, how)]
        drawn += order[:number]
        waiting[pool] = tuple(order[number:])
    probability = {row.row_id: fraction.get(row.pool, 0.0) / row.size for row in rows}
    return Selection(tuple(drawn), probability, waiting, _zones(rows, left, take, seed, how) if how.zone else {}, psus)


def _one_row_a_person(rows: Iterable[ListRow], seed: str) -> list[ListRow]:
    kept: dict[str, ListRow] = {}
    for row in rows:
        other = kept.get(row.person)
        if other is None or rank(seed, "unit", row.row_id) < rank(seed, "unit", other.row_id):
            kept[row.person] = row
    return list(kept.values())


def _ordered(pool: Sequence[ListRow], number: int, seed: str, how: How) -> Sequence[ListRow]:
    """The ``number`` rows of a pool that are drawn or wait, those first that go first."""
    if how.systematic:
        walked = sorted(pool, key=lambda row: row.position)
        found = [walked[hit - 1] for hit in hits(number, len(pool), start(seed, pool[0].stratum))]
        if not how.reserve:
            return found
        return sorted(found, key=lambda row: rank(seed, "row", row.row_id))
    return sorted(pool, key=lambda row: rank(seed, "row", row.row_id))[:number]


def start(seed: str, name: str) -> int:
    """Where a systematic sample begins: 1 to 2⁶⁴, as parts of its interval."""
    return int(rank(seed, "start", name)[:16], 16) + 1


def hits(n: int, population: int, begin: int) -> list[int]:
    """The places 1 … N that a systematic sample of n falls upon: ⌈(j + begin/2⁶⁴) N/n⌉ for j = 0 … n−1.

    The interval N/n is fractional and the start lies in (0, N/n], so that each place has the chance n/N exactly
    (Särndal, Swensson and Wretman 1992, Model Assisted Survey Sampling, §3.4.2). Whole numbers throughout.
    """
    return [-(-(j * _START + begin) * population // (n * _START)) for j in range(n)]


def _first_stage(rows: Iterable[ListRow], how: How, seed: str) -> tuple[Psu, ...]:
    sizes: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows if how.psus else ():
        sizes[row.stratum][row.psu] += 1
    found: list[Psu] = []
    for stratum in sorted(sizes):
        number = how.psus[stratum]
        order = sorted(sizes[stratum], key=lambda name: rank(seed, "psu", f"{stratum}/{name}"))
        chance = chances(sizes[stratum], number, pps=how.pps)
        chosen = set(order[:number])
        if how.pps:
            sure = {name for name in order if chance[name] == 1.0}
            chosen = sure | _with_probability([name for name in order if name not in sure], sizes[stratum],
                                              number - len(sure), start(seed, f"psu|{stratum}"))  # fmt: skip
        found += [
            Psu(stratum, name, sizes[stratum][name], chance[name], name in chosen) for name in sorted(sizes[stratum])
        ]
    return tuple(found)


def chances(sizes: Mapping[str, int], number: int, *, pps: bool) -> dict[str, float]:
    """The probability of each first-stage unit. In proportion to size, those that would exceed 1 are taken for sure.

    The others then share what is left, until none exceeds 1.
    """
    if not pps:
        return dict.fromkeys(sizes, number / len(sizes))
    sure: set[str] = set()
    while True:
        rest = {name: size for name, size in sizes.items() if name not in sure}
        left, total = number - len(sure), sum(rest.values())
        more = {name for name, size in rest.items() if left * size >= total}
        if not more:
            return {name: 1.0 if name in sure else left * size / total for name, size in sizes.items()}
        sure |= more


def _with_probability(order: Sequence[str], sizes: Mapping[str, int], number: int, begin: int) -> set[str]:
    """Systematic with probability proportional to size, in a random order (Madow 1949; Hartley and Rao 1962)."""
    if not number:
        return set()
    ends = list(accumulate(sizes[name] for name in order))
    waiting = iter(hits(number, ends[-1], begin))
    hit = next(waiting, None)
    chosen = set()
    for name, end in zip(order, ends, strict=True):
        if hit is not None and hit <= end:
            chosen.add(name)
            hit = next(waiting, None)
    return chosen


def _zones(
    rows: Sequence[ListRow], left: Sequence[ListRow], take: Mapping[str, int], seed: str, how: How
) -> dict[str, str]:
    """Pseudo-strata: neighbours of the sample, and of all rows those that lie nearest to them."""
    found: dict[str, str] = {}
    pools: dict[str, list[ListRow]] = defaultdict(list)
    for row in left:
        pools[row.stratum].append(row)
    walks: dict[str, list[ListRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.position):
        walks[row.stratum].append(row)
    for stratum, walk in walks.items():
        remain = {row.row_id for row in pools[stratum]}
        population = len(remain)
        n = min(take[stratum], population)
        zones = max(1, n // how.zone)
        drawn = {hit: j for j, hit in enumerate(hits(n, population, start(seed, stratum)))} if n else {}
        place = 0
        for row in walk:
            place += row.row_id in remain
            interval = (2 * max(place, 1) - 1) * n // (2 * population) if population else 0
            interval = drawn.get(place, interval) if row.row_id in remain else interval
            found[row.row_id] = f"{min(interval // how.zone, zones - 1) + 1:03d}"
    return found
