"""The charts of the report, each with a sentence for those who do not see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TypeVar

from analysis import canvas, charts, numbers, pictures
from analysis.canvas import Chart
from analysis.charts import Interval, Share
from analysis.days import Days
from analysis.evidence import Weighting
from analysis.pictures import Curve, Span
from analysis.report.view import KindView, Row, group_name
from analysis.result import IndexResult

T = TypeVar("T")


def parts(rows: Sequence[T], most: int = canvas.ROWS) -> Iterator[tuple[int, Sequence[T]]]:
    """Rows in as few nearly equal parts as have no more than ``most``, with the number of the part."""
    number = -(-len(rows) // most)
    long = -(-len(rows) // number) if number else 0
    for part in range(number):
        yield part, rows[part * long : (part + 1) * long]


def size(width: float) -> str:
    """Ids differ between the two sizes of a chart on one page."""
    return "" if width >= canvas.WIDTH else "-hep"


def _span(rows: Sequence[Row]) -> str:
    first, last = rows[0].figure.rank, rows[-1].figure.rank
    return f"từ {rows[0].name} đến {rows[-1].name}" if first is None else f"hạng {first} đến hạng {last}"


def _interval(row: Row) -> Interval:
    figure = row.figure
    return Interval(row.name, figure.index or 0.0, figure.ci_low, figure.ci_high, row.accent, row.small)


def _places(row: Row) -> Interval:
    figure = row.figure
    return Interval(row.name, figure.rank or 0, figure.rank_lower, figure.rank_upper, row.accent, row.small)


def index_charts(view: KindView, width: float = canvas.WIDTH) -> list[Chart]:
    """Indices with their intervals, in rank order."""
    made = []
    for part, rows in parts(view.rows):
        first, last = rows[0], rows[-1]
        alternative = (
            f"Chỉ số và khoảng tin cậy của {len(rows)} {view.one}, {_span(rows)}: từ {first.name} "
            f"({numbers.number(first.figure.index)}) đến {last.name} ({numbers.number(last.figure.index)}). "
            "Số liệu đầy đủ ở bảng xếp hạng."
        )
        intervals = [_interval(row) for row in rows]
        name = f"chi-so-{view.id}-{part + 1}{size(width)}"
        axis = "Chỉ số (điểm trên 100)"
        made.append(
            charts.caterpillar(name, intervals, scale=view.scale, axis=axis, alternative=alternative, width=width)
        )
    return made


def rank_charts(view: KindView, width: float = canvas.WIDTH) -> list[Chart]:
    """Ranks with their sets."""
    made = []
    for part, rows in parts([row for row in view.rows if row.figure.rank_lower]):
        widest = max((row.figure.rank_upper or 0) - (row.figure.rank_lower or 0) + 1 for row in rows)
        alternative = (
            f"Khoảng thứ hạng của {len(rows)} {view.one}, {_span(rows)}; khoảng rộng nhất gồm {widest} thứ hạng. "
            "Số liệu đầy đủ ở bảng xếp hạng."
        )
        sets = [_places(row) for row in rows]
        name, places = f"thu-hang-{view.id}-{part + 1}{size(width)}", len(view.rows)
        made.append(charts.rank_sets(name, sets, places=places, axis="Thứ hạng", alternative=alternative, width=width))
    return made


def domain_charts(view: KindView, width: float = canvas.WIDTH) -> list[Chart]:
    """Domains in per cent of their points, by unit."""
    made = []
    told = "; ".join(f"{domain.name} trung bình {numbers.percent(domain.mean)}" for domain in view.domains)
    for part, numbered in parts(list(enumerate(view.rows))):
        rows = [row for _, row in numbered]
        grid = [[domain.shares[at] for domain in view.domains] for at, _ in numbered]
        alternative = f"Tỷ lệ điểm đạt được theo lĩnh vực của {len(rows)} {view.one}, {_span(rows)}. {told}."
        columns = [domain.name for domain in view.domains]
        name = f"linh-vuc-{view.id}-{part + 1}{size(width)}"
        made.append(charts.heat(name, [row.name for row in rows], columns, grid, alternative=alternative, width=width))
    return made


def return_chart(result: IndexResult, width: float = canvas.WIDTH) -> Chart | None:
    """Return rates by group."""
    rows = [
        Share(group_name(result, rate.by["group"]), None if rate.hidden else rate.returned, rate.issued)
        for rate in result.rates_by_group
    ]
    if not rows:
        return None
    told = "; ".join(f"{row.label} {numbers.percent(row.value)}" for row in rows if row.value is not None)
    alternative = f"Tỷ lệ thu hồi theo nhóm đối tượng: {told}."
    return charts.bars(f"thu-hoi{size(width)}", rows, axis="Tỷ lệ thu hồi", alternative=alternative, width=width)


_SEEN = 0.005  # of the median: less would be the same number, and no width to draw


def weights_alike(steps: Sequence[Weighting]) -> bool:
    """Whether the last weights of every group that shows them are all the same, but for rounding."""
    last = {step.group: step for step in steps}
    return all(step.high - step.low <= _SEEN * step.high
               for step in last.values() if step.low is not None and step.high is not None)  # fmt: skip


def weight_chart(result: IndexResult, steps: Sequence[Weighting], width: float = canvas.WIDTH) -> Chart | None:
    """The last weights of every group that shows them, in medians of the group; None where all are alike, which a
    sentence says, or all hidden."""
    if weights_alike(steps):
        return None
    last = {step.group: step for step in steps}
    rows = []
    for group, step in last.items():
        first, middle, third = step.quartiles
        if step.low is not None and step.high is not None and middle > 0:
            places = (step.low / middle, first / middle, 1.0, third / middle, step.high / middle)
            rows.append(Span(group_name(result, group), places, numbers.number(step.kish)))
    if not rows:
        return None
    widest = max(rows, key=lambda row: row.places[-1])
    alternative = (
        f"Trọng số sau bước cuối của {len(rows)} nhóm đối tượng, so với trung vị của nhóm; lớn nhất ở nhóm "
        f"{widest.label}, gấp {numbers.number(widest.places[-1])} lần trung vị. Bên phải là hiệu ứng trọng số (Kish)."
    )
    axis = "Lần trung vị của nhóm (bên phải: Kish)" if width >= canvas.WIDTH else "Lần trung vị"
    return pictures.spans(f"trong-so{size(width)}", rows, axis=axis, alternative=alternative, width=width)


def day_chart(result: IndexResult, told: Sequence[Days], width: float = canvas.WIDTH) -> Chart:
    """What had come back by day, by group."""
    first = min(each.returned[0][0] for each in told)
    last = max(each.returned[-1][0] for each in told)
    rows = [
        Curve(
            group_name(result, each.group),
            tuple((day - first).days for day, _ in each.returned),
            tuple(n for _, n in each.returned),
            each.issued,
        )
        for each in told
    ]
    length = (last - first).days + 1
    step = max(1, -(-length // (8 if width >= canvas.WIDTH else 3)))
    ticks = [(day, f"{first + timedelta(day):%d/%m}") for day in range(0, length, step)]
    shares = "; ".join(f"{row.label} {numbers.percent(row.sums[-1] / row.whole)}" for row in rows)
    alternative = f"Phiếu thu về theo ngày, từ {numbers.day(first)} đến {numbers.day(last)}. Đến cuối: {shares}."
    name = f"thu-ve-theo-ngay{size(width)}"
    return pictures.curves(name, rows, ticks=ticks, axis="Đến hết ngày", alternative=alternative, width=width)
