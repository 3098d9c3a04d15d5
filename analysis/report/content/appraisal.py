"""How the appraised points came to be: rounds, and every cell that a later round changed."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import numbers
from analysis.report import cells
from analysis.report.blocks import Block, Column, Heading, Kind, Role, Section, Table, Text
from analysis.report.content.material import Material

ROUNDS = {
    "self": "tự chấm",
    "appraised": "thẩm định",
    "explained": "sau giải trình",
    "submitted": "trình duyệt",
}


def section(material: Material) -> Section | None:
    """None where the points came as one table."""
    blocks = tuple(_section(material))
    return Section("tham-dinh", "Quá trình thẩm định", blocks, appendix=True) if blocks else None


def _section(material: Material) -> Iterator[Block]:
    found = material.result.rounds
    if found is None:
        return
    yield Table(
        "vong-tham-dinh", "Các vòng thẩm định",
        (Column("Vòng", Kind.TEXT), Column("Lúc", Kind.TEXT), Column("Tệp", Kind.TEXT),
         Column("Số ô")),
        tuple(
            (cells.words(ROUNDS.get(each.round, each.round)), cells.words(each.at[:10]),
             cells.words(each.file), cells.count(each.cells))
            for each in found.rounds
        ),
        sheet="Vòng thẩm định", sortable=False,
    )  # fmt: skip
    yield Heading("Điểm thay đổi giữa các vòng")
    if not found.changes:
        yield Text("Không điểm nào thay đổi.")
        return
    names = {row.id: row.name.get("vi", row.id) for kind in material.result.kinds for row in kind.scheme}
    yield Text(f"{numbers.count(len(found.changes))} điểm thay đổi, mỗi điểm có lý do và tài liệu.", Role.QUIET)
    yield Table(
        "diem-thay-doi", "Điểm thẩm định thay đổi giữa các vòng",
        (Column("Cơ quan, địa phương", Kind.TEXT), Column("Tiêu chí thành phần", Kind.TEXT), Column("Trước"),
         Column("Sau"), Column("Lý do", Kind.TEXT), Column("Tài liệu", Kind.TEXT)),
        tuple(
            (cells.words(material.unit(each.unit)), cells.words(names.get(each.subcriterion, each.subcriterion)),
             cells.points(each.old), cells.points(each.new), cells.words(each.reason), cells.words(each.document))
            for each in found.changes
        ),
        sheet="Điểm thay đổi",
    )  # fmt: skip
