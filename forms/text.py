"""Words in several languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

LANGUAGE = "vi"  # every text has it; the others fall back to it


class Text(Mapping[str, str]):
    """The same words by language (``vi``, ``en``, …); never changes."""

    __slots__ = ("_words",)

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = dict(words)

    def of(self, language: str) -> str:
        """The words in ``language``, else in Vietnamese."""
        return self._words.get(language) or self._words[LANGUAGE]

    def __getitem__(self, language: str) -> str:
        return self._words[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)

    def __hash__(self) -> int:
        return hash(frozenset(self._words.items()))

    def __str__(self) -> str:
        return self._words[LANGUAGE]

    def __repr__(self) -> str:
        return f"Text({self._words!r})"
