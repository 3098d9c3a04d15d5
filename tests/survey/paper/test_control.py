"""Control calls: drawn by a number nobody knew, asked by nobody who is rated, kept with no person."""

from __future__ import annotations

import csv
import json
from collections import Counter
from math import ceil

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import closing, control, invitations
from survey.cli import phieu
from survey.control import Outcome, Returned, Said
from survey.dispositions import State


@pytest.fixture
def returned(keyed_once):
    """A closed wave: citizens 6 to 13 answered, 14 came back damaged; all but 7 have a contact."""
    desk, scene = keyed_once, keyed_once.scene
    for serial in range(6, 14):
        desk.online(serial)
    invitations.record(scene.store, scene.clock, scene.wave, 14, State.DAMAGED, who="lan", reason="ướt")
    run = scene.store.connection.execute
    for serial in (*range(8, 17), 6):
        run("INSERT INTO contact (frame_row, wave, name, phone) SELECT frame_row, 'nho', ?, ? FROM invitation"
            " WHERE serial = ?", (f"Người {serial}", f"09{serial:02}", serial))  # fmt: skip
    run("INSERT INTO contact_flag SELECT frame_row, 'nho', 1, 0 FROM invitation WHERE serial = 6")
    return desk


@pytest.fixture
def drawn(returned):
    scene = returned.scene
    closing.close(*returned.both, scene.clock, scene.wave, who="lan")
    control.record_list(scene.store, scene.clock, scene.wave, who="lan")
    control.draw(scene.store, scene.clock, scene.wave, "12345", who="lan")
    return returned


def open_serials(scene) -> list[int]:
    rows = control.to_call(scene.store, scene.clock, scene.wave, "Mai", "Trường Đại học", who="lan", reason="phúc tra")
    return [row[0] for row in rows]


def test_five_percent_of_each_unit_mode_and_interviewer_are_drawn_rounded_up():
    everybody = [
        Returned(serial, (f"u{serial % 4}",), "qr" if serial % 3 else "paper", "Tâm" if serial % 5 == 0 else "")
        for serial in range(1, 1201)
    ]
    chosen = control.select(everybody, "seed")
    sizes = Counter(stratum for one in everybody for stratum in one.strata())
    assert Counter(stratum for one in chosen for stratum in one.strata()) == {
        stratum: ceil(size / 20) for stratum, size in sizes.items()
    }
    assert control.select(list(reversed(everybody)), "seed") == chosen
    assert control.select(everybody, "another") != chosen


def test_an_invitation_about_several_units_counts_for_each_of_them():
    everybody = [Returned(serial, ("a", "b", "c"), "qr", "") for serial in range(1, 41)]
    assert len(control.select(everybody, "seed")) == 2
    mixed = [*everybody, Returned(99, ("c",), "qr", "")]
    assert {unit for one in control.select(mixed, "seed") for unit in one.units} == {"a", "b", "c"}


def test_one_ranking_draws_everybody_alike():
    everybody = [Returned(serial, ("a",), "qr", "") for serial in range(40)]
    times = Counter(one.serial for seed in range(2000) for one in control.select(everybody, str(seed)))
    assert min(times.values()) > 60 and max(times.values()) < 145  # 100 each, ± 4 standard deviations


def test_the_list_is_logged_before_the_number_and_the_draw_is_made_once(returned):
    scene = returned.scene
    with pytest.raises(Faults, match="is open: control calls are drawn after it is closed"):
        control.record_list(scene.store, scene.clock, scene.wave, who="lan")
    closing.close(*returned.both, scene.clock, scene.wave, who="lan")
    with pytest.raises(Faults, match="record the list first"):
        control.draw(scene.store, scene.clock, scene.wave, "1", who="lan")
    assert "8 invitations" in control.unfinished(scene.store, "nho")
    hash, rows = control.record_list(scene.store, scene.clock, scene.wave, who="lan")
    assert rows == 8  # 7 has no contact, 15 and 16 did not come back
    assert hash in returned.log("control list recorded")[0]
    with pytest.raises(Faults, match="recorded already"):
        control.record_list(scene.store, scene.clock, scene.wave, who="lan")
    assert "no control calls were drawn" in control.unfinished(scene.store, "nho")
    with pytest.raises(Faults, match="number is empty"):
        control.draw(scene.store, scene.clock, scene.wave, " ", who="lan")
    assert control.draw(scene.store, scene.clock, scene.wave, "777", who="lan") == 2  # one of so_a, one of so_b
    with pytest.raises(Faults, match="drawn already, by the number 777"):
        control.draw(scene.store, scene.clock, scene.wave, "778", who="lan")
    assert control.open_calls(scene.store, "nho") == 2
    assert control.unfinished(scene.store, "nho") == "2 control calls are open"


def test_a_list_that_changed_since_it_was_recorded_is_not_drawn_from(returned):
    scene = returned.scene
    closing.close(*returned.both, scene.clock, scene.wave, who="lan")
    control.record_list(scene.store, scene.clock, scene.wave, who="lan")
    scene.store.connection.execute("DELETE FROM contact WHERE name = 'Người 9'")
    with pytest.raises(Faults, match="no longer those of the recorded list"):
        control.draw(scene.store, scene.clock, scene.wave, "777", who="lan")
    scene.store.connection.execute("DELETE FROM contact")
    assert control.unfinished(scene.store, "nho") == ""


def test_interviewers_are_strata_of_their_own(returned):
    scene = returned.scene
    scene.store.connection.execute("INSERT INTO batch VALUES ('nho', 1, 'interviewer', 'Tâm', '2026-03-01', NULL)")
    scene.store.connection.execute("INSERT INTO batch_row VALUES ('nho', 1, 8, 'out')")
    closing.close(*returned.both, scene.clock, scene.wave, who="lan")
    control.record_list(scene.store, scene.clock, scene.wave, who="lan")
    assert control.draw(scene.store, scene.clock, scene.wave, "777", who="lan") == 3
    assert 8 in open_serials(scene)
    rows = control.report(scene.store, "nho")
    assert {(row["unit"], row["interviewer"]): row["drawn"] for row in rows} == {
        ("", ""): 2, ("", "Tâm"): 1, ("so_a", ""): 1, ("so_a", "Tâm"): 1, ("so_b", ""): 1,
    }  # fmt: skip


def test_callers_are_of_no_rated_office_and_taking_the_list_is_logged(drawn):
    scene = drawn.scene
    refused = {"Sở A": "an office that it rates", "phòng Một, so a": "belongs to one", " ": "which office"}
    for office, said in refused.items():
        with pytest.raises(Faults, match=said):
            control.to_call(scene.store, scene.clock, scene.wave, "Mai", office, who="lan", reason="phúc tra")
    with pytest.raises(Faults, match="a reason is needed"):
        control.to_call(scene.store, scene.clock, scene.wave, "Mai", "Trường", who="lan", reason="")
    assert drawn.log("control contacts exported") == []
    assert len(open_serials(scene)) == 2
    assert '"caller": "Mai"' in drawn.log("control contacts exported")[0]


def test_what_is_said_is_added_up_and_kept_with_no_person(drawn):
    scene = drawn.scene
    one, other = open_serials(scene)
    control.record(
        scene.store, scene.clock, scene.wave, one, received=Said.YES, himself=Said.NO, told_how=Said.YES, who="mai"
    )
    control.record(scene.store, scene.clock, scene.wave, other, received=Said.NO, who="mai")
    assert control.open_calls(scene.store, "nho") == 0
    assert control.unfinished(scene.store, "nho") == ""
    whole = next(row for row in control.report(scene.store, "nho") if row["unit"] == "")
    told = {outcome: whole[outcome] for outcome in Outcome}
    assert told == {
        "drawn": 2, "called": 2, "declined": 0, "not_reached": 0, "not_received": 1, "not_self": 1, "told_how": 1,
    }  # fmt: skip
    assert whole["open"] == 0
    kept = [row for row in scene.rows("control_call")]
    assert {row[2:] for row in kept} == {("", 1, 1)}
    assert all(set(json.loads(entry)) == {"serial"} for entry in drawn.log("control call made"))
    with pytest.raises(Faults, match="recorded already"):
        control.decline(scene.store, scene.clock, scene.wave, one, who="mai")


def test_impossible_records_are_refused(drawn):
    scene = drawn.scene
    one = open_serials(scene)[0]
    args = scene.store, scene.clock, scene.wave
    with pytest.raises(Faults, match="not asked how"):
        control.record(*args, one, received=Said.NO, himself=Said.YES, who="mai")
    with pytest.raises(Faults, match="all three"):
        control.record(*args, one, received=Said.UNSURE, himself=Said.YES, who="mai")
    with pytest.raises(Faults, match="was not drawn"):
        control.decline(*args, 16, who="mai")
    assert control.open_calls(scene.store, "nho") == 2


def test_three_tries_make_a_person_not_reached(drawn):
    scene = drawn.scene
    one, other = open_serials(scene)
    assert [control.miss(scene.store, scene.clock, scene.wave, one, who="mai") for _ in range(3)] == [2, 1, 0]
    with pytest.raises(Faults, match="recorded already"):
        control.miss(scene.store, scene.clock, scene.wave, one, who="mai")
    control.decline(scene.store, scene.clock, scene.wave, other, who="mai")
    whole = next(row for row in control.report(scene.store, "nho") if row["unit"] == "")
    assert (whole["not_reached"], whole["declined"], whole["called"], whole["open"]) == (1, 1, 0, 0)


def run(scene, *arguments: str):
    return CliRunner().invoke(phieu, ["--instance", str(scene.settings.instance), *arguments])


def test_the_commands_draw_list_record_and_report_and_purge_warns(returned, tmp_path):
    scene = returned.scene
    closing.close(*returned.both, scene.clock, scene.wave, who="lan")
    assert "8 invitations came back" in run(scene, "control", "draw", "--wave", "nho").stdout
    assert run(scene, "control", "draw", "--wave", "nho", "--seed", "42").stdout == "2 control calls drawn.\n"
    file = tmp_path / "goi.csv"
    listed = run(scene, "control", "list", "--wave", "nho", "--caller", "Mai", "--office", "Trường",
                 "--reason", "phúc tra", "-o", str(file))  # fmt: skip
    assert "2 calls to make" in listed.stdout
    rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    assert tuple(rows[0]) == control.HEADINGS
    assert scene.code(int(rows[0]["serial"])) not in file.read_text("utf-8-sig")
    warned = run(scene, "purge", "--wave", "nho", "--dry-run")
    assert "warning: 2 control calls are open" in warned.stderr
    first, second = (row["serial"] for row in rows)
    record = ("control", "record", "--wave", "nho", "--serial")
    assert run(scene, *record, first, "--missed").stdout == f"Invitation {first}: 2 tries are left.\n"
    done = run(scene, *record, first, "--received", "yes", "--himself", "yes", "--told-how", "unsure")
    assert "1 calls are open" in done.stdout
    for wrong in ((), ("--missed", "--declined"), ("--declined", "--himself", "yes")):
        assert isinstance(run(scene, *record, second, *wrong).exception, Faults)
    assert "0 calls are open" in run(scene, *record, second, "--declined").stdout
    table = run(scene, "control", "report", "--wave", "nho")
    assert "so_a" in table.stdout and "counts under each unit" in table.stderr
    told = json.loads(run(scene, "control", "report", "--wave", "nho", "--format", "json").stdout)
    (whole,) = [row for row in told["rows"] if row["by"] == "all"]
    assert (whole["called"], whole["not_self"]) == (1, None), "one person's answer is told nowhere"
    assert run(scene, "control", "report", "--wave", "nho", "--format", "csv").stdout.startswith("by,unit,mode,")
    assert "warning" not in run(scene, "purge", "--wave", "nho", "--dry-run").stderr
    bad = run(scene, "control", "list", "--wave", "nho", "--caller", "Mai", "--office", "Trường", "--reason", "x",
              "-o", str(tmp_path / "goi.pdf"))  # fmt: skip
    assert isinstance(bad.exception, Faults)
