"""A witness's own look at a dataset: every sealed box is opened and held against the rows, respondent by respondent.

Needs the dataset, the file that `phieu witness export` wrote and the private key; no instance, no database. What a row
says of the answers must be what a box says; strata, margins and modes may only have been merged, never changed; and
whoever is in no row must be among those that the manifest counts as left out.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from analysis.notes import NoteKind
from forms.answers import DECLINED, NA
from forms.faults import Fault, Faults
from survey import sealed, sealing
from survey.freeze import opening
from survey.freeze.respondent import Respondent
from survey.pace import LONG, USUAL
from survey.sample.sampling import MERGED

WALK_IN = "open"
_SHOWN = 20
_CLOSED = ("scale", "single", "multiple")
_NULL, _NO_CHOICE = -1000_000_000_000, -2000_000_000_000  # no number of a dataset: those have 32 bits

Codes = tuple[int, ...]
Answers = tuple[str, tuple[tuple[str, Codes], ...]]  # group, (unit, codes) each


class Told(NamedTuple):
    """What is said of a respondent besides the answers."""

    stratum: str
    wclass: str
    mode: str
    phase: str
    pace: str
    margins: tuple[str, ...]

    @property
    def merged(self) -> int:
        """How much of it was merged."""
        parts = [*self.stratum.split("/"), *self.wclass.split("/"), self.mode, self.phase, self.pace, *self.margins]
        return parts.count(MERGED)

    def became(self, other: Told) -> bool:
        """Whether merging alone leads from here to the other; a first-stage unit may have left the stratum."""
        strata, kept = self.stratum.split("/"), other.stratum.split("/")
        if len(kept) == len(strata) - 1:
            strata.pop()
        pairs = [(strata, kept), (self.wclass.split("/"), other.wclass.split("/"))]
        pairs += [([self.mode], [other.mode]), (list(self.margins), list(other.margins))]
        pairs.append(([self.phase], [other.phase]))
        paced = (self.pace, other.pace) == (str(LONG), str(USUAL)) or other.pace in (self.pace, MERGED)
        return paced and all(_merged(before, after) for before, after in pairs)


class Member(NamedTuple):
    """One respondent: cell, and weights of all units together."""

    told: Told
    weight: float


def _merged(before: list[str], after: list[str]) -> bool:
    return len(before) == len(after) and all(b in (a, MERGED) for a, b in zip(before, after, strict=True))


@dataclass(frozen=True, slots=True)
class Compared:
    """What was opened and compared: boxes, of them by posters, respondents in rows, and the last seal's hash."""

    boxes: int
    posters: int
    respondents: int
    seal: str


def compare(folder: Path, manifest: Mapping[str, Any], file: Path, private: sealing.KeyPair) -> Compared:
    """Open every box and compare. Raises Faults with everything that differs. The dataset itself is verified before."""
    if manifest["interim"]:
        raise Faults("an interim dataset holds boxes that no seal covers yet: compare the final one")
    held = sealed.read(file)
    first = json.loads(held.chain[0]["body"])
    if first["public_key"] != sealing.fingerprint(private.public):
        raise Faults("this private key is not the one whose public half seal 0 names")
    named = [seal["hash"] for seal in manifest["seals"]]
    _same_chain(held, named, file)
    last = len(named) - 1
    boxes = [(door, box) for seal, door, box in held.boxes if seal <= last]
    info = sealing.box_info(first["wave"], first["plan"])
    opened = opening.as_answered(opening.open_boxes([box for _, box in boxes], private.private, info))
    posters = sum(door for door, _ in boxes)
    if posters != sum(each.mode == WALK_IN for each in opened):
        raise Faults("boxes that the seals count as walk-ins say otherwise inside, or the other way round")
    official = [each for each in opened if each.mode != WALK_IN]
    faults = list(_differences(folder, manifest, official))
    if faults:
        more = [f"… and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
        raise Faults(Fault(each, str(folder)) for each in (*faults[:_SHOWN], *more))
    return Compared(len(boxes), posters, manifest["counts"]["respondents"], named[-1])


def _same_chain(held: sealed.Sealed, named: list[str], file: Path) -> None:
    """Raise Faults unless the file has every seal that the manifest names. A copy from before the later ones is no
    sign of a cheat, and must not read as one; nor may it pass for a comparison."""
    known = [seal["hash"] for seal in held.chain]
    if known[: len(named)] == named:
        return
    if known != named[: len(known)]:
        raise Faults([Fault("holds another chain of seals than the dataset's manifest names", str(file))])
    last, later = len(known) - 1, len(named) - 1
    boxes = sum(seal <= last for seal, _, _ in held.boxes)
    told = (
        "is an earlier, shorter piece of the same chain and agrees as far as it goes: seals 0 to "
        f"{last} are those that the manifest names, and its {boxes} boxes are those under them. It ends before seal "
        f"{later}: it cannot show what was sealed later, and the rows were not compared. Take a new `phieu witness "
        f"export`; one that holds seal {last}, {known[-1]}, holds these very boxes"
    )
    raise Faults([Fault(told, str(file))])


def _differences(folder: Path, manifest: Mapping[str, Any], official: list[Respondent]) -> Iterator[str]:
    coder = _Coder(json.loads((folder / "codebook.json").read_text("utf-8")), manifest["groups"])
    valid = [each for each in official if each.disposition in manifest["estimation"]["valid"]]
    boxes: dict[Answers, list[Member]] = defaultdict(list)
    for each in valid:
        boxes[coder.answers(each)].append(Member(_told(each), math.fsum(each.weights)))
    rows = _rows(folder, coder.names)
    yield from _matched(boxes, rows, weighed=_weights_stand(manifest))
    missing = len(valid) - sum(map(len, rows.values()))
    if missing != manifest["counts"]["too_few"]:
        yield f"{missing} respondents of the boxes are in no row, the manifest counts {manifest['counts']['too_few']}"
    for name in ("screened_out", "broke_off"):
        if (found := sum(each.disposition == name for each in official)) != manifest["counts"][name]:
            yield f"{found} boxes say {name}, the manifest counts {manifest['counts'][name]}"
    yield from _comments(folder, valid, coder.texts, complete=missing == 0)


def _weights_stand(manifest: Mapping[str, Any]) -> bool:
    """Whether weights in the rows are those of the boxes: a release of the reserve changes them by design."""
    return not any(note.get("kind") == NoteKind.RESERVE_RELEASED for note in manifest["departures"])


class _Coder:
    """Codes of answers from the codebook alone, as `docs/reference/dataset.md` explains them."""

    def __init__(self, codebook: Mapping[str, Any], groups: Iterable[Mapping[str, Any]]) -> None:
        self._asked = {group["id"]: group["questionnaire"] for group in groups}
        self._items = {item["id"]: item for item in codebook["items"]}
        self._columns = [column for column in codebook["columns"] if "item" in column]
        self._codes = codebook["codes"]
        self.names = [column["name"] for column in self._columns]
        self.texts = [id for id, item in self._items.items() if item["type"] == "text"]

    def answers(self, each: Respondent) -> Answers:
        """The group, and what is said of each unit, in the order of units."""
        said = zip(each.units, each.answers, strict=True)
        return each.label.group, tuple(sorted((unit, self._row(each, told)) for unit, told in said))

    def _row(self, each: Respondent, told: Mapping[str, Any] | None) -> Codes:
        return tuple(_number(self._code(column, self._value(each, told, column["item"]))) for column in self._columns)

    def _value(self, each: Respondent, told: Mapping[str, Any] | None, id: str) -> Any:
        item = self._items[id]
        if told is None and item["each"] == "unit":
            return DECLINED if self._asked[each.label.group] in item["questionnaires"] else None
        return (told or {}).get(id, each.person.get(id))

    def _code(self, column: Mapping[str, Any], value: Any) -> int | None:
        item = self._items[column["item"]]
        closed = item["type"] in _CLOSED
        if value is None:
            return None
        if value in (NA, DECLINED):
            return int(self._codes["na" if value == NA else "declined"]) if closed else None
        if "choice" in column:
            return int(column["choice"] in value)
        if closed:
            return next((int(choice["position"]) for choice in item["choices"] if choice["id"] == value), _NO_CHOICE)
        return int(value)


def _number(code: int | None) -> int:
    """A code that can be sorted."""
    return _NULL if code is None else code


def _told(each: Respondent) -> Told:
    margins = tuple(value for _, value in each.label.margins)
    return Told(each.label.stratum, each.label.wclass, each.mode, each.phase, _pace(each.band), margins)


def _pace(band: int | None) -> str:
    return MERGED if band is None else str(band)


def _rows(folder: Path, names: list[str]) -> dict[Answers, list[Member]]:
    """The dataset's respondents by what they said."""
    table = pq.read_table(folder / "assessments.parquet").to_pylist()
    persons: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in table:
        persons[row["respondent"]].append(row)
    found: dict[Answers, list[Member]] = defaultdict(list)
    for rows in persons.values():
        first = rows[0]
        said = tuple(sorted((row["unit"], tuple(_number(row[name]) for name in names)) for row in rows))
        margins = tuple(first[name] for name in first if name.startswith("m_") and first[name] is not None)
        timed = first.get("phase") or MERGED, _pace(first.get("duration_band"))
        told = Told(first["stratum"], first["wclass"], first["mode"] or MERGED, *timed, margins)
        found[first["group"], said].append(Member(told, math.fsum(row["base_weight"] for row in rows)))
    return found


def _matched(
    boxes: Mapping[Answers, list[Member]], rows: Mapping[Answers, list[Member]], *, weighed: bool
) -> Iterator[str]:
    """Give every row a box that says the same; those that say most choose first, for merged labels contain the rest."""
    sums: dict[tuple[str, tuple[str, ...]], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for said, members in sorted(rows.items()):
        group, units = said[0], tuple(unit for unit, _ in said[1])
        left: dict[Told, list[float]] = defaultdict(list)
        for box in boxes.get(said, ()):
            left[box.told].append(box.weight)
        for member in sorted(members, key=lambda each: each.told.merged):
            those = [told for told, weights in left.items() if weights and told.became(member.told)]
            fitting = min(those, key=lambda told: told.pace != member.told.pace, default=None)
            if fitting is None:
                yield f"a row of group “{group}” about {', '.join(units)} is in no box: answers or cell were altered"
                continue
            sums[group, units][0] += left[fitting].pop()
            sums[group, units][1] += member.weight
    for (group, units), (of_boxes, of_rows) in sorted(sums.items()):
        if weighed and not math.isclose(of_boxes, of_rows, rel_tol=1e-9):
            about = ", ".join(units)
            yield f"weights of group “{group}” about {about} add to {of_rows:g}, in the boxes to {of_boxes:g}"


def _comments(folder: Path, valid: Iterable[Respondent], texts: Iterable[str], *, complete: bool) -> Iterator[str]:
    """Every comment is in a box; where nobody was left out, every comment of a box is there too."""
    held: Counter[tuple[str, str, str]] = Counter()
    for each in valid:
        for told in (each.person, *each.answers):
            held.update((each.label.group, item, told[item]) for item in texts if told and told.get(item))
    table = pq.read_table(folder / "comments.parquet").to_pylist()
    written = Counter((row["group"], row["item"], row["text"]) for row in table)
    if added := (written - held).total():
        yield f"{added} comments are in no box"
    if complete and (lost := (held - written).total()):
        yield f"{lost} comments of the boxes are missing"
