"""Recorded draws, repeated from the frame and compared with what is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms.faults import Faults
from survey.sample import drawing, draws, reserves
from survey.sample.drawing import Drawn
from survey.sample.sampling import ALGORITHM, effective_seed
from survey.store import Store, Transaction
from survey.wave import RegisteredWave


@dataclass(frozen=True, slots=True)
class Check:
    """What repeating a recorded draw came to; it agrees when there are no ``differences``."""

    group: str
    number: int
    list_hash: str
    seed: str
    drawn: int
    differences: tuple[str, ...]


def verify(store: Store, wave: RegisteredWave) -> list[Check]:
    """Repeat the last draw of every group from the frame, and compare list, hash, seed, selection and cells."""
    with store.read() as tx:
        rows = [tx.draw_last(wave=wave.spec.id, grp=group.id) for group in wave.spec.groups]
        return [_check(tx, wave, row) for row in rows if row is not None]


def _check(tx: Transaction, wave: RegisteredWave, row: Mapping[str, Any]) -> Check:
    key = {"wave": wave.spec.id, "grp": row["grp"]}
    group = wave.spec.group(row["grp"])
    made = draws.read_list(tx, wave, group, row["salt"])
    stored = list(tx.draw_rows(**key, number=row["number"]))
    differences = []
    if made.hash != row["list_hash"]:
        differences.append("the list made from the frame has another hash than the one recorded")
    if [draws.list_row(each) for each in stored] != list(made.rows):
        differences.append("the rows stored with the draw are not those of the frame")
    if not draws.is_drawn(row):
        return Check(group.id, row["number"], row["list_hash"], "", 0, tuple(differences))
    if row["algorithm"] != ALGORITHM:
        differences.append(f"drawn by {row['algorithm']}; this version repeats {ALGORITHM}")
    seed = effective_seed(row["list_hash"], row["public_number"])
    if seed != row["effective_seed"]:
        differences.append("the effective seed does not follow from the list's hash and the public number")
    released = reserves.released(tx, {**key, "number": row["number"]})
    try:
        again = drawing.draw(wave.spec, group, made, seed, released)
    except Faults as faults:
        again = None
        differences += [f"the draw cannot be repeated: {fault}" for fault in faults.faults]
    if again is not None:
        differences += _compared(again, stored, list(tx.draw_cells(**key)))
    drawn = sum(each["cell"] is not None for each in stored)
    return Check(group.id, row["number"], row["list_hash"], seed, drawn, tuple(differences))


def _compared(again: Drawn, stored: Sequence[Mapping[str, Any]], held: Sequence[Mapping[str, Any]]) -> list[str]:
    """What differs between the draw repeated and the rows and cells stored."""
    differences = []
    selected = {row_id for cell in again.cells for row_id in cell.rows}
    recorded = {each["row_id"] for each in stored if each["cell"] is not None}
    if selected != recorded:
        differences.append(
            f"{len(selected - recorded)} rows should be drawn and are not, "
            f"{len(recorded - selected)} are drawn and should not be"
        )
    if any(each["probability"] != again.probability.get(each["row_id"]) for each in stored):
        differences.append("inclusion probabilities differ")
    waits = {row_id: place for order in again.reserve.values() for place, row_id in enumerate(order, start=1)}
    if {each["row_id"]: each["waits"] for each in stored if each["waits"] is not None} != waits:
        differences.append("the reserve, or its order, differs")
    fields = ("stratum", "wclass", "margins", "mode", "units", "factor")
    if [tuple(cell[name] for name in fields) for cell in held] != [
        tuple(getattr(cell, name) for name in fields) for cell in again.cells
    ]:
        differences.append("cells, or weights in them, differ")
    of_cell = Counter(each["cell"] for each in stored if each["cell"] is not None)
    if [of_cell[cell["id"]] for cell in held] != [len(cell.rows) for cell in again.cells]:
        differences.append("cells hold other numbers")
    return differences
