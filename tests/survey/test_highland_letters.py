"""Ê Đê, Gia Rai and M'Nông on paper, in documents and charts: every letter has a font and is read back whole.

(That pages keep them is tested with the respondent's journeys.)
"""

from __future__ import annotations

import unicodedata
from io import BytesIO
from itertools import pairwise

import docx
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from pypdf import PdfReader

from analysis import charts
from analysis.look import FONT
from analysis.report import blocks, decree
from analysis.report import docx as docx_report
from analysis.report.cells import Cell
from forms import questionnaire as questionnaires
from survey.issuing import ExportRow
from survey.paper import slips, typesetting
from survey.paper import twin as paper_twin
from survey.plan import wave_file
from survey.wave import RegisteredWave
from tests.conftest import QUESTIONNAIRE, WAVE

# Letters beyond those of Vietnamese, small and capital; the last ones need a combining mark whatever the form.
LETTERS = {
    "Ê Đê": "a ă â b ƀ č d đ e ĕ ê ê̆ g h i ĭ j k l m n ñ o ŏ ô ô̆ ơ ơ̆ p r s t u ŭ ư ư̆ w y",
    "Gia Rai": "a ă â b ƀ č d đ e ĕ ê ê̆ g h i ĭ j k l m n ñ ng o ŏ ô ô̆ ơ ơ̆ p r s t u ŭ ư ư̆ w y",
    "M'Nông": "a ă â b b̆ ƀ č d đ e ĕ ê ê̆ g h i ĭ j k l m n ñ o ŏ ô ô̆ ơ ơ̆ p r s t u ŭ ư ư̆ w y '",
}
LETTERS |= {f"{name}, capitals": letters.upper() for name, letters in LETTERS.items()}
WORDS = "Čư̆ M'gar Ƀuôn Hŏ Krông Ana Čư̆ Êwi Lăk M'Đrăk Ea H'leo Bu\u00f4n \u0110\u00f4n"


def whole(text: str) -> str:
    """Letters only, each in its one form."""
    return "".join(unicodedata.normalize("NFC", text).split())


def missing(text: str, file: str) -> list[str]:
    """Characters for which a font has no glyph."""
    glyphs = TTFont(file).getBestCmap()
    return sorted({letter for letter in text if not letter.isspace() and ord(letter) not in glyphs})


def undefined(pdf: bytes) -> int:
    """Characters of a PDF that no font of it could print, or that cannot be read back."""
    with pypdfium2.PdfDocument(pdf) as document:
        read = "".join(page.get_textpage().get_text_range() for page in document)
    return sum(letter in "\ufffd\ufffe\x00" for letter in read)


@pytest.fixture(params=LETTERS)
def letters(request: pytest.FixtureRequest) -> str:
    """One alphabet, in composed form where there is one."""
    return unicodedata.normalize("NFC", LETTERS[request.param])


def registered(name: str) -> RegisteredWave:
    spec = wave_file.load(WAVE.replace("Sở A", name).replace("Đợt thử nhỏ", name), "w")
    asked = {"nho.toml": questionnaires.load(QUESTIONNAIRE.replace("Câu một", name), "q")}
    return RegisteredWave(spec, asked, None, b"", "", 0, "open", False, "outside")


def row(wave: RegisteredWave) -> ExportRow:
    return ExportRow(1, "dan", ("so_a",), "quay", "7K3M-9QX2-0001", "https://khaosat.example.vn/P/7K3M9QX20001")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_fonts_have_every_letter(letters: str, form: str) -> None:
    text = unicodedata.normalize(form, letters + WORDS)
    for file in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono-Bold.ttf"):
        assert missing(text, str(typesetting.fonts() / file)) == [], file
    assert missing(text, findfont(FontProperties(family=FONT))) == []


def test_a_slip(letters: str) -> None:
    # Cut to what a slip has room for: names of offices, not alphabets
    for part in (letters[at : at + 40].strip() for at in range(0, len(letters), 40)):
        wave = registered(part)
        made = slips.pdf(wave, [row(wave)])
        assert whole(part) in whole(PdfReader(BytesIO(made)).pages[0].extract_text())
        assert undefined(made) == 0


def test_the_paper_twin(letters: str) -> None:
    wave = registered(f"{letters} {WORDS}")
    made = paper_twin.of_invitations(wave, wave.questionnaires["nho.toml"], [row(wave)])
    with pypdfium2.PdfDocument(made) as document:  # a reader that heeds ActualText, as screen readers do
        text = whole("".join(page.get_textpage().get_text_range() for page in document))
    assert text.count(whole(f"{letters} {WORDS}")) >= 2  # the office's name and the question
    assert undefined(made) == 0


@pytest.mark.parametrize("paper", ["slip", "twin"])
def test_a_second_mark_stands_above_the_first(paper: str) -> None:
    wave = registered("ê̆ ô̆ Ê̆ Ô̆ Ơ̆ Ư̆ b̆")
    made = (
        slips.pdf(wave, [row(wave)])
        if paper == "slip"
        else paper_twin.of_invitations(wave, wave.questionnaires["nho.toml"], [row(wave)])
    )
    with pypdfium2.PdfDocument(made) as document:
        page = document[0].get_textpage()
        text = page.get_text_range()
        letters = [(at, letter) for at, letter in enumerate(text) if not letter.isspace()]
        gaps = [
            page.get_charbox(at)[1] - page.get_charbox(before)[3]
            for (before, _), (at, letter) in pairwise(letters)
            if letter == "\u0306"
        ]
    assert len(gaps) >= 7
    assert min(gaps) > -0.2, gaps  # points: bottom of the breve over the top of its letter


def test_a_chart(letters: str) -> None:
    # A missing glyph is a warning of matplotlib, and warnings are errors here
    chart = charts.bars("bars", [charts.Share(letters, 1, 2)], axis=letters, alternative=letters)
    assert whole(letters) in whole(chart.svg.replace("&#39;", "'").replace("</tspan>", "").replace("<tspan>", ""))


def report_document(letters: str) -> bytes:
    """The report's own way to a document: a heading, a paragraph, a list, a table and a chart."""
    made = decree.document(letters, "", letters)
    decree.named(made, "BÁO CÁO", letters)
    table = blocks.Table("t", letters, (blocks.Column(letters), blocks.Column("n")), ((Cell(letters), Cell(1)),))
    chart = charts.bars("bars", [charts.Share(letters, 1, 2)], axis=letters, alternative=letters)
    parts = [blocks.Heading(letters), blocks.Text((letters,)), blocks.Items(((letters,),)), table]
    docx_report.lay_out(made, [*parts, blocks.Picture(letters, chart)], lambda each: png_of(each.svg))
    return decree.packed(made)


def png_of(svg: str) -> bytes:
    """Any picture: what charts print is looked at above."""
    assert svg
    canvas = BytesIO()
    Figure().savefig(canvas, format="png")
    return canvas.getvalue()


# Whatever makes an editable document stands here, and is held to the same.
DOCUMENTS = {"report": report_document}


@pytest.mark.parametrize("maker", DOCUMENTS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_document_to_edit(letters: str, maker: str, form: str) -> None:
    made = docx.Document(BytesIO(DOCUMENTS[maker](unicodedata.normalize(form, letters))))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    read = whole("".join([*(paragraph.text for paragraph in made.paragraphs), *cells]))
    assert read.count(whole(letters)) >= 6
    assert "\ufffd" not in read
