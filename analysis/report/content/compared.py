"""What a kind's ranking stands on: ties, change like for like, what hangs on the choices of method, targets."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import charts, numbers, pictures
from analysis.canvas import Chart
from analysis.charts import Interval
from analysis.findings import Choice, Sensitivity, Side, Verdict
from analysis.pictures import Arrow
from analysis.report import cells, figures, wording
from analysis.report.blocks import Block, Column, Heading, Items, Kind, Role, Table, Text
from analysis.report.cells import Cell, Style
from analysis.report.content.kinds import named, short
from analysis.report.content.kinds import pictures as both_sizes
from analysis.report.content.material import Material
from analysis.report.view import KindView, Row

VERDICTS = {
    Verdict.MORE: "vượt sai số",
    Verdict.NOISE: "trong phạm vi sai số",
    Verdict.NOT_ASSESSABLE: "chưa thể kết luận",
}
SIDES = {
    Side.ABOVE: "cao hơn mục tiêu, vượt sai số",
    Side.BELOW: "thấp hơn mục tiêu, vượt sai số",
    Side.NOISE: "chênh lệch trong phạm vi sai số",
    Side.NOT_ASSESSABLE: "chưa thể kết luận",
}
CHOICES = {
    Choice.DOMAIN: "Bỏ một lĩnh vực",
    Choice.SHARES: "Tỷ trọng của các nhóm đối tượng thay đổi ngẫu nhiên",
    Choice.POINTS: "Điểm tối đa của các lĩnh vực thay đổi ngẫu nhiên",
    Choice.FLAGGED: "Bỏ phiếu có dấu hiệu bất thường",
    Choice.SELF: "Bỏ nhóm tự đánh giá cơ quan mình",
    Choice.MODE: "Bỏ một hình thức trả lời",
    Choice.WEIGHTS: "Mọi câu trả lời có trọng số bằng nhau",
}
SKIPPED = {"one": "chỉ có một", "none": "đợt này không có", "unknown": "chưa kiểm tra"}


def compared(material: Material, kind: KindView) -> Iterator[Block]:
    """Everything that the result holds of it."""
    if material.standing.with_ranks:
        yield from _tied(kind)
    yield from _like_for_like(material, kind)
    if material.standing.with_ranks and kind.result.sensitivity is not None and len(kind.rows) > 1:
        yield from _sensitivity(material, kind, kind.result.sensitivity)
    yield from _targets(material, kind)


def _tied(kind: KindView) -> Iterator[Block]:
    if kind.result.pairs is None:
        return
    names = {row.figure.unit: row.name for row in kind.rows}
    yield Heading("Nhóm không phân biệt được")
    if not kind.result.pairs.tied:
        yield Text(f"Mọi {kind.one} đứng liền nhau trong bảng đều khác nhau vượt sai số điều tra.")
        return
    yield Text(
        f"Trong mỗi nhóm dưới đây, số liệu không đủ để nói {kind.one} nào cao hơn {kind.one} nào (so từng cặp, hiệu "
        "chỉnh Holm). Thứ tự trong nhóm không nên dùng để khen hay chê.",
        Role.QUIET,
    )
    yield Items(tuple("; ".join(names[unit] for unit in run) + "." for run in kind.result.pairs.tied))


def _like_for_like(material: Material, kind: KindView) -> Iterator[Block]:
    rows = [row for row in kind.rows if row.figure.like_for_like is not None]
    common = kind.result.common
    if not rows or common is None:
        return
    yield Heading("So sánh trên phần chung của hai năm")
    told = (
        f"Hai năm được tính trên {numbers.count(len(common.subcriteria))} tiêu chí thành phần giống nhau, với điểm và "
        "tỷ trọng của năm nay; "
    )
    told += f"{numbers.count(len(common.dropped))} tiêu chí thành phần không so được thì không tính. "
    yield Text(
        told + "Thay đổi chỉ được coi là có thật khi vượt sai số của cả hai năm; trong "
        "biểu đồ, nét mảnh là thay đổi trong phạm vi sai số."
    )
    yield from both_sizes(_arrows, kind, f"Thay đổi trên phần chung của hai năm, {kind.title}")
    columns = ("Năm trước", "Năm nay", "Thay đổi", "Sai số chuẩn", "Khoảng tin cậy của thay đổi", "Phần chung (%)")
    yield Table(
        f"phan-chung-{kind.id}", f"Thay đổi trên phần chung của hai năm, {kind.title}",
        (Column(wording.capital(kind.one), Kind.TEXT), *map(Column, columns)),
        tuple(_common_row(row) for row in rows), sheet=f"Phần chung {short(kind)}",
    )  # fmt: skip


def _common_row(row: Row) -> tuple[Cell, ...]:
    found = row.figure.like_for_like
    assert found is not None  # noqa: S101 - only such rows are asked for
    limits = None if found.low is None else (found.low, found.high)
    return (
        named(row, row.figure.unit), cells.points(found.previous), cells.points(found.current),
        cells.signed(found.change, VERDICTS[found.verdict]), cells.error(found.se), Cell(limits, Style.INTERVAL),
        cells.points(found.share),
    )  # fmt: skip


def _arrows(kind: KindView, width: float) -> list[Chart]:
    rows = [(row, found) for row in kind.rows if (found := row.figure.like_for_like) is not None]
    ends = [end for _, found in rows for end in (found.previous, found.current)]
    made = []
    for part, some in figures.parts(rows):
        up = sum(found.change > 0 for _, found in some)
        told = f"Trong {len(some)} {kind.one}, {up} tăng và {len(some) - up} không tăng. Số liệu ở bảng dưới."
        arrows = [Arrow(row.name, found.previous, found.current, found.verdict is Verdict.MORE) for row, found in some]
        made.append(
            pictures.arrows(
                f"thay-doi-{kind.id}-{part + 1}{figures.size(width)}", arrows, scale=(min(ends), max(ends)),
                axis="Chỉ số trên phần chung", alternative=told, width=width,
            )
        )  # fmt: skip
    return made


def _sensitivity(material: Material, kind: KindView, found: Sensitivity) -> Iterator[Block]:
    yield Heading("Thứ hạng phụ thuộc vào cách tính đến đâu")
    most = found.weighty[0] if found.weighty else None
    if most is not None and most.shift > 0:
        case = f" ({_subject(material, kind, most.choice, most.subject)})" if most.subject else ""
        yield Text(
            f"Lựa chọn ảnh hưởng nhiều nhất: {CHOICES[most.choice].lower()}{case}; khi đó mỗi {kind.one} xê dịch trung "
            f"bình {numbers.number(most.shift, 1)} bậc."
        )
    yield Text(
        "Mỗi lần chỉ một lựa chọn được thay đổi, các lựa chọn khác giữ nguyên. Chỉ in thứ hạng, không in điểm. "
        "Trong biểu đồ, chấm là hạng công bố, vạch là thứ hạng tốt nhất đến kém nhất.",
        Role.QUIET,
    )
    yield from both_sizes(_ranges, kind, f"Thứ hạng tốt nhất và kém nhất qua các cách tính, {kind.title}")
    yield from _choices(material, kind, found)
    skipped = [f"{CHOICES[Choice(choice)].lower()} ({SKIPPED.get(why, why)})" for choice, why in found.skipped.items()]
    if skipped:
        yield Text(f"Không thử được: {'; '.join(skipped)}.", Role.QUIET)


def _choices(material: Material, kind: KindView, found: Sensitivity) -> Iterator[Block]:
    """How far each choice moves ranks, and how far each unit is moved."""
    yield Table(
        f"lua-chon-{kind.id}", f"Ảnh hưởng của các lựa chọn, {kind.title}",
        (
            Column("Lựa chọn", Kind.TEXT), Column("Trường hợp ảnh hưởng nhất", Kind.TEXT),
            Column("Xê dịch trung bình (bậc)"), Column("Xê dịch nhiều nhất (bậc)"),
        ),
        tuple(
            (
                cells.words(CHOICES[each.choice]), cells.words(_subject(material, kind, each.choice, each.subject)),
                Cell(each.shift, Style.ERROR), Cell(each.largest, Style.COUNT),
            )
            for each in found.weighty
        ),
        sheet=f"Lựa chọn {short(kind)}", sortable=False,
    )  # fmt: skip
    yield Table(
        f"do-nhay-{kind.id}", f"Thứ hạng tốt nhất và kém nhất qua các cách tính, {kind.title}",
        (Column(wording.capital(kind.one), Kind.TEXT), Column("Hạng công bố"), Column("Tốt nhất – kém nhất")),
        tuple(
            (named(row, row.figure.unit), Cell(row.figure.rank, Style.COUNT), Cell(_range(found, row), Style.RANKS))
            for row in kind.rows
        ),
        sheet=f"Độ nhạy {short(kind)}", folded="Bảng số liệu của biểu đồ",
    )  # fmt: skip


def _subject(material: Material, kind: KindView, choice: Choice, subject: str) -> str:
    """What a scenario leaves out, by its name."""
    if choice is Choice.DOMAIN:
        return next((domain.name for domain in kind.domains if domain.id == subject), subject)
    if choice is Choice.SELF:
        return "; ".join(material.group(each) for each in subject.split(", "))
    if choice is Choice.MODE:
        return wording.MODES.get(subject, subject)
    return "" if choice in (Choice.SHARES, Choice.POINTS, Choice.WEIGHTS) else subject


def _range(found: Sensitivity, row: Row) -> tuple[int, int] | None:
    mine = found.ranges.get(row.figure.unit)
    return None if mine is None else (mine.low, mine.high)


def _ranges(kind: KindView, width: float) -> list[Chart]:
    found = kind.result.sensitivity
    made = []
    for part, some in figures.parts(kind.rows if found else []):
        rows = []
        for row in some:
            low, high = (_range(found, row) if found else None) or (None, None)
            rows.append(Interval(row.name, row.figure.rank or 0, low, high))
        widest = max((int(row.high or 0) - int(row.low or 0) for row in rows), default=0)
        told = f"Thứ hạng của {len(rows)} {kind.one} qua các cách tính; xê dịch nhiều nhất {widest} bậc."
        made.append(
            charts.rank_sets(
                f"do-nhay-{kind.id}-{part + 1}{figures.size(width)}", rows, places=len(kind.rows),
                axis="Thứ hạng", alternative=told, width=width,
            )
        )  # fmt: skip
    return made


def _targets(material: Material, kind: KindView) -> Iterator[Block]:
    rows = [row for row in kind.rows if row.figure.target is not None]
    if not rows:
        return
    reached = sum(bool(row.figure.target and row.figure.target.reached) for row in rows)
    yield Heading("So với mục tiêu")
    yield Text(
        f"{numbers.count(reached)} trong {numbers.count(len(rows))} {kind.one} có mục tiêu đạt mục tiêu của mình, tính "
        "theo chỉ số đã công bố."
    )
    yield Table(
        f"muc-tieu-{kind.id}", f"So với mục tiêu, {kind.title}",
        (
            Column(wording.capital(kind.one), Kind.TEXT), Column("Mục tiêu"), Column("Chỉ số"), Column("Còn thiếu"),
            Column("Kết luận", Kind.TEXT), Column("Theo", Kind.TEXT),
        ),
        tuple(_target_row(row) for row in rows), sheet=f"Mục tiêu {short(kind)}",
    )  # fmt: skip


def _target_row(row: Row) -> tuple[Cell, ...]:
    found = row.figure.target
    assert found is not None  # noqa: S101 - only such rows are asked for
    return (
        named(row, row.figure.unit), cells.points(found.target), cells.points(row.figure.published),
        cells.points(max(found.gap, 0.0)), cells.words(SIDES[found.side]), cells.words(found.source or numbers.NOTHING),
    )  # fmt: skip
