"""What was posted from a page of an older session comes back whole, to be sent again with one press.

Safe although the token was wrong: a post from another site carries no cookie (SameSite), and the gate refuses it by
what the browser says of its origin; here a person reads what will be sent.
"""

from __future__ import annotations

from flask import Response, request

from survey.desk.rendering import page as render
from survey.language import gettext as _

_UNSAID = ("csrf_token", "password", "old", "again", "number", "secret")
LONGEST = 60


def page(*, signed_in: bool, unstored: bool = False) -> Response:
    """The page that offers to send again; status 401 for whoever has to sign in first, 503 where the database could
    not be written, else 422."""
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in _UNSAID]
    secret = any(name in _UNSAID[1:] for name in request.form)
    title = _("Nội dung chưa được lưu") if signed_in or unstored else _("Phiên đăng nhập đã hết")
    status = 422 if signed_in else 401
    return render(
        "resend.html",
        status=503 if unstored else status,
        title=title,
        typed=typed,
        lost=bool(request.files) or secret,
        action=request.script_root + request.full_path.rstrip("?"),
        signed_in=signed_in,
        unstored=unstored,
    )
