"""Messages through a real mail server: nobody gets one twice, whatever dies; reminders only to the unfinished."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import codes, invitations, issuing, wave
from survey.cli import phieu
from survey.config import Settings, load
from survey.delivery import mail, sending, silencing
from survey.delivery.mail import MailSettings
from survey.delivery.messages import Purpose
from survey.delivery.sending import Sent
from survey.dispositions import State
from survey.keys import Keyring
from survey.plan import wave_file
from survey.store import Store
from survey.wave import RegisteredWave
from tests.conftest import QUESTIONNAIRE, SetClock
from tests.survey.sending.mail_server import Mailbox, serving

WAVE = """
id = "thu"
title.vi = "Khảo sát lãnh đạo"
title.en = "Leaders' survey"
opens = 2026-03-01
closes = 2026-03-31
hotline = "0262 000 000"
[authority]
name.vi = "Ủy ban nhân dân tỉnh"
plan = "12/KH-UBND"
date = 2026-02-03
[reminders]
most = 2
days_apart = 5
[[message]]
purpose = "remind"
groups = ["lanh_dao"]
subject.vi = "Nhắc lần nữa: {title}"
body.vi = "Xin trả lời trước {closes} tại {link}"
[[unit]]
id = "so_a"
name.vi = "Sở A"
kind = "department"
[[group]]
id = "lanh_dao"
name.vi = "Lãnh đạo"
questionnaire = "nho.toml"
assesses = "kind:department"
mode = "email"
[[group]]
id = "dan"
name.vi = "Người dân"
questionnaire = "nho.toml"
assesses = "kind:department"
mode = "sms"
"""


@dataclass
class Sender:
    """A coordinator who sends."""

    settings: Settings
    store: Store
    keyring: Keyring
    clock: SetClock
    box: Mailbox
    folder: Path
    waits: list[float] = field(default_factory=list)

    @property
    def wave(self) -> RegisteredWave:
        return wave.get(self.store, "thu")

    def server(self) -> mail.Server:
        told = MailSettings("127.0.0.1", "Khảo sát <ks@tinh.vn>", self.box.port, "none", per_minute=600, retries=2)
        return mail.Server(told, self.folder)

    def sends(self, purpose: Purpose = Purpose.INVITE, **options: object) -> Sent:
        return sending.send(
            self.store, self.keyring, self.settings, self.clock, self.wave, purpose, self.server(),
            wait=self.waits.append, who="điều phối", **options,  # type: ignore[arg-type]
        )  # fmt: skip

    def put(self, serial: int, state: str) -> None:
        self.store.connection.execute("UPDATE invitation SET state = ? WHERE serial = ?", (state, serial))

    def state(self, serial: int) -> str:
        row = self.store.connection.execute("SELECT state FROM invitation WHERE serial = ?", (serial,)).fetchone()
        return str(row["state"])

    def messages(self) -> list[tuple[object, ...]]:
        rows = self.store.connection.execute("SELECT serial, round, state FROM message ORDER BY round, serial")
        return [tuple(row) for row in rows]


@pytest.fixture
def sender(settings: Settings, store: Store, keyring: Keyring, clock: SetClock, tmp_path: Path) -> Iterator[Sender]:
    """Eight leaders with an address each (serials by their row), six citizens with a telephone."""
    (tmp_path / "nho.toml").write_text(QUESTIONNAIRE, "utf-8")
    (settings.instance / "phieu.toml").write_text('base_url = "https://ks.tinh.vn"\n', "utf-8")
    spec = wave_file.load(WAVE, "wave.toml")
    wave.register(store, keyring, clock, spec, *wave.documents_of(spec, tmp_path))
    with store.write() as tx:
        run = tx.connection.execute
        for cell, (group, mode, n) in enumerate((("lanh_dao", "email", 8), ("dan", "sms", 6)), start=1):
            run("INSERT INTO cell (wave, id, grp, stratum, wclass, margins, mode, units) VALUES "
                "('thu', ?, ?, 'all', 'all', '{}', ?, '[[\"so_a\", 1.0]]')", (cell, group, mode))  # fmt: skip
            run("INSERT INTO draw (wave, grp, number, salt, list_hash, design, listed_at) VALUES "
                "('thu', ?, 1, x'00', 'h', '{}', '2026-02-01')", (group,))  # fmt: skip
            for number in range(n):
                row = bytes([cell, number]) * 8
                run("INSERT INTO frame_row (id, wave, grp, reference, unit, place, fields) VALUES "
                    "(?, 'thu', ?, ?, 'so_a', '', '{}')", (row, group, row))  # fmt: skip
                run("INSERT INTO draw_row (wave, grp, number, row_id, frame_row, stratum, cell) VALUES "
                    "('thu', ?, 1, ?, ?, 'all', ?)", (group, row.hex(), row, cell))  # fmt: skip
                contact = (f"ld{number}@tinh.vn", None) if group == "lanh_dao" else (None, f"09000000{number:02}")
                run("INSERT INTO contact (frame_row, wave, email, phone) VALUES (?, 'thu', ?, ?)", (row, *contact))
    issuing.issue(store, keyring, clock, wave.get(store, "thu"), who="điều phối")
    with serving() as box:
        yield Sender(load(settings.instance), store, keyring, clock, box, tmp_path)


def serial_of(sender: Sender, address: str) -> int:
    with sender.store.read() as tx:
        return next(row["serial"] for row in tx.message_contacts(wave="thu") if address in (row["email"], row["phone"]))


def test_everybody_gets_their_own_link_once(sender: Sender):
    done = sender.sends()
    assert (done.due, done.sent, done.round.number) == (8, 8, 1)
    assert sorted(sender.box.recipients()) == [f"ld{n}@tinh.vn" for n in range(8)]
    assert sender.box.connections == 1
    links = set()
    for to, message in sender.box.taken:
        body = message.get_content()
        (link,) = {word for word in body.split() if word.startswith("https://")}
        links.add(link)
        found = invitations.resolve(sender.store, sender.keyring, link.rpartition("/")[2])
        assert found.serial == serial_of(sender, to)  # type: ignore[union-attr]
        assert "Kính gửi Ông/Bà" in body and "Dear Sir or Madam" in body and "31/03/2026" in body
        assert message["Subject"] == "Khảo sát lãnh đạo: mời Ông/Bà trả lời"
        assert (message["Auto-Submitted"], message["Reply-To"]) == ("auto-generated", "Khảo sát <ks@tinh.vn>")
        assert "mailto:" in message["List-Unsubscribe"]
    assert len(links) == 8
    again = sender.sends()
    assert (again.due, again.sent) == (0, 0)
    assert len(sender.box.taken) == 8
    assert sender.waits == [0.1] * 8  # 600 a minute


def test_a_server_that_dies_after_taking_a_message_gets_it_no_second_time(sender: Sender):
    sender.box.dies = 3
    done = sender.sends()
    assert (done.sent, done.unsure, done.unsent) == (7, 1, 0)
    assert len(sender.box.taken) == len(set(sender.box.recipients())) == 8
    assert sorted(state for _, _, state in sender.messages()) == ["sending"] + ["sent"] * 7
    assert sender.sends().due == 0


def test_a_run_that_is_killed_between_goes_on_without_doubles(sender: Sender, monkeypatch: pytest.MonkeyPatch):
    class Killed(BaseException):
        pass

    taken = mail.Server.send
    calls = 0

    def killed(self: mail.Server, message: object, to: str) -> None:
        nonlocal calls
        calls += 1
        taken(self, message, to)  # type: ignore[arg-type]
        if calls == 4:
            raise Killed  # the server has it, and we never wrote that down

    monkeypatch.setattr(mail.Server, "send", killed)
    with pytest.raises(Killed):
        sender.sends()
    assert [state for _, _, state in sender.messages()] == ["sent"] * 3 + ["sending"]
    monkeypatch.undo()
    done = sender.sends()
    assert done.round.resumed and done.round.number == 1
    assert (done.due, done.sent, done.unsure) == (4, 4, 1)
    assert len(sender.box.taken) == len(set(sender.box.recipients())) == 8


def test_a_server_that_is_down_stops_the_run_and_the_next_goes_on(sender: Sender):
    sender.box.hangs_up = 10_000
    done = sender.sends()
    assert (done.sent, done.unsent) == (0, sending.GIVE_UP)
    assert done.trouble
    assert sender.messages() == []
    assert sender.waits[:2] == [1.0, 2.0]
    with pytest.raises(Faults, match="round 1 is not finished"):
        sender.sends(Purpose.REMIND)
    sender.box.hangs_up = 1
    assert sender.sends().sent == 8
    assert len(set(sender.box.recipients())) == len(sender.box.taken) == 8


def test_a_busy_server_is_asked_again(sender: Sender):
    sender.box.busy = [451, 250, 452]
    done = sender.sends()
    assert (done.sent, done.unsent) == (8, 0)
    assert sender.waits.count(1.0) == 2


def test_an_unknown_address_is_undeliverable_and_gets_nothing_more(sender: Sender):
    sender.box.unknown = {"ld3@tinh.vn"}
    lost = serial_of(sender, "ld3@tinh.vn")
    done = sender.sends()
    assert (done.sent, done.rejected) == (7, 1)
    assert sender.state(lost) == "undeliverable"
    sender.put(lost, "issued")  # whoever set it right by hand: the address still bounces
    sender.clock.at += timedelta(days=5)
    assert sender.sends(Purpose.REMIND).sent == 7


def test_reminders_go_to_the_unfinished_as_often_as_the_wave_allows(sender: Sender):
    with pytest.raises(Faults, match="nobody was invited yet"):
        sender.sends(Purpose.REMIND)
    sender.sends()
    with pytest.raises(Faults, match="due on 15/03/2026"):
        sender.sends(Purpose.REMIND)
    for number, state in enumerate(("answered", "damaged", "refused", "ineligible", "started"), start=0):
        sender.put(serial_of(sender, f"ld{number}@tinh.vn"), state)
    sender.clock.at += timedelta(days=5)
    sender.box.taken.clear()
    done = sender.sends(Purpose.REMIND)
    assert sorted(sender.box.recipients()) == [f"ld{n}@tinh.vn" for n in (4, 5, 6, 7)]
    assert done.sent == 4
    message = sender.box.taken[0][1]
    assert message["Subject"] == "Nhắc lần nữa: Khảo sát lãnh đạo"
    assert message.get_content().startswith("Xin trả lời trước 31/03/2026 tại https://ks.tinh.vn/P/")
    # Nobody can read from the store who was unfinished that day.
    assert {round for _, round, _ in sender.messages()} == {1}
    sender.clock.at += timedelta(days=5)
    assert sender.sends(Purpose.REMIND).sent == 4
    sender.clock.at += timedelta(days=5)
    with pytest.raises(Faults, match="allows 2 reminders"):
        sender.sends(Purpose.REMIND)


def test_who_finishes_while_the_reminders_go_out_gets_none(sender: Sender):
    sender.sends()
    sender.clock.at += timedelta(days=5)
    sender.box.taken.clear()
    last = serial_of(sender, "ld7@tinh.vn")
    options = {"told": lambda done, total: sender.put(max(last, 1), "answered") if done == 1 else None}
    done = sender.sends(Purpose.REMIND, **options)
    assert done.left_out["finished meanwhile"] == 1
    assert (done.sent, len(sender.box.taken)) == (7, 7)


def test_a_new_code_is_sent_anew(sender: Sender, draft_store: Store):
    sender.sends()
    sender.box.taken.clear()
    serial = serial_of(sender, "ld0@tinh.vn")
    code = issuing.reissue(
        sender.store, draft_store, sender.keyring, sender.clock, sender.wave, serial, who="x", reason="gửi nhầm"
    )
    assert sender.sends().sent == 1
    assert code in sender.box.taken[0][1].get_content()
    assert codes.is_valid(code)


def test_flagged_missing_and_silenced_addresses_get_nothing(sender: Sender):
    run = sender.store.connection.execute
    frame_row = run("SELECT frame_row FROM contact WHERE email = 'ld0@tinh.vn'").fetchone()[0]
    run("INSERT INTO contact_flag VALUES (?, 'thu', 1, 0)", (frame_row,))
    run("UPDATE contact SET email = 'không rõ' WHERE email = 'ld1@tinh.vn'")
    run("UPDATE contact SET email = NULL WHERE email = 'ld2@tinh.vn'")
    args = sender.store, sender.keyring, sender.clock, sender.wave
    assert silencing.silence(*args, [" LD3@tinh.vn", "ai@do.vn"], "opted out", who="x") == (1, 0)
    done = sender.sends()
    assert sorted(sender.box.recipients()) == [f"ld{n}@tinh.vn" for n in (4, 5, 6, 7)]
    assert dict(done.left_out) == {
        "shared or staff contact": 1, "no valid address": 1, "no address": 1, "bounced or opted out": 1,
    }  # fmt: skip
    assert "tinh.vn" not in str(run("SELECT * FROM no_message").fetchall())


def test_late_bounces_are_recorded_and_started_forms_stay(sender: Sender):
    sender.sends()
    one, two = serial_of(sender, "ld0@tinh.vn"), serial_of(sender, "ld1@tinh.vn")
    sender.put(two, "started")
    args = sender.store, sender.keyring, sender.clock, sender.wave
    assert silencing.silence(*args, ["ld0@tinh.vn", "ld1@tinh.vn"], "bounced", who="x") == (2, 1)
    assert (sender.state(one), sender.state(two)) == ("undeliverable", "started")


def test_links_of_a_real_wave_that_lead_nowhere_are_not_sent(at_the_desk: Sender):
    sender = at_the_desk
    (sender.settings.instance / "phieu.toml").write_text('base_url = "http://localhost:8000"\n', "utf-8")
    file = sender.folder / "a.csv"
    asked = ("send", "--wave", "thu", "--list", str(file), "--channel", "sms", "--reason", "x")
    before = list(sender.store.connection.iterdump())
    with pytest.raises(Faults, match=r"links lead to http://localhost:8000, .*: set base_url in phieu\.toml"):
        run(sender, *asked)
    assert (file.exists(), list(sender.store.connection.iterdump())) == (False, before)
    assert "6 of 6 sent" in run(sender, *asked, "--local")


def test_the_wrong_channel_and_closed_waves_send_nothing(sender: Sender):
    with pytest.raises(Faults, match="group “dan” is sent by email"):
        sender.sends(groups=["dan"])
    sender.clock.at = datetime(2026, 4, 2, tzinfo=UTC)
    with pytest.raises(Faults, match="takes no answers today"):
        sender.sends()


def run(sender: Sender, *arguments: str) -> str:
    result = CliRunner().invoke(
        phieu, ["--instance", str(sender.settings.instance), *arguments], catch_exceptions=False, standalone_mode=False
    )
    return result.output


@pytest.fixture
def at_the_desk(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> Sender:
    monkeypatch.setattr("survey.clock.now", sender.clock)
    monkeypatch.setattr("time.sleep", sender.waits.append)
    return sender


def test_the_command_needs_a_mail_server_and_then_sends(at_the_desk: Sender):
    sender = at_the_desk
    before = list(sender.store.connection.iterdump())
    said = run(sender, "send", "--wave", "thu", "--dry-run")
    assert "8 would get a message (invite, email)" in said and "/P/XXXXXXXXXXXX" in said
    assert list(sender.store.connection.iterdump()) == before
    with pytest.raises(Faults, match=r"fill in \[smtp\]"):
        run(sender, "send", "--wave", "thu")
    (sender.settings.instance / "phieu.toml").write_text(
        f'base_url = "https://ks.tinh.vn"\n[smtp]\nhost = "127.0.0.1"\nport = {sender.box.port}\nsecurity = "none"\n'
        'sender = "ks@tinh.vn"\n', "utf-8",
    )  # fmt: skip
    sender.box.unknown = {"ld1@tinh.vn"}
    assert "Round 1 (invite, email): 7 of 8 sent, 1 rejected." in run(sender, "send", "--wave", "thu")
    bounced = sender.folder / "bounced.txt"
    bounced.write_text("ld2@tinh.vn\n\n", "utf-8")
    assert "1 invitations are undeliverable" in run(sender, "bounces", "--wave", "thu", "--list", str(bounced))
    assert "1 of the addresses" in run(sender, "optout", "--wave", "thu", "ld4@tinh.vn")
    with pytest.raises(Faults, match="name addresses"):
        run(sender, "optout", "--wave", "thu")
    sender.clock.at += timedelta(days=6)
    assert "5 of 5 sent" in run(sender, "send", "--wave", "thu", "--remind")


def test_what_is_still_to_be_sent_ends_with_a_fault(at_the_desk: Sender):
    (at_the_desk.settings.instance / "phieu.toml").write_text(
        'base_url = "https://ks.tinh.vn"\n[smtp]\nhost = "127.0.0.1"\nport = 1\nsecurity = "none"\n'
        'sender = "ks@tinh.vn"\n', "utf-8",
    )  # fmt: skip
    with pytest.raises(Faults, match="8 are still to be sent: run again"):
        run(at_the_desk, "send", "--wave", "thu")


def test_a_list_for_a_gateway_holds_telephones_and_texts_and_counts_as_sent(at_the_desk: Sender):
    sender, file = at_the_desk, at_the_desk.folder / "sms.csv"
    asked = ("send", "--wave", "thu", "--list", str(file))
    with pytest.raises(Faults, match="name both --list and --channel"):
        run(sender, *asked)
    with pytest.raises(Faults, match="a reason is needed"):
        run(sender, *asked, "--channel", "sms")
    with pytest.raises(Faults, match="must end in"):
        run(sender, "send", "--wave", "thu", "--list", "a.txt", "--channel", "sms", "--reason", "x")
    with pytest.raises(Faults, match="no group is sent by zalo"):
        run(sender, *asked, "--channel", "zalo", "--reason", "x")
    assert "6 of 6 sent" in run(sender, *asked, "--channel", "sms", "--reason", "gửi tin")
    with file.open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    assert sorted(row["phone"] for row in rows) == [f"09000000{n:02}" for n in range(6)]
    for row in rows:
        assert row["text"].startswith("Ủy ban nhân dân tỉnh mời Ông/Bà trả lời khảo sát đến hết ngày 31/03/2026:")
    assert file.stat().st_mode & 0o077 == 0
    entry = sender.store.connection.execute("SELECT action, detail FROM audit ORDER BY number DESC").fetchone()
    assert (entry["action"], json.loads(entry["detail"])["reason"]) == ("list for a gateway exported", "gửi tin")
    assert "0 would get a message" in run(sender, "send", "--wave", "thu", "--channel", "sms", "--dry-run")


def test_a_refused_invitation_is_reminded_of_nothing(sender: Sender):
    sender.sends()
    serial = serial_of(sender, "ld5@tinh.vn")
    invitations.record(
        sender.store, sender.clock, sender.wave, serial, State.REFUSED, who="x", reason="gọi điện từ chối"
    )
    sender.clock.at += timedelta(days=5)
    assert sender.sends(Purpose.REMIND).sent == 7
