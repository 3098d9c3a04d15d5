"""Whether a slip can leave every counter that is to ask: by a printer that is there, or on a tablet."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

from survey import kiosks
from survey.clock import now
from survey.counter.printers import Printer, of_place
from survey.store import Store
from survey.wave import RegisteredWave


def places_without(printers: tuple[Printer, ...], store: Store, wave: RegisteredWave) -> list[str]:
    """Places that hold dossiers of the wave's list and have neither a printer nor a bound tablet."""
    if not wave.spec.counter_groups or wave.state != "open":
        return []
    with store.read() as tx:
        places = [row["place"] for row in tx.counter_places(wave=wave.spec.id)]
    bound = {each.place for each in kiosks.listed(store, now) if each.state == "bound"}
    return [place for place in places if place not in bound and not of_place(printers, place)]


def not_there(printers: Iterable[Printer]) -> list[str]:
    """Commands of printers that this machine does not have."""
    return list(dict.fromkeys(each.command[0] for each in printers if shutil.which(each.command[0]) is None))
