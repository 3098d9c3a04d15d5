"""Forms of the follow-up: every deed on somebody's invitation has a reason, which the log keeps."""

from __future__ import annotations

from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from survey.desk.fields import DeskForm, Needed


class Reasoned(DeskForm):
    """A deed with its reason."""

    reason = StringField(validators=[Needed()])


class Recorded(Reasoned):
    """What a call or a visit came to."""

    outcome = SelectField(validators=[Needed()], choices=[], validate_choice=False)  # what may be recorded can change


class Exported(Reasoned):
    """A list that leaves."""

    kind = RadioField(choices=[SelectChoice("xlsx", "XLSX"), SelectChoice("csv", "CSV")], default="xlsx")


class Releasing(Reasoned):
    """How many more of a group's reserve."""

    group = SelectField(validators=[Needed()], choices=[])
    number = StringField(validators=[Needed()], render_kw={"inputmode": "numeric"})


class Paying(Exported):
    """A payment list: who is paid, and as what it is wanted."""

    payee = RadioField(validators=[Needed()])
    kind = RadioField(choices=[SelectChoice("pdf", "PDF"), SelectChoice("xlsx", "XLSX")], default="pdf")
