"""Paper that is typeset: the questionnaire's twin and the poster, read back by independent readers."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner
from pypdf import PdfReader
from pyzbar.pyzbar import ZBarSymbol, decode

from forms import questionnaire as questionnaires
from forms.catalogue import QUESTIONNAIRES, questionnaire
from forms.conditions import parse
from forms.faults import Faults
from survey.commands.poster import poster
from survey.commands.questionnaire import questionnaire as command
from survey.paper import posters
from survey.paper import skips as paper_skips
from survey.paper import twin as paper_twin
from survey.plan import wave_file
from tests.conftest import QUESTIONNAIRE, Scene
from tests.journeys.world import KINDS

DPI = 150


def pages(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def read_codes(pdf: bytes, page: int = 0) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        image = document[page].render(scale=DPI / 72).to_pil().convert("L")
    return [code.data.decode() for code in decode(image, [ZBarSymbol.QRCODE])]


def tagged(pdf: bytes) -> None:
    """PDF/UA-1: says that it is, tagged, with title and language; all fonts inside."""
    reader = PdfReader(BytesIO(pdf))
    root = reader.trailer["/Root"]
    assert "pdfuaid" in root["/Metadata"].get_data().decode()
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] and reader.metadata.title
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            (inside,) = font.get_object()["/DescendantFonts"]
            descriptor = inside.get_object()["/FontDescriptor"].get_object()
            assert "DejaVu" in descriptor["/FontName"]
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)


def run(scene: Scene | None, group, *arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(group, arguments, obj=scene.settings.instance if scene else Path("none"))
    if status:
        assert isinstance(result.exception, Faults)
        return str(result.exception)
    assert result.exception is None, result.exception
    return result.stdout


# The blank form


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_every_question_is_on_it_with_its_code(name, lang):
    asked = questionnaire(name)
    made = paper_twin.blank(asked, lang)
    tagged(made)
    text = "".join(" ".join(pages(made)).split())
    for item in asked.items.values():
        assert "".join(item.text.of(lang).split()) in text, item.id
        assert item.id in text
    assert "BẢNTHỬ" in text
    assert PdfReader(BytesIO(made)).trailer["/Root"]["/Lang"] == lang


def test_skip_rules_are_in_words():
    text = " ".join(pages(paper_twin.blank(questionnaire("citizen"))))
    assert "Nếu câu 1 chọn “Không”, xin dừng ở đây và gửi lại phiếu." in text
    assert "Chỉ trả lời câu sau nếu câu 5 chọn “Có, trễ hẹn”." in text
    text = " ".join(pages(paper_twin.blank(questionnaire("citizen"), "en")))
    assert "If question 1 is answered “No”, please stop here and return the form." in text


def test_every_kind_of_question_has_its_place():
    made = paper_twin.blank(questionnaires.load(KINDS, "kinds"))
    (text,) = pages(made)
    assert "Xin chào <b>Ông/Bà</b> & gia đình" in text
    assert "tháng" in text and "năm" in text
    assert "(chọn mọi câu trả lời đúng)" in text
    assert "9 Không biết hoặc không áp dụng" in text
    assert "Chỉ trả lời câu sau nếu câu 8 chọn “Không”." in text


def test_the_same_form_gives_the_same_bytes():
    assert paper_twin.blank(questionnaire("self")) == paper_twin.blank(questionnaire("self"))


def test_a_choice_of_ten_keys_dont_know_as_99():
    item = questionnaire("citizen").items["wait"]
    many = replace(item, choices=tuple(replace(item.choices[0], id=f"c{n}", position=n) for n in range(10)))
    paper = paper_twin._paper(questionnaire("citizen"), "vi")
    assert [box["code"] for box in paper_twin._codes(paper, many)] == [*range(1, 11), 99]


# Skip rules


ITEMS = questionnaires.load(KINDS, "kinds").items
NUMBERS = {id: number for number, id in enumerate(ITEMS, 1)}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("must == 'no'", "câu 9 chọn “Không”"),
        ("must != 'no'", "câu 9 chọn câu trả lời khác “Không”"),
        ("must in ['yes', 'no']", "câu 9 chọn “Có” hoặc “Không”"),
        ("must == 'na'", "câu 9 chọn “Không biết hoặc không áp dụng”"),
        ("must == 'declined'", "câu 9 chọn “Tôi không muốn trả lời”"),
        ("'a' in ways", "câu 7 chọn “Điện thoại”"),
        ("answered(remark)", "câu 8 có trả lời"),
        ("visits == 3", "câu 2 ghi 3"),
        ("visits in [3, 4]", "câu 2 ghi 3 hoặc 4"),
        ("visits != 3", "câu 2 ghi khác 3"),
        ("visits > 3", "câu 2 ghi lớn hơn 3"),
        ("visits >= 3", "câu 2 ghi từ 3 trở lên"),
        ("visits < 3", "câu 2 ghi nhỏ hơn 3"),
        ("visits <= 3", "câu 2 ghi không quá 3"),
        ("month >= 202603", "câu 6 ghi từ 03/2026 trở lên"),
        ("visits > 3 and must == 'no'", "câu 2 ghi lớn hơn 3 và câu 9 chọn “Không”"),
        (
            "visits > 3 and (must == 'no' or 'a' in ways)",
            "câu 2 ghi lớn hơn 3 và (câu 9 chọn “Không” hoặc câu 7 chọn “Điện thoại”)",
        ),
        ("not answered(remark)", "không đúng là câu 8 có trả lời"),
    ],
)
def test_a_rule_as_a_person_would_say_it(rule, said):
    assert paper_skips.told(parse(rule), ITEMS, NUMBERS, "vi", paper_skips.words("vi")) == said


# With an invitation


@pytest.fixture
def paper(scene, tmp_path):
    """Prints into a file; the scene's questionnaire is nho."""
    file = tmp_path / "phieu.pdf"

    def print_it(*arguments: str) -> bytes:
        assert "The export is logged." in run(
            scene, command, "print", "nho", "--wave", "nho", *arguments, "-o", str(file)
        )
        return file.read_bytes()

    return print_it


def test_a_form_for_one_invitation(scene, paper):
    made = paper("--serial", "6")
    tagged(made)
    code = scene.code(6)
    assert read_codes(made) == [f"HTTP://127.0.0.1:8000/P/{code}"]
    first, second = pages(made)[:2]
    assert f"{code[:4]}-{code[4:8]}-{code[8:]}" in first and "Số phiếu 6" in first
    assert "Cơ quan được đánh giá: Sở A" in first
    assert "BẢN THỬ" in first and "SỐ LIỆU MÔ PHỎNG" in first and "Hỏi đáp: 0262 000 000" in first
    assert "Mặt sau của dải cắt rời, để trống." in second
    # The code stands on the strip and nowhere else
    assert sum(page.count(code[:4]) for page in pages(made)) == 1
    assert [row[3] for row in scene.rows("audit")][-1] == "codes exported"
    assert '"serials": [6]' in scene.rows("audit")[-1][5]


def test_several_offices_come_one_after_the_other(scene, paper):
    made = paper("--group", "can_bo", "--serial", "1")
    text = " ".join(pages(made))
    assert "Sở A (1/3)" in text and "Sở B (2/3)" in text and "Sở C (3/3)" in text
    assert text.count("Tôi không đủ thông tin để đánh giá") == 3
    assert text.count("Câu một") == 3 and text.count("Ông/Bà là nữ?") == 1


def test_every_form_begins_a_sheet_and_counts_its_own_pages(scene, paper):
    whole = paper("--unit", "so_b", "--group", "dan")
    made = pages(whole)
    starts = [number for number, page in enumerate(made) if "Số phiếu" in page]
    assert len(starts) == 5 and all(number % 2 == 0 for number in starts)
    assert all("Trang 1 trên 2" in made[number] for number in starts)
    found = {code for number in starts for code in read_codes(whole, number)}
    assert found == {f"HTTP://127.0.0.1:8000/P/{scene.code(serial)}" for serial in range(12, 17)}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("print", "nho", "--wave", "nho", "--unit", "so_x"), "has no unit “so_x”"),
        (("print", "nho", "--wave", "nho", "--place", "cho"), "has no place “cho”"),
        (("print", "khac", "--wave", "nho"), "no group of wave “nho” is asked “khac”"),
        (("print", "nho", "--wave", "nho", "--group", "ai"), "and called “ai”"),
        (("print", "nho", "--wave", "nho", "--serial", "999"), "nothing to print"),
        (("print", "citizen", "--serial", "1"), "name their --wave"),
        (("print", "khac"), "there is no such file"),
    ],
)
def test_what_cannot_be_printed_is_said(scene, tmp_path, arguments, said):
    file = tmp_path / "x.pdf"
    assert said in run(scene, command, *arguments, "-o", str(file), status=2)
    assert not file.exists()


def test_a_blank_form_needs_no_instance(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(QUESTIONNAIRE, "utf-8")
    for name in ("citizen", str(own)):
        file = tmp_path / "blank.pdf"
        assert "a blank form" in run(None, command, "print", name, "-o", str(file))
        assert file.stat().st_mode & 0o077 == 0
        assert "Cơ quan được đánh giá:" in pages(file.read_bytes())[0]


# The poster


def test_a_poster_leads_to_its_place(scene, tmp_path):
    file = tmp_path / "poster.pdf"
    run(scene, poster, "--wave", "nho", "--place", "quay", "-o", str(file))
    made = file.read_bytes()
    tagged(made)
    assert read_codes(made) == ["HTTP://127.0.0.1:8000/open/nho/quay"]
    (text,) = pages(made)
    for told in ("Mời Ông/Bà cho ý kiến", "Quầy tiếp nhận", "BẢN THỬ", "SỐ LIỆU MÔ PHỎNG", "Hỏi đáp: 0262 000 000",
                 "31/03/2026", "127.0.0.1:8000/open/nho/quay", "không tính vào điểm cải cách hành chính",
                 "về cơ quan đã giải quyết hồ sơ của Ông/Bà"):  # fmt: skip
        assert told in text, told


def test_a_poster_about_one_office_names_it_and_its_issuer(scene):
    wave = scene.wave
    text = wave.spec.text.replace('units = ["so_a", "so_b"]', 'units = ["so_b"]')
    text = text.replace("simulated = true", '[authority]\nname.vi = "Sở Nội vụ"\nplan = "01"\ndate = 2026-01-02')
    head, _, tail = text.partition("[authority]")
    authority, _, tail = tail.partition("[[unit]]")
    spec = wave_file.load(f"{head}[[unit]]{tail}\n[authority]{authority}", "w")
    (told,) = pages(posters.pdf(scene.settings, replace(wave, spec=spec), "quay"))
    assert "về sự phục vụ của Sở B" in told and "Sở Nội vụ" in told
    assert "BẢN THỬ" not in told
    assert "BẢN THỬ" in pages(posters.pdf(scene.settings, replace(wave, spec=spec, pilot=True), "quay"))[0]


def test_a_place_without_poster_is_said(scene, tmp_path):
    file = str(tmp_path / "x.pdf")
    said = run(scene, poster, "--wave", "nho", "--place", "cho", "-o", file, status=2)
    assert said == "wave “nho” has no poster at “cho”; it has: quay"
    without = replace(scene.wave, spec=replace(scene.wave.spec, open=None))
    with pytest.raises(Faults, match=r"has no poster at “quay”$"):
        posters.pdf(scene.settings, without, "quay")
