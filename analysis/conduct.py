"""How each office's counter put the questions of the counter draw (METHOD §2), as the manifest of a dataset fixes it.

Counts of what clerks did, never of answers: nothing here follows from what anybody said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TOO_FEW_ASKED, TOO_IRREGULAR, TOO_OFTEN_AGAIN = "under 90% asked", "over 5% irregular", "over 5% printed again"


@dataclass(frozen=True, slots=True)
class ConductRow:
    """One office's counter. ``share_asked`` of the dossiers listed and ``irregular`` of the questions, in [0, 1].

    ``again``: slips asked for a second time; a share is None of nothing. ``marks`` as whoever counted set them.
    """

    group: str
    unit: str
    listed: int
    asked: int
    share_asked: float | None
    questions: int
    early: int
    lapsed: int
    repeated: int
    irregular: float | None
    again: int
    marks: frozenset[str]

    @property
    def too_few_asked(self) -> bool:
        """Whether the office asked about less than it had to: whom it left out may differ."""
        return TOO_FEW_ASKED in self.marks

    @property
    def too_irregular(self) -> bool:
        """Whether too many questions were early, lapsed or repeated."""
        return TOO_IRREGULAR in self.marks

    @property
    def too_often_again(self) -> bool:
        """Whether too many slips were asked for a second time."""
        return TOO_OFTEN_AGAIN in self.marks


def conduct_rows(manifest: Mapping[str, Any]) -> tuple[ConductRow, ...]:
    """The offices' counters in the order of the manifest; none where the wave selected nobody at counters."""
    return tuple(
        ConductRow(
            row["group"], row["unit"], row["listed"], row["asked"], row["share_asked"], row["questions"], row["early"],
            row["lapsed"], row["repeated"], row["irregular"], row.get("again", 0), frozenset(row["marks"]),
        )
        for row in manifest.get("counter", [])
    )  # fmt: skip
