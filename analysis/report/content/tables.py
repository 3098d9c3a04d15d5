"""Tables too long for a page: for the workbook and the open data alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.report import cells, wording
from analysis.report.blocks import Column, Kind, Table
from analysis.report.cells import HIDDEN, Cell, Style
from analysis.report.content.kinds import short
from analysis.report.content.material import Material
from analysis.report.view import KindView
from analysis.result import Mark, SubcriterionFigure

BREADTHS = {Mark.WITHHELD: wording.WITHHELD, Mark.WIDE: "rộng"}


def long_tables(material: Material) -> Iterator[Table]:
    """Every unit's subcriteria with the scores of the groups; every unit's satisfaction item by item."""
    for kind in material.kinds:
        yield _subcriteria(material, kind)
        found = material.annexes.satisfaction.get(kind.id)
        if found is not None:
            yield _items(material, kind)


def _subcriteria(material: Material, kind: KindView) -> Table:
    rules = material.framework.kinds[kind.id]
    headings = [
        ("Mã", Kind.TEXT), ("Tiêu chí thành phần", Kind.TEXT), ("Điểm", Kind.NUMBER), ("Điểm tối đa", Kind.NUMBER),
        ("Điểm điều tra", Kind.NUMBER), ("Tối đa điều tra", Kind.NUMBER), ("Điểm thẩm định", Kind.NUMBER),
        ("Tối đa thẩm định", Kind.NUMBER), ("Sai số chuẩn", Kind.NUMBER),
        (f"Dưới {material.result.quality.few} câu trả lời", Kind.TEXT), ("Độ rộng khoảng tin cậy", Kind.TEXT),
    ]  # fmt: skip
    for group in rules.groups:
        headings += [(f"{material.group(group)}: điểm (0–1)", Kind.NUMBER)]
        headings += [(f"{material.group(group)}: số phiếu", Kind.NUMBER)]
    names = {sub.id: sub.name.of("vi") for sub in rules.subcriteria}
    rows = [
        (cells.words(material.unit(unit.unit)), cells.words(sub.id), cells.words(names[sub.id]),
         *_points(sub, rules.groups))
        for unit in (*kind.result.units, *kind.result.unranked)
        for sub in unit.subcriteria
    ]  # fmt: skip
    columns = (Column(wording.capital(kind.one), Kind.TEXT), *(Column(*heading) for heading in headings))
    caption = f"Điểm theo tiêu chí thành phần, {kind.title}"
    return Table(f"tieu-chi-{kind.id}", caption, columns, tuple(rows), sheet=f"Tiêu chí {short(kind)}")


def _points(sub: SubcriterionFigure, groups: Sequence[str]) -> Iterator[Cell]:
    for value in (
        sub.points, sub.maximum, sub.survey_points, sub.survey_maximum, sub.appraised_points, sub.appraised_maximum,
    ):  # fmt: skip
        yield cells.points(value)
    yield cells.error(sub.se)
    yield Cell("x" if Mark.SMALL in sub.marks else None)
    yield Cell(next((text for mark, text in BREADTHS.items() if mark in sub.marks), None))
    own = {score.group: score for score in sub.groups}
    for group in groups:
        score = own.get(group)
        if score is None:
            yield from (Cell(None, Style.ERROR), Cell(None, Style.COUNT))
            continue
        hidden = score.hidden
        withheld = Mark.WITHHELD in score.marks
        yield Cell(HIDDEN if hidden else wording.WITHHELD if withheld else score.score, Style.ERROR)
        yield Cell(HIDDEN if hidden or score.n is None else score.n, Style.COUNT)


def _items(material: Material, kind: KindView) -> Table:
    found = material.annexes.satisfaction[kind.id]
    rows = [
        (
            cells.words(material.unit(unit)), cells.words(question.id),
            cells.words(question.text.get("vi", question.id)), cells.share(own.value), cells.error(own.se),
            Cell(None if own.low is None else (own.low, own.high), Style.SHARES),
            Cell(HIDDEN if own.n is None else own.n, Style.COUNT),
        )
        for unit, shares in found.shares.items()
        for question in (*found.factors, *found.items)
        for own in (shares[question.id],)
    ]  # fmt: skip
    columns = (
        Column(wording.capital(kind.one), Kind.TEXT), Column("Mã", Kind.TEXT), Column("Yếu tố, câu hỏi", Kind.TEXT),
        Column("Tỷ lệ hài lòng"), Column("Sai số chuẩn"), Column("Khoảng tin cậy"), Column("Người trả lời"),
    )  # fmt: skip
    caption = f"Tỷ lệ hài lòng theo câu hỏi, {kind.title}"
    return Table(f"hai-long-{kind.id}", caption, columns, tuple(rows), sheet=f"Hài lòng {short(kind)}")
