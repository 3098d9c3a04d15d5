"""Tablets at places: one-time links to bind them, the list, and unbinding."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms import SelectField, StringField
from wtforms.validators import Length

from forms.faults import Faults
from survey import kiosks
from survey.desk import carrying, navigation
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import account_here
from survey.desk.rendering import page as render
from survey.language import gettext as _
from survey.web import web

PURPOSE = "kiosk link"


class NewTablet(DeskForm):
    """Where a tablet will stand, and which one it is."""

    place = SelectField(validators=[Needed()])
    label = StringField(validators=[Length(max=60)])


class Reason(DeskForm):
    """Why."""

    reason = StringField(validators=[Needed(), Length(max=200)])


@blueprint.route("/kiosks", methods=["GET", "POST"], endpoint="kiosks")
def show() -> ResponseReturnValue:
    """Every tablet, and a link for another one."""
    form = NewTablet(request.form if request.method == "POST" else None)
    names = _places()
    form.place.choices = list(names.items())
    if request.method == "POST" and form.validate():
        w = web()
        specs = [wave.spec for wave in navigation.every_wave()]
        place = str(form.place.data)
        token = kiosks.make_link(w.store, w.clock, specs, place, form.label.data or "", who=account_here().who)
        told = {"link": f"{w.settings.base_url}/kiosk/{place}/{token}", "place": names[place]}
        word = carrying.seal(w.keyring, account_here().name, PURPOSE, told)
        return redirect(url_for("desk.kiosks", link=word), 303)
    return _page(form, names, 422 if request.method == "POST" else 200)


@blueprint.route("/kiosks/<int:number>/revoke", methods=["GET", "POST"], endpoint="kiosks_revoke")
def revoke(number: int) -> ResponseReturnValue:
    """Unbind a tablet, with a reason."""
    form, w = Reason(request.form if request.method == "POST" else None), web()
    if request.method == "POST" and form.validate():
        try:
            kiosks.revoke(w.store, w.clock, number, who=account_here().who, reason=form.reason.data)
        except Faults:
            flash(_("Máy %(number)s đã được gỡ trước đó.", number=number))
        else:
            flash(_("Đã gỡ máy %(number)s. Máy không mở được phiếu nữa.", number=number))
        return redirect(url_for("desk.kiosks"), 303)
    return render("kiosk_revoke.html", status=422 if request.method == "POST" else 200, form=form, number=number)


def state_name(state: str) -> str:
    """A tablet's state as people say it."""
    return {
        "linked": _("Chờ gắn"),
        "expired": _("Đường dẫn hết hạn"),
        "bound": _("Đang dùng"),
        "revoked": _("Đã gỡ"),
    }[state]


def _places() -> dict[str, str]:
    """The places of all waves that are not over."""
    return {
        each.id: each.name.of("vi")
        for wave in navigation.every_wave()
        if wave.state in ("draft", "open")
        for each in wave.spec.places
    }


def _page(form: NewTablet, names: dict[str, str], status: int) -> Response:
    # Imported here: QR codes are needed by this page alone.
    from survey.paper import qr

    w = web()
    told = carrying.opened(w.keyring, account_here().name, PURPOSE, request.args.get("link", ""))
    picture = Markup(qr.svg(told["link"])) if told else ""  # noqa: S704 - our own drawing
    lines = kiosks.listed(w.store, w.clock)
    return render(
        "kiosks.html", status=status, form=form, told=told, picture=picture, lines=lines[::-1], names=names,
        state_name=state_name,
    )  # fmt: skip
