"""What became of a wave's invitations, by unit, group and mode: counts of dispositions, never an invitation by itself.

**Numbers add up.** Issued = returned + refused + ineligible + lost + outstanding, for every row. "By unit" counts an
invitation under each unit it assesses; ``Board.total`` counts it once.

What an answer was (complete, partial, broken off, screened out) is known only of those that were mixed, k or more of a
cell at a time (docs/decisions/0009): beside a list of who answered, a count that moves by one would name the person.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from survey.dispositions import Disposition, State
from survey.plan.wave_spec import WaveSpec
from survey.store import Store

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

_RETURNED = (State.ANSWERED, State.DAMAGED, State.LATE)
_LOST = (State.UNDELIVERABLE, State.NO_CONTACT, State.OTHER, State.REVOKED)
_OUTSTANDING = (State.ISSUED, State.DELIVERED, State.STARTED)

Key = tuple[str, str, str]  # unit, group, mode


@dataclass(slots=True)
class Tally:
    """Counts of some invitations. ``states``: by state; ``mixed``: what mixed answers were; ``target``: returns wanted.

    ``target`` is None where a group in it declares neither a target nor an expected response.
    """

    states: Counter[str] = field(default_factory=Counter)
    mixed: Counter[str] = field(default_factory=Counter)
    target: float | None = 0.0
    good: tuple[str, ...] = ("complete", "partial")

    def _sum(self, names: Iterable[str]) -> int:
        return sum(self.states[name] for name in names)

    @property
    def issued(self) -> int:
        """Every invitation, reissued and revoked ones once."""
        return self.states.total()

    @property
    def returned(self) -> int:
        """Thu về: answered, damaged and late."""
        return self._sum(_RETURNED)

    @property
    def valid(self) -> int:
        """Mixed answers that the wave counts as valid."""
        return sum(self.mixed[name] for name in self.good)

    @property
    def waiting(self) -> int:
        """Answers that are not mixed yet, so that nobody knows what they were."""
        return self.states[State.ANSWERED] - self.mixed.total()

    @property
    def broke_off(self) -> int:
        """Mixed answers that were broken off."""
        return self.mixed[Disposition.BROKE_OFF]

    @property
    def refused(self) -> int:
        """Who said that they do not take part."""
        return self.states[State.REFUSED]

    @property
    def ineligible(self) -> int:
        """Recorded as outside the population; who was screened out by the answers is in ``screened_out``."""
        return self.states[State.INELIGIBLE]

    @property
    def screened_out(self) -> int:
        """Mixed answers that said so."""
        return self.mixed[Disposition.SCREENED_OUT]

    @property
    def lost(self) -> int:
        """Not reached, undeliverable, other, revoked."""
        return self._sum(_LOST)

    @property
    def outstanding(self) -> int:
        """Nothing came yet; started ones too."""
        return self._sum(_OUTSTANDING)

    @property
    def rate(self) -> float | None:
        """Tỷ lệ thu hồi: returned / issued; None of nothing."""
        return self.returned / self.issued if self.issued else None

    @property
    def target_rate(self) -> float | None:
        """The target as a share of what was issued."""
        return None if self.target is None or not self.issued else self.target / self.issued

    def add(self, other: Tally) -> None:
        """Take another's counts in."""
        self.states.update(other.states)
        self.mixed.update(other.mixed)
        self.target = None if self.target is None or other.target is None else self.target + other.target


@dataclass(frozen=True, slots=True)
class Choice:
    """Which invitations are looked at; an empty field is all of them. ``kind``: of units."""

    unit: str = ""
    group: str = ""
    mode: str = ""
    kind: str = ""


EVERYTHING = Choice()


@dataclass(frozen=True, slots=True)
class Board:
    """``cells``: by unit, group and mode; ``once``: the same without units, each invitation once."""

    spec: WaveSpec
    cells: Mapping[Key, Tally]
    once: Mapping[tuple[str, str], Tally]

    def total(self, choice: Choice = EVERYTHING) -> Tally:
        """All that is looked at. Of several units of a kind the invitations are counted under each of them."""
        if choice.unit or choice.kind:
            return _sum(self.spec, (tally for _, tally in self._chosen(choice)))
        kept = [(key, tally) for key, tally in self.once.items() if _fits(choice, "", *key)]
        return _sum(self.spec, (tally for _, tally in kept))

    def by(self, part: Callable[[Key], str], choice: Choice = EVERYTHING) -> dict[str, Tally]:
        """Rows by any part of the key, in no order. By group or mode each invitation counts once, unless by unit."""
        rows: dict[str, Tally] = {}
        apart = part(("unit", "", "")) == "unit" or bool(choice.unit or choice.kind)
        found = self._chosen(choice) if apart else [(("", *key), tally) for key, tally in self.once.items()]
        for key, tally in found:
            if apart or _fits(choice, *key):
                rows.setdefault(part(key), _empty(self.spec)).add(tally)
        return rows

    def heat(self, choice: Choice = EVERYTHING) -> dict[tuple[str, str], Tally]:
        """By unit and group."""
        rows: dict[tuple[str, str], Tally] = {}
        for (unit, group, _), tally in self._chosen(choice):
            rows.setdefault((unit, group), _empty(self.spec)).add(tally)
        return rows

    def _chosen(self, choice: Choice) -> list[tuple[Key, Tally]]:
        of_kind = set(self.spec.units_of((choice.kind,))) if choice.kind else None
        return [
            (key, tally)
            for key, tally in self.cells.items()
            if _fits(choice, *key) and (of_kind is None or key[0] in of_kind)
        ]


def by_unit(key: Key) -> str:
    """Rows by unit."""
    return key[0]


def by_group(key: Key) -> str:
    """Rows by group."""
    return key[1]


def by_mode(key: Key) -> str:
    """Rows by mode."""
    return key[2]


def target_rate(spec: WaveSpec, group: str) -> float | None:
    """The share that is to come back: the group's own, the wave's, or the response its design was planned with."""
    own = dict(spec.fieldwork.targets).get(group, spec.fieldwork.target_rate)
    planned = spec.group(group).design.response
    return own if own is not None else (planned if planned < 1 else None)


def count(store: Store, wave: RegisteredWave) -> Board:
    """Count a wave's invitations as they stand; those by posters are in no rate and not here."""
    with store.read() as tx:
        states = [tuple(row) for row in tx.board_cells(wave=wave.spec.id)]
        mixed = [tuple(row) for row in tx.board_mixed(wave=wave.spec.id)]
    cells: dict[Key, Tally] = defaultdict(lambda: _empty(wave.spec))
    once: dict[tuple[str, str], Tally] = defaultdict(lambda: _empty(wave.spec))
    for group, mode, units, state, n in states:
        once[group, mode].states[state] += n
        for unit in _units(units):
            cells[unit, group, mode].states[state] += n
    for group, mode, units, state, n in mixed:
        once[group, mode].mixed[state] += n
        for unit in _units(units):
            cells[unit, group, mode].mixed[state] += n
    rates = {group.id: target_rate(wave.spec, group.id) for group in wave.spec.groups}
    for told in (cells, once):
        for key, tally in told.items():
            rate = rates[key[-2]]
            tally.target = None if rate is None else rate * tally.issued
    return Board(wave.spec, dict(cells), dict(once))


@lru_cache(maxsize=16_384)
def _units(text: str) -> tuple[str, ...]:
    """A cell's units; the same few lists stand in very many cells."""
    listed: list[list[Any]] = json.loads(text)
    return tuple(unit for unit, _ in listed)


def _empty(spec: WaveSpec) -> Tally:
    return Tally(good=spec.estimation.valid)


def _sum(spec: WaveSpec, tallies: Iterable[Tally]) -> Tally:
    total = _empty(spec)
    for tally in tallies:
        total.add(tally)
    return total


def _fits(choice: Choice, unit: str, group: str, mode: str) -> bool:
    return choice.unit in ("", unit) and choice.group in ("", group) and choice.mode in ("", mode)
