"""Whether a JSON document has the members that a reader will ask it for: a sentence for each that is missing or other.

A shape is a type; ``[shape]`` for a list; ``{name: shape}`` for an object, where a name that ends in ``?`` may be
missing and others may be there; or ``Each``, ``Maybe``, ``OneOf``, ``Day``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

NUMBER = float  # whole or not; never true or false
_NAMES = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", dict: "an object"}


@dataclass(frozen=True, slots=True)
class Each:
    """An object whose members, whatever their names, have one shape."""

    shape: Any


@dataclass(frozen=True, slots=True)
class Maybe:
    """Null, or the shape."""

    shape: Any


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these texts."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A text that is a day, YYYY-MM-DD."""


def faults(document: Any, shape: Any, place: str = "") -> Iterator[str]:
    """What is wrong, each with its place: ``wave.k is "five", but must be a whole number``."""
    if isinstance(shape, Maybe):
        if document is not None:
            yield from faults(document, shape.shape, place)
    elif isinstance(shape, Each | dict):
        yield from _object(document, shape, place)
    elif isinstance(shape, list):
        if not isinstance(document, list):
            yield _other(document, place, "a list")
            return
        for number, member in enumerate(document):
            yield from faults(member, shape[0], f"{place}[{number}]")
    elif wanted := _lacks(document, shape):
        yield _other(document, place, wanted)


def _object(document: Any, shape: Each | Mapping[str, Any], place: str) -> Iterator[str]:
    if not isinstance(document, dict):
        yield _other(document, place, "an object")
        return
    members = dict.fromkeys(document, shape.shape) if isinstance(shape, Each) else shape
    for name, member in members.items():
        key, at = name.removesuffix("?"), f"{place}.{name.removesuffix('?')}".lstrip(".")
        if key in document:
            yield from faults(document[key], member, at)
        elif key == name:
            yield f"{at} is missing"


def _lacks(value: Any, shape: Any) -> str:
    """What a single value should be; '' when it is."""
    if isinstance(shape, OneOf):
        return "" if isinstance(value, str) and value in shape.words else f"one of {', '.join(shape.words)}"
    if isinstance(shape, Day):
        return "" if isinstance(value, str) and _is_day(value) else "a day as YYYY-MM-DD"
    kinds = (int, float) if shape is float else shape
    fits = isinstance(value, kinds) and (shape is bool or not isinstance(value, bool))
    return "" if fits else _NAMES[shape]


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _other(value: Any, place: str, wanted: str) -> str:
    shown = {"true": "true", "false": "false", "none": "null"}.get(str(value).lower()) or repr(value)[:40]
    return f"{place or 'the document'} is {shown}, but must be {wanted}"
