"""What a server prints before anybody asks is what the first visitor would have had printed, and he is given it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from forms.faults import Faults
from survey import create_app
from survey.citizen import ahead, sections
from survey.web import Web
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent
from tests.journeys.test_citizen_resuming import SENT
from tests.journeys.world import World

KINDS = (("dan", "kinds", "dossier", ("so_tu_phap",)),)


def printed(world: World) -> Web:
    """An application that printed ahead."""
    app = create_app(world.settings, world.clock)
    ahead.print_open_waves(app)
    return app


def same(asked: Web, ahead: Web) -> set[Any]:
    """What visitors had printed, all of which was printed ahead, to the last byte; returns what else was."""
    assert asked.sheets
    for key, sheet in asked.sheets.items():
        ours = ahead.sheets[key]
        assert (ours.fixed, ours.names, ours.headers) == (sheet.fixed, sheet.names, sheet.headers), key
    return ahead.sheets.keys() - asked.sheets.keys()


def test_it_is_what_first_visitors_would_have_had_printed(app: Web, world: World):
    for group in world.codes:
        person = Respondent(app, world.take(group))
        person.fill_to_check(pick=0), person.fill()
    assert not same(app, printed(world))


def test_sittings_that_hide_earlier_answers_find_theirs(tmp_path: Path):
    made = worlds.build(tmp_path, edits=SENT)
    app = create_app(made.settings, made.clock)
    person = Respondent(app, made.take())
    person.fill_to_check(pick=0), person.fill()
    assert any(sitting for _version, _group, _units, _language, sitting, _what in app.sheets)
    same(app, printed(made))


def test_every_kind_of_question_is_answered_somehow(tmp_path: Path):
    made = worlds.build(tmp_path, {"kinds": worlds.KINDS}, groups=KINDS)
    app = create_app(made.settings, made.clock)
    person = Respondent(app, made.take("dan"))
    person.begin()
    more = same(app, printed(made))
    assert {key[-1][0] if isinstance(key[-1], tuple) else key[-1] for key in more} == {"check", "receipt"}


def test_the_first_visitor_waits_for_no_framework(world: World, monkeypatch: pytest.MonkeyPatch):
    app, person = printed(world), world.take()
    monkeypatch.setattr(app, "full_dispatch_request", lambda *_: pytest.fail("the framework was asked"))
    for path in ("", "/1", "/2"):
        assert app.test_client(use_cookies=False).get(f"/P/{person}{path}").status_code == 200


def test_waves_that_are_not_open_now_are_left(world: World):
    world.now = world.now.replace(month=5)
    assert not printed(world).sheets


def test_enough_is_enough(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ahead, "ENOUGH", 1)
    assert len({key[1] for key in printed(world).sheets}) == 1  # type: ignore[index]


def test_waves_that_cannot_be_read_keep_no_server_from_beginning(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(Web, "read_waves", lambda app: (_ for _ in ()).throw(Faults("a plan that nobody reads")))
    with caplog.at_level(logging.WARNING, "phieu"):
        assert not printed(world).sheets
    assert [record.__dict__["fields"] for record in caplog.records] == [{"kind": "Faults"}]


def test_no_key_of_a_wave_is_needed(world: World, monkeypatch: pytest.MonkeyPatch):
    app = create_app(world.settings, world.clock)
    monkeypatch.setattr(app.keyring, "wave", lambda name: pytest.fail("the parent of all processes would keep it"))
    ahead.print_open_waves(app)
    assert app.sheets


def test_what_cannot_be_printed_keeps_no_server_from_beginning(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    show = sections.show

    def broken(here: Any, *more: Any) -> Any:
        if here.invitation.group == "lanh_dao":
            raise ValueError("Ý kiến của Nguyễn Văn A")
        return show(here, *more)

    monkeypatch.setattr(sections, "show", broken)
    with caplog.at_level(logging.WARNING, "phieu"):
        app = printed(world)
    assert {key[1] for key in app.sheets} == {"nguoi_dan", "lanh_dao", "cong_chuc"}  # type: ignore[index]
    (record,) = caplog.records
    assert record.__dict__["fields"] == {"wave": "demo", "group": "lanh_dao", "kind": "ValueError"}
    assert "Nguyễn" not in record.getMessage()
