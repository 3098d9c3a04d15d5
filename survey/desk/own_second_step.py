"""Turning the second step of one's own sign-in on and off; the secret is stored only when a number of it came back."""

from __future__ import annotations

import hashlib

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms import HiddenField, PasswordField, StringField

from survey.accounts import second_step, sessions
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import account_here
from survey.desk.rendering import page
from survey.language import gettext as _
from survey.paper import qr
from survey.web import web

OFFERED = "offered"  # the hash of a secret shown after the password was given


class Begin(DeskForm):
    """The password again: whoever finds a browser signed in must not lock its owner out."""

    password = PasswordField(validators=[Needed()], render_kw={"autocomplete": "current-password"})


class TurnOn(DeskForm):
    """A number of the secret that was shown."""

    secret = HiddenField(validators=[Needed()])
    number = StringField(validators=[Needed()], render_kw={"autocomplete": "one-time-code", "class": "short"})


@blueprint.route("/account/second-step", methods=["GET", "POST"], endpoint="account_second_step")
def begin() -> ResponseReturnValue:
    """Ask for the password, then show a fresh secret; the page that shows it answers the post."""
    form = Begin(request.form if request.method == "POST" else None)
    if request.method == "POST" and form.validate() and _is_oneself(form):
        secret = second_step.new_secret()
        session[OFFERED] = _digest(secret)
        return _shown(TurnOn(None, secret=secret), 200)
    return page("second_step.html", status=422 if request.method == "POST" else 200, form=form)


def _is_oneself(form: Begin) -> bool:
    w = web()
    if sessions.confirm(w.store, w.clock, w.hasher, account_here(), form.password.data):
        return True
    form.password.errors = [_("Mật khẩu chưa đúng, hoặc đã nhập sai nhiều lần; xin thử lại sau ít phút.")]
    return False


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _shown(form: TurnOn, status: int) -> ResponseReturnValue:
    secret = str(form.secret.data)
    picture = Markup(qr.svg(second_step.address(account_here(), secret)))  # noqa: S704 - our own drawing
    spelt = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    return page("second_step_on.html", status=status, form=form, picture=picture, spelt=spelt)


@blueprint.post("/account/second-step/on", endpoint="account_second_step_on")
def turn_on() -> ResponseReturnValue:
    """Store the secret when a number of it comes back, and show the recovery codes, once."""
    form = TurnOn(request.form)
    secret = str(form.secret.data or "")
    if session.get(OFFERED) != _digest(secret):  # another one, or nobody gave the password before
        return redirect(url_for("desk.account_second_step"), 303)
    if not form.validate():
        return _shown(form, 422)
    codes = second_step.turn_on(web().store, web().clock, web().keyring, account_here(), secret, form.number.data)
    if codes is None:
        form.number.errors = [_("Mã này chưa đúng. Xin xem lại giờ của điện thoại và nhập mã đang hiện.")]
        return _shown(form, 422)
    session.pop(OFFERED)
    return page("recovery_codes.html", codes=codes)


@blueprint.post("/account/second-step/off", endpoint="account_second_step_off")
def turn_off() -> ResponseReturnValue:
    """Ask for the password alone from now on."""
    form = Begin(request.form)
    if not (form.validate() and _is_oneself(form)):
        return page("second_step.html", status=422, form=form)
    second_step.turn_off(web().store, web().clock, account_here())
    flash(_("Đã tắt xác thực hai bước."))
    return redirect(url_for("desk.account"), 303)
