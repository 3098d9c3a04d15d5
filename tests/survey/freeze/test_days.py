"""Days of a dataset: counters joined until k forms came back, never an invitation's own day."""

from __future__ import annotations

from datetime import date

import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from survey.freeze.days import days
from survey.freeze.opening import Cell, label


def cell(group: str) -> Cell:
    return Cell(label(group, "all", "all", {}), "qr", (("a", 1.0),))


def row(day: int, group: str, n: int) -> dict[str, object]:
    return {"day": f"2026-03-{day:02}", "grp": group, "n": n}


ISSUED = {(cell("dan"), "complete"): 12, (cell("dan"), "issued"): 8, (cell("dan"), "revoked"): 3}


def test_days_are_joined_until_enough_came_back() -> None:
    rows = [row(1, "dan", 3), row(1, "it", 4), row(2, "dan", 4), row(5, "dan", 5), row(9, "dan", 2)]
    assert [tuple(each.values()) for each in days(rows, ISSUED, 5).to_pylist()] == [
        ("dan", date(2026, 3, 2), 7, 20),
        ("dan", date(2026, 3, 9), 7, 20),
    ]


@given(st.lists(st.integers(1, 9), max_size=28), st.integers(1, 7))
def test_no_step_is_of_fewer_than_k_and_none_is_lost(found: list[int], k: int) -> None:
    rows = [row(at + 1, "dan", n) for at, n in enumerate(found)]
    told = days(rows, ISSUED, k).to_pylist()
    assert all(each["returned"] >= k for each in told)
    assert sum(each["returned"] for each in told) == (sum(found) if sum(found) >= k else 0)
    assert [each["day"] for each in told] == sorted({each["day"] for each in told})
    assert not told or told[-1]["day"] == date(2026, 3, len(found))


def test_a_frozen_wave_has_them(frozen) -> None:
    table = pq.read_table(frozen.folder / "days.parquet")
    assert table.column_names == ["group", "day", "returned", "issued"]
    assert "days.parquet" in frozen.manifest["files"]
    assert all(each["returned"] >= frozen.manifest["wave"]["k"] for each in table.to_pylist())
