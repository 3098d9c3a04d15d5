"""An empty list for an office to fill in: the headings that a group needs, and what goes below each."""

from __future__ import annotations

from io import BytesIO

import xlsxwriter

from survey.frame_columns import known, required
from survey.wave_spec import Group, WaveSpec

_EXPLAINED = {
    "reference": "Mỗi hồ sơ (vị trí) một số, không trùng lặp.",
    "unit": "Tên hoặc mã cơ quan như trong đợt điều tra.",
    "place": "Tên hoặc mã nơi tiếp nhận; nơi nhận và phát phiếu.",
    "units": "Các cơ quan được đánh giá, cách nhau bằng dấu chấm phẩy.",
    "channel": "Trực tiếp, Trực tuyến hoặc Bưu chính.",
    "level": "Mức độ 1 đến 4, Toàn trình hoặc Một phần.",
    "received": "Ngày/tháng/năm, ví dụ 31/12/2025.",
    "due": "Ngày/tháng/năm.",
    "returned": "Ngày/tháng/năm; để trống nếu chưa trả kết quả.",
    "identity": "Số định danh cá nhân hoặc mã số thuế; dùng để nhận ra một người có nhiều hồ sơ.",
}


def workbook(spec: WaveSpec, group: Group) -> bytes:
    """The template as XLSX: one sheet to fill in, one that explains the columns."""
    content = BytesIO()
    fields, needed = known(group), required(group)
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        heading = book.add_format({"bold": True, "bg_color": "#E2EFEC", "border": 1, "text_wrap": True})
        text = book.add_format({"num_format": "@"})
        sheet, notes = book.add_worksheet("Danh sách"), book.add_worksheet("Hướng dẫn")
        notes.write_row(0, 0, ["Cột", "Mã cột", "Bắt buộc", "Giải thích"], heading)
        for position, (field, headings) in enumerate(fields.items()):
            sheet.write(0, position, headings[0], heading)
            # Text cells: a spreadsheet must not turn 012345 into 12345, nor 01/02 into a date of its own.
            sheet.set_column(position, position, max(14, len(headings[0]) + 2), text)
            told = [headings[0], field, "x" if field in needed else "", _EXPLAINED.get(field, "")]
            notes.write_row(position + 1, 0, told)
        notes.set_column(0, 1, 24)
        notes.set_column(3, 3, 70)
        notes.write(len(fields) + 2, 0, f"{spec.title.of('vi')} – {group.name.of('vi')}")
        sheet.freeze_panes(1, 0)
    return content.getvalue()
