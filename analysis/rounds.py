"""The rounds of appraisal as an append-only record: who changed which cell from what to what, why, by what document.

A folder holds ``rounds.jsonl``, one record a line, each with the hash of the line before: a line that is changed or
taken out later is found. Survey answers are in no round: they are only counted again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from analysis.told_rounds import CellChange, Rounds
from analysis.told_rounds import Round as RoundFacts
from analysis.wanted import Appraised, Wanted
from forms import shape
from forms.faults import Fault, Faults

FILE = "rounds.jsonl"


class Round(StrEnum):
    """The steps of an appraisal, in their order."""

    SELF = "self"
    APPRAISED = "appraised"
    EXPLAINED = "explained"
    SUBMITTED = "submitted"


NAMES: Mapping[Round, str] = {
    Round.SELF: "Tự chấm",
    Round.APPRAISED: "Thẩm định",
    Round.EXPLAINED: "Sau giải trình",
    Round.SUBMITTED: "Trình duyệt",
}
_CELL = {"unit": str, "subcriterion": str, "old": shape.Maybe(float), "new": float, "reason": str, "document": str}
_ROUND = {
    "kind": shape.OneOf(("round",)), "round": shape.OneOf(tuple(Round)), "at": str, "by": str, "file": str,
    "sha256": str, "before": str, "cells": [_CELL],
}  # fmt: skip
_WINDOW = {
    "kind": shape.OneOf(("window",)), "unit": str, "opens": shape.Day(), "closes": shape.Day(), "at": str, "by": str,
    "before": str,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """A record of rounds: its lines as documents, and the hash of the last line ('' without any)."""

    path: Path
    records: tuple[Mapping[str, Any], ...]
    head: str

    @property
    def rounds(self) -> Iterator[Mapping[str, Any]]:
        """The imports, in their order."""
        return (record for record in self.records if record["kind"] == "round")

    @property
    def latest(self) -> Round | None:
        """The last round that was begun; None before the first."""
        order = list(Round)
        return max((Round(record["round"]) for record in self.rounds), key=order.index, default=None)

    def window(self, unit: str) -> tuple[str, str] | None:
        """First and last day of a unit's request window, the newest that was set; None without one."""
        found = [record for record in self.records if record["kind"] == "window" and record["unit"] == unit]
        return (found[-1]["opens"], found[-1]["closes"]) if found else None

    def cells(self, *rounds: Round) -> dict[tuple[str, str], float]:
        """The points by unit and subcriterion that stand after these rounds."""
        return {
            (cell["unit"], cell["subcriterion"]): float(cell["new"])
            for record in self.rounds
            if record["round"] in rounds
            for cell in record["cells"]
        }


GIVEN = (Round.APPRAISED, Round.EXPLAINED, Round.SUBMITTED)  # rounds whose points count


def is_kept(path: Path) -> bool:
    """Whether a folder is a record of rounds."""
    return path.is_dir() and (path / FILE).is_file()


def opened(folder: Path) -> Kept:
    """Read and check a record; an absent one is empty. Raises Faults: lines that do not follow the one before."""
    file = folder / FILE
    if not file.is_file():
        return Kept(folder, (), "")
    records, head, faults = [], "", []
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        try:
            record = json.loads(line)
        except ValueError:
            raise Faults([Fault("is not a record of rounds", str(file), number)]) from None
        wanted = _WINDOW if isinstance(record, dict) and record.get("kind") == "window" else _ROUND
        faults += [Fault(said, str(file), number) for said in shape.faults(record, wanted)]
        if not faults and record["before"] != head:
            faults.append(Fault("does not follow the line before: a line was changed or taken out", str(file), number))
        records.append(record)
        head = hashlib.sha256(line).hexdigest()
    if faults:
        raise Faults(faults)
    return Kept(folder, tuple(records), head)


def append(kept: Kept, record: Mapping[str, Any]) -> Kept:
    """Add a record. Raises Faults when another was added since ``kept`` was read; then nothing is written."""
    kept.path.mkdir(parents=True, exist_ok=True)
    line = json.dumps({**record, "before": kept.head}, ensure_ascii=False, sort_keys=True).encode()
    with (kept.path / FILE).open("ab") as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        if opened(kept.path).head != kept.head:
            raise Faults([Fault("somebody else added to it meanwhile: do it again", str(kept.path / FILE))])
        out.write(line + b"\n")
        out.flush()
        os.fsync(out.fileno())
    return opened(kept.path)


@dataclass(frozen=True, slots=True)
class Import:
    """One table that is to become a round; ``reason`` and ``document`` stand where the table has none of its own."""

    round: Round
    read: Appraised
    by: str
    at: str
    reason: str = ""
    document: str = ""

    @property
    def day(self) -> str:
        """The day of ``at``."""
        return self.at[:10]


def planned(kept: Kept, given: Import, names: Mapping[str, str]) -> dict[str, Any]:
    """The record of an import: only the cells that are new or other than before.

    Raises Faults: a round before one that has begun, a unit outside its window, a change without reason or document.
    """
    faults = _out_of_turn(kept, given, names)
    before = kept.cells(Round.SELF) if given.round is Round.SELF else kept.cells(*GIVEN)
    if given.round in (Round.EXPLAINED, Round.SUBMITTED) and not before:
        faults.append(Fault("there are no appraised points yet: import the round “appraised” first", given.read.file))
    cells = []
    for unit, points in given.read.points.items():
        for sub, new in points.items():
            old = before.get((unit, sub))
            if old == new:
                continue
            reason = given.read.reasons.get(unit, {}).get(sub, given.reason)
            document = given.read.documents.get(unit, {}).get(sub, given.document)
            lacks = [] if old is None else [word for word, text in (("reason", reason),) if not text]
            if given.round is Round.EXPLAINED and not document:
                lacks.append("document")
            if lacks:
                whose, without = names.get(unit, unit), " or ".join(lacks)
                told = f"“{sub}” of “{whose}” changes from {_told(old)} to {new:g} without {without}"
                faults.append(Fault(told, given.read.file))
            cells.append(
                {"unit": unit, "subcriterion": sub, "old": old, "new": new, "reason": reason, "document": document}
            )
    if faults:
        raise Faults(faults)
    return {
        "kind": "round", "round": str(given.round), "at": given.at, "by": given.by, "file": given.read.file,
        "sha256": given.read.hash, "cells": cells,
    }  # fmt: skip


def _told(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"


def _out_of_turn(kept: Kept, given: Import, names: Mapping[str, str]) -> list[Fault]:
    order = list(Round)
    latest = kept.latest
    if latest is not None and order.index(given.round) < order.index(latest):
        return [Fault(f"the round “{given.round}” is over: “{latest}” has begun", given.read.file)]
    if given.round is not Round.EXPLAINED:
        return []
    faults = []
    for unit in given.read.points:
        window = kept.window(unit)
        name = names.get(unit, unit)
        if window is None:
            faults.append(
                Fault(f"“{name}” has no request window: set one with `phieu appraised window`", given.read.file)
            )
        elif not window[0] <= given.day <= window[1]:
            told = f"the request window of “{name}” is {window[0]} to {window[1]}, and this is {given.day}"
            faults.append(Fault(told, given.read.file))
    return faults


def window(unit: str, opens: str, closes: str, *, by: str, at: str) -> dict[str, Any]:
    """The record of a unit's request window. Raises Faults when it ends before it begins."""
    if closes < opens:
        raise Faults(f"a window cannot close on {closes}, before it opens on {opens}")
    return {"kind": "window", "unit": unit, "opens": opens, "closes": closes, "by": by, "at": at}


def upto(kept: Kept, last: Round | None) -> Kept:
    """The record as it stood at the end of a round; None for as it stands."""
    if last is None:
        return kept
    order = list(Round)
    gone = order[order.index(last) + 1 :]
    return Kept(kept.path, tuple(each for each in kept.records if each.get("round") not in gone), kept.head)


def standing(kept: Kept, table: Wanted) -> Appraised:
    """The points that stand after the last round. Raises Faults naming every cell that has none yet."""
    points: dict[str, dict[str, float]] = {}
    own: dict[str, dict[str, float]] = {}
    for kind, given in ((points, kept.cells(*GIVEN)), (own, kept.cells(Round.SELF))):
        for (unit, sub), value in given.items():
            if sub in table.maxima.get(unit, {}):
                kind.setdefault(unit, {})[sub] = value
    faults = [
        Fault(f"“{table.units[unit].name}” has no appraised points of “{table.names[sub]}” ({sub})", str(kept.path))
        for unit, maxima in table.maxima.items()
        for sub in maxima
        if sub not in points.get(unit, {})
    ]
    if faults:
        raise Faults(faults)
    return Appraised(points, own, kept.path.name, kept.head)


def facts(kept: Kept) -> Rounds:
    """What a result says of its rounds."""
    return Rounds(
        tuple(RoundFacts(r["round"], r["at"], r["by"], r["file"], r["sha256"], len(r["cells"])) for r in kept.rounds),
        tuple(changes(kept)),
        kept.head,
    )


def changes(kept: Kept, unit: str | None = None) -> Sequence[CellChange]:
    """The cells that a round changed, of one unit or all; what had no points before was set, not changed."""
    return [
        CellChange(
            record["round"], cell["unit"], cell["subcriterion"], cell["old"], cell["new"], cell["reason"],
            cell["document"], record["by"], record["at"],
        )
        for record in kept.rounds
        for cell in record["cells"]
        if cell["old"] is not None and (unit is None or cell["unit"] == unit)
    ]  # fmt: skip
