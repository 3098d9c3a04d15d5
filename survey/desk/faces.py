"""What the desk calls things, in the language of the page."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from survey.accounts.roles import Role
from survey.language import chosen, day
from survey.language import gettext as _

HERE = ZoneInfo("Asia/Ho_Chi_Minh")


def role_name(role: Role) -> str:
    """A role as people say it."""
    match role:
        case Role.ADMINISTRATOR:
            return _("Quản trị hệ thống")
        case Role.COORDINATOR:
            return _("Điều phối khảo sát")
        case Role.DISPATCHER:
            return _("Phát phiếu")
        case Role.CLERK:
            return _("Cán bộ quầy")
        case Role.KEYER:
            return _("Nhập phiếu giấy")
        case Role.ANALYST:
            return _("Phân tích kết quả")
        case Role.VIEWER:
            return _("Xem kết quả của cơ quan mình")


def role_work(role: Role) -> str:
    """What a role does and sees, in a line."""
    match role:
        case Role.ADMINISTRATOR:
            return _("tài khoản, nhật ký, máy trả lời; không thấy danh sách liên hệ, không thấy câu trả lời")
        case Role.COORDINATOR:
            return _("chuẩn bị và điều hành đợt điều tra, đôn đốc; không thấy mã, không thấy câu trả lời")
        case Role.DISPATCHER:
            return _("xuất mã kèm địa chỉ, in phiếu; mỗi lần xuất đều ghi nhật ký")
        case Role.CLERK:
            return _("một quầy tiếp nhận")
        case Role.KEYER:
            return _("nhập phiếu giấy; không thuộc cơ quan được đánh giá")
        case Role.ANALYST:
            return _("số liệu đã chốt, báo cáo, công bố; không thấy danh sách liên hệ")
        case Role.VIEWER:
            return _("kết quả của một cơ quan, sau khi công bố")


def who(told: str) -> str:
    """Somebody of the log without the mark of the door: an account of the desk, or whoever typed a command."""
    door, _mark, name = told.partition(":")
    if door == "cli" and name:
        return _("%(name)s, bằng lệnh ở máy chủ", name=name)
    return name if door == "desk" and name else told


def state_name(state: str) -> str:
    """A wave's state as people say it."""
    return {
        "draft": _("Đang chuẩn bị"),
        "open": _("Đang thu phiếu"),
        "closed": _("Đã đóng"),
        "frozen": _("Đã chốt số liệu"),
        "published": _("Đã công bố"),
    }.get(state, state)


def whole(value: int) -> str:
    """A whole number with the thousands mark of the page's language."""
    text = f"{value:,}"
    return text if chosen() == "en" else text.replace(",", ".")


def decimal(value: float, digits: int = 1) -> str:
    """A number with its decimal mark: 52,5 in Vietnamese, 52.5 in English."""
    text = f"{value:,.{digits}f}"
    return text if chosen() == "en" else text.translate(str.maketrans(",.", ".,"))


def percent(share: float, digits: int = 1) -> str:
    """A share (0 to 1) as 52,5%."""
    return f"{decimal(100 * share, digits)}%"


def moment(value: datetime | str, zone: ZoneInfo = HERE) -> str:
    """An instant as an office writes it: 14:05 ngày 09/11/2026; text is read as ISO 8601."""
    at = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(zone)
    return _("%(time)s ngày %(day)s", time=f"{at:%H:%M}", day=day(at.date()))


def date_of(value: date | str) -> str:
    """A day; text is read as ISO 8601."""
    return day(date.fromisoformat(value) if isinstance(value, str) else value)
