"""Seals at set times, and what witnesses are sent: each seal once, by a real socket, with a chain to check."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import audit, create_app, seals, timed_seals, wave
from survey.cli import phieu
from survey.config import Settings, load
from survey.delivery.mail import MailSettings, Server
from survey.seal_times import SealTimes, read
from survey.sealed import SCRIPT
from survey.store import Store
from tests.conftest import Scene
from tests.journeys import world as worlds
from tests.journeys.world import World
from tests.survey.sending.mail_server import Mailbox, serving

WITNESSES = ("mttq@tinh.vn", "hdnd@tinh.vn")


def _settings(world: World, box: Mailbox | None = None, at: str = "17:30", to: tuple[str, ...] = WITNESSES) -> Settings:
    smtp = MailSettings("127.0.0.1", "Khảo sát <ks@tinh.vn>", box.port, "none") if box else None
    return replace(world.settings, smtp=smtp, seals=read({"at": [at], "witnesses": list(to)}, "f", []))


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An open wave, sealed once (number 0) at 10:00 on 10 March 2026 in Việt Nam."""
    return worlds.build(tmp_path)


def _seals(store: Store) -> int:
    with store.read() as tx:
        return int(tx.seal_last(wave="demo")["number"]) + 1


def test_a_wave_is_sealed_once_a_set_time(world: World) -> None:
    store, told = world.store, _settings(world, at="17:30")
    found = []
    for hours in (0, 7, 8, 20, 31.4, 32):  # 10:00, 17:00, 18:00, 06:00, 17:24 and 18:00 there
        world.now = datetime(2026, 3, 10, 3, 0, tzinfo=UTC) + timedelta(hours=hours)
        announced = timed_seals.due(store, world.clock, told)
        made = timed_seals.seal_due(store, world.clock, told)
        assert announced == [name for name, _ in made]
        assert timed_seals.seal_due(store, world.clock, told) == []
        found.append([number for _, number in made])
    assert found == [[], [], [1], [], [], [2]]
    assert seals.verify(store, "demo") == []


def test_nothing_is_sealed_where_no_time_is_set_or_the_clock_is_behind(world: World) -> None:
    store = world.store
    world.now += timedelta(days=9)
    assert timed_seals.seal_due(store, world.clock, world.settings) == []
    world.now -= timedelta(days=900)
    assert timed_seals.seal_due(store, world.clock, _settings(world)) == []


def test_witnesses_are_sent_every_seal_once_and_can_check_it(world: World, tmp_path: Path) -> None:
    store = world.store
    with serving() as box:
        told = _settings(world, box)
        assert timed_seals.send(store, world.clock, told, Server(told.smtp, tmp_path), who="test") == (2, [])  # type: ignore[arg-type]
        assert timed_seals.send(store, world.clock, told, Server(told.smtp, tmp_path), who="test") == (0, [])  # type: ignore[arg-type]
        seals.seal(store, world.clock, wave.get(store, "demo"))
        assert timed_seals.send(store, world.clock, told, Server(told.smtp, tmp_path), who="test") == (2, [])  # type: ignore[arg-type]
    assert box.recipients() == [*WITNESSES, *WITNESSES]
    letter = box.taken[-1][1]
    text = letter.get_body().get_content()  # type: ignore[union-attr]
    (part,) = letter.iter_attachments()
    with store.read() as tx:
        last = tx.seal_last(wave="demo")
    # What came can be checked with the script alone, by the hash in the letter
    file = tmp_path / str(part.get_filename())
    file.write_bytes(part.get_payload(decode=True))
    assert file.name == "niem-phong-demo-1.json" and last["hash"] in text and "10:00 ngày 10/03/2026" in text
    for hash, status in ((last["hash"], 0), ("0" * 64, 1)):
        run = subprocess.run([sys.executable, SCRIPT, file, "--seal", hash], capture_output=True, text=True)  # noqa: S603
        assert run.returncode == status, run.stderr + run.stdout
    assert audit.verify(store) == []


def test_who_was_not_reached_is_sent_it_later(world: World, tmp_path: Path) -> None:
    store = world.store
    with serving() as box:
        told = _settings(world, box)
        box.unknown = {WITNESSES[0]}
        sent, wrong = timed_seals.send(store, world.clock, told, Server(told.smtp, tmp_path), who="test")  # type: ignore[arg-type]
        assert sent == 1 and len(wrong) == 1 and wrong[0].startswith(WITNESSES[0])
        box.unknown = set()
        timed_seals.send(store, world.clock, told, Server(told.smtp, tmp_path), who="test")  # type: ignore[arg-type]
    assert box.recipients() == [WITNESSES[1], WITNESSES[0]]


def test_nobody_is_sent_the_seals_of_a_simulation(scene: Scene) -> None:
    told = replace(scene.settings, seals=SealTimes(witnesses=WITNESSES))
    assert list(timed_seals.unsent(scene.store, told)) == []


def test_what_a_witness_was_sent_is_what_the_page_shows(world: World, tmp_path: Path) -> None:
    with serving() as box:
        told = _settings(world, box, to=WITNESSES[:1])
        timed_seals.send(world.store, world.clock, told, Server(told.smtp, tmp_path), who="test")  # type: ignore[arg-type]
    (part,) = box.taken[0][1].iter_attachments()
    chain = json.loads(part.get_payload(decode=True))
    assert chain[-1]["hash"] in create_app(world.settings, world.clock).test_client().get("/check").text


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ('at = "17:30"', "must be lists"), ('at = ["25:00"]', "no time of day"), ('witnesses = ["x"]', "no address"),
        ("often = true", "unknown key “seals.often”"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_configuration_is_said(world: World, told: str, fault: str) -> None:
    (world.settings.instance / "phieu.toml").write_text(f"[seals]\n{told}\n", "utf-8")
    with pytest.raises(Faults, match=fault):
        load(world.settings.instance, {})


def _configured(world: World, text: str) -> list[str]:
    (world.settings.instance / "phieu.toml").write_text(text, "utf-8")
    return ["--instance", str(world.settings.instance), "seal"]


def test_the_command_seals_and_sends(world: World) -> None:
    with serving() as box:
        command = _configured(
            world, f'[smtp]\nhost = "127.0.0.1"\nport = {box.port}\nsecurity = "none"\nsender = "ks@tinh.vn"\n'
            '[seals]\nat = [00:00:00]\nwitnesses = ["a@b.vn"]\n',
        )  # fmt: skip
        done = CliRunner().invoke(phieu, [*command, "--due"], catch_exceptions=False)
        assert "Seal 1 of wave demo" in done.stdout and "1 letters" in done.stderr
        done = CliRunner().invoke(phieu, [*command, "--wave", "demo"], catch_exceptions=False)
        assert "Seal 2 of wave demo" in done.stdout
        box.busy = [450]
        assert isinstance(CliRunner().invoke(phieu, [*command, "--wave", "demo"]).exception, Faults)
    assert len(box.taken) == 2
    for wrong in ([], ["--due", "--wave", "demo"]):
        assert isinstance(CliRunner().invoke(phieu, [*command, *wrong]).exception, Faults)


def test_witnesses_without_a_mail_server_are_said(world: World) -> None:
    command = _configured(world, '[seals]\nwitnesses = ["a@b.vn"]\n')
    result = CliRunner().invoke(phieu, [*command, "--due"])
    assert isinstance(result.exception, Faults) and "no [smtp]" in str(result.exception)


def test_the_server_does_it_beside_its_mixing(world: World) -> None:
    # Given a seal that is due, and letters
    world.now += timedelta(days=1)
    with serving() as box:
        _configured(
            world, f'[smtp]\nhost = "127.0.0.1"\nport = {box.port}\nsecurity = "none"\nsender = "ks@tinh.vn"\n'
            '[seals]\nat = ["17:30"]\nwitnesses = ["a@b.vn"]\n',
        )  # fmt: skip
        beside = timed_seals.Beside(load(world.settings.instance, {}), world.store, world.clock)
        # When the mixer looks again and again
        assert beside.look() is True
        assert beside._child is not None and beside._child.wait(60) == 0
        # Then it is done, once, and not tried again at once
        assert beside.look() is False
    assert box.recipients() == ["a@b.vn"] and _seals(world.store) == 2


def test_the_server_does_nothing_where_nothing_is_asked_for(world: World) -> None:
    assert timed_seals.Beside(world.settings, world.store, world.clock).look() is False
