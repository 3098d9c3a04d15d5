"""The annex of returns and fieldwork: how many forms went out and came back, and who assessed whom."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import canvas, numbers
from analysis.report import cells, figures, wording
from analysis.report.blocks import Block, Column, Heading, Kind, Picture, Role, Section, Table, Text
from analysis.report.cells import HIDDEN, SUPPRESSED, Cell, Style
from analysis.report.content.conduct import conduct
from analysis.report.content.kinds import short
from analysis.report.content.material import Material
from analysis.report.view import KindView
from analysis.result import RateRow

RATES = ("Phát ra", "Thu về", "Hợp lệ", "Tỷ lệ thu hồi", "Tỷ lệ hợp lệ")


def section(material: Material) -> Section:
    """Numbers of forms and return rates."""
    return Section("phieu", "Số phiếu và tỷ lệ thu hồi", tuple(_section(material)), appendix=True)


def _section(material: Material) -> Iterator[Block]:
    total = material.result.rates_total
    if total and not total.hidden:
        yield Text(
            f"Đã phát ra {numbers.count(total.issued)} phiếu, thu về {numbers.count(total.returned)} phiếu "
            f"({numbers.percent(total.return_rate)}), trong đó {numbers.count(total.valid)} phiếu hợp lệ "
            f"({numbers.percent(total.valid_rate)} số phiếu thu về)."
        )
    yield Text(
        "Tỷ lệ thu hồi = số phiếu thu về, kể cả phiếu hỏng và phiếu đến muộn ÷ số phiếu phát ra. Tỷ lệ hợp lệ = số "
        "phiếu hợp lệ ÷ số phiếu thu về. Mỗi phiếu được tính một lần.",
        Role.QUIET,
    )
    wide = figures.return_chart(material.result)
    if wide:
        yield Picture(
            "Tỷ lệ thu hồi theo nhóm đối tượng", wide, figures.return_chart(material.result, canvas.PHONE)
        )  # fmt: skip
    yield _by_group(material)
    yield from _days(material)
    for kind in material.kinds:
        yield from _by_unit(material, kind)
    for kind in material.kinds:
        yield from _assessments(material, kind)
    yield from conduct(material)


def _columns(first: str) -> tuple[Column, ...]:
    counts, shares = RATES[:3], RATES[3:]
    return (Column(first, Kind.TEXT), *(Column(each, under=True) for each in counts), *map(Column, shares))


def _rate(label: str, rate: RateRow) -> tuple[Cell, ...]:
    if rate.hidden:
        return (cells.words(label), *(Cell(HIDDEN, Style.COUNT) for _ in RATES[:3]),
                *(Cell(SUPPRESSED, Style.SHARE) for _ in RATES[3:]))  # fmt: skip
    counts = (cells.count(value) for value in (rate.issued, rate.returned, rate.valid))
    return (cells.words(label), *counts, cells.share(rate.return_rate), cells.share(rate.valid_rate))


def _by_group(material: Material) -> Table:
    result = material.result
    rows = tuple(_rate(material.group(rate.by["group"]), rate) for rate in result.rates_by_group)
    shown = result.rates_total and not result.rates_total.hidden
    foot = _rate("Tổng cộng", result.rates_total) if result.rates_total and shown else None
    caption = "Tỷ lệ thu hồi theo nhóm đối tượng"
    return Table("thu-hoi", caption, _columns("Nhóm đối tượng"), rows, foot, sheet="Tỷ lệ thu hồi")


def _days(material: Material) -> Iterator[Block]:
    told = material.annexes.evidence.days
    if not told:
        return
    yield Heading("Phiếu thu về theo ngày")
    yield Text(
        f"Số phiếu thu về đến hết mỗi ngày, mỗi bậc gồm ít nhất {material.result.wave.k} phiếu; phiếu của những ngày "
        "ít hơn được cộng vào ngày sau. Máy chủ chỉ đếm theo ngày, không ghi phiếu nào trả lời ngày nào.", Role.QUIET,
    )  # fmt: skip
    wide, narrow = (figures.day_chart(material.result, told, width) for width in (canvas.WIDTH, canvas.PHONE))
    yield Picture("Phiếu thu về theo ngày", wide, narrow)
    yield Table(
        "theo-ngay", "Số phiếu thu về đến hết ngày",
        (Column("Nhóm đối tượng", Kind.TEXT), Column("Đến hết ngày", Kind.TEXT), Column("Thu về"), Column("Phát ra"),
         Column("Tỷ lệ thu hồi")),
        tuple(
            (cells.words(material.group(each.group)), cells.words(numbers.day(day)), cells.count(n),
             cells.count(each.issued), cells.share(n / each.issued))
            for each in told for day, n in each.returned
        ),
        sheet="Theo ngày", folded="Bảng số liệu của biểu đồ",
    )  # fmt: skip


def _by_unit(material: Material, kind: KindView) -> Iterator[Block]:
    rates = {rate.by["unit"]: rate for rate in material.result.rates_by_unit}
    units = [unit.unit for unit in (*kind.result.units, *kind.result.unranked) if unit.unit in rates]
    if not units:
        return
    k = material.result.wave.k
    yield Heading(f"Tỷ lệ thu hồi theo {kind.one}: {kind.title}")
    yield Text(
        f"Một phiếu được tính ở mỗi {kind.one} mà phiếu đó được phát ra để đánh giá, nên cộng theo {kind.one} có thể "
        f"lớn hơn tổng số phiếu. “Không công bố”: có dưới {k} phiếu hợp lệ, hoặc nếu công bố thì có thể suy ra số liệu "
        f"của nơi khác có dưới {k} phiếu. Trên cùng một phiếu đã thu về, người trả lời vẫn có thể không đánh giá một "
        f"{kind.one} vì không đủ thông tin.", Role.QUIET,
    )  # fmt: skip
    yield Table(
        f"thu-hoi-{kind.id}", f"Tỷ lệ thu hồi theo {kind.one}, {kind.title}", _columns(wording.capital(kind.one)),
        tuple(_rate(material.unit(unit), rates[unit]) for unit in units), sheet=f"Thu hồi {short(kind)}",
    )  # fmt: skip


def _assessments(material: Material, kind: KindView) -> Iterator[Block]:
    """Valid assessments by unit and group; only groups that assess the kind."""
    shown = {(row.unit, row.group): row.n for row in material.result.assessments}
    units = [unit.unit for unit in (*kind.result.units, *kind.result.unranked)]
    groups = [group for group in material.result.wave.group_names if any((unit, group) in shown for unit in units)]
    if not groups:
        return
    k = material.result.wave.k
    yield Heading(f"Lượt đánh giá hợp lệ: {kind.title}")
    yield Text(
        f"Một phiếu của cán bộ, công chức có thể đánh giá nhiều {kind.one}; phiếu đó được tính là một lượt ở mỗi "
        f"{kind.one}. Dấu {numbers.DASH} là không có lượt đánh giá hợp lệ nào; dấu {HIDDEN} là không công bố vì có "
        f"dưới {k} phiếu, hoặc để không suy ra được ô như vậy.", Role.QUIET,
    )  # fmt: skip
    yield Table(
        f"luot-danh-gia-{kind.id}", f"Lượt đánh giá hợp lệ, {kind.title}",
        (Column(wording.capital(kind.one), Kind.TEXT), *(Column(material.group(group)) for group in groups)),
        tuple(
            (
                cells.words(material.unit(unit)),
                *(
                    cells.count(shown[unit, group]) if (unit, group) in shown else Cell(numbers.DASH, Style.COUNT)
                    for group in groups
                ),
            )
            for unit in units
        ),
        sheet=f"Lượt đánh giá {short(kind)}",
    )  # fmt: skip
