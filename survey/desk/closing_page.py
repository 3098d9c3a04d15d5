"""The end of collection at the desk: a job, once the published day has passed and nothing is in the way."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from forms.faults import Fault, Faults
from survey.desk import faces, jobs_page
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import wave_here
from survey.desk.navigation import is_due
from survey.desk.rendering import page
from survey.keying import counting_in
from survey.language import gettext as _
from survey.wave import RegisteredWave
from survey.web import web


class Closing(DeskForm):
    """That one means it: a closed wave takes no answer any more."""

    sure = BooleanField(validators=[Needed()])


@blueprint.route("/w/<wave>/close", methods=["GET", "POST"], endpoint="close")
def close(wave: str) -> ResponseReturnValue:
    """What closing does, what is in its way, and the button."""
    here, form = wave_here(), Closing(request.form if request.method == "POST" else None)
    if request.method == "GET":
        return _page(here, form)
    if not form.validate() or not is_due(here) or _in_the_way():
        return _page(here, form, 422)
    try:
        jobs_page.begin("close", "--wave", wave, wave=wave)
    except Faults as faults:
        form.refuse(faults)
        return _page(here, form, 422)
    flash(_("Đang đóng đợt."))
    return redirect(url_for("desk.jobs"), 303)


def _in_the_way() -> tuple[Fault, ...]:
    """Forms on paper that nobody accounted for."""
    w = web()
    try:
        with w.drafts.read() as held, w.store.read() as tx:
            counting_in.require_accounted(tx, held, wave_here().spec.id)
    except Faults as faults:
        return faults.faults
    return ()


def _page(here: RegisteredWave, form: Closing, status: int = 200) -> ResponseReturnValue:
    return page(
        "close.html", status=status, form=form, due=is_due(here), in_the_way=_in_the_way(),
        closes=faces.date_of(here.spec.closes), at_counters=bool(here.spec.counter_groups),
    )  # fmt: skip
