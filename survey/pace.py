"""How fast a form was filled in: one of three bands, the only thing about time that a box says.

Pages are counted from the first one saved, for nobody knows when it was opened: seconds from then to the submit, over
the closed items answered on later pages. Two seconds an item is the limit of Huang, Curran, Keeney, Poposki and DeShon
(Journal of Business and Psychology 27, 2012) for effort that is insufficient.
"""

from __future__ import annotations

from enum import StrEnum

from forms.questionnaire import Questionnaire
from survey.drafts import Draft
from survey.plan.limits import Pace

FEWEST = 8  # items from which a pace can be told
FAST, USUAL, LONG = range(3)


class Phase(StrEnum):
    """Whether a first reminder had begun when the answer came."""

    BEFORE = "before"
    AFTER = "after"


def band(pace: Pace, questionnaire: Questionnaire, draft: Draft, now: int) -> int | None:
    """The band of a form sent at ``now`` (seconds since 1970).

    None where the wave measures none, or too few items were answered after the first page to tell.
    """
    if not pace.measured or not draft.begun:
        return None
    later = sum(
        entry.revision > 1 and item in questionnaire.items and questionnaire.items[item].closed
        for (_, item), entry in draft.entries.items()
    )
    if later < FEWEST:
        return None
    each = max(0, now - draft.begun) / later
    return FAST if each < pace.fast else USUAL if each < pace.long else LONG
