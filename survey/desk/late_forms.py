"""Forms that came late: one decision for all of them, unseen. Forms that wait for another keyer: their end."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import Length

from forms.faults import Faults
from survey.approvals import approvals, deeds
from survey.desk.approvals_page import waiting_note
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import account_here, wave_here
from survey.desk.paper import batches, of_strips, strips
from survey.desk.rendering import page as render
from survey.keying import finishing, late_forms
from survey.language import gettext as _
from survey.web import web

ADMIT, EXCLUDE = "admit", "exclude"


class Decision(DeskForm):
    """On all late forms at once; strips of forms that are excluded."""

    decision = RadioField(validators=[Needed()])
    strips = TextAreaField()
    reason = StringField(validators=[Needed(), Length(max=200)])


class Finish(DeskForm):
    """Why nobody keys again."""

    reason = StringField(validators=[Needed(), Length(max=200)])


@blueprint.route("/w/<wave>/paper/late", methods=["GET", "POST"], endpoint="paper_late")
def paper_late(wave: str) -> ResponseReturnValue:
    """Admit or exclude all late forms."""
    form = Decision(request.form if request.method == "POST" else None)
    form.decision.choices = [
        (ADMIT, _("Nhận tất cả, kể cả phiếu còn đến sau")), (EXCLUDE, _("Không nhận phiếu nào")),
    ]  # fmt: skip
    if request.method == "POST" and form.validate() and _decided(form):
        return redirect(url_for("desk.paper", wave=wave), 303)
    return _late_page(form, 422 if request.method == "POST" else 200)


def _decided(form: Decision) -> bool:
    told = strips(form.strips.data)
    if form.decision.data == ADMIT and told:
        form.strips.errors = [_("Phiếu được nhận thì nhập như phiếu khác: không ghi cuống ở đây.")]
        return False
    admits = form.decision.data == ADMIT
    kind, arguments = (deeds.ADMIT_LATE, {}) if admits else (deeds.EXCLUDE_LATE, {"strips": told})
    try:
        outcome = approvals.do_or_ask(web(), wave_here(), account_here(), kind, arguments, form.reason.data)
    except Faults as faults:
        form.refuse(of_strips(faults))
        return False
    if outcome is approvals.Outcome.ASKED:
        flash(waiting_note())
    elif admits:
        flash(_("Đã nhận mọi phiếu đến muộn. Báo cáo sẽ ghi rõ."))
    else:
        flash(_("Không nhận phiếu đến muộn nào; cuống đã quét được ghi là đến muộn."))
    return True


def _late_page(form: Decision, status: int) -> Response:
    known = [batch for batch in batches() if batch.late]
    made = late_forms.decision(web().store, wave_here().spec.id)
    return render("paper_late.html", status=status, form=form, batches=known, made=made,
                  waiting=sum(batch.left for batch in known))  # fmt: skip


@blueprint.route("/w/<wave>/paper/finish", methods=["GET", "POST"], endpoint="paper_finish")
def paper_finish(wave: str) -> ResponseReturnValue:
    """End the waiting of forms that nobody keyed again."""
    form, w = Finish(request.form if request.method == "POST" else None), web()
    if request.method == "POST" and form.validate():
        try:
            done = finishing.finish(w.store, w.drafts, w.keyring, w.clock, wave_here(), who=account_here().who,
                                    reason=form.reason.data)  # fmt: skip
        except Faults as faults:
            form.refuse(faults)
        else:
            flash(
                _("Đã lưu %(stored)s phiếu, %(invalid)s phiếu không hợp lệ.", stored=done.stored, invalid=done.invalid)
            )
            return redirect(url_for("desk.paper", wave=wave), 303)
    waiting = sum(batch.held for batch in batches())
    return render("paper_finish.html", status=422 if request.method == "POST" else 200, form=form, waiting=waiting)
