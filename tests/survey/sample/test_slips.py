"""Slips: every code is read back by an independent reader; the text is text; nothing of a person is on them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as pillow
from PIL.Image import Image, Resampling
from PIL.ImageFilter import GaussianBlur
from pypdf import PdfReader
from pyzbar.pyzbar import Decoded, ZBarSymbol, decode

from survey.issuing import ExportRow
from survey.paper import slips
from survey.plan import wave_file
from survey.wave import RegisteredWave
from tests.survey.sample.conftest import DOSSIERS, HEAD, wave_text

DPI = 150
AUTHORITY = '[authority]\nname.vi = "Ủy ban nhân dân tỉnh"\nplan = "12/KH-UBND"\ndate = 2026-02-03\n'
HOST = "https://khaosat.example.vn"


def registered(text: str, *, pilot: bool = False) -> RegisteredWave:
    spec = wave_file.load(text, "w")
    return RegisteredWave(spec, {}, None, b"", "", 0, "open", pilot, "outside")


def rows(
    number: int, *, base: str = HOST, units: Sequence[str] = ("so_tu_phap",), place: str = "mot_cua"
) -> list[ExportRow]:
    return [
        ExportRow(serial, "dan", tuple(units), place, f"7K3M-9QX2-{serial:04d}", f"{base}/P/7K3M9QX2{serial:04d}")
        for serial in range(1, number + 1)
    ]


def texts(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def pages(pdf: bytes) -> Iterator[Image]:
    """The pages in greys, rasterised at 150 dpi."""
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            yield page.render(scale=DPI / 72).to_pil().convert("L")


def printed_badly(page: Image, seed: int) -> Image:
    """A crooked and unsharp scan of a grey sheet with spots of toner and holes in it."""
    page = page.rotate(seed % 5 - 2, expand=True, fillcolor=255, resample=Resampling.BICUBIC)
    page = page.filter(GaussianBlur(0.5 + 0.04 * seed))
    rng = np.random.default_rng(seed)
    grey = np.asarray(page, float) * 0.72 + 45 + rng.normal(0, 6, (page.height, page.width))
    spots = rng.random(grey.shape)
    grey[spots < 0.003] = 20
    grey[spots > 0.997] = 250
    return pillow.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def frames(page: Image) -> Iterator[Image]:
    """A camera takes many, from near and far; two are looked at here."""
    yield page
    yield page.resize((2 * page.width, 2 * page.height), Resampling.BICUBIC)


def by_zbar(page: Image) -> list[str]:
    return sorted({code.data.decode() for frame in frames(page) for code in decode(frame, [ZBarSymbol.QRCODE])})


def by_zxing(page: Image) -> list[str]:
    return sorted(
        {
            code.text
            for frame in frames(page)
            for code in zxingcpp.read_barcodes(np.asarray(frame), zxingcpp.BarcodeFormat.QRCode)
        }
    )


READERS = pytest.mark.parametrize("read", [by_zbar, by_zxing])


def codes(pdf: bytes, page: int = 0) -> list[Decoded]:
    with pypdfium2.PdfDocument(pdf) as document:
        image = document[page].render(scale=DPI / 72).to_pil().convert("L")
    return sorted(decode(image, [ZBarSymbol.QRCODE]), key=lambda code: (code.rect.top // 100, code.rect.left))


@pytest.fixture(scope="module")
def sheet() -> bytes:
    """Ten slips of a real-looking wave."""
    return slips.pdf(registered(wave_text(DOSSIERS, tail=AUTHORITY)), rows(10))


def test_eight_a_page_and_every_code_is_read_back_at_150_dpi(sheet: bytes) -> None:
    first, second = codes(sheet), codes(sheet, 1)
    assert [code.data.decode() for code in first] == [
        f"HTTPS://KHAOSAT.EXAMPLE.VN/P/7K3M9QX2{serial:04d}" for serial in range(1, 9)
    ]
    assert [code.data.decode()[-4:] for code in second] == ["0009", "0010"]


@READERS
@pytest.mark.parametrize("base", [HOST, "https://khaosat.cchc.thanhphohochiminh.gov.vn"])
def test_two_independent_readers_read_every_code_at_150_dpi(read: Callable[[Image], list[str]], base: str) -> None:
    made = rows(24, base=base)
    pdf = slips.pdf(registered(wave_text(DOSSIERS, tail=AUTHORITY)), made)
    found = [text for page in pages(pdf) for text in read(page)]
    assert found == [slips.qr_text(row.url) for row in made]


@READERS
@pytest.mark.parametrize("seed", range(6))
def test_two_independent_readers_read_every_code_of_a_bad_print(
    sheet: bytes, read: Callable[[Image], list[str]], seed: int
) -> None:
    page = printed_badly(next(pages(sheet)), seed)
    assert read(page) == [slips.qr_text(row.url) for row in rows(8)]


def test_the_code_is_at_least_25_mm_with_four_modules_of_quiet(sheet: bytes) -> None:
    with pypdfium2.PdfDocument(sheet) as document:
        image = document[0].render(scale=DPI / 72).to_pil().convert("L")
    for code in decode(image, [ZBarSymbol.QRCODE]):
        box = code.rect
        assert min(box.width, box.height) * 25.4 / DPI >= 25
        quiet = int(4 * box.width / 29) - 2  # version 3 has 29 modules
        around = (box.left - quiet, box.top - quiet, box.left + box.width + quiet, box.top + box.height + quiet)
        frame = image.crop(around)
        frame.paste(255, (quiet, quiet, quiet + box.width + 1, quiet + box.height + 1))
        assert frame.getextrema()[0] > 200


def test_the_text_is_selectable_and_says_what_to_do(sheet: bytes) -> None:
    first = texts(sheet)[0]
    for told in (
        "Ủy ban nhân dân tỉnh · Kế hoạch 12/KH-UBND ngày 03/02/2026",
        "Đo lường sự hài lòng năm 2026",
        "Cơ quan được đánh giá Sở Tư pháp",
        "Mã trả lời 7K3M-9QX2-0001",
        "Hỏi đáp: 0262 3 800 800",
        "Quét mã QR bằng máy ảnh điện thoại, hoặc mở khaosat.example.vn/ và nhập mã trả lời.",
        "Mỗi mã chỉ trả lời được một lần. Hạn trả lời: hết ngày 31/03/2026.",
        "Số phiếu 8 · Nhóm dan · Bộ phận Một cửa",
    ):
        assert told in first
    assert "BẢN THỬ" not in first
    assert "MÔ PHỎNG" not in first


@pytest.mark.parametrize(
    ("text", "pilot", "marks"),
    [
        (wave_text(DOSSIERS), False, "BẢN THỬ"),
        (wave_text(DOSSIERS, tail=AUTHORITY), True, "BẢN THỬ"),
        (wave_text(DOSSIERS, head=HEAD + "simulated = true\n", tail=AUTHORITY), False, "SỐ LIỆU MÔ PHỎNG"),
        (wave_text(DOSSIERS, head=HEAD + "simulated = true\n"), False, "BẢN THỬ · SỐ LIỆU MÔ PHỎNG"),
    ],
)
def test_what_is_not_yet_real_says_so_on_every_slip(text: str, pilot: bool, marks: str) -> None:
    (page,) = texts(slips.pdf(registered(text, pilot=pilot), rows(8)))
    assert page.count(marks) == 8
    assert ("MÔ PHỎNG" in page) == ("MÔ PHỎNG" in marks)


def test_every_place_begins_a_page_of_its_own() -> None:
    wave = registered(wave_text(DOSSIERS))
    both = [*rows(9), *rows(2, place="so_y_te"), *rows(1, place="nowhere")]
    pages = texts(slips.pdf(wave, both[::-1]))
    assert ["Bộ phận Một cửa" in page for page in pages] == [True, True, False, False]
    assert [page.count("Mã trả lời ") for page in pages] == [8, 1, 1, 2]
    assert re.findall(r"Số phiếu (\d+)", pages[0]) == list("12345678")
    assert "Sở Y tế" in pages[3]


def test_several_units_are_counted_and_named() -> None:
    (page,) = texts(slips.pdf(registered(wave_text(DOSSIERS)), rows(1, units=("so_tu_phap", "so_y_te", "huyen_lak"))))
    assert "3 cơ quan được đánh giá Sở Tư pháp; Sở Y tế; Huyện Lắk" in page


def test_a_path_below_the_host_keeps_its_case() -> None:
    assert slips.qr_text("https://Tinh.example.vn/khaosat/P/ABC") == "HTTPS://TINH.EXAMPLE.VN/khaosat/P/ABC"
    made = slips.pdf(registered(wave_text(DOSSIERS)), rows(1, base="https://tinh.example.vn/khaosat"))
    assert [code.data for code in codes(made)] == [b"HTTPS://TINH.EXAMPLE.VN/khaosat/P/7K3M9QX20001"]


@pytest.mark.parametrize("plan", ["Kế hoạch số 12/KH-UBND", "kế hoạch 12", unicodedata.normalize("NFD", "Kế hoạch 12")])
def test_a_plan_that_says_what_it_is_does_not_say_it_twice(plan: str) -> None:
    (page,) = texts(slips.pdf(registered(wave_text(DOSSIERS, tail=AUTHORITY.replace("12/KH-UBND", plan))), rows(1)))
    assert page.casefold().count("kế hoạch") == 1
    assert f"{unicodedata.normalize('NFC', plan)} ngày 03/02/2026" in page


def test_a_long_plan_and_a_long_place_are_wrapped_and_nothing_is_cut() -> None:
    plan = "số 123/KH-UBND về đo lường sự hài lòng của người dân, tổ chức"
    place = "Bộ phận Tiếp nhận và Trả kết quả giải quyết thủ tục hành chính phường Buôn Ma Thuột"
    text = wave_text(DOSSIERS, head=HEAD + "simulated = true\n", tail=AUTHORITY.replace("12/KH-UBND", plan))
    made = slips.pdf(registered(text.replace("Bộ phận Một cửa", place), pilot=True), rows(8))
    (page,) = texts(made)
    assert "…" not in page
    assert page.count(f"Kế hoạch {plan} ngày 03/02/2026") == 8
    assert page.count(place) == 8
    assert len(codes(made)) == 8


def test_the_same_invitations_give_the_same_bytes(sheet: bytes) -> None:
    assert slips.pdf(registered(wave_text(DOSSIERS, tail=AUTHORITY)), rows(10)[::-1]) == sheet


def test_a_slip_takes_at_most_six_kilobytes() -> None:
    made = slips.pdf(registered(wave_text(DOSSIERS)), rows(400))
    assert len(made) / 400 < 6_000


@given(st.text(alphabet="aơ Ệ…;", max_size=200), st.integers(40, 300), st.integers(1, 4))
def test_lines_never_leave_their_room(text: str, width: int, most: int) -> None:
    slips._register_fonts()
    lines = slips.wrapped(text, "Slip", 8, width, most)
    assert len(lines) <= most
    assert all(slips.pdfmetrics.stringWidth(line, "Slip", 8) <= width for line in lines)
    if "…" not in "".join(lines):
        assert " ".join(text.split()) == " ".join(" ".join(lines).split())
