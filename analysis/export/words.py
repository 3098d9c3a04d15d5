"""What the words of a dataset's columns stand for: offices, groups, parts of strata, levels of usual margins."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.dataset import Dataset
from analysis.usual_words import CHANNELS, LEVELS, MERGED, Words

_STRATA = ("stratum", "wclass")


def levels(dataset: Dataset, column: str, language: str, strata: Iterable[str]) -> dict[str, str]:
    """What the words of a column that is no answer stand for; those that say it themselves are not among them.

    ``strata``: those of the estimates, as ``group/stratum``.
    """
    manifest = dataset.manifest
    named = {each["id"]: _in(each["name"], language) for each in (*manifest["units"], *manifest["groups"])}
    if column in ("unit", "group"):
        return {each["id"]: named[each["id"]] for each in manifest[f"{column}s"]}
    if column in _STRATA or column == "final_stratum":
        there = strata if column == "final_stratum" else _there(dataset, column)
        parts = named | {level: _in(words, language) for level, words in CHANNELS.items()}
        parts |= {"*": _in(MERGED, language), "all": {"vi": "tất cả", "en": "all"}.get(language, "tất cả")}
        found = {word: [parts.get(part, part) for part in word.split("/")] for word in there}
        if column == "final_stratum":
            # The group last: where a format cuts, what sets a stratum apart in its group stays.
            found = {word: [*within, of] for word, (of, *within) in found.items()}
        return {word: " / ".join(each) for word, each in found.items()}
    known = LEVELS.get(column)
    return {} if known is None else {level: _in(words, language) for level, words in {**known, "*": MERGED}.items()}


def _there(dataset: Dataset, column: str) -> list[str]:
    return sorted(word for word in set(dataset.design_table()[column].to_pylist()) if word is not None)


def _in(words: Words, language: str) -> str:
    return words.get(language) or words["vi"]
