"""What the store holds of a wave's draw, seals and checks, as one consistent state, for the file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from survey.counter import secret as counter_draw
from survey.store import Store

if TYPE_CHECKING:
    from survey.wave import RegisteredWave


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the store holds of a wave, as one consistent state."""

    wave: RegisteredWave
    draws: Sequence[Mapping[str, Any]]
    deeds: Sequence[Mapping[str, Any]]
    seals: Sequence[tuple[str, str]]
    drawn: Mapping[str, tuple[int, int]]
    control: Mapping[str, Any] | None
    conduct: Sequence[Mapping[str, Any]]

    def who(self, action: str, **detail: Any) -> str:
        """Who did a deed last, by the log."""
        found = [
            row["who"] for row in self.deeds if row["action"] == action and detail.items() <= detail_of(row).items()
        ]
        return str(found[-1]) if found else ""

    def group(self, identity: str) -> str:
        """A group's name."""
        names = {group.id: group.name.of("vi") for group in self.wave.spec.groups}
        return names.get(identity, identity)

    def unit(self, identity: str) -> str:
        """A unit's name."""
        names = {unit.id: unit.name.of("vi") for unit in self.wave.spec.units}
        return names.get(identity, identity)


def read(store: Store, wave: RegisteredWave) -> Recorded:
    identity = wave.spec.id
    with store.read() as tx:
        drawn: dict[str, tuple[int, int]] = {}
        for group in wave.spec.groups:
            rows = [(row["population"], row["drawn"]) for row in tx.draw_design(wave=identity, grp=group.id)]
            drawn[group.id] = sum(row[0] for row in rows), sum(row[1] for row in rows)
        made = tx.control_drawn(wave=identity)
        return Recorded(
            wave,
            [dict(row) for row in tx.draw_all(wave=identity)],
            [dict(row) for row in tx.proof_deeds(wave=identity)],
            [(row["body"], row["hash"]) for row in tx.seal_all(wave=identity)],
            drawn,
            dict(made) if made else None,
            counter_draw.published(tx, identity),
        )


def detail_of(row: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(row["detail"])
    return told
