"""What two interim states tell between them."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from analysis.interim import MERGED, State, told_between

K = 5
STRATA, MODES = ("so_a/online", "so_a/counter", "so_a/post"), ("qr", "paper")
DETAIL = ("stratum", "mode")


def _state(**cells: int) -> State:
    """``online_qr=7``: seven of the stratum so_a/online who answered by qr; ``online`` alone: the mode is not told."""
    found = Counter[tuple[str, ...]]()
    for name, number in cells.items():
        stratum, _, mode = name.partition("_")
        found["so_a", "dan", f"so_a/{stratum}" if stratum != "all" else "so_a/*", mode or MERGED] += number
    return State(DETAIL, found)


def test_none_or_enough_is_told_nothing_of() -> None:
    assert told_between(_state(online=7), _state(online=12, counter=5), K) == ()
    assert told_between(_state(online=7), _state(online=8), K) == (("so_a", "dan"),)
    assert told_between(_state(online=7), _state(online=5), K) == (("so_a", "dan"),)
    assert told_between(State((), Counter()), _state(online=9), K) == ()


def test_strata_are_compared_where_the_mode_is_told_later_only() -> None:
    assert told_between(_state(online=20, counter=20), _state(online_qr=22, counter_qr=23), K) == (("so_a", "dan"),)
    assert told_between(_state(online=20, counter=20), _state(online_qr=25, counter_qr=20), K) == ()
    split = _state(online_qr=15, online_paper=12, counter_qr=23)
    assert told_between(_state(online=20, counter=20), split, K) == (("so_a", "dan"),)


def test_what_was_merged_before_is_merged_before_it_is_compared() -> None:
    assert told_between(_state(all=12), _state(online_qr=9, counter_qr=8), K) == ()
    assert told_between(_state(all=12), _state(online_qr=9, counter_qr=5), K) == (("so_a", "dan"),)


def test_a_cell_that_both_have_is_not_hidden_in_a_merged_one_beside_it() -> None:
    before, after = _state(online_qr=8, online=9), _state(online_qr=10, online=12)
    assert told_between(before, after, K) == (("so_a", "dan"),)


_NUMBER = st.just(0) | st.integers(K, 20)  # no dataset has a cell of fewer


_CELLS = [(stratum, mode) for stratum in STRATA for mode in MODES]


@given(*(st.fixed_dictionaries(dict.fromkeys(keys, _NUMBER)) for keys in (STRATA, _CELLS)))
def test_whoever_subtracts_finds_no_stratum_of_fewer_than_k(first: dict, last: dict) -> None:
    """The earlier state tells no modes; the attacker knows which stratum each row of both is of."""
    earlier = State(DETAIL, Counter({("so_a", "dan", stratum, MERGED): n for stratum, n in first.items() if n}))
    later = State(DETAIL, Counter({("so_a", "dan", *cell): n for cell, n in last.items() if n}))
    if not told_between(earlier, later, K):
        for stratum in STRATA:
            gained = sum(last[stratum, mode] for mode in MODES) - first[stratum]
            assert abs(gained) not in range(1, K)
