"""The fieldwork board: numbers that add up, an address that says what is seen, the same rows in a file."""

from __future__ import annotations

import csv
import io
import sys
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser

from survey.accounts.roles import Role
from tests.desk import fieldwork_team, looking
from tests.desk.fieldwork_team import WAVE
from tests.desk.staff import Staff

BOARD = f"{WAVE}/board"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """The wave of the follow-up."""
    return fieldwork_team.build(tmp_path_factory.mktemp("instance"))


def test_the_figures_and_the_table_by_unit(team: Staff) -> None:
    page = team.as_(Role.COORDINATOR).get(BOARD)
    assert "18 phiếu cho 3 cơ quan" in page.text and "16,7% số phát ra; mục tiêu 80,0%" in page.text
    heads, *rows = page.table()
    assert heads[:3] == ["Cơ quan, địa phương", "Phát ra ?", "Thu về ?"]
    assert [row[:3] for row in rows] == [["Sở Tư pháp", "18", "3"], ["Sở Y tế", "6", "1"], ["Sở Tài chính", "6", "1"]]
    assert rows[0][5:] == ["2", "1", "0", "0", "0", "14"]
    assert "1 phiếu thu về còn chờ trộn" in page.text
    assert "10:00" in page.text  # the world's clock, where the wave is held


def test_links_of_the_page_lead_deeper_and_back(team: Staff) -> None:
    desk = team.as_(Role.COORDINATOR)
    desk.get(BOARD)
    desk.follow("Sở Y tế")
    assert [row[0] for row in desk.page.table()[1:]] == ["lanh_dao"]
    desk.follow("Bỏ lọc")
    desk.follow("Theo hình thức")
    assert {row[0]: row[1] for row in desk.page.table()[1:]} == {
        "phiếu có mã QR": "3", "thư điện tử": "6", "Zalo": "6", "phỏng vấn trực tiếp": "3",
    }  # fmt: skip


def test_sorting_is_in_the_address_and_said(team: Staff) -> None:
    desk = team.as_(Role.DISPATCHER)
    page = desk.get(f"{BOARD}?sort=-issued")
    sorted_by = [head.attributes["aria-sort"] for head in page.tree.all("th") if "aria-sort" in head.attributes]
    assert sorted_by == ["descending"] and page.table()[1][0] == "Sở Tư pháp"
    assert desk.get(f"{BOARD}?sort=issued").table()[-1][0] != "Sở Y tế"
    assert desk.get(f"{BOARD}?sort=nothing&by=nothing&unit=nowhere").table()[1] == [
        "Không có dòng nào phù hợp với lựa chọn."
    ]


def test_the_days_and_the_heat_table_stand_below(team: Staff) -> None:
    page = team.as_(Role.COORDINATOR).get(BOARD)
    days = page.table(1)
    assert len(days) == 32 and days[10][:3] == ["10/03/2026", "3", "3"] and "nghỉ" in days[8][0]
    assert days[11][1] == "—"
    heat = page.table(2)
    assert heat[0] == ["Cơ quan, địa phương", "nguoi_dan", "lanh_dao", "cong_chuc"]
    assert heat[2] == ["Sở Y tế", "–", "17%", "–"]


def test_every_term_leads_to_its_definition(team: Staff) -> None:
    desk = team.as_(Role.ANALYST)
    page = desk.get(BOARD)
    anchors = {link.attributes["href"] for link in page.tree.all("a") if "definitions#" in link.attributes["href"]}
    assert len(anchors) > 10
    defined = desk.get("/desk/definitions")
    known = {one.attributes["id"] for one in defined.tree.below if "id" in one.attributes}
    assert {anchor.partition("#")[2] for anchor in anchors} <= known
    assert "RR1 = I ÷" in defined.text and "Khoảng 95% tính cả" in defined.text


def test_files_hold_exactly_what_is_seen(team: Staff) -> None:
    desk = team.as_(Role.COORDINATOR)
    desk.get(f"{BOARD}?sort=name&group=lanh_dao")
    shown = [row[0] for row in desk.page.table()[1:]]
    links = desk.page.links
    text = desk.client.get(links["CSV"]).data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows[1:]] == shown == ["Sở Tài chính", "Sở Tư pháp", "Sở Y tế"]
    assert rows[0][:3] == ["Cơ quan, địa phương", "Phát ra", "Thu về"]
    book = openpyxl.load_workbook(io.BytesIO(desk.client.get(links["XLSX"]).data))
    assert [row[0].value for row in list(book.active.rows)[1:]] == shown


def test_only_late_rows(team: Staff) -> None:
    page = team.as_(Role.COORDINATOR).get(f"{BOARD}?late=1")
    assert [row[0] for row in page.table()[1:]] == ["Sở Tư pháp"]
    assert "▾" in page.table()[1][3]


def test_it_speaks_english_too(team: Staff) -> None:
    desk = team.fresh(Role.COORDINATOR)
    page = desk.get(f"{BOARD}?lang=en")
    assert "Returned" in page.text and "Thu về" not in page.text
    assert "Hợp lệ" not in desk.get("/desk/definitions").text


def test_nothing_issued_yet_is_said(own_team: Staff) -> None:
    own_team.app.store.connection.execute("DELETE FROM invitation")
    assert "Chưa có phiếu nào phát ra" in own_team.as_(Role.COORDINATOR).get(BOARD).text


def test_a_wave_without_a_target_gives_no_verdict(own_team: Staff) -> None:
    page = own_team.as_(Role.COORDINATOR).get(BOARD)
    assert "chưa khai báo mục tiêu" in page.text and "chưa đủ phiếu để dự báo" in page.text


def test_a_wave_that_is_over_is_not_projected(own_team: Staff) -> None:
    own_team.app.store.connection.execute("UPDATE wave SET state = 'closed'")  # before its last day
    text = own_team.as_(Role.COORDINATOR).get(BOARD).text
    assert "Đã hết hạn nhận phiếu" in text
    assert not [word for word in ("Dự báo", "dự báo", "đến lúc này", "Ngày làm việc") if word in text]


def test_no_worker_loads_the_statistics_for_it(team: Staff) -> None:
    """Said of a process of its own: other tests of this one may have loaded anything."""
    import subprocess

    told = subprocess.run(
        [sys.executable, "-c", "import sys, survey.desk.areas; "
         "print([m for m in ('numpy', 'scipy', 'pyarrow', 'matplotlib') if m in sys.modules])"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == "[]"


def test_a_hundred_offices_fit_the_budget(tmp_path: Path) -> None:
    """The driver weighs the page with its files: a hundred offices with long names, six groups, some late."""
    from tests.bench import board as bench

    store = bench.scene(tmp_path, 6_000)
    page = bench.signed_in(tmp_path).get("/desk/w/bench/board")
    store.close()
    assert len(page.table()) == 101 and len(page.table(2)) == 101


def test_a_board_left_open_does_not_keep_a_session_alive(own_team: Staff) -> None:
    desk = own_team.fresh(Role.COORDINATOR)
    desk.get(BOARD)
    for _ in range(40):
        own_team.world.now += timedelta(minutes=2)
        desk.client.get(BOARD, headers={"X-Phieu-Refresh": "1"})
    desk.get(BOARD, 303)
    assert desk.page.location.startswith("/desk/sign-in")


@pytest.mark.browser
def test_it_refreshes_itself_without_losing_the_place(chromium: Browser, team: Staff) -> None:
    with looking.signed_in(chromium, team, Role.COORDINATOR, 1440, "light") as window:
        window.open(BOARD)
        page = window.page
        page.click("#days summary")
        page.focus("#sort-issued")
        page.evaluate("document.querySelector('.figures').id = 'old'; window.scrollTo(0, 300)")
        page.evaluate("document.dispatchEvent(new Event('phieu:refresh'))")
        page.wait_for_selector(".figures:not(#old)")
        assert page.evaluate("document.getElementById('days').open")
        assert page.evaluate("document.activeElement.id") == "sort-issued"
        assert page.evaluate("window.scrollY") == 300


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), looking.VIEWS)
def test_the_board_in_a_browser(chromium: Browser, team: Staff, width: int, scheme: str) -> None:
    with looking.signed_in(chromium, team, Role.COORDINATOR, width, scheme) as window:
        window.judge(BOARD, picture="board")
        window.judge(f"{BOARD}?by=group&late=1&lang=en", picture="board-en")
        window.judge("/desk/definitions")
