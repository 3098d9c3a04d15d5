"""Skip logic for the optional script: conditions about the page's own questions, as data that it can weigh.

The server decides; this only saves a round trip. What a condition asks about other pages is weighed here and sent as
known, so that no answer of another page is on this one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from forms.answers import Value
from forms.conditions import Comparison, Junction
from forms.questionnaire import Page


def mirror(page: Page, values: Mapping[str, Value]) -> dict[str, str]:
    """The questions of a page that come and go with its own answers, each with its condition as JSON."""
    here = {item.id for item in page.section.items}
    return {
        item.id: json.dumps(_node(item.show_if.root, here, values), separators=(",", ":"))
        for item in page.section.items
        if item.show_if is not None and item.show_if.names & here
    }


def _node(node: Comparison | Junction, here: set[str], values: Mapping[str, Value]) -> list[Any]:
    if isinstance(node, Junction):
        return [node.sign, *(_node(part, here, values) for part in node.parts)]
    if node.name in here:
        return [node.sign, node.name, *node.values]
    return ["known", node.holds(values)]
