"""One person's contact put right after invitations were issued: a telephone or an address that was wrong in the list.

Who is asked, the code and the answers are not touched: contacts lie apart. The log says which parts were put right and
why, never what they said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from forms.faults import Fault, Faults
from survey import audit
from survey.clock import Clock
from survey.frames.cell_values import email, phone, written
from survey.frames.contacts import flag_again
from survey.invitations import stated
from survey.store import Store
from survey.wave import RegisteredWave

PARTS: Mapping[str, Callable[[str], str]] = {"name": written, "phone": phone, "email": email, "address": written}


def correct(
    store: Store, clock: Clock, wave: RegisteredWave, serial: int, told: Mapping[str, str], *, reason: str, who: str
) -> tuple[str, ...]:
    """Replace these parts of a contact, an empty one by nothing; return the parts that are other than before.

    Raises Faults without a reason, where nothing is said or changes, for a serial without a contact, and once the wave
    is closed: who is called to control whether forms were answered is not put right by whoever is controlled.
    """
    identity, why = wave.spec.id, stated(reason)
    if wave.state in ("closed", "frozen"):
        raise Faults(f"wave “{identity}” is {wave.state}: contacts stay as they are until they are purged")
    read = _read(told)
    with store.write() as tx:
        row = tx.contact_of_serial(wave=identity, serial=serial)
        if row is None:
            raise Faults(f"wave “{identity}” holds no contact under serial {serial}")
        changed = tuple(part for part, value in read.items() if value != row[part])
        if not changed:
            raise Faults(f"the contact under serial {serial} says so already")
        kept = {part: row[part] for part in PARTS} | read
        tx.contact_replace(frame_row=row["frame_row"], **kept)
        detail = {"serial": serial, "parts": list(changed), "reason": why}
        audit.append(tx, clock, who, "contact corrected", identity, detail)
    flag_again(store, identity)
    store.truncate_log()
    return changed


def _read(told: Mapping[str, str]) -> dict[str, str | None]:
    faults, read = [], {}
    for part, text in told.items():
        try:
            read[part] = PARTS[part](text) or None
        except ValueError as error:
            faults.append(Fault(str(error), column=part))
    if not told:
        faults.append(Fault("say what is to be put right: a name, a telephone, an e-mail or an address"))
    if read.get("email") and not str(read["email"]).count("@") == 1:
        faults.append(Fault("is no e-mail address", column="email"))
    if faults:
        raise Faults(faults)
    return read
