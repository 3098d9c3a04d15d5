"""The empty table of appraised points, made so that most mistakes cannot be typed."""

from __future__ import annotations

import datetime
from pathlib import Path

import xlsxwriter

from analysis import numbers
from analysis.appraised import Appraised, Unit, Wanted, columns
from analysis.look import LIGHT
from forms.names import NameFault, match

CREATED = datetime.datetime(2000, 1, 1)  # fixed: the same bytes every day
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False}  # a name that begins with = is a name


def write(table: Wanted, path: Path, *, filled: Appraised | None = None, notice: str | None = None) -> None:
    """Write one row a unit and one column an appraised subcriterion; grey cells do not apply and stay empty.

    Headings carry the Vietnamese name and the maximum as a comment; a second sheet lists them. ``filled`` puts points
    in; ``notice`` stands above the table (“SỐ LIỆU MINH HỌA”).
    """
    with xlsxwriter.Workbook(str(path), PLAIN) as book:
        book.set_properties({"created": CREATED, "title": "Điểm thẩm định", "author": "phieu"})
        _points(book, table, filled, notice)
        _criteria(book, table)


def _points(book: xlsxwriter.Workbook, table: Wanted, filled: Appraised | None, notice: str | None) -> None:
    sheet = book.add_worksheet("Điểm thẩm định")
    head = book.add_format({"bold": True, "bg_color": LIGHT["brand-soft"], "bottom": 1, "text_wrap": True})
    open_cell = book.add_format({"num_format": "0.00", "border": 1, "border_color": LIGHT["line"]})
    shut = book.add_format({"bg_color": LIGHT["line"]})
    top = 0
    if notice:
        sheet.write(0, 0, notice, book.add_format({"bold": True, "font_color": LIGHT["bad"]}))
        top = 1
    sheet.write(top, 0, "unit", head)
    sheet.write_comment(top, 0, "Tên cơ quan, đơn vị được đánh giá (hoặc mã)", {"x_scale": 2})
    listed = list(columns(table))
    for x, (sub, name, maximum) in enumerate(listed, 1):
        sheet.write(top, x, sub, head)
        sheet.write_comment(top, x, f"{name}\nĐiểm tối đa: {numbers.number(maximum)}", {"x_scale": 2})
    for y, unit in enumerate(table.units.values(), top + 1):
        sheet.write(y, 0, _spelling(unit, table))
        given = filled.points.get(unit.id, {}) if filled else {}
        for x, (sub, _, _) in enumerate(listed, 1):
            maximum = table.maxima[unit.id].get(sub, 0.0)
            if sub not in table.maxima[unit.id]:
                sheet.write_blank(y, x, None, shut)
                continue
            sheet.write(y, x, given.get(sub), open_cell)
            told = f"Nhập số từ 0 đến {numbers.number(maximum)}"
            rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": maximum}
            sheet.data_validation(y, x, y, x, {**rule, "error_title": "Điểm không hợp lệ", "error_message": told})
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, len(listed), 14)
    sheet.freeze_panes(top + 1, 1)


def _spelling(unit: Unit, table: Wanted) -> str:
    """The unit's name if it is enough to find the unit again, else its id."""
    try:
        found = match(unit.name, {other.id: other.name for other in table.units.values()})
    except NameFault:
        return unit.id
    return unit.name if found == unit.id else unit.id


def _criteria(book: xlsxwriter.Workbook, table: Wanted) -> None:
    sheet = book.add_worksheet("Tiêu chí")
    head = book.add_format({"bold": True, "bg_color": LIGHT["brand-soft"], "bottom": 1})
    points = book.add_format({"num_format": "0.00"})
    kinds = sorted({unit.kind for unit in table.units.values()})
    sheet.write_row(0, 0, ["Mã tiêu chí thành phần", "Tên", *(f"Điểm tối đa ({kind})" for kind in kinds)], head)
    for y, (sub, name, _) in enumerate(columns(table), 1):
        sheet.write_row(y, 0, [sub, name])
        for x, kind in enumerate(kinds, 2):
            highest = [table.maxima[unit.id].get(sub) for unit in table.units.values() if unit.kind == kind]
            sheet.write(y, x, max((value for value in highest if value is not None), default=None), points)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 80)
    sheet.set_column(2, 1 + len(kinds), 22)
