"""Slips, place by place, for whoever hands them out: codes leave in a file that the log knows."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from forms.faults import Fault, Faults
from survey import issuing
from survey.approvals import approvals, deeds
from survey.desk import faces
from survey.desk.approvals_page import waiting_note
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm
from survey.desk.gate import account_here, wave_here
from survey.desk.reminding import links_lead_nowhere
from survey.desk.rendering import page
from survey.language import chosen
from survey.language import gettext as _
from survey.wave import RegisteredWave
from survey.web import web


class Slips(DeskForm):
    """Which, and what for."""

    place = SelectField(validate_choice=False)
    group = SelectField(validate_choice=False)
    reason = StringField(validators=[InputRequired()])


@blueprint.route("/w/<wave>/slips", methods=["GET", "POST"], endpoint="slips")
def slips(wave: str) -> ResponseReturnValue:
    """How many slips each place gets; a POST answers with the PDF of one."""
    registered = wave_here()
    form = Slips() if request.method == "POST" else Slips(None)
    names = place_names(registered)
    there = issuing.at_places(web().store, registered)
    rows = [(place, names.get(place, place), n, kept) for place, (n, kept) in there.items()]
    form.place.choices = [("", _("Mọi nơi")), *((place, name) for place, name, *_rest in rows if place)]
    form.group.choices = [("", _("Mọi nhóm")), *((each.id, each.name.of(chosen())) for each in registered.spec.groups)]
    if request.method == "POST" and (refused := links_lead_nowhere()):
        form.form_errors.append(refused)
    elif request.method == "POST":
        try:
            return _pdf(form, registered)
        except Faults as faults:
            form.refuse(faults)
    return page(
        "setup/slips.html", status=422 if form.errors else 200, form=form, rows=rows,
        withheld=sum(kept for _n, kept in there.values()), whole=faces.whole,
    )  # fmt: skip


def place_names(wave: RegisteredWave) -> dict[str, str]:
    """Where slips are handed out: places, and units that are a place themselves."""
    names = {unit.id: unit.name.of(chosen()) for unit in wave.spec.units}
    return names | {place.id: place.name.of(chosen()) for place in wave.spec.places}


def _pdf(form: Slips, wave: RegisteredWave) -> ResponseReturnValue:
    reason = (form.reason.data or "").strip()
    if not reason:
        raise Faults([Fault("is not filled in", column="reason")])
    if wave.state != "open":
        raise Faults(f"wave “{wave.spec.id}” is {wave.state}: there is nothing to print")
    place, group = form.place.data or None, form.group.data or None
    told = {"unit": None, "place": place, "group": group}
    outcome = approvals.do_or_ask(web(), wave, account_here(), deeds.SLIPS, told, reason)
    if outcome is approvals.Outcome.ASKED:
        flash(waiting_note())
        return redirect(url_for("desk.slips", wave=wave.spec.id), 303)
    rows = issuing.export_rows(
        web().store, web().keyring, web().settings, web().clock, wave, who=account_here().who, reason=reason,
        place=place, group=group, handed=True,
    )  # fmt: skip
    if not rows:
        raise Faults("no invitation is asked for: nothing to print")
    from survey.paper import slips as printed  # fonts and QR codes are needed by this page alone

    response = Response(printed.pdf(wave, rows), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="phieu_{form.place.data or wave.spec.id}.pdf"'
    return response
