"""Control calls at the desk: the list fixed, drawn by a public number, called, and added up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, StringField
from wtforms.validators import Length, Optional

from forms.faults import Faults
from survey import control as calls
from survey.control import Said
from survey.desk import carrying
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import account_here, wave_here
from survey.desk.rendering import page as render
from survey.keying import keyers
from survey.language import gettext as _
from survey.web import web

PURPOSE = "control calls"
LIST_LASTS = timedelta(hours=12)
ANSWERED, DECLINED, MISSED = "answered", "declined", "missed"


class PublicNumber(DeskForm):
    """The number that draws."""

    number = StringField(validators=[Needed(), Length(max=60)])


class Call(DeskForm):
    """What came of a call. The answers are added up and kept with no person."""

    outcome = RadioField(validators=[Needed()])
    received = RadioField(validators=[Optional()])
    himself = RadioField(validators=[Optional()])
    told_how = RadioField(validators=[Optional()])


@blueprint.get("/w/<wave>/control", endpoint="control")
def show(wave: str) -> ResponseReturnValue:
    """Where the control calls stand."""
    return _page(PublicNumber(None))


@blueprint.post("/w/<wave>/control/list", endpoint="control_list")
def record_list(wave: str) -> ResponseReturnValue:
    """Fix the list before the public number is known."""
    w = web()
    hash, rows = calls.record_list(w.store, w.clock, wave_here(), who=account_here().who)
    flash(_("Đã chốt danh sách %(rows)s phiếu. Mã băm: %(hash)s", rows=rows, hash=hash))
    return redirect(url_for("desk.control", wave=wave), 303)


@blueprint.post("/w/<wave>/control/draw", endpoint="control_draw")
def draw(wave: str) -> ResponseReturnValue:
    """Draw by the public number, once."""
    form, w = PublicNumber(), web()
    if form.validate():
        try:
            drawn = calls.draw(w.store, w.clock, wave_here(), form.number.data, who=account_here().who)
        except Faults as faults:
            form.refuse(faults)
        else:
            flash(_("Đã chọn %(drawn)s người để gọi.", drawn=drawn))
            return redirect(url_for("desk.control", wave=wave), 303)
    return _page(form, 422)


@blueprint.post("/w/<wave>/control/open", endpoint="control_open")
def open_list(wave: str) -> ResponseReturnValue:
    """Take the list with its contacts: logged, and only by a caller of no rated office."""
    w, person = web(), account_here()
    if not calls.open_calls(w.store, wave):
        return redirect(url_for("desk.control", wave=wave), 303)
    try:
        calls.to_call(w.store, w.clock, wave_here(), person.full_name, person.office, who=person.who, reason="phúc tra")
    except keyers.Rated:
        return _page(PublicNumber(None), 422, fault=_(
            "Người gọi không được thuộc cơ quan được đánh giá trong đợt này, cơ quan quản lý hay trực thuộc cơ quan đó."
        ))  # fmt: skip
    return redirect(url_for("desk.control_calls", wave=wave, t=_word()), 303)


@blueprint.get("/w/<wave>/control/calls", endpoint="control_calls")
def call_list(wave: str) -> ResponseReturnValue:
    """Who is still to be called; opened by a logged deed, for twelve hours."""
    _require_list()
    return render("control_calls.html", rows=_open_calls(), word=request.args.get("t", ""), most=calls.MOST_TRIES)


@blueprint.route("/w/<wave>/control/calls/<int:serial>", methods=["GET", "POST"], endpoint="control_call")
def call(wave: str, serial: int) -> ResponseReturnValue:
    """One call: three questions, none of them what was answered."""
    _require_list()
    row = next((each for each in _open_calls() if each["serial"] == serial), None)
    if row is None:
        flash(_("Cuộc gọi của phiếu %(serial)s đã được ghi.", serial=serial))
        return redirect(url_for("desk.control_calls", wave=wave, t=_word()), 303)
    form = _call_form()
    if request.method == "POST" and form.validate() and _recorded(form, serial):
        flash(_("Đã ghi cuộc gọi của phiếu %(serial)s.", serial=serial))
        return redirect(url_for("desk.control_calls", wave=wave, t=_word()), 303)
    return render("control_call.html", status=422 if request.method == "POST" else 200, form=form, row=row,
                  word=request.values.get("t", ""))  # fmt: skip


def _call_form() -> Call:
    form = Call(request.form if request.method == "POST" else None)
    form.outcome.choices = [
        (ANSWERED, _("Gặp và trả lời")), (DECLINED, _("Không muốn trả lời")), (MISSED, _("Không gặp được")),
    ]  # fmt: skip
    said = [(str(Said.YES), _("Có")), (str(Said.NO), _("Không")), (str(Said.UNSURE), _("Không nhớ"))]
    form.received.choices = form.himself.choices = form.told_how.choices = said
    return form


def _recorded(form: Call, serial: int) -> bool:
    """Enter the call, or put beside a field what is missing."""
    w, here, who = web(), wave_here(), account_here().who
    if form.outcome.data == MISSED:
        calls.miss(w.store, w.clock, here, serial, who=who)
    elif form.outcome.data == DECLINED:
        calls.decline(w.store, w.clock, here, serial, who=who)
    else:
        received = form.received.data
        rest = (form.himself, form.told_how)
        missing = [form.received] if not received else [each for each in rest if not each.data and received != Said.NO]
        for field in missing:
            field.errors = [_("Mục này chưa điền.")]
        if missing:
            return False
        himself, told_how = (Said(each.data) if received != Said.NO else None for each in rest)
        calls.record(
            w.store, w.clock, here, serial, received=Said(received), himself=himself, told_how=told_how, who=who
        )
    return True


def _word() -> str:
    told = {"at": web().clock().timestamp()}
    return carrying.seal(web().keyring, account_here().name, f"{PURPOSE} {wave_here().spec.id}", told)


def _require_list() -> None:
    word = request.values.get("t", "")
    told = carrying.opened(web().keyring, account_here().name, f"{PURPOSE} {wave_here().spec.id}", word)
    if told is None or web().clock().timestamp() - told["at"] > LIST_LASTS.total_seconds():
        abort(redirect(url_for("desk.control", wave=wave_here().spec.id), 303))


def _open_calls() -> list[dict[str, Any]]:
    return calls.open_list(web().store, wave_here())


def _page(form: PublicNumber, status: int = 200, fault: str = "") -> Response:
    w, here = web(), wave_here()
    rows = calls.report(w.store, here.spec.id)
    names = {each.id: each.name.of("vi") for each in here.spec.units}
    return render(
        "control.html", status=status, form=form, fault=fault, drawn=calls.drawn(w.store, here.spec.id), rows=rows,
        names=names, left=calls.open_calls(w.store, here.spec.id), closed=here.state in ("closed", "frozen"),
        interviewers=any(row["interviewer"] for row in rows),
    )  # fmt: skip
