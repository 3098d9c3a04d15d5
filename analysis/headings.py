"""Which row of somebody's table is its heading, and what to call columns whose headings are alike or empty."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from forms.names import bare

LOOKED_AT = 20  # rows in which the heading is sought; above it stand titles
UNNAMED = re.compile(r"\(column \d+\)( \(\d+\))?")
_NUMBERED = re.compile(r" \(\d+\)$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Headings, of which a table should have some: its heading is the row that has most of them."""

    words: frozenset[str]

    def place(self, rows: Sequence[Sequence[str]]) -> int:
        """The heading among the first rows: the first with most words; where none has any, the first wide one."""
        found = [len(self.words & {bare(cell) for cell in row if cell}) for row in rows]
        if max(found, default=0):
            return found.index(max(found))
        filled = [sum(1 for cell in row if cell.strip()) for row in rows]
        return next((at for at, cells in enumerate(filled) if 2 * cells >= max(filled)), 0)


def wanted(headings: Collection[str]) -> Wanted:
    """What to look for, by headings as people write them; ``numbered`` ones too."""
    plain = {_NUMBERED.sub("", heading) for heading in headings}
    return Wanted(frozenset(bare(heading) for heading in {*headings, *plain}) - {""})


def numbered(headings: Sequence[str]) -> list[str]:
    """Headings of which no two are alike: “X (1)”, “X (2)” where there were two “X”; “(column 3)” where it is empty."""
    told = [heading or f"(column {at})" for at, heading in enumerate(headings, 1)]
    often = Counter(told)
    free = {name: _free(name, often) for name in often}
    return [next(free[heading]) if often[heading] > 1 else heading for heading in told]


def _free(name: str, taken: Collection[str]) -> Iterator[str]:
    """Names made of one by a number, without those that another column has."""
    return (made for at in count(1) if (made := f"{name} ({at})") not in taken)
