"""The paper twin: the questionnaire that the pages ask, to be filled in by hand and keyed, with its item codes.

The strip at the foot of the first sheet carries the invitation's code. Whoever keys the form scans it, and tears it off
afterwards: what is filed then names no invitation. The back of the strip stays blank.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from forms.questionnaire import Item, ItemType, Questionnaire, Section
from survey.issuing import ExportRow
from survey.paper import marks as paper_marks
from survey.paper import qr, typesetting
from survey.paper import skips as paper_skips
from survey.paper.skips import Words
from survey.paper.slips import qr_text
from survey.wave import RegisteredWave

_LONG_TEXT = 200  # characters; above it three lines are ruled


@dataclass(frozen=True, slots=True)
class _Paper:
    """What the blocks of one questionnaire share."""

    questionnaire: Questionnaire
    language: str
    words: Words
    numbers: Mapping[str, int]


def blank(questionnaire: Questionnaire, language: str = "vi") -> bytes:
    """A form without wave or invitation, to be looked at or copied."""
    paper = _paper(questionnaire, language)
    form = {"strip": None, "units": [], "blocks": list(_blocks(paper, [""]))}
    return typesetting.pdf("questionnaire", _document(paper, None, [form]))


def of_invitations(
    wave: RegisteredWave, questionnaire: Questionnaire, rows: Sequence[ExportRow], language: str = "vi"
) -> bytes:
    """One form an invitation, each beginning a sheet of its own."""
    paper = _paper(questionnaire, language)
    return typesetting.pdf("questionnaire", _document(paper, wave, [_form(paper, wave, row) for row in rows]))


def _paper(questionnaire: Questionnaire, language: str) -> _Paper:
    asked = [item.id for item in questionnaire.items.values() if item.type is not ItemType.NOTE]
    return _Paper(
        questionnaire, language, paper_skips.words(language), {id: number for number, id in enumerate(asked, 1)}
    )


def _document(paper: _Paper, wave: RegisteredWave | None, forms: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    _, language = paper.words, paper.language
    spec = wave.spec if wave else None
    return {
        "lang": language,
        "title": paper.questionnaire.title.of(language),
        "wave": spec.title.of(language) if spec else "",
        "issuer": paper_marks.issuer(wave) if wave else "",
        "marks": list(paper_marks.marks(wave)) if wave else ["BẢN THỬ"],
        "version": f"{paper.questionnaire.id} · {paper.questionnaire.version} · {paper.questionnaire.hash[:8]}",
        "how": _how(paper, wave),
        "hotline": _("Hỏi đáp: %(line)s", line=spec.hotline) if spec and spec.hotline else "",
        "words": {
            "unit": _("Cơ quan được đánh giá"),
            "units": _("Các cơ quan được đánh giá"),
            "declined": _("Tôi không đủ thông tin để đánh giá"),
            "question": _("Câu hỏi"),
            "month": _("tháng"),
            "year": _("năm"),
            "several": _("chọn mọi câu trả lời đúng"),
            "page": _("Trang"),
            "of": _("trên"),
            "code": _("Mã trả lời"),
            "serial": _("Số phiếu"),
            "qr": _("Mã QR của phiếu này"),
            "online": _(
                "Có thể trả lời qua mạng thay cho phiếu giấy: quét mã QR, hoặc mở địa chỉ sau đây và nhập mã trả lời:"
            ),
            "keyer": _(
                "Người nhập phiếu quét mã này trước khi nhập. Nhập xong, cắt dải này khỏi phiếu và hủy, để phiếu lưu "
                "không còn gắn với mã."
            ),
            "back": _("Mặt sau của dải cắt rời, để trống."),
            "empty": _("Hết phiếu. Xin cảm ơn Ông/Bà."),
        },
        "forms": list(forms),
    }


def _how(paper: _Paper, wave: RegisteredWave | None) -> list[str]:
    _ = paper.words
    lines = [
        _("Xin đánh dấu × vào ô của câu trả lời; muốn đổi thì tô kín ô đã đánh dấu rồi chọn ô khác."),
        _("Thời gian trả lời khoảng %(minutes)s phút. Ông/Bà có thể bỏ qua câu không muốn trả lời.",
          minutes=paper.questionnaire.minutes),
        _("Xin không ghi họ tên, số điện thoại hay mã hồ sơ lên phiếu."),
    ]  # fmt: skip
    if wave is not None:
        lines.append(
            _("Việc trả lời là tự nguyện. Từ chối hoặc dừng lại không ảnh hưởng đến việc giải quyết hồ sơ của Ông/Bà.")
        )  # fmt: skip
        lines.append(
            _(
                "Người nhập phiếu thấy câu trả lời cùng mã của phiếu trong lúc nhập, nhưng không biết đó là mã của ai. "
                "Nhập xong, dải có mã được cắt bỏ; câu trả lời được khóa lại và tách khỏi mã."
            )
        )
        lines.append(_("Nhận phiếu đến hết ngày %(day)s.", day=f"{wave.spec.closes:%d/%m/%Y}"))
        lines.append(
            _("Kết quả chỉ được công bố dưới dạng số liệu chung của ít nhất %(k)s người.", k=wave.spec.k)
        )  # fmt: skip
    return lines


def _form(paper: _Paper, wave: RegisteredWave, row: ExportRow) -> dict[str, Any]:
    names = [wave.spec.unit(unit).name.of(paper.language) for unit in row.units]
    base = row.url.rpartition("/P/")[0]
    return {
        "strip": {
            "code": row.code,
            "serial": row.serial,
            "qr": qr.svg(qr_text(row.url)),
            "link": base.removeprefix("https://").removeprefix("http://") + "/",
        },
        "units": names,
        "blocks": list(_blocks(paper, names)),
    }


def _blocks(paper: _Paper, units: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Everything below the head, in the order of the pages."""
    several = len(units) > 1
    unit: int | None = None
    for page in paper.questionnaire.pages(len(units)):
        if several and page.unit is not None and page.unit != unit:
            yield {"kind": "unit", "name": units[page.unit], "number": page.unit + 1, "of": len(units)}
        unit = page.unit
        for section in page.parts:
            yield from _section(paper, section, 3 if several and unit is not None else 2)


def _section(paper: _Paper, section: Section, level: int) -> Iterator[dict[str, Any]]:
    language = paper.language
    intro = section.intro.of(language) if section.intro else ""
    yield {"kind": "section", "title": section.title.of(language), "intro": intro, "level": level}
    for choices, run in groupby(section.items, _grid_of):
        items = list(run)
        if choices is not None and len(items) > 1:
            yield _grid(paper, items)
        else:
            for item in items:
                yield from _single(paper, item)


def _grid_of(item: Item) -> tuple[object, ...] | None:
    """What items in one grid share: scales of few choices without a skip rule or hint; None for the others."""
    plain = item.type is ItemType.SCALE and item.show_if is None and item.hint is None and len(item.choices) <= 6
    return (item.choices, item.allow_na) if plain else None


def _codes(paper: _Paper, item: Item) -> list[dict[str, Any]]:
    """The boxes of an item: what is printed at each, and what is keyed."""
    boxes = [{"text": choice.text.of(paper.language), "code": choice.position + 1} for choice in item.choices]
    if item.allow_na:
        boxes.append({"text": paper.words("Không biết hoặc không áp dụng"), "code": paper_marks.na_code(item)})
    return boxes


def _grid(paper: _Paper, items: Sequence[Item]) -> dict[str, Any]:
    rows = [
        {"number": paper.numbers[item.id], "text": item.text.of(paper.language), "id": item.id} for item in items
    ]  # fmt: skip
    return {"kind": "grid", "boxes": _codes(paper, items[0]), "rows": rows}


def _single(paper: _Paper, item: Item) -> Iterator[dict[str, Any]]:
    _, language = paper.words, paper.language
    if item.show_if is not None:
        condition = paper_skips.told(item.show_if, paper.questionnaire.items, paper.numbers, language, _)
        yield {"kind": "skip", "text": _("Chỉ trả lời câu sau nếu %(condition)s.", condition=condition)}
    block: dict[str, Any] = {"kind": str(item.type), "id": item.id, "text": item.text.of(language)}
    block["hint"] = item.hint.of(language) if item.hint else ""
    if item.type is not ItemType.NOTE:
        block["number"] = paper.numbers[item.id]
    if item.closed:
        block["boxes"] = _codes(paper, item)
    if item.type is ItemType.TEXT:
        block["lines"] = 3 if item.max_length > _LONG_TEXT else 1
    if item.type is ItemType.NUMBER:
        block["digits"] = len(str(item.maximum)) if item.maximum is not None else 4
    yield block
    out = paper.questionnaire.screen_out
    if out is not None and item.id == max(out.names, key=lambda id: paper.numbers.get(id, 0)):
        condition = paper_skips.told(out, paper.questionnaire.items, paper.numbers, language, _)
        yield {"kind": "skip", "text": _("Nếu %(condition)s, xin dừng ở đây và gửi lại phiếu.", condition=condition)}
