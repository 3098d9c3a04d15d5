"""Nothing that names a person is left in a comment, however it was typed."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.comments.masking import LINK, MAIL, NAME, NUMBER, PLATE, masked


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gọi 0905 123 456 nhé", f"gọi {NUMBER} nhé"),
        ("+84 (905) 123-456", NUMBER),
        ("số ０９０５１２３４５６", f"số {NUMBER}"),
        ("٠٩٠٥١٢٣٤٥٦", NUMBER),
        ("09\u200b05\u200b123456", NUMBER),
        ("CCCD 066 090 001 234", f"CCCD {NUMBER}"),
        ("CMND 240123456.", f"CMND {NUMBER}."),
        ("xe 47A-123.45 đậu", f"xe {PLATE} đậu"),
        ("xe 47-B1 234.56", f"xe {PLATE}"),
        ("xe 47b1-2345", f"xe {PLATE}"),
        ("thư an.nguyen@gmail.com", f"thư {MAIL}"),
        ("thư an.nguyen (at) gmail . com", f"thư {MAIL}"),
        ("xem https://fb.com/an.nguyen.5", f"xem {LINK}"),
        ("zalo.me/0905123456", LINK),
        ("ông Nguyễn Văn An rất chậm", f"ông {NAME} rất chậm"),
        ("Bà H’Hen Niê tận tình", f"Bà {NAME} tận tình"),
        ("đồng chí Y Thanh Mlô", f"đồng chí {NAME}"),
        ("đ/c Hùng một cửa", f"đ/c {NAME} một cửa"),
        ("ÔNG TRẦN VĂN BÌNH", f"ÔNG {NAME}"),
        ("chi Lan va anh Tuan", f"chi {NAME} va anh {NAME}"),
        ("anh nguyễn văn tuấn", f"anh {NAME}"),
        ("anh nguyen van tuan", f"anh {NAME}"),
        ("cô giáo Mai", f"cô giáo {NAME}"),
        ("giám đốc Hùng", f"giám đốc {NAME}"),
        ("do Nguyễn Thị Hoa nhận", f"do {NAME} nhận"),
        ("sđt0905123456", f"sđt{NUMBER}"),
        ("gọi số0905123456x", f"gọi số{NUMBER}x"),
        ("CMND240123456", f"CMND{NUMBER}"),
        ("0905 - 123 - 456", NUMBER),
        ("0905/123/456", NUMBER),
        ("0905–123–456", NUMBER),
        ("0905_123_456", NUMBER),
        ("0905,123,456;", f"{NUMBER};"),
        ("liên hệ 0905\n123456", f"liên hệ {NUMBER}"),
        ("hộ chiếu B1234567", f"hộ chiếu {NUMBER}"),
        ("12/05/2019 gọi 0905123456", f"12/05/2019 gọi {NUMBER}"),
        ("84.905.123.456 đồng chí An", f"{NUMBER} đồng chí {NAME}"),
        ("xe47A-12345", f"xe{PLATE}"),
        ("a.b (a còng) gmail.com", MAIL),
        ("ab a cong gmail.com", MAIL),
        ("cán bộ tên Lan", f"cán bộ tên {NAME}"),
        ("CB Huệ hách dịch", f"CB {NAME} hách dịch"),
        ("H'Len Niê xử lý chậm", f"{NAME} xử lý chậm"),
        ("gặp Y Thuận Êban", f"gặp {NAME}"),
        ("Y Thanh Mlô rất tốt", f"{NAME} rất tốt"),
        ("gap y thuan eban", f"gap {NAME}"),
        ("h' len niê tận tình", f"{NAME} tận tình"),
        ("nguyễn văn an nhận hồ sơ", f"{NAME} nhận hồ sơ"),
        ("do tran thi hoa nhan", f"do {NAME} nhan"),
        ("Nguyễn văn An", NAME),
        (unicodedata.normalize("NFD", "chị Phạm Thị Đào"), f"chị {NAME}"),
    ],
)
def test_what_names_a_person_is_taken_out(text: str, told: str) -> None:
    assert masked(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "Cán bộ Sở Tư pháp làm việc tốt",
        "chờ 3 ngày, từ 12/05/2019 đến 15/05/2019",
        "lệ phí 150.000 đồng",
        "bà con chờ lâu, anh chị nhân viên thân thiện",
        "lãnh đạo Ủy ban cần quan tâm",
        "Điều 12 Nghị định 61/2018/NĐ-CP",
        "từ 12/05/2019, 15/05/2019 đến 2019-06-01",
        "năm 2025-2026 tốt hơn 2024",
        "nộp 20 000 000 đồng, rồi 120.500.000đ",
        "Sở Y tế, Y Tế dự phòng và y học",
        "hồ sơ bị trả, lý do là lương",
        "vi phạm quy định, trần nhà thấp, phụ huynh học sinh",
        "ý kiến của người dân tên đường chưa đúng",
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    assert masked(text) == text


@settings(max_examples=60)
@given(
    st.text("abcXYZđĐ :.,\n", max_size=20),
    st.text("0123456789", min_size=8, max_size=12),
    st.lists(
        st.sampled_from(["", " ", ".", "-", "/", "–", "_", ",", " - ", "\n", "\u00a0", ") "]), min_size=11, max_size=11
    ),
)
def test_no_long_number_survives_whatever_is_around_it(around: str, digits: str, between: list[str]) -> None:
    written = "".join(map("".join, zip(digits, [*between[: len(digits) - 1], ""], strict=True)))
    assume(not re.search(r"(19|20)\d\d", written))  # a day or two years cannot be told from it
    told = masked(f"{around}{written}{around}")
    assert sum(each.isdigit() for each in told) < 8


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_masking_twice_is_masking_once(text: str) -> None:
    assert masked(masked(text)) == masked(text)
