"""The first step: title, days, who issues it, what is counted."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired

from forms import catalogue
from survey.desk.blueprint import blueprint
from survey.desk.setup.page import StepForm, keep, load, onward, show, typed
from survey.language import chosen
from survey.language import gettext as _
from survey.setup import about
from survey.setup.checking import Step
from survey.setup.preparation import Preparation


class About(StepForm):
    """The fields of ``survey.setup.about``; days are read as a browser or a person writes them."""

    title_vi = StringField(validators=[InputRequired()])
    title_en = StringField()
    opens = StringField(validators=[InputRequired()])
    closes = StringField(validators=[InputRequired()])
    timezone = StringField()
    hotline = StringField()
    authority_vi = StringField()
    authority_en = StringField()
    plan_number = StringField()
    plan_date = StringField()
    framework = SelectField(validate_choice=False)
    k = StringField()
    purge_on = StringField()
    paper = BooleanField()


@blueprint.route("/w/<wave>/setup/about", methods=["GET", "POST"], endpoint="setup_about")
def setup_about(wave: str) -> ResponseReturnValue:
    """Show the file's own keys; keep what is posted."""
    shown = load(wave)
    if request.method == "POST":
        form = About()
        form.framework.choices = _frameworks(shown.now)
        if keep(form, shown, lambda data: about.change(data, typed(form))):
            return onward(shown, Step.ABOUT)
        return show("about.html", shown, Step.ABOUT, status=422, form=form)
    told = about.shown(shown.now.data)
    form = About(None, **{**told, "paper": bool(told["paper"]), "revision": shown.now.revision})
    form.framework.choices = _frameworks(shown.now)
    return show("about.html", shown, Step.ABOUT, form=form)


def _frameworks(now: Preparation) -> list[tuple[str, str]]:
    """Bundled frameworks, the one that is named, and those that were sent in."""
    own = [name for name in (str(now.data.get("framework", "")), *now.documents) if name.endswith(".toml")]
    asked = {str(group.get("questionnaire")) for group in now.data.get("group", [])}
    named = [(name, catalogue.framework(name).title.of(chosen())) for name in catalogue.FRAMEWORKS]
    others = [(name, name) for name in dict.fromkeys(own) if name not in asked]
    return [("", _("Không tính chỉ số, chỉ đo mức độ hài lòng")), *named, *others]
