"""What a deed on the register needs, and the one deed that counts nothing: taking results back.

Apart from the other deeds, for these load the statistics, and results are taken back at the desk at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from forms.faults import Faults
from survey import audit
from survey.clock import Clock
from survey.publishing import register
from survey.publishing.register import Publication
from survey.store import Store


@dataclass(frozen=True, slots=True)
class House:
    """The instance in which a deed is done, when, and by whom."""

    instance: Path
    store: Store
    clock: Clock
    who: str

    @property
    def now(self) -> str:
        """To the second."""
        return self.clock().isoformat(timespec="seconds")


def withdraw(house: House, wave: str, name: str, reason: str) -> Publication:
    """Take the publication of that name off ``/results/``. Raises Faults where it is not published."""
    out = register.read(house.instance, wave)
    found = register.named(out, name)
    if found is None or found.current is None:
        there = ", ".join(each.name for each in out if each.current) or "nothing"
        raise Faults(f"these results of wave “{wave}” are not published; published is: {there}")
    told = {"publication": name, "version": found.current.number, "reason": reason}
    enter(house, wave, register.without(out, name, house.now, reason), "results withdrawn", told)
    return found


def enter(house: House, wave: str, publications: tuple[Publication, ...], action: str, told: dict[str, object]) -> None:
    """The register and the log change together: the log's entry is undone where the register cannot be written."""
    with house.store.write() as tx:
        audit.append(tx, house.clock, house.who, action, wave, told)
        register.write(house.instance, wave, publications)
