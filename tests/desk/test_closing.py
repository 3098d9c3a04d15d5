"""The end of collection at the desk: when, what is in the way, and the job that does it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from forms.faults import Fault, Faults
from survey import jobs
from survey.accounts.roles import Role
from survey.keying import counting_in
from tests.desk.staff import Staff

CLOSE = "/desk/w/demo/close"


def test_a_wave_is_closed_once_its_last_day_has_passed(own_team: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = own_team.as_(Role.COORDINATOR)
    assert "Đóng được từ hôm sau" in desk.get(CLOSE).text and "Đóng đợt" not in desk.page.links
    desk.post(CLOSE, 422, sure="y")
    own_team.world.now += timedelta(days=30)
    desk = own_team.fresh(Role.COORDINATOR)
    assert desk.get("/desk/").links["Đóng đợt điều tra"] == CLOSE
    desk.get(CLOSE)
    assert desk.submit(status=422).faults == ["Xin đánh dấu ô này."]

    def unaccounted(tx: object, held: object, wave: str) -> None:
        raise Faults([Fault("batch 1: 3 forms were counted in, and neither keyed nor set aside")])

    with monkeypatch.context() as patched:
        patched.setattr(counting_in, "require_accounted", unaccounted)
        assert "Còn việc phải xong" in desk.get(CLOSE).text and not desk.page.tree.all("main")[0].all("form")
        desk.post(CLOSE, 422, sure="y")
    with jobs._alone(own_team.app.settings.instance, ("freeze",)):
        desk.get(CLOSE)
        assert "đang chạy" in desk.submit(status=422, sure="y").faults[0]
    desk.get(CLOSE)
    desk.submit(status=303, sure="y")
    deadline = time.monotonic() + 60
    while (told := jobs.status(own_team.app.settings)) and told.running and time.monotonic() < deadline:
        time.sleep(0.05)
    for watcher in jobs._STARTED:
        watcher.wait(30)
    assert told is not None and told.state == "done", told
    assert "không nhận câu trả lời nữa" in desk.get(CLOSE).text
    assert own_team.app.wave("demo").state == "closed"
    assert own_team.fresh(Role.ANALYST).get("/desk/").links["Chốt số liệu"] == "/desk/w/demo/results"
