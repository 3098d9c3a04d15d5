"""The board's table, sorted and filtered by its address; where its charts stand; the lists of who has not finished."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.faults import Faults
from survey.fieldwork import charts, counting, rows, unfinished
from survey.fieldwork.projection import Projection
from survey.fieldwork.rows import By, look
from survey.fieldwork.standing import Day, Verdict, standing
from survey.fieldwork.unfinished import Sought
from tests.survey.fieldwork.answered import answer

UNITS = {"so_c": "Sở C", "so_a": "Sở A", "so_b": "Sở B", "so_x": "Sở X"}


@pytest.fixture
def going(planned):
    scene = planned("[fieldwork]\ntarget_rate = 0.9\ncurve = [0.9, 1]\n")
    scene.clock.at = datetime(2026, 3, 29, 2, tzinfo=UTC)
    for serial in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11):
        answer(scene, serial, "complete")
    return scene


def keys(scene, told) -> list[str]:
    board, here = counting.count(scene.store, scene.wave), standing(scene.store, scene.wave, scene.clock())
    what = look(told)
    names = {By.UNIT: UNITS, By.GROUP: {}, By.MODE: {}}[what.by]
    return [row.key for row in rows.rows(board, here, what, names)]


def test_rows_stand_in_the_order_of_the_file_or_as_asked(going):
    assert keys(going, {}) == ["so_c", "so_a", "so_b"]
    assert keys(going, {"sort": "name"}) == ["so_a", "so_b", "so_c"]
    assert keys(going, {"sort": "-issued"}) == ["so_a", "so_b", "so_c"]
    assert keys(going, {"sort": "rate"}) == ["so_b", "so_c", "so_a"]
    assert keys(going, {"late": "1"}) == ["so_b"]
    assert keys(going, {"by": "group"}) == ["can_bo", "dan"]
    assert keys(going, {"by": "mode", "group": "dan"}) == ["qr"]
    assert keys(going, {"unit": "so_a", "kind": "department"}) == ["so_a"]


@pytest.mark.parametrize("sort", [*rows.SORTS, "name"])
def test_every_sort_is_known_and_its_reverse_too(going, sort):
    assert sorted(keys(going, {"sort": sort})) == sorted(keys(going, {"sort": "-" + sort})) == ["so_a", "so_b", "so_c"]


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["by", "sort", "unit", "group", "mode", "kind", "late"]), st.text(max_size=200)))
def test_any_address_is_read(told):
    what = look(told)
    assert what.by in By and len(what.choice.unit) <= 100


def test_a_row_says_where_its_mark_stands(going):
    board, here = counting.count(going.store, going.wave), standing(going.store, going.wave, going.clock())
    row = rows.rows(board, here, look({}), UNITS)[2]
    assert row.verdict is Verdict.LATE and row.expected_rate == pytest.approx(0.9 * here.share)
    assert row.difference == pytest.approx(0.5 - row.expected_rate)


def made_days(n: int, back: int | None) -> list[Day]:
    first = date(2026, 3, 1)
    return [Day(first + timedelta(at), False, back, back and back * (at + 1), 2.0 * at) for at in range(n)]


@settings(deadline=None)
@given(st.integers(1, 120), st.integers(0, 5000), st.none() | st.floats(0, 5000), st.booleans())
def test_charts_stay_inside_their_frame(n, back, target, projected):
    days = made_days(n, back)
    issued = back * n + 10
    drawn = charts.curve(days, issued, target, Projection(issued, issued / 2, 1, issued) if projected else None)
    places = [tuple(map(float, point.split(","))) for point in f"{drawn.back} {drawn.expected}".split()]
    assert all(charts.LEFT <= x <= charts.WIDTH - charts.RIGHT + 0.1 for x, _ in places)
    assert all(charts.TOP - 0.1 <= y <= charts.HEIGHT - charts.BOTTOM + 0.1 for _, y in places)
    assert 2 <= len(drawn.heights) <= 7
    assert all(bar.height >= 0 and bar.y >= charts.TOP - 0.1 for bar in charts.bars(days).bars)
    named = charts.dates(days)
    assert named[-1][1].day == days[-1].day and len(named) <= 8


def test_days_to_come_have_no_line_and_no_bar():
    days = made_days(5, None)
    assert charts.curve(days, 0, None, None).back == "" and charts.curve(days, 0, None, None).end is None
    assert charts.curve([Day(days[0].day, True, None, None, None)], 0, None, None).expected == ""
    assert {bar.height for bar in charts.bars(days).bars} == {0.0}


@pytest.fixture
def people(planned):
    scene = planned()
    run = scene.store.connection.execute
    for serial in range(1, 17):
        run("INSERT INTO contact (frame_row, wave, name, phone) SELECT frame_row, 'nho', ?, '0900' FROM invitation"
            " WHERE serial = ?", (f"Người {serial}", serial))  # fmt: skip
    run("INSERT INTO contact_flag SELECT frame_row, 'nho', 0, 1 FROM invitation WHERE serial = 7")
    run("INSERT INTO contact_flag SELECT frame_row, 'nho', 1, 0 FROM invitation WHERE serial = 8")
    run("INSERT INTO visit VALUES ('nho', 6, 1, 'absent'), ('nho', 6, 2, 'later')")
    run("UPDATE invitation SET state = 'refused' WHERE serial = 9")
    run("UPDATE invitation SET place = 'noi_khac' WHERE serial = 10")
    answer(scene, 12, "complete")
    return scene


def test_who_has_not_finished_by_unit_group_place_and_state(people):
    def listed(**asked) -> list[int]:
        return [each.serial for each in unfinished.page(people.store, people.wave, Sought(**asked))]

    assert listed() == [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 14, 15, 16]
    assert listed(unit="so_b", group="dan") == [13, 14, 15, 16]
    assert listed(unit="so_c") == [1, 2, 3, 4, 5]
    assert listed(place="noi_khac") == [10]
    assert listed(state="refused") == [9]
    assert listed(serial=9) == [9] and listed(serial=12) == [] and listed(serial=99) == []
    found = {each.serial: each for each in unfinished.page(people.store, people.wave, Sought())}
    assert (found[6].visits, found[6].name, found[6].phone, found[6].email) == (2, "Người 6", "0900", "")
    assert (found[7].flag, found[8].flag, found[6].flag) == ("staff", "shared", "")
    assert found[1].units == ("so_a", "so_b", "so_c")


def test_pages_follow_each_other_and_tell_when_there_is_more(people):
    first = unfinished.page(people.store, people.wave, Sought(), most=3)
    assert [each.serial for each in first] == [1, 2, 3, 4]
    assert [each.serial for each in unfinished.page(people.store, people.wave, Sought(), after=11, most=3)] == [
        13, 14, 15, 16,
    ]  # fmt: skip


def test_a_whole_list_leaves_only_with_a_reason_that_is_logged(people):
    with pytest.raises(Faults, match="a reason is needed"):
        unfinished.export(people.store, people.clock, people.wave, Sought(), who="lan", reason="")
    found = unfinished.export(
        people.store, people.clock, people.wave, Sought(unit="so_b"), who="lan", reason="gọi điện đôn đốc"
    )
    assert len(found) == 9
    entry = [row for row in people.rows("audit") if row[3] == "contacts exported"][-1]
    assert entry[2] == "lan" and "gọi điện đôn đốc" in str(entry[5]) and '"unit": "so_b"' in str(entry[5])
    assert unfinished.serials(people.store, people.wave, Sought(unit="so_c")) == [1, 2, 3, 4, 5]


def test_one_person(people):
    assert unfinished.person(people.store, people.wave, 99) is None
    assert unfinished.assessed(people.store, people.wave, 6) == ("so_a",)
    with pytest.raises(Faults, match="no invitation with the serial 99"):
        unfinished.assessed(people.store, people.wave, 99)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["unit", "group", "place", "state", "serial"]), st.text(max_size=30)))
def test_any_address_of_a_list_is_read(told):
    found = unfinished.sought(told)
    assert found.state == "" or found.state in unfinished.CHOICES
    assert 0 <= found.serial < 10**9
