"""What a curious administrator can lay hands on, and how it is judged whether an attack joined anybody to an answer.

Nothing here knows which database it is: a store kind (``sqlite_kind`` and its like) takes the images.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from survey import boxes, sealing
from survey.keys import WaveKeys

Row = Mapping[str, Any]
HIDDEN = "_hidden"  # columns that the engine keeps beside ours begin so: rowid, ctid, xmin …
SURE = 6.0  # standard deviations: once in 500 million by chance


class Released(NamedTuple):
    """One row of a dataset: what is asked about, all that tells kinds of people apart, the answers, the number."""

    unit: str
    group: str
    quasi: tuple[Any, ...]
    answers: tuple[Any, ...]
    respondent: int


class Commit(NamedTuple):
    """One transaction of the engine's log: the pages that it wrote, each with what stood there before."""

    pages: Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, repr=False)
class Image:
    """The store at one moment, copied while it was running."""

    tables: Mapping[str, Sequence[Row]]
    raw: bytes  # the data files
    free: bytes  # of these, what belongs to no row
    log: Sequence[Commit] = ()

    @property
    def boxes(self) -> Mapping[bytes, bytes]:
        """Id → box, mixed ones alone."""
        return {row["id"]: row["box"] for row in self.tables["box"]}

    @property
    def answered(self) -> Sequence[Row]:
        """Invitations that were answered."""
        return [row for row in self.tables["invitation"] if row["state"] == "answered"]

    def with_rows(self, **tables: Sequence[Row]) -> Image:
        """The same image with other rows in these tables."""
        return Image({**self.tables, **tables}, self.raw, self.free, self.log)


@dataclass(frozen=True, repr=False)
class Evidence:
    """Everything of one wave. The operator always has the keys of the server; ``private`` only who opens the boxes."""

    wave: str
    k: int
    images: Mapping[str, Image]  # by moment: waiting, mixed, second (day), closed
    backups: Sequence[Image]  # of two days
    drafts: Image
    datasets: Sequence[Sequence[Released]]  # interim ones of two days, and the last
    comments: Sequence[str]  # of the last dataset, in the order of its file
    logs: str
    metrics: Sequence[str]
    order: Sequence[int]  # serials as they answered: a camera at the door saw it
    keys: WaveKeys
    info: bytes
    private: bytes | None

    @cached_property
    def opened(self) -> Mapping[bytes, Mapping[str, Any]]:
        """Id → document of every mixed box of the last image, where the key is at hand."""
        if self.private is None:
            return {}
        read = sealing.opener(self.private, self.info)
        return {id: boxes.read(read(box)) for id, box in self.images["closed"].boxes.items()}

    @cached_property
    def cells(self) -> Mapping[int, str]:
        """Cell → what a box of it says of itself."""
        return {
            row["id"]: _label(row["grp"], row["stratum"], row["wclass"], json.loads(row["margins"]), row["mode"],
                              json.loads(row["units"]))
            for row in self.images["closed"].tables["cell"]
        }  # fmt: skip

    def label(self, id: bytes) -> str:
        """The cell that a box names; '' for whoever cannot open it."""
        if id not in self.opened:
            return ""
        told = self.opened[id]
        cell, units = told["cell"], [[each["unit"], each["weight"]] for each in told["units"]]
        return _label(cell["group"], cell["stratum"], cell["wclass"], cell["margins"], cell["mode"], units)

    def label_of(self, invitation: Row) -> str:
        """The same of an invitation, as far as a box would tell."""
        return self.cells[invitation["cell"]] if self.private is not None else ""


def _label(*told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True, repr=False)
class Truth:
    """What the test alone knows: whose is what. Box ids, receipt hashes, and the words that nobody else wrote."""

    tokens: Mapping[int, frozenset[Any]]  # by serial


class Claim(NamedTuple):
    """“This person's answer is among these.” No serial: something came back that ought to be gone."""

    how: str
    serial: int | None
    among: frozenset[Any]


class Ordering(NamedTuple):
    """“The first of these persons gave the first of these answers, and so on”, within one cell or over all."""

    how: str
    persons: Sequence[int]
    answers: Sequence[Any]


Attempt = Claim | Ordering


@dataclass
class Sums:
    """Of one way to order things, over all cells: Σ of products of centred ranks, and their variance by chance."""

    product: float = 0.0
    variance: float = 0.0
    found: set[int] = field(default_factory=set)

    def add(self, persons: Sequence[int], places: np.ndarray) -> None:
        """One cell: where the answers of these persons, in their order, really lie."""
        here = np.argsort(np.argsort(places)) - (len(places) - 1) / 2
        there = np.arange(len(persons)) - (len(persons) - 1) / 2
        self.product += float(here @ there)
        self.variance += float(here @ here) ** 2 / (len(persons) - 1)

    @property
    def z(self) -> float:
        """Standard deviations from what chance gives (Spearman's ρ, pooled)."""
        return self.product / self.variance**0.5 if self.variance else 0.0


def joined(attempts: Iterable[Attempt], truth: Truth) -> list[str]:
    """What an attack found out, a line each; empty when it knows no more than chance tells."""
    found: list[str] = []
    orders: dict[str, Sums] = {}
    for attempt in attempts:
        if isinstance(attempt, Claim):
            right = attempt.serial is None or truth.tokens.get(attempt.serial, frozenset()) & attempt.among
            found += [f"{attempt.how}: {attempt.serial} among {len(attempt.among)}"] if right else []
        else:
            _order(orders.setdefault(attempt.how, Sums()), attempt, truth)
    return found + [f"{how}: z = {sums.z:.1f}" for how, sums in orders.items() if abs(sums.z) >= SURE]


def _order(sums: Sums, attempt: Ordering, truth: Truth) -> None:
    place = {token: number for number, token in enumerate(attempt.answers)}
    whose = {
        serial: place[token] for serial in attempt.persons for token in truth.tokens.get(serial, ()) if token in place
    }
    persons = [serial for serial in attempt.persons if serial in whose]
    if len(persons) > 1:
        sums.add(persons, np.array([whose[serial] for serial in persons]))


Side = Mapping[Any, tuple[str, frozenset[Any]]]  # who or what → (block, all that is known of it)


def linkage(how: str, persons: Side, answers: Side, k: int) -> Iterator[Claim]:
    """Record linkage: who and what agree in all that both sides know, within a block, where that leaves fewer than k.

    A block of fewer than k is left alone: no attack is needed to see that it is small (docs/anonymity.md).
    """
    blocks = {block for block, _ in answers.values()}
    for block in sorted(blocks):
        ours = {key: said for key, (where, said) in persons.items() if where == block}
        theirs = {key: said for key, (where, said) in answers.items() if where == block}
        if len(theirs) < k or not ours:
            continue
        shared = frozenset().union(*ours.values()) & frozenset().union(*theirs.values())
        for serial, said in ours.items():
            among = frozenset(answer for answer, told in theirs.items() if told & shared == said & shared)
            alike = sum(other & shared == said & shared for other in ours.values())
            if among and min(len(among), alike) < k:
                yield Claim(how, serial, among)


def words(value: Any) -> Iterator[Any]:
    """Every word and number that a document says, answers left out: they are what must not be joined."""
    if isinstance(value, Mapping):
        for name, inside in value.items():
            if name not in ("answers", "respondent"):
                yield from words(inside)
    elif isinstance(value, list | tuple):
        for inside in value:
            yield from words(inside)
    elif isinstance(value, str) and value[:1] in ("{", "["):
        yield from words(json.loads(value))
    elif isinstance(value, float):
        yield round(value, 9)
    elif isinstance(value, str | bytes) and value:
        yield value
