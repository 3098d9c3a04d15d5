"""The steps of the setup at their edges: two coordinators, stale pages, hostile files, going back, a pilot."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from forms import catalogue, tables
from survey import job_record, jobs, sealing
from survey import wave as waves
from survey.accounts.roles import Role
from survey.desk.policy import LARGEST
from survey.desk.setup import offices, plan
from survey.setup import presets, uploads
from tests.desk.desk import Desk
from tests.desk.staff import Staff, hire
from tests.survey.setup.conftest import dossiers
from tests.survey.setup.hostile_workbooks import bomb, entities

UNITS = "Sở Tư pháp\nSở Y tế\nXã Ea Kar"
CITIZENS = presets.CITIZENS


def file(content: bytes, name: str = "ds.csv") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


@pytest.fixture(scope="module")
def desk(team: Staff) -> Desk:
    return team.as_(Role.COORDINATOR)


@pytest.fixture(scope="module")
def colleague(team: Staff) -> Desk:
    hire(team.app, "colleague", Role.COORDINATOR)
    return team.as_("colleague")


def begun(desk: Desk, id: str) -> str:
    """A wave with its first four steps done; its address."""
    desk.get("/desk/setup/new")
    desk.submit(title=f"Khảo sát {id}", id=id, status=303)
    desk.arrive()
    desk.submit(opens="01/03/2026", closes="31/03/2026", status=303)
    at = f"/desk/w/{id}/setup"
    desk.get(f"{at}/units")
    desk.submit(pasted=UNITS, status=303)
    desk.get(f"{at}/places")
    desk.submit(pasted="Trung tâm", status=303)
    desk.get(f"{at}/groups")
    desk.submit(preset=CITIZENS, status=303)
    desk.arrive()
    desk.submit(period="năm 2025", status=303)
    return at


def registered(desk: Desk, id: str) -> str:
    """The same, its plan registered with a key of the server."""
    at = begun(desk, id)
    desk.get(f"{at}/plan")
    desk.submit(origin="server", status=303)
    return at


def listed(desk: Desk, id: str) -> str:
    """The same, its list imported."""
    at = registered(desk, id)
    desk.get(f"{at}/lists/{CITIZENS}")
    desk.submit(file=file(dossiers(40)), status=303)
    desk.arrive()
    desk.submit("/take", deed="take", status=303)
    return at


def test_two_coordinators_at_one_step(desk: Desk, colleague: Desk) -> None:
    at = begun(desk, "hai_nguoi")
    desk.get(f"{at}/about")
    colleague.get(f"{at}/about")
    colleague.submit(hotline="1111", status=303)

    page = desk.submit(hotline="2222", title_vi="Tên tôi gõ", status=422)

    assert page.faults[0].startswith("Nội dung này đã được người khác sửa lúc 10:00 ngày 10/03/2026 (colleague).")
    assert page.element("hotline").attributes["value"] == "2222"
    assert page.element("title_vi").attributes["value"] == "Tên tôi gõ"
    assert colleague.get(f"{at}/about").element("hotline").attributes["value"] == "1111"
    desk.submit(status=303)  # knowingly, once more
    assert colleague.get(f"{at}/about").element("hotline").attributes["value"] == "2222"


def test_what_another_did_at_another_step_stays(desk: Desk, colleague: Desk) -> None:
    at = begun(desk, "khac_buoc")
    desk.get(f"{at}/about")
    colleague.get(f"{at}/units")
    colleague.submit(pasted="Sở Tài chính", status=303)

    desk.submit(hotline="3333", status=422)
    desk.submit(status=303)

    assert "so_tai_chinh" in desk.get(f"{at}/units").text
    assert desk.get(f"{at}/about").element("hotline").attributes["value"] == "3333"


@pytest.mark.parametrize("step", ["about", "units", "places", "groups/nguoi_dan", "plan", "plan/send"])
def test_a_page_without_its_revision_is_refused(team: Staff, desk: Desk, step: str) -> None:
    at = begun(desk, f"r_{re.sub('[^a-z]', '_', step)}")
    before = team.app.store.connection.execute("SELECT sum(revision) FROM preparation").fetchone()

    page = desk.post(f"{at}/{step}", 422, title_vi="x", opens="2026-03-01", closes="2026-03-02", name_vi="x", sent="",
                     questionnaire="citizen", assesses="dossier", method="census", period="x", population="x",
                     frame="x", origin="server")  # fmt: skip

    assert page.faults
    assert team.app.store.connection.execute("SELECT sum(revision) FROM preparation").fetchone() == before


def test_a_step_ahead_leads_back_to_the_check(desk: Desk) -> None:
    at = begun(desk, "som_qua")

    for step in ("lists", f"lists/{CITIZENS}", "sample", "draw", "open", "pilot"):
        assert desk.get(f"{at}/{step}", 303).location.endswith("/som_qua/setup/plan")
    assert "Kế hoạch chưa được ghi nhận" in desk.get(f"{at}/plan").text


def test_nothing_typed_is_lost_when_a_step_is_refused(desk: Desk) -> None:
    at = begun(desk, "go_sai")
    desk.get(f"{at}/about")
    page = desk.submit(opens="32/03/2026", hotline="0262", closes="", k="1", status=422)
    assert page.faults == [
        "“32/03/2026” không phải ngày dạng 31/12/2026",
        "Chưa điền",
        "“1” không phải số nguyên từ 2 đến 100",
    ]
    assert page.element("opens").attributes["value"] == "32/03/2026"
    assert page.element("hotline").attributes["value"] == "0262"

    desk.get(f"{at}/units")
    page = desk.submit(pasted="Ủy ban gì đó", **{"name-so_y_te": "Sở Y tế mới"}, status=422)
    assert page.faults[0].startswith("Dòng 1: chưa rõ “Ủy ban gì đó” thuộc loại nào")
    assert [
        one.attributes["value"] for one in page.tree.all("input") if one.attributes.get("name") == "name-so_y_te"
    ] == ["Sở Y tế mới"]
    assert "".join(page.element("pasted").words).strip() == "Ủy ban gì đó"

    desk.get(f"{at}/groups/{CITIZENS}")
    page = desk.submit(n="nhiều", period="", status=422)
    assert page.faults == ["Chưa điền", "“nhiều” không phải số nguyên từ 1 đến 10000000"]
    assert page.element("n").attributes["value"] == "nhiều"


def test_units_are_renamed_taken_out_and_sent_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offices, "LARGEST_LIST", 1_500)
    at = begun(desk, "sua_cq")
    desk.get(f"{at}/units")
    desk.submit(**{"name-so_y_te": "Sở Y tế tỉnh", "gone-xa_ea_kar": "1", "second-so_tu_phap": "agency"}, status=303)
    desk.get(f"{at}/units")
    desk.submit(file=file("Tên cơ quan,Loại\nSở Nội vụ,\nKho bạc,ngành dọc\n".encode()), status=303)

    page = desk.arrive()
    told = {
        one.attributes["name"]: one.attributes["value"]
        for one in page.tree.all("input")
        if one.attributes.get("name", "").startswith("name-")
    }
    assert told == {"name-so_tu_phap": "Sở Tư pháp", "name-so_y_te": "Sở Y tế tỉnh", "name-so_noi_vu": "Sở Nội vụ",
                    "name-kho_bac": "Kho bạc"}  # fmt: skip
    desk.submit(**{f"gone-{unit.removeprefix('name-')}": "1" for unit in told}, status=303)
    assert "còn thiếu" in desk.get(at).text
    desk.get(f"{at}/units")
    assert desk.submit(file=file(b"x" * 2_000, "lon.csv"), status=422).faults == [
        "Lớn hơn 0 MB; hãy chia thành nhiều tệp"
    ]


def test_a_unit_without_a_name_is_refused(desk: Desk) -> None:
    at = begun(desk, "khong_ten")
    desk.get(f"{at}/places")

    assert desk.submit(**{"name-trung_tam": "  "}, status=422).faults == ["“trung_tam” chưa có tên"]
    desk.submit(**{"name-trung_tam": "Trung tâm", "second-trung_tam": "so_y_te"}, status=303)
    desk.get(f"{at}/units")
    desk.submit(**{"gone-so_y_te": "1"}, status=303)
    assert "Không có cơ quan “so_y_te” trong đợt" in desk.get(f"{at}/plan").text


def test_a_unit_that_a_list_names_cannot_be_taken_out(desk: Desk) -> None:
    at = listed(desk, "da_nhap")
    desk.get(f"{at}/units")

    page = desk.submit(**{"gone-so_y_te": "1"}, status=422)

    assert page.faults[0].startswith("Danh sách của nhóm nguoi_dan có cơ quan “so_y_te” nên không xóa được")
    assert len(page.faults) == 1
    desk.get(f"{at}/groups")
    page = desk.submit(gone=CITIZENS)
    assert page.status == 303  # the file lacks a group then: kept, and the registered plan stays
    assert "thiếu nhóm đối tượng" in desk.get(f"{at}/plan").text.lower()
    assert desk.get(f"{at}/sample", 303).location.endswith("/plan")


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "ds.csv", "trống"),
        (b"MZ\x00\x01", "ds.xlsx", "không phải tệp csv hay bảng tính"),
        (entities(), "ds.xlsx", "không đọc được như một tệp bảng tính"),
        (bomb(), "ds.xlsx", "giải nén ra lớn hơn 512 mb"),
    ],
    ids=["empty", "program", "entities", "bomb"],
)
def test_hostile_lists_are_refused(
    team: Staff, desk: Desk, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str, said: str
) -> None:
    monkeypatch.setattr(tables, "MOST_BYTES", 20 << 20)  # in place of half a gigabyte
    if "doc_hai" not in str(team.app.store.connection.execute("SELECT group_concat(id) FROM wave").fetchone()[0]):
        registered(desk, "doc_hai")
    desk.get(f"/desk/w/doc_hai/setup/lists/{CITIZENS}")

    page = desk.submit(file=file(content, name), supplier="Văn phòng", status=422)

    assert said in page.faults[0].lower()
    assert page.element("supplier").attributes["value"] == "Văn phòng"
    assert list((team.app.settings.instance / "uploads").iterdir()) == []


def test_a_list_with_formulas_and_faults_is_shown_and_not_imported(desk: Desk) -> None:
    at = registered(desk, "cong_thuc")
    desk.get(f"{at}/lists/{CITIZENS}")
    page = desk.submit(status=422)
    assert page.faults == ["Chưa điền"]
    content = dossiers(2).replace(b"HS-00000", b'=HYPERLINK("x")', 1)
    desk.submit(file=file(content.replace(b'"', b"'")), status=303)

    page = desk.arrive()

    assert "là công thức; hãy ghi giá trị" in page.text
    desk.submit("/take", deed="take", status=422)
    desk.get(f"{at}/lists/{CITIZENS}")
    desk.submit("/take", deed="discard", status=303)
    assert "Chưa có gì được nhập" in desk.arrive().text


def test_columns_are_matched_by_hand(desk: Desk) -> None:
    at = registered(desk, "ghep_cot")
    desk.get(f"{at}/lists/{CITIZENS}")
    desk.submit(file=file(dossiers(5).replace("Kênh nộp".encode(), "Cách gửi".encode())), status=303)
    page = desk.arrive()
    assert "thiếu cột “Kênh nộp”" in page.text
    assert "Tự nhận: Cơ quan giải quyết" in page.text
    headings = [one.attributes["value"] for one in page.tree.all("input") if one.attributes.get("name") == "heading"]

    desk.post(f"{at}/lists/{CITIZENS}/columns", 303, heading=headings,
              field=["channel" if heading == "Cách gửi" else "" for heading in headings])  # fmt: skip
    page = desk.arrive()

    assert "Nhập 15 dòng" in page.text
    desk.submit("/take", deed="take", status=303)
    assert "Đã nhập 15 dòng" in desk.arrive().text
    assert "Sở Y tế" in desk.page.text
    desk.submit(file=file(dossiers(5)), on="32/13/2026", status=422)


@pytest.mark.parametrize("query", ["style=plain", "style=igate&as=csv", "style=portal"])
def test_templates_come_as_files(desk: Desk, team: Staff, query: str) -> None:
    if "mau_trong" not in str(team.app.store.connection.execute("SELECT group_concat(id) FROM wave").fetchone()[0]):
        registered(desk, "mau_trong")
    answer = desk.get(f"/desk/w/mau_trong/setup/lists/{CITIZENS}/template?{query}").answer

    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.get_data().startswith(b"\xef\xbb\xbf" if "csv" in query else b"PK")


def test_a_template_that_does_not_fit_is_said(desk: Desk) -> None:
    at = registered(desk, "mau_sai")

    assert desk.get(f"{at}/lists/{CITIZENS}/template?style=nothing", 404)
    assert "không dùng được mẫu" in desk.get(f"{at}/lists/{CITIZENS}/template?style=posts", 422).text


def test_what_if_another_number_or_error(desk: Desk) -> None:
    at = listed(desk, "thu_so")
    page = desk.get(f"{at}/sample")
    assert "chưa tính" in page.text
    desk.submit("/work-out", status=303)
    before = desk.arrive().table(1)
    desk.submit(f"/sample/{CITIZENS}", n="45", status=303)
    page = desk.arrive()
    assert [row[2] for row in page.table(1)[1:]] == ["15,0"] * 3 != [row[2] for row in before[1:]]

    desk.submit(f"/sample/{CITIZENS}", size="slovin", error="10", status=303)
    assert "86" in desk.arrive().table(0)[1][2] or desk.page.table(0)[1][2].isdecimal()
    page = desk.submit(f"/sample/{CITIZENS}", size="slovin", error="0", status=422)
    assert page.faults == ["“0” không phải tỷ lệ phần trăm từ 0.1 đến 50"]
    page = desk.submit(f"/sample/{CITIZENS}", size="n", n="20", min="15", status=422)
    assert "cần ít nhất 45 phiếu chứ không phải 20" in page.faults[0]
    assert desk.post(f"{at}/sample/khong_co", 404)


def test_the_draw_is_made_once_and_everything_after_is_read_only(desk: Desk) -> None:
    at = listed(desk, "rut_mau")
    desk.get(f"{at}/draw")
    assert desk.get(f"{at}/draw/record", 404)
    desk.get(f"{at}/draw")
    desk.submit(deed="record", status=303)
    desk.arrive()
    digest = re.search(r"[0-9a-f]{64}", desk.page.text)[0]
    listing = desk.get(f"{at}/draw/{CITIZENS}.csv").answer.get_data()
    assert hashlib.sha256(listing).hexdigest() == digest
    assert digest in desk.get(f"{at}/draw/record").text
    assert desk.get(f"{at}/draw/khong_co.csv", 404)
    for typed, said in (({"number": ""}, "Chưa điền"), ({"number": "12a", "sure": "y"}, "không phải con số công khai"),
                        ({"number": "12"}, "hãy xác nhận con số")):  # fmt: skip
        desk.get(f"{at}/draw")
        page = desk.post(f"{at}/draw", 422, deed="draw", **typed)
        assert said.lower() in page.faults[0].lower()
    desk.get(f"{at}/draw")
    desk.post(f"{at}/draw", 303, deed="draw", number="0123", sure="y")
    assert "0123" in desk.arrive().text
    page = desk.get(f"{at}/about")
    assert "chỉ xem" in page.text
    assert desk.post(f"{at}/about", 422, revision="1", title_vi="x", opens="2026-03-01", closes="2026-03-02").faults
    for deed in ("lists/nguoi_dan/take", "lists/nguoi_dan"):
        assert desk.post(f"{at}/{deed}", 422, deed="take")
    desk.post(f"{at}/draw", 422, deed="draw", number="9", sure="y")
    assert desk.get(f"{at}/open/seal-0.json", 404)


def test_a_wave_that_leads_nowhere_is_not_opened(desk: Desk, team: Staff) -> None:
    at = listed(desk, "khong_mo")
    desk.get(f"{at}/open")
    assert "chặn" in desk.page.text and "Chưa rút mẫu" in desk.page.text

    assert desk.post(f"{at}/open", 422, sure="y").faults == ["Phải khắc phục các mục đang chặn việc mở đợt"]
    dispatcher = team.as_(Role.DISPATCHER)
    dispatcher.get("/desk/w/khong_mo/slips")
    assert dispatcher.submit(reason="in", status=422).faults == [
        "Đợt “khong_mo” chưa mở hoặc đã đóng, không có phiếu để in"
    ]


def test_the_key(desk: Desk, team: Staff) -> None:
    at = begun(desk, "khoa")
    pair = sealing.generate_key_pair()
    desk.get(f"{at}/plan")
    page = desk.submit(status=422)
    assert page.faults == ["Chưa điền"]
    page = desk.submit(pem=sealing.private_pem(pair.private).decode(), status=422)
    assert "khóa riêng, không được đưa lên đây" in page.faults[0]
    assert "PRIVATE" not in page.answer.text
    page = desk.submit(pem="-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----", status=422)
    assert page.faults == ["Không phải khóa công khai do lệnh phieu keygen tạo ra"]

    desk.submit(pem="", file=file(sealing.public_pem(pair.public), "k.pub"), status=303)
    assert waves.get(team.app.store, "khoa").public_key == pair.public
    desk.get(f"{at}/plan")
    assert sealing.fingerprint(pair.public) in desk.page.text
    desk.submit("", origin="server", status=303)
    assert waves.get(team.app.store, "khoa").key_origin == "server"
    assert "người vận hành có thể biết khóa riêng" in desk.get(f"{at}/plan").text


def test_problems_lead_to_the_field_where_they_are_mended(desk: Desk) -> None:
    desk.get("/desk/setup/new")
    desk.submit(title="Mới tinh", id="moi_tinh", status=303)
    page = desk.get("/desk/w/moi_tinh/setup/plan")
    assert page.links["Thiếu ngày bắt đầu"] == "/desk/w/moi_tinh/setup/about#opens"
    assert page.links["Thiếu cơ quan"].endswith("/setup/units")
    desk.get("/desk/w/moi_tinh/setup/groups")
    desk.submit(preset=CITIZENS, status=303)

    page = desk.get("/desk/w/moi_tinh/setup/plan")

    assert page.links["Thiếu kỳ khảo sát"].endswith("/setup/groups/nguoi_dan#period")
    assert desk.post("/desk/w/moi_tinh/setup/groups", 400, preset="khong_co")
    assert desk.get("/desk/w/moi_tinh/setup/groups/khong_co", 404)


def test_a_preparation_can_be_given_up(desk: Desk, colleague: Desk) -> None:
    at = begun(desk, "bo_di")
    desk.get(at)
    colleague.get(f"{at}/about")
    colleague.submit(hotline="1", status=303)
    desk.submit("/forget", status=303)
    assert "chưa xóa" in desk.arrive().text
    desk.submit("/forget", status=303)
    assert "Đã xóa" in desk.arrive().text
    assert desk.get(at, 404)
    assert desk.get("/desk/w/khong_he_co/setup/about", 404)


def test_a_wave_file_goes_out_and_comes_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "LARGEST_FILE", 100_000)
    at = begun(desk, "tep")
    text = desk.get(f"{at}/plan/file").answer.get_data(as_text=True)
    assert 'id = "tep"' in text
    desk.get("/desk/setup/new")
    desk.submit(
        source="file", title="", id="", file=file(text.replace('"tep"', '"tep_2"').encode(), "t.toml"), status=303
    )
    assert desk.page.location.endswith("/w/tep_2/setup/about")
    assert "Sở Tư pháp" in desk.get("/desk/w/tep_2/setup/units").answer.text

    desk.get(f"{at}/plan/send")
    desk.submit(sent=file(text.replace("Sở Y tế", "Sở Y tế tỉnh").encode(), "t.toml"), status=303)
    assert "Sở Y tế tỉnh" in desk.get(f"{at}/units").answer.text
    for content, said in ((b"x = ", "không đúng định dạng toml"), (b"\xff\xfe\x00", "không phải tệp văn bản utf-8"),
                          (b"a = 1", "không phải tệp đợt điều tra"), (b"", "chưa điền"),
                          (b"#" * 100_001, "lớn hơn")):  # fmt: skip
        desk.get(f"{at}/plan/send")
        page = desk.submit(sent=file(content, "t.toml") if content else "", status=422)
        assert said in page.faults[0].lower()


def test_a_questionnaire_that_the_plan_names_is_sent_in(desk: Desk, team: Staff) -> None:
    at = begun(desk, "phieu_rieng")
    text = desk.get(f"{at}/plan/file").answer.get_data(as_text=True).replace('"citizen"', '"rieng.toml"')
    desk.get(f"{at}/plan/send")
    desk.submit(sent=file(text.encode(), "t.toml"), status=303)
    assert "Kế hoạch dùng tệp “rieng.toml” chưa tải lên" in desk.arrive().text
    own = catalogue.questionnaire("citizen").text
    for name, content in (("Tên lạ.toml", own), ("rieng.toml", own.replace("version = 1", "version = 0"))):
        desk.get(f"{at}/plan/send")
        assert desk.submit(sent=file(content.encode(), name), status=422).faults
    desk.get(f"{at}/plan/send")
    desk.submit(sent=file(own.encode(), "rieng.toml"), status=303)
    assert "Kế hoạch đầy đủ" in desk.arrive().text
    desk.submit(origin="server", status=303)
    assert waves.get(team.app.store, "phieu_rieng").questionnaires["rieng.toml"].text == own
    assert "rieng.toml" in desk.get(f"{at}/groups/{CITIZENS}").answer.text


def test_last_years_wave_is_copied(desk: Desk) -> None:
    registered(desk, "nam_truoc")
    desk.get("/desk/setup/new")
    desk.submit(
        title="Khảo sát năm sau", source="copy", copied="nam_truoc", opens="2027-03-01", id="nam_sau", status=303
    )
    page = desk.arrive()
    assert page.element("closes").attributes["value"] == "2027-03-31"
    assert "Sao chép từ đợt nam_truoc" in desk.get("/desk/w/nam_sau/setup").text
    assert "Thiếu kỳ khảo sát" in desk.get("/desk/w/nam_sau/setup/plan").text

    desk.get("/desk/setup/new")
    page = desk.submit(title="x", source="copy", copied="khong_co", opens="", status=422)
    assert page.faults == ["Chưa điền", "Chưa điền"]
    desk.get("/desk/setup/new")
    page = desk.submit(title="x", id="nam_sau", status=422)
    assert page.faults == ["Đã có đợt điều tra mang mã “nam_sau”; hãy chọn mã khác"]
    page = desk.submit(title="", status=422)
    assert page.faults == ["Chưa điền"]
    for name, content in (("", b""), ("t.toml", b"a = 1")):
        assert desk.submit(source="file", file=file(content, name), status=422).faults


def test_a_pilot_asks_a_handful(desk: Desk, team: Staff) -> None:
    at = registered(desk, "that")
    desk.get(f"{at}/pilot")
    assert desk.submit(id="that", status=422).faults == ["Đã có đợt điều tra mang mã “that”; hãy chọn mã khác"]
    assert desk.submit(opens="mai", id="that_thu", status=422).faults
    desk.submit(opens="10/03/2026", id="that_thu", status=303)
    assert "Chạy thử" in desk.arrive().text
    at = "/desk/w/that_thu/setup"
    desk.get(f"{at}/plan")
    desk.submit(origin="server", status=303)
    assert desk.get(f"{at}/pilot", 404)
    desk.get(f"{at}/lists")
    desk.submit("/trial", status=303)
    assert "Đã tạo 5 dòng chạy thử" in desk.arrive().text
    desk.get(f"{at}/draw")
    desk.submit(deed="record", status=303)
    desk.post(f"{at}/draw", 303, deed="draw", number="1", sure="y")
    desk.get(f"{at}/open")
    desk.submit(sure="y", status=303)
    assert "Đã phát hành 5 phiếu" in desk.arrive().text
    assert waves.get(team.app.store, "that_thu").pilot
    assert not waves.get(team.app.store, "that").pilot
    assert desk.post("/desk/w/that/setup/lists/nguoi_dan/trial", 422)


def test_uploads_may_be_larger_than_other_posts(team: Staff, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    registered(desk, "tep_lon")
    desk.get(f"/desk/w/tep_lon/setup/lists/{CITIZENS}")
    monkeypatch.setitem(team.app.config, "MAX_CONTENT_LENGTH", 10_000)

    desk.submit(file=file(dossiers(60)), status=303)
    assert LARGEST["setup_list"] >= uploads.LARGEST
    assert desk.post("/desk/w/tep_lon/setup/about", 413, hotline="x" * 20_000)


def test_a_file_that_waited_too_long_is_gone(team: Staff, desk: Desk) -> None:
    at = registered(desk, "cho_lau")
    desk.get(f"{at}/lists/{CITIZENS}")
    desk.submit(file=file(dossiers(2)), status=303)
    uploads.discard(team.app.store, team.app.settings, "cho_lau", CITIZENS)

    assert "không có tệp nào đang chờ nhập" in desk.post(f"{at}/lists/{CITIZENS}/take", 422, deed="take").text
    assert timedelta(0) < uploads.KEPT


def test_a_second_draw_needs_a_reason_and_both_stay(desk: Desk) -> None:
    at = listed(desk, "rut_lai")
    desk.get(f"{at}/draw")
    desk.submit(deed="record", status=303)
    desk.get(f"{at}/draw")
    desk.post(f"{at}/draw", 303, deed="draw", number="0123", sure="y")
    desk.get(f"{at}/draw")
    page = desk.submit("/draw/again", reason=" ", status=422)
    assert page.faults
    desk.get(f"{at}/draw")
    desk.submit("/draw/again", reason="Xã Ea Kar gửi thiếu danh sách", status=303)
    page = desk.arrive()
    assert "Lần 1: chốt" in page.text and "0123" in page.text
    desk.post(f"{at}/draw", 303, deed="draw", number="0456", sure="y")
    page = desk.arrive()
    assert "0456" in page.text and "Lần 1: chốt" in page.text
    assert desk.post(f"{at}/draw/again", 404, group="khong_co", reason="x")


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every list is a long one."""
    monkeypatch.setattr("survey.desk.setup.long_work.LONG_ROWS", 0)
    monkeypatch.setattr("survey.desk.setup.long_work.LONG_BYTES", 0)


def ended(team: Staff) -> str:
    """Wait until the job beside the server has ended; how."""
    for one in jobs._STARTED:
        one.wait(timeout=60)
    status = jobs.status(team.app.settings)
    assert status is not None
    return status.state


@pytest.mark.usefixtures("long")
def test_long_lists_are_tried_imported_planned_and_drawn_beside_the_server(team: Staff, desk: Desk) -> None:
    at = registered(desk, "dai")
    desk.get(f"{at}/lists/{CITIZENS}")
    desk.submit(file=file(dossiers(40)), status=303)
    assert ended(team) == "done"
    assert "Nhập 120 dòng" in desk.arrive().text
    desk.submit("/take", deed="take", status=303)
    assert ended(team) == "done"
    assert "Đã nhập 120 dòng" in desk.arrive().text
    desk.get(f"{at}/sample")
    desk.submit("/work-out", status=303)
    assert ended(team) == "done"
    assert "chưa tính" not in desk.arrive().text
    desk.get(f"{at}/draw")
    desk.submit(deed="record", status=303)
    assert ended(team) == "done"
    desk.get(f"{at}/draw")
    desk.post(f"{at}/draw", 303, deed="draw", number="0123", sure="y")
    assert ended(team) == "done"
    assert "đã rút mẫu" in desk.arrive().text
    last = [row for row in team.log() if row["wave"] == "dai"][-1]
    assert (last["action"], "desk:coordinator" in last["who"]) == ("sample drawn", True)


@pytest.mark.usefixtures("long")
def test_a_job_that_runs_or_was_refused_is_told_on_the_page_of_its_list(team: Staff, desk: Desk) -> None:
    at = registered(desk, "dai_hai")
    settings, told = team.app.settings, ("sample", "draw", "--wave", "dai_hai", "--seed", "1")
    with jobs._alone(settings.instance, told):
        job_record.begin(settings.instance, told, "desk:coordinator", team.app.clock)
        page = desk.get(f"{at}/draw")
        assert page.element("live").attributes["data-live"] == "2" and "Việc chạy riêng" in page.text
        desk.get(f"{at}/lists/{CITIZENS}")
        page = desk.submit(file=file(dossiers(4)), status=422)  # another job runs: said, and the file is kept
        assert page.faults
    status = job_record.read(settings.instance, running=False)
    assert status is not None and status.state == "interrupted"
    assert "bị ngắt giữa chừng" in desk.get(f"{at}/draw").text
    job_record._write(settings.instance, replace(status, state="refused", messages=("there is no request 9",)))
    assert "không có đề nghị số 9" in desk.get(f"{at}/draw").text
    job_record._write(settings.instance, replace(status, state="done"))
    assert "không thực hiện được" not in desk.get(f"{at}/draw").text
    watched = desk.client.get(f"{at}/draw", headers={"X-Phieu-Refresh": "1"}).get_data(as_text=True)
    assert "đã xong" in watched


def test_slips_of_a_wave_that_is_not_open_are_refused(desk: Desk, team: Staff) -> None:
    at = listed(desk, "in_phieu")
    desk.get(f"{at}/draw")
    desk.submit(deed="record", status=303)
    desk.get(f"{at}/draw")
    desk.post(f"{at}/draw", 303, deed="draw", number="0123", sure="y")
    dispatcher = team.as_(Role.DISPATCHER)
    dispatcher.get("/desk/w/in_phieu/slips")
    page = dispatcher.submit(reason="in", status=422)
    assert "chưa mở" in page.faults[0]


def test_fieldwork_and_payment_are_kept(desk: Desk) -> None:
    at = begun(desk, "tien_do")
    desk.get(f"{at}/fieldwork")
    page = desk.submit(target_rate="170", holidays="Tết", status=422)
    assert len(page.faults) == 2 and page.typed()["holidays"] == ["Tết"]
    desk.submit(target_rate="70", holidays="05/03/2026", interviewer="30.000", status=303)
    page = desk.get(f"{at}/fieldwork")
    assert page.typed()["holidays"] == ["05/03/2026"]
    desk.get(f"{at}/groups/{CITIZENS}")
    desk.submit(method="two_stage", psu="place", psus="1", status=422)
    desk.submit(method="two_stage", psu="unit", psus="2", by_1="", n="40", min="", status=303)
    desk.get(f"{at}/groups/{CITIZENS}")
    desk.submit(method="counter", share="20", status=303)
    assert "con số" in desk.get(f"{at}/plan").text.lower()
    desk.get(f"{at}/fieldwork")
    desk.submit(counter_number="Giải đặc biệt", counter_date="2026-03-05", status=303)
