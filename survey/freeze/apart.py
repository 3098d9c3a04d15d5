"""A dataset lies far enough from the interim one before it, so that their difference tells of nobody."""

from __future__ import annotations

import json
from pathlib import Path

from analysis import interim as counted
from analysis.dataset import open_dataset
from forms.faults import Faults
from survey import audit
from survey.store import Store


def require_apart(store: Store, wave: str, scratch: Path, k: int, *, interim: bool) -> None:
    """Raise Faults naming units that gained 1 to k − 1 answers since the last interim dataset that is still there.

    Another interim dataset can wait. The final one cannot: of the two, it is the interim one that has to go.
    """
    former = _former(store, wave)
    if former is None:
        return
    earlier, later = (counted.counted(open_dataset(folder)) for folder in (former, scratch))
    told = counted.told_between(earlier, later, k)
    if not told:
        return
    cells = ", ".join(f"{unit} × {group}" for unit, group in told[:5]) + (" …" if len(told) > 5 else "")
    if interim:
        raise Faults(
            f"fewer than {k} answers lie between this state and the last interim dataset ({former}) in {cells}: "
            "whoever has both would read them by subtraction; wait until every unit and group has gained none or enough"
        )
    raise Faults(
        f"fewer than {k} answers lie between the final state and the interim dataset ({former}) in {cells}: whoever "
        "has both would read them by subtraction; destroy the interim dataset, its copies and what was made from it, "
        "then freeze again"
    )


def _former(store: Store, wave: str) -> Path | None:
    """The folder of the last interim dataset, as frozen; None where there is none, or it was altered or taken away."""
    with store.read() as tx:
        rows = tx.audit_search(text="", wave=wave, who="", action=audit.FROZEN, since="", until="", limit=50, offset=0)
        told = [json.loads(row["detail"]) for row in rows]
    folders = [Path(each["folder"]) for each in told if each.get("interim")]
    return next((folder for folder in folders if (folder / "manifest.json").is_file()), None)
