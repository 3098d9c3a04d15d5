"""Forms out and back, by group and by unit, as they may leave the house (METHOD §8).

While forms come in, one secrecy stands over groups, units and their cross, of which nothing is told. Once a wave is
frozen the dataset's own counts are told, with the secrecy that its report has.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from survey.plan.wave_spec import WALK_IN

Row = dict[str, Any]
Names = Mapping[str, Mapping[str, str]]
Hidden = frozenset[tuple[str, ...]]
Forms = tuple[tuple[str, tuple[str, ...], int], ...]  # group, units, how many came back


def document(cells: Sequence[Mapping[str, Any]], names: Names, k: int, *, silent: bool = False) -> Row:
    """Issued and returned of each group and unit. ``cells``: counts by cell and state; ``names``: by "group", "unit".

    What may not be told is null with ``hidden``; ``silent``: nothing that came back. A form counts under each unit it
    assesses. Walk-ins were not issued and are not here.
    """
    # Imported here: pages of respondents load nothing of the statistics.
    from analysis.rates import RETURNED

    out, back = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    forms = Counter[tuple[str, tuple[str, ...]]]()
    for cell in cells:
        if cell["mode"] == WALK_IN:
            continue
        units = tuple(sorted(unit for unit, _ in json.loads(cell["units"])))
        lines = (("all",), ("group", cell["grp"]), *(("unit", unit) for unit in units))
        out.update(dict.fromkeys(lines, cell["n"]))
        if cell["state"] == "answered" or cell["state"] in RETURNED:
            back.update(dict.fromkeys(lines, cell["n"]))
            forms[cell["grp"], units] += cell["n"]
    secret = _secret(tuple((group, units, n) for (group, units), n in sorted(forms.items()) if n), k)
    return _told(names, k, {line: (out[line], back[line], silent or line in secret) for line in _lines(names)})


def of_dataset(folder: Path, names: Names, k: int) -> Row:
    """The document of a wave that is frozen. Raises Faults as ``open_dataset``."""
    from analysis.dataset import open_dataset
    from analysis.facts import RateRow
    from analysis.returns import rate_rows, unit_rate_rows

    dataset = open_dataset(folder)
    groups, whole = rate_rows(dataset)
    rows: dict[tuple[str, ...], RateRow] = {("all",): whole, **{("group", row.by["group"]): row for row in groups},
            **{("unit", row.by["unit"]): row for row in unit_rate_rows(dataset)}}  # fmt: skip
    known = {line: (row.issued, row.returned, row.hidden) for line, row in rows.items()}
    return _told(names, k, {line: known.get(line, (0, 0, False)) for line in _lines(names)})


def _lines(names: Names) -> list[tuple[str, ...]]:
    return [("all",), *((kind, id) for kind in ("group", "unit") for id in names[kind])]


def _told(names: Names, k: int, lines: Mapping[tuple[str, ...], tuple[int, int, bool]]) -> Row:
    def row(line: tuple[str, ...]) -> Row:
        issued, returned, hidden = lines[line]
        return {"issued": issued, "returned": None if hidden else returned, "hidden": hidden}

    made = {kind: [{"id": id, "name": name, **row((kind, id))} for id, name in names[kind].items()]
            for kind in ("group", "unit")}  # fmt: skip
    return {"k": k, "total": row(("all",)), "groups": made["group"], "units": made["unit"]}


def _secret(forms: Forms, k: int) -> Hidden:
    """Lines that may not be told of what came back; cells of unit and group are told by nobody and protected too."""
    from analysis.secrecy import ALL, CELL, GROUP, UNIT, Kind, Told, amount, by, secrecy

    kinds = [Kind(group, units, n) for group, units, n in forms]
    sums = by(kinds, lambda kind: [ALL, (GROUP, kind.group), *(
        line for unit in kind.units for line in ((UNIT, unit), (CELL, unit, kind.group)))])  # fmt: skip
    told = [Told(line, row, () if line[0] == CELL else ((row, amount(row, kinds)),)) for line, row in sums.items()]
    return secrecy(kinds, told, k).hidden
