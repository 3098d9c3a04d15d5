"""Words that the board and the follow-up share: modes, kinds of units, states, verdicts."""

from __future__ import annotations

from survey.dispositions import State
from survey.fieldwork.standing import Verdict
from survey.language import gettext as _


def modes() -> dict[str, str]:
    """How an invitation travels."""
    return {
        "qr": _("phiếu có mã QR"),
        "email": _("thư điện tử"),
        "sms": _("tin nhắn SMS"),
        "zalo": _("Zalo"),
        "counter": _("tại quầy"),
        "kiosk": _("máy tính bảng tại quầy"),
        "paper": _("phiếu giấy"),
        "interview": _("phỏng vấn trực tiếp"),
        "phone": _("phỏng vấn qua điện thoại"),
    }


def kinds() -> dict[str, str]:
    """Kinds of units, in the plural."""
    return {
        "department": _("sở, ban, ngành"),
        "district": _("huyện, thị xã, thành phố"),
        "commune": _("xã, phường"),
        "vertical": _("cơ quan ngành dọc"),
    }


def states() -> dict[str, str]:
    """Where an invitation stands."""
    return {
        State.ISSUED: _("chưa trả lời"),
        State.DELIVERED: _("đã giao tới tay"),
        State.STARTED: _("đang trả lời"),
        State.ANSWERED: _("đã trả lời"),
        State.REFUSED: _("từ chối"),
        State.INELIGIBLE: _("ngoài đối tượng"),
        State.UNDELIVERABLE: _("không chuyển được"),
        State.NO_CONTACT: _("không gặp"),
        State.OTHER: _("lý do khác"),
        State.DAMAGED: _("phiếu hỏng"),
        State.LATE: _("đến muộn"),
        State.REVOKED: _("đã thu hồi"),
    }


def verdicts() -> dict[str, str]:
    """Against what is expected by now."""
    return {
        Verdict.AHEAD: _("nhanh hơn kế hoạch"),
        Verdict.ON_TIME: _("đúng tiến độ"),
        Verdict.LATE: _("chậm hơn kế hoạch"),
    }
