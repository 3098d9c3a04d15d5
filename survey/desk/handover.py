"""Batches of slips and forms that interviewers, the post and places take and bring back; visits."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from forms.faults import Faults
from survey.approvals import approvals, deeds
from survey.delivery import handover as batches
from survey.delivery import visits
from survey.delivery.handover import Batch, Kind, Totals
from survey.delivery.visits import Outcome
from survey.desk import downloads
from survey.desk.amounts import WholeNumber
from survey.desk.approvals_page import waiting_note
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import account_here, wave_here
from survey.desk.handover_forms import printable
from survey.desk.rendering import page as render
from survey.dispositions import SPENT, State
from survey.language import gettext as _
from survey.plan.wave_spec import AT_ONCE
from survey.web import web

MOST = 100_000
PDF = "application/pdf"


class HandOver(DeskForm):
    """Who takes which slips: all of a place or group that nobody has yet, or those named."""

    kind = RadioField(validators=[Needed()])
    holder = StringField(validators=[Length(max=120)])
    place = SelectField()
    group = SelectField()
    serials = TextAreaField()


class TakeBack(DeskForm):
    """What came back."""

    back = WholeNumber(low=0)
    spoiled = TextAreaField()
    unused = TextAreaField()


class Visit(DeskForm):
    """One visit or call."""

    serial = WholeNumber(high=10**15)
    outcome = RadioField(validators=[Needed()])
    reason = StringField(validators=[Needed(), Length(max=200)])


def kind_name(kind: Kind) -> str:
    """Who takes a batch, as people say it."""
    return {
        Kind.INTERVIEWER: _("Điều tra viên"), Kind.POST: _("Bưu điện"), Kind.PLACE: _("Nơi tiếp nhận"),
    }[kind]  # fmt: skip


def outcome_name(outcome: Outcome) -> str:
    """What a visit came to, as people say it."""
    return {
        Outcome.MET: _("Gặp, đã trả lời hoặc đã nhận phiếu"),
        Outcome.LATER: _("Gặp, hẹn lần khác"),
        Outcome.ABSENT: _("Không gặp"),
        Outcome.REFUSED: _("Từ chối"),
        Outcome.UNABLE: _("Không trả lời được (mất, ốm, khác ngôn ngữ)"),
        Outcome.GONE: _("Đã chuyển đi, không có ở địa chỉ này"),
    }[outcome]


@blueprint.route("/w/<wave>/handover", methods=["GET", "POST"], endpoint="handover")
def show(wave: str) -> ResponseReturnValue:
    """Every batch, and another one."""
    form = _form()
    if request.method == "POST" and form.validate() and (number := _make(form)) is not None:
        flash(_("Đã giao lô %(number)s. In biên bản để hai bên ký.", number=number))
        return redirect(url_for("desk.handover_batch", wave=wave, batch=number), 303)
    found = batches.totals(web().store, wave_here())
    return render(
        "handover.html", status=422 if request.method == "POST" else 200, form=form, batches=found[::-1],
        kind_name=kind_name, holder=holder_name, visits=any(group.mode in visits_modes() for group in _groups()),
    )  # fmt: skip


def _form() -> HandOver:
    here = wave_here()
    form = HandOver(request.form if request.method == "POST" else None)
    form.kind.choices = [(str(kind), kind_name(kind)) for kind in Kind]
    form.place.choices = [("", _("mọi nơi")), *((each.id, each.name.of("vi")) for each in here.spec.places)]
    form.group.choices = [("", _("mọi nhóm")), *((each.id, each.name.of("vi")) for each in _groups())]
    form.place.flags.required = form.group.flags.required = True  # “every” is a choice like another
    return form


def _groups() -> list[Any]:
    return [group for group in wave_here().spec.groups if group.mode not in AT_ONCE and group.counter is None]


def visits_modes() -> frozenset[str]:
    """Modes in which somebody comes or calls."""
    from survey import invitations

    return invitations.VISITED


def _make(form: HandOver) -> int | None:
    w, here, kind = web(), wave_here(), Kind(form.kind.data)
    place, group = form.place.data or None, form.group.data or None
    holder = place or "" if kind is Kind.PLACE else str(form.holder.data).strip()
    if not holder:
        field = form.place if kind is Kind.PLACE else form.holder
        field.errors = [_("Xin chọn nơi tiếp nhận.") if kind is Kind.PLACE else _("Xin ghi ai nhận lô này.")]
        return None
    serials = numbers(form.serials.data)
    if serials is None:
        form.serials.errors = [_("Chỉ ghi số phiếu, cách nhau bằng dấu phẩy; một dãy ghi như 120-150.")]
        return None
    asked = serials or batches.free(w.store, here, group=group, place=place)
    if not asked:
        form.form_errors.append(_("Không còn phiếu nào như vậy chưa giao cho ai."))
        return None
    try:
        return batches.make(w.store, w.clock, here, kind, holder, asked, who=account_here().who)
    except Faults as faults:
        form.refuse(faults)
        return None


def numbers(text: str | None) -> list[int] | None:
    """Serials as people write them: 12, 15 18-20; None for anything else."""
    found: list[int] = []
    for part in re.split(r"[\s,;]+", (text or "").strip()):
        match = re.fullmatch(r"([0-9]{1,16})(?:[-–]([0-9]{1,16}))?", part)
        if part and not match:
            return None
        if match:
            first, last = int(match[1]), int(match[2] or match[1])
            if last - first > MOST:
                return None
            found += range(first, last + 1)
    return list(dict.fromkeys(found))


@blueprint.get("/w/<wave>/handover/<int:batch>", endpoint="handover_batch")
def one(wave: str, batch: int) -> ResponseReturnValue:
    """A batch: who has it, what came back, whether that agrees."""
    return _batch_page(_get(batch), TakeBack(None))


@blueprint.post("/w/<wave>/handover/<int:batch>/back", endpoint="handover_back")
def take_back(wave: str, batch: int) -> ResponseReturnValue:
    """Record what came back, once."""
    form, w, found = TakeBack(), web(), _get(batch)
    spoiled, unused = numbers(form.spoiled.data), numbers(form.unused.data)
    for field, told in ((form.spoiled, spoiled), (form.unused, unused)):
        if told is None:
            form.validate()
            field.errors = [_("Chỉ ghi số phiếu, cách nhau bằng dấu phẩy; một dãy ghi như 120-150.")]
    if spoiled is not None and unused is not None and form.validate():
        strange = sorted(set([*spoiled, *unused]) - set(found.serials))
        if strange:
            form.form_errors.append(_("Không có trong lô này: %(serials)s.", serials=", ".join(map(str, strange))))
        elif form.back.data + len(set(spoiled)) + len(set(unused)) > len(found.rows):
            form.form_errors.append(_("Trả về nhiều hơn số phiếu đã giao (%(number)s).", number=len(found.rows)))
        else:
            try:
                batches.take_back(w.store, w.clock, wave_here(), batch, back=form.back.data, spoiled=spoiled,
                                  unused=unused, who=account_here().who)  # fmt: skip
                return redirect(url_for("desk.handover_batch", wave=wave, batch=batch), 303)
            except Faults as faults:
                form.refuse(faults)
    return _batch_page(found, form, 422)


@blueprint.get("/w/<wave>/handover/<int:batch>/record.pdf", endpoint="handover_record")
def record(wave: str, batch: int) -> ResponseReturnValue:
    """The record to be signed by both; it holds no contact and no code."""
    # Imported here: typesetting is needed by papers alone.
    from survey.paper import field_papers

    content = field_papers.handover(wave_here(), _get(batch))
    return downloads.file(f"bien-ban-giao-nhan-{batch}.pdf", content, PDF)


@blueprint.post("/w/<wave>/handover/<int:batch>/assignment", endpoint="handover_assignment")
def assignment(wave: str, batch: int) -> ResponseReturnValue:
    """An interviewer's list with names and addresses; logged with its reason."""
    from survey.paper import field_papers

    found, w = _get(batch), web()
    if found.kind is not Kind.INTERVIEWER:
        abort(404)
    reason = f"danh sách cho điều tra viên {found.holder}"
    told = {"batch": batch, "serials": list(found.serials)}
    if approvals.do_or_ask(w, wave_here(), account_here(), deeds.VISIT_LIST, told, reason) is approvals.Outcome.ASKED:
        flash(waiting_note())
        return redirect(url_for("desk.handover_batch", wave=wave, batch=batch), 303)
    contacts = batches.contacts(w.store, w.clock, wave_here(), batch, who=account_here().who, reason=reason)
    return downloads.file(f"danh-sach-{batch}.pdf", field_papers.assignment(wave_here(), found, contacts), PDF)


@blueprint.get("/w/<wave>/interview/<group>.pdf", endpoint="handover_cards")
def cards(wave: str, group: str) -> ResponseReturnValue:
    """What an interviewer reads out, and the cards."""
    from survey.paper import field_papers

    if group not in {each.id for each in wave_here().spec.groups}:
        abort(404)
    return downloads.file(f"the-tra-loi-{group}.pdf", field_papers.interview(wave_here(), group), PDF)


@blueprint.route("/w/<wave>/visits", methods=["GET", "POST"], endpoint="visits")
def visit(wave: str) -> ResponseReturnValue:
    """Enter visits one after the other: at most three a person."""
    form, w = Visit(request.form if request.method == "POST" else None), web()
    form.outcome.choices = [(str(each), outcome_name(each)) for each in Outcome]
    if request.method == "POST" and form.validate():
        try:
            state = visits.record(w.store, w.clock, wave_here(), form.serial.data, Outcome(form.outcome.data),
                                  who=account_here().who, reason=form.reason.data)  # fmt: skip
        except Faults as faults:
            form.refuse(faults)
        else:
            flash(_("Đã ghi phiếu %(serial)s: %(state)s.", serial=form.serial.data, state=state_said(state)))
            return redirect(url_for("desk.visits", wave=wave), 303)
    groups = [group for group in _groups() if group.mode in visits_modes()]
    return render("visits.html", status=422 if request.method == "POST" else 200, form=form, groups=groups)


def state_said(state: State) -> str:
    """Where an invitation stands after a visit."""
    return {
        State.REFUSED: _("từ chối"), State.OTHER: _("không trả lời được"), State.UNDELIVERABLE: _("không có ở địa chỉ"),
        State.NO_CONTACT: _("không gặp sau ba lần"),
    }.get(state, _("còn chờ trả lời"))  # fmt: skip


def holder_name(batch: Batch | Totals) -> str:
    """Who has a batch, as people say it."""
    names = {each.id: each.name.of("vi") for each in wave_here().spec.places}
    return names.get(batch.holder, batch.holder)


def _get(number: int) -> Batch:
    try:
        return batches.get(web().store, wave_here(), number)
    except Faults:
        abort(404)


def _batch_page(batch: Batch, form: TakeBack, status: int = 200) -> Response:
    states = batch.states()
    return render(
        "handover_batch.html", status=status, batch=batch, form=form, holder=holder_name(batch),
        kind=kind_name(batch.kind), answered=sum(states[each] for each in SPENT),
        printable=printable(batch), interviewer=batch.kind is Kind.INTERVIEWER,
        late=states[State.LATE], damaged=states[State.DAMAGED],
    )  # fmt: skip
