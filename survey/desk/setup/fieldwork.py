"""The step of fieldwork: target and working days, what is paid, and the public number of the counters."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, StringField, TextAreaField

from survey.desk.blueprint import blueprint
from survey.desk.setup.page import Shown, StepForm, keep, load, onward, show, typed
from survey.setup import fieldwork
from survey.setup.checking import Step


class Fieldwork(StepForm):
    """The fields of ``survey.setup.fieldwork``; none of them must be filled in."""

    target_rate = StringField()
    skip_weekends = BooleanField()
    holidays = TextAreaField()
    curve = StringField()
    like = StringField()
    counter_number = StringField()
    counter_date = StringField()
    basis = StringField()
    interviewer = StringField()
    respondent = TextAreaField()
    columns = StringField()


@blueprint.route("/w/<wave>/setup/fieldwork", methods=["GET", "POST"], endpoint="setup_fieldwork")
def setup_fieldwork(wave: str) -> ResponseReturnValue:
    """Show the file's own keys; keep what is posted."""
    shown = load(wave)
    if request.method == "POST":
        form = Fieldwork()
        if keep(form, shown, lambda data: fieldwork.change(data, typed(form))):
            return onward(shown, Step.FIELDWORK)
        return _show(shown, form, status=422)
    told = fieldwork.shown(shown.now.data)
    form = Fieldwork(None, **{**told, "skip_weekends": bool(told["skip_weekends"]), "revision": shown.now.revision})
    return _show(shown, form)


def _show(shown: Shown, form: Fieldwork, status: int = 200) -> ResponseReturnValue:
    groups = [str(group.get("id")) for group in shown.now.data.get("group", [])]
    return show("fieldwork.html", shown, Step.FIELDWORK, status=status, form=form, groups=groups)
