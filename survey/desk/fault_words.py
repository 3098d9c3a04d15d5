"""What is wrong, in the language of the page."""

from __future__ import annotations

from markupsafe import Markup, escape

from forms.faults import Fault


def said(fault: Fault) -> Markup:
    """A fault of the domain as the desk shows it; the domain speaks English, marked so for whoever hears the page."""
    return Markup('<span lang="en">') + escape(str(fault)) + Markup("</span>")
