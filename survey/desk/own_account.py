"""One's own account: the password, and ending all sessions."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField

from survey.accounts import passwords, second_step, sessions
from survey.accounts.passwords import Weak
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import account_here, forgotten, token, unseat
from survey.desk.rendering import page
from survey.language import gettext as _
from survey.web import web


class NewPassword(DeskForm):
    """The old password, and the new one twice."""

    old = PasswordField(validators=[Needed()], render_kw={"autocomplete": "current-password"})
    password = PasswordField(validators=[Needed()], render_kw={"autocomplete": "new-password"})
    again = PasswordField(validators=[Needed()], render_kw={"autocomplete": "new-password"})


@blueprint.get("/account", endpoint="account")
def account() -> ResponseReturnValue:
    """Who is signed in, and what can be changed."""
    return page("account.html", codes_left=second_step.codes_left(web().store, account_here()))


@blueprint.route("/account/password", methods=["GET", "POST"], endpoint="account_password")
def account_password() -> ResponseReturnValue:
    """Change the password; other sessions end. A one-time password opens this page alone."""
    form, person = NewPassword(request.form if request.method == "POST" else None), account_here()
    least = passwords.SHORTEST_WITH_SECOND_STEP if person.second_step else passwords.SHORTEST
    if request.method == "POST" and form.validate() and _changed(form):
        flash(_("Đã đổi mật khẩu. Các phiên đăng nhập khác đã kết thúc."))
        return redirect(url_for("desk.home"), 303)
    return page("password.html", status=422 if request.method == "POST" else 200, form=form, least=least)


def _changed(form: NewPassword) -> bool:
    """Change it, or put beside a field why not."""
    w, person = web(), account_here()
    if form.password.data != form.again.data:
        form.again.errors = [_("Hai lần nhập mật khẩu mới chưa giống nhau.")]
        return False
    if form.password.data == form.old.data:
        form.password.errors = [_("Mật khẩu mới phải khác mật khẩu đang dùng.")]
        return False
    if not sessions.confirm(w.store, w.clock, w.hasher, person, form.old.data):
        form.old.errors = [_("Mật khẩu đang dùng chưa đúng, hoặc đã nhập sai nhiều lần; xin thử lại sau ít phút.")]
        return False
    weak = sessions.change_password(w.store, w.clock, w.hasher, person, form.password.data, token=token())
    if weak is not None:
        form.password.errors = [_weak(weak, person.second_step)]
    return weak is None


def _weak(weak: Weak, second_step: bool) -> str:
    match weak:
        case Weak.SHORT:
            least = passwords.SHORTEST_WITH_SECOND_STEP if second_step else passwords.SHORTEST
            return _("Mật khẩu cần ít nhất %(least)s ký tự. Một câu ngắn dễ nhớ là tốt nhất.", least=least)
        case Weak.LONG:
            return _("Mật khẩu dài quá %(most)s ký tự.", most=passwords.LONGEST)
        case Weak.COMMON:
            return _("Mật khẩu này có trong danh sách những mật khẩu hay bị đoán. Xin chọn mật khẩu khác.")
        case Weak.ABOUT_THE_PERSON:
            return _("Mật khẩu không được chứa tên đăng nhập, họ tên hoặc tên cơ quan.")
        case Weak.REPEATED:
            return _("Mật khẩu lặp lại quá ít ký tự. Xin chọn mật khẩu khác.")


@blueprint.post("/account/everywhere", endpoint="account_everywhere")
def account_everywhere() -> ResponseReturnValue:
    """Sign out on every device."""
    sessions.end_all(web().store, web().clock, account_here())
    unseat()
    return forgotten(redirect(url_for("desk.sign_in"), 303))
