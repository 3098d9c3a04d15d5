"""Who answered beside who was asked, whether the way of answering tells, errors by repetition (METHOD §9)."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import numbers, usual_words
from analysis.evidence import NONE
from analysis.report import cells, wording
from analysis.report.blocks import Block, Column, Heading, Kind, Role, Table, Text
from analysis.report.cells import HIDDEN, Cell, Style
from analysis.report.content.material import Material

VARIABLES = {"stratum": "tầng chọn mẫu"} | {
    margin: words["vi"][0].lower() + words["vi"][1:] for margin, words in usual_words.MARGINS.items()
}
LEVELS = {
    (column, level): words["vi"] for column, levels in usual_words.LEVELS.items() for level, words in levels.items()
}
UNTOLD = {"None", "", "*"}


def variable(name: str) -> str:
    """A margin or column, as a report names it."""
    return VARIABLES.get(name, name.removeprefix("m_"))


def _level(column: str, level: str) -> str:
    return usual_words.MERGED["vi"] if level in UNTOLD else LEVELS.get((column, level), level)


def bias(material: Material) -> Iterator[Block]:
    """Nothing where nothing was computed beside the index."""
    if material.annexes.evidence == NONE:
        return
    yield from _frame(material)
    yield from _effects(material)
    yield from _repeated(material)


def _frame(material: Material) -> Iterator[Block]:
    rows = material.annexes.evidence.frame
    if not rows:
        return
    yield Heading("Người trả lời so với cả danh sách")
    yield Text(
        "Phần của mỗi loại trong danh sách và trong số người trả lời hợp lệ (theo trọng số gốc, trước khi điều chỉnh "
        "cho phần không trả lời). Hai phần càng gần nhau thì người trả lời càng giống danh sách ở điểm đó.",
        Role.QUIET,
    )
    yield Table(
        "so-voi-danh-sach", "Người trả lời so với cả danh sách",
        (Column("Nhóm đối tượng", Kind.TEXT), Column("Phân theo", Kind.TEXT), Column("Loại", Kind.TEXT),
         Column("Trong danh sách"), Column("Trong số trả lời"), Column("Chênh lệch (điểm %)"), Column("Số phiếu")),
        tuple(
            (
                cells.words(material.group(each.group)), cells.words(variable(each.variable)),
                cells.words(_level(each.variable, each.level)), cells.share(each.frame),
                Cell(HIDDEN, Style.SHARE) if each.answered is None else cells.share(each.answered),
                Cell(HIDDEN if each.answered is None else each.answered - each.frame, Style.SIGNED_SHARE),
                cells.count(each.n),
            )
            for each in rows
        ),
        sheet="So với danh sách",
    )  # fmt: skip


def _effects(material: Material) -> Iterator[Block]:
    rows = material.annexes.evidence.effects
    level = numbers.percent(material.result.level, 0)
    yield Heading("Cách trả lời và lúc trả lời có làm điểm khác đi không")
    if not rows:
        yield Text(
            "Ở mỗi nhóm, mọi phiếu trong bộ dữ liệu được trả lời cùng một cách, và bộ dữ liệu không ghi phiếu nào đến "
            "trước, phiếu nào đến sau lần nhắc đầu; vì vậy không so sánh được."
        )
        return
    yield Text(
        "Điểm trung bình các câu hỏi theo thang (từ 0 đến 1), và chênh lệch so với loại nhiều phiếu nhất sau khi đã "
        "tính đến cơ quan được đánh giá và các đặc điểm có trong danh sách. Người trả lời tự chọn cách trả lời, nên "
        "chênh lệch có thể do cách trả lời, cũng có thể do chính người trả lời khác nhau.", Role.QUIET,
    )  # fmt: skip
    yield Table(
        "cach-tra-loi", "Điểm theo cách trả lời và lúc trả lời",
        (Column("Nhóm đối tượng", Kind.TEXT), Column("Loại", Kind.TEXT), Column("Số phiếu"), Column("Điểm trung bình"),
         Column("Chênh lệch đã điều chỉnh"), Column("Sai số chuẩn"), Column(f"Khoảng tin cậy {level}")),
        tuple(
            (
                cells.words(material.group(each.group)), cells.words(_level(each.column, each.level)),
                cells.count(each.n), cells.error(each.mean),
                cells.words("loại được so sánh") if each.level == each.reference else cells.error(each.difference),
                cells.error(each.se), cells.words(_limits(each.low, each.high)),
            )
            for each in rows
        ),
        sheet="Cách trả lời",
    )  # fmt: skip


def _limits(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return numbers.NOTHING
    return f"{numbers.number(low, 3)} đến {numbers.number(high, 3)}"


def _repeated(material: Material) -> Iterator[Block]:
    shown = {kind.id: kind for kind in material.kinds}
    rows = [each for each in material.annexes.evidence.repeated if each.kind in shown and each.ratio is not None]
    if not rows:
        return
    draws = numbers.count(rows[0].draws)
    yield Heading("Sai số tính bằng cách lặp lại cả quá trình")
    yield Text(
        f"Sai số chuẩn của chỉ số được tính lại bằng cách lấy ngẫu nhiên có hoàn lại những người trả lời trong từng "
        f"tầng {draws} lần, mỗi lần làm lại từ đầu: điều chỉnh cho phần không trả lời, cho điểm, cộng điểm. Tỷ số gần "
        "1 nghĩa là sai số công bố trong báo cáo không phụ thuộc vào công thức tính gần đúng. Cơ quan có nhóm trả lời "
        "giống hệt nhau mang sai số gộp trong báo cáo, nên ở đó tỷ số nhỏ hơn 1.", Role.QUIET,
    )  # fmt: skip
    yield Table(
        "sai-so-lap-lai", "Sai số chuẩn của chỉ số, công bố và lặp lại (trung vị)",
        (Column("Loại đơn vị", Kind.TEXT), Column("Số đơn vị"), Column("Công bố"), Column("Lặp lại"),
         Column("Tỷ số (trung vị)")),
        tuple(
            (cells.words(wording.capital(shown[each.kind].title)), cells.count(each.units),
             cells.error(each.linearised), cells.error(each.replicate), cells.points(each.ratio))
            for each in rows
        ),
        sheet="Sai số lặp lại",
    )  # fmt: skip
