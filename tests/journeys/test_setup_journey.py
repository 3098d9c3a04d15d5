"""A coordinator goes from nothing to an open wave in the browser, touching no file; then its slips are answered."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from survey import sealing
from survey.accounts.roles import Role
from survey.setup import presets
from tests.desk import staff
from tests.desk.desk import Desk
from tests.desk.staff import Staff
from tests.journeys.respondent import Respondent
from tests.survey.setup.conftest import dossiers

WAVE = "khao_sat_2026"
SETUP = f"/desk/w/{WAVE}/setup"
UNITS = "Sở Tư pháp\nSở Y tế\nSở Tài chính\nXã Ea Kar\nPhường Buôn Hồ"
NAMES = tuple(UNITS.splitlines())


@pytest.fixture
def team(tmp_path: Path) -> Staff:
    return staff.build(tmp_path)


def file(content: bytes | str, name: str = "ds.csv") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content.encode() if isinstance(content, str) else content), name


def posts(kind: str, each: int, units: tuple[str, ...]) -> str:
    """A list of posts, so many of each office."""
    rows = [f"{kind}-{u}-{n},Vị trí {n},{unit}" for u, unit in enumerate(units) for n in range(each)]
    return "\n".join(["Mã vị trí,Chức vụ,Cơ quan", *rows])


def plan(desk: Desk) -> None:
    """From nothing to a plan that lacks nothing."""
    desk.get("/desk/setup/new")
    desk.submit(title="Khảo sát 2026", status=303)
    desk.arrive()
    days = {"opens": "01/03/2026", "closes": "31/03/2026", "plan_date": "2026-02-01"}
    desk.submit(**days, hotline="0262 3 800 800", framework="province_2026", authority_vi="UBND tỉnh",
                plan_number="Kế hoạch số 1/KH-UBND", status=303)  # fmt: skip
    assert "Khảo sát 2026 · Bước 2/10 Cơ quan được đánh giá" in desk.arrive().text
    desk.submit(pasted=UNITS, status=303)
    desk.get(f"{SETUP}/places")
    desk.submit(pasted="Trung tâm Phục vụ hành chính công", status=303)
    for preset in presets.PRESETS:
        desk.get(f"{SETUP}/groups")
        desk.submit(preset=preset, status=303)
        desk.arrive()
        if preset == presets.CITIZENS:
            assert "Thiếu kỳ khảo sát" in desk.page.text
            desk.submit(period="từ 01/01/2025 đến 31/12/2025", n="200", status=303)
    assert "còn thiếu" not in desk.get(f"{SETUP}/groups").text


def register(desk: Desk) -> None:
    """The public half of a pair made elsewhere."""
    desk.get(f"{SETUP}/plan")
    desk.submit(pem=sealing.public_pem(sealing.generate_key_pair().public).decode(), status=303)
    desk.arrive()


def lists(desk: Desk) -> None:
    """A list for each group, tried and imported."""
    citizens = dossiers(60, NAMES)
    sent = {
        presets.CITIZENS: citizens,
        presets.ORGANISATIONS: citizens.replace(b"HS-", b"DN-").replace(b"0660", b"0770"),
        presets.DEPARTMENTS: posts("LD", 6, (*NAMES, "HĐND tỉnh")),
        presets.COMMUNES: posts("LX", 6, ("UBND xã Ea Kar", "UBND phường Buôn Hồ")),
        presets.OWN: posts("CC", 8, NAMES),
    }
    for group, content in sent.items():
        desk.get(f"{SETUP}/lists/{group}")
        desk.submit("", file=file(content), status=303)
        page = desk.arrive()
        assert page.faults == []
        desk.submit("/take", deed="take", status=303)
        assert "Đã nhập" in desk.arrive().text


def draw(desk: Desk) -> None:
    """The planning table, the lists recorded, the number drawn with."""
    desk.get(f"{SETUP}/sample")
    desk.submit("/work-out", status=303)
    assert "cần tính lại" not in desk.arrive().text
    desk.get(f"{SETUP}/draw")
    desk.submit(deed="record", status=303)
    assert len(re.findall(r"[0-9a-f]{64}", desk.arrive().text)) == 5
    desk.submit(deed="draw", number="048213", sure="y", status=303)
    assert "đã rút mẫu" in desk.arrive().text


def test_from_nothing_to_an_open_wave_whose_slips_are_answered(team: Staff) -> None:
    desk = team.as_(Role.COORDINATOR)
    # Given a plan made step by step, registered with a key made elsewhere
    plan(desk)
    register(desk)
    # When lists are sent in, seen and imported, the sample is planned and drawn
    lists(desk)
    draw(desk)
    # Then the checklist names nothing that stops, and the wave opens
    page = desk.get(f"{SETUP}/open")
    assert "chặn" not in page.text
    assert "Khóa riêng tạo ở ngoài máy chủ" in page.text
    desk.submit(status=422)
    assert "Hãy xác nhận đã đọc hết" in desk.page.faults[0]
    desk.submit(sure="y", status=303)
    page = desk.arrive()
    seal = desk.get(f"{SETUP}/open/seal-0.json")
    assert sealing_hash(seal.answer.get_data()) in page.text
    # And the coordinator has no codes; whoever hands out slips prints them
    assert desk.get(f"/desk/w/{WAVE}/slips", 403).status == 403
    dispatcher = team.as_(Role.DISPATCHER)
    dispatcher.get(f"/desk/w/{WAVE}/slips")
    dispatcher.submit(place="trung_tam_phuc_vu_hanh_chinh_cong", group=presets.CITIZENS, status=422)
    dispatcher.submit(place="trung_tam_phuc_vu_hanh_chinh_cong", group=presets.CITIZENS, reason="in đợt 1", status=200)
    assert dispatcher.page.answer.mimetype == "application/pdf"
    printed = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(dispatcher.page.answer.get_data())).pages)
    found = re.findall(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b", printed)
    assert len(found) == 200
    # And a slip answers
    person = Respondent(team.app, found[0].replace("-", ""))
    person.fill_to_check()
    done = person.fill()
    assert done.element("receipt")
    # And every deed is in the log, in the coordinator's name
    log = [(row["action"], row["who"]) for row in team.log() if row["wave"] == WAVE]
    for action in ("wave preparation begun", "wave created", "frame imported", "list recorded", "sample drawn",
                   "invitations issued"):  # fmt: skip
        assert (action, "desk:coordinator") in log
    assert ("codes exported", "desk:dispatcher") in log


def sealing_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
