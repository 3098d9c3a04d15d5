"""The second person at the desk, and the job that runs beside it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from survey import job_record, jobs
from survey.accounts.roles import Role
from survey.approvals import approvals, deeds
from survey.desk import jobs_page
from tests.desk import looking
from tests.desk.staff import Staff, hire
from tests.survey import replanned


def ask(team: Staff, serial: int, name: str = "coordinator") -> None:
    """A request of somebody about the organiser, whose name is found among the assessed."""
    from survey.accounts import accounts

    with team.app.store.write() as tx:
        text = tx.wave_get(id="demo")["spec"]
        if 'unit = "so_tu_phap"' not in text:
            text = text.replace("date = 2026-02-01", 'date = 2026-02-01\nunit = "so_tu_phap"', 1)
            replanned.put(tx.connection, text, "demo")
    account = accounts.get(team.app.store, name)
    approvals.do_or_ask(team.app, team.app.wave("demo"), account, deeds.REISSUE, {"serials": [serial]}, "mất phiếu")


def test_a_second_person_approves_and_it_is_done(own_team: Staff) -> None:
    ask(own_team, 1)
    asker = own_team.as_(Role.COORDINATOR)
    assert asker.get("/desk/").links["Chờ duyệt (1)"] == "/desk/approvals"
    assert "mất phiếu" in asker.get("/desk/approvals").text and "Duyệt và thực hiện" not in asker.page.text
    assert "không tự duyệt được" in asker.post("/desk/approvals/1/approve", 422).text
    second = own_team.as_(Role.ANALYST)
    second.get("/desk/approvals")
    second.submit("approve", 303)
    assert "Đã duyệt và thực hiện." in second.arrive().text
    assert second.page.table()[1][5] == "Đã thực hiện"


def test_refusing_takes_a_reason_and_withdrawing_is_ones_own(own_team: Staff) -> None:
    ask(own_team, 1), ask(own_team, 2)
    second, asker = own_team.as_(Role.DISPATCHER), own_team.as_(Role.COORDINATOR)
    second.get("/desk/approvals")
    assert second.submit("/1/refuse", 422).faults == ["Mục này chưa điền."]
    second.submit("/1/refuse", 303, reason="chưa rõ")
    assert "chưa rõ" in second.arrive().text
    assert "không rút được" in second.post("/desk/approvals/2/withdraw", 422).text.lower()
    asker.get("/desk/approvals")
    asker.submit("/2/withdraw", 303)
    assert "Không có việc nào chờ duyệt" in asker.arrive().text
    second.post("/desk/approvals/9/approve", 404)


def test_somebody_of_a_rated_office_is_told_why_not(own_team: Staff) -> None:
    ask(own_team, 1)
    hire(own_team.app, "thu", Role.ANALYST, office="Sở Y tế")
    page = own_team.as_("thu").get("/desk/approvals")
    assert "không được thuộc cơ quan được đánh giá" in page.text and "Duyệt và thực hiện" not in page.text


def test_every_kind_of_request_is_told_in_words(own_team: Staff) -> None:
    from survey.accounts import accounts

    ask(own_team, 1)
    person, wave = accounts.get(own_team.app.store, "dispatcher"), own_team.app.wave("demo")
    told = {"unit": "so_tu_phap", "place": "trung_tam", "group": None, "contacts": True}
    approvals.do_or_ask(own_team.app, wave, person, deeds.EXPORT_CODES, told, "phát phiếu")
    text = own_team.as_(Role.COORDINATOR).get("/desk/approvals").text
    assert all(word in text for word in ("Xuất mã trả lời", "Sở Tư pháp", "Trung tâm Phục vụ", "Kèm địa chỉ liên hệ"))
    own_team.as_(Role.COORDINATOR).submit("/2/approve", 303)
    assert "lấy được tệp một lần" in own_team.as_(Role.COORDINATOR).arrive().text


def test_jobs_are_seen_and_their_output_by_whoever_asked(own_team: Staff) -> None:
    analyst, other = own_team.as_(Role.ANALYST), own_team.as_(Role.COORDINATOR)
    assert "Chưa có việc nào" in analyst.get("/desk/jobs").text
    settings = own_team.app.settings
    with jobs._alone(settings.instance, ("freeze",)):
        job_record.begin(settings.instance, ("freeze", "--wave", "demo"), "desk:analyst", own_team.app.clock)
        page = analyst.get("/desk/jobs")
        assert "Đang chạy" in page.text and page.element("live").attributes["data-live"] == "2"
    status = job_record.read(settings.instance, running=True)
    assert status is not None
    from dataclasses import replace

    done = replace(
        status, state="done", output="dataset 1234", messages=("there is no request 9",), ended_at=status.started_at
    )
    job_record._write(settings.instance, done)
    assert "dataset 1234" in analyst.get("/desk/jobs").text and "Đã xong" in analyst.page.text
    assert "Không có đề nghị số 9" in analyst.page.text
    told = other.get("/desk/jobs").text
    assert "Đã xong" in told and "dataset 1234" not in told and "đề nghị số 9" not in told


def test_starting_a_job_is_logged(own_team: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    from flask import g

    from survey.accounts import accounts

    begun = []
    monkeypatch.setattr(jobs, "start", lambda settings, *arguments, who, clock: begun.append((arguments, who)))
    with own_team.app.test_request_context("/desk/jobs"):
        g.account = accounts.get(own_team.app.store, "analyst")
        jobs_page.begin("freeze", "--wave", "demo", wave="demo")
    assert begun == [(("freeze", "--wave", "demo"), "desk:analyst")]
    assert (own_team.log()[-1]["action"], own_team.log()[-1]["wave"]) == ("job started", "demo")


@pytest.mark.parametrize(("width", "scheme"), looking.VIEWS)
@looking.needs_chromium
def test_approvals_and_jobs_in_a_browser(chromium: Browser, own_team: Staff, width: int, scheme: str) -> None:
    ask(own_team, 1), ask(own_team, 2), ask(own_team, 3)
    approvals.refuse(own_team.app, own_team.app.wave("demo"), 3, _dispatcher(own_team), reason="chưa đủ căn cứ")
    settings = own_team.app.settings
    with (
        looking.signed_in(chromium, own_team, Role.ANALYST, width, scheme) as window,
        jobs._alone(settings.instance, ("freeze",)),
    ):
        window.judge("/desk/approvals")
        job_record.begin(settings.instance, ("freeze", "--wave", "demo"), "desk:analyst", own_team.app.clock)
        window.judge("/desk/jobs")
        status = job_record.read(settings.instance, running=True)
        assert status is not None
        from dataclasses import replace

        job_record._write(settings.instance, replace(status, done=3, total=4, text="opening boxes"))
        window.page.wait_for_selector("progress[value='75']")  # it renewed itself
        window.judge(picture="jobs-running")


def _dispatcher(team: Staff):  # type: ignore[no-untyped-def]
    from survey.accounts import accounts

    return accounts.get(team.app.store, "dispatcher")


def test_every_kind_of_act_has_words(team: Staff) -> None:
    from survey.desk import approvals_page

    with team.app.test_request_context("/desk/approvals"):
        named = {kind: approvals_page.kind_name(kind) for kind in deeds.DEEDS}
    assert not {kind for kind, name in named.items() if kind == name}
    assert len(set(named.values())) == len(named)
