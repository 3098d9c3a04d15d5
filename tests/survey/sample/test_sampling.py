"""Sampling against theory: allocation, strata, selection, inclusion probabilities by simulation."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.faults import Faults
from survey.plan.wave_spec import Allocation, Design, Method
from survey.sample.allocation import allocate
from survey.sample.sampling import ListRow, effective_seed, list_text, select, stratum_name
from survey.sample.sizes import margin_of_error
from survey.sample.strata import stratify

DRAWS = 4000
NAMES = "abcdefgh"


def stratified(n: int, *by: str, minimum: int = 0, hold: int = 8, allocation: str = "proportional") -> Design:
    return Design(Method.STRATIFIED, by, n, Allocation(allocation), minimum, hold)


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 20)), min_size=1, max_size=8), st.data())
def test_an_allocation_adds_up_within_its_bounds(strata: list[tuple[int, int]], data: st.DataObject) -> None:
    size = {NAMES[number]: each for number, (each, _) in enumerate(strata)}
    lower = {NAMES[number]: min(each, least) for number, (each, least) in enumerate(strata)}
    n = data.draw(st.integers(sum(lower.values()), sum(size.values())))
    made = allocate(n, size, lower, size)
    assert sum(made.values()) == n
    assert all(lower[name] <= number <= size[name] for name, number in made.items())


@given(st.lists(st.integers(1, 500), min_size=1, max_size=8), st.data())
def test_without_binding_bounds_no_stratum_is_a_whole_unit_off(sizes: list[int], data: st.DataObject) -> None:
    size = dict(zip(NAMES, sizes, strict=False))
    n = data.draw(st.integers(0, sum(sizes)))
    made = allocate(n, size, dict.fromkeys(size, 0), size)
    assert all(abs(made[name] - n * size[name] / sum(sizes)) < 1 for name in size)


def test_bounds_that_bind_leave_the_rest_proportional() -> None:
    size = {"a": 1000, "b": 500, "c": 20, "d": 5}
    made = allocate(100, size, {"a": 12, "b": 12, "c": 12, "d": 5}, size)
    assert made == {"a": 55, "b": 28, "c": 12, "d": 5}  # 83 left for 1000 : 500


def test_an_upper_bound_binds_too() -> None:
    assert allocate(30, {"a": 1, "b": 1}, {"a": 0, "b": 0}, {"a": 5, "b": 100}) == {"a": 5, "b": 25}


def test_bounds_that_leave_no_way_are_refused() -> None:
    with pytest.raises(ValueError, match="no way"):
        allocate(3, {"a": 9}, {"a": 4}, {"a": 9})


def test_remainders_go_to_the_largest_fraction_then_to_the_first_name() -> None:
    assert allocate(2, {"a": 1, "b": 1, "c": 1}, dict.fromkeys("abc", 0), dict.fromkeys("abc", 9)) == {
        "a": 1, "b": 1, "c": 0,
    }  # fmt: skip


def test_a_channel_splits_only_where_each_level_can_hold_eight() -> None:
    counts = {
        ("big", "counter"): 600, ("big", "online"): 400,
        ("small", "counter"): 60, ("small", "online"): 40,
        ("lopsided", "counter"): 500, ("lopsided", "online"): 7,
        ("one", "counter"): 100,
    }  # fmt: skip
    made = stratify(stratified(100, "unit", "channel", minimum=12), counts)
    assert set(made.take) == {"big/counter", "big/online", "small/*", "lopsided/*", "one/counter"}
    assert made.of[("small", "online")] == "small/*"
    assert made.population["lopsided/*"] == 507
    assert sum(made.take.values()) == 100
    assert made.take["small/*"] == 12
    assert made.take["big/counter"] + made.take["big/online"] == 50
    assert made.notes == ()


def test_held_levels_get_at_least_eight() -> None:
    made = stratify(stratified(20, "unit", "channel"), {("u", "counter"): 900, ("u", "online"): 30})
    assert made.take == {"u/counter": 12, "u/online": 8}


def test_what_does_not_split_hides_every_further_column() -> None:
    made = stratify(stratified(10, "unit", "channel", "level"), {("u", "counter", "3"): 9, ("u", "online", "4"): 9})
    assert made.take == {"u/*/*": 10}


def test_equal_allocation() -> None:
    assert stratify(stratified(30, "unit", allocation="equal"), {("a",): 1000, ("b",): 100, ("c",): 5}).take == {
        "a": 13, "b": 12, "c": 5,
    }  # fmt: skip


def test_a_small_unit_is_taken_whole_and_told() -> None:
    made = stratify(stratified(40, "unit", minimum=12), {("a",): 200, ("b",): 7})
    assert made.take == {"a": 33, "b": 7}
    assert made.notes == ("unit b has only 7, fewer than 12: all are taken",)


def test_a_list_smaller_than_the_sample_is_taken_whole_and_told() -> None:
    made = stratify(stratified(100, "unit"), {("a",): 20, ("b",): 10})
    assert made.take == {"a": 20, "b": 10}
    assert made.notes == ("only 30 in the list: all are taken instead of 100",)


def test_minima_that_need_more_than_n_name_the_size_that_works() -> None:
    counts = {(f"u{number}",): 50 for number in range(4)} | {("v",): 3}
    with pytest.raises(Faults, match=r"5 levels of “unit” with at least 12 each .* need n = 51 or more, not 50"):
        stratify(stratified(50, "unit", minimum=12), counts)
    assert sum(stratify(stratified(51, "unit", minimum=12), counts).take.values()) == 51


def test_census_and_simple_random() -> None:
    counts = {("a",): 9, ("b",): 4}
    assert stratify(Design(Method.CENSUS, ("unit",)), counts).take == {"a": 9, "b": 4}
    assert stratify(Design(Method.CENSUS), {(): 13}).take == {"all": 13}
    assert stratify(Design(Method.SIMPLE, n=5), {(): 13}).take == {"all": 5}
    with pytest.raises(Faults, match="there is nobody to draw"):
        stratify(Design(), {})


def test_a_slash_in_a_level_stays_apart_from_the_names_own() -> None:
    assert stratum_name(["a/b", "c"]) == "a-b/c"


def test_the_list_is_a_fixed_text_whatever_the_order_of_rows() -> None:
    rows = [ListRow("b-1", "s"), ListRow("a-1", "s", 2)]
    text = "row_id,stratum,size,take\na-1,s,2,1\nb-1,s,1,1\n"
    assert list_text(rows, {"s": 1}) == list_text(rows[::-1], {"s": 1}) == text
    assert effective_seed("ab", "007") == sha256(b"ab007").hexdigest()


def strata_rows() -> tuple[list[ListRow], dict[str, int]]:
    sizes, take = {"a": 12, "b": 7, "c": 3}, {"a": 3, "b": 5, "c": 3}
    return [ListRow(f"{stratum}{number}-1", stratum) for stratum in sizes for number in range(sizes[stratum])], take


def test_inclusion_probabilities_agree_with_a_simulation() -> None:
    """First and second order, stratified simple random: n/N, n(n−1)/(N(N−1)) within, the product between strata."""
    rows, take = strata_rows()
    first: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    followed = [("a0-1", "a1-1"), ("b0-1", "b6-1"), ("a0-1", "b0-1")]
    for number in range(DRAWS):
        drawn = set(select(rows, take, f"{number}").drawn)
        first.update(drawn)
        pairs.update(pair for pair in followed if drawn.issuperset(pair))
    stated = select(rows, take, "0").probability
    theory = {"a": 3 / 12, "b": 5 / 7, "c": 1.0}
    for row in rows:
        p = theory[row.stratum]
        assert stated[row.row_id] == pytest.approx(p)
        assert abs(first[row.row_id] / DRAWS - p) <= 4.5 * sqrt(p * (1 - p) / DRAWS)
    for pair, p in zip(followed, (3 * 2 / (12 * 11), 5 * 4 / (7 * 6), 3 / 12 * 5 / 7), strict=True):
        assert abs(pairs[pair] / DRAWS - p) <= 4.5 * sqrt(p * (1 - p) / DRAWS)


def test_a_person_at_several_units_is_drawn_once_and_weighs_as_many() -> None:
    """Horvitz and Thompson (1952): the mean over draws of each unit's estimated population is the population."""
    rows = [ListRow(f"p{number}-1", "u" if number < 10 else "v") for number in range(16)]
    rows += [row for number in range(8) for row in (ListRow(f"r{number}-1", "u", 2), ListRow(f"r{number}-2", "v", 2))]
    take = {"u": 6, "v": 5}
    size = {row.row_id: row.size for row in rows}
    estimated: dict[str, list[float]] = {"u": [], "v": []}
    for number in range(DRAWS):
        selection = select(rows, take, f"{number}")
        drawn = [row for row in rows if row.row_id in set(selection.drawn)]
        assert len({row.person for row in drawn}) == len(drawn)
        for unit, values in estimated.items():
            values.append(sum(1 / selection.probability[row.row_id] for row in drawn if row.stratum == unit))
        for row_id, chance in selection.probability.items():
            assert 0 < chance <= 1 / size[row_id]
    for unit, population in (("u", 18), ("v", 14)):
        values = estimated[unit]
        mean = sum(values) / DRAWS
        error = sqrt(sum((value - mean) ** 2 for value in values) / (DRAWS - 1) / DRAWS)
        assert abs(mean - population) <= 4.5 * error


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), min_size=1, unique=True), st.integers(1, 9),
       st.text(max_size=5))  # fmt: skip
def test_weights_of_persons_at_one_unit_sum_to_the_population(
    members: list[tuple[str, int]], most: int, seed: str
) -> None:
    rows = [ListRow(f"{stratum}{number}-1", stratum) for stratum, number in members]
    population = Counter(row.stratum for row in rows)
    take = {stratum: min(most, number) for stratum, number in population.items()}
    selection = select(rows, take, seed)
    assert Counter(row_id[0] for row_id in selection.drawn) == take
    total = sum(1 / selection.probability[row_id] for row_id in selection.drawn)
    assert total == pytest.approx(len(rows))
    assert selection == select(rows[::-1], take, seed)


def test_a_stratum_whose_people_all_went_elsewhere_gives_nobody() -> None:
    rows = [ListRow("p-1", "u", 2), ListRow("p-2", "v", 2)]
    selection = select(rows, {"u": 1, "v": 1}, "seed")
    assert len(selection.drawn) == 1
    assert sorted(selection.probability.values()) == [0.0, 0.5]


def test_margin_of_error() -> None:
    assert margin_of_error(100) == pytest.approx(0.098, rel=1e-4)
    assert margin_of_error(100, 200) == pytest.approx(0.098 * sqrt(0.5), rel=1e-4)
    assert margin_of_error(50, 50) == 0
    assert margin_of_error(0) is None
