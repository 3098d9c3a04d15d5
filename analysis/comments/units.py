"""Comments by unit and theme, never from fewer than k people (METHOD §8).

Comments are linked to nobody. A person writes once under an item of a unit, so that the comments under one item are
from as many people: a unit, and each theme of it, is told of when one item alone has k comments there. What falls short
joins “other”, and is left out where that falls short too. Themes overlap and no sum over them is given: nothing follows
by subtraction.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow.parquet as pq

from analysis.comments.masking import masked
from analysis.comments.searching import Words, words
from analysis.comments.themes import OTHER, Theme
from analysis.dataset import Dataset

COMMENTS = "comments.parquet"


@dataclass(frozen=True, slots=True)
class Comment:
    """A masked text about ``unit`` (None: about several at once), given under ``item`` by somebody of ``group``."""

    unit: str | None
    group: str
    item: str
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """The comments of one unit under one theme, in the order of their text: no order of writing is left."""

    theme: Theme
    texts: tuple[str, ...]


def comments(dataset: Dataset) -> tuple[Comment, ...]:
    """Every comment, masked; none where the dataset has none or nothing is left of it."""
    if COMMENTS not in dataset.manifest.get("files", {}):
        return ()
    rows = pq.read_table(dataset.path / COMMENTS).to_pylist()
    made = (Comment(row["unit"], row["group"], row["item"], masked(row["text"] or "")) for row in rows)
    return tuple(each for each in made if each.text)


def enough(given: Iterable[Comment], k: int) -> bool:
    """Whether comments are surely from k people."""
    return max(Counter(each.item for each in given).values(), default=0) >= k


def by_unit(given: Sequence[Comment], themes: Sequence[Theme], k: int) -> dict[str, tuple[Told, ...]]:
    """Themes of each unit that has enough comments, the most frequent first, “other” last."""
    of: defaultdict[str, list[Comment]] = defaultdict(list)
    for each in given:
        if each.unit is not None:
            of[each.unit].append(each)
    told = {unit: _themes(own, themes, k) for unit, own in sorted(of.items()) if enough(own, k)}
    return {unit: found for unit, found in told.items() if found}


def _themes(given: Sequence[Comment], themes: Sequence[Theme], k: int) -> tuple[Told, ...]:
    prepared: list[tuple[Comment, Words]] = [(each, words(each.text)) for each in given]
    found: dict[str, list[Comment]] = {theme.id: [c for c, told in prepared if theme.of(told)] for theme in themes}
    shown = [theme for theme in themes if enough(found[theme.id], k)]
    placed = {id(each) for theme in shown for each in found[theme.id]}
    rest = [each for each in given if id(each) not in placed]
    made = [Told(theme, _sorted(found[theme.id])) for theme in shown]
    made.sort(key=lambda told: (-len(told.texts), told.theme.id))
    return (*made, Told(OTHER, _sorted(rest))) if enough(rest, k) else tuple(made)


def _sorted(given: Iterable[Comment]) -> tuple[str, ...]:
    return tuple(sorted(each.text for each in given))


def counts(told: Mapping[str, Sequence[Told]]) -> dict[str, list[dict[str, object]]]:
    """What may be published of comments: how many under each theme. The words are for whoever reads them first."""
    return {
        unit: [{"id": each.theme.id, "theme": each.theme.name["vi"], "count": len(each.texts)} for each in own]
        for unit, own in told.items()
    }
