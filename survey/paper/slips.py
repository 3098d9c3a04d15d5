"""QR slips: eight on a page of A4, to be cut and handed over; no name, no number of a dossier, nothing of a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from survey.issuing import ExportRow
from survey.paper import marks as paper_marks
from survey.paper import qr, stacking, typesetting
from survey.wave import RegisteredWave

rl_config.useA85 = 0  # pages as they are compressed: a fifth smaller, and nothing to recode

COLUMNS, ROWS = 2, 4
QR_SIDE = 26 * mm  # printed modules, without the quiet zone
STAMP = (25 * mm, 14.4 * mm)
_WIDTH, _HEIGHT = A4[0] / COLUMNS, A4[1] / ROWS
_LEFT = 6 * mm
_TEXT_LEFT = 41 * mm
_NARROW = _WIDTH - 2 * _LEFT - STAMP[0] - 2 * mm  # beside the stamp
_INK, _SOFT, _BRAND, _LINE = (0.106, 0.145, 0.133), (0.29, 0.34, 0.325), (0.039, 0.353, 0.333), (0.72, 0.71, 0.68)
_FONTS = {"Slip": "DejaVuSans.ttf", "SlipBold": "DejaVuSans-Bold.ttf", "SlipMono": "DejaVuSansMono-Bold.ttf"}


@dataclass(frozen=True, slots=True)
class _Words:
    """What every slip of a file says alike."""

    issuer: str
    title: str
    where: str
    closes: str
    hotline: str
    marks: tuple[str, ...]


def pdf(wave: RegisteredWave, rows: Sequence[ExportRow]) -> bytes:
    """The slips as PDF, by place, group and serial; every place begins a page of its own, to be handed over whole.

    The same invitations give the same bytes.
    """
    _register_fonts()
    content = BytesIO()
    canvas = Canvas(content, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle(f"{wave.spec.title.of('vi')} – phiếu có mã QR")
    canvas.setAuthor(wave.spec.authority.name.of("vi") if wave.spec.authority else "")
    canvas.setSubject("; ".join(paper_marks.marks(wave)))
    version = _version(rows)
    order = sorted(rows, key=lambda row: (row.place, row.group, row.serial))
    for page in _pages(order):
        for position, row in enumerate(page):
            canvas.saveState()
            canvas.translate(position % COLUMNS * _WIDTH, A4[1] - (position // COLUMNS + 1) * _HEIGHT)
            _Slip(canvas, wave, _words(wave, row)).draw(row, version)
            canvas.restoreState()
        _cut_marks(canvas)
        canvas.showPage()
    canvas.save()
    return content.getvalue()


def single(wave: RegisteredWave, row: ExportRow) -> bytes:
    """One slip on a sheet of its own size, for the printer at a counter."""
    _register_fonts()
    content = BytesIO()
    canvas = Canvas(content, pagesize=(_WIDTH, _HEIGHT), pageCompression=1, invariant=1)
    canvas.setTitle(f"{wave.spec.title.of('vi')} – phiếu có mã QR")
    _Slip(canvas, wave, _words(wave, row)).draw(row, _version([row]))
    canvas.showPage()
    canvas.save()
    return content.getvalue()


def qr_text(url: str) -> str:
    """The link as the QR code holds it: scheme and host in capitals, which mean the same and need fewer modules."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".upper() + parts.path


def _pages(rows: Iterable[ExportRow]) -> Iterator[list[ExportRow]]:
    for _, of_place in groupby(rows, key=lambda row: row.place):
        page: list[ExportRow] = []
        for row in of_place:
            page.append(row)
            if len(page) == COLUMNS * ROWS:
                yield page
                page = []
        if page:
            yield page


def _register_fonts() -> None:
    """DejaVu Sans has every Vietnamese letter and comes with matplotlib, which is not imported for it."""
    if set(_FONTS) <= set(pdfmetrics.getRegisteredFontNames()):
        return
    folder = typesetting.fonts()
    for name, file in _FONTS.items():
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))


def _version(rows: Sequence[ExportRow]) -> int:
    """The smallest QR version that holds every link; one for all, so that all slips look alike."""
    return qr.version(max((qr_text(row.url) for row in rows), key=len, default=""))


def _words(wave: RegisteredWave, row: ExportRow) -> _Words:
    spec = wave.spec
    where = row.url.rpartition("/P/")[0].partition("://")[2] + "/"
    hotline = f"Hỏi đáp: {spec.hotline}" if spec.hotline else ""
    return _Words(
        paper_marks.issuer(wave),
        spec.title.of("vi"),
        where,
        f"{spec.closes:%d/%m/%Y}",
        hotline,
        paper_marks.marks(wave),
    )


class _Slip:
    """One slip, drawn from its lower left corner."""

    def __init__(self, canvas: Canvas, wave: RegisteredWave, words: _Words) -> None:
        self.canvas: Any = canvas
        self.wave, self.words = wave, words

    def draw(self, row: ExportRow, version: int) -> None:
        """Head, QR code, office, code, how to answer, foot; a long foot moves what stands above it."""
        words, top = self.words, _HEIGHT - 6.2 * mm
        room = _WIDTH - 2 * _LEFT - self.marks(top)
        below = self.lines(words.issuer, _LEFT, top, "Slip", 6.2, _SOFT, room, most=3)
        head = min(top, below + 1.28 * 6.2) - 5 * mm
        y = self.lines(words.title, _LEFT, head, "SlipBold", 9, _BRAND, _WIDTH - 2 * _LEFT, most=2)
        self.canvas.setStrokeColorRGB(*_BRAND)
        self.canvas.setLineWidth(0.6)
        self.canvas.line(_LEFT, y + 1.4 * mm, _WIDTH - _LEFT, y + 1.4 * mm)
        self.qr(row, version, y - 1 * mm)
        foot = wrapped(self.foot(row), "Slip", 6.2, _NARROW, 2)
        how = wrapped(self.how(), "Slip", 6.5, _NARROW, 4)
        first_of_foot = 2.8 * mm + 1.28 * 6.2 * (len(foot) - 1)
        first = max(13.4 * mm, first_of_foot + 3.6 * mm + 1.28 * 6.5 * (len(how) - 1))
        self.office_and_code(row, y - 2.6 * mm, max(0.0, first - 14.6 * mm))
        self.lines(self.how(), _LEFT, first, "Slip", 6.5, _INK, _NARROW, most=4)
        self.stamp()
        self.lines(self.foot(row), _LEFT, first_of_foot, "Slip", 6.2, _SOFT, _NARROW, most=2)

    def qr(self, row: ExportRow, version: int, top: float) -> None:
        """The code's modules, rows of neighbours joined, with four modules of quiet all around."""
        modules = qr.modules(qr_text(row.url), version)
        side = len(modules)
        scale = QR_SIDE / side
        self.canvas.saveState()
        self.canvas.translate(_LEFT - 2 * mm + qr.QUIET * scale, top - qr.QUIET * scale - QR_SIDE)
        self.canvas.scale(scale, scale)
        self.canvas.setFillColorRGB(0, 0, 0)
        # Whole modules need no formatting of decimals, which would cost more than all the rest.
        rectangles = [
            f"{start} {side - 1 - number} {length} 1 re"
            for number, line in enumerate(modules)
            for start, length in qr.runs(line)
        ]
        self.canvas.addLiteral("\n".join([*rectangles, "f"]))
        self.canvas.restoreState()

    def office_and_code(self, row: ExportRow, y: float, up: float) -> None:
        """Who is assessed, the code to type where no camera is at hand, and whom to ask; these ``up`` by so much."""
        width = _WIDTH - _TEXT_LEFT - _LEFT
        names = [self.wave.spec.unit(unit).name.of("vi") for unit in row.units]
        label = "Cơ quan được đánh giá" if len(names) == 1 else f"{len(names)} cơ quan được đánh giá"
        y = self.lines(label, _TEXT_LEFT, y, "Slip", 6.5, _SOFT, width, most=1)
        size, most = (9.5, 4) if len(names) == 1 else (7, 5)
        y = self.lines("; ".join(names), _TEXT_LEFT, y - 0.8 * mm, "SlipBold", size, _INK, width, most=most)
        self.lines("Mã trả lời", _TEXT_LEFT, 27.4 * mm + up, "Slip", 6.5, _SOFT, width, most=1)
        self.lines(row.code, _TEXT_LEFT, 22.4 * mm + up, "SlipMono", 13.5, _INK, width, most=1)
        self.lines(self.words.hotline, _TEXT_LEFT, 18.2 * mm + up, "Slip", 7, _INK, width, most=1)

    def how(self) -> str:
        """How to answer, and until when."""
        return (
            f"Quét mã QR bằng máy ảnh điện thoại, hoặc mở {self.words.where} và nhập mã trả lời. "
            f"Mỗi mã chỉ trả lời được một lần. Hạn trả lời: hết ngày {self.words.closes}."
        )

    def stamp(self) -> None:
        """A blank corner for the issuing body's stamp."""
        width, height = STAMP
        left, bottom = _WIDTH - _LEFT - width, 2.2 * mm
        self.canvas.saveState()
        self.canvas.setStrokeColorRGB(*_LINE)
        self.canvas.setLineWidth(0.4)
        self.canvas.setDash(2, 2)
        self.canvas.rect(left, bottom, width, height)
        self.canvas.restoreState()
        self.lines("Đóng dấu", left + 1 * mm, bottom + height - 2.6 * mm, "Slip", 5, _SOFT, width, most=1)

    def marks(self, y: float) -> float:
        """In a box at the right: what this slip is not yet. Returns the room it took."""
        marks = " · ".join(self.words.marks)
        if not marks:
            return 0.0
        width = float(pdfmetrics.stringWidth(marks, "SlipBold", 7))
        left = _WIDTH - _LEFT - width - 2.4 * mm
        self.canvas.setStrokeColorRGB(*_INK)
        self.canvas.setLineWidth(0.7)
        self.canvas.rect(left, y - 1.2 * mm, width + 2.4 * mm, 4.4 * mm)
        self.lines(marks, left + 1.2 * mm, y, "SlipBold", 7, _INK, width + 1, most=1)
        return width + 4 * float(mm)

    def foot(self, row: ExportRow) -> str:
        """The slip's number, its group and place, for the hand-over."""
        spec = self.wave.spec
        names = {unit.id: unit.name.of("vi") for unit in spec.units} | {at.id: at.name.of("vi") for at in spec.places}
        told = (f"Số phiếu {row.serial}", spec.group(row.group).name.of("vi"), names.get(row.place, ""))
        return " · ".join(part for part in told if part)

    def lines(
        self, text: str, x: float, y: float, font: str, size: float, colour: tuple[float, float, float],
        width: float, *, most: int,
    ) -> float:  # fmt: skip
        """Write ``text`` within ``width`` on at most so many lines, the last one cut; return where a next would be."""
        self.canvas.setFillColorRGB(*colour)
        self.canvas.setFont(font, size)
        for line in wrapped(text, font, size, width, most):
            stacking.write(self.canvas, x, y, line, font, size)
            y -= 1.28 * size
        return y


@lru_cache(maxsize=4096)
def wrapped(text: str, font: str, size: float, width: float, most: int) -> tuple[str, ...]:
    """Break between words; what does not fit on the last line ends in an ellipsis."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or pdfmetrics.stringWidth(longer, font, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    cut = lines[:most]
    if len(lines) > most:
        cut[-1] += "…"
    return tuple(_shortened(line, font, size, width) for line in cut)


def _shortened(line: str, font: str, size: float, width: float) -> str:
    """A line that fits; one that did not, for a word may be wider than any line, ends in an ellipsis."""
    while pdfmetrics.stringWidth(line, font, size) > width and len(line) > 1:
        line = line.rstrip("…")[:-1].rstrip(" ;,") + "…"
    return line


def _cut_marks(canvas: Any) -> None:
    """Dotted lines between slips, with a tick at each edge of the sheet."""
    canvas.saveState()
    canvas.setStrokeColorRGB(*_LINE)
    canvas.setLineWidth(0.3)
    canvas.setDash(1, 3)
    for column in range(1, COLUMNS):
        canvas.line(column * _WIDTH, 0, column * _WIDTH, A4[1])
    for row in range(1, ROWS):
        canvas.line(0, row * _HEIGHT, A4[0], row * _HEIGHT)
    canvas.setDash()
    canvas.setStrokeColorRGB(*_SOFT)
    tick = 3 * mm
    for column in range(1, COLUMNS):
        canvas.line(column * _WIDTH, 0, column * _WIDTH, tick)
        canvas.line(column * _WIDTH, A4[1] - tick, column * _WIDTH, A4[1])
    for row in range(1, ROWS):
        canvas.line(0, row * _HEIGHT, tick, row * _HEIGHT)
        canvas.line(A4[0] - tick, row * _HEIGHT, A4[0], row * _HEIGHT)
    canvas.restoreState()
