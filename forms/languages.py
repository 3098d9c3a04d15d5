"""What of a document is written in a language, and what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from forms.text import LANGUAGE, Text


def texts(part: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Text]]:
    """Every text of a questionnaire, framework or wave, with where it stands: ``section access, item access_1, text``.

    A scale's choices belong to each of its items; they are told once.
    """
    seen: set[tuple[str, ...]] = set()
    for where, text in _texts(part, path):
        key = (where.rpartition(", ")[2], *(f"{language}={words}" for language, words in text.items()))
        if key not in seen:
            seen.add(key)
            yield where, text


def missing(part: object, language: str) -> list[str]:
    """Where a document has Vietnamese words and none in ``language``."""
    return [where for where, text in texts(part) if text[LANGUAGE] and language not in text]


def _texts(part: object, path: tuple[str, ...]) -> Iterator[tuple[str, Text]]:
    if isinstance(part, Text):
        yield ", ".join(path), part
    elif is_dataclass(part) and not isinstance(part, type):
        for field in fields(part):
            value = getattr(part, field.name)
            yield from _texts(value, (*path, field.name) if isinstance(value, Text) else path)
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from _texts(value, (*path, str(key)))
    elif isinstance(part, tuple):
        for value in part:
            name = getattr(value, "id", "")
            yield from _texts(value, (*path, f"{type(value).__name__.lower()} {name}") if name else path)
