"""The empty workbook in the offices' own layout: a sheet a unit, domains, criteria and subcriteria as rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlsxwriter

from analysis import numbers
from analysis.appraised_template import CREATED, PLAIN
from analysis.look import LIGHT
from analysis.office.whose import SHEET_NAME
from analysis.wanted import Unit, Wanted
from forms.framework import Kind

HEADINGS = ("STT", "Lĩnh vực, tiêu chí, tiêu chí thành phần", "Điểm tối đa", "Điểm tự chấm", "Điểm thẩm định",
            "Tài liệu kiểm chứng")  # fmt: skip
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
_FORBIDDEN = str.maketrans("", "", "[]:*?/\\")


def write(table: Wanted, path: Path) -> None:
    """Write a sheet for each unit; what the survey scores or does not apply is grey and stays empty."""
    with xlsxwriter.Workbook(str(path), PLAIN) as book:
        book.set_properties({"created": CREATED, "title": "Bảng chấm điểm", "author": "phieu"})
        formats = {
            "head": book.add_format({"bold": True, "bg_color": LIGHT["brand-soft"], "bottom": 1, "text_wrap": True}),
            "bold": book.add_format({"bold": True, "text_wrap": True, "num_format": "0.00"}),
            "plain": book.add_format({"text_wrap": True, "num_format": "0.00"}),
            "shut": book.add_format({"bg_color": LIGHT["line"]}),
        }
        names: set[str] = set()
        for unit in table.units.values():
            _sheet(book, table, unit, _name(unit.name, names), formats)


def _name(name: str, taken: set[str]) -> str:
    """The unit's name as a spreadsheet allows it, told apart by a number where cutting makes two alike."""
    plain = name.translate(_FORBIDDEN).strip("'")
    short, number = plain[:SHEET_NAME], 2
    while short.casefold() in taken:
        end = f" ({number})"
        short, number = plain[: SHEET_NAME - len(end)] + end, number + 1
    taken.add(short.casefold())
    return short


def _sheet(book: xlsxwriter.Workbook, table: Wanted, unit: Unit, name: str, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(name)
    sheet.write(0, 0, "BẢNG CHẤM ĐIỂM", formats["bold"])
    sheet.write(1, 0, f"Đơn vị: {unit.name}")
    sheet.write_row(2, 0, HEADINGS, formats["head"])
    for y, (number, words, most, sub) in enumerate(_rows(table.kinds[unit.kind]), 3):
        style = formats["plain" if sub else "bold"]
        applies = table.maxima[unit.id].get(sub)
        sheet.write_row(y, 0, [number, words, most if applies is None else applies], style)
        for x in (3, 4):
            if applies is None:
                sheet.write_blank(y, x, None, formats["shut"])
                continue
            told = f"Nhập số từ 0 đến {numbers.number(applies)}"
            rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": applies}
            sheet.data_validation(y, x, y, x, {**rule, "error_title": "Điểm không hợp lệ", "error_message": told})
    for x, width in enumerate((8, 70, 10, 12, 12, 50)):
        sheet.set_column(x, x, width)
    sheet.freeze_panes(3, 2)


def _rows(kind: Kind) -> Iterator[tuple[str, str, float, str]]:
    """Number, name, maximum, and the subcriterion's id or ''."""
    for d, domain in enumerate(kind.domains, 1):
        yield _roman(d), domain.name.of("vi"), domain.points, ""
        for c, criterion in enumerate(domain.criteria, 1):
            yield f"{d}.{c}", criterion.name.of("vi"), criterion.points, ""
            for s, sub in enumerate(criterion.subcriteria, 1):
                yield f"{d}.{c}.{s}", sub.name.of("vi"), sub.points, sub.id


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        while number >= value:
            text, number = text + letters, number - value
    return text
