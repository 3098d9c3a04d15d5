"""Answers of a small wave, and their mixing, without a respondent."""

from __future__ import annotations

from survey import invitations
from survey.dispositions import State


def answer(scene, serial: int, said: str) -> None:
    wave = scene.wave
    with scene.store.write() as tx:
        found = invitations.by_serial(tx, "nho", serial)
        tx.invitation_spend(lookup=found.lookup)
        tx.response_add_box(id=bytes([serial]), wave="nho", cell=found.cell, state=said, box=b"")
        invitations.count_days(tx, scene.clock, wave, [(found, State.ANSWERED)])


def mix(scene, k: int = 5) -> None:
    with scene.store.write() as tx:
        tx.mix_count(wave="nho", k=k)
        tx.mix_clear_boxes(wave="nho", k=k)
