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
from forms.questionnaire import Page, Questionnaire

Node = Comparison | Junction


def mirror(questionnaire: Questionnaire, page: Page, values: Mapping[str, Value]) -> dict[str, str]:
    """The questions of a page that come and go with its own answers, each with its condition as JSON."""
    if not questionnaire.deciding:
        return {}
    here = {item.id for item in page.section.items}
    screened = _screened(questionnaire, here)
    found = {}
    for item in page.section.items:
        rules: list[Node] = []
        if item.id in screened and questionnaire.screen_out is not None:
            rules.append(Junction("not", (questionnaire.screen_out.root,)))
        if item.show_if is not None:
            rules.append(item.show_if.root)
        if item.id in screened or (item.show_if is not None and item.show_if.names & here):
            whole = rules[0] if len(rules) == 1 else Junction("and", tuple(rules))
            found[item.id] = json.dumps(_node(whole, here, values), separators=(",", ":"))
    return found


def _screened(questionnaire: Questionnaire, here: set[str]) -> frozenset[str]:
    """The questions that being screened out hides, where an answer of this page screens out."""
    out = questionnaire.screen_out
    if out is None or not out.names & here:
        return frozenset()
    order = list(questionnaire.items)
    last = max(order.index(name) for name in out.names)
    return frozenset(order[last + 1 :])


def _node(node: Node, here: set[str], values: Mapping[str, Value]) -> list[Any]:
    if isinstance(node, Junction):
        return [node.sign, *(_node(part, here, values) for part in node.parts)]
    if node.name in here:
        return [node.sign, node.name, *node.values]
    return ["known", node.holds(values)]
