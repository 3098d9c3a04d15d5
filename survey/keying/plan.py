"""``[paper]`` of a wave file: how forms on paper are keyed. Fixed with the plan, before anything comes back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from forms.toml import Table

PAPER = "paper"  # the mode of an answer keyed from a form that the respondent filled in
ON_PAPER = frozenset({PAPER, "interview", "phone"})  # modes in which a form is filled in
AGAIN = 0.1


class Keying(StrEnum):
    """How many persons key a form."""

    SINGLE = "single"  # one, and for a seeded share another one
    DOUBLE = "double"  # two, and a third where they differ


@dataclass(frozen=True, slots=True)
class PaperPlan:
    """``again``: the share of forms that a second person keys; with double keying all are."""

    keying: Keying = Keying.SINGLE
    again: float = AGAIN

    @property
    def share(self) -> float:
        """The share of forms that two persons key."""
        return 1.0 if self.keying is Keying.DOUBLE else self.again


def read(table: Table | None) -> PaperPlan | None:
    """The plan; None where the wave file says nothing of paper."""
    if table is None:
        return None
    table.only("keying", "again")
    keying = table.option("keying", Keying, Keying.SINGLE) or Keying.SINGLE
    if keying is Keying.DOUBLE and "again" in table:
        table.fault("again", "with double keying every form is keyed again: leave “again” out")
    again = table.number("again", 0.0, 1.0, AGAIN)
    return PaperPlan(keying, AGAIN if again is None else again)
