"""What the desk's forms are made of; templates render their fields with the macros of ``desk/fields.html``."""

from __future__ import annotations

from typing import ClassVar

from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import Field, FileField, Form
from wtforms.validators import StopValidation

from forms.faults import Fault, Faults
from survey.desk.fault_words import said
from survey.language import gettext as _


class DeskForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """A form with a CSRF token; what is typed is cut to no length that a person would notice."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        locales = ("vi",)

    def refuse(self, faults: Faults) -> None:
        """Put the faults of the domain beside the fields they name (``column``), the others above the form."""
        for fault in faults.faults:
            if fault.column and fault.column in self._fields:
                words = said(Fault(fault.message, fault.file, fault.row))  # the field is named by standing there
                self._fields[fault.column].errors = [*self._fields[fault.column].errors, words]
            else:
                self.form_errors.append(said(fault))


class SentFile(FileField):  # type: ignore[misc]  # WTForms publishes no types
    """A file that was sent up. Its name posted as a text, which no browser does, is no file."""

    def process_formdata(self, valuelist: list[object]) -> None:
        """Keep the file; None where none came."""
        self.data = next((each for each in valuelist if isinstance(each, FileStorage)), None)


class Needed:
    """A field that must be filled in, said in the language of the page."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        """Raises StopValidation when nothing but blanks, or no file, was given."""
        given = field.data
        if isinstance(given, str):
            given = given.strip()
        if given is None or given is False or given == "" or given == []:
            field.errors = []
            raise StopValidation(_("Xin đánh dấu ô này.") if given is False else _("Mục này chưa điền."))
