"""How each counter put the questions of the counter draw, from what the reconciliation fixed in the manifest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from analysis import numbers
from analysis.conduct import ConductRow, conduct_rows
from analysis.report import cells
from analysis.report.blocks import Block, Column, Heading, Kind, Role, Table, Text
from analysis.report.cells import Cell
from analysis.report.content.material import Material

MARK = "▾"


def conduct(material: Material) -> Iterator[Block]:
    """Nothing where the wave selected nobody at counters."""
    rows = conduct_rows(material.manifest)
    if not rows:
        return
    yield Heading("Chọn mẫu tại quầy")
    yield Text(
        "Hệ thống quyết định từng hồ sơ có được chọn hay không; quầy chỉ hỏi. Tỷ lệ đã hỏi = số hồ sơ đã hỏi ÷ số hồ "
        "sơ đến hạn trong danh sách. Lượt hỏi bất thường gồm hỏi sớm (chưa đến hạn, chưa trả kết quả), hỏi lại và được "
        "chọn mà quá 15 phút chưa phát phiếu. In lại: phiếu được in hoặc mở lần thứ hai. Nơi hỏi dưới 90% số hồ sơ, có "
        f"trên 5% lượt hỏi bất thường hoặc in lại trên 5% số phiếu mang dấu {MARK}: kết quả thu tại quầy của nơi đó "
        "cần đọc thận trọng.",
        Role.QUIET,
    )
    marked = sum(bool(row.marks) for row in rows)
    yield Text(
        f"{numbers.count(marked)} trong {numbers.count(len(rows))} nơi mang dấu {MARK}."
        if marked
        else "Không nơi nào vượt các giới hạn trên."
    )
    headings = ("Hồ sơ đến hạn", "Đã hỏi", "Tỷ lệ đã hỏi", "Lượt hỏi", "Hỏi sớm", "Hỏi lại", "Quá 15 phút",
                "Bất thường", "In lại")  # fmt: skip
    yield Table(
        "tai-quay", "Chọn mẫu tại quầy theo cơ quan",
        (Column("Cơ quan, địa phương", Kind.TEXT), *map(Column, headings)),
        tuple(_row(material, row) for row in rows), sheet="Chọn mẫu tại quầy",
    )  # fmt: skip


def _row(material: Material, row: ConductRow) -> tuple[Cell, ...]:
    name = material.result.wave.unit_names.get(row.unit, {}).get("vi", row.unit)
    return (
        Cell(name, note=material.group(row.group)), cells.count(row.listed), cells.count(row.asked),
        _marked(cells.share(row.share_asked), row.too_few_asked), cells.count(row.questions), cells.count(row.early),
        cells.count(row.repeated), cells.count(row.lapsed), _marked(cells.share(row.irregular), row.too_irregular),
        _marked(cells.count(row.again), row.too_often_again),
    )  # fmt: skip


def _marked(cell: Cell, marked: bool) -> Cell:
    return replace(cell, sign=MARK) if marked else cell
