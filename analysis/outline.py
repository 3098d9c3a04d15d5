"""What is the same in every part of a long Parquet file: strata, fractions, domains, and where its parts begin.

Only columns of the design are read here, part by part. A file whose parts cannot stand alone (a cluster over two of
them, an fpc that differs within a stratum) has no outline; reading it whole answers it, or says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.assembly import Layout, clusters_of, strata_of
from analysis.design import Codes, Floats
from analysis.question import LINEAR, Asked, Domains, Question, Statistic, domain_notes, matching
from analysis.sheet import Sheet
from forms.faults import Faults

# Files of fewer rows are read whole.
ROWS = 1 << 17
# Rows that are looked at together, so few that their scores stay in the processor's cache; clusters are never cut.
PIECE = 1 << 14


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """``parts``: rows of each row group; ``first``: how many stand before it.

    ``levels`` of each column of --by, in order; ``used`` (D,) the combinations that occur; ``domains`` their names.
    ``drawn`` (H,) PSUs of each stratum.
    """

    file: Path
    layout: Layout
    question: Question
    parts: tuple[int, ...]
    first: tuple[int, ...]
    strata: tuple[str, ...]
    drawn: Codes
    fraction: Floats
    levels: Mapping[str, tuple[str, ...]]
    used: Codes
    domains: tuple[Mapping[str, str], ...]
    notes: tuple[str, ...]

    @property
    def groups(self) -> list[list[Asked]]:
        """The statistics, kind by kind."""
        groups = [[asked for asked in self.question.asked if asked.statistic is kind] for kind in LINEAR]
        return [group for group in groups if group]

    def pieces(self, number: int, columns: Sequence[str]) -> Iterator[Sheet]:
        """Some columns of one part, a piece at a time."""
        whole = _sheet(self.file, number, self.first[number], columns)
        step = max(1, whole.rows) if self.layout.clusters else PIECE
        for start in range(0, whole.rows, step):
            held = {name: column.slice(start, step) for name, column in whole.columns.items()}
            rows = min(step, whole.rows - start)
            yield Sheet(whole.name, held, rows, _numbered(self.first[number] + start))

    def domains_of(self, sheet: Sheet) -> tuple[Domains, Codes]:
        """Domains of the rows of a part, and how many rows --where and each column of --by lose."""
        code, lost = _combined(sheet, self.question, self.levels)
        place = np.where(code < 0, -1, np.searchsorted(self.used, code))
        return Domains(place, self.domains, ()), lost


def answerable(file: Path, layout: Layout, question: Question) -> bool:
    """Whether a question can be answered part by part, and the file is long enough for that to pay."""
    if file.suffix.lower() != ".parquet" or not file.is_file() or len(layout.clusters) > 1:
        return False
    if any(asked.statistic not in LINEAR for asked in question.asked):
        return False
    try:
        return bool(pq.ParquetFile(file).metadata.num_rows > ROWS)
    except (pa.ArrowException, OSError):
        return False


def outlined(file: Path, layout: Layout, question: Question) -> Outline | None:
    """Read the design's columns. None when parts cannot stand alone, or something is wrong."""
    source = pq.ParquetFile(file)
    names = source.schema_arrow.names
    asked = [name for one in question.asked for name in (one.column, one.denominator) if name]
    design = [layout.stratum, *layout.clusters, *layout.fpc, *question.by, *(question.where or ())[:1]]
    wanted = [name for name in dict.fromkeys(design) if name is not None]
    if len(set(names)) < len(names) or set([*wanted, *asked, *([layout.weight] if layout.weight else [])]) - set(names):
        return None
    parts = [source.metadata.row_group(group).num_rows for group in range(source.num_row_groups)]
    proportions = [one.column for one in question.asked if one.statistic is Statistic.PROPORTION]
    looked = dict.fromkeys([*([layout.stratum] if layout.stratum else []), *question.by, *(question.where or ())[:1],
                            *proportions])  # fmt: skip
    uniques = Sheet(str(file), {name: _uniques(source, name) for name in looked}, 0)
    try:
        return _outline(file, layout, question, parts, uniques, wanted)
    except Faults:
        return None


def _outline(
    file: Path, layout: Layout, question: Question, parts: Sequence[int], uniques: Sheet, wanted: Sequence[str]
) -> Outline | None:
    for one in question.asked:
        if one.statistic is Statistic.PROPORTION:
            matching(uniques, one.column, one.value or "")
    strata = ("all rows",) if layout.stratum is None else uniques.levels(layout.stratum)[1]
    levels = {name: uniques.levels(name)[1] for name in question.by}
    if question.where is not None:
        matching(uniques, *question.where)
    seen = _Seen(np.zeros(len(strata), np.int64), np.full(len(strata), np.nan))
    used: set[int] = set()
    lost = np.zeros(1 + len(question.by), np.int64)
    first = [0, *np.cumsum(parts).tolist()]
    for number in range(len(parts)):
        sheet = _sheet(file, number, first[number], wanted)
        if not seen.add(sheet, layout, strata):
            return None
        code, more = _combined(sheet, question, levels)
        lost += more
        used |= set(np.flatnonzero(np.bincount(code + 1)[1:]).tolist())
    fraction = seen.fractions(bool(layout.fpc))
    if fraction is None or not used:
        return None
    codes = np.array(sorted(used), np.int64)
    names = tuple(_name(code, levels) for code in codes.tolist())
    told = domain_notes(question.by, question.where, lost)
    return Outline(file, layout, question, tuple(parts), tuple(first[:-1]), strata, seen.drawn, fraction, levels, codes,
                   names, told)  # fmt: skip


@dataclass(slots=True, eq=False)
class _Seen:
    """PSUs and fpc of each stratum so far, and the clusters met."""

    drawn: Codes
    fpc: Floats
    clusters: Codes | None = None

    def add(self, sheet: Sheet, layout: Layout, strata: Sequence[str]) -> bool:
        """False when the part cannot stand alone."""
        local, names = strata_of(sheet, layout)
        stratum = moved(local, names, strata)
        psu = clusters_of(sheet, layout, local, names)
        first = np.unique(psu, return_index=True)[1] if layout.clusters else np.arange(sheet.rows)
        self.drawn += np.bincount(stratum[first], minlength=len(strata))
        if layout.clusters:
            named = sheet.levels(layout.clusters[0])
            own = [
                f"{strata[stratum[row]] if layout.nested else ''}\0{named[1][named[0][row]]}" for row in first.tolist()
            ]
            marks = np.sort(np.array([hash(text) for text in own], np.int64))
            if self.clusters is not None and np.isin(marks, self.clusters).any():
                return False
            self.clusters = marks if self.clusters is None else np.union1d(self.clusters, marks)
        if not layout.fpc:
            return True
        values = sheet.numbers(layout.fpc[0])
        if np.isnan(values).any() or (values < 0).any() or (layout.weight is None and not values.all()):
            return False
        fresh = np.isnan(self.fpc[stratum])
        self.fpc[stratum[fresh]] = values[fresh]
        return bool((self.fpc[stratum] == values).all())

    def fractions(self, given: bool) -> Floats | None:
        """(H,) shares of the strata drawn; None when more were drawn than there are."""
        if not given:
            return np.zeros(len(self.drawn))
        if (self.fpc <= 1).all():
            return self.fpc
        return None if (self.drawn > self.fpc).any() else self.drawn / self.fpc


def _sheet(file: Path, group: int, first: int, columns: Sequence[str]) -> Sheet:
    source = pq.ParquetFile(file)
    table = source.read_row_group(group, list(dict.fromkeys(columns)), use_threads=False)
    rows = source.metadata.row_group(group).num_rows
    return Sheet(str(file), dict(zip(table.column_names, table.columns, strict=True)), rows, _numbered(first))


def _numbered(first: int) -> Callable[[int], int]:
    return lambda row: first + row + 2


def _uniques(source: pq.ParquetFile, column: str) -> pa.ChunkedArray:
    """The values that occur in a column."""
    found = [pc.unique(source.read_row_group(group, [column], use_threads=False)[column])
             for group in range(source.num_row_groups)]  # fmt: skip
    plain = [one.dictionary_decode() if pa.types.is_dictionary(one.type) else one for one in found]
    return pa.chunked_array([pc.unique(pa.chunked_array(plain))])


def moved(codes: Codes, names: Sequence[str], levels: Sequence[str]) -> Codes:
    """Codes into ``names`` as codes into ``levels``, which hold them all; −1 stays."""
    order = {level: at for at, level in enumerate(levels)}
    return np.array([*(order[name] for name in names), -1], np.int64)[codes]


def _combined(sheet: Sheet, question: Question, levels: Mapping[str, tuple[str, ...]]) -> tuple[Codes, Codes]:
    """A code for each row by its values of --by, −1 outside, and rows lost to --where and to each column."""
    code, lost = np.zeros(sheet.rows, np.int64), [0]
    if question.where is not None:
        inside, missing = matching(sheet, *question.where, somewhere=True)
        code[~inside] = -1
        lost[0] = int(missing.sum())
    for column in question.by:
        own = moved(*sheet.levels(column), levels[column])
        lost.append(int(((own < 0) & (code >= 0)).sum()))
        code = np.where((own < 0) | (code < 0), -1, code * max(1, len(levels[column])) + own)
    return code, np.array(lost)


def _name(code: int, levels: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for column in reversed(list(levels)):
        code, at = divmod(code, len(levels[column]))
        texts[column] = levels[column][at]
    return dict(reversed(texts.items()))
