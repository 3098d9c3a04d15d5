"""A handful of made-up rows for a rehearsal: whoever holds such a slip tries the pages; nobody real is listed."""

from __future__ import annotations

import csv
import io

from forms.faults import Faults
from survey.clock import Clock
from survey.config import Settings
from survey.frames.frame import Imported
from survey.frames.headings import known, required
from survey.keys import Keyring
from survey.sample.draws import group_of
from survey.setup import uploads
from survey.setup.uploads import Choices
from survey.store import Store
from survey.wave import RegisteredWave

_WORTH = {"received": "02/01/2026", "due": "05/01/2026", "returned": "04/01/2026", "channel": "Trực tiếp", "level": "4"}


def make_list(
    store: Store, keyring: Keyring, settings: Settings, clock: Clock, wave: RegisteredWave, group: str, *, who: str
) -> Imported:
    """Import k made-up rows, all of one office, in place of what the group had. Raises Faults for a real wave."""
    if not wave.pilot:
        raise Faults(f"wave “{wave.spec.id}” is real: its lists hold real people")
    asked = group_of(wave, group)
    units = wave.spec.units_of(asked.kinds) or tuple(unit.id for unit in wave.spec.units)
    fields = [*required(asked), *(["place"] if wave.spec.places else [])]
    worth = {**_WORTH, "unit": units[0], "units": ";".join(units[: asked.max_units])}
    worth |= {"place": wave.spec.places[0].id} if wave.spec.places else {}
    if asked.kinds:
        worth["unit"] = "Người chạy thử"  # of no assessed office, so that every one may be asked about
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([known(asked)[name][0] for name in fields])
    for number in range(1, wave.spec.k + 1):
        writer.writerow([f"THU-{number:02d}" if name == "reference" else worth.get(name, "thu") for name in fields])
    stream = io.BytesIO(text.getvalue().encode())
    uploads.receive(store, settings, clock, wave, group, stream, "chay_thu.csv", Choices(replace=True), who=who)
    return uploads.take(store, keyring, settings, clock, wave, group, who=who)
