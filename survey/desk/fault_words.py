"""What is wrong, in the language of the page."""

from __future__ import annotations

from markupsafe import Markup, escape

from forms.faults import Fault
from survey import said as words
from survey.language import SOURCE, chosen


def said(fault: Fault) -> Markup:
    """A fault of the domain as the desk shows it; one whose Vietnamese nobody wrote stays English, and is marked so."""
    return _marked(words.fault(fault, chosen()), known=words.vietnamese(fault.message) != fault.message)


def told(message: str) -> Markup:
    """The same of a sentence without a place."""
    vietnamese = words.vietnamese(message)
    return _marked(vietnamese if chosen() == SOURCE else message, known=vietnamese != message)


def _marked(text: str, *, known: bool) -> Markup:
    if known or chosen() != SOURCE:
        return escape(text)
    return Markup('<span lang="en">') + escape(text) + Markup("</span>")
