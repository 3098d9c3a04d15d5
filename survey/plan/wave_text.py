"""Write a wave file: the same data always gives the same text, one key a line, so that a fault's line names its key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_ORDER = (
    "id title name opens closes timezone framework k hotline simulated interim purge_on kind valid_from valid_to "
    "successor questionnaire assesses margins classes merge too_few max_units unit_min multiplicity_cap mode resume "
    "authority estimation thresholds pace paper reminders return counter unit place design target group open message"
).split()
_LAST = len(_ORDER)


def write(data: Mapping[str, Any]) -> str:
    """The text of a wave file. ``tomllib.loads`` gives ``data`` back; keys stand in the order of the reference."""
    return "\n".join(_table((), data)).lstrip("\n") + "\n"


def _table(path: tuple[str, ...], data: Mapping[str, Any]) -> Iterator[str]:
    """A table's own keys first, then what stands below it: TOML would take them for the other's."""
    below: list[tuple[str, Any]] = []
    for key in sorted(data, key=_place):
        value = data[key]
        if _is_text(value):
            for language, words in value.items():
                yield f"{_key(key)}.{_key(language)} = {_value(words)}"
        elif isinstance(value, Mapping) or _is_tables(value):
            below.append((key, value))
        else:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in below:
        here = (*path, _key(key))
        heading = ".".join(here)
        if isinstance(value, Mapping):
            yield from ("", f"[{heading}]")
            yield from _table(here, value)
        else:
            for each in value:
                yield from ("", f"[[{heading}]]")
                yield from _table(here, each)


def _place(key: str) -> tuple[int, str]:
    return (_ORDER.index(key), "") if key in _ORDER else (_LAST, "")


def _is_text(value: object) -> bool:
    """Words by language, which stand on the line of their key."""
    return (
        isinstance(value, Mapping)
        and "vi" in value
        and all(_LANGUAGE.fullmatch(key) and isinstance(words, str) for key, words in value.items())
    )


def _is_tables(value: object) -> bool:
    return isinstance(value, Sequence) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value)


def _string(text: str) -> str:
    """JSON's strings are TOML's, but for one control character that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
