"""``bao-cao.docx``: the report as an administrative document that can be attached to a decision and edited."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from docx.document import Document as Doc
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm, Pt

from analysis import numbers
from analysis.canvas import Chart
from analysis.look import LIGHT
from analysis.report import decree
from analysis.report.blocks import Block, Heading, Items, Kind, Legend, Pack, Picture, Role, Table, Terms, Text, runs
from analysis.report.cells import Cell
from analysis.report.html import footer

UPRIGHT, ACROSS = 160.0, 247.0  # mm between the margins
NUMBER, DATE = "Số: …/BC-…", "[Địa danh], ngày … tháng … năm …"


def report(pack: Pack, png: Callable[[Chart], bytes]) -> bytes:
    """The whole report; ``png`` draws a chart."""
    made = decree.document(pack.title, pack.stamp, footer(pack))
    decree.head(made, NUMBER, DATE)
    decree.named(made, "BÁO CÁO", pack.title)
    for part in pack.about:
        decree.sentence(made, [(part[:1].upper() + part[1:], False)], italic=True)
    for said in (*pack.status, *pack.notices):
        decree.sentence(made, [(said, False)], italic=True)
    chapters = [("Tóm tắt", pack.front), *((each.title, each.blocks) for each in pack.sections if not each.appendix)]
    for number, (title, blocks) in enumerate(chapters, 1):
        made.add_heading(f"{_roman(number)}. {title}", 1)
        lay_out(made, blocks, png)
    decree.signature(made, ["- Như trên;", "- Lưu: VT, …"], "[CHỨC VỤ CỦA NGƯỜI KÝ]", "[Họ và tên]")
    for number, section in enumerate((each for each in pack.sections if each.appendix), 1):
        decree.new_page(made)
        made.add_heading(f"Phụ lục {_roman(number)}. {section.title}", 1)
        lay_out(made, section.blocks, png)
    decree.sentence(made, [(f"Bộ dữ liệu (SHA-256): {pack.hash}", False)], size=11)
    return decree.packed(made)


def _roman(number: int) -> str:
    ones, tens = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"), ("", "X", "XX", "XXX")
    return tens[number // 10] + ones[number % 10]


def lay_out(made: Doc, blocks: Sequence[Block], png: Callable[[Chart], bytes]) -> None:
    """Blocks one after the other."""
    for block in blocks:
        match block:
            case Heading(text, level):
                made.add_heading(text, level - 1)
            case Picture(caption, wide, _):
                _picture(made, caption, png(wide), wide.alternative)
            case Table():
                _captioned(made, block)
            case Items():
                _items(made, block)
            case Terms():
                _terms(made, block)
            case Text():
                _paragraph(made, block)
            case Legend(texts):
                decree.sentence(made, [(f"Màu từ nhạt nhất: {'; '.join(texts)}.", False)], size=12, italic=True)


def _paragraph(made: Doc, block: Text) -> None:
    told = [(f"{block.label}: ", True)] if block.label else []
    small = block.role is Role.QUIET
    decree.sentence(made, [*told, *runs(block.text)], size=12 if small else None, italic=small)


def _items(made: Doc, block: Items) -> None:
    for item in block.items:
        line = made.add_paragraph(style="List Bullet")
        for text, strong in runs(item):
            decree.run(line, text, bold=strong)


def _terms(made: Doc, block: Terms) -> None:
    for term, texts in block.terms:
        for text in texts:
            decree.sentence(made, [(f"{term}: ", True), *runs(text)], size=11 if block.code else None)


def _picture(made: Doc, caption: str, image: bytes, alternative: str) -> None:
    line = made.add_paragraph()
    line.add_run().add_picture(io.BytesIO(image), width=Mm(UPRIGHT))
    for properties in line._p.iter("{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"):
        properties.set("descr", alternative)
    made.add_paragraph(caption, style="Caption")


def _captioned(made: Doc, table: Table) -> None:
    if table.wide:
        decree.turn(made, across=True)
    made.add_paragraph(table.caption, style="Caption").paragraph_format.keep_with_next = True
    add_table(made, table, ACROSS if table.wide else UPRIGHT)
    if table.wide:
        decree.turn(made, across=False)


def add_table(made: Doc, table: Table, breadth: float) -> None:
    """A bordered table whose heading is repeated on every page; written as XML at once, cell by cell being slow."""
    widths = _widths(table, breadth)
    many = len(table.columns) > 7
    size = 9 if many else 11
    grid = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in widths)
    heads = [(column.heading + (f" ({column.note})" if column.note else "")) for column in table.columns]
    rows = [_row([_text(head, size, bold=True) for head in heads], widths, ["center"] * len(heads), head=True)]
    sides = ["left" if column.kind in (Kind.TEXT, Kind.CODE) else "right" for column in table.columns]
    for row in table.rows:
        rows.append(_row([_cell(cell, size) for cell in row], widths, sides, tones=[cell.tone for cell in row]))
    if table.foot:
        rows.append(_row([_text(cell.plain, size, bold=True) for cell in table.foot], widths, sides))
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="808080"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    xml = (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{_twips(sum(widths))}" w:type="dxa"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    made.element.body.insert(len(made.element.body) - 1, parse_xml(xml))
    made.add_paragraph().paragraph_format.space_after = Pt(2)


def _widths(table: Table, breadth: float) -> list[float]:
    """Millimetres of each column: figures get what they need, texts share what is left by their length."""
    letter = 2.1 if len(table.columns) > 7 else 2.6
    needed, longest = [], []
    for place, column in enumerate(table.columns):
        told = [line[place].plain for line in table.lines]
        words = [word for text in (column.heading, *told) for word in text.replace(numbers.DASH, " ").split()]
        text = column.kind in (Kind.TEXT, Kind.CODE)
        needed.append(3.5 + letter * min(max(map(len, words), default=4), 12 if text else 20))
        longest.append(min(max(map(len, told), default=4), 60) if text else 0)
    spare = max(0.0, breadth - sum(needed))
    if not sum(longest):
        longest = [1] * len(needed)
    wanted = [least + spare * long / sum(longest) for least, long in zip(needed, longest, strict=True)]
    return [breadth * each / sum(wanted) for each in wanted]


def _twips(millimetres: float) -> int:
    return round(millimetres * 1440 / 25.4)


def _cell(cell: Cell, size: int) -> str:
    sign = f'<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>{escape(cell.sign)}</w:t></w:r>'
    note = f"<w:r><w:br/></w:r>{_text(cell.note, size - 1)}" if cell.note else ""
    return _text(cell.text, size) + (sign if cell.sign else "") + note


def _text(text: str, size: int, *, bold: bool = False) -> str:
    look = f'<w:rPr>{"<w:b/>" if bold else ""}<w:sz w:val="{size * 2}"/><w:szCs w:val="{size * 2}"/></w:rPr>'
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(decree.spaced(text))}</w:t></w:r>'


def _row(
    cells: Sequence[str],
    widths: Sequence[float],
    sides: Sequence[str],
    *,
    head: bool = False,
    tones: Sequence[int] = (),
) -> str:
    made = []
    for place, (content, width, side) in enumerate(zip(cells, widths, sides, strict=True)):
        tone = LIGHT[f"heat-{tones[place]}"].lstrip("#") if tones and tones[place] else ""
        fill = LIGHT["brand-soft"].lstrip("#") if head else tone
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
        made.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/>{shade}<w:vAlign w:val="center"/></w:tcPr>'
            f'<w:p><w:pPr><w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/><w:jc w:val="{side}"/>'
            f"</w:pPr>{content}</w:p></w:tc>"
        )
    keep = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" if head else "<w:trPr><w:cantSplit/></w:trPr>"
    return f"<w:tr>{keep}{''.join(made)}</w:tr>"
