"""How people answered about a kind's service: Likert bars, what goes with overall satisfaction, where to begin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis import canvas, numbers, pictures
from analysis.canvas import Chart
from analysis.drivers import Priority, Quadrant
from analysis.factors import KindDrivers
from analysis.pictures import Answers, Spot
from analysis.report import cells, figures
from analysis.report.blocks import Block, Column, Heading, Kind, Legend, Picture, Role, Table, Text
from analysis.report.cells import Cell, Style
from analysis.report.content.kinds import pictures as both_sizes
from analysis.report.content.kinds import short
from analysis.report.content.material import Material
from analysis.report.view import KindView
from analysis.satisfaction import Question, Satisfaction

QUADRANTS = {
    Quadrant.IMPROVE_FIRST: "cải thiện trước",
    Quadrant.KEEP_UP: "giữ vững",
    Quadrant.IMPROVE_LATER: "cải thiện sau",
    Quadrant.MAINTAIN: "duy trì",
}
QUESTIONS = 10  # in a chart: their texts take up to four lines each, and the chart a printed page
FIVE = 5  # colours of the scale, for which there is a legend
NOT_CAUSE = (
    "Tầm quan trọng là phần mà yếu tố đóng góp vào sự khác nhau về mức hài lòng chung (trọng số tương đối của "
    "Johnson). Đây là mối liên hệ, không phải nguyên nhân: cải thiện yếu tố quan trọng chưa chắc làm mức hài "
    "lòng chung tăng."
)


def satisfied(material: Material, kind: KindView) -> Iterator[Block]:
    """Nothing where nobody was asked about service."""
    found = material.annexes.satisfaction.get(kind.id)
    if found is None:
        return
    yield Heading("Người dân, tổ chức trả lời thế nào")
    yield from both_sizes(lambda view, width: _answers(found, view, width), kind, f"Các mức trả lời, {kind.title}")
    yield (
        Legend(found.choices)
        if len(found.choices) == FIVE
        else Text(f"Các mức, từ trái sang phải: {'; '.join(found.choices)}.", Role.QUIET)
    )
    yield _spreads(found, kind)
    driven = material.annexes.drivers.get(kind.id)
    if driven is not None and driven.factors:
        yield from _drivers(material, kind, found, driven)


def _answers(found: Satisfaction, kind: KindView, width: float) -> list[Chart]:
    names = {item.id: item.text.get("vi", item.id) for item in found.items}
    made = []
    for part, some in figures.parts(found.spreads, QUESTIONS):
        rows = [Answers(names[each.item], each.shares, each.n) for each in some]
        best = max(rows, key=lambda row: sum(row.shares[-2:]))
        worst = min(rows, key=lambda row: sum(row.shares[-2:]))
        told = (
            f"Các mức trả lời của {len(rows)} câu hỏi. Hài lòng nhiều nhất: {best.label} "
            f"({numbers.percent(sum(best.shares[-2:]))}); ít nhất: {worst.label} "
            f"({numbers.percent(sum(worst.shares[-2:]))}). Số liệu ở bảng dưới."
        )
        made.append(
            pictures.diverging(
                f"muc-tra-loi-{kind.id}-{part + 1}{figures.size(width)}", rows,
                axis="Phần trả lời ở mỗi mức", alternative=told, width=width,
            )
        )  # fmt: skip
    return made


def _spreads(found: Satisfaction, kind: KindView) -> Table:
    names = {item.id: item.text.get("vi", item.id) for item in found.items}
    return Table(
        f"muc-{kind.id}", f"Các mức trả lời theo câu hỏi, {kind.title}",
        (Column("Câu hỏi", Kind.TEXT), *map(Column, found.choices), Column("Số câu trả lời")),
        tuple(
            (cells.words(names[each.item]), *(cells.share(share) for share in each.shares), cells.count(each.n))
            for each in found.spreads
        ),
        sheet=f"Mức trả lời {short(kind)}", folded="Bảng số liệu của biểu đồ",
    )  # fmt: skip


def _drivers(material: Material, kind: KindView, found: Satisfaction, driven: KindDrivers) -> Iterator[Block]:
    names = {factor.id: factor.text.get("vi", factor.id) for factor in found.factors}
    yield Heading("Yếu tố nào đi cùng mức hài lòng chung")
    yield Text(NOT_CAUSE, Role.QUIET)
    level = numbers.percent(material.result.level, 0)
    scores = [(name, found.mean.get(name)) for name in (each.factor for each in driven.factors)]
    known = [value for _, value in scores if value is not None]
    if len(known) == len(scores):
        spots = [
            (each.share, value or 0.0, names[each.factor])
            for each, (_, value) in zip(driven.factors, scores, strict=True)
        ]
        line = sum(known) / len(known)
        yield Picture(f"Tầm quan trọng và mức hài lòng, {kind.title}", *(
            _quadrant(f"uu-tien-{kind.id}{figures.size(width)}", spots, line, driven.line or 0.0, width)
            for width in (canvas.WIDTH, canvas.PHONE)
        ))  # fmt: skip
    yield Table(
        f"yeu-to-{kind.id}", f"Tầm quan trọng của các yếu tố, {kind.title}",
        (Column("Số"), Column("Yếu tố", Kind.TEXT), Column("Tầm quan trọng"), Column(f"Khoảng tin cậy {level}"),
         Column("Tỷ lệ hài lòng trung bình")),
        tuple(
            (cells.count(at), cells.words(names[each.factor]), cells.share(each.share),
             Cell(None if each.low is None else (each.low, each.high), Style.SHARES),
             cells.share(found.mean.get(each.factor)))
            for at, each in enumerate(driven.factors, start=1)
        ),
        head=1, sheet=f"Yếu tố {short(kind)}", sortable=False,
    )  # fmt: skip
    yield Text(
        f"Các yếu tố cùng nhau giải thích {numbers.percent(driven.r_squared)} sự khác nhau về mức hài lòng chung của "
        f"{numbers.count(driven.n)} người trả lời đủ các yếu tố.", Role.QUIET,
    )  # fmt: skip


def _quadrant(name: str, spots: Sequence[tuple[float, float, str]], line: float, even: float, width: float) -> Chart:
    first = [text for importance, score, text in spots if importance >= even and score < line]
    told = f"Quan trọng và hài lòng dưới trung bình: {'; '.join(first) or 'không yếu tố nào'}. Số liệu ở bảng dưới."
    drawn = [Spot(importance, score, importance >= even and score < line) for importance, score, _ in spots]
    return pictures.quadrant(
        name, drawn, lines=(line, even), axes_named=("Tỷ lệ hài lòng", "Tầm quan trọng"), alternative=told, width=width,
    )  # fmt: skip


def priorities(material: Material, kind: KindView, unit: str) -> Iterator[Block]:
    """Where one unit's factors stand, by their importance in its kind and its own satisfied shares."""
    driven = material.annexes.drivers.get(kind.id)
    found = material.annexes.satisfaction.get(kind.id)
    mine: tuple[Priority, ...] = driven.units.get(unit, ()) if driven else ()
    if not mine or found is None:
        return
    names: dict[str, Question] = {factor.id: factor for factor in found.factors}
    yield Heading("Nên bắt đầu từ đâu")
    ordered = sorted(mine, key=lambda each: (list(QUADRANTS).index(each.quadrant), -each.importance))
    yield Table(
        f"uu-tien-{unit}", "Ưu tiên theo tầm quan trọng và mức hài lòng",
        (Column("Yếu tố", Kind.TEXT), Column("Tầm quan trọng"), Column("Tỷ lệ hài lòng"), Column("Gợi ý", Kind.TEXT)),
        tuple(
            (cells.words(names[each.factor].text.get("vi", each.factor)), cells.share(each.importance),
             cells.share(each.performance),
             cells.words(QUADRANTS[each.quadrant] + (" (chưa chắc)" if each.unsure else "")))
            for each in ordered
        ),
        sortable=False,
    )  # fmt: skip
    yield Text(
        f"Tầm quan trọng tính chung cho các {kind.title}; mức hài lòng so với trung bình các yếu tố của chính "
        f"{kind.one} này. “Chưa chắc”: khoảng tin cậy của tầm quan trọng chứa mức chia đều. Mối liên "
        "hệ, không phải nguyên nhân.",
        Role.QUIET,
    )
