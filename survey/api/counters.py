"""Forms out and back, by group and by unit, as they may leave the house (METHOD §8)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from survey.plan.wave_spec import WALK_IN

Row = dict[str, Any]


def document(cells: Sequence[Mapping[str, Any]], names: Mapping[str, Mapping[str, str]], k: int) -> Row:
    """Issued and returned of each group and unit. ``cells``: counts by cell and state; ``names``: by "group", "unit".

    Fewer than k returned are null with ``hidden``, and what would tell them too. A form counts under each unit it
    assesses. Walk-ins were not issued and are not here.
    """
    # Imported here: pages of respondents load nothing of the statistics.
    from analysis.covering import told
    from analysis.rates import RETURNED

    out: dict[str, Counter[str]] = {"group": Counter(), "unit": Counter()}
    back: dict[str, Counter[str]] = {"group": Counter(), "unit": Counter()}
    for cell in cells:
        if cell["mode"] == WALK_IN:
            continue
        for kind, keys in (("group", [cell["grp"]]), ("unit", [unit for unit, _ in json.loads(cell["units"])])):
            for key in keys:
                out[kind][key] += cell["n"]
                if cell["state"] == "answered" or cell["state"] in RETURNED:
                    back[kind][key] += cell["n"]
    made = {kind: _rows(names[kind], out[kind], back[kind], k) for kind in ("group", "unit")}
    returned = [back["group"][id] for id in names["group"]]
    bare = told(returned, [row["hidden"] for row in made["group"]], k) or 0 < sum(returned) < k
    total = {"issued": sum(out["group"].values()), "returned": None if bare else sum(returned), "hidden": bare}
    return {"k": k, "total": total, "groups": made["group"], "units": made["unit"]}


def _rows(names: Mapping[str, str], out: Counter[str], back: Counter[str], k: int) -> list[Row]:
    from analysis.covering import covered

    counts = [back[id] for id in names]
    hidden = covered(counts, [0 < n < k for n in counts], k)
    return [
        {"id": id, "name": name, "issued": out[id], "returned": None if secret else back[id], "hidden": secret}
        for (id, name), secret in zip(names.items(), hidden, strict=True)
    ]
