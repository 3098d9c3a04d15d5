"""An empty list for an office to fill in: the headings of its own system, and what goes below each."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from forms.faults import Fault, Faults
from survey.frames.cell_values import unmarked
from survey.frames.headings import IGATE, PORTAL, known, required
from survey.frames.posts import EXPECTED
from survey.plan.wave_spec import Group, WaveSpec

# style → headings in the order of that system; None: the group's own fields
STYLES: dict[str, Sequence[str] | None] = {
    "plain": None,
    "igate": IGATE,
    "portal": PORTAL,
    "posts": None,
    "appointments": tuple(headings[0] for headings in EXPECTED.values()),
}
_OF_DOSSIERS, _OF_POSTS = ("igate", "portal"), ("posts", "appointments")
_EXPLAINED = {
    "reference": "Mỗi hồ sơ (vị trí) một số, không trùng lặp.",
    "unit": "Tên hoặc mã cơ quan như trong đợt điều tra.",
    "place": "Tên hoặc mã nơi tiếp nhận; nơi nhận và phát phiếu.",
    "units": "Các cơ quan được đánh giá, cách nhau bằng dấu chấm phẩy.",
    "expected": "Số vị trí (số người) của cơ quan theo quyết định bổ nhiệm; mọi dòng của một cơ quan ghi như nhau.",
    "supplier": "Cơ quan cung cấp danh sách vị trí.",
    "position": "Chức vụ của vị trí, không phải tên người.",
    "channel": "Trực tiếp, Trực tuyến hoặc Bưu chính.",
    "level": "Mức độ 1 đến 4, Toàn trình hoặc Một phần.",
    "received": "Ngày/tháng/năm, ví dụ 31/12/2025.",
    "due": "Ngày/tháng/năm.",
    "returned": "Ngày/tháng/năm; để trống nếu chưa trả kết quả.",
    "identity": "Số định danh cá nhân hoặc mã số thuế; dùng để nhận ra một người có nhiều hồ sơ.",
    "phone": "Một số điện thoại của chính người nộp hồ sơ hoặc người giữ vị trí.",
    "email": "Một địa chỉ thư điện tử của chính người đó.",
}
_EXPECTED_NEEDED = ("unit", "expected")


def write(file: Path, spec: WaveSpec, group: Group, style: str = "plain") -> None:
    """Write the template, by the ending of ``file``. Raises Faults for an ending or a style that does not fit."""
    ending = file.suffix.casefold().removeprefix(".")
    if ending not in ("csv", "xlsx"):
        raise Faults([Fault("must end in .csv or .xlsx", str(file))])
    file.write_bytes(content(spec, group, style, ending))


def content(spec: WaveSpec, group: Group, style: str, ending: str) -> bytes:
    """The template as ``csv`` or ``xlsx``. Raises Faults for a style that does not fit."""
    rows = columns(group, style)
    if ending == "xlsx":
        return workbook(spec, group, rows)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(heading for heading, _, _ in rows)
    # With a byte-order mark, spreadsheets read the headings as UTF-8.
    return ("\ufeff" + text.getvalue()).encode()


def columns(group: Group, style: str) -> list[tuple[str, str, bool]]:
    """Heading, field ('' for one that is not read) and whether it is needed. Raises Faults."""
    dossiers = group.assesses == "dossier"
    if style in (_OF_POSTS if dossiers else _OF_DOSSIERS):
        listed = "dossiers" if dossiers else "posts"
        raise Faults(f"group “{group.id}” is drawn from a list of {listed}: no template of the style “{style}” fits")
    if style == "appointments":
        return [(headings[0], name, name in _EXPECTED_NEEDED) for name, headings in EXPECTED.items()]
    fields, needed = known(group), required(group)
    headings = STYLES[style] or [spellings[0] for spellings in fields.values()]
    field_of = {unmarked(heading): name for name, spellings in fields.items() for heading in spellings}
    found = [(heading, field_of.get(unmarked(heading), "")) for heading in headings]
    there = {name for _, name in found}
    # What the wave's design needs and that system does not export is added at the end.
    found += [(fields[name][0], name) for name in needed if name not in there]
    return [(heading, name, name in needed) for heading, name in found]


def workbook(spec: WaveSpec, group: Group, rows: Sequence[tuple[str, str, bool]]) -> bytes:
    """The template as XLSX: one sheet to fill in, one that explains the columns."""
    import xlsxwriter  # here: 10 MB that a web worker seldom needs

    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        heading = book.add_format({"bold": True, "bg_color": "#E2EFEC", "border": 1, "text_wrap": True})
        text = book.add_format({"num_format": "@"})
        sheet, notes = book.add_worksheet("Danh sách"), book.add_worksheet("Hướng dẫn")
        notes.write_row(0, 0, ["Cột", "Mã cột", "Bắt buộc", "Giải thích"], heading)
        for position, (title, name, needed) in enumerate(rows):
            sheet.write(0, position, title, heading)
            # Text cells: a spreadsheet must not turn 012345 into 12345, nor 01/02 into a date of its own.
            sheet.set_column(position, position, max(14, len(title) + 2), text)
            told = _EXPLAINED.get(name, "") if name else "Không dùng khi lập danh sách điều tra."
            notes.write_row(position + 1, 0, [title, name, "x" if needed else "", told])
        notes.set_column(0, 1, 24)
        notes.set_column(3, 3, 70)
        notes.write(len(rows) + 2, 0, f"{spec.title.of('vi')} – {group.name.of('vi')}")
        sheet.freeze_panes(1, 0)
    return content.getvalue()
