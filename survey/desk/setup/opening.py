"""The last step: everything looked at once more, seal 0, the wave open; then paper."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from forms.faults import Fault, Faults
from survey import issuing
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm
from survey.desk.gate import account_here, allowed
from survey.desk.setup.findings import sentence
from survey.desk.setup.page import load, show
from survey.desk.setup.slips import place_names
from survey.language import gettext as _
from survey.setup import checklist
from survey.setup.checking import Step
from survey.wave import RegisteredWave
from survey.web import web


class Open(DeskForm):
    """That what is to be known was read."""

    sure = BooleanField()


@blueprint.route("/w/<wave>/setup/open", methods=["GET", "POST"], endpoint="setup_open")
def setup_open(wave: str) -> ResponseReturnValue:
    """The checklist; a POST issues the invitations, writes seal 0 and opens the wave."""
    shown = load(wave)
    registered = shown.registered
    form = Open() if request.method == "POST" else Open(None)
    if request.method == "POST" and _open(form, registered):
        return redirect(request.path, 303)
    findings = checklist.examine(web().store, web().settings, web().clock, registered)
    return show(
        "open.html", shown, Step.OPEN, status=422 if form.errors else 200, form=form,
        findings=[(finding, sentence(finding, registered)) for finding in findings],
        stops=checklist.stops(findings), seal=_seal_0(registered), may_print=allowed("slips"),
        places=_places(registered) if registered.state != "draft" else [],
    )  # fmt: skip


def _open(form: Open, wave: RegisteredWave) -> bool:
    try:
        if checklist.stops(checklist.examine(web().store, web().settings, web().clock, wave)):
            raise Faults("what stops the opening has to be mended first")
        if not form.sure.data:
            raise Faults(
                [Fault("say that everything was read: an opened wave can no longer be changed", column="sure")]
            )
        number = issuing.issue(web().store, web().keyring, web().clock, wave, who=account_here().who)
    except Faults as faults:
        form.refuse(faults)
        return False
    flash(_("Đã phát hành %(number)s phiếu. Đợt điều tra đã mở.", number=number))
    return True


def _seal_0(wave: RegisteredWave) -> str:
    with web().store.read() as tx:
        first = next((row["hash"] for row in tx.seal_all(wave=wave.spec.id)), "")
    return str(first)


def _places(wave: RegisteredWave) -> list[tuple[str, int]]:
    """Where slips are handed out, with how many."""
    names = place_names(wave)
    with web().store.read() as tx:
        rows = [(row["place"], row["n"]) for row in tx.upload_issued(wave=wave.spec.id)]
    return [(names.get(place, place) or _("Không qua nơi nào"), n) for place, n in rows]


@blueprint.get("/w/<wave>/setup/open/seal-0.json", endpoint="setup_seal")
def setup_seal(wave: str) -> ResponseReturnValue:
    """Seal 0, byte for byte as hashed, for the witnesses."""
    shown = load(wave)
    with web().store.read() as tx:
        first = next((row["body"] for row in tx.seal_all(wave=shown.registered.spec.id)), None)
    if first is None:
        abort(404)
    response = Response(str(first).encode(), mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{shown.id}_seal_0.json"'
    return response
