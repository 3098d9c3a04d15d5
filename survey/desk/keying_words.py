"""What the keyer's pages say: what became of a form, why a strip is refused, what is wrong with a field."""

from __future__ import annotations

from forms.answers import AnswerFault
from forms.questionnaire import Questionnaire
from survey.keying.counting_in import NO_CODE
from survey.keying.keyed_page import Wrong
from survey.keying.keying import Result
from survey.language import gettext as _
from survey.paper import marks


def result_of(result: Result) -> tuple[str, str]:
    """(sign, sentence) of what became of a keyed form."""
    return {
        Result.STORED: ("✓", _("Đã lưu. Cắt cuống phiếu này và hủy ngay.")),
        Result.AGAIN: ("↻", _("Phiếu này được chọn để người khác nhập lần hai. Giữ nguyên cuống, để riêng.")),
        Result.SETTLE: ("↻", _(
            "Hai người nhập khác nhau. Giữ nguyên cuống, chuyển cho người thứ ba nhập theo đúng phiếu."
        )),
        Result.SAME_PERSON: ("✕", _("Ông/Bà đã nhập phiếu này. Giữ nguyên cuống, chuyển cho người khác.")),
        Result.ANSWERED: ("✕", _(
            "Phiếu này đã có câu trả lời, nhập trước đó hoặc gửi qua mạng. Không nhập nữa, để riêng."
        )),
        Result.OUT: ("✕", _("Phiếu này đã được ghi là hỏng, đến muộn hoặc không còn trong đợt. Không nhập, để riêng.")),
        Result.LATE: ("✕", _("Lô này đến muộn và chưa được nhận. Không nhập.")),
        Result.FULL: ("✕", _("Số phiếu đã nhập bằng số đã đếm của lô. Xin báo điều phối đếm lại trước khi nhập tiếp.")),
        Result.CLOSED: ("✕", _("Đợt điều tra đã đóng. Không nhập nữa.")),
        Result.REFUSED: ("✕", _("Mã này không nhập được. Xin báo điều phối.")),
    }[result]  # fmt: skip


def refused(reason: str) -> str:
    """Why no form of a strip can be taken, from the domain's words."""
    if reason == NO_CODE:
        return _("Mã chưa đúng. Xin so từng ký tự với cuống phiếu rồi quét hoặc gõ lại.")
    if "revoked" in reason:
        return _("Mã này đã bị thu hồi, phiếu khác đã thay. Không nhập, để riêng và báo điều phối.")
    if "no form on paper" in reason:
        return _("Mã này của phiếu không có bản giấy. Không nhập, để riêng và báo điều phối.")
    return _("Mã này không thuộc đợt điều tra này. Không nhập, để riêng và báo điều phối.")


def fault_of(wrong: Wrong, questionnaire: Questionnaire) -> str:
    """What is wrong with a field, and what would be right."""
    found = wrong.fault
    if found is None:
        return _("Có câu trả lời dù đã đánh dấu không đủ thông tin để đánh giá. Xin xem lại phiếu.")
    return _told(found, questionnaire)


def _told(found: AnswerFault, questionnaire: Questionnaire) -> str:
    item, params = questionnaire.items[found.item], found.params
    match found.key:
        case "unknown_choice" if item.allow_na:
            return _("Chỉ có ô từ 1 đến %(last)s, hoặc %(na)s.", last=len(item.choices), na=marks.na_code(item))
        case "unknown_choice":
            return _("Chỉ có ô từ 1 đến %(last)s.", last=len(item.choices))
        case "not_a_number":
            return _("Xin nhập số nguyên như trên phiếu.")
        case "not_a_month":
            return _("Xin nhập tháng và năm, ví dụ 03/2026.")
        case "too_long":
            return _("Dài %(length)s ký tự, nhiều nhất %(maximum)s.", **params)
        case _:
            low, high = params.get("minimum", "…"), params.get("maximum", "…")
            return _(
                "Số phải từ %(low)s đến %(high)s. Nếu phiếu ghi khác, để trống và báo điều phối.", low=low, high=high
            )
