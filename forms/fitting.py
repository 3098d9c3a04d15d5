"""Whether a framework can count what a wave asks: the same faults before anything is drawn and when it is counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from forms.faults import Fault
from forms.framework import Framework


def unfit(framework: Framework, kinds: Collection[str], asked: Mapping[str, Collection[str]]) -> list[Fault]:
    """Every group that the wave lacks, group that is asked nothing of its share, and framework of other units.

    ``kinds``: those of the wave's units; kinds of the framework without a unit need nothing. ``asked``: the ids of the
    items that each group of the wave is asked.
    """
    said: list[str] = []
    for kind in framework.kinds.values():
        if kind.id not in kinds:
            continue
        said += [f"the wave has no group “{group}”" for group in kind.groups if group not in asked]
        said += [
            f"“{sub.id}” gives group “{group}” a share, but its questionnaire asks none of {', '.join(sub.items)}"
            for sub in kind.survey_subcriteria
            for group in sub.shares
            if group in asked and not set(sub.items).intersection(asked[group])
        ]
    if not framework.kinds.keys() & set(kinds):
        said.append(f"the framework knows none of the wave's kinds of unit ({', '.join(sorted(kinds))})")
    return [Fault(each, framework.id) for each in dict.fromkeys(said)]


def unasked(framework: Framework, kinds: Collection[str], items: Collection[str]) -> list[Fault]:
    """Every item that a subcriterion of the wave's kinds is scored by and that no questionnaire asks."""
    return [
        Fault(f"“{sub.id}” is scored by “{item}”, which no questionnaire of the wave asks", framework.id)
        for kind in framework.kinds.values()
        if kind.id in kinds
        for sub in kind.survey_subcriteria
        for item in sub.items
        if item not in items
    ]
