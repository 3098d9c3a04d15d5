"""Open the boxes, and hold what is in them against the invitations that were answered and what was counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from forms.faults import Fault, Faults
from survey import sealing
from survey.freeze.respondent import Label, Respondent

_EVERY = 500  # boxes between two words about progress
_SHOWN = 20  # differences named one by one


class Cell(NamedTuple):
    """A cell as both the invitations and the boxes tell it."""

    label: Label
    mode: str
    units: tuple[tuple[str, float], ...]

    def __str__(self) -> str:
        margins = "".join(f", {name} {level}" for name, level in self.label.margins)
        rated = ", ".join(unit for unit, _ in self.units)
        return f"{self.label.group}, stratum {self.label.stratum}{margins}, {self.mode}, assessing {rated}"


def label(group: str, stratum: str, wclass: str, margins: Mapping[str, str]) -> Label:
    """A label; its margins in one order, whoever wrote them."""
    return Label(group, stratum, wclass, tuple(sorted(margins.items())))


def cell_of_row(row: Mapping[str, Any]) -> Cell:
    """The cell of a row of the store."""
    units = tuple(sorted((str(unit), float(weight)) for unit, weight in json.loads(row["units"])))
    return Cell(label(row["grp"], row["stratum"], row["wclass"], json.loads(row["margins"])), row["mode"], units)


def by_cell(rows: Iterable[Mapping[str, Any]]) -> Counter[Cell]:
    """Numbers by cell; cells of the store that look alike are one."""
    numbers: Counter[Cell] = Counter()
    for row in rows:
        numbers[cell_of_row(row)] += row["n"]
    return numbers


def by_disposition(rows: Iterable[Mapping[str, Any]]) -> Counter[tuple[Cell, str]]:
    """Numbers by cell and state."""
    numbers: Counter[tuple[Cell, str]] = Counter()
    for row in rows:
        numbers[cell_of_row(row), str(row["state"])] += row["n"]
    return numbers


def cell_of(respondent: Respondent) -> Cell:
    """The cell of an opened response."""
    return Cell(respondent.label, respondent.mode, tuple(zip(respondent.units, respondent.weights, strict=True)))


def as_answered(opened: Iterable[Respondent]) -> list[Respondent]:
    """The responses with the mode of the answer; until here they are told by the cell that their invitations have."""
    return [replace(each, mode=each.answered) if each.answered else each for each in opened]


def open_boxes(
    boxes: Iterable[bytes], private: bytes, info: bytes, told: Callable[[int], None] = lambda done: None
) -> list[Respondent]:
    """The responses in the boxes. Raises Faults when any box does not open or is not ours: nothing is skipped."""
    opened: list[Respondent] = []
    read, content = _Reader().read, sealing.opener(private, info)
    broken = 0
    for number, box in enumerate(boxes):
        if number % _EVERY == 0:
            told(number)
        try:
            opened.append(read(content(box)))
        except (sealing.SealBroken, ValueError):
            broken += 1
    if broken:
        raise Faults(
            f"{broken} of {broken + len(opened)} boxes do not open with this key, or hold no response: "
            "the key is wrong, or they were altered; nothing was frozen"
        )
    return opened


class _Cell(msgspec.Struct, gc=False):
    """Of whom a box is; ``Raw`` in it, since all of a cell have the same text there."""

    group: str
    stratum: str
    wclass: str
    margins: dict[str, str]
    mode: str


class _Assessment(msgspec.Struct, gc=False):
    unit: str
    weight: float
    answers: dict[str, Any] | None


class _Box(msgspec.Struct, gc=False):
    """What a box says (``survey.boxes``); anything else does not decode."""

    v: Literal[1]
    cell: msgspec.Raw
    disposition: str
    units: list[_Assessment]
    respondent: dict[str, Any]
    answered: str = ""
    phase: str = ""
    duration: int | None = None


_DECODER, _CELLS = msgspec.json.Decoder(_Box), msgspec.json.Decoder(_Cell)


class _Reader:
    """Reads one content after another. What many say (a cell, a choice) is kept once: of a million boxes the answers
    would else be some thirty million texts, each looked up as if it had never been seen."""

    def __init__(self) -> None:
        self._cells: dict[bytes, tuple[Label, str]] = {}
        self._said: dict[Any, Any] = {}

    def read(self, content: bytes) -> Respondent:
        """A response."""
        told, once = _DECODER.decode(content), self._said.setdefault
        (label, mode), units = self._cell(bytes(told.cell)), told.units
        if len(units) > 1:
            units.sort(key=lambda each: each.unit)
        for answers in (*(each.answers for each in units), told.respondent):
            for item, value in answers.items() if answers else ():
                if type(value) is str:
                    answers[item] = once(value, value)  # type: ignore[index]  # looked at above
        ids, weights = tuple([each.unit for each in units]), tuple([each.weight for each in units])
        return Respondent(
            label,
            mode,
            once(told.disposition, told.disposition),
            once(ids, ids),
            once(weights, weights),
            tuple([each.answers for each in units]),
            told.respondent,
            answered=told.answered,
            phase=told.phase,
            band=told.duration,
        )

    def _cell(self, text: bytes) -> tuple[Label, str]:
        """Label and mode."""
        known = self._cells.get(text)
        if known is None:
            cell = _CELLS.decode(text)
            known = self._cells[text] = label(cell.group, cell.stratum, cell.wclass, cell.margins), cell.mode
        return known


def compare(
    opened: Iterable[Respondent],
    answered: Mapping[Cell, int],
    counted: Mapping[tuple[Cell, str], int],
    waiting: Mapping[Cell, int],
) -> None:
    """Hold boxes against invitations and counts, cell by cell; raise Faults with every difference.

    Boxes opened plus boxes still waiting to be mixed must equal the invitations answered, and the boxes of each
    disposition what the mixer counted.
    """
    alike = Counter((each.label, each.mode, each.units, each.weights, each.disposition) for each in opened)
    dispositions: Counter[tuple[Cell, str]] = Counter()
    for (named, mode, units, weights, said), number in alike.items():
        dispositions[Cell(named, mode, tuple(zip(units, weights, strict=True))), said] += number
    boxes = Counter(dict(waiting))
    for (cell, _), number in dispositions.items():
        boxes[cell] += number
    faults = [
        Fault(f"cell “{cell}”: {answered.get(cell, 0)} invitations answered, {boxes[cell]} boxes")
        for cell in sorted({*boxes, *answered}, key=str)
        if boxes[cell] != answered.get(cell, 0)
    ]
    faults += [
        Fault(f"cell “{cell}”: {counted.get((cell, said), 0)} counted as {said}, {dispositions[cell, said]} boxes")
        for cell, said in sorted({*dispositions, *counted}, key=str)
        if dispositions[cell, said] != counted.get((cell, said), 0)
    ]
    if faults:
        more = [Fault(f"… and {len(faults) - _SHOWN} more cells")] if len(faults) > _SHOWN else []
        last = Fault("boxes and invitations differ, so answers were lost or added: nothing was frozen")
        raise Faults([*faults[:_SHOWN], *more, last])
