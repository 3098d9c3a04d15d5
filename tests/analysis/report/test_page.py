"""index.html: says first what may be concluded, hides what must be hidden, needs nothing from outside."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from analysis.notes import NoteKind, note
from analysis.report import content, data, figures, html, noted, view, wording
from analysis.report.content import Material, Source, kinds
from analysis.report.html import DOWNLOADS
from analysis.result import IndexResult, Mark, Quality, Verdict
from forms.framework import Framework

pytestmark = pytest.mark.usefixtures("drawn_once")  # none of it judges a chart

SOURCES = [("Điểm thẩm định", Source("diem.xlsx", "ee" * 32))]


def page_of(result: IndexResult, rules: Framework, manifest: dict[str, Any], sources: Any = ()) -> str:
    return html.page(content.pack(Material(result, rules, manifest, tuple(sources))))


class Page(HTMLParser):
    """Texts of a page, its ids, links and what it would fetch."""

    VOID = frozenset({"meta", "circle", "path", "use", "br", "rect"})

    def __init__(self, source: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.stack: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag == "a":
            self.links.append(values.get("href") or "")
        if tag in {"link", "img", "iframe", "object"} or "src" in values or "style" in values:
            self.fetched.append(tag)
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.stack.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_data(self, text: str) -> None:
        if not {"style", "script"} & set(self.stack):
            self.texts.append(text)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.texts))


@pytest.fixture(scope="session")
def source(result: IndexResult, rules: Framework, manifest: dict[str, Any]) -> str:
    return page_of(result, rules, manifest, SOURCES)


@pytest.fixture(scope="session")
def page(source: str) -> Page:
    return Page(source)


def test_the_page_is_whole_and_fetches_nothing(source: str, page: Page) -> None:
    assert page.stack == []
    assert len(page.ids) == len(set(page.ids))
    assert page.fetched == []
    assert "http" not in source
    units = {
        f"don-vi/{kind}_{number}.html"
        for kind, size in (("department", 18), ("commune", 102))
        for number in range(size)
    }
    assert {link for link in page.links if not link.startswith("#")} == units | {name for name, _ in DOWNLOADS}
    assert all(link[1:] in page.ids for link in page.links if link.startswith("#"))
    assert sum(link.startswith("#") for link in page.links) == 8


def test_the_first_sentence_says_what_may_be_concluded(source: str, result: IndexResult, rules: Framework) -> None:
    leads = re.findall(r'<p class="lead">(.*?)</p>', source, re.DOTALL)
    kinds = view.kind_views(result, rules)
    assert source.index('class="lead"') < source.index("<table")
    for lead, kind in zip(leads, kinds, strict=True):
        assert lead.endswith(wording.joined(kind.lead))
    departments = re.sub("<.*?>", "", leads[0])
    assert "đều có thể đứng thứ nhất: số liệu chưa phân biệt được cơ quan nào" in departments
    assert re.search(r"Trong 153 cặp cơ quan, \d+ cặp \(\d+%\) khác nhau rõ rệt", departments)


def test_simulated_and_illustrative_figures_say_so(page: Page) -> None:
    assert "số liệu mô phỏng" in page.text
    assert wording.SIMULATED in page.text
    assert wording.ILLUSTRATIVE in page.text
    assert wording.INTERIM not in page.text


def test_real_figures_do_not_say_that_they_are_simulated(
    another: Callable[..., IndexResult], rules: Framework, manifest: dict[str, Any]
) -> None:
    real = another(6, simulated=False, interim=True)
    text = Page(page_of(real, rules, {**manifest, "pilot": True})).text
    assert wording.SIMULATED not in text and "số liệu mô phỏng" not in text
    assert wording.INTERIM in text and wording.PILOT in text


def test_every_ranked_unit_has_its_row(source: str, result: IndexResult) -> None:
    rows = re.findall(r'<tr><td class="rank">\d+</td>\s*<th scope="row" class="name">', source)
    assert len(rows) == 2 * (18 + 101)  # page one and the ranking with its intervals
    first = result.kinds[0].units[0]
    ranking = source[source.index('id="xep-hang-department"') :]
    row = ranking[ranking.index('<td class="rank">1<') : ranking.index('<td class="rank">2<')]
    assert f'<td class="figure">{str(first.published).replace(".", ",")}' in row
    assert ">1–3<" in row
    assert re.search(r'aria-label="\d\d,\d\d đến \d\d,\d\d"', row)


def test_the_parts_of_a_long_chart_share_one_scale(result: IndexResult, rules: Framework) -> None:
    communes = view.kind_views(result, rules)[1]
    parts = figures.index_charts(communes)
    assert len(parts) == 3
    ticks = [re.findall(r">(\d\d)</text>", chart.inline) for chart in parts]
    assert ticks[0] == ticks[1] == ticks[2] != []


def test_units_without_a_rank_are_listed_with_the_reason(page: Page) -> None:
    assert "Xã số 102: chưa đủ phiếu hợp lệ để xếp hạng." in page.text
    assert "không tính chỉ số và không xếp hạng: Thuế tỉnh." in page.text


def test_the_change_on_last_year_carries_its_verdict(page: Page) -> None:
    for verdict in view.VERDICTS.values():
        assert verdict in page.text
    assert "So với năm trước, " in page.text


def test_one_verdict_for_all_is_said_once(small: IndexResult, rules: Framework, manifest: dict[str, Any]) -> None:
    kind, _ = small.kinds
    units = tuple(
        replace(unit, change=unit.change and replace(unit.change, verdict=Verdict.NOT_ASSESSABLE))
        for unit in kind.units
    )
    only = replace(small, kinds=(replace(kind, units=units),))
    text = page_of(only, rules, manifest)
    assert text.count("có vượt sai số hay không") == 2  # the heading and the sentence
    assert "Số liệu đó không kèm sai số chuẩn" in text


def test_small_cells_are_not_shown(source: str, page: Page) -> None:
    assert ">560<" not in source and ">468<" not in source and "(468/560)" not in source
    assert source.count("<td>không công bố</td>") == 2 * 3  # two shares of a group and of two units
    assert ">613<" in source and "89,2%" in page.text and "98,5%" in page.text
    name = '<th scope="row" class="name">Sở Nông nghiệp và Phát triển nông thôn</th>'
    row = re.search(name + r'\s*((?:<td data-label="[^"]+">(?:.|12)</td>\s*)+)</tr>', source)
    assert row and re.findall(">([^<]+)</td>", row.group(1)) == ["12", "12", "•", "•"]
    assert '">–</td>' in source  # a group that does not assess the office


def few_answers(result: IndexResult, number: int) -> IndexResult:
    """The departments alone, of which the first ``number`` carry the mark of few answers."""
    kind = result.kinds[0]
    units = (replace(unit, marks=unit.marks | {Mark.SMALL}) for unit in kind.units[:number])
    return replace(result, kinds=(replace(kind, units=(*units, *kind.units[number:])),))


def test_few_answers_are_lettered_where_they_are_rare_and_said_once_where_they_are_the_rule(
    result: IndexResult, rules: Framework
) -> None:
    departments, communes = view.kind_views(result, rules)
    assert departments.quality == ""
    said = r"\d\d trong 101 địa phương có tiêu chí thành phần dựa trên dưới 30 câu trả lời\. Với"
    assert re.match(said, communes.quality)
    assert wording.mark(Mark.SMALL, Quality()) not in dict(communes.remarks).values()
    assert not any(row.small for row in communes.rows)
    [rare] = view.kind_views(few_answers(result, 2), rules)
    assert rare.quality.startswith("2 trong 18 cơ quan (ghi chú a) có tiêu chí")
    assert rare.remarks[0] == ("a", wording.mark(Mark.SMALL, Quality()))
    assert ["a" in row.letters for row in rare.rows] == [row.small for row in rare.rows] == [True, True] + [False] * 16
    [most] = view.kind_views(few_answers(result, 17), rules)
    assert most.quality.startswith(f"17 trong 18 cơ quan (trừ {most.rows[-1].name}) có tiêu chí")
    [all_small] = view.kind_views(few_answers(result, 18), rules)
    assert all_small.quality.startswith("Cả 18 cơ quan đều có tiêu chí thành phần")
    assert wording.mark(Mark.SMALL, Quality()) not in (*all_small.shared, *dict(all_small.remarks).values())


def test_a_remark_on_every_unit_carries_no_letter(result: IndexResult, rules: Framework) -> None:
    departments = view.kind_views(result, rules)[0]
    assert departments.shared == (wording.MARKS[Mark.CONSERVATIVE],)
    assert [row.name for row in departments.rows if row.letters == "a"] == [
        row.name for row in departments.rows if Mark.RESCALED in row.figure.marks
    ]


def test_domains_name_the_highest_and_the_lowest(result: IndexResult, rules: Framework, page: Page) -> None:
    departments = view.kind_views(result, rules)[0]
    procedures = departments.domains[2]
    assert procedures.highest_share == 1.0 and len(procedures.highest) > 1
    assert wording.holders(procedures.highest) in page.text
    assert wording.holders(()) == "—"
    assert wording.holders(["a", "b", "c", "d"]) == "4 nơi cùng mức"


def test_method_and_origin_are_stated(page: Page, result: IndexResult) -> None:
    for told in (
        result.dataset_hash, "ab" * 32, "c1" * 32, "d4" * 32, "bb" * 32, "01" * 32, "diem.xlsx", "48213", "aa" * 32,
        "Khóa được tạo trên máy chủ", "Người có hồ sơ đã giải quyết", "iGate; 2025; hồ sơ nộp ngoài hệ thống",
        "chưa khai báo", "các sở, ban, ngành và các xã, phường", "toàn bộ danh sách, theo khối cơ quan cố định",
        "Không có thay đổi nào được ghi nhận.", "trong năm”: 1 lớp trả lời có quá ít phiếu hợp lệ",
        "theo kênh nộp hồ sơ", "Phiếu hỏi người dân",
    ):  # fmt: skip
        assert told in page.text, told


def test_a_manifest_that_says_little_is_enough(small: IndexResult, rules: Framework) -> None:
    text = Page(page_of(replace(small, rates_by_group=(), notes=(note(NoteKind.INDEPENDENT),)), rules, {})).text
    assert "Bộ dữ liệu không có niêm phong." in text
    assert "Bộ dữ liệu không ghi." in text
    assert noted.SENTENCES[NoteKind.INDEPENDENT] in text


def test_names_are_escaped(another: Callable[..., IndexResult], rules: Framework, manifest: dict[str, Any]) -> None:
    names = {unit: {"vi": f"<b onclick='x'>{unit}&"} for unit in another(6).wave.unit_names}
    source = page_of(another(6, unit_names=names), rules, manifest)
    assert "<b onclick" not in source
    assert Page(source).stack == []


def test_a_kind_that_cannot_be_ranked_still_has_a_page(small: IndexResult, rules: Framework) -> None:
    kind = small.kinds[0]
    none = replace(kind, units=(), unranked=kind.units[:2], covariance=np.zeros((0, 0)))
    text = Page(page_of(replace(small, kinds=(none,)), rules, {})).text
    assert "Chưa đủ cơ quan có chỉ số để xếp hạng." in text


def test_page_workbook_and_document_tell_the_same_figures(
    folder: Path,
) -> None:
    source = (folder / "index.html").read_text("utf-8")
    book = openpyxl.load_workbook(folder / "index.xlsx")
    assert book.sheetnames[:3] == ["Đọc trước", "Trang nhất sở", "Điểm chưa đạt sở"]
    made = json.loads((folder / "result.json").read_text("utf-8"))
    rows = list(book["Sai số sở"].iter_rows(min_row=2, values_only=True))
    units = made["kinds"][0]["units"]
    assert len(rows) == len(units) == 18
    for row, unit in zip(rows, units, strict=True):
        assert row[1] == unit["published"]
        assert row[2] == pytest.approx(unit["index"], abs=1e-9)
        assert f'<td class="figure">{unit["published"]:.2f}<'.replace(".", ",") in source
    ranking = list(book["Xếp hạng sở"].iter_rows(min_row=2, values_only=True))
    assert [row[:1] + row[3:5] for row in ranking] == [
        (unit["rank"], unit["rank_lower"], unit["rank_upper"]) for unit in units
    ]
    shares = [row[1] for row in book["Lĩnh vực sở"].iter_rows(min_row=2, values_only=True)]
    assert shares == pytest.approx([unit["domains"][0]["percent"] / 100 for unit in units], abs=1e-9)


def test_the_workbook_hides_what_the_page_hides(folder: Path, small: IndexResult) -> None:
    book = openpyxl.load_workbook(folder / "index.xlsx")
    rates = list(book["Tỷ lệ thu hồi"].iter_rows(values_only=True))
    assert rates[1] == ("Lãnh đạo sở, ban, ngành", *["•"] * 3, *["không công bố"] * 2)
    assert rates[-1][:4] == ("Tổng cộng", 1264, 1066, 1016)
    rows = list(book["Tiêu chí sở"].iter_rows(values_only=True))
    second = next(row for row in rows if row[0] == "Sở Nông nghiệp và Phát triển nông thôn")
    assert second[-4:] == ("•", "•", "•", "•")
    notices = [row[1] for row in book["Đọc trước"].iter_rows(values_only=True)]
    assert wording.SIMULATED in notices and small.dataset_hash in notices


def test_the_document_has_twelve_digits_and_no_hidden_number(small: IndexResult) -> None:
    assert data.significant(1 / 3) == 0.333333333333
    assert data.significant(float("nan")) is None
    unit = replace(small.kinds[0].units[0], index=200 / 3, marks=frozenset({Mark.SUPPRESSED, Mark.POOLED}))
    made = json.loads(data.text(replace(small, kinds=(replace(small.kinds[0], units=(unit,)),))))
    [written] = made["kinds"][0]["units"]
    assert (written["index"], written["marks"]) == (66.6666666667, ["pooled", "suppressed"])
    assert made["rates_by_group"][0]["issued"] is None
    assert made["wave"]["k"] == 5


def test_colours_mean_what_the_key_says() -> None:
    assert list(kinds.heat_key()) == [
        "dưới 50%", "từ 50% đến dưới 65%", "từ 65% đến dưới 80%", "từ 80% đến dưới 90%", "từ 90% trở lên",
    ]  # fmt: skip


def test_how_the_counters_asked_is_said_where_there_were_any(
    source: str, small: IndexResult, rules: Framework, manifest: dict[str, Any]
) -> None:
    assert "Chọn mẫu tại quầy" not in source
    unit, group = next(iter(small.wave.unit_names)), next(iter(small.wave.group_names))
    row = {"group": group, "unit": unit, "listed": 1200, "asked": 600, "share_asked": 0.5, "questions": 700, "early": 3,
           "lapsed": 1, "repeated": 2, "irregular": 6 / 700, "again": 4, "marks": ["under 90% asked"]}  # fmt: skip
    made = page_of(small, rules, {**manifest, "counter": [row, {**row, "unit": "khac", "marks": []}]})
    page = Page(made)
    assert page.stack == [] and len(page.ids) == len(set(page.ids))
    assert "1 trong 2 nơi mang dấu ▾." in page.text
    assert (
        '<td data-label="Tỷ lệ đã hỏi">50,0%&nbsp;<sup>▾</sup></td>' in made
        and '<td data-label="Bất thường">0,9%</td>' in made
    )
    assert small.wave.unit_names[unit]["vi"] in page.text and "khac" in page.text
    none = page_of(small, rules, {**manifest, "counter": [{**row, "marks": []}]})
    assert "Không nơi nào vượt các giới hạn trên." in none
