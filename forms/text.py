"""Words in several languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
LANGUAGE = "vi"  # every text has it; the others fall back to it


class Text(Mapping[str, str]):
    """The same words by language (``vi``, ``en``, …); never changes."""

    __slots__ = ("_words",)

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = dict(words)

    def of(self, language: str) -> str:
        """The words in ``language``, else in Vietnamese."""
        return self._words.get(language) or self._words[LANGUAGE]

    def filled(self, words: Mapping[str, Text]) -> Text:
        """The text with ``{name}`` replaced by the words of that name in each language; other braces stay."""
        if not any("{" in text for text in self._words.values()):
            return self

        def put(text: str, language: str) -> str:
            return PLACEHOLDER.sub(lambda found: words[found[1]].of(language) if found[1] in words else found[0], text)

        return Text({language: put(text, language) for language, text in self._words.items()})

    @property
    def placeholders(self) -> frozenset[str]:
        """The names in braces, in whatever language."""
        return frozenset(name for text in self._words.values() for name in PLACEHOLDER.findall(text))

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
