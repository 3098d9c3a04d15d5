"""The annex of quality: unusual forms, evenness of response, weights, reliability of the factors (METHOD §9)."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import canvas, numbers
from analysis.quality import copies, patterns
from analysis.quality.answers import FEWEST
from analysis.quality.examined import Flag
from analysis.report import cells, figures
from analysis.report.blocks import Block, Column, Heading, Items, Kind, Picture, Role, Section, Table, Text
from analysis.report.cells import HIDDEN, Cell, Style
from analysis.report.content.bias import bias, variable
from analysis.report.content.collected import collected
from analysis.report.content.material import Material

_USUAL = numbers.percent(1 - copies.FALSE)
FLAGS = {
    Flag.STRAIGHT: f"mọi câu về một cơ quan trả lời cùng một mức (từ {FEWEST} câu trở lên)",
    Flag.NEARLY: f"từ {numbers.percent(patterns.NEARLY, 0)} số câu về một cơ quan trả lời cùng một mức, nhưng không "
    "phải tất cả",
    Flag.LITTLE: f"các câu trả lời ít khác nhau hơn ở {_USUAL} số phiếu mô phỏng của người trả lời độc lập",
    Flag.MUCH: f"các câu trả lời rời rạc, khác nhau nhiều hơn ở {_USUAL} số phiếu mô phỏng đó",
    Flag.COPIED: f"giống phiếu khác về cùng cơ quan hơn {_USUAL} số phiếu mô phỏng của người trả lời độc lập",
    Flag.SKIPPED: "bỏ trống từ một nửa số câu được hỏi trở lên",
    Flag.FAST: "trả lời nhanh hơn giới hạn của phương án (2 giây mỗi câu nếu phương án không nêu)",
    Flag.CONTRADICTED: "có câu trả lời mâu thuẫn nhau theo quy tắc mà bộ câu hỏi khai báo",
}
NOT_LOOKED = {
    Flag.FAST: "tốc độ trả lời (đợt này không đo, hoặc không đủ phiếu cùng loại để nêu)",
    Flag.CONTRADICTED: "câu trả lời mâu thuẫn (bộ câu hỏi không khai báo quy tắc)",
}
APART = {
    "highest": "tỷ lệ trả lời mức cao nhất khác hẳn các cơ quan cùng loại",
    "agreement": "các phiếu giống nhau hơn hẳn ở các cơ quan cùng loại",
    "little_variance": "nhiều phiếu có các câu trả lời ít khác nhau một cách bất thường",
    "much_variance": "nhiều phiếu có các câu trả lời rời rạc, như chọn hú hoạ",
    "copied": "nhiều phiếu gần như chép lại của nhau",
}
STEPS = {"base": "trọng số gốc", "nonresponse": "điều chỉnh không trả lời"}


def section(material: Material) -> Section | None:
    """None where nothing was computed beside the index."""
    blocks = tuple(_section(material))
    return Section("chat-luong", "Chất lượng thu phiếu và số liệu", blocks, appendix=True) if blocks else None


def _section(material: Material) -> Iterator[Block]:
    yield from _flags(material)
    yield from collected(material)
    yield from _evenness(material)
    yield from bias(material)
    yield from _weights(material)
    yield from _reliability(material)


def _flags(material: Material) -> Iterator[Block]:
    found = material.annexes.evidence
    if not found.checks:
        return
    yield Heading("Lượt đánh giá có dấu hiệu bất thường")
    yield Text(
        "Một phiếu đánh giá nhiều cơ quan được xem riêng về từng cơ quan, mỗi cơ quan là một lượt. Không phiếu nào bị "
        "loại vì các dấu hiệu này; ảnh hưởng đến thứ hạng nếu bỏ chúng nằm ở mục thứ hạng phụ thuộc vào cách tính. Một "
        "dấu hiệu không phải bằng chứng gian lận: phiếu trung thực cũng có thể mang dấu hiệu.",
        Role.QUIET,
    )
    yield Table(
        "dau-hieu", "Lượt đánh giá có dấu hiệu bất thường theo nhóm đối tượng",
        (Column("Nhóm đối tượng", Kind.TEXT), Column("Dấu hiệu", Kind.TEXT), Column("Số lượt"), Column("Trên tổng số"),
         Column("Tỷ lệ")),
        tuple(
            (
                cells.words(material.group(each.group)), cells.words(FLAGS.get(Flag(each.flag), each.flag)),
                cells.count(each.flagged), cells.count(each.base),
                Cell(HIDDEN, Style.SHARE) if each.flagged is None or not each.base
                else cells.share(each.flagged / each.base),
            )
            for each in found.checks
        ),
        sheet="Dấu hiệu",
    )  # fmt: skip
    looked = {each.flag for each in found.checks}
    if left := [words for flag, words in NOT_LOOKED.items() if str(flag) not in looked]:
        yield Text(f"Không kiểm tra: {'; '.join(left)}.", Role.QUIET)
    yield from _apart(material)
    if found.unchecked:
        names = "; ".join(material.group(each) for each in found.unchecked)
        yield Text(f"Không kiểm tra được vì ít câu hỏi cùng thang: {names}.", Role.QUIET)


def _apart(material: Material) -> Iterator[Block]:
    found = material.annexes.evidence.apart
    if not found:
        yield Text("Không cơ quan nào khác hẳn các cơ quan cùng loại về cách trả lời.")
        return
    yield Text("Cơ quan khác hẳn các cơ quan cùng loại, cần xem lại cách thu phiếu:")
    yield Items(tuple(
        f"{material.unit(each.unit)}: {APART.get(each.what, each.what)} ({material.group(each.group)})."
        for each in found
    ))  # fmt: skip
    yield Text(
        "Một cơ quan được nêu khi nằm ngoài khoảng mà sai số chọn mẫu và khác biệt vốn có giữa các cơ quan giải "
        "thích được. Ngưỡng đặt theo số cơ quan được xem: khi mọi phiếu đều trung thực, cứ hai mươi nhóm cơ quan "
        "vẫn có một đến hai nhóm có cơ quan bị nêu. Bị nêu là lý do để xem lại, không phải kết luận.",
        Role.QUIET,
    )


def _evenness(material: Material) -> Iterator[Block]:
    rows = material.annexes.evidence.evenness
    if not rows:
        return
    yield Heading("Các loại người được hỏi trả lời đều đến đâu")
    yield Text(
        "Chỉ số R bằng 1 khi mọi loại người được hỏi có khả năng trả lời như nhau, càng thấp càng lệch (Shlomo, "
        "Skinner và Schouten, 2012). Nó chỉ nói về những gì danh sách cho biết, không nói về ý kiến của "
        "người không trả lời.",
        Role.QUIET,
    )
    yield Table(
        "chi-so-r", "Chỉ số R theo nhóm đối tượng",
        (Column("Nhóm đối tượng", Kind.TEXT), Column("Chỉ số R"), Column("Sai số chuẩn"),
         Column("Lệch nhất theo", Kind.TEXT)),
        tuple(
            (cells.words(material.group(each.group)), cells.points(each.r), cells.points(each.se),
             cells.words(numbers.NOTHING if not each.uneven or each.se is None
                         else variable(each.uneven)))
            for each in rows
        ),
        sheet="Chỉ số R",
    )  # fmt: skip


def _weights(material: Material) -> Iterator[Block]:
    rows = material.annexes.evidence.weights
    if not rows:
        return
    yield Heading("Trọng số qua từng bước")
    wide, narrow = (figures.weight_chart(material.result, rows, width) for width in (canvas.WIDTH, canvas.PHONE))
    if wide:
        yield Picture("Trọng số sau bước cuối so với trung vị của nhóm", wide, narrow)
    elif any(each.sum is not None for each in rows) and figures.weights_alike(rows):
        which = "mỗi nhóm đối tượng" if all(each.sum is not None for each in rows) else "mỗi nhóm được công bố trọng số"
        yield Text(f"Sau bước cuối, trong {which} mọi phiếu có trọng số bằng nhau.")
    if any(each.sum is None for each in rows):
        yield Text(f"{HIDDEN}: không công bố, vì cùng với số phiếu sẽ suy ra được những con số không công bố của nhóm.",
                   Role.QUIET)  # fmt: skip
    yield Table(
        "trong-so", "Trọng số qua từng bước",
        (Column("Nhóm đối tượng", Kind.TEXT), Column("Bước", Kind.TEXT), Column("Nhỏ nhất"), Column("Lớn nhất"),
         Column("Tổng"), Column("Hiệu ứng trọng số (Kish)")),
        tuple(
            (cells.words(material.group(each.group)), cells.words(STEPS.get(each.step, each.step)),
             *(Cell(HIDDEN if value is None else value, Style.POINTS) for value in (each.low, each.high, each.sum)),
             cells.points(each.kish))
            for each in rows
        ),
        sheet="Trọng số",
    )  # fmt: skip


def _reliability(material: Material) -> Iterator[Block]:
    rows = [each for each in material.annexes.reliability if each.alpha is not None]
    if not rows:
        return
    level = numbers.percent(material.result.level, 0)
    yield Heading("Các câu hỏi của một yếu tố có nhất quán không")
    yield Text(
        "Cronbach alpha gần 1 khi các câu hỏi của một yếu tố được trả lời cùng hướng; dưới 0,7 thì nên đọc từng câu "
        "hỏi thay vì cả yếu tố. Tính trên người trả lời đủ các câu, không trọng số.", Role.QUIET,
    )  # fmt: skip
    yield Table(
        "do-tin-cay", "Độ tin cậy của các yếu tố",
        (Column("Nhóm đối tượng", Kind.TEXT), Column("Yếu tố", Kind.TEXT), Column("Alpha"),
         Column(f"Khoảng tin cậy {level}"), Column("Omega"), Column("Số câu"), Column("Trả lời đủ")),
        tuple(
            (cells.words(material.group(each.group)),
             cells.words(each.text.get("vi", each.factor)), cells.error(each.alpha),
             cells.words(f"{numbers.number(each.low, 3)} – {numbers.number(each.high, 3)}"), cells.error(each.omega),
             cells.count(len(each.items)), cells.count(each.n))
            for each in rows
        ),
        sheet="Độ tin cậy",
    )  # fmt: skip
