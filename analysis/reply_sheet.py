"""The sheet on which a unit asks for its points to be looked at again, and on which it is answered."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from analysis import numbers
from analysis.appraised_template import CREATED, PLAIN
from analysis.look import LIGHT
from analysis.rounds import GIVEN, Kept, Round
from analysis.wanted import Wanted

AFTER = "Điểm sau giải trình"
HEADINGS = (
    "Mã", "STT", "Tiêu chí thành phần", "Điểm tối đa", "Điểm tự chấm", "Điểm thẩm định", "Điểm đề nghị", "Lý do",
    "Tài liệu kiểm chứng", AFTER,
)  # fmt: skip
_WIDTHS = (26, 8, 60, 10, 10, 10, 10, 40, 40, 12)


def write(kept: Kept, table: Wanted, unit: str, path: Path, closes: str = "") -> None:
    """Write the sheet of one unit: what stands now, room for what it asks and why, and for the answer.

    Only the white cells can be typed into; what it asks for cannot be above the maximum.
    """
    with xlsxwriter.Workbook(str(path), PLAIN) as book:
        book.set_properties({"created": CREATED, "title": "Phiếu đề nghị rà soát điểm", "author": "phieu"})
        sheet = book.add_worksheet("Giải trình")
        bold = book.add_format({"bold": True})
        head = book.add_format({"bold": True, "bg_color": LIGHT["brand-soft"], "bottom": 1, "text_wrap": True})
        shut = book.add_format({"bg_color": LIGHT["line"], "text_wrap": True, "num_format": "0.00"})
        open_cell = book.add_format({"locked": False, "text_wrap": True, "border": 1, "border_color": LIGHT["line"]})
        sheet.write(0, 0, "PHIẾU ĐỀ NGHỊ RÀ SOÁT ĐIỂM THẨM ĐỊNH", bold)
        sheet.write(1, 0, f"Đơn vị: {table.units[unit].name}")
        sheet.write(2, 0, f"Hạn gửi: {closes}" if closes else "Ghi điểm đề nghị, lý do và tài liệu ở các ô trắng.")
        sheet.write_row(3, 0, HEADINGS, head)
        given, own = kept.cells(*GIVEN), kept.cells(Round.SELF)
        for y, (sub, most) in enumerate(table.maxima[unit].items(), 4):
            stands = [own.get((unit, sub)), given.get((unit, sub))]
            sheet.write_row(y, 0, [sub, y - 3, table.names[sub], most, *stands], shut)
            for x in range(6, len(HEADINGS)):
                sheet.write_blank(y, x, None, open_cell)
            rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": most}
            told = {"error_title": "Điểm không hợp lệ", "error_message": f"Nhập số từ 0 đến {numbers.number(most)}"}
            for x in (6, len(HEADINGS) - 1):
                sheet.data_validation(y, x, y, x, rule | told)
        for x, width in enumerate(_WIDTHS):
            sheet.set_column(x, x, width)
        sheet.freeze_panes(4, 3)
        sheet.protect("", {"format_columns": True, "format_rows": True})
