"""A dataset's forms by kind, and the lines that are published of them: one ``Secrecy`` for every publisher of a count.

Valid forms are known by unit and group (pairs.parquet) and by group and margins (design.parquet); those in the rows of
the dataset by everything at once. Who was left out because too few were alike is a kind of its own: valid, in no row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from analysis.dataset import Dataset
from analysis.rates import RETURNED
from analysis.secrecy import (
    ALL,
    ASSESSED,
    CELL,
    GROUP,
    LEVEL,
    RESPONDENTS,
    UNIT,
    UNIT_KIND,
    WEIGHT,
    Kind,
    Line,
    Secrecy,
    Told,
    amount,
    by,
    plain,
    secrecy,
)

Levels = tuple[tuple[str, str], ...]
ANSWERED = ("mode", "phase")
_OF_GROUPS = (GROUP, CELL, LEVEL)


@dataclass(frozen=True, slots=True)
class Known:
    """Forms (valid, returned) by line, as files beside the rows count them; ``together`` by (group, unit): the units
    that each such form assesses too; ``alike`` by group: the margins there are, with how many valid forms of each."""

    forms: Mapping[Line, tuple[int, int]]
    together: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    alike: Mapping[str, Mapping[Levels, int]] = field(default_factory=dict)


@lru_cache(maxsize=8)
def of_dataset(dataset: Dataset) -> Secrecy:
    """What may not be told of this dataset's counts, in any table, file or answer."""
    kept, known = rows(dataset), known_forms(dataset)
    kinds = [*kept, *left_out(kept, known)]
    hidden = secrecy(kinds, told(dataset, kinds, known), int(dataset.manifest["wave"]["k"])).hidden
    return Secrecy(hidden | _unweighted(kinds, hidden))


def _unweighted(kinds: Sequence[Kind], hidden: Iterable[Line]) -> set[Line]:
    """Groups of which something is hidden or left out. Weights differ from stratum to stratum and numbers of forms are
    whole, so that a single sum of weights with all its digits may tell every number of forms that it is made of."""
    groups = {kind.group for kind in kinds if not kind.kept}
    groups |= {line[2] if line[0] == CELL else line[1] for line in hidden if line[0] in (*_OF_GROUPS, ASSESSED)}
    return {(WEIGHT, group) for group in groups}


def rows(dataset: Dataset) -> list[Kind]:
    """The kinds of respondents that stand in the dataset, with their numbers."""
    names = [name for name in dataset.columns if name in ("group", *ANSWERED) or name.startswith("m_")]
    table = dataset.table(["respondent", "unit", *names])
    for name in ("unit", *names):
        table = table.set_column(table.column_names.index(name), name, table[name].cast(pa.string()))
    people = table.sort_by("unit").group_by(["respondent", *names], use_threads=False)
    each = people.aggregate([("unit", "list")])
    each = each.append_column("units", pc.binary_join(each["unit_list"], "\n"))
    alike = each.group_by([*names, "units"], use_threads=False).aggregate([("respondent", "count")])
    levels = [name for name in names if name != "group"]
    return [
        Kind(row["group"], tuple(row["units"].split("\n")), row["respondent_count"],
             tuple((name, plain(row[name])) for name in levels))
        for row in alike.to_pylist()
    ]  # fmt: skip


def known_forms(dataset: Dataset) -> Known:
    """What pairs.parquet and design.parquet count of valid and returned forms."""
    valid = dataset.manifest["estimation"]["valid"]
    forms: dict[Line, list[int]] = defaultdict(lambda: [0, 0])
    alike: dict[str, dict[Levels, int]] = defaultdict(lambda: defaultdict(int))
    for row in dataset.design_table().to_pylist():
        good, back = (round(sum(row.get(f"n_{state}") or 0 for state in states)) for states in (valid, RETURNED))
        levels = tuple((name, plain(value)) for name, value in row.items() if name.startswith("m_"))
        alike[row["group"]][levels] += good
        for line in (ALL, (GROUP, row["group"]), *((LEVEL, row["group"], *level) for level in levels)):
            forms[line][0] += good
            forms[line][1] += back
    pairs = dataset.pairs_table()
    listed = [] if pairs is None else pairs.to_pylist()
    for row in listed:
        for line in ((CELL, row["unit"], row["group"]), (UNIT, row["unit"])) if row["unit"] == row["other"] else ():
            forms[line][0] += row["valid"]
            forms[line][1] += row["returned"]
    return Known({line: (good, back) for line, (good, back) in forms.items()}, _together(listed), alike)


def _together(pairs: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[str, ...]]:
    assigned = {(row["group"], row["unit"]): row["assigned"] for row in pairs if row["unit"] == row["other"]}
    found = {key: [key[1]] for key in assigned}
    for row in pairs:
        for one, other in ((row["unit"], row["other"]), (row["other"], row["unit"])):
            if one != other and row["assigned"] and row["assigned"] == assigned.get((row["group"], one)):
                found[row["group"], one].append(other)
    return {key: tuple(sorted(units)) for key, units in found.items()}


def left_out(kept: Sequence[Kind], known: Known) -> list[Kind]:
    """Kinds of valid forms that stand in no row: where a unit, group or margin has more than its rows say."""
    inside = {line: sum(kept[place].n for place in row) for line, row in by(kept, _lines).items()}
    missing = {line for line, (good, back) in known.forms.items()
               if good > inside.get(line, 0) or (back and not inside.get(line))}  # fmt: skip
    found: list[Kind] = []
    for group in sorted({line[2] if line[0] == CELL else line[1] for line in missing if line[0] in _OF_GROUPS}):
        cells = [line[1] for line in missing if line[0] == CELL and line[2] == group]
        units = sorted({known.together.get((group, unit), (unit,)) for unit in cells}) or [()]
        margins = _margins(group, kept, known)
        found += [Kind(group, each, 0, levels, kept=False) for each, levels in product(units, margins)]
    return found


def _margins(group: str, kept: Sequence[Kind], known: Known) -> list[Levels]:
    """The margins of which more are valid than stand in rows; all of the group where that tells nothing."""
    inside: dict[Levels, int] = defaultdict(int)
    for kind in kept:
        if kind.group == group:
            inside[tuple(level for level in kind.levels if level[0].startswith("m_"))] += kind.n
    there = known.alike.get(group, {})
    return sorted(levels for levels, n in there.items() if n > inside[levels]) or sorted(there) or [()]


def _lines(kind: Kind) -> Iterable[Line]:
    """The lines of valid forms that a kind belongs to."""
    yield ALL
    yield GROUP, kind.group
    for unit in kind.units:
        yield CELL, unit, kind.group
        yield UNIT, unit
    for column, level in kind.levels:
        yield LEVEL, kind.group, column, level


def _rows_of(kinds_of: Mapping[str, str], dossier: frozenset[str], kind: Kind) -> Iterable[Line]:
    """The lines that count assessments in the dataset: a form about several units is as many."""
    for unit in kind.units:
        yield RESPONDENTS, unit
        yield ASSESSED, kind.group
        if kind.group in dossier:
            yield UNIT_KIND, kinds_of.get(unit, "")


def told(dataset: Dataset, kinds: Sequence[Kind], known: Known) -> list[Told]:
    """Every line that something published says: of forms, of assessments and of levels."""
    manifest = dataset.manifest
    kinds_of = {unit["id"]: unit["kind"] for unit in manifest["units"]}
    dossier = frozenset(group["id"] for group in manifest["groups"] if group.get("assesses") == "dossier")
    valid, inside = by(kinds, _lines), by(kinds, _lines, kept=True)
    assessed = by(kinds, lambda kind: _rows_of(kinds_of, dossier, kind), kept=True)
    made = [_forms(line, valid[line], inside.get(line, {}), kinds, known) for line in valid]
    made += [Told(line, row, ((row, amount(row, kinds)),)) for line, row in assessed.items()]
    return made


def _forms(line: Line, valid: Mapping[int, float], inside: Mapping[int, float], kinds: Sequence[Kind],
           known: Known) -> Told:  # fmt: skip
    """Tables by unit, group and margin tell valid forms; those by unit × group, and by mode, what is in the dataset."""
    there = amount(inside, kinds)
    if line[0] == CELL or line[2:3] in [(name,) for name in ANSWERED]:
        shown: tuple[tuple[Mapping[int, float], float], ...] = ((inside, there),) if inside else ()
    else:
        shown = ((valid, known.forms[line][0] if line in known.forms else there),)
    return Told(line, valid if line[2:3] not in [(name,) for name in ANSWERED] else inside, shown,
                known.forms.get(line, ()))  # fmt: skip
