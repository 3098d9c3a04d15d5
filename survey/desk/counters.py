"""Selection at counters as the coordinator has it: public number, daily list, how each counter asks, reconciliation."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import secure_filename
from wtforms import SelectField, StringField
from wtforms.validators import Length

from forms.faults import Fault, Faults
from survey.approvals import approvals, deeds
from survey.clock import today
from survey.counter import due_list, handing, reconciling, secret
from survey.counter.selection import Conduct
from survey.desk.approvals_page import waiting_note
from survey.desk.blueprint import blueprint
from survey.desk.faces import percent
from survey.desk.fields import DeskForm, Needed, SentFile
from survey.desk.gate import account_here, wave_here
from survey.desk.rendering import page as render
from survey.language import gettext as _
from survey.plan.wave_spec import Group
from survey.web import web


class PublicNumber(DeskForm):
    """The digits, as they were announced."""

    number = StringField(validators=[Needed(), Length(max=40)])


class DueList(DeskForm):
    """Today's export of the dossier system."""

    group = SelectField()
    file = SentFile()


class Again(DeskForm):
    """A dossier whose slip may be handed out once more, beyond what its counter may do itself."""

    dossier = StringField(validators=[Needed(), Length(max=120)])
    reason = StringField(validators=[Needed(), Length(max=200)])


@blueprint.get("/w/<wave>/counters", endpoint="counters")
def show(wave: str) -> ResponseReturnValue:
    """Where the draw stands."""
    return _page()


@blueprint.post("/w/<wave>/counters/number", endpoint="counters_number")
def enter_number(wave: str) -> ResponseReturnValue:
    """Enter the public number that seal 0 names, once."""
    _require_counters()
    form, w = PublicNumber(), web()
    if form.validate():
        try:
            secret.enter_number(
                w.store, w.keyring, w.clock, wave_here(), form.number.data or "", who=account_here().who
            )
        except Faults as faults:
            form.refuse(faults)
        else:
            flash(_("Đã nhập số công khai. Các quầy hỏi được hồ sơ."))
            return redirect(url_for("desk.counters", wave=wave), 303)
    return _page(number=form, status=422)


@blueprint.post("/w/<wave>/counters/list", endpoint="counters_list")
def take_list(wave: str) -> ResponseReturnValue:
    """Add the dossiers of a file to the list: all of it, or nothing with every fault named."""
    _require_counters()
    form = _list_form()
    sent = request.files.get(form.file.name)
    if form.validate():
        if sent is None or not sent.filename:
            form.file.errors = [_("Xin chọn tệp danh sách hồ sơ.")]
        elif (done := _import(form, sent.filename, sent.read())) is not None:
            flash(_(
                "%(file)s: %(added)s hồ sơ mới, %(updated)s hồ sơ đã có; %(outside)s hồ sơ ngoài thời gian điều tra.",
                file=done.file, added=done.added, updated=done.updated, outside=done.outside,
            ))  # fmt: skip
            return redirect(url_for("desk.counters", wave=wave), 303)
    return _page(listing=form, status=422)


def _import(form: DueList, name: str, content: bytes) -> due_list.Listed | None:
    w, here, group = web(), wave_here(), str(form.group.data)
    plain = secure_filename(name) or "danh_sach"
    try:
        with TemporaryDirectory(dir=w.settings.instance) as folder:
            file = Path(folder) / plain
            file.write_bytes(content)
            found = due_list.read_file(here, group, file)
        return due_list.add(w.store, w.keyring, w.clock, here, group, found, file=name, who=account_here().who)
    except Faults as faults:
        form.refuse(Faults(Fault(each.message, name, each.row, each.column) for each in faults.faults[:50]))
        return None


@blueprint.post("/w/<wave>/counters/again", endpoint="counters_again")
def again(wave: str) -> ResponseReturnValue:
    """Let a slip be handed out once more, where its counter may not."""
    _require_counters()
    form = Again()
    if form.validate():
        told = {"dossier": form.dossier.data or ""}
        try:
            outcome = approvals.do_or_ask(
                web(), wave_here(), account_here(), deeds.HAND_AGAIN, told, form.reason.data or ""
            )
        except handing.NotAgain:
            form.form_errors.append(_("Hồ sơ này chưa được phát phiếu, hoặc mã trên phiếu đã được mở."))
        except Faults as faults:
            form.refuse(faults)
        else:
            done = _("Quầy được phát lại phiếu của hồ sơ này trong 15 phút: hỏi lại hồ sơ rồi in.")
            flash(waiting_note() if outcome is approvals.Outcome.ASKED else done)
            return redirect(url_for("desk.counters", wave=wave), 303)
    return _page(once_more=form, status=422)


@blueprint.post("/w/<wave>/counters/reconcile", endpoint="counters_reconcile")
def reconcile(wave: str) -> ResponseReturnValue:
    """After the close: the whole list against what was asked."""
    _require_counters()
    w = web()
    done = reconciling.reconcile(w.store, w.keyring, w.clock, wave_here(), who=account_here().who)
    flash(_("Đã đối chiếu: %(unreached)s hồ sơ được chọn mà không ai hỏi được ghi là không tiếp xúc.",
            unreached=done.unreached))  # fmt: skip
    return redirect(url_for("desk.counters", wave=wave), 303)


def _require_counters() -> None:
    if not wave_here().spec.counter_groups:
        abort(404)


def _groups() -> tuple[Group, ...]:
    return wave_here().spec.counter_groups


def _list_form(*, sent: bool = True) -> DueList:
    form = DueList() if sent else DueList(None)
    form.group.choices = [(group.id, group.name.of("vi")) for group in _groups()]
    form.group.flags.required = form.file.flags.required = True
    return form


def marks_said(office: Conduct) -> str:
    """Why an office's channel is marked, in the language of the page."""
    said = {
        "under 90% asked": _("hỏi dưới %(share)s", share=percent(0.9, 0)),
        "over 5% irregular": _("bất thường trên %(share)s", share=percent(0.05, 0)),
        "over 5% printed again": _("phát lại trên %(share)s", share=percent(0.05, 0)),
    }
    return "; ".join(said[mark] for mark in office.marks)


def _page(
    *, number: PublicNumber | None = None, listing: DueList | None = None, once_more: Again | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    w, here = web(), wave_here()
    plan = here.spec.counter
    if plan is None or not here.spec.counter_groups:
        return render("counters.html", plan=None, status=status)
    with w.store.read() as tx:
        drawn = tx.counter_draw(wave=here.spec.id)
    forms = number or PublicNumber(None), listing or _list_form(sent=False), once_more or Again(None)
    return render(
        "counters.html", status=status, plan=plan, drawn=drawn, number=forms[0], listing=forms[1], again=forms[2],
        refused=next((form for form in forms if form.errors), None), marks=marks_said,
        offices=reconciling.so_far(w.store, here),
        percent=percent, exists=today(w.clock, here.spec.timezone) >= plan.exists,
        names={unit.id: unit.name.of("vi") for unit in here.spec.units},
        group_names={group.id: group.name.of("vi") for group in here.spec.counter_groups},
    )  # fmt: skip
