"""Invitations by unit and by pair of units: each counted under every unit that it assesses."""

from __future__ import annotations

import pyarrow.parquet as pq

from survey.freeze.opening import Cell, label
from survey.freeze.pairs import pairs


def cell(*units: tuple[str, float], group: str = "cb") -> Cell:
    return Cell(label(group, "all", "all", {}), "qr", units)


def test_an_invitation_counts_under_each_unit_and_each_pair_once() -> None:
    several, one = cell(("b", 2.0), ("a", 2.0)), cell(("a", 4.0))
    told = {(several, "complete"): 6, (several, "broke_off"): 1, (several, "screened_out"): 2, (one, "issued"): 5}
    table = pairs(told, blocks=(), valid=("complete", "partial"))
    assert [tuple(row.values()) for row in table.to_pylist()] == [
        ("cb", "a", "a", 34.0, 14, 9, 6),
        ("cb", "a", "b", 14.0, 9, 9, 6),
        ("cb", "b", "b", 14.0, 9, 9, 6),
    ]


def test_blocks_leave_the_eligible_pairs_unknown_and_groups_stay_apart() -> None:
    told = {(cell(("a", 1.0), ("b", 1.0)), "complete"): 5, (cell(("a", 1.0), group="dan"), "late"): 1}
    rows = pairs(told, blocks={"cb"}, valid=("complete",)).to_pylist()
    assert [(row["group"], row["unit"], row["other"], row["eligible"], row["valid"]) for row in rows] == [
        ("cb", "a", "a", 5.0, 5),
        ("cb", "a", "b", None, 5),
        ("cb", "b", "b", 5.0, 5),
        ("dan", "a", "a", 1.0, 0),
    ]


def test_the_dataset_has_the_file(frozen) -> None:
    rows = pq.read_table(frozen.folder / "pairs.parquet").to_pylist()
    own = {(row["group"], row["unit"]): (row["assigned"], row["valid"]) for row in rows if row["unit"] == row["other"]}
    assert own["dan", "so_b"] == (5, 4)
    assert own["can_bo", "so_c"] == (5, 5)
    assert len(rows) == 6 + 2
