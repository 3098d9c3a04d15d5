"""Questionnaires and frameworks at the desk: listed, checked, looked at, compared, corrected, taken away."""

from __future__ import annotations

import io
import re
from urllib.parse import urljoin

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from forms import questionnaire as questionnaires
from forms import xlsform
from forms.catalogue import FRAMEWORKS, QUESTIONNAIRES, framework, questionnaire
from forms.versions import Aspect
from survey import audit, library, said, wave
from survey.accounts.roles import Role
from survey.desk.looking import packed, unpacked
from survey.desk.questionnaires import aspect_name, type_name
from survey.drafts import Draft
from tests.desk import looking
from tests.desk.desk import Desk
from tests.desk.staff import Staff
from tests.forms.workbooks import GOOD, UNSAYABLE, unsaid, workbook
from tests.journeys.respondent import Respondent

CITIZEN = questionnaire("citizen")
NAME = CITIZEN.hash[:16]
NEW = CITIZEN.text.replace("version = 1", "version = 2", 1).replace("Hồ sơ được nộp", "Ông/Bà nộp hồ sơ")
TOML = {"official.toml": questionnaire("official").text}


def file(content: bytes | str, name: str = "q.toml") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content.encode() if isinstance(content, str) else content), name


def test_all_that_is_known_is_listed_and_can_be_taken_away(team: Staff) -> None:
    desk = team.as_(Role.COORDINATOR)
    page = desk.get("/desk/questionnaires")
    assert {row[1] for row in page.table()[1:]} == set(QUESTIONNAIRES)
    assert [row[4] for row in page.table()[1:] if row[1] in ("citizen", "organisation")] == [
        "demo", "Có sẵn trong phần mềm",
    ]  # fmt: skip
    page = desk.follow(str(CITIZEN.title))
    assert "Hồ sơ được nộp bằng cách nào?" in page.text and "used == " not in page.text
    assert desk.get(page.links["Tải tệp TOML"]).answer.text == CITIZEN.text
    sent = desk.get(f"/desk/questionnaires/{NAME}/file.xlsx").answer
    assert xlsform.read(sent.get_data(), "q").questionnaire.sections == CITIZEN.sections
    assert "attachment" in sent.headers["Content-Disposition"]
    for path in ("/desk/questionnaires/0000000000000000", f"/desk/questionnaires/{NAME}/file.exe",
                 f"/desk/questionnaires/{NAME[:8]}", "/desk/questionnaires/../../phieu"):  # fmt: skip
        desk.get(path, 404)


def test_a_file_is_checked_and_every_fault_said(team: Staff) -> None:
    desk = team.as_(Role.ANALYST)
    desk.get("/desk/questionnaires")
    broken = CITIZEN.text.replace('type = "number"', 'type = "nummer"', 1).replace('id = "used"', 'id = "Used"')
    page = desk.submit("questionnaires", 422, file=file(broken))
    assert len(page.faults) >= 2 and all(re.search(r"q\.toml, dòng \d+: ", fault) for fault in page.faults)
    for content, name in (
        (b"", "a.toml"),
        (b"\xff\xfe\x00", "a.toml"),
        (GOOD[:300], "a.xlsx"),
        (b"PK\x03\x04", "a.xlsx"),
    ):
        desk.get("/desk/questionnaires")
        assert desk.submit("questionnaires", 422, file=file(content, name)).faults
    desk.get("/desk/questionnaires")
    assert desk.submit("questionnaires", 422).faults == ["Mục này chưa điền."]
    assert not (team.world.settings.instance / library.LOOKED_AT).exists()


def test_a_sound_file_is_looked_at_for_a_day_and_belongs_to_nothing(own_team: Staff) -> None:
    desk = own_team.as_(Role.COORDINATOR)
    desk.get("/desk/questionnaires")
    before = own_team.world.rows()
    form = workbook(
        survey=[{"type": "text", "name": "a", "label": "A"}, {"type": "geopoint", "name": "g", "label": "G"}]
    )
    page = desk.submit("questionnaires", 200, file=file(form, "kobo.xlsx"))
    assert ["survey", "3", "g", "bỏ qua", "có kiểu “geopoint”, không hỏi được ở đây"] in page.table()
    assert "chưa thuộc đợt nào" in page.text
    shown = desk.client.get(page.links["Xem như người trả lời"])
    assert shown.status_code == 200 and "Xem trước, không lưu câu trả lời" in shown.text
    rows = own_team.world.rows()
    assert {table: rows[table] for table in rows if "session" not in table} == {
        table: before[table] for table in before if "session" not in table
    }
    # What was altered on the disk is not shown
    kept = next((own_team.world.settings.instance / library.LOOKED_AT).iterdir())
    kept.write_text(kept.read_text("utf-8") + "# x", "utf-8")
    desk.get(f"/desk/questionnaires/{kept.stem}", 404)


def test_what_was_looked_at_makes_room(own_team: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = own_team.world.settings.instance
    monkeypatch.setattr(library, "MOST", 2)
    for number in range(4):
        library.keep(instance, questionnaires.load(CITIZEN.text + f"# {number}\n", "q"))
    assert len(list((instance / library.LOOKED_AT).iterdir())) == 2
    monkeypatch.setattr(library, "KEPT", -1)
    library.keep(instance, CITIZEN)
    assert len(list((instance / library.LOOKED_AT).iterdir())) == 1


class Looker(Respondent):
    """A member of staff who walks through the pages of a preview."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.app)
        self.client = desk.app.test_client()
        for kept in (desk.client._cookies or {}).values():
            self.client.set_cookie(kept.key, kept.value, domain="phieu.test", path="/")


@pytest.mark.parametrize("units", [1, 3])
def test_the_preview_is_what_respondents_see_and_stores_nothing(team: Staff, units: int) -> None:
    asked = "citizen" if units == 1 else "official"
    name = questionnaire(asked).hash[:16]
    desk, before = team.as_(Role.COORDINATOR), team.world.rows()
    url = f"/desk/preview/{name}-{units}"
    page = desk.client.get(url)
    assert page.status_code == 200 and page.headers["Content-Security-Policy"].count("sha256-") == 1
    person = Looker(desk)
    person.open(url)
    person.send(person.page.form)
    assert person.page.url.endswith("/1")
    # Skip rules follow what was typed, faults come back, and the check page shows the answers
    if units == 1:
        assert "check" in person.fill({"used": "no"}).url
        person.open(url + "/1")
        person.fill({"used": "yes"})
        assert person.fill({"visits": "x"}).status == 422
        person.fill({"visits": "3", "overdue": "no"})
    person.fill_to_check_from_here()
    assert "Thái độ" in person.page.text or units == 3
    done = person.fill()
    assert done.element("receipt").text == "0000-0000-0000-0000"  # type: ignore[union-attr]
    for path in ("/99", "/0", "/nowhere"):
        assert desk.client.get(url + path).status_code == 404
    assert desk.client.post(url + "/refuse").status_code == 303
    assert desk.client.get(url + "/2").status_code in (200, 303)
    now = team.world.rows()
    assert {table: now[table] for table in now if "session" not in table} == {
        table: before[table] for table in before if "session" not in table
    }


def test_only_whoever_may_see_questionnaires_sees_previews(team: Staff) -> None:
    url = f"/desk/preview/{NAME}-1"
    assert Desk(team.app).client.get(url).status_code == 303
    for role in Role:
        allowed = role in (Role.COORDINATOR, Role.ANALYST)
        for method in ("GET", "POST"):
            status = team.as_(role).client.open(url, method=method).status_code
            assert (status in (200, 303)) == allowed and (status == 403) != allowed, role
    for bad in (f"{NAME}-0", f"{NAME}-13", f"{NAME}", "x-1", "0000000000000000-1"):
        assert team.as_(Role.ANALYST).client.get(f"/desk/preview/{bad}").status_code == 404


@given(st.dictionaries(st.text(max_size=6), st.text(max_size=3000) | st.integers() | st.just(("a", "b")), max_size=6))
def test_what_was_typed_travels_in_the_address(typed: dict[str, str | int | tuple[str, ...]]) -> None:
    page = {("", item): value for item, value in typed.items()}
    draft = Draft().merged(page, seen=0)
    word = packed(draft)
    assert len(word) <= 6000 and re.fullmatch(r"[\w-]*", word)
    back = unpacked(word)
    assert back.revision == 1 and back.entries.items() <= draft.entries.items()
    if len(str(typed)) < 1000:
        assert back == draft


@given(st.text(max_size=200))
def test_an_address_that_makes_no_sense_carries_nothing(word: str) -> None:
    assert unpacked(word) == Draft()


def test_versions_side_by_side_and_a_correction(own_team: Staff) -> None:
    desk, world = own_team.as_(Role.COORDINATOR), own_team.world
    desk.get("/desk/questionnaires")
    page = desk.submit("questionnaires", 200, file=file(NEW))
    name = questionnaires.load(NEW, "q").hash[:16]
    # Side by side
    page = desk.follow("Phiên bản 1 · demo")
    assert "Chỉ khác câu chữ" in page.text
    assert [
        "channel",
        "câu hỏi (vi)",
        "Hồ sơ được nộp bằng cách nào?",
        "Ông/Bà nộp hồ sơ bằng cách nào?",
        "được sửa",
    ] in (page.table())
    assert "giống hệt" in desk.get(f"/desk/questionnaires/{name}/compare/{name}").text
    # Without a reason nothing happens, with one respondents read it at once
    desk.get(f"/desk/questionnaires/{name}")
    assert desk.submit("correct", 422, wave="demo", reason=" ").faults
    assert wave.get(world.store, "demo").corrections == ()
    desk.get(f"/desk/questionnaires/{name}")
    desk.submit("correct", 303, wave="demo", reason="chữ sai")
    page = desk.arrive()
    assert "Người trả lời thấy ngay" in page.text and "Sửa câu chữ của đợt" not in page.text
    (made,) = wave.get(world.store, "demo").corrections
    assert (made.who, made.reason) == ("desk:coordinator", "chữ sai") and audit.verify(world.store) == []
    person = Respondent(own_team.app, world.take())
    person.begin()
    assert "Ông/Bà nộp hồ sơ bằng cách nào?" in person.fill({"used": "yes"}).text
    # And what is more than wording is refused, with the reason
    other = NEW.replace("version = 2", "version = 3").replace("required = true", "required = false")
    desk.get("/desk/questionnaires")
    desk.submit("questionnaires", 200, file=file(other))
    other_name = questionnaires.load(other, "q").hash[:16]
    assert "không phải là câu chữ" in desk.get(f"/desk/questionnaires/{name}/compare/{other_name}").text
    desk.get(f"/desk/questionnaires/{other_name}")
    faults = desk.submit("correct", 422, wave="demo", reason="r").faults
    assert any("Required of “used”" in fault for fault in faults), faults
    # An analyst may look, and not correct
    analyst = own_team.as_(Role.ANALYST)
    assert "Sửa câu chữ của đợt" not in analyst.get(f"/desk/questionnaires/{other_name}").text


def test_another_hotline(own_team: Staff) -> None:
    desk, world = own_team.as_(Role.COORDINATOR), own_team.world
    assert "Đang hiện: 0262 000 000 (giờ hành chính)." in desk.get("/desk/questionnaires").text
    assert desk.submit("hotline", 422, wave="demo", hotline=" ", reason="").faults
    assert desk.page.typed("hotline")["wave"] == ["demo"]
    desk.get("/desk/questionnaires")
    same = "0262 000 000 (giờ hành chính)"
    page = desk.submit("hotline", 422, wave="demo", hotline=same, reason="r")
    assert page.faults and '<span lang="en">' not in page.answer.text
    assert page.typed("hotline")["hotline"] == [same]
    desk.get("/desk/questionnaires")
    desk.submit("hotline", 303, wave="demo", hotline="1022", reason="đổi tổng đài")
    assert "Người trả lời thấy ngay" in desk.arrive().text
    assert "gọi: 1022" in Respondent(own_team.app, world.take()).open().text
    assert wave.get(world.store, "demo").corrections[0].who == "desk:coordinator"
    assert "Đổi số" not in own_team.as_(Role.ANALYST).get("/desk/questionnaires").text


def test_frameworks_are_listed_checked_and_taken_away(team: Staff) -> None:
    desk = team.as_(Role.COORDINATOR)
    page = desk.get("/desk/frameworks")
    assert {row[1] for row in page.table()[1:]} == set(FRAMEWORKS)
    bundled = framework("daklak_2019")
    name = bundled.hash[:16]
    book = desk.get(f"/desk/frameworks/{name}/file.xlsx").answer.get_data()
    assert desk.get(f"/desk/frameworks/{name}/file.toml").answer.text == bundled.text
    desk.get(f"/desk/frameworks/{name}/file.exe", 404)
    for content, sent in ((bundled.text, "f.toml"), (book, "f.xlsx")):
        desk.get("/desk/frameworks")
        assert "Tệp không có lỗi" in desk.submit("frameworks", 200, file=file(content, sent)).text
    for content, sent in (
        (bundled.text.replace("points = ", "points = -", 1), "f.toml"),
        (GOOD, "f.xlsx"),
        (b"PK", "f.xlsx"),
    ):
        desk.get("/desk/frameworks")
        faults = desk.submit("frameworks", 422, file=file(content, sent)).faults
        assert faults and not any(str(team.world.settings.instance) in fault for fault in faults)
    changed = openpyxl.load_workbook(io.BytesIO(book))
    changed.worksheets[1].cell(3, 1).value = "=1+1"
    made = io.BytesIO()
    changed.save(made)
    desk.get("/desk/frameworks")
    desk.submit("frameworks", None, file=file(made.getvalue(), "f.xlsx"))


def test_every_aspect_and_type_has_a_name(team: Staff) -> None:
    with team.app.test_request_context("/desk/"):
        assert len({aspect_name(each) for each in Aspect}) >= len(Aspect) - 1
        assert len({type_name(each) for each in questionnaires.ItemType}) == len(questionnaires.ItemType)


@looking.needs_chromium
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1440, "dark")])
def test_pages_in_a_browser(chromium: Browser, team: Staff, width: int, scheme: str) -> None:
    library.keep(team.world.settings.instance, questionnaires.load(NEW, "q"))
    new = questionnaires.load(NEW, "q").hash[:16]
    with looking.signed_in(chromium, team, Role.COORDINATOR, width, scheme) as window:
        window.judge("/desk/questionnaires")
        window.judge(f"/desk/questionnaires/{new}", picture="questionnaire")
        window.judge(f"/desk/questionnaires/{NAME}/compare/{new}", picture="compare")
        window.judge("/desk/frameworks")
        window.page.click("main .button")
        window.page.wait_for_selector("#summary")
        window.judge(picture="frameworks-empty")
        window.judge(urljoin("/", f"/desk/preview/{NAME}-1"), picture="preview")


BREAKS = [
    ('scale = "satisfaction"', 'scale = "nowhere"'),
    ('id = "channel"', 'id = "used"'),
    ('id = "channel"', 'id = "begin"'),
    ('id = "channel"', 'id = "a__b"'),
    ("screen_out = \"used == 'no'\"", "screen_out = \"used == 'maybe'\""),
    ("screen_out = \"used == 'no'\"", 'screen_out = "used =="'),
    ("screen_out = \"used == 'no'\"", "screen_out = \"visits > 'x' or later == 1\""),
    ('type = "number"', 'type = "number"\nmin = 9\nmax = 1'),
    ("{period}", "{năm}"),
    ('{ id = "yes", vi = "Có", en = "Yes" },\n', ""),
    ('factor = "access"', 'factor = "nowhere"'),
    ('{ id = "no", ', '{ id = "na", '),
]


@pytest.mark.parametrize(("old", "new"), BREAKS)
def test_faults_of_questionnaires_are_said_in_vietnamese(team: Staff, old: str, new: str) -> None:
    assert old in CITIZEN.text
    desk = team.as_(Role.ANALYST)
    desk.get("/desk/questionnaires")
    page = desk.submit("questionnaires", 422, file=file(CITIZEN.text.replace(old, new, 1)))
    assert page.faults and '<span lang="en">' not in page.answer.text, page.faults


def test_what_an_xlsform_cannot_hand_over_is_said_in_vietnamese() -> None:
    messages = {note.message for row, _ in UNSAYABLE for note in unsaid(row).notes}
    assert len(messages) > 35
    untold = [message for message in messages if said.vietnamese(message) == message]
    assert untold == []
