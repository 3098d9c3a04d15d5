"""What the first page offers, and where an address without its wave leads: nothing that is not there, nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey import jobs, said
from survey.accounts.roles import Role
from survey.delivery import handover
from survey.delivery.handover import Kind
from survey.desk import faces
from survey.job_record import JobStatus
from tests.desk import fieldwork_team
from tests.desk.fieldwork_team import WAVE
from tests.desk.staff import Staff

NO_WORK = "Hiện không có việc nào dành cho vai trò"


@pytest.fixture
def team(tmp_path: Path) -> Staff:
    """The wave of the follow-up, with something to pay."""
    (tmp_path / "other").mkdir()
    return fieldwork_team.build(tmp_path / "other")


def state(team: Staff, told: str) -> None:
    team.app.store.connection.execute("UPDATE wave SET state = ?", (told,))


def test_payments_are_offered_where_something_is_paid(own_team: Staff, team: Staff) -> None:
    for here, offered in ((own_team, False), (team, True)):
        for at in ("open", "closed", "frozen"):
            state(here, at)
            page = here.as_(Role.COORDINATOR).get("/desk/")
            assert ("Chi trả" in page.links or "Lập bảng kê chi trả" in page.links) is offered, at


def test_control_calls_come_before_payments_and_not_after_they_are_done(team: Staff) -> None:
    state(team, "frozen")
    desk = team.as_(Role.COORDINATOR)
    assert desk.get("/desk/").tree.all("main")[0].all("a")[1].text == "Gọi kiểm tra"
    team.app.store.connection.execute("DELETE FROM contact")
    assert desk.get("/desk/").tree.all("main")[0].all("a")[1].text == "Lập bảng kê chi trả"


@pytest.mark.parametrize("at", ["draft", "open", "closed", "frozen"])
def test_nobody_is_told_that_nothing_is_theirs_beside_what_is(own_team: Staff, at: str) -> None:
    state(own_team, at)
    for role in Role:
        page = own_team.as_(role).get("/desk/")
        ways = [address for address in page.links.values() if "/w/demo" in address]
        assert (NO_WORK in page.text) is not bool(ways), role


def test_a_batch_is_handed_over_while_forms_are_taken_alone(team: Staff) -> None:
    desk = team.as_(Role.COORDINATOR)
    assert "Giao một lô" in desk.get(f"{WAVE}/handover").text
    state(team, "closed")
    assert "Giao một lô" not in desk.get(f"{WAVE}/handover").text
    with pytest.raises(handover.Faults, match="nothing is handed over any more"):
        handover.make(team.app.store, team.app.clock, team.app.wave("demo"), Kind.POST, "Bưu cục 1", [4], who="x")


@pytest.mark.parametrize("address", ["results", "results/", "w/results/", "follow-up", "board/"])
def test_an_address_without_its_wave_asks_which(own_team: Staff, address: str) -> None:
    role = Role.ANALYST if "results" in address else Role.COORDINATOR
    page = own_team.as_(role).get(f"/desk/{address}")
    word = address.strip("/").removeprefix("w/")
    assert f"/desk/w/demo/{word}" in page.links.values() and "từng đợt điều tra" in page.text


def test_a_stroke_too_many_leads_to_the_page(own_team: Staff) -> None:
    desk = own_team.as_(Role.COORDINATOR)
    assert desk.client.get(f"{WAVE}/board/").headers["Location"].endswith("/desk/w/demo/board")
    for address in ("nowhere", "nowhere/", "w/nowhere", "unit"):
        assert desk.client.get(f"/desk/{address}").status_code == 404
    assert own_team.as_(Role.CLERK).client.get("/desk/results").status_code == 404, "which waves there are is not told"


def test_an_illustrative_framework_says_so_once(own_team: Staff) -> None:
    text = own_team.as_(Role.ANALYST).get("/desk/frameworks").text
    assert "minh họa)" in text and "minh họa) (minh họa)" not in text


def test_who_asked_for_a_job_is_a_name(own_team: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    for who, shown in (("desk:thu", "người yêu cầu: thu"), ("cli:lan", "người yêu cầu: lan, bằng lệnh ở máy chủ")):
        status = JobStatus("1", ("report",), who, "2026-03-10T03:00:00+00:00", "done")
        monkeypatch.setattr(jobs, "status", lambda settings, status=status: status)
        assert shown in own_team.as_(Role.ANALYST).get("/desk/jobs").text
    assert faces.who("operator") == "operator"


def test_what_the_log_tells_has_vietnamese_names() -> None:
    told = said.detail({"reason": "Mất", "with": "", "keys": True, "arguments": ["close", 2], "n": 3}, "vi")
    assert told == "lý do: Mất; kèm khóa: có; lệnh: close 2; số lượng: 3"
    assert (
        said.detail({"reason": "Lost", "keys": False, "by": {"a": 1}}, "en")
        == 'reason: Lost; keys: false; by: {"a": 1}'
    )
