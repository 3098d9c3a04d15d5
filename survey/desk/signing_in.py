"""Signing in and out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, PasswordField, StringField

from survey.accounts import second_step, sessions
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import forgotten, seat, unseat
from survey.desk.rendering import page
from survey.guessing import Crowded
from survey.language import gettext as _
from survey.proxy import address
from survey.web import web

PENDING = "pending"  # name, second and target of a password that was right, while the second step is asked for
PENDING_SECONDS = 600


class SignIn(DeskForm):
    """Name and password, and the page that was asked for."""

    name = StringField(validators=[Needed()], render_kw={"autocomplete": "username"})
    password = PasswordField(validators=[Needed()], render_kw={"autocomplete": "current-password"})
    next = HiddenField()


@blueprint.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
def sign_in() -> ResponseReturnValue:
    """Ask for name and password. The same sentence answers a wrong name, a wrong password and an account that waits."""
    form = SignIn(request.form if request.method == "POST" else None, next=request.args.get("next", ""))
    if request.method == "GET":
        return page("sign_in.html", form=form)
    if not form.validate():
        return page("sign_in.html", status=422, form=form)
    asker = address(request)
    try:
        with web().sign_ins.turn(asker), _seat_for_hashing():
            account = sessions.check(web().store, web().clock, web().hasher, form.name.data, form.password.data)
    except Crowded:
        form.form_errors.append(_("Đang có quá nhiều lượt đăng nhập cùng lúc. Xin thử lại sau một phút."))
        return page("sign_in.html", status=429, form=form)
    if account is None:
        web().sign_ins.wrong(asker)
        form.form_errors.append(
            _("Tên hoặc mật khẩu chưa đúng. Sau năm lần sai, tài khoản tạm dừng nhận đăng nhập trong ít phút.")
        )
        return page("sign_in.html", status=422, form=form)
    if account.second_step:
        session[PENDING] = [account.name, int(web().clock().timestamp()), _safe(form.next.data)]
        return redirect(url_for("desk.sign_in_code"), 303)
    seat(account)
    return redirect(_safe(form.next.data), 303)


class Number(DeskForm):
    """The second step."""

    number = StringField(validators=[Needed()], render_kw={"autocomplete": "one-time-code"})


@blueprint.route("/sign-in/code", methods=["GET", "POST"], endpoint="sign_in_code")
def sign_in_code() -> ResponseReturnValue:
    """Ask for the number of the app, or a recovery code, after the password; at most ten minutes later."""
    name, at, target = session.get(PENDING, ["", 0, ""])
    if not name or web().clock().timestamp() - at > PENDING_SECONDS:
        return redirect(url_for("desk.sign_in"), 303)
    form = Number(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return page("sign_in_code.html", form=form)
    if form.validate():
        account = second_step.check(web().store, web().clock, web().keyring, name, form.number.data)
        if account is not None:
            seat(account)
            return redirect(_safe(target), 303)
        web().sign_ins.wrong(address(request))
        form.number.errors = [_("Mã này chưa đúng hoặc đã dùng rồi. Xin nhập mã đang hiện trên điện thoại.")]
    return page("sign_in_code.html", status=422, form=form)


@contextmanager
def _seat_for_hashing() -> Iterator[None]:
    """One of few: nobody waits here, for whoever waits holds a thread that respondents need. Raises Crowded."""
    if not web().hashing.acquire(blocking=False):
        raise Crowded
    try:
        yield
    finally:
        web().hashing.release()


def _safe(target: str | None) -> str:
    """Where to go on: only to a page of the desk, never to another site."""
    home = url_for("desk.home")
    told = target or ""
    plain = told.startswith(home) and told.isprintable() and "\\" not in told and "//" not in told
    return told if plain else home


@blueprint.post("/sign-out", endpoint="sign_out")
def sign_out() -> ResponseReturnValue:
    """End this session, here and wherever its cookie was copied to."""
    language = session.get("lang")
    unseat()
    if language:
        session["lang"] = language
    return forgotten(redirect(url_for("desk.sign_in"), 303))
