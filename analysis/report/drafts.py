"""Drafts that go with the report: the submission (tờ trình) and the decision with its appendix (quyết định)."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import numbers
from analysis.report import cells, decree, docx, wording
from analysis.report.blocks import Column, Kind, Pack, Table
from analysis.report.cells import Cell, Style
from analysis.report.content.material import Material
from analysis.report.html import footer
from analysis.report.standing import Decision
from analysis.report.view import KindView

PLACE = "[Địa danh], ngày … tháng … năm …"
FILL = "[…]"


def submission(pack: Pack, material: Material) -> bytes:
    """Tờ trình: what is asked for, what was done, what was found."""
    made = decree.document(f"Tờ trình: {pack.title}", pack.stamp, footer(pack))
    decree.head(made, "Số: …/TTr-…", PLACE)
    decree.named(made, "TỜ TRÌNH", "Về việc phê duyệt và công bố kết quả " + _what(material))
    decree.sentence(made, [("Kính gửi: [Ủy ban nhân dân tỉnh].", True)])
    for said in _done(material):
        decree.sentence(made, [(said, False)])
    for kind in material.kinds:
        if material.standing.with_ranks and kind.lead:
            told = " ".join(wording.plain(each) for each in kind.lead)
            decree.sentence(made, [(f"{wording.capital(kind.title)}: ", True), (told, False)])
        if kind.rows:
            decree.sentence(made, [(_range(kind), False)])
    decree.sentence(
        made,
        [("Kính trình [Ủy ban nhân dân tỉnh] xem xét, phê duyệt và cho công bố kết quả (kèm báo cáo, dự thảo quyết "
          "định và phụ lục)./.", False)],
    )  # fmt: skip
    decree.signature(made, ["- Như trên;", "- Lưu: VT, …"], "[CHỨC VỤ CỦA NGƯỜI KÝ]", "[Họ và tên]")
    return decree.packed(made)


def _what(material: Material) -> str:
    return "Chỉ số cải cách hành chính các " + " và các ".join(kind.title for kind in material.kinds)


def _done(material: Material) -> Iterator[str]:
    wave, total = material.result.wave, material.result.rates_total
    said = f"Thực hiện kế hoạch {FILL}, [cơ quan tổ chức điều tra] đã hoàn thành đợt điều tra “{wave.title['vi']}”"
    yield f"{said}, chấm điểm theo {material.framework.title.of('vi')}."
    if total and not total.hidden:
        yield (
            f"Đã phát ra {numbers.count(total.issued)} phiếu, thu về {numbers.count(total.returned)} phiếu "
            f"({numbers.percent(total.return_rate)}), trong đó {numbers.count(total.valid)} phiếu hợp lệ."
        )


def _range(kind: KindView) -> str:
    first, last = kind.rows[0], kind.rows[-1]
    return (
        f"Chỉ số các {kind.title} từ {numbers.number(last.figure.published)} ({last.name}) đến "
        f"{numbers.number(first.figure.published)} ({first.name})."
    )


def decision(pack: Pack, material: Material) -> bytes:
    """Quyết định, with the appendix of results: rank, unit, points, maximum, per cent."""
    known = material.standing.decision
    made = decree.document(f"Quyết định: {pack.title}", pack.stamp, footer(pack))
    decree.head(made, f"Số: {known.number}" if known else "Số: …/QĐ-…", _dated(known))
    decree.named(made, "QUYẾT ĐỊNH", "Phê duyệt, công bố kết quả " + _what(material))
    for ground in (
        "Căn cứ Luật Tổ chức chính quyền địa phương;", f"Căn cứ {FILL};",
        "Theo đề nghị của [cơ quan tổ chức điều tra] tại Tờ trình số …/TTr-….",
    ):  # fmt: skip
        decree.sentence(made, [(ground, False)], italic=True)
    decree.named(made, "QUYẾT ĐỊNH:", "")
    ranked = "kết quả và xếp hạng" if material.standing.with_ranks else "kết quả"
    for number, article in enumerate(
        (
            f"Phê duyệt, công bố {ranked} {_what(material)} (chi tiết tại Phụ lục kèm theo).",
            "[Cơ quan tổ chức điều tra] công khai kết quả; các cơ quan, địa phương căn cứ kết quả xây dựng kế hoạch "
            "khắc phục hạn chế.",
            "[Chánh Văn phòng Ủy ban nhân dân tỉnh], thủ trưởng các cơ quan, địa phương có liên quan chịu trách nhiệm "
            "thi hành Quyết định này kể từ ngày ký./.",
        ), 1,
    ):  # fmt: skip
        decree.sentence(made, [(f"Điều {number}. ", True), (article, False)])
    recipients = ["- Như Điều 3;", "- [Bộ Nội vụ];", "- Lưu: VT, …"]
    signer = known.signer if known else "[Họ và tên]"
    decree.signature(made, recipients, "[CHỨC VỤ CỦA NGƯỜI KÝ]", signer)
    for kind in material.kinds:
        decree.new_page(made)
        decree.named(made, "PHỤ LỤC", f"Kết quả Chỉ số cải cách hành chính các {kind.title}")
        decree.sentence(made, [(f"(Kèm theo Quyết định {_numbered(known)})", False)], italic=True)
        docx.add_table(made, appendix(material, kind), docx.UPRIGHT)
    return decree.packed(made)


def _dated(known: Decision | None) -> str:
    if known is None:
        return PLACE
    return f"[Địa danh], ngày {known.date.day:02d} tháng {_month(known.date.month)} năm {known.date.year}"


def _month(month: int) -> str:
    return f"{month:02d}" if month < 3 else str(month)


def _numbered(known: Decision | None) -> str:
    return f"số {known.number} ngày {numbers.day(known.date)}" if known else "số …/QĐ-… ngày … tháng … năm …"


def appendix(material: Material, kind: KindView) -> Table:
    """Rank (or number), unit, points, maximum, per cent."""
    ranked = material.standing.with_ranks
    rows = []
    for place, row in enumerate(kind.rows, 1):
        figure = row.figure
        earned = None
        if figure.appraised_points is not None and figure.survey_points is not None:
            earned = figure.appraised_points + figure.survey_points
        reached = None if figure.index is None else figure.index / 100
        rows.append(
            (
                Cell(figure.rank if ranked else place, Style.COUNT), cells.words(row.name), cells.points(earned),
                cells.points(figure.maximum), Cell(None if reached is None else f"{numbers.number(reached * 100)}%"),
            )
        )  # fmt: skip
    columns = (
        Column("Xếp hạng" if ranked else "Số thứ tự", Kind.RANK), Column(wording.capital(kind.one), Kind.TEXT),
        Column("Điểm đạt được"), Column("Điểm tối đa"), Column("Tỷ lệ (%)"),
    )  # fmt: skip
    return Table(f"phu-luc-{kind.id}", f"Kết quả các {kind.title}", columns, tuple(rows), head=1)
