"""Slips of chosen invitations as a file to print: serials on the screen, codes on paper alone."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from forms.faults import Faults
from survey import issuing
from survey.approvals import approvals, deeds
from survey.desk import downloads, gate, rendering
from survey.desk.approvals_page import waiting_note
from survey.desk.blueprint import blueprint
from survey.desk.fields import Needed
from survey.desk.follow_up_forms import Reasoned
from survey.desk.reminding import links_lead_nowhere
from survey.language import gettext as _
from survey.web import web

MOST = 2_000  # slips in one file from the desk; more are printed with `phieu slips`


class Printing(Reasoned):
    """Which slips, and why again."""

    serials = StringField(validators=[Needed()])


@blueprint.route("/w/<wave>/follow-up/slips", methods=["GET", "POST"], endpoint="follow_up_slips")
def follow_up_slips(wave: str) -> ResponseReturnValue:
    """The form, then the file; that it left, to whom and why is in the log."""
    form = Printing(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _page(form)
    if not form.validate() or (chosen := numbers(form.serials.data)) is None:
        if not form.errors:
            form.serials.errors = [_("Ghi số phiếu như 12, 15, 120-180; nhiều nhất %(most)s phiếu một lần.", most=MOST)]
        return _page(form, 422)
    if refused := links_lead_nowhere():
        form.form_errors.append(refused)
        return _page(form, 422)
    app, here, reason = web(), gate.wave_here(), form.reason.data
    try:
        outcome = approvals.do_or_ask(app, here, gate.account_here(), deeds.SLIPS, {"serials": chosen}, reason)
    except Faults:  # a number that no invitation has, or the same request waits already
        form.serials.errors = [_("Có số phiếu không tồn tại, hoặc đề nghị in các phiếu này đang chờ duyệt.")]
        return _page(form, 422)
    if outcome is approvals.Outcome.ASKED:
        flash(waiting_note())
        return redirect(url_for("desk.follow_up_slips", wave=wave), 303)
    rows = issuing.export_rows(
        app.store, app.keyring, app.settings, app.clock, here, who=gate.account_here().who, reason=reason,
        handed=True, serials=chosen,
    )  # fmt: skip
    if not rows:
        form.serials.errors = [
            _("Không phiếu nào trong các số này in được: không có, đã thu hồi, hoặc phải gửi thư dán kín.")
        ]
        return _page(form, 422)
    from survey.paper import slips  # only who prints needs fonts and QR codes

    return downloads.file(f"{here.spec.id}-phieu.pdf", slips.pdf(here, rows), "application/pdf")


def _page(form: Printing, status: int = 200) -> Response:
    return rendering.page("follow_up_slips.html", status=status, form=form)


def numbers(text: str) -> list[int] | None:
    """Serials from ``12, 15, 120-180``, each once; None when something else is written, or too many are meant."""
    found: dict[int, None] = {}
    for part in text.replace(";", ",").replace("–", "-").split(","):
        first, dash, last = (each.strip() for each in part.partition("-"))
        if not first and not dash and not last:
            continue
        ends = (first, last) if dash else (first, first)
        if not all(end.isascii() and end.isdecimal() and len(end) < 10 for end in ends):
            return None
        low, high = int(ends[0]), int(ends[1])
        if not 0 < low <= high or high - low >= MOST or len(found) > MOST:
            return None
        found |= dict.fromkeys(range(low, high + 1))
    return list(found) if 0 < len(found) <= MOST else None
