"""``index.xlsx``: every table of the report as real numbers with formats, the same bytes for the same result."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from analysis import numbers
from analysis.look import LIGHT, heat_level
from analysis.report import html, noted, view, wording
from analysis.report.html import Source
from analysis.report.view import KindView
from analysis.result import IndexResult, Mark, RateRow, SubcriterionFigure
from forms.framework import Framework

CREATED = datetime.datetime(2000, 1, 1)  # fixed: the same bytes every day
FORMATS = {"points": "#,##0.00", "count": "#,##0", "share": "0.0%", "signed": "+#,##0.00;−#,##0.00;0.00", "se": "0.000"}
BREADTHS = {Mark.WITHHELD: "quá rộng, không công bố", Mark.WIDE: "rộng"}
Cell = tuple[Any, str]  # a value and the name of its format; '' is text


def write(
    path: Path,
    result: IndexResult,
    framework: Framework,
    manifest: Mapping[str, Any],
    sources: Sequence[tuple[str, Source]] = (),
) -> None:
    """Write the workbook."""
    kinds = view.kind_views(result, framework)
    with xlsxwriter.Workbook(str(path), {"nan_inf_to_errors": False}) as book:
        book.set_properties({"created": CREATED, "title": "Chỉ số cải cách hành chính", "author": "phieu"})
        made = _Book(book)
        _about(made, result, framework, manifest, sources, kinds)
        for kind in kinds:
            short = kind.title.split(",")[0].capitalize()
            made.table(f"Xếp hạng {short}", *_ranking(kind))
            made.table(f"Lĩnh vực {short}", *_domains(kind))
            made.table(f"Tiêu chí {short}", *_subcriteria(kind, result, framework))
        made.table("Tỷ lệ thu hồi", *_rates(result))
        for table in html.unit_rate_tables(result, kinds):
            made.table(f"Thu hồi {table['title'].split(',')[0]}", *_unit_rates(table))
        for table in html.assessment_tables(result, kinds):
            made.table(f"Lượt đánh giá {table['title'].split(',')[0]}", *_assessments(table, result))


class _Book:
    """A workbook with the report's formats."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        head = {"bold": True, "bg_color": LIGHT["brand-soft"], "bottom": 1, "text_wrap": True, "valign": "top"}
        self.head = book.add_format(head)
        self.formats = {name: book.add_format({"num_format": code}) for name, code in FORMATS.items()}
        for level in range(1, 6):
            colours = {"num_format": FORMATS["share"], "bg_color": LIGHT[f"heat-{level}"]}
            self.formats[f"heat-{level}"] = book.add_format(colours)
        self.formats["wrap"] = book.add_format({"text_wrap": True, "valign": "top"})
        self.formats["strong"] = book.add_format({"bold": True, "font_color": LIGHT["bad"], "text_wrap": True})

    def table(self, name: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """Write one sheet: headings, frozen, then rows; None stays an empty cell."""
        sheet = self.book.add_worksheet(name[:31])
        sheet.write_row(0, 0, headings, self.head)
        sheet.freeze_panes(1, 2 if headings[0] == "Hạng" else 1)
        for y, row in enumerate(rows, 1):
            for x, (value, style) in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(y, x, value, self.formats.get(style))
                elif value is not None:
                    sheet.write_number(y, x, value, self.formats.get(style))
        if rows:
            sheet.autofilter(0, 0, len(rows), len(headings) - 1)
        for x, heading in enumerate(headings):
            texts = [len(row[x][0]) for row in rows if x < len(row) and isinstance(row[x][0], str)]
            sheet.set_column(x, x, min(max([12, *texts, len(heading) // 2]) + 2, 60))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)


def _about(
    made: _Book,
    result: IndexResult,
    framework: Framework,
    manifest: Mapping[str, Any],
    sources: Sequence[tuple[str, Source]],
    kinds: Sequence[KindView],
) -> None:
    sheet = made.book.add_worksheet("Đọc trước")
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    rows: list[tuple[str, str, str]] = [("Đợt điều tra", result.wave.title["vi"], "wrap")]
    rows += [("Lưu ý", notice, "strong") for notice in html.notices(result, manifest)]
    rows += [
        (wording.capital(kind.title), " ".join(wording.plain(sentence) for sentence in kind.lead), "wrap")
        for kind in kinds
    ]
    for kind in kinds:
        rows += [(f"Số câu trả lời ({kind.title})", kind.quality, "wrap")] if kind.quality else []
        rows += [(f"Ghi chú {letter} ({kind.title})", text, "wrap") for letter, text in kind.remarks]
        rows += [(f"Mọi {kind.one} ({kind.title})", text, "wrap") for text in kind.shared]
        rows += [(f"Chưa xếp hạng ({kind.title})", f"{name}: {reason}", "wrap") for name, reason in kind.unranked]
    rows += [
        ("Ô ít phiếu", f"Ô trống hoặc {html.HIDDEN}: không công bố, dưới {result.wave.k} người trả lời.", "wrap"),
        ("Làm tròn", "Số trong bảng chưa làm tròn, trừ cột “Chỉ số công bố”.", "wrap"),
        ("Bộ dữ liệu (SHA-256)", result.dataset_hash, "wrap"),
        (f"Bộ tiêu chí {framework.title.of('vi')} (SHA-256)", result.framework.hash, "wrap"),
    ]
    rows += [(f"{label} (SHA-256)", f"{source.file}: {source.hash}", "wrap") for label, source in sources]
    rows += [("Ghi chú của lần tính", sentence, "wrap") for sentence in noted.sentences(result.notes, result.wave)]
    for y, (label, text, style) in enumerate(rows):
        sheet.write_string(y, 0, label, made.formats["wrap"])
        sheet.write_string(y, 1, text, made.formats[style])


def _ranking(kind: KindView) -> tuple[list[str], list[list[Cell]]]:
    headings = [
        "Hạng", wording.capital(kind.one), "Chỉ số công bố", "Chỉ số (chưa làm tròn)", "Sai số chuẩn", "Cận dưới",
        "Cận trên", "Hạng cao nhất", "Hạng thấp nhất", "Điểm thẩm định", "Điểm điều tra", "Điểm tối đa áp dụng",
        "Lượt đánh giá", "Ghi chú", "Năm trước", "Thay đổi", "So với sai số",
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    for row in kind.rows:
        figure, change = row.figure, row.figure.change
        rows.append(
            [
                (figure.rank, "count"),
                (row.name, ""),
                (figure.published, "points"),
                (figure.index, "points"),
                (figure.se, "se"),
                (figure.ci_low, "points"),
                (figure.ci_high, "points"),
                (figure.rank_lower, "count"),
                (figure.rank_upper, "count"),
                (figure.appraised_points, "points"),
                (figure.survey_points, "points"),
                (figure.maximum, "points"),
                (figure.respondents, "count"),
                (row.letters, ""),
                (change.previous if change else None, "points"),
                (change.change if change else None, "signed"),
                (view.VERDICTS[change.verdict] if change else "", ""),
            ]
        )
    return headings, rows


def _domains(kind: KindView) -> tuple[list[str], list[list[Cell]]]:
    headings = [wording.capital(kind.one), *(domain.name for domain in kind.domains)]
    rows: list[list[Cell]] = []
    for at, row in enumerate(kind.rows):
        shares = [domain.shares[at] for domain in kind.domains]
        cells: list[Cell] = [(share, "" if share is None else f"heat-{heat_level(share)}") for share in shares]
        rows.append([(row.name, ""), *cells])
    return headings, rows


def _subcriteria(kind: KindView, result: IndexResult, framework: Framework) -> tuple[list[str], list[list[Cell]]]:
    headings = [
        wording.capital(kind.one), "Mã", "Tiêu chí thành phần", "Điểm", "Điểm tối đa", "Điểm điều tra",
        "Tối đa điều tra", "Điểm thẩm định", "Tối đa thẩm định", "Sai số chuẩn",
        f"Dưới {result.quality.few} câu trả lời", "Độ rộng khoảng tin cậy",
    ]  # fmt: skip
    groups = framework.kinds[kind.id].groups
    for group in groups:
        headings += [f"{view.group_name(result, group)}: điểm (0–1)", f"{view.group_name(result, group)}: số phiếu"]
    names = {sub.id: sub.name.of("vi") for sub in framework.kinds[kind.id].subcriteria}
    rows = [
        [(view.unit_name(result, unit.unit), ""), (sub.id, ""), (names[sub.id], ""), *_points(sub, groups)]
        for unit in (*kind.result.units, *kind.result.unranked)
        for sub in unit.subcriteria
    ]
    return headings, rows


def _points(sub: SubcriterionFigure, groups: Sequence[str]) -> list[Cell]:
    cells: list[Cell] = [
        (sub.points, "points"),
        (sub.maximum, "points"),
        (sub.survey_points, "points"),
        (sub.survey_maximum, "points"),
        (sub.appraised_points, "points"),
        (sub.appraised_maximum, "points"),
        (sub.se, "se"),
        ("x" if Mark.SMALL in sub.marks else None, ""),
        (next((text for mark, text in BREADTHS.items() if mark in sub.marks), None), ""),
    ]
    own = {score.group: score for score in sub.groups}
    for group in groups:
        score = own.get(group)
        if score is not None and score.hidden:
            cells += [(html.HIDDEN, ""), (html.HIDDEN, "")]
        elif score is not None and Mark.WITHHELD in score.marks:
            cells += [(BREADTHS[Mark.WITHHELD], ""), (score.n, "count")]
        else:
            cells += [(score.score if score else None, "se"), (score.n if score else None, "count")]
    return cells


def _rates(result: IndexResult) -> tuple[list[str], list[list[Cell]]]:
    headings = ["Nhóm đối tượng", "Phát ra", "Thu về", "Hợp lệ", "Tỷ lệ thu hồi", "Tỷ lệ hợp lệ"]
    rows = [_rate(view.group_name(result, rate.by["group"]), rate) for rate in result.rates_by_group]
    return headings, rows + ([_rate("Tổng cộng", result.rates_total)] if result.rates_total else [])


def _unit_rates(table: Mapping[str, Any]) -> tuple[list[str], list[list[Cell]]]:
    headings = [
        wording.capital(table["one"]), "Phát ra (phiếu đánh giá nhiều nơi tính ở mỗi nơi)", "Thu về", "Hợp lệ",
        "Tỷ lệ thu hồi (thu về ÷ phát ra)", "Tỷ lệ hợp lệ (hợp lệ ÷ thu về)",
    ]  # fmt: skip
    return headings, [_rate(name, rate) for name, rate in table["rows"]]


def _rate(label: str, rate: RateRow) -> list[Cell]:
    if rate.hidden:
        return [(label, ""), *[(html.HIDDEN, "")] * 5]
    counts: list[Cell] = [(rate.issued, "count"), (rate.returned, "count"), (rate.valid, "count")]
    return [(label, ""), *counts, (rate.return_rate, "share"), (rate.valid_rate, "share")]


def _assessments(table: Mapping[str, Any], result: IndexResult) -> tuple[list[str], list[list[Cell]]]:
    headings = [wording.capital(table["one"]), *(view.group_name(result, group) for group in table["groups"])]
    rows: list[list[Cell]] = []
    for name, cells in table["rows"]:
        values: list[Cell] = [
            (cell, "") if cell in (html.HIDDEN, numbers.DASH) else (int(cell.replace(".", "")), "count")
            for cell in cells
        ]
        rows.append([(name, ""), *values])
    return headings, rows
