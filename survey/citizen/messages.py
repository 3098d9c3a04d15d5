"""Pages with nothing to fill in: each says what is the matter and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from survey.language import day, go, home
from survey.language import gettext as _


@dataclass(frozen=True, slots=True)
class Link:
    """One way on."""

    href: str
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """A title, some sentences, the ways on, and the status it is served with."""

    title: str
    lines: tuple[str, ...]
    links: tuple[Link, ...] = ()
    status: int = 200


def _type_code() -> Link:
    return Link(go(home()), _("Nhập mã trả lời"))


def check_receipt() -> Link:
    """The way to the page that tells whether a receipt is counted."""
    return Link(go(home() + "check"), _("Kiểm tra phiếu trả lời"))


def received(status: int = 200) -> Message:
    """The invitation was answered."""
    return Message(
        _("Đã nhận được phiếu trả lời"),
        (
            _("Phiếu này đã được trả lời và gửi đi. Xin cảm ơn Ông/Bà."),
            _(
                "Câu trả lời đã được khóa lại và tách khỏi mã trả lời, nên trang này không hiện lại được câu trả lời "
                "hay mã biên nhận."
            ),
        ),
        (check_receipt(),),
        status,
    )


def unknown() -> Message:
    """No invitation has this code."""
    return Message(
        _("Không tìm thấy phiếu có mã này"),
        (
            _("Xin Ông/Bà so lại mã với phiếu giấy hoặc tin nhắn đã nhận, hoặc quét lại mã QR."),
            _("Nếu vẫn không được, xin gọi cho cơ quan đã gửi phiếu."),
        ),
        (_type_code(),),
        404,
    )


def forgotten() -> Message:
    """No invitation has this code, and those of an earlier wave are not known any more."""
    return Message(
        _("Đợt điều tra đã kết thúc"),
        (
            _("Mã này không thuộc phiếu nào đang nhận trả lời. Sau mỗi đợt điều tra, các mã trả lời được hủy bỏ."),
            _("Nếu vừa nhận được phiếu, xin Ông/Bà so lại mã với phiếu giấy hoặc tin nhắn."),
        ),
        (_type_code(), check_receipt()),
        410,
    )


def misread() -> Message:
    """The check character shows that the code was mistyped or the link cut short."""
    return Message(
        _("Mã trả lời chưa đúng"),
        (
            _("Đường dẫn thiếu hoặc nhầm một chữ, số nào đó trong mã."),
            _("Xin Ông/Bà quét lại mã QR hoặc nhập lại 12 chữ và số in trên phiếu."),
        ),
        (_type_code(),),
        404,
    )


def revoked() -> Message:
    """The code was replaced or taken back."""
    return Message(
        _("Mã này không còn dùng được"),
        (
            _("Phiếu mang mã này đã được thay bằng phiếu khác hoặc đã thu hồi."),
            _("Nếu đã nhận phiếu mới, xin Ông/Bà dùng mã trên phiếu mới."),
        ),
        (_type_code(),),
        410,
    )


def closed(status: int = 410) -> Message:
    """The wave is over."""
    return Message(
        _("Đợt điều tra đã kết thúc"),
        (_("Phiếu này không còn nhận trả lời. Xin cảm ơn Ông/Bà đã quan tâm."),),
        (check_receipt(),),
        status,
    )


def not_yet(opens: date) -> Message:
    """The wave has not begun."""
    return Message(
        _("Đợt điều tra chưa bắt đầu"),
        (_("Xin Ông/Bà mở lại phiếu này từ ngày %(day)s.", day=day(opens)),),
        (),
        403,
    )


def refused() -> Message:
    """The respondent chose not to take part; can be undone."""
    return Message(
        _("Ông/Bà đã chọn không tham gia"),
        (
            _("Lựa chọn này đã được ghi nhận; Ông/Bà sẽ không nhận thêm lời nhắc."),
            _("Nếu đổi ý, Ông/Bà vẫn có thể trả lời khi đợt điều tra chưa kết thúc."),
        ),
    )


def no_page(status: int = 404) -> Message:
    """There is nothing at this address."""
    return Message(
        _("Không có trang này"),
        (_("Đường dẫn có thể bị thiếu hoặc nhầm. Xin Ông/Bà quét lại mã QR trên phiếu hoặc nhập mã trả lời."),),
        (_type_code(),),
        status,
    )


def too_much() -> Message:
    """What was posted is larger than any form."""
    return Message(
        _("Nội dung gửi lên quá dài"),
        (_("Xin Ông/Bà quay lại trang trước, rút ngắn phần ý kiến rồi gửi lại. Các phần đã lưu vẫn còn."),),
        (),
        413,
    )


def unreadable(status: int = 400) -> Message:
    """The request cannot be read as a form."""
    return Message(
        _("Không đọc được nội dung gửi lên"),
        (_("Xin Ông/Bà quay lại trang trước và gửi lại. Các phần đã lưu vẫn còn."),),
        (),
        status,
    )


def crowded() -> Message:
    """Too many wait, from this network or others."""
    return Message(
        _("Xin đợi một lát"),
        (_("Đang có nhiều lượt nhập mã sai cùng lúc. Xin Ông/Bà tải lại trang này sau ít giây."),),
        (),
        503,
    )


def too_many_walk_ins() -> Message:
    """More forms were begun by a poster's address than people come by."""
    return Message(
        _("Xin đợi một lát"),
        (_("Có nhiều phiếu vừa được mở từ cùng một mạng. Xin Ông/Bà thử lại sau ít phút."),),
        (),
        429,
    )


def unbound() -> Message:
    """This device is no kiosk of this place."""
    return Message(
        _("Máy này chưa được gắn làm máy trả lời"),
        (_("Xin báo người phụ trách. Ông/Bà vẫn có thể nhập mã trả lời ở trang đầu."),),
        (_type_code(),),
        403,
    )


def spent_link() -> Message:
    """A link that binds a kiosk was used before, revoked, or is too old."""
    return Message(
        _("Đường dẫn gắn máy không còn dùng được"),
        (_("Mỗi đường dẫn chỉ gắn được một máy và có hạn 24 giờ. Xin tạo đường dẫn mới."),),
        (),
        410,
    )


def failure() -> Message:
    """Our fault."""
    return Message(
        _("Hệ thống đang trục trặc"),
        (
            _("Xin lỗi Ông/Bà. Các phần đã lưu vẫn còn."),
            _("Xin đợi ít phút rồi tải lại trang này; nếu vừa bấm gửi, việc gửi lại không làm phiếu bị tính hai lần."),
        ),
        (),
        500,
    )


def unstored(*, posted: bool) -> Message:
    """The database cannot be read or written now; ``posted``: what was sent stands on the page, to be sent again."""
    lines = (
        (
            _("Máy chủ tạm thời không ghi được. Những gì Ông/Bà vừa gửi vẫn còn nguyên trên trang này."),
            _("Xin đợi ít phút rồi bấm “Gửi lại”. Gửi lại nhiều lần cũng chỉ được tính là một phiếu."),
        )
        if posted
        else (_("Các phần đã lưu vẫn còn. Xin Ông/Bà đợi ít phút rồi tải lại trang này."),)
    )
    return Message(_("Chưa lưu được") if posted else _("Tạm thời chưa mở được trang này"), lines, (), 503)


def withdrawn(since: date, reason: str) -> Message:
    """Results that were published and are no more."""
    lines = [_("Kết quả công bố tại địa chỉ này đã được rút từ ngày %(day)s.", day=day(since))]
    if reason:
        lines.append(_("Lý do: %(reason)s", reason=reason))
    return Message(_("Kết quả đã được rút"), tuple(lines), (), 410)


def several_results(links: Sequence[Link]) -> Message:
    """Results of several kinds of offices, published apart."""
    return Message(_("Kết quả đã công bố"), (_("Kết quả được công bố riêng theo loại cơ quan:"),), tuple(links))
