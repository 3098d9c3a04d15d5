"""Which column of an office's file is what: by its heading, by what a person said, or by a likeness that is said."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from forms.faults import Fault, Faults
from forms.tables import Sheet
from forms.toml import ID
from survey.frames.cell_values import plain, unmarked
from survey.frames.headings import known, required
from survey.plan.wave_spec import Group

HEADER_WITHIN = 30  # rows; titles of the exporting office stand above the header
LIKE_ENOUGH = 0.8  # of 1: how alike a heading must be to be suggested


@dataclass(frozen=True, slots=True)
class Told:
    """What is known about a file's columns before it is read.

    ``mapping``: heading → field, as the caller says now. ``remembered``: the same by ``headings_key``, as said about
    an earlier file. ``guess``: take a column whose heading is like a missing field's.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    remembered: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    guess: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands (``row`` from 1), and the column of each field (from 0) with its heading.

    ``guessed`` and ``remembered`` name the fields known by likeness or from an earlier file; ``suggested`` is heading
    → field, for columns that are not used; ``key`` stands for this set of headings.
    """

    row: int
    column: Mapping[str, int]
    heading: Mapping[str, str]
    unused: tuple[str, ...]
    guessed: tuple[str, ...]
    remembered: tuple[str, ...]
    suggested: Mapping[str, str]
    key: str


def headings_key(headings: Iterable[str]) -> str:
    """What stands for a set of headings, however they are ordered and written."""
    folded = sorted({unmarked(heading) for heading in headings if heading})
    return hashlib.sha256("\n".join(folded).encode()).hexdigest()


def find_header(sheet: Sheet, group: Group, told: Told, *, alone: bool = True) -> Header | None:
    """The row that holds most known headings, titles above it skipped. Raises Faults for what is missing.

    What is told goes before what is remembered, and that before what is recognised. A sheet that does not stand alone
    may be one of notes: None, unless a row names three different fields (or as many as are required).
    """
    fields = known(group)
    _check_mapping(told.mapping)
    hits, row, cells, of_row = _likeliest(sheet, group, told)
    if not alone and len(hits) < min(3, len(required(group))):
        return None
    if not hits:
        wanted = ", ".join(f"“{fields[name][0]}”" for name in required(group))
        raise Faults([Fault(f"no header was found in the first {HEADER_WITHIN} rows; needed: {wanted}", sheet.place)])
    remembered = {unmarked(heading): name for heading, name in of_row.items()}
    said = {unmarked(heading): name for heading, name in told.mapping.items()}
    return _Columns(sheet, row, cells, fields, said, remembered).header(required(group), told.guess)


def headings(sheet: Sheet, group: Group) -> list[str]:
    """What the likeliest row of headings says, in its order; empty for an empty sheet. For a person to choose from."""
    hits, _, cells, _ = _likeliest(sheet, group, Told())
    if not hits:  # none is known: the fullest row, for titles stand alone
        rows = [[plain(cell) for cell in row] for row in sheet.rows[:HEADER_WITHIN]]
        cells = max(rows, key=lambda row: sum(map(bool, row)), default=[])
    return list(dict.fromkeys(filter(None, cells)))


def _likeliest(sheet: Sheet, group: Group, told: Told) -> tuple[set[str], int, list[str], Mapping[str, str]]:
    """The row with most known headings: the fields it names, its number and cells, and what is remembered of such."""
    recognised = {unmarked(heading): name for name, all in known(group).items() for heading in (name, *all)}
    said = {unmarked(heading): name for heading, name in told.mapping.items()}
    best: tuple[set[str], int, list[str], Mapping[str, str]] = (set(), 0, [], {})
    for number, row in enumerate(sheet.rows[:HEADER_WITHIN], start=1):
        cells = [plain(cell) for cell in row]
        before = told.remembered.get(headings_key(cells), {})
        field_of = recognised | {unmarked(each): name for each, name in before.items()} | said
        hits = {field_of[key] for heading in cells if (key := unmarked(heading)) in field_of}
        if not best[1] or len(hits) > len(best[0]):
            best = (hits, number, cells, before)
    return best


def _check_mapping(mapping: Mapping[str, str]) -> None:
    wrong = [name for name in mapping.values() if not ID.fullmatch(name)]
    if wrong:
        raise Faults(f"--map {wrong[0]}: a field is named with a–z, 0–9 and _, beginning with a letter")


class _Columns:
    """The columns of one header row, as they are given to fields."""

    def __init__(
        self, sheet: Sheet, row: int, headings: Sequence[str], fields: Mapping[str, Sequence[str]],
        said: dict[str, str], remembered: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.sheet, self.row, self.headings, self.fields = sheet, row, headings, fields
        self.said = said
        self.earlier = {key: name for key, name in remembered.items() if key not in said and name not in said.values()}
        self.column: dict[str, int] = {}
        self.faults: list[Fault] = []

    def header(self, needed: Sequence[str], guess: bool) -> Header:
        """Give every column its field. Raises Faults for what is missing or stands twice."""
        self._take_known()
        likely = self._likely()
        if guess:
            self.column |= {name: position for name, (position, _) in likely.items()}
        self._look_for_missing(needed, likely)
        if self.faults:
            raise Faults(self.faults)
        used = set(self.column.values())
        unused = tuple(h for position, h in enumerate(self.headings) if h and position not in used)
        return Header(
            self.row,
            self.column,
            {name: self.headings[position] for name, position in self.column.items()},
            unused,
            tuple(likely) if guess else (),
            tuple(name for name in self.earlier.values() if name in self.column),
            {} if guess else {self.headings[position]: name for name, (position, _) in likely.items()},
            headings_key(self.headings),
        )

    def _take_known(self) -> None:
        recognised = {unmarked(heading): name for name, all in self.fields.items() for heading in (name, *all)}
        field_of = recognised | self.earlier | self.said
        chosen = {*self.said.values(), *self.earlier.values()}
        for position, heading in enumerate(self.headings):
            key = unmarked(heading)
            name = field_of.get(key)
            if name is None or (name in chosen and key not in self.said and key not in self.earlier):
                continue
            if name in self.column:
                other = self.headings[self.column[name]]
                message = f"stands for “{name}” as “{other}” does; choose with --map"
                self.faults.append(Fault(message, self.sheet.place, self.row, heading))
            self.column.setdefault(name, position)
        spelled = {unmarked(heading) for heading in self.headings}
        self.faults += [
            Fault(f"there is no column “{heading}”, which --map names", self.sheet.place, self.row)
            for heading in self.said
            if heading not in spelled
        ]

    def _likely(self) -> dict[str, tuple[int, float]]:
        """Field without a column → the unused column most like it; a column is offered for one field only."""
        used = set(self.column.values())
        pairs = sorted(
            (
                (alike(heading, spelling), name, position)
                for position, heading in enumerate(self.headings)
                if heading and position not in used
                for name, spellings in self.fields.items()
                if name not in self.column
                for spelling in spellings
            ),
            key=lambda each: (-each[0], each[2]),
        )
        found: dict[str, tuple[int, float]] = {}
        for likeness, name, position in pairs:
            taken = {column for column, _ in found.values()}
            if likeness >= LIKE_ENOUGH and name not in found and position not in taken:
                found[name] = (position, likeness)
        return found

    def _look_for_missing(self, needed: Sequence[str], likely: Mapping[str, tuple[int, float]]) -> None:
        for name in needed:
            if name in self.column:
                continue
            said = f"the column “{self.fields[name][0]}” ({name}) is missing; "
            if name in likely:
                heading = self.headings[likely[name][0]]
                said += f"“{heading}” looks like it: say --map “{heading}={name}”, or --guess"
            else:
                said += f"if it has another heading, say --map HEADING={name}"
            self.faults.append(Fault(said, self.sheet.place, self.row))


def alike(heading: str, spelling: str) -> float:
    """How alike two headings are, 0 to 1: their letters without marks, or all words of one among the other's."""
    mine, other = unmarked(heading), unmarked(spelling)
    words, others = set(mine.split()), set(other.split())
    if (len(others) > 1 and others < words) or (len(words) > 1 and words < others):
        return 0.9
    matcher = SequenceMatcher(None, mine, other, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= LIKE_ENOUGH else 0.0
