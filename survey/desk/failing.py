"""The desk's errors as pages: what is the matter, and the way on."""

from __future__ import annotations

from flask import Response, g, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from forms.faults import Faults
from survey.desk import resending
from survey.desk.blueprint import blueprint
from survey.desk.rendering import page
from survey.language import gettext as _
from survey.store import StoreError
from survey.web import web


@blueprint.errorhandler(CSRFError)
def _old_page(error: CSRFError) -> Response:
    return resending.page(signed_in=g.get("account") is not None)


@blueprint.errorhandler(Faults)
def _faults(faults: Faults) -> Response:
    """What no view foresaw: nothing was changed."""
    return page("faults.html", status=422, faults=faults.faults, back=_back())


@blueprint.errorhandler(StoreError)
def _unstored(error: StoreError) -> Response:
    """The database cannot be read or written now: what was posted comes back, to be sent again."""
    web().log_unstored(error)
    if request.method == "POST":
        return resending.page(signed_in=True, unstored=True)
    return http(ServiceUnavailable())


@blueprint.errorhandler(HTTPException)
def http(error: HTTPException) -> Response:
    """Also of addresses outside the desk, where this server has nothing else."""
    match error.code:
        case 403:
            title, text = _("Tài khoản này không mở được trang này"), _(
                "Trang này dành cho vai trò khác, hoặc cho cơ quan, nơi tiếp nhận khác. "
                "Nếu cần, xin hỏi người quản trị hệ thống."
            )  # fmt: skip
        case 404 | 405:
            title, text = _("Không có trang này"), _("Địa chỉ có thể đã gõ sai, hoặc nội dung không còn nữa.")
        case 413:
            title, text = _("Nội dung gửi lên quá lớn"), _("Xin chia nhỏ tệp rồi gửi lại.")
        case 500:
            title, text = _("Hệ thống gặp lỗi"), _(
                "Lỗi đã được ghi lại. Xin thử lại; nếu vẫn lỗi, báo người quản trị hệ thống: lúc nào, đang làm gì."
            )  # fmt: skip
        case 503:
            title, text = _("Máy chủ tạm thời không đọc hoặc ghi được"), _(
                "Xin đợi ít phút rồi tải lại trang này. Nếu vẫn vậy, báo người quản trị hệ thống."
            )  # fmt: skip
        case _:
            title, text = _("Không đọc được yêu cầu"), _("Xin quay lại trang trước, tải lại rồi thử lần nữa.")
    return page("message.html", status=error.code or 500, title=title, text=text, back=_back())


def _back() -> str:
    """The page a refused form stood on; we have no referrer, and the same address shows it."""
    return request.script_root + request.path if request.method == "POST" else ""
