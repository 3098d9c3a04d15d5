"""Page one, for the conference: ranks and places moved, gap to the first, points lost, best, worst, improvers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis import numbers
from analysis.report import cells, wording
from analysis.report.blocks import Block, Column, Heading, Kind, Role, Table, Terms, Text
from analysis.report.cells import Cell, Style
from analysis.report.content.kinds import ranks, short, unit_page
from analysis.report.content.material import Material
from analysis.report.view import KindView, Row

NAMED = 3  # best, worst and best improvers that are named


def front(material: Material) -> tuple[Block, ...]:
    """Conclusions of every kind, then the figures of page one kind by kind."""
    return tuple(_front(material))


def _front(material: Material) -> Iterator[Block]:
    kinds, ranked = material.kinds, material.standing.with_ranks
    for kind in kinds if ranked else ():
        label = wording.capital(kind.title) if len(kinds) > 1 else ""
        yield Text(wording.joined(kind.lead), Role.LEAD, label)
    if ranked:
        level = numbers.percent(material.result.level, 0)
        yield Text(
            f"Các kết luận trên ở mức tin cậy {level} và chỉ tính đến sai số điều tra; điểm thẩm định được coi là "
            "không có sai số.", Role.QUIET,
        )  # fmt: skip
    for kind in kinds:
        if kind.rows:
            yield Heading(wording.capital(kind.title))
            yield from _standing(material, kind)
            yield from _lost(kind)


def _standing(material: Material, kind: KindView) -> Iterator[Block]:
    if not material.standing.with_ranks:
        return
    moved = places_moved(kind.rows)
    columns = [Column("Hạng", Kind.RANK), Column(wording.capital(kind.one), Kind.TEXT), Column("Chỉ số", Kind.MAIN)]
    columns += [Column("Thay đổi hạng", under=True)] if moved else []
    columns += [Column("Kém hạng nhất", under=True), Column("Khoảng thứ hạng", under=True)]
    first = kind.rows[0].figure.published or 0.0
    rows = []
    for at, row in enumerate(kind.rows):
        figure = row.figure
        gap = None if figure.published is None else float(numbers.rounded(first - figure.published))
        name = Cell(row.name, link=unit_page(figure.unit))
        line = [Cell(figure.rank, Style.COUNT), name, cells.points(figure.published)]
        line += [Cell(moved[at], Style.PLACES)] if moved else []
        rows.append((*line, cells.points(gap), ranks(row)))
    yield Table(
        f"trang-nhat-{kind.id}", f"Thứ hạng và khoảng cách, {kind.title}", tuple(columns), tuple(rows), head=1,
        sheet=f"Trang nhất {short(kind)}",
    )  # fmt: skip
    terms = [("Cao nhất", _named(kind.rows[:NAMED])), ("Thấp nhất", _named(kind.rows[-NAMED:]))]
    improved = improvers(kind)
    if improved:
        terms.append(("Tăng nhiều nhất so với năm trước", "; ".join(map(_improved, improved))))
    yield Terms(tuple((term, (said,)) for term, said in terms))
    if kind.compared and not moved:
        known = sum(bool(row.figure.change) for row in kind.rows)
        yield Text(
            f"Không nêu thay đổi thứ hạng: chỉ {numbers.count(known)} trong "
            f"{numbers.count(len(kind.rows))} {kind.one} có số liệu năm trước.", Role.QUIET,
        )  # fmt: skip


def _named(rows: Sequence[Row]) -> str:
    return "; ".join(f"{row.name} ({numbers.number(row.figure.published)})" for row in rows)


def _improved(row: Row) -> str:
    change = row.figure.change
    said = numbers.signed(change.change) if change else numbers.NOTHING
    return f"{row.name} ({said}{', ' + row.verdict if row.verdict else ''})"


def improvers(kind: KindView) -> list[Row]:
    """The units whose published index rose most, as the result has them, most first."""
    rows = {row.figure.unit: row for row in kind.rows}
    found = [each.units for each in kind.result.improvers if each.domain is None]
    return [rows[each.unit] for units in found for each in units if each.unit in rows]


def places_moved(rows: Sequence[Row]) -> list[int] | None:
    """Places gained on last year among the units ranked now; None unless all of them have a figure of last year."""
    before = [row.figure.change.previous_rank if row.figure.change else None for row in rows]
    if None in before or len(rows) < 2:
        return None
    return [(own or 0) - (row.figure.rank or 0) for own, row in zip(before, rows, strict=True)]


def _lost(kind: KindView) -> Iterator[Block]:
    """Points not reached, by domain: where a province has most to gain."""
    rows = []
    for domain in kind.domains:
        lost = [figure.lost for row in kind.rows for figure in row.figure.domains if figure.id == domain.id]
        known = [each for each in lost if each is not None]
        mean = sum(known) / len(known) if known else None
        most = max(known) if known else None
        shown = numbers.number(most)
        pairs = zip(kind.rows, lost, strict=True)
        who = [row.name for row, own in pairs if own is not None and numbers.number(own) == shown]
        rows.append(
            (
                cells.words(domain.name), cells.points(domain.maximum), cells.points(mean),
                cells.share(mean / domain.maximum if mean is not None and domain.maximum else None),
                cells.points(most), cells.words(wording.holders(who)),
            )
        )  # fmt: skip
    yield Table(
        f"diem-mat-{kind.id}", f"Điểm chưa đạt theo lĩnh vực, {kind.title}",
        (
            Column("Lĩnh vực", Kind.TEXT), Column("Điểm tối đa"), Column("Điểm chưa đạt, trung bình"),
            Column("Tỷ lệ chưa đạt"), Column("Chưa đạt nhiều nhất"), Column(wording.capital(kind.one), Kind.TEXT),
        ),
        tuple(rows), sheet=f"Điểm chưa đạt {short(kind)}",
    )  # fmt: skip
