"""To whom a letter goes: the person where a list names one, else the post at its office."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from survey.exports import CONTACTS
from survey.store import Store
from survey.wave import RegisteredWave


@dataclass(frozen=True, slots=True)
class Recipient:
    """What the window shows."""

    name: str
    address: str


def recipients(store: Store, wave: RegisteredWave, contacts: Mapping[int, tuple[str, ...]]) -> dict[int, Recipient]:
    """Serial → recipient, of those who can be written to. ``contacts`` as ``exports.contacts`` gives them.

    A post's letter goes to its office, for whoever holds it: the invitation belongs to the post.
    """
    names = {unit.id: unit.name.of("vi") for unit in wave.spec.units}
    with store.read() as tx:
        posts = {row["serial"]: row for row in tx.batch_posts(wave=wave.spec.id)}
    found: dict[int, Recipient] = {}
    for serial, post in posts.items():
        contact = dict(zip(CONTACTS, contacts.get(serial, ("",) * len(CONTACTS)), strict=True))
        position = json.loads(post["fields"]).get("position", "")
        office = names.get(post["unit"], post["unit"]) if position else ""
        name = ", ".join(part for part in (contact["name"], position) if part)
        address = contact["address"] or office
        if serial in contacts and name and address:
            found[serial] = Recipient(name, address)
    return found
