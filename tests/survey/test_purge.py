"""After the wave: contacts and drafts go, where asked the code key too; receipts and what counts stay."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import audit, closing, control, create_app, health, invitations, purging, responses, wave
from survey.backup import making
from survey.cli import phieu
from survey.drafts import Draft
from survey.plan import wave_file
from tests.conftest import WAVE
from tests.survey import replanned

pytestmark = pytest.mark.both_engines


def contacts(scene, number: int) -> None:
    """Contacts under the first invitations, one of a member of staff."""
    with scene.store.write() as tx:
        rows = tx.connection.execute("SELECT frame_row FROM invitation ORDER BY serial LIMIT ?", (number,)).fetchall()
        for position, row in enumerate(rows):
            tx.connection.execute(
                "INSERT INTO contact (frame_row, wave, name, phone) VALUES (?, 'nho', 'Nguyễn Thị Bưởi', ?)",
                (row[0], f"090000000{position}"),
            )
        tx.contact_add_staff([{"wave": "nho", "value": "0900000000"}])
        tx.connection.execute("INSERT INTO contact_flag VALUES (?, 'nho', 0, 1)", (rows[0][0],))


def answered(scene, serial: int) -> str:
    args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, scene.code(serial)
    assert isinstance(responses.save_page(*args, {("so_a", "used"): "no"}, seen=0), Draft)
    return str(responses.submit(*args, *responses.fresh_receipt(scene.keys, scene.code(serial))).receipt)


def close(scene) -> None:
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")


def purge(scene, *, key: bool = False) -> purging.Purged:
    args = scene.store, scene.drafts, scene.settings, scene.clock, scene.wave
    return purging.purge(*args, destroy_key=key, who="trưởng nhóm")


def run(scene, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(
        phieu, ["--instance", str(scene.settings.instance), "purge", "--wave", "nho", *arguments]
    )
    return result.exit_code, result.output + (str(result.exception) if isinstance(result.exception, Faults) else "")


def test_contacts_staff_and_drafts_leave_and_the_log_says_how_many(scene):
    contacts(scene, 4)
    close(scene)
    args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, scene.code(2)
    assert purge(scene) == purging.Purged(4, 1, 0, False, 0)
    counts = [scene.store.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
              for table in ("contact", "staff_contact", "contact_flag")]  # fmt: skip
    assert counts == [0, 0, 0]
    with scene.store.read() as tx:
        last = list(tx.audit_all())[-1]
        assert [(row["contacts"], row["key_destroyed"]) for row in tx.contact_purges(wave="nho")] == [(4, 0)]
    assert (last["action"], last["who"]) == ("purged", "trưởng nhóm")
    assert json.loads(last["detail"]) == {"contacts": 4, "staff": 1, "drafts": 0, "lists": 0, "code_key": False}
    assert audit.verify(scene.store) == []
    assert isinstance(invitations.resolve(args[0], args[2], args[5]), invitations.Invitation)


@pytest.mark.sqlite_only
def test_nothing_of_a_contact_stays_in_the_files(scene):
    contacts(scene, 4)
    close(scene)
    assert "Bưởi".encode() in scene.settings.database.read_bytes()
    purge(scene)
    for file in scene.settings.instance.glob("*.db*"):
        assert "Bưởi".encode() not in file.read_bytes(), file


def test_a_wave_that_runs_keeps_its_contacts(scene):
    contacts(scene, 3)
    with pytest.raises(Faults, match="is open: contacts are purged after it is closed"):
        purge(scene)
    assert scene.store.connection.execute("SELECT count(*) FROM contact").fetchone()[0] == 3


def test_the_declared_day_is_kept(drawn, tmp_path: Path):
    text = WAVE.replace('id = "nho"', 'id = "sau"', 1).replace("simulated", "purge_on = 2026-04-15\nsimulated", 1)
    spec = wave_file.load(text, "wave.toml")
    later = wave.register(drawn.store, drawn.keyring, drawn.clock, spec, *wave.documents_of(spec, tmp_path))
    with drawn.store.write() as tx:
        tx.connection.execute("UPDATE wave SET state = 'closed' WHERE id = 'sau'")
    later = wave.get(drawn.store, "sau")
    args = drawn.store, drawn.drafts, drawn.settings, drawn.clock, later
    with pytest.raises(Faults, match="are purged on 2026-04-15, not before"):
        purging.look(*args, destroy_key=False)
    drawn.clock.at += timedelta(days=60)
    assert purging.look(*args, destroy_key=True).key


def test_a_purge_before_the_end_of_the_wave_is_no_plan():
    text = WAVE.replace("simulated", "purge_on = 2026-03-31\nsimulated", 1)
    with pytest.raises(Faults, match="contacts are purged on 2026-03-31, but the wave closes on 2026-03-31 only"):
        wave_file.load(text, "wave.toml")


@pytest.mark.sqlite_only
def test_one_person_who_asks_is_forgotten_and_the_slip_stays_good(scene):
    contacts(scene, 3)
    start = ["--instance", str(scene.settings.instance), "purge", "--wave", "nho", "--serial", "2"]
    for wrong in (["--reason", "x"], ["--yes"], ["--reason", "x", "--yes", "--destroy-key"]):
        assert isinstance(CliRunner().invoke(phieu, [*start, *wrong]).exception, Faults)
    assert scene.store.connection.execute("SELECT count(*) FROM contact").fetchone()[0] == 3
    done = CliRunner().invoke(phieu, [*start, "--reason", "gọi ngày 10/3", "--yes"], catch_exceptions=False)
    assert done.output == "Removed from wave “nho”: the contact under serial 2.\n", "there is no backup"
    assert scene.store.connection.execute("SELECT count(*) FROM contact").fetchone()[0] == 2
    assert b"0900000001" not in scene.settings.database.read_bytes()
    assert scene.state(2) == "issued" and audit.verify(scene.store) == []
    with scene.store.read() as tx:
        assert [json.loads(row["detail"])["serial"] for row in tx.audit_all() if "on request" in row["action"]] == [2]
    # Whoever was asked to forget is told which copies have the next one, and for how long
    with scene.store.write() as tx:
        audit.append(tx, scene.clock, "test", making.MADE, None, {})
    aside = scene.settings.instance / "before-restore-1"
    aside.mkdir()
    other = CliRunner().invoke(phieu, [*start[:-1], "3", "--reason", "x", "--yes"], catch_exceptions=False)
    assert "the last of 2026-03-10: those of phieu-backup.service leave after 14 days, the last by 2026-03-26" in (
        other.output
    )
    assert other.output.endswith(f"rm -r {aside}\n")
    again = CliRunner().invoke(phieu, [*start, "--reason", "x", "--yes"])
    assert "no contact under serial 2" in str(again.exception)


def timer(scene, *arguments: str) -> tuple[int, str]:
    """What the timer runs; the command reads the day by the system's clock, which is after 2026-04-15."""
    result = CliRunner().invoke(phieu, ["--instance", str(scene.settings.instance), "purge", *arguments])
    return result.exit_code, result.output + (str(result.exception) if isinstance(result.exception, Faults) else "")


@pytest.fixture
def declared(scene, tmp_path: Path):
    """The wave as it would be, had it declared a day that is past; with contacts; still open."""
    text = WAVE.replace("simulated", "purge_on = 2026-04-15\nsimulated", 1)
    spec = wave_file.load(text.replace('id = "nho"', 'id = "sau"', 1), "wave.toml")
    wave.register(scene.store, scene.keyring, scene.clock, spec, *wave.documents_of(spec, tmp_path))
    with scene.store.write() as tx:
        replanned.put(tx.connection, text, "nho")
    contacts(scene, 3)
    return scene


def test_the_timer_purges_what_is_over_and_due_once(declared):
    assert purging.due(declared.store, declared.clock) == []
    close(declared)
    assert purging.due(declared.store, declared.clock) == [], "the day has not come"
    status, said = timer(declared, "--due", "--dry-run")
    assert status == 0 and "Would be removed from wave “nho”: 3 contacts" in said
    status, said = timer(declared, "--due")
    assert status == 1 and "say --yes" in said
    status, said = timer(declared, "--due", "--yes")
    assert status == 0 and "Removed from wave “nho”: 3 contacts" in said
    status, said = timer(declared, "--due", "--yes")
    assert (status, said) == (0, "No closed wave's day has come: nothing was removed; "
                                 "no wave has declared a later day (purge_on).\n")  # fmt: skip


def test_a_timer_with_nothing_to_do_says_when_there_will_be(declared):
    with declared.store.write() as tx:
        later = replanned.text_of(tx.connection, "nho").replace("2026-04-15", "2999-04-15")
        replanned.put(tx.connection, later, "nho")
    assert purging.to_come(declared.store, declared.clock) == [(date(2999, 4, 15), "nho")]
    status, said = timer(declared, "--due", "--yes")
    assert status == 0 and said.endswith("nothing was removed; next is wave “nho” on 2999-04-15.\n")


def test_the_timer_waits_for_control_calls_and_says_so(declared, monkeypatch):
    close(declared)
    monkeypatch.setattr(control, "unfinished", lambda store, wave: "2 control calls are open")
    status, said = timer(declared, "--due", "--yes")
    assert status == 1 and "declared that its contacts leave on 2026-04-15, but 2 control calls are open" in said
    assert declared.store.connection.execute("SELECT count(*) FROM contact").fetchone()[0] == 3


@pytest.mark.parametrize("arguments", [(), ("--due", "--wave", "nho")])
def test_one_wave_or_all_that_are_due(scene, arguments):
    assert "name one wave with --wave W, or say --due" in timer(scene, *arguments)[1]


def test_the_command_counts_asks_and_does(scene):
    contacts(scene, 2)
    close(scene)
    code, said = run(scene, "--dry-run", "--destroy-key")
    assert (code, "2 contacts, 1 contacts of staff, 0 drafts, and the code key" in said) == (0, True)
    assert "nothing was changed" in said
    code, said = run(scene)
    assert code != 0
    assert "say --yes" in said
    assert scene.store.connection.execute("SELECT count(*) FROM contact").fetchone()[0] == 2
    assert run(scene, "--yes")[0] == 0
    assert scene.store.connection.execute("SELECT count(*) FROM contact").fetchone()[0] == 0
    assert "0 contacts" in run(scene, "--yes")[1]


@pytest.fixture
def over(scene):
    """The wave closed and purged with its key, after invitation 6 answered; the pages; the codes and the receipt."""
    receipt = answered(scene, 6)
    codes = [scene.code(6), scene.code(7)]
    close(scene)
    assert purge(scene, key=True).key
    app = create_app(scene.settings, clock=scene.clock)
    return app.test_client(), codes, receipt, scene


def test_without_the_key_links_say_that_the_survey_is_over(over):
    client, codes, _, _ = over
    for code in codes:
        answer = client.get(f"/P/{code}")
        assert answer.status_code == 410
        assert "Đợt điều tra đã kết thúc" in answer.text
        assert "The survey" in client.get(f"/P/{code}?lang=en").text
    assert client.post(f"/P/{codes[1]}/submit").status_code == 410


def test_without_the_key_receipts_are_still_found(over):
    client, _, receipt, _ = over
    assert 'id="counted"' in client.get(f"/check?receipt={receipt}").text
    assert 'id="unknown"' in client.get("/check?receipt=0000-0000-0000-0000").text


@pytest.mark.sqlite_only
def test_without_the_key_the_doctor_is_content(over):
    scene = over[3]
    assert [finding for finding in health.examine(scene.settings) if finding.fault] == []


def test_a_key_that_is_lost_is_no_survey_that_is_over(scene):
    codes = scene.code(6)
    (scene.settings.keys / "nho.code").unlink()
    assert create_app(scene.settings, clock=scene.clock).test_client().get(f"/P/{codes}").status_code == 404


def test_the_timer_waits_until_respondents_can_be_paid(declared):
    close(declared)
    with declared.store.write() as tx:
        paid = f"{replanned.text_of(tx.connection, 'nho')}\n[payment.respondent]\ndan = 50000\n"
        replanned.put(tx.connection, paid, "nho")
    status, said = timer(declared, "--due", "--yes")
    assert status == 1 and "no payment list of them was made" in said
    with declared.store.write() as tx:
        audit.append(tx, declared.clock, "test", audit.PAYMENT_LIST, "nho", {"list": "respondent"})
    status, said = timer(declared, "--due", "--yes")
    assert status == 0 and "Removed from wave “nho”" in said
