"""The log at the desk: found, turned over, exported, and its chain looked at."""

from __future__ import annotations

import csv
import io

import pytest
from playwright.sync_api import Browser

from survey import audit
from survey.accounts.roles import Role
from survey.desk import log
from tests.desk import looking
from tests.desk.staff import Staff


def write(team: Staff, number: int, action: str = "written", wave: str | None = None, **detail: object) -> None:
    with team.app.store.write() as tx:
        for _ in range(number):
            audit.append(tx, team.app.clock, "desk:thu", action, wave, detail)


def found(page) -> list[list[str]]:  # type: ignore[no-untyped-def]
    return page.table()[1:] if page.tree.all("table") else []


def test_entries_are_found_by_text_wave_person_deed_and_day(own_team: Staff) -> None:
    write(own_team, 1, "kiosk revoked", "demo", reason="Máy hỏng, thay <b>máy</b>")
    desk = own_team.as_(Role.COORDINATOR)
    for query in (
        "text=m%C3%A1y+h",
        "wave=demo&action=kiosk+revoked",
        "who=desk:thu",
        "since=2026-03-10&until=2026-03-10&who=desk:thu",
    ):
        rows = found(desk.get(f"/desk/log?{query}"))
        assert len(rows) == 1 and "lý do: Máy hỏng, thay <b>máy</b>" in rows[0][-1], query
    assert "&lt;b&gt;máy" in desk.page.answer.text
    assert rows[0][1].startswith("10:00 ngày 10/03/2026")
    for query in ("text=zzz", "since=2026-03-11", "until=2026-03-09"):
        assert not found(desk.get(f"/desk/log?{query}")), query
    assert found(desk.get("/desk/log?since=never&page=x")), "what is no day looks for nothing"


def test_pages_turn_and_keep_the_search(own_team: Staff) -> None:
    write(own_team, 2 * log.A_PAGE + 1)
    desk = own_team.as_(Role.ADMINISTRATOR)
    seen = [row[0] for row in found(desk.get("/desk/log?who=desk:thu"))]
    while "Trang sau" in desk.page.links:
        seen += [row[0] for row in found(desk.get("/desk/log" + desk.page.links["Trang sau"]))]
    assert len(seen) == len(set(seen)) == 2 * log.A_PAGE + 1
    assert "Trang trước" in desk.page.links
    desk.get("/desk/log?page=999999")


def test_a_whole_chain_and_a_broken_one_are_told(own_team: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = own_team.as_(Role.COORDINATOR)
    assert "nguyên vẹn" in desk.get("/desk/log").element("chain").text
    monkeypatch.setattr(log, "LONGEST_CHECK", 0)
    assert "nguyên vẹn" not in desk.get("/desk/log").text
    assert "nguyên vẹn" in desk.get("/desk/log" + desk.page.links["Kiểm chuỗi nhật ký"]).text
    with own_team.app.store.write() as tx:
        tx.connection.execute("UPDATE audit SET who = 'desk:khac' WHERE number = 3")
    assert "audit entry 3 was altered" in desk.get("/desk/log?check=1").text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_found_leaves_as_a_file_which_is_logged(own_team: Staff, form: str) -> None:
    write(own_team, 2, "=cmd|'/c calc'!A1", reason="x")
    desk = own_team.as_(Role.COORDINATOR)
    desk.get("/desk/log?who=desk:thu")
    answer = desk.submit("export", format=form, status=200).answer
    assert f"nhat-ky.{form}" in answer.headers["Content-Disposition"]
    if form == "csv":
        rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
        assert len(rows) == 3 and rows[1][3].startswith("'=")
    last = own_team.log()[-1]
    assert last["action"] == "log exported" and '"n": 2' in str(last["detail"])
    desk.get("/desk/log")
    desk.submit("export", format="exe", status=422)


@pytest.mark.parametrize(("width", "scheme"), looking.VIEWS)
@looking.needs_chromium
def test_the_log_in_a_browser(chromium: Browser, team: Staff, width: int, scheme: str) -> None:
    write(team, 3, reason="Kiểm tra hiển thị với một lý do khá dài để xem bảng có tràn khỏi màn hình không")
    with looking.signed_in(chromium, team, Role.COORDINATOR, width, scheme) as window:
        window.judge("/desk/log")
