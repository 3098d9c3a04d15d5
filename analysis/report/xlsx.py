"""``index.xlsx``: every table of the report as real numbers with formats, the same bytes for the same pack."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path

import xlsxwriter

from analysis.look import LIGHT
from analysis.report import blocks, cells
from analysis.report.blocks import Column, Items, Pack, Table, Text
from analysis.report.cells import HIDDEN, Cell, Style

CREATED = datetime.datetime(2000, 1, 1)  # fixed: the same bytes every day
FORMATS = {
    Style.POINTS: "#,##0.00",
    Style.COUNT: "#,##0",
    Style.SHARE: "0.0%",
    Style.SIGNED: "+#,##0.00;−#,##0.00;0.00",
    Style.SIGNED_SHARE: "+0.0%;−0.0%;0.0%",
    Style.PLACES: "+0;−0;0",
    Style.ERROR: "0.000",
}
PAIRS = {Style.RANKS: Style.COUNT, Style.INTERVAL: Style.POINTS, Style.SHARES: Style.SHARE}
LONGEST = 31  # letters of the name of a sheet


def write(path: Path, pack: Pack, more: Sequence[Table] = ()) -> None:
    """Write the workbook; ``more`` are tables for it alone."""
    with xlsxwriter.Workbook(str(path), {"nan_inf_to_errors": False}) as book:
        book.set_properties({"created": CREATED, "title": pack.title, "author": "phieu"})
        made = _Book(book)
        made.about(pack)
        for table in (*pack.tables, *more):
            if table.sheet:
                made.table(table)


def pair_columns(table: Table) -> list[tuple[Column, Style | None]]:
    """The columns with a pair taken apart into two: each with the style of its figures, None for texts."""
    made: list[tuple[Column, Style | None]] = []
    for place, column in enumerate(table.columns):
        style = column_style(table, place)
        if style in PAIRS:
            low, high = ("cao nhất", "thấp nhất") if style is Style.RANKS else ("cận dưới", "cận trên")
            made += [(Column(f"{column.heading}, {end}", column.kind), PAIRS[style]) for end in (low, high)]
        else:
            made.append((column, None if style is Style.TEXT else style))
    return made


def column_style(table: Table, place: int) -> Style:
    """How a column's figures are written: as the first of them."""
    styles = (line[place].style for line in table.lines)
    return next((style for style in styles if style is not Style.TEXT), Style.TEXT)


def taken_apart(cell: Cell, style: Style) -> Iterator[Cell]:
    """A cell of a column of that style as the one or two of the workbook."""
    if style not in PAIRS:
        yield cell
        return
    ends = cell.value if isinstance(cell.value, tuple) else (cell.value, cell.value)
    for end in ends:
        yield Cell(end, PAIRS[style])


class _Book:
    """A workbook with the report's formats."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        head = {"bold": True, "bg_color": LIGHT["brand-soft"], "bottom": 1, "text_wrap": True, "valign": "top"}
        self.head = book.add_format(head)
        self.formats = {(style, 0): book.add_format({"num_format": code}) for style, code in FORMATS.items()}
        for level in range(1, 6):
            colours = {"num_format": FORMATS[Style.SHARE], "bg_color": LIGHT[f"heat-{level}"]}
            self.formats[Style.SHARE, level] = book.add_format(colours)
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.strong = book.add_format({"bold": True, "font_color": LIGHT["bad"], "text_wrap": True})

    def table(self, table: Table) -> None:
        """Write one sheet: headings, frozen, then rows; None stays an empty cell."""
        sheet = self.book.add_worksheet(table.sheet[:LONGEST])
        columns = pair_columns(table)
        notes = any(cell.note or cell.sign for line in table.lines for cell in line)
        headings = [column.heading for column, _ in columns] + (["Ghi chú"] if notes else [])
        sheet.write_row(0, 0, headings, self.head)
        sheet.freeze_panes(1, 1 + table.head)
        widths = [max(12, len(heading) // 2) for heading in headings]
        styles = [column_style(table, place) for place in range(len(table.columns))]
        for y, line in enumerate(table.lines, 1):
            x = 0
            for cell, style in zip(line, styles, strict=True):
                for part in taken_apart(cell, style):
                    self._cell(sheet, y, x, part)
                    if isinstance(part.value, str):
                        widths[x] = max(widths[x], len(part.value))
                    x += 1
            said = "; ".join(filter(None, (part for cell in line for part in (cell.sign, cell.note))))
            if said:
                sheet.write_string(y, x, said)
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(headings) - 1)
        for x, width in enumerate(widths):
            sheet.set_column(x, x, min(width + 2, 60))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def _cell(self, sheet: xlsxwriter.worksheet.Worksheet, y: int, x: int, cell: Cell) -> None:
        if isinstance(cell.value, str):
            sheet.write_string(y, x, cell.value)
        elif isinstance(cell.value, int | float):
            sheet.write_number(y, x, cell.value, self.formats[cell.style, cell.tone])

    def about(self, pack: Pack) -> None:
        """The first sheet: what must be known before any number is read."""
        sheet = self.book.add_worksheet("Đọc trước")
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 100)
        for y, (label, text, style) in enumerate(self._told(pack)):
            sheet.write_string(y, 0, label, self.wrap)
            sheet.write_string(y, 1, text, style)

    def _told(self, pack: Pack) -> Iterator[tuple[str, str, xlsxwriter.format.Format]]:
        yield "Báo cáo", pack.title, self.wrap
        yield "Đợt điều tra", pack.about[0], self.wrap
        for said in filter(None, (pack.stamp, *pack.status)):
            yield "Tình trạng", said, self.strong
        for notice in pack.notices:
            yield "Lưu ý", notice, self.strong
        for label, sentence in _sentences(pack):
            yield label, sentence, self.wrap
        yield "Ô ít phiếu", f"Dấu {HIDDEN}: không công bố vì quá ít người trả lời; ô trống: không có.", self.wrap
        yield "Làm tròn", "Số trong bảng chưa làm tròn, trừ chỉ số và thay đổi so với năm trước.", self.wrap
        yield "Bộ dữ liệu (SHA-256)", pack.hash, self.wrap


def _sentences(pack: Pack) -> Iterator[tuple[str, str]]:
    """Conclusions and remarks, each with where it stands."""
    for part in pack.front:
        if isinstance(part, Text):
            yield part.label or "Kết luận", blocks.plain(part.text)
    for section in pack.sections:
        for part in section.blocks:
            if isinstance(part, Text) and not section.appendix:
                yield section.title, blocks.plain(part.text)
            elif isinstance(part, Items):
                yield from ((section.title, blocks.plain(item)) for item in part.items)


def texts(table: Table) -> list[list[str]]:
    """A sheet's figures as they are printed, row by row, for whoever compares."""
    styles = [column_style(table, place) for place in range(len(table.columns))]
    return [
        [
            "" if part.value is None else cells.written(part.value, part.style)
            for cell, style in zip(line, styles, strict=True)
            for part in taken_apart(cell, style)
        ]
        for line in table.lines
    ]
