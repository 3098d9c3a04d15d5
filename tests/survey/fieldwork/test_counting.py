"""Counts of dispositions by unit, group and mode: they add up, and tell nobody what one person answered."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.rates import rates
from survey import health, invitations, issuing
from survey.dispositions import State
from survey.fieldwork import counting
from survey.fieldwork.counting import Choice, by_group, by_mode, by_unit
from survey.returns import returns
from tests.survey.fieldwork.answered import answer, mix


def test_by_unit_counts_under_each_unit_and_the_total_once(planned):
    board = counting.count((scene := planned()).store, scene.wave)
    rows = board.by(by_unit)
    assert {unit: row.issued for unit, row in rows.items()} == {"so_a": 11, "so_b": 10, "so_c": 5}
    assert board.total().issued == 16
    assert {group: row.issued for group, row in board.by(by_group).items()} == {"dan": 11, "can_bo": 5}
    assert {mode: row.issued for mode, row in board.by(by_mode).items()} == {"qr": 16}
    assert board.total().target == 16 * 0.8
    assert board.heat()["so_a", "can_bo"].issued == 5


def test_what_an_answer_was_is_told_only_of_k_mixed_together(planned):
    scene = planned()
    for serial in range(1, 5):
        answer(scene, serial, "complete")
    answer(scene, 6, "broke_off")
    mix(scene)
    total = counting.count(scene.store, scene.wave).total()
    assert (total.returned, total.waiting, total.valid, total.broke_off) == (5, 5, 0, 0)
    answer(scene, 5, "screened_out")
    mix(scene)
    total = counting.count(scene.store, scene.wave).total()
    assert (total.returned, total.waiting, total.valid, total.screened_out) == (6, 1, 4, 1)


def test_every_row_adds_up(planned):
    scene = planned()
    for serial, state in [(6, State.REFUSED), (7, State.INELIGIBLE), (8, State.UNDELIVERABLE), (9, State.DAMAGED)]:
        invitations.record(scene.store, scene.clock, scene.wave, serial, state, who="lan", reason="thử")
    answer(scene, 1, "complete")
    issuing.reissue(
        scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, 10, who="lan", reason="mất phiếu"
    )
    invitations.revoke(
        scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, [11], who="lan", reason="trùng"
    )
    board = counting.count(scene.store, scene.wave)
    for row in (board.total(), *board.by(by_unit).values(), *board.heat().values()):
        assert row.issued == row.returned + row.refused + row.ineligible + row.lost + row.outstanding
    total = board.total()
    assert (total.issued, total.returned, total.refused, total.ineligible, total.lost) == (16, 2, 1, 1, 2)


def test_choices_narrow_what_is_looked_at(planned):
    board = counting.count((scene := planned()).store, scene.wave)
    assert board.total(Choice(unit="so_c")).issued == 5
    assert board.total(Choice(unit="so_a", group="dan")).issued == 6
    assert board.total(Choice(mode="paper")).issued == 0
    assert board.total(Choice(mode="paper")).rate is None and board.total(Choice(mode="paper")).target_rate is None
    assert board.total(Choice(kind="department")).issued == 26  # under each unit
    assert board.total(Choice(kind="department", unit="so_b")).issued == 10
    assert {key: row.issued for key, row in board.by(by_group, Choice(unit="so_b")).items()} == {"dan": 5, "can_bo": 5}
    assert set(board.by(by_unit, Choice(group="dan"))) == {"so_a", "so_b"}
    assert set(board.heat(Choice(unit="so_c"))) == {("so_c", "can_bo")}


def test_a_group_without_a_target_leaves_the_total_without_one(planned):
    scene = planned("")
    total = counting.count(scene.store, scene.wave).total()
    assert total.target is None and total.target_rate is None


def test_walk_ins_are_nowhere(planned):
    scene = planned()
    run = scene.store.connection.execute
    run("INSERT INTO cell (wave, id, grp, stratum, wclass, margins, mode, units)"
        " VALUES ('nho', 9, 'dan', '', '', '{}', 'open', '[[\"so_a\", 1]]')")  # fmt: skip
    run("INSERT INTO invitation (lookup, wave, serial, cell, place, state) VALUES (x'09', 'nho', 99, 9, '', 'started')")
    assert counting.count(scene.store, scene.wave).total().issued == 16


def test_the_doctor_counts_again(planned):
    scene = planned()
    answer(scene, 1, "complete")
    assert [found.fault for found in health.examine(scene.settings) if found.what == "counts of nho"] == [""]
    scene.store.connection.execute("UPDATE state_count SET n = n + 1 WHERE state = 'issued' AND cell = 1")
    scene.store.connection.execute("DELETE FROM state_count WHERE state = 'answered'")
    (found,) = [found for found in health.examine(scene.settings) if found.what == "counts of nho"]
    assert found.fault.startswith("2 counts of cells")


def test_when_everything_is_mixed_the_board_says_what_the_rates_say(planned):
    scene = planned()
    for serial, said in [(1, "complete"), (2, "partial"), (6, "broke_off"), (7, "screened_out"), (12, "complete")]:
        answer(scene, serial, said)
    mix(scene, k=1)
    board, counted = counting.count(scene.store, scene.wave), returns(scene.store, "nho", ("unit", "group"))
    for (unit, group), states in counted.rows.items():
        found = rates(states)
        tally = board.heat()[unit, group]
        assert (tally.issued, tally.returned, tally.valid) == (found.issued, found.returned, found.valid)
    assert board.total().returned == rates(counted.whole).returned == 5 and board.total().waiting == 0


STATES = st.sampled_from([state for state in State])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.integers(1, 16), STATES, st.sampled_from(["move", "gone", "made", "cell"]))))
def test_the_database_keeps_its_own_counts_whatever_happens(planned, moves):
    scene = _shared(planned)
    run = scene.store.connection.execute
    run("BEGIN")
    for serial, state, what in moves:
        if what == "move":
            run("UPDATE invitation SET state = ? WHERE serial = ?", (state, serial))
        elif what == "cell":
            run("UPDATE invitation SET cell = 1 + serial % 3 WHERE serial = ?", (serial,))
        elif what == "gone":
            run("DELETE FROM invitation WHERE serial = ?", (serial,))
        else:
            run("INSERT OR IGNORE INTO invitation (lookup, wave, serial, cell, place, state)"
                " VALUES (?, 'nho', ?, 2, '', ?)", (bytes([serial]), serial, state))  # fmt: skip
    kept = Counter({(row[0], row[1]): row[2] for row in run("SELECT cell, state, n FROM state_count WHERE n <> 0")})
    true = Counter((row[0], row[1]) for row in run("SELECT cell, state FROM invitation"))
    run("ROLLBACK")
    assert kept == true


_scenes: dict[int, object] = {}


def _shared(planned):
    if id(planned) not in _scenes:
        _scenes[id(planned)] = planned()
    return _scenes[id(planned)]
