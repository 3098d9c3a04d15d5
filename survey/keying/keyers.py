"""Who keys forms: persons of no office that the wave rates."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forms import names
from forms.faults import Faults
from survey import audit
from survey.clock import Clock
from survey.invitations import stated
from survey.store import Store

if TYPE_CHECKING:
    from survey.wave import RegisteredWave, WaveSpec


MEND = "phieu paper keyer --wave {wave} NAME --office OFFICE"


@dataclass(frozen=True, slots=True)
class Keyer:
    """A person who keys, and where this person works."""

    name: str
    office: str


class Rated(Faults):
    """An office that the wave rates, or a part of one."""


def add(store: Store, clock: Clock, wave: RegisteredWave, name: str, office: str, *, who: str) -> None:
    """Let somebody key forms of this wave. Raises Faults for a rated office, or a name that is there already."""
    keyer = Keyer(" ".join(name.split()), " ".join(office.split()))
    if not keyer.name:
        raise Faults("name the person who is to key forms")
    require_unrated(wave.spec, keyer.office, f"{keyer.name} cannot key forms of wave “{wave.spec.id}”")
    with store.write() as tx:
        at = clock().isoformat(timespec="seconds")
        if not tx.keyer_add(wave=wave.spec.id, name=keyer.name, office=keyer.office, who=who, at=at):
            raise Faults(f"“{keyer.name}” keys forms of this wave already; tell two persons of one name apart")
        audit.append(tx, clock, who, "keyer added", wave.spec.id, {"name": keyer.name, "office": keyer.office})


def remove(store: Store, clock: Clock, wave: RegisteredWave, name: str, *, who: str, reason: str) -> None:
    """Let somebody key no more. Raises Faults when nobody of this name does."""
    with store.write() as tx:
        if not tx.keyer_remove(wave=wave.spec.id, name=" ".join(name.split())):
            raise Faults(f"nobody called “{name}” keys forms of wave “{wave.spec.id}”")
        audit.append(tx, clock, who, "keyer removed", wave.spec.id, {"name": name, "reason": stated(reason)})


def of_wave(store: Store, wave: str) -> tuple[Keyer, ...]:
    """Everybody who may key, by name."""
    with store.read() as tx:
        return tuple(Keyer(row["name"], row["office"]) for row in tx.keyer_all(wave=wave))


def get(store: Store, wave: RegisteredWave, name: str) -> Keyer:
    """The keyer of this name, whose office is looked at again: the plan of a draft may have changed. Raises Faults."""
    found = next((each for each in of_wave(store, wave.spec.id) if each.name == " ".join(name.split())), None)
    if found is None:
        raise Faults(f"“{name}” keys no forms of wave “{wave.spec.id}”: `{MEND.format(wave=wave.spec.id)}`")
    require_unrated(wave.spec, found.office, f"{found.name} cannot key forms of wave “{wave.spec.id}”")
    return found


def missing(store: Store, wave: RegisteredWave) -> str:
    """What the setup says of a wave with paper that nobody could key; '' when all is well."""
    if not wave.spec.on_paper or wave.state not in ("draft", "open") or of_wave(store, wave.spec.id):
        return ""
    return f"wave “{wave.spec.id}” takes forms on paper, and nobody is there to key them"


def require_unrated(spec: WaveSpec, office: str, refused: str) -> None:
    """Raise Faults when an office is, or may be, one that the wave rates, a part of it, or one that it took over."""
    if not office:
        raise Faults(f"{refused}: say which office this person works for")
    if found := rated_as(spec, office):
        raise Rated(f"{refused}: “{office}” is an office that it rates ({found[0]}), or belongs to one")


def rated_as(spec: WaveSpec, office: str) -> list[str]:
    """The offices of a wave that an office is, or may be, or belongs to: ids of units, former ones and places."""
    rated = {unit.id: [unit.id, *dict(unit.name).values()] for unit in spec.units}
    rated |= {unit.id: [unit.id, *dict(unit.name).values()] for unit in spec.former}
    try:
        found = [names.Names(rated).find(office)]
    except names.NameFault as fault:
        found = list(fault.found)
    told = f" {_plain(office)} "
    found += [each for each, spellings in rated.items() if any(f" {_plain(name)} " in told for name in spellings)]
    places = {place.id: dict(place.name).values() for place in spec.places if place.unit}
    found += [place for place, told_as in places.items() if _plain(office) in {place, *map(_plain, told_as)}]
    return found


def _plain(name: str) -> str:
    """Folded, and without marks: a rated office is not let in by leaving them out."""
    return "".join(c for c in unicodedata.normalize("NFD", names.fold(name)) if not unicodedata.combining(c))
