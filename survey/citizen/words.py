"""What pages say about answers and their faults, in the language of the request."""

from __future__ import annotations

from dataclasses import dataclass

from forms.answers import DECLINED, NA, AnswerFault, Value
from forms.fields import Words, as_posted
from forms.questionnaire import Item, ItemType
from survey.language import gettext as _


def not_applicable() -> str:
    """The answer apart from the others."""
    return _("Không biết hoặc không áp dụng")


def rather_not() -> str:
    """The way past a question that asks to be answered."""
    return _("Tôi không muốn trả lời")


def around() -> Words:
    """What pages say around every question."""
    return Words(not_applicable(), rather_not(), _("(xin Ông/Bà không bỏ trống câu này)"), _("tháng/năm"))


def answer(item: Item, value: Value, language: str) -> str:
    """An answer as the check page shows it."""
    if item.type is ItemType.TEXT:
        return written(item, value, language)  # whoever writes “na” wrote it
    if value == NA:
        return not_applicable()
    if value == DECLINED:
        return rather_not()
    return written(item, value, language)


def written(item: Item, value: Value, language: str) -> str:
    """An answer that says something about the question."""
    if not item.closed:
        return as_posted(item, value)[0]
    if isinstance(value, str):
        choice = item.choice(value)
        return choice.text.of(language) if choice else ""
    chosen = value if isinstance(value, tuple) else (value,)
    return "\n".join(choice.text.of(language) for choice in item.choices if choice.id in chosen)


def fault(found: AnswerFault) -> str:
    """One sentence: what is wrong with an answer and what would be right."""
    params = found.params
    match found.key:
        case "required":
            return _("Câu này còn để trống. Nếu không muốn trả lời, Ông/Bà cứ bấm “Lưu và tiếp tục” lần nữa.")
        case "not_a_number":
            return _("Xin nhập một số nguyên, chỉ gồm chữ số.")
        case "out_of_range" if "minimum" in params and "maximum" in params:
            return _("Xin nhập một số từ %(minimum)s đến %(maximum)s.", **params)
        case "out_of_range" if "minimum" in params:
            return _("Xin nhập một số từ %(minimum)s trở lên.", **params)
        case "out_of_range" if "maximum" in params:
            return _("Xin nhập một số không quá %(maximum)s.", **params)
        case "out_of_range":
            return _("Số này quá lớn. Xin xem lại.")
        case "not_a_month":
            return _("Xin nhập tháng và năm, ví dụ 03/2026.")
        case "too_long":
            return _("Nội dung dài %(length)s ký tự, nhiều nhất là %(maximum)s. Xin rút ngắn.", **params)
        case _:
            return _("Xin chọn lại một trong các câu trả lời.")


@dataclass(frozen=True, slots=True)
class Line:
    """A question and its answer, as shown; ``earlier``: there is one, typed in a sitting that is not shown."""

    question: str
    answer: str
    earlier: bool = False


def line(item: Item, value: Value | None, language: str, *, earlier: bool = False) -> Line:
    """A question with its answer, if there is one that may be shown."""
    shown = "" if value is None else answer(item, value, language)
    return Line(item.text.of(language), shown, earlier and not shown)
