"""What two interim states tell between them."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from analysis.interim import told_between

CELLS = [("so_a", "dan"), ("so_a", "dn"), ("so_b", "dan")]
STATES = st.fixed_dictionaries(dict.fromkeys(CELLS, st.integers(0, 20)))


def test_none_or_enough_is_told_nothing_of() -> None:
    assert told_between(Counter({CELLS[0]: 7}), Counter({CELLS[0]: 12, CELLS[1]: 5}), 5) == ()
    assert told_between(Counter({CELLS[0]: 7}), Counter({CELLS[0]: 8}), 5) == (CELLS[0],)
    assert told_between(Counter({CELLS[0]: 7}), Counter({CELLS[0]: 5}), 5) == (CELLS[0],)


@given(STATES, STATES)
def test_whoever_subtracts_finds_no_cell_of_fewer_than_k(earlier: dict, later: dict) -> None:
    shown = not told_between(Counter(earlier), Counter(later), 5)
    assert not shown or all(abs(later[cell] - earlier[cell]) not in range(1, 5) for cell in CELLS)
