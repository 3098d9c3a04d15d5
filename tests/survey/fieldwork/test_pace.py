"""Working days and the curve of returns."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.fieldwork import counting, pace
from survey.fieldwork.counting import Choice
from survey.fieldwork.pace import Source
from survey.fieldwork.standing import Verdict, days, standing
from survey.plan import wave_file
from tests.conftest import WAVE
from tests.survey import replanned
from tests.survey.fieldwork.answered import answer


def spec(more: str = "", **changed: str):
    text = WAVE
    for key, value in changed.items():
        text = text.replace({"opens": "2026-03-01", "closes": "2026-03-31", "id": '"nho"'}[key], value, 1)
    return wave_file.load(text + more, "wave.toml")


def test_tet_and_weekends_are_no_working_days():
    held = pace.calendar(
        spec(
            "[fieldwork]\nskip_weekends = true\nholidays = [{ from = 2026-02-16, to = 2026-02-20 }]\n",
            opens="2026-02-09", closes="2026-02-27",
        )
    )  # fmt: skip
    assert [day.day for day in held.days] == [9, 10, 11, 12, 13, 23, 24, 25, 26, 27]
    assert held.after(date(2026, 2, 13)) == held.after(date(2026, 2, 22)) == 0.5
    assert held.elapsed(datetime(2026, 2, 18, 5, tzinfo=UTC)) == 0.5  # in the middle of Tết
    assert held.elapsed(datetime(2026, 2, 22, 17, tzinfo=UTC)) == 0.5  # midnight of Monday there
    assert held.elapsed(datetime(2026, 2, 23, 5, tzinfo=UTC)) == pytest.approx(0.55)  # its noon
    assert held.elapsed(datetime(2026, 1, 1, tzinfo=UTC)) == 0
    assert held.elapsed(datetime(2026, 4, 1, tzinfo=UTC)) == 1


def test_when_an_extended_wave_has_only_rest_days_every_day_counts():
    only_rest = spec("[fieldwork]\nholidays = [{ from = 2026-03-01, to = 2026-03-30 }]\n")
    assert pace.calendar(only_rest).days == (date(2026, 3, 31),)


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0, 1))
def test_curves_rise_from_nothing_to_all(one, other):
    for curve in (pace.usual(), pace.declared([0.2, 0.2, 0.9, 1.0])):
        assert curve.share(0) == 0 and curve.share(1) == 1
        low, high = sorted((one, other))
        assert curve.share(low) <= curve.share(high) + 1e-12


def test_the_curves_say_what_their_definitions_say():
    assert pace.usual().share(0.2) == pytest.approx(0.475, abs=0.005)
    assert pace.usual().share(2 / 3) == pytest.approx(0.91, abs=0.005)
    declared = pace.declared([0.5, 0.9, 1])
    assert [declared.share(t) for t in (1 / 6, 1 / 3, 0.5, 2 / 3)] == pytest.approx([0.25, 0.5, 0.7, 0.9])


def test_an_earlier_wave_gives_its_own_curve_over_its_own_working_days():
    before = spec("[fieldwork]\nholidays = [2026-03-02]\n", opens="2026-03-01", closes="2026-03-05", id='"nho_2025"')
    found = pace.earlier(before, {date(2026, 3, 1): 20, date(2026, 3, 2): 10, date(2026, 3, 4): 10})
    assert found is not None
    assert found.points == ((0.0, 0.0), (0.25, 0.75), (0.75, 1.0), (1.0, 1.0))
    assert (found.source, found.wave) == (Source.EARLIER, "nho_2025")
    assert pace.earlier(before, {date(2026, 3, 1): 29}) is None


@pytest.mark.parametrize(
    ("id", "stem"),
    [("cchc_2026", "cchc"), ("cchc2026", "cchc"), ("cchc_2026_dot2", "cchc_dot2"), ("nho", "nho"), ("a12026", "a1")],
)
def test_lineages(id, stem):
    assert pace.lineage(id) == stem


def closed_wave(scene, id: str, *, pilot: int = 0, state: str = "closed") -> None:
    run = scene.store.connection.execute
    text = WAVE.replace('"nho"', f'"{id}"', 1)
    run("INSERT INTO wave SELECT ?, ?, documents, plan_hash, ?, public_key, key_origin, box_bytes, ? FROM wave"
        " WHERE id = 'nho'", (id, text, pilot, state))  # fmt: skip
    replanned.put(scene.store.connection, text, id)
    run("INSERT INTO day_count VALUES (?, '2026-03-01', '', 'dan', 'qr', 'answered', 100)", (id,))


def test_the_wave_it_names_or_the_last_closed_one_of_its_lineage_gives_the_curve(planned):
    scene = planned("[fieldwork]\nlike = 'cu_2020'\n")
    assert pace.curve_of(scene.store, scene.wave).source is Source.USUAL  # that wave is not here
    closed_wave(scene, "cu_2020")
    assert pace.curve_of(scene.store, scene.wave).wave == "cu_2020"
    closed_wave(scene, "cu_2019")
    closed_wave(scene, "cu_2021", pilot=1)
    closed_wave(scene, "cu_2022", state="open")
    closed_wave(scene, "cu_2030")
    assert pace._before(scene.store, "cu_2025") == "cu_2020"
    assert pace._before(scene.store, "khac_2025") == ""
    assert pace._before(scene.store, "nho") == ""


def test_a_declared_curve_is_taken(planned):
    scene = planned("[fieldwork]\ncurve = [0.9, 1]\n")
    assert pace.curve_of(scene.store, scene.wave).source is Source.DECLARED


def test_a_wave_on_schedule_late_and_ahead(planned):
    scene = planned("[fieldwork]\ntarget_rate = 0.9\ncurve = [0.9, 1]\n")
    scene.clock.at = datetime(2026, 3, 29, 2, tzinfo=UTC)
    board, here = counting.count(scene.store, scene.wave), standing(scene.store, scene.wave, scene.clock())
    assert here.share > 0.98 and not here.over and here.working_day == 29
    total = board.total()
    assert here.verdict(total) is Verdict.LATE
    assert here.difference(total) == pytest.approx(-0.9 * here.share)
    for serial in range(1, 15):
        answer(scene, serial, "complete")
    total = counting.count(scene.store, scene.wave).total()
    assert here.verdict(total) is Verdict.ON_TIME  # 14 where 14.3 were expected
    early = standing(scene.store, scene.wave, datetime(2026, 3, 3, tzinfo=UTC))
    assert early.verdict(total) is Verdict.AHEAD
    empty = counting.count(scene.store, scene.wave).total(Choice(mode="phone"))
    assert here.verdict(empty) is None and here.difference(empty) is None and here.projection(empty) is None


def test_without_a_target_there_is_no_verdict(planned):
    scene = planned("")
    total = counting.count(scene.store, scene.wave).total()
    here = standing(scene.store, scene.wave, scene.clock())
    assert here.expected(total) is None and here.verdict(total) is None and here.difference(total) is None
    assert all(day.expected is None for day in days(here, {}, total.target))


def test_a_wave_that_is_over_is_projected_to_what_it_has(planned):
    scene = planned()
    answer(scene, 1, "complete")
    scene.clock.at = datetime(2026, 4, 2, tzinfo=UTC)
    here = standing(scene.store, scene.wave, scene.clock())
    found = here.projection(counting.count(scene.store, scene.wave).total())
    assert here.over and here.share == 1 and found is not None
    assert (found.low, found.expected, found.high) == (1, 1, 1)
    assert found.rates == (1 / 16, 1 / 16, 1 / 16)


def test_days_add_up_and_say_which_are_rest_days(planned):
    scene = planned("[fieldwork]\ntarget_rate = 0.5\nskip_weekends = true\n")
    answer(scene, 1, "complete")
    here = standing(scene.store, scene.wave, scene.clock())
    found = pace.returns_by_day(scene.store, scene.wave) | {date(2026, 2, 20): 2, date(2026, 3, 9): 3}
    rows = days(here, found, 8.0)
    assert [row.back for row in rows[:10]] == [2, 0, 0, 0, 0, 0, 0, 0, 3, 1]
    assert rows[9].so_far == 6 and rows[10].back is None and rows[10].so_far is None
    assert rows[0].rest and not rows[1].rest
    assert rows[0].expected == 0 and rows[-1].expected == 8.0


def test_days_of_a_unit_a_kind_a_group_and_a_mode(planned):
    scene = planned()
    answer(scene, 1, "complete")  # assesses three
    answer(scene, 6, "complete")
    at = date(2026, 3, 10)
    counts = {
        Choice(): 2, Choice(unit="so_a"): 2, Choice(unit="so_c"): 1, Choice(kind="department"): 4,
        Choice(kind="department", unit="so_b"): 1, Choice(group="dan"): 1, Choice(mode="qr"): 2,
    }  # fmt: skip
    assert {choice: pace.returns_by_day(scene.store, scene.wave, choice).get(at) for choice in counts} == counts
    assert pace.returns_by_day(scene.store, scene.wave, Choice(mode="paper")) == {}
