"""What is wrong, in the language of the page."""

from __future__ import annotations

from markupsafe import Markup, escape

from forms.faults import Fault
from survey import said as sentences
from survey.language import SOURCE, chosen


def said(fault: Fault) -> Markup:
    """A fault of the domain as the desk shows it; marked as English where no Vietnamese words are known."""
    language = chosen()
    text = escape(sentences.fault(fault, language))
    if language == SOURCE and sentences.vietnamese(fault.message) == fault.message:
        return Markup('<span lang="en">') + text + Markup("</span>")
    return text
