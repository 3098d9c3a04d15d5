"""Find words in Vietnamese text whatever the case, and with the marks that whoever searches cared to type.

A word searched without marks meets every spelling (``cham`` finds “chậm”, “chăm”); one with marks meets its own, and
a text that was typed without any (``chậm`` finds “chậm” and “cham”, not “chăm”). Tone marks may stand where they like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forms.names import bare, fold


@dataclass(frozen=True, slots=True)
class Words:
    """A text prepared for searching: its words, folded and without marks (both of one length)."""

    folded: tuple[str, ...]
    plain: tuple[str, ...]


def words(text: str) -> Words:
    """The words of ``text``; punctuation parts them."""
    both = [(each, bare(each)) for each in fold(text).split()]
    both = [(each, plain) for each, plain in both if plain]  # a mark that stands alone is no word
    return Words(tuple(each for each, _ in both), tuple(plain for _, plain in both))


def found(text: Words, phrase: Words) -> bool:
    """Whether the words of ``phrase`` follow each other somewhere in ``text``; an empty phrase is nowhere."""
    size = len(phrase.plain)
    return size > 0 and any(
        text.plain[at : at + size] == phrase.plain and _agree(text, phrase, at)
        for at in range(len(text.plain) - size + 1)
        if text.plain[at] == phrase.plain[0]
    )


def _agree(text: Words, phrase: Words, at: int) -> bool:
    """The marks are the same word by word, unless one side has none."""
    return all(
        own in (theirs, plain) or theirs == plain
        for own, theirs, plain in zip(phrase.folded, text.folded[at:], phrase.plain, strict=False)
    )


def search(texts: Sequence[str], asked: str) -> list[int]:
    """Places of the texts that hold every comma-separated phrase of ``asked``."""
    phrases = [words(each) for each in asked.split(",") if each.strip()]
    return [at for at, text in enumerate(texts) if phrases and all(found(words(text), each) for each in phrases)]
