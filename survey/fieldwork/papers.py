"""A document for the file, as parts that a page and a PDF show alike; in Vietnamese, as all papers of a wave."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from analysis import numbers


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; columns named in ``right`` hold numbers. ``widths``: shares of the page, one a column."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    widths: tuple[int, ...] = ()

    def document(self) -> dict[str, Any]:
        """For the typesetter."""
        widths = self.widths or (1,) * len(self.headings)
        return {
            "caption": self.caption, "headings": list(self.headings), "rows": [list(row) for row in self.rows],
            "right": sorted(self.right), "widths": list(widths),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A section: what it says in sentences, facts by name, tables, and remarks below."""

    id: str
    title: str
    said: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    grids: tuple[Grid, ...] = ()
    remarks: tuple[str, ...] = field(default_factory=tuple)

    def document(self) -> dict[str, Any]:
        """For the typesetter."""
        return {
            "title": self.title, "said": list(self.said), "facts": [list(fact) for fact in self.facts],
            "grids": [grid.document() for grid in self.grids], "remarks": list(self.remarks),
        }  # fmt: skip


def moment(text: str, timezone: str) -> str:
    """``14:05 ngày 05/02/2026``, where the wave is held, of a moment as the store keeps it; "" of nothing."""
    if not text:
        return ""
    at = datetime.fromisoformat(text).astimezone(ZoneInfo(timezone))
    return f"{at:%H:%M} ngày {numbers.day(at.date())}"


def share(part: int, whole: int) -> str:
    """``52,5% (21/40)``: no number without its base."""
    return (
        f"{numbers.percent(part / whole)} ({numbers.count(part)}/{numbers.count(whole)})" if whole else numbers.NOTHING
    )
