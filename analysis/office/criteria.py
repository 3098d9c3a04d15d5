"""Which subcriterion a row of an appraisal table is about: by id, by name, or by its number and a name that fits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from forms.framework import Kind, Subcriterion
from forms.names import bare
from forms.tables import Cell

CLOSE = 0.8  # share of words in common from which a name alone is enough
FITTING = 0.5  # … and from which it does not contradict the number beside it
_ROMAN = re.compile(r"[IVX]+|[A-H]")
_NUMBERED = re.compile(
    r"(?:(?:tiêu chí|tctp|mục|lĩnh vực)\s*)?((?:\d+\.)*\d+|[IVX]+(?=\s*[.):–-])|[A-H](?=\s*[.):–-]))\s*[.):–-]*\s+",
    re.IGNORECASE,
)
_WORTH = re.compile(r"\(\s*(?:tối đa\s*)?[\d.,]+\s*(?:điểm|đ)\s*\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Meant:
    """What a row is about: a subcriterion, a heading of some (both None: neither), or a fault that says why neither."""

    sub: Subcriterion | None = None
    heading: bool = False
    fault: str = ""


@dataclass(slots=True)
class Position:
    """Where in the numbering the rows are; ``above``: the number of the last domain that stood as I, II or A."""

    above: int | None = None
    domains: int = 0


@dataclass(frozen=True, slots=True)
class Numbering:
    """A row's number: ``parts`` (1, 1, 2) of 1.1.2; ``roman`` for I, II, A; ``shown`` as the file has it."""

    parts: tuple[int, ...] = ()
    roman: bool = False
    shown: str = ""


def numbering(cell: Cell) -> Numbering:
    """Read a number column: text, or a number that a spreadsheet made of 1.1; a date of it cannot be taken back."""
    if isinstance(cell, bool | date) or cell == "":
        return Numbering()
    text = f"{cell:.10g}" if isinstance(cell, float) else str(cell)
    text = text.strip().strip(".):").replace(",", ".")
    if re.fullmatch(r"\d+(\.\d+)*", text):
        return Numbering(tuple(int(part) for part in text.split(".")), False, text)
    return Numbering((), bool(_ROMAN.fullmatch(text.upper())), text)


def taken_apart(name: str) -> tuple[str, str]:
    """A name that begins with its number: the number, '' without one, and the name without it and its points."""
    found = _NUMBERED.match(name)
    number = found[1] if found else ""
    return number, _WORTH.sub("", name[found.end() if found else 0 :]).strip(" .:;-–")


class Criteria:
    """The subcriteria of one kind, indexed by what a row may say of them."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.subs = {sub.id: sub for sub in kind.subcriteria}
        self._named: dict[str, list[Subcriterion]] = {}
        self._headings: dict[str, object] = {}
        self._words = {sub.id: frozenset(bare(sub.name.of("vi")).split()) for sub in kind.subcriteria}
        self._at: dict[tuple[int, ...], Subcriterion] = {}
        self.where: dict[str, str] = {}
        for d, domain in enumerate(kind.domains, 1):
            self._headings[bare(domain.name.of("vi"))] = domain
            for c, criterion in enumerate(domain.criteria, 1):
                self._headings[bare(criterion.name.of("vi"))] = criterion
                for s, sub in enumerate(criterion.subcriteria, 1):
                    self._named.setdefault(bare(sub.name.of("vi")), []).append(sub)
                    self._at[d, c, s] = sub
                    self.where[sub.id] = f"{d}.{c}.{s}"

    def meant(self, id: str, number: Numbering, name: str, depth: int, place: Position) -> Meant:
        """What a row with these cells is about; ``depth``: how many parts the table's longest numbers have."""
        for told in (id, name):
            if told in self.subs:
                return Meant(self.subs[told])
        inside, name = taken_apart(name)
        if not number.parts and not number.roman and inside:
            number = numbering(inside)
        self._walk(number, place)
        words = bare(name)
        if not words and not number.parts:
            return Meant()
        leaf = bool(number.parts) and len(number.parts) == depth
        if words in self._headings and not (words in self._named and leaf):
            return Meant(heading=True)
        if number.roman or (number.parts and not leaf and words not in self._named):
            return Meant(heading=True)
        return self._sub(words, name, number if leaf else Numbering(), place)

    def _walk(self, number: Numbering, place: Position) -> None:
        if number.roman:
            place.domains += 1
            place.above = place.domains

    def _sub(self, words: str, name: str, number: Numbering, place: Position) -> Meant:
        numbered = self._numbered(number, place)
        exact = self._named.get(words, [])
        if len(exact) == 1:
            return Meant(exact[0])
        if len(exact) > 1:
            if numbered in exact:
                return Meant(numbered)
            return Meant(fault=f"“{name}” may mean {self._listed(exact)}: number the row as in the framework")
        mine = frozenset(words.split())
        if numbered is not None and (not mine or self._alike(numbered, mine) >= FITTING):
            return Meant(numbered)
        close = [sub for sub in self.subs.values() if self._alike(sub, mine) >= CLOSE]
        if len(close) == 1:
            return Meant(close[0])
        if len(close) > 1:
            return Meant(fault=f"“{name}” may mean {self._listed(close)}: write the framework's name or id")
        if numbered is not None:
            ours = numbered.name.of("vi")
            return Meant(
                fault=f"row {number.shown} is called “{name}”, but {number.shown} of the framework is “{ours}”"
            )
        return Meant(fault=f"“{name or number.shown}” is no subcriterion of the framework")

    def _numbered(self, number: Numbering, place: Position) -> Subcriterion | None:
        """The subcriterion in that place: 1.1.2, or 1.2 below the domain that stands above as II."""
        parts = number.parts
        if len(parts) == 2 and place.above is not None:
            parts = (place.above, *parts)
        return self._at.get(parts)

    def _alike(self, sub: Subcriterion, words: frozenset[str]) -> float:
        own = self._words[sub.id]
        return len(own & words) / len(own | words) if own | words else 0.0

    def _listed(self, subs: Iterable[Subcriterion]) -> str:
        return " or ".join(f"{self.where[sub.id]} “{sub.name.of('vi')}” ({sub.id})" for sub in subs)


def depth(numbers: Iterable[Numbering]) -> int:
    """How many parts the longest number has; 0 without numbers."""
    return max((len(number.parts) for number in numbers), default=0)
