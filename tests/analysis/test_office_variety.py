"""One appraisal table in every dress that its parts allow: what comes out is always the same."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import appraised
from analysis.office import book
from forms import framework
from forms.tables import Sheet
from tests.analysis.office_table import EXPECTED, FRAMEWORK, UNITS

TABLE = appraised.wanted(framework.load(FRAMEWORK, "t"), UNITS[:1])
KIND = TABLE.kinds["department"]
HEADS = {
    "number": ["STT", "TT", "Số TT", "Số thứ tự", "Mục", "stt"],
    "name": [
        "Tiêu chí", "TIÊU CHÍ/TIÊU CHÍ THÀNH PHẦN", "Nội dung", "Nội dung đánh giá", "Lĩnh vực, tiêu chí",
        "Tên tiêu chí", "Các tiêu chí, tiêu chí thành phần", "Danh mục tiêu chí", "Noi dung tieu chi",
        "Chỉ tiêu đánh giá",
    ],
    "maximum": [
        "Điểm tối đa", "Điểm chuẩn", "Thang điểm", "Tối đa", "Điểm quy định", "Mức điểm tối đa", "ĐIỂM TỐI ĐA (A)",
    ],
    "own": [
        "Điểm tự chấm", "Tự đánh giá", "Đơn vị tự chấm", "Điểm tự đánh giá của đơn vị", "Kết quả tự chấm điểm",
        "TỰ CHẤM",
    ],
    "given": [
        "Điểm thẩm định", "Thẩm định", "Hội đồng thẩm định", "Điểm đạt", "Điểm đạt được", "Kết quả thẩm định",
        "Điểm Hội đồng chấm", "Tổ thẩm định chấm", "Điểm sau thẩm định", "Điểm thẩm tra", "Sở Nội vụ chấm",
    ],
    "document": [
        "Tài liệu kiểm chứng", "Minh chứng", "Tài liệu minh chứng", "Văn bản kiểm chứng", "Căn cứ", "Hồ sơ minh chứng",
    ],
    "extra": [
        "Ghi chú", "Chênh lệch", "Điểm điều tra XHH", "Ý kiến của tổ thẩm định", "Lý do chấm điểm", "Cơ quan thẩm định",
    ],
}  # fmt: skip
SHOWN = {
    8.5: ["8,5", 8.5, "8.50", "8,5 điểm", " 8,5 "], 20.0: [20, "20", 20.0, "20,0"], 7.0: [7, "7,00"], 25.0: [25, "25đ"],
}  # fmt: skip


def numbers(style: str) -> list[tuple[str, str, str]]:
    """Number, name and subcriterion of every row."""
    rows = []
    for d, domain in enumerate(KIND.domains, 1):
        rows.append((["I", "II"][d - 1], domain.name.of("vi").upper(), ""))
        for c, criterion in enumerate(domain.criteria, 1):
            rows.append((f"{d}.{c}" if style == "three" else str(c), criterion.name.of("vi"), ""))
            for s, sub in enumerate(criterion.subcriteria, 1):
                rows.append((f"{d}.{c}.{s}" if style == "three" else f"{c}.{s}", sub.name.of("vi"), sub.id))
    return rows


@st.composite
def dresses(draw: Any) -> Sheet:
    head = {role: draw(st.sampled_from(words)) for role, words in HEADS.items()}
    order = ["number", "name", *draw(st.permutations(["maximum", "own", "given", "document", "extra"]))]
    dropped = draw(st.sets(st.sampled_from(["number", "maximum", "own", "document", "extra"]), max_size=3))
    order = [role for role in order if role not in dropped]
    told = draw(st.sampled_from(["sheet", "line", "title", "file"]))
    lines: list[list[Any]] = [["UBND TỈNH"], ["BẢNG TỔNG HỢP ĐIỂM CÁC TIÊU CHÍ"], []][: draw(st.integers(0, 3))]
    lines += {"line": [["Đơn vị: Sở Tư pháp"]], "title": [["KẾT QUẢ CỦA SỞ TƯ PHÁP NĂM 2026"]]}.get(told, [])
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = []
    places = [order.index(role) for role in ("own", "given") if role in order]
    if len(places) == 2 and abs(places[0] - places[1]) == 1 and draw(st.booleans()):
        left, top = min(places), len(lines)
        lines.append(
            ["Kết quả đánh giá" if at == left else "" if at in places else head[r] for at, r in enumerate(order)]
        )
        lines.append([head[role] if at in places else "" for at, role in enumerate(order)])
        if draw(st.booleans()):
            merged = [((top, left), (top, left + 1))]
    else:
        lines.append([head[role] for role in order])
    if draw(st.booleans()):
        lines.append([f"({at})" for at in range(1, len(order) + 1)])
    style = draw(st.sampled_from(["three", "two"]))
    case = draw(st.sampled_from([str, str.upper, str.lower]))
    for number, name, sub in numbers(style):
        most = KIND.subcriteria[[each.id for each in KIND.subcriteria].index(sub)].points if sub else 50
        given = EXPECTED.get(sub)
        cells = {
            "number": number, "name": case(name), "maximum": most, "own": 5 if given else "", "document": "QĐ",
            "given": draw(st.sampled_from(SHOWN[given])) if given else "", "extra": "xem phụ lục",
        }  # fmt: skip
        lines.append([cells[role].strip() if isinstance(cells[role], str) else cells[role] for role in order])
    if draw(st.booleans()):
        lines.append([{"name": "TỔNG CỘNG", "given": 60.5}.get(role, "") for role in order])
    name = {"sheet": "SO TU PHAP"}.get(told, "Sheet1")
    return Sheet("nop/So Tu phap.xlsx" if told == "file" else "diem.xlsx", name, lines, merged)


@given(dresses())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_dress_gives_the_same_points(sheet: Sheet) -> None:
    found, read = book.read([sheet], TABLE)
    assert [str(fault) for fault in found.faults] == [] and read == {0}
    assert found.points == {"so_tu_phap": EXPECTED}


def test_each_word_for_a_heading_stands_for_its_role_alone() -> None:
    from analysis.office.words import Role, role_of

    wanted = {
        "number": Role.NUMBER, "name": Role.CRITERION, "maximum": Role.MAXIMUM, "own": Role.SELF,
        "given": Role.APPRAISED, "document": Role.DOCUMENT,
    }  # fmt: skip
    for role, words in itertools.chain(HEADS.items()):
        for word in words:
            if role in wanted:
                assert role_of(word) is wanted[role], word
            else:
                assert role_of(word) in (Role.OTHER, Role.REASON), word
