"""Accounts, for administrators. A one-time password stands in the answer to the post, once, and nowhere else."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectField, StringField, TextAreaField

from forms.faults import Faults
from survey.accounts import accounts
from survey.accounts.accounts import Account, NewAccount
from survey.accounts.roles import Role
from survey.desk import faces, navigation
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import account_here
from survey.desk.rendering import page
from survey.language import chosen
from survey.language import gettext as _
from survey.web import web


class NewPerson(DeskForm):
    """What an administrator says of somebody."""

    name = StringField(validators=[Needed()], render_kw={"autocapitalize": "none", "spellcheck": "false"})
    full_name = StringField(validators=[Needed()])
    office = StringField(validators=[Needed()])
    role = RadioField(validators=[Needed()], validate_choice=False)
    place = SelectField(validate_choice=False)
    unit = SelectField(validate_choice=False)


class Reason(DeskForm):
    """Why."""

    reason = TextAreaField(validators=[Needed()], render_kw={"rows": "2"})


@blueprint.get("/people", endpoint="people")
def people() -> ResponseReturnValue:
    """Everybody who may sign in, and those who no longer may."""
    return page("people.html", people=accounts.everybody(web().store))


@blueprint.route("/people/new", methods=["GET", "POST"], endpoint="people_new")
def new() -> ResponseReturnValue:
    """Make an account; the answer shows its one-time password."""
    form = NewPerson(request.form if request.method == "POST" else None)
    form.role.choices = [(role.value, f"{faces.role_name(role)}: {faces.role_work(role)}") for role in Role]
    form.place.choices = [("", ""), *_places()]
    form.unit.choices = [("", ""), *_units()]
    if request.method == "POST" and form.validate():
        try:
            once = accounts.add(web().store, web().clock, web().hasher, _told(form), who=account_here().who)
        except Faults as faults:
            form.refuse(faults)
        else:
            return page("once.html", person=accounts.get(web().store, form.name.data), once=once)
    return page("people_new.html", status=422 if request.method == "POST" else 200, form=form)


def _told(form: NewPerson) -> NewAccount:
    if form.role.data not in {role.value for role in Role}:
        abort(422)
    return NewAccount(
        form.name.data, form.full_name.data, form.office.data, Role(form.role.data), form.place.data or "",
        form.unit.data or "",
    )  # fmt: skip


def _places() -> list[tuple[str, str]]:
    """The places of every wave, each once, as people call them."""
    named = {place.id: place.name.of(chosen()) for wave in navigation.every_wave() for place in wave.spec.places}
    return sorted(named.items(), key=lambda pair: pair[1])


def _units() -> list[tuple[str, str]]:
    named = {unit.id: unit.name.of(chosen()) for wave in navigation.every_wave() for unit in wave.spec.units}
    return sorted(named.items(), key=lambda pair: pair[1])


@blueprint.get("/people/<name>", endpoint="people_one")
def one(name: str) -> ResponseReturnValue:
    """Somebody's account, and what can be done to it."""
    return _one(_person(name), Reason(None))


def _person(name: str) -> Account:
    try:
        return accounts.get(web().store, name)
    except Faults:
        abort(404)


def _one(person: Account, form: Reason, status: int = 200) -> ResponseReturnValue:
    named = dict(_places()) | dict(_units())
    return page("people_one.html", status=status, form=form, person=person, named=named)


@blueprint.post("/people/<name>/disable", endpoint="people_disable")
def disable(name: str) -> ResponseReturnValue:
    """Let somebody sign in no more."""
    person, form = _person(name), Reason(request.form)
    try:
        if form.validate():
            accounts.disable(web().store, web().clock, name, who=account_here().who, reason=form.reason.data)
            flash(_("%(person)s không đăng nhập được nữa; các phiên đang mở đã kết thúc.", person=person.full_name))
            return redirect(url_for("desk.people"), 303)
    except Faults as faults:
        form.refuse(faults)
    return _one(person, form, 422)


@blueprint.post("/people/<name>/enable", endpoint="people_enable")
def enable(name: str) -> ResponseReturnValue:
    """Let somebody sign in again."""
    person, form = _person(name), Reason(request.form)
    try:
        if form.validate():
            accounts.enable(web().store, web().clock, name, who=account_here().who, reason=form.reason.data)
            flash(_("%(person)s đăng nhập lại được bằng mật khẩu cũ.", person=person.full_name))
            return redirect(url_for("desk.people"), 303)
    except Faults as faults:
        form.refuse(faults)
    return _one(person, form, 422)


@blueprint.post("/people/<name>/reset", endpoint="people_reset")
def reset(name: str) -> ResponseReturnValue:
    """A new one-time password, shown in the answer."""
    person, form = _person(name), Reason(request.form)
    if not form.validate():
        return _one(person, form, 422)
    w = web()
    once = accounts.reset(w.store, w.clock, w.hasher, name, who=account_here().who, reason=form.reason.data)
    return page("once.html", person=person, once=once)
