"""The sentences of the report: what may be concluded, and what every mark means.

Vietnamese as an office would write it. A sentence is ``Markup``: its emphasis is for the page, ``plain`` takes it off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from analysis import numbers, usual_words
from analysis.report.conclusions import Conclusions
from analysis.result import Mark, Quality


@dataclass(frozen=True, slots=True)
class KindWords:
    """How units of a kind are called: in a heading, and one of them in a sentence."""

    title: str
    one: str


KINDS = {
    "department": KindWords("sở, ban, ngành", "cơ quan"),
    "district": KindWords("huyện, thị xã, thành phố", "địa phương"),
    "commune": KindWords("xã, phường", "địa phương"),
    "vertical": KindWords("cơ quan ngành dọc", "cơ quan"),
}
_SMALL_COUNTS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười")

MARKS: dict[str, str] = {
    Mark.SMALL: "Có tiêu chí thành phần dựa trên dưới {few} câu trả lời: độ tin cậy hạn chế, chỉ nên đọc "
    "cùng khoảng tin cậy.",
    Mark.WIDE: "Khoảng tin cậy của chỉ số rộng hơn {wide} điểm, là giới hạn đã định trước: chỉ số chỉ mang tính tham "
    "khảo.",
    Mark.WITHHELD: "Có lĩnh vực, tiêu chí thành phần hoặc điểm của nhóm đối tượng không công bố vì khoảng tin cậy rộng "
    "hơn {too_wide}% mức điểm tối đa, là giới hạn đã định trước.",
    Mark.RESCALED: "Có tiêu chí thành phần không áp dụng cho cơ quan này (đã công bố trước khi điều tra); "
    "chỉ số được quy đổi về thang 100.",
    Mark.REWEIGHTED: "Có nhóm đối tượng chưa đủ phiếu hợp lệ ở ít nhất một tiêu chí thành phần; tỷ trọng của nhóm đó "
    "được chia lại cho các nhóm còn lại.",
    Mark.POOLED: "Ở ít nhất một tiêu chí thành phần có quá ít phiếu hoặc mọi phiếu trả lời như nhau; phương sai được "
    "lấy chung của cả nhóm đối tượng.",
    Mark.NO_APPRAISED: "Chưa có điểm thẩm định ở ít nhất một tiêu chí thành phần.",
    Mark.MISSING: "Chưa đủ phiếu hợp lệ ở ít nhất một tiêu chí thành phần.",
    Mark.NOT_APPLICABLE: "Có tiêu chí thành phần không áp dụng cho cơ quan này (đã công bố trước khi điều tra).",
    Mark.FEW_DF: "Khoảng tin cậy dựa trên dưới 8 bậc tự do, cần đọc thận trọng.",
    Mark.NO_INTERVAL: "Không đủ số liệu để tính khoảng tin cậy.",
    Mark.CONSERVATIVE: "Sai số được tính theo hướng thận trọng: không giảm trừ theo tỷ lệ đã điều tra trong tổng thể.",
    Mark.NEAR_STEP: "Kết quả nằm sát ngưỡng của thang điểm theo bậc: bậc kề bên có xác suất từ 5% trở lên.",
    Mark.STEPPED: "Sai số của tiêu chí chấm theo bậc được tính bằng mô phỏng với số khởi tạo (seed) cố định.",
    Mark.APPROXIMATE: "Khoảng thứ hạng là gần đúng: trên 5% phương sai của chỉ số đến từ tiêu chí chấm theo bậc.",
    Mark.SUPPRESSED: "Có nhóm đối tượng quá ít phiếu nên số liệu của nhóm đó không công bố.",
}

REASONS = {
    "missing": "chưa đủ phiếu hợp lệ để xếp hạng",
    "appraised": "chưa có điểm thẩm định nên chưa tính được chỉ số",
    "too_wide": "chỉ số không công bố vì khoảng tin cậy rộng hơn {too_wide} điểm, là giới hạn đã định trước",
}

SIMULATED = (
    "Số liệu mô phỏng: mọi phiếu trả lời trong báo cáo này do máy tạo ra để trình diễn, không phải ý kiến của "
    "người dân, tổ chức hay công chức. Không dùng để đánh giá bất kỳ cơ quan, địa phương nào."
)
ILLUSTRATIVE = "Bộ tiêu chí minh họa: tiêu chí và điểm tối đa không phải văn bản chính thức."
NON_PROBABILITY = (
    "Không phải mẫu xác suất: người trả lời không được chọn ngẫu nhiên từ một danh sách, nên kết quả chỉ mô tả những "
    "người đã trả lời; sai số và khoảng tin cậy không suy rộng được cho toàn bộ đối tượng."
)
INTERIM = "Số liệu tạm thời: đợt điều tra chưa kết thúc khi chốt bộ dữ liệu này."
PILOT = "Điều tra thử: không dùng để xếp hạng chính thức."
WITHHELD = "quá rộng, không công bố"

MODES = {mode: words["vi"] for mode, words in usual_words.MODES.items()}


def kind_words(kind: str) -> KindWords:
    """How a kind is called; one that we have no word for keeps its id."""
    return KINDS.get(kind, KindWords(kind, "đơn vị"))


def mark(which: str, quality: Quality) -> str:
    """What a mark means, with the wave's limits."""
    return _with_limits(MARKS[which], quality)


def reason(which: str, quality: Quality) -> str:
    """Why a unit has no index."""
    return _with_limits(REASONS.get(which, which), quality)


def _with_limits(text: str, quality: Quality) -> str:
    limits = {"few": numbers.count(quality.few)}
    limits |= {name: limit(getattr(quality, name)) for name in ("wide", "too_wide")}
    return text.format(**limits)


def limit(width: float | None) -> str:
    """A limit of widths as it was declared: ``5``, ``7,5``."""
    return numbers.NOTHING if width is None else numbers.number(width, 0 if width == int(width) else 1)


def amount(count: int) -> str:
    """Up to ten in words, as in running text."""
    return _SMALL_COUNTS[count] if count < len(_SMALL_COUNTS) else numbers.count(count)


def listing(names: Sequence[str]) -> str:
    """``A``, ``A và B``, ``A, B và C``; with a semicolon where a name has a comma of its own."""
    comma = "; " if any("," in name for name in names) else ", "
    return names[0] if len(names) == 1 else f"{comma.join(names[:-1])} và {names[-1]}"


def capital(text: str) -> str:
    """The sentence with a capital letter."""
    return text[:1].upper() + text[1:]


def plain(sentence: Markup | str) -> str:
    """Take the emphasis off."""
    return sentence.striptags() if isinstance(sentence, Markup) else sentence


def lead(facts: Conclusions, one: str) -> tuple[Markup, ...]:
    """What may be concluded about a kind, most important first."""
    if facts.ranked < 2:
        return (Markup("Chưa đủ {} có chỉ số để xếp hạng.").format(one),)
    return (_top(facts, one), *_bottom(facts, one), _pairs(facts, one))


def _top(facts: Conclusions, one: str) -> Markup:
    if len(facts.best) == 1:
        return Markup("{} <b>đứng đầu</b>, kể cả khi tính đến sai số điều tra.").format(facts.best[0])
    others = [name for name in facts.best if name not in facts.alone]
    if len(facts.alone) == 1 and others:
        rest = listing(others) if len(others) <= 3 else f"{amount(len(others))} {one} khác"
        said = Markup("{0} <b>đứng đầu</b> khi xét riêng từng {1}; khi xét mọi {1} cùng lúc thì chưa loại trừ {2}.")
        return said.format(facts.alone[0], one, rest)
    told = _several(facts, one)
    if others:
        told += Markup(" Xét mọi {0} cùng lúc nên kết luận này rộng hơn khoảng thứ hạng của riêng từng {0}.").format(
            one
        )
    return told


def _several(facts: Conclusions, one: str) -> Markup:
    best, ranked = facts.best, amount(facts.ranked)
    if len(best) >= facts.ranked:
        return Markup("Chưa thể nói {0} nào đứng đầu: <b>cả {1} {0} đều có thể đứng thứ nhất</b>.").format(one, ranked)
    if len(best) <= 4:
        told = Markup("{} <b>đều có thể đứng thứ nhất</b>: số liệu chưa phân biệt được {} nào trong số đó đứng đầu.")
        return told.format(listing(best), one)
    return Markup("Chưa thể nói {0} nào đứng đầu: <b>{1} trong {2} {0}</b> đều có thể đứng thứ nhất.").format(
        one, amount(len(best)), ranked
    )


def _bottom(facts: Conclusions, one: str) -> tuple[Markup, ...]:
    if not facts.bottom:
        return (Markup("Không {} nào chắc chắn nằm ở cuối bảng.").format(one),)
    group = amount(facts.bottom_size)
    if facts.bottom_size == 1:
        return (Markup("{} <b>đứng cuối</b>, kể cả khi tính đến sai số điều tra.").format(facts.bottom[0]),)
    if len(facts.bottom) <= 4:
        said = Markup("{} chắc chắn thuộc nhóm {} {} cuối bảng.")
        return (said.format(listing(facts.bottom), group, one),)
    return (
        Markup("{} {} chắc chắn thuộc nhóm {} {} cuối bảng.").format(
            capital(amount(len(facts.bottom))), one, group, one
        ),
    )


def _pairs(facts: Conclusions, one: str) -> Markup:
    total, differ = numbers.count(facts.pairs), numbers.count(facts.differing)
    share = numbers.percent(facts.differing / facts.pairs, 0)
    if not facts.differing:
        return Markup("Trong {} cặp {}, chưa cặp nào khác nhau rõ rệt.").format(total, one)
    return Markup("Trong {} cặp {}, {} cặp ({}) khác nhau rõ rệt.").format(total, one, differ, share)


def change_summary(up: int, down: int, noise: int, unknown: int, one: str) -> str:
    """One sentence on the previous year; '' where nothing is compared."""
    known = up + down + noise
    if not known and not unknown:
        return ""
    if not known:
        return (
            f"{capital(amount(unknown))} {one} có số liệu năm trước. Số liệu đó không kèm sai số chuẩn nên chưa thể "
            "kết luận mức tăng, giảm có vượt sai số hay không."
        )
    text = f"So với năm trước, {amount(up)} {one} tăng và {amount(down)} {one} giảm nhiều hơn sai số; "
    text += f"{amount(noise)} {one} thay đổi trong phạm vi sai số"
    if not unknown:
        return f"{text}."
    return f"{text}; ở {amount(unknown)} {one}, chưa thể kết luận mức tăng, giảm có vượt sai số hay không."


def joined(sentences: Sequence[Markup]) -> Markup:
    """Sentences one after the other, their emphasis kept."""
    return Markup(" ").join(sentences)


def holders(names: Sequence[str], most: int = 3) -> str:
    """Names, or how many they are when they are more than ``most``."""
    if not names:
        return numbers.NOTHING
    return "; ".join(names) if len(names) <= most else f"{numbers.count(len(names))} nơi cùng mức"
