"""Which subcriteria and groups two years of one kind have in common, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.design import Bools, Codes
from analysis.index import Scale
from analysis.parts import rule_document
from analysis.past import PastKind, PastSub
from forms.framework import Subcriterion


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """What this year's kind (S subcriteria) shares with a previous one.

    ``survey``, ``appraised`` (S,) whether that part is common; ``column`` (S,) its place in the previous year, −1;
    ``group`` (G,) the place of this year's groups there, −1; ``dropped`` with reasons.
    """

    survey: Bools
    appraised: Bools
    column: Codes
    group: Codes
    dropped: Mapping[str, str]


def shared_by(scale: Scale, old: PastKind) -> Shared:
    """Compare this year's subcriteria with a previous year's, by id, rule, items and source."""
    names = list(old.subs)
    reasons = {sub.id: _reason(sub, old.subs.get(sub.id)) for sub in scale.subcriteria}
    both = [old.subs.get(sub.id) for sub in scale.subcriteria]
    survey = [
        was is not None and sub.survey_points > 0 and was.survey_points > 0 and reasons[sub.id] in ("", "source")
        for sub, was in zip(scale.subcriteria, both, strict=True)
    ]
    appraised = [
        was is not None and sub.appraised_points > 0 and was.appraised_points > 0
        for sub, was in zip(scale.subcriteria, both, strict=True)
    ]
    dropped = {id: reason for id, reason in reasons.items() if reason}
    dropped |= {id: "gone" for id in names if id not in reasons}
    return Shared(
        np.array(survey, dtype=bool),
        np.array(appraised, dtype=bool),
        np.array([names.index(sub.id) if sub.id in old.subs else -1 for sub in scale.subcriteria]),
        np.array([old.groups.index(group) if group in old.groups else -1 for group in scale.groups], dtype=np.int64),
        dropped,
    )


def _reason(sub: Subcriterion, was: PastSub | None) -> str:
    """Why a subcriterion is not common, or not wholly; '' when it is."""
    if was is None:
        return "new"
    if sub.survey_points > 0 and was.survey_points > 0:
        if rule_document(sub.rule) != _plain(was.rule):
            return "rule"
        if set(sub.items) != set(was.items):
            return "items"
        if not set(sub.shares) & set(was.shares):
            return "groups"
    parts = (sub.survey_points > 0, sub.appraised_points > 0)
    return "" if parts == (was.survey_points > 0, was.appraised_points > 0) else "source"


def _plain(rule: Mapping[str, object] | None) -> dict[str, object] | None:
    return None if rule is None else dict(rule)
