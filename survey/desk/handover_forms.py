"""Questionnaires on paper for a batch: each with its code on the strip, as a file for whoever hands codes out."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from forms.faults import Faults
from survey import issuing
from survey.approvals import approvals, deeds
from survey.delivery import handover as batches
from survey.delivery.handover import Batch, Kind
from survey.desk import downloads, gate
from survey.desk.approvals_page import waiting_note
from survey.desk.blueprint import blueprint
from survey.desk.reminding import links_lead_nowhere
from survey.language import gettext as _
from survey.web import web

MOST = 300  # forms in one file from the desk; more are printed with `phieu questionnaire print`


@blueprint.post("/w/<wave>/handover/<int:batch>/forms/<group>", endpoint="handover_forms")
def forms(wave: str, batch: int, group: str) -> ResponseReturnValue:
    """The forms of one group in a batch that is out; that they left, and why, is in the log."""
    app, here, person = web(), gate.wave_here(), gate.account_here()
    back = redirect(url_for("desk.handover_batch", wave=wave, batch=batch), 303)
    try:
        found = batches.get(app.store, here, batch)
    except Faults:
        return redirect(url_for("desk.handover", wave=wave), 303)
    serials = [row["serial"] for row in found.rows if row["grp"] == group]
    if refused := links_lead_nowhere() or _too_many(serials):
        flash(refused)
        return back
    reason = f"in phiếu giấy cho lô {batch}, {found.holder}"
    if approvals.do_or_ask(app, here, person, deeds.SLIPS, {"serials": serials}, reason) is approvals.Outcome.ASKED:
        flash(waiting_note())
        return back
    rows = issuing.export_rows(
        app.store, app.keyring, app.settings, app.clock, here, who=person.who, reason=reason,
        handed=found.kind is Kind.PLACE, serials=serials,
    )  # fmt: skip
    # Imported here: the typesetter is needed by papers alone.
    from survey.paper import twin

    content = twin.of_invitations(here, here.questionnaire_of(group), rows)
    return downloads.file(f"{here.spec.id}-phieu-giay-{batch}.pdf", content, "application/pdf")


def _too_many(serials: list[int]) -> str:
    if not serials:
        return _("Lô này không có phiếu nào của nhóm đó.")
    if len(serials) > MOST:
        return _(
            "Một tệp có nhiều nhất %(most)s phiếu: giao thành nhiều lô, hoặc in bằng lệnh trên máy chủ.", most=MOST
        )
    return ""


def printable(batch: Batch) -> list[tuple[str, str, int]]:
    """(group, its name, how many forms) of a batch that is out, where somebody may print codes."""
    if batch.back is not None or not gate.allowed("handover_forms"):
        return []
    names = {group.id: group.name.of("vi") for group in gate.wave_here().spec.groups}
    counts: dict[str, int] = {}
    for row in batch.rows:
        counts[row["grp"]] = counts.get(row["grp"], 0) + 1
    return [(group, names.get(group, group), n) for group, n in sorted(counts.items())]
