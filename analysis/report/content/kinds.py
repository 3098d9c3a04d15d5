"""The chapter of one unit kind: ranking, change, intervals, domains."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from analysis import canvas, numbers
from analysis.canvas import Chart
from analysis.look import HEAT_EDGES, heat_level
from analysis.report import cells, figures, wording
from analysis.report.blocks import (
    Block,
    Column,
    Heading,
    Items,
    Kind,
    Legend,
    Picture,
    Role,
    Section,
    Table,
    Text,
)
from analysis.report.cells import Cell, Strip, Style
from analysis.report.content.material import Material
from analysis.report.view import KindView, Row


def short(view: KindView) -> str:
    """The kind's name in the name of a sheet."""
    return view.title.split(",")[0]


def chapter(material: Material, kind: KindView) -> Section:
    """Everything of one kind but its returns."""
    return Section(
        id=kind.id,
        title=f"{'Xếp hạng' if material.standing.with_ranks else 'Kết quả'} {kind.title}",
        blocks=tuple(_chapter(material, kind)),
    )


def _chapter(material: Material, kind: KindView) -> Iterator[Block]:
    if kind.quality and material.standing.with_ranks:
        yield Text(kind.quality)
    if kind.rows:
        yield from _ranking(material, kind)
    if kind.unranked:
        yield Heading("Chưa xếp hạng" if material.standing.with_ranks else "Chưa có chỉ số")
        yield Items(tuple(f"{name}: {reason}." for name, reason in kind.unranked))
    if kind.rows:
        yield from _change(material, kind)
        yield from _intervals(material, kind)
        yield from _domains(material, kind)


def named(row: Row, unit: str) -> Cell:
    """The cell that names a unit: remarks beside it, its own page behind it."""
    return Cell(row.name, sign=row.letters, link=unit_page(unit))


def unit_page(unit: str) -> str:
    """Where a unit's page is, from the province's page."""
    return f"don-vi/{unit}.html"


def interval(row: Row) -> Cell:
    """The confidence interval of the index, drawn."""
    figure = row.figure
    if figure.index is None or figure.ci_low is None or figure.ci_high is None:
        return Cell(None, Style.INTERVAL)
    drawn = Strip(figure.ci_low, figure.ci_high, figure.index, accent=row.accent, weak=row.small)
    return Cell((figure.ci_low, figure.ci_high), Style.INTERVAL, strip=drawn)


def ranks(row: Row) -> Cell:
    """The rank set."""
    figure = row.figure
    known = figure.rank_lower is not None and figure.rank_upper is not None
    return Cell((figure.rank_lower, figure.rank_upper) if known else None, Style.RANKS)


def _ranking(material: Material, kind: KindView) -> Iterator[Block]:
    level = numbers.percent(material.result.level, 0)
    columns = [
        Column("Hạng", Kind.RANK), Column(wording.capital(kind.one), Kind.TEXT), Column("Chỉ số", Kind.MAIN),
        Column(f"Khoảng thứ hạng ({level})", under=True), Column(f"Khoảng tin cậy {level}", under=True),
        Column("Điểm thẩm định", under=True), Column("Điểm điều tra", under=True),
        Column("Lượt đánh giá", under=True),
    ]  # fmt: skip
    if kind.compared:
        columns.append(Column("So với năm trước", under=True, note=kind.one_verdict))
    rows = []
    for row in kind.rows:
        figure = row.figure
        line = [
            Cell(figure.rank, Style.COUNT), named(row, figure.unit), cells.points(figure.published), ranks(row),
            interval(row), cells.points(figure.appraised_points), cells.points(figure.survey_points),
            cells.count(figure.respondents),
        ]  # fmt: skip
        if kind.compared:
            line.append(cells.signed(figure.change.change, row.verdict) if figure.change else Cell())
        rows.append(line)
    if not material.standing.with_ranks:
        columns, rows = _without(columns, rows, (0, 3))
    yield Table(
        id=f"xep-hang-{kind.id}", caption=f"Bảng {'xếp hạng' if material.standing.with_ranks else 'kết quả'} "
        f"{kind.title}", columns=tuple(columns), rows=tuple(map(tuple, rows)),
        head=1 if material.standing.with_ranks else 0, scale=kind.scale, sheet=f"Xếp hạng {short(kind)}",
    )  # fmt: skip
    yield Text(_how_to_read(material, kind, level), Role.QUIET)
    if kind.remarks:
        yield Items(tuple(f"{letter}) {text}" for letter, text in kind.remarks), quiet=True)
    for text in kind.shared:
        yield Text(f"Với mọi {kind.one} trong bảng: {text[:1].lower()}{text[1:]}", Role.QUIET)


def _without(
    columns: list[Column], rows: list[list[Cell]], places: Sequence[int]
) -> tuple[list[Column], list[list[Cell]]]:
    kept = [place for place in range(len(columns)) if place not in places]
    return [columns[place] for place in kept], [[row[place] for place in kept] for row in rows]


def _how_to_read(material: Material, kind: KindView, level: str) -> str:
    low, high = (numbers.number(end, 1) for end in kind.scale)
    weak = any(row.small for row in kind.rows)
    few = numbers.count(material.result.quality.few)
    told = []
    if material.standing.with_ranks:
        told.append(
            f"Khoảng thứ hạng: những thứ hạng mà số liệu không loại trừ, ở mức tin cậy {level} cho từng {kind.one}."
        )
    told.append(
        f"Khoảng tin cậy vẽ trên thang từ {low} đến {high} điểm"
        + (f"; màu cam là {kind.one} chắc chắn thuộc nhóm cuối bảng" if any(row.accent for row in kind.rows) else "")
        + (f"; chấm rỗng là có tiêu chí thành phần dựa trên dưới {few} câu trả lời" if weak else "")
        + "."
    )
    told.append(
        "Chỉ số = điểm thẩm định + điểm điều tra (quy đổi về thang 100 nếu có tiêu chí không áp dụng). Các số được làm "
        "tròn một lần từ số chưa làm tròn nên tổng các phần có thể lệch 0,01."
    )
    return " ".join(told)


def _change(material: Material, kind: KindView) -> Iterator[Block]:
    if kind.change_summary:
        yield Heading("So với năm trước")
        yield Text(kind.change_summary)
        yield from _improvers(kind)
    if kind.result.common_groups and material.standing.with_ranks:
        groups = "; ".join(_lower(material.group(group)) for group in kind.result.common_groups)
        moved = kind.result.ranks_moved
        said = f"{numbers.count(moved)} {kind.one} thay đổi thứ hạng" if moved else f"không {kind.one} nào thay đổi "
        said += "" if moved else "thứ hạng"
        yield Text(f"Nếu chỉ tính các nhóm đối tượng mà mọi {kind.one} đều có ({groups}), {said}.")


def _improvers(kind: KindView) -> Iterator[Block]:
    """Who rose most in each domain."""
    names = {row.figure.unit: row.name for row in kind.rows}
    domains = {domain.id: domain.name for domain in kind.domains}
    told = [
        f"{domains[each.domain]}: "
        + "; ".join(f"{names[one.unit]} ({numbers.signed(one.change, 1)})" for one in each.units if one.unit in names)
        for each in kind.result.improvers
        if each.domain in domains and each.units
    ]
    if told:
        yield Text("Tăng nhiều nhất theo lĩnh vực (điểm phần trăm của điểm tối đa):")
        yield Items(tuple(f"{line}." for line in told))


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def pictures(make: Callable[[KindView, float], list[Chart]], kind: KindView, caption: str) -> Iterator[Picture]:
    """Charts in the two sizes; the parts of a long one are numbered."""
    both = list(zip(make(kind, canvas.WIDTH), make(kind, canvas.PHONE), strict=True))
    for part, (wide, narrow) in enumerate(both, 1):
        yield Picture(f"{caption} ({part}/{len(both)})" if len(both) > 1 else caption, wide, narrow)


def _intervals(material: Material, kind: KindView) -> Iterator[Block]:
    level = numbers.percent(material.result.level, 0)
    yield Heading("Chỉ số và thứ hạng kèm sai số" if material.standing.with_ranks else "Chỉ số kèm sai số")
    yield from pictures(figures.index_charts, kind, f"Chỉ số và khoảng tin cậy {level}, {kind.title}")
    if material.standing.with_ranks:
        yield from pictures(figures.rank_charts, kind, f"Khoảng thứ hạng ({level}), {kind.title}")
    columns = ["Chỉ số", "Chỉ số chưa làm tròn", "Sai số chuẩn", "Khoảng tin cậy", "Bậc tự do"]
    rows = []
    for row in kind.rows:
        figure = row.figure
        limits = (figure.ci_low, figure.ci_high) if figure.ci_low is not None else None
        rows.append(
            (
                cells.words(row.name), cells.points(figure.published), Cell(figure.index, Style.ERROR),
                cells.error(figure.se), Cell(limits, Style.INTERVAL),
                Cell(None if figure.df is None else int(figure.df), Style.COUNT),
            )
        )  # fmt: skip
    yield Table(
        f"sai-so-{kind.id}", f"Chỉ số và sai số, {kind.title}",
        (Column(wording.capital(kind.one), Kind.TEXT), *map(Column, columns)), tuple(rows),
        sheet=f"Sai số {short(kind)}", folded="Bảng số liệu của biểu đồ",
    )  # fmt: skip


def heat_key() -> tuple[str, ...]:
    """What the five colours mean."""
    edges = [numbers.percent(edge, 0) for edge in HEAT_EDGES]
    between = [f"từ {low} đến dưới {high}" for low, high in pairwise(edges)]
    return (f"dưới {edges[0]}", *between, f"từ {edges[-1]} trở lên")


def _domains(material: Material, kind: KindView) -> Iterator[Block]:
    name = Column(wording.capital(kind.one), Kind.TEXT)
    yield Heading("Kết quả theo lĩnh vực")
    yield Text("Mỗi ô là tỷ lệ phần trăm điểm đạt được so với điểm tối đa của lĩnh vực, tính từ điểm chưa làm tròn.")
    yield from pictures(figures.domain_charts, kind, f"Tỷ lệ điểm đạt được theo lĩnh vực (%), {kind.title}")
    yield Legend(heat_key())
    rows = tuple(
        (cells.words(row.name), *(_toned(domain.shares[at]) for domain in kind.domains))
        for at, row in enumerate(kind.rows)
    )
    columns = (name, *(Column(domain.name) for domain in kind.domains))
    yield Table(
        f"linh-vuc-{kind.id}", f"Tỷ lệ điểm theo lĩnh vực, {kind.title}", columns, rows,
        sheet=f"Lĩnh vực {short(kind)}", folded="Bảng số liệu theo lĩnh vực",
    )  # fmt: skip
    yield Heading("Cao nhất và thấp nhất theo lĩnh vực")
    one = wording.capital(kind.one)
    yield Table(
        f"cao-thap-{kind.id}", f"Cao nhất và thấp nhất theo lĩnh vực, {kind.title}",
        (
            Column("Lĩnh vực", Kind.TEXT), Column("Điểm tối đa"), Column("Trung bình"), Column("Cao nhất"),
            Column(f"{one} cao nhất", Kind.TEXT), Column("Thấp nhất"), Column(f"{one} thấp nhất", Kind.TEXT),
        ),
        tuple(
            (
                cells.words(domain.name), cells.points(domain.maximum), cells.share(domain.mean),
                cells.share(domain.highest_share), cells.words(wording.holders(domain.highest)),
                cells.share(domain.lowest_share), cells.words(wording.holders(domain.lowest)),
            )
            for domain in kind.domains
        ),
        sheet=f"Cao thấp {short(kind)}",
    )  # fmt: skip


def _toned(value: float | None) -> Cell:
    return cells.share(value, 0 if value is None else heat_level(value))
