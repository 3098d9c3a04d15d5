"""The layout of administrative documents (Decree 30/2020/NĐ-CP, appendix I) as an editable .docx.

A4; margins of 20, 20, 30 and 20 mm; Times New Roman, 14 points in the text; motto, number, place and date on the head;
pages numbered in the upper margin from the second. What nobody can know here stands in brackets, to be filled in.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime

from docx import Document
from docx.document import Document as Doc
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import OxmlElement
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

FONT = "Times New Roman"
EPOCH = datetime(2000, 1, 1)
ZIP_DATE = (2000, 1, 1, 0, 0, 0)
BODY = 14
_LINE = 'w:val="single" w:sz="4" w:space="0" w:color="000000"'


def document(title: str, stamp: str, foot: str) -> Doc:
    """An empty document with the decree's page, styles and running heads."""
    made = Document()
    properties = made.core_properties
    properties.title, properties.author, properties.comments, properties.language = title, "phieu", "", "vi-VN"
    properties.created = properties.modified = EPOCH
    _styles(made)
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(20), Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(20)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    _page_number(section.header.paragraphs[0])
    if stamp:
        for head in (section.header, section.first_page_header):
            line = head.add_paragraph() if head is section.header else head.paragraphs[0]
            line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            run(line, stamp, 12, bold=True)
    for end in (section.footer, section.first_page_footer):
        run(end.paragraphs[0], foot, 9)
    return made


def _styles(made: Doc) -> None:
    normal = _style(made, "Normal")
    _font(normal, BODY)
    normal.paragraph_format.space_after = Pt(6)
    normal.paragraph_format.space_before = Pt(0)
    normal.paragraph_format.line_spacing = 1.15
    for level in (1, 2, 3):
        style = _style(made, f"Heading {level}")
        _font(style, BODY, bold=True, italic=level == 3)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(10), Pt(6)
        style.paragraph_format.keep_with_next = True
    _font(_style(made, "List Bullet"), BODY)
    _font(_style(made, "Caption"), 13, bold=True)


def _style(made: Doc, name: str) -> ParagraphStyle:
    style = made.styles[name]
    assert isinstance(style, ParagraphStyle)  # noqa: S101 - the template's own styles
    return style


def _font(style: ParagraphStyle, size: int, *, bold: bool = False, italic: bool = False) -> None:
    style.font.name, style.font.size, style.font.bold, style.font.italic = FONT, Pt(size), bold, italic
    properties = style.element.get_or_add_rPr()
    colour = properties.find(qn("w:color"))
    if colour is not None:
        properties.remove(colour)
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        if "heme" in name:
            del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)


def run(line: Paragraph, text: str, size: float | None = None, *, bold: bool = False, italic: bool = False) -> Run:
    """Add a run of text."""
    made = line.add_run(text)
    made.bold, made.italic = bold or None, italic or None
    if size:
        made.font.size = Pt(size)
    return made


def _page_number(line: Paragraph) -> None:
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run(line, "", 13)._r.append(element)


def head(made: Doc, number: str, place_and_date: str) -> None:
    """The head of a document: who issues it and its number; the country's name, motto, place and date."""
    table = made.add_table(rows=2, cols=2)
    table.autofit = False
    for place, breadth in enumerate((60, 100)):
        table.columns[place].width = Mm(breadth)
        for cell in table.columns[place].cells:
            cell.width = Mm(breadth)
    _centred(table.cell(0, 0).paragraphs[0], "[TÊN CƠ QUAN CHỦ QUẢN]", 12)
    _centred(table.cell(0, 0).add_paragraph(), "[TÊN CƠ QUAN, TỔ CHỨC]", 12, bold=True)
    _rule(table.cell(0, 0).add_paragraph(), 20)
    _centred(table.cell(0, 1).paragraphs[0], "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, bold=True)
    _centred(table.cell(0, 1).add_paragraph(), "Độc lập - Tự do - Hạnh phúc", 13, bold=True)
    _rule(table.cell(0, 1).add_paragraph(), 24)
    _centred(table.cell(1, 0).paragraphs[0], number, 13)
    _centred(table.cell(1, 1).paragraphs[0], place_and_date, 13, italic=True)


def _centred(line: Paragraph, text: str, size: float, *, bold: bool = False, italic: bool = False) -> None:
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    line.paragraph_format.space_after = Pt(0)
    run(line, text, size, bold=bold, italic=italic)


def _rule(line: Paragraph, indent: float) -> None:
    """A short line under what stands above it."""
    form = line.paragraph_format
    form.left_indent = form.right_indent = Mm(indent)
    form.space_after, form.line_spacing = Pt(4), Pt(4)
    line._p.get_or_add_pPr().append(parse_xml(f"<w:pBdr {nsdecls('w')}><w:top {_LINE}/></w:pBdr>"))


def named(made: Doc, kind: str, about: str) -> None:
    """The name of the kind of document and what it is about."""
    line = made.add_paragraph()
    line.paragraph_format.space_before = Pt(12)
    _centred(line, kind, BODY, bold=True)
    line = made.add_paragraph()
    _centred(line, about, BODY, bold=True)
    line.paragraph_format.space_after = Pt(10)


def sentence(made: Doc, runs: Sequence[tuple[str, bool]], *, size: float | None = None, italic: bool = False) -> None:
    """A paragraph of text, justified, its first line set in by 10 mm."""
    line = made.add_paragraph()
    line.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    line.paragraph_format.first_line_indent = Mm(10)
    for text, strong in runs:
        run(line, text, size, bold=strong, italic=italic)


def signature(made: Doc, recipients: Sequence[str], office: str, signer: str) -> None:
    """To whom it goes at the left, who signs at the right."""
    table = made.add_table(rows=1, cols=2)
    left, right = table.cell(0, 0), table.cell(0, 1)
    run(left.paragraphs[0], "Nơi nhận:", 12, bold=True, italic=True)
    left.paragraphs[0].paragraph_format.space_after = Pt(0)
    for recipient in recipients:
        line = left.add_paragraph()
        line.paragraph_format.space_after = Pt(0)
        run(line, recipient, 11)
    _centred(right.paragraphs[0], office, BODY, bold=True)
    for text in ("", "", "", signer):
        _centred(right.add_paragraph(), text, BODY, bold=True)


def new_page(made: Doc) -> None:
    """What follows begins a page."""
    made.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def turn(made: Doc, *, across: bool) -> None:
    """Begin a page that lies across, or stands again."""
    section = made.add_section()
    if across is (section.page_width is not None and section.page_width > Mm(250)):
        return
    section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(297), Mm(210)) if across else (Mm(210), Mm(297))
    section.different_first_page_header_footer = False


def packed(made: Doc) -> bytes:
    """The file, its parts dated alike whenever it is written."""
    raw, target = io.BytesIO(), io.BytesIO()
    made.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            fixed = zipfile.ZipInfo(info.filename, ZIP_DATE)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(fixed, old.read(info))
    return target.getvalue()


def spaced(text: str) -> str:
    """Text that XML can hold: control characters are taken out."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)
