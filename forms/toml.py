"""Read a TOML file key by key, remembering every fault with its line instead of stopping at the first."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from forms.faults import Fault, Faults
from forms.positions import Path, line_of, positions
from forms.text import LANGUAGE, Text

ID = re.compile(r"[a-z][a-z0-9_]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)?")
_Option = TypeVar("_Option", bound=StrEnum)
_KINDS = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


class Document:
    """One TOML text: its data, where everything stands, and what was found wrong with it."""

    def __init__(self, source: str, name: str) -> None:
        """Raises Faults when ``source`` is not TOML at all."""
        self.name = name
        try:
            self.data: dict[str, Any] = tomllib.loads(source)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            place = re.search(r"at line (\d+)", str(error))
            row = int(place[1]) if place else len(source.splitlines()) or None  # else "at end of document"
            raise Faults([Fault(f"is not valid TOML: {error}", name, row)]) from error
        # tomllib reads a Windows line end as one new line, and so do editors counting lines.
        self.lines = positions(source.replace("\r\n", "\n"))
        self.faults: list[Fault] = []

    @property
    def root(self) -> Table:
        """The table that is the whole file."""
        return Table(self, (), self.data)

    def fault(self, path: Path, message: str) -> None:
        """Remember a fault at ``path``."""
        self.faults.append(Fault(message, self.name, line_of(self.lines, path)))

    def finish(self) -> None:
        """Raise Faults, in the order of the file, if there were any."""
        if self.faults:
            raise Faults(sorted(self.faults, key=lambda fault: fault.row or 0))


class Table:
    """One table of a document. What is wrong or missing is remembered, and a harmless value returned."""

    def __init__(self, document: Document, path: Path, data: Mapping[str, Any]) -> None:
        self.document = document
        self.path = path
        self.data = data

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def fault(self, key: str | None, message: str) -> None:
        """Remember a fault at ``key`` of this table, or at the table."""
        self.document.fault(self.path if key is None else (*self.path, key), message)

    def only(self, *keys: str) -> None:
        """Every other key is a fault: a misspelt key must not pass for an absent one."""
        for key in self.data:
            if key not in keys:
                self.fault(key, f"unknown key “{key}”; known here: {', '.join(keys)}")

    def _value(self, key: str, kind: type, required: bool) -> Any:
        if key not in self.data:
            if required:
                self.fault(None, f"“{key}” is missing")
            return None
        value = self.data[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.fault(key, f"“{key}” must be {_KINDS[kind]}, not {_shown(value)}")
            return None
        return value

    def id(self, key: str = "id") -> str:
        """A required id; an empty string after a fault."""
        value: str | None = self._value(key, str, True)
        if value is None:
            return ""
        if not ID.fullmatch(value):
            self.fault(key, f"“{value}” is not an id: use a–z, 0–9 and _, beginning with a letter")
        return value

    def string(self, key: str, default: str | None = None) -> str:
        """A one-language text; required without a default."""
        value: str | None = self._value(key, str, default is None)
        return (default or "") if value is None else value

    def option(self, key: str, options: type[_Option], default: _Option | None = None) -> _Option | None:
        """One of the values of an enumeration; required without a default."""
        value: str | None = self._value(key, str, default is None)
        if value is None:
            return default
        try:
            return options(value)
        except ValueError:
            self.fault(key, f"“{key}” is “{value}”, but must be one of: {', '.join(options)}")
            return default

    def boolean(self, key: str, default: bool) -> bool:
        """True or false."""
        value: bool | None = self._value(key, bool, False)
        return default if value is None else value

    def integer(self, key: str, default: int | None = None, *, low: int | None = None) -> int | None:
        """A whole number, at least ``low``."""
        value: int | None = self._value(key, int, False)
        if value is not None and low is not None and value < low:
            self.fault(key, f"“{key}” is {value}, but must be at least {low}")
            return default
        return default if value is None else value

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float | None:
        """A number from ``low`` to ``high``; required without a default; None after a fault."""
        if key in self.data:
            return self.checked(key, self.data[key], low, high)
        if default is None:
            self.fault(None, f"“{key}” is missing")
        return default

    def checked(self, key: str, value: Any, low: float, high: float) -> float | None:
        """``value``, found at ``key``, as a number from ``low`` to ``high``; None after a fault."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.fault(key, f"“{key}” must be a number, not {_shown(value)}")
            return None
        if not low <= value <= high:
            self.fault(key, f"“{key}” is {value:g}, but must be from {low:g} to {high:g}")
            return None
        return float(value)

    def strings(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when absent."""
        values: Sequence[Any] = self._value(key, list, False) or ()
        if not all(isinstance(value, str) for value in values):
            self.fault(key, f"“{key}” must be a list of texts")
            return ()
        return tuple(values)

    def words(self, key: str) -> Text:
        """A required text in one or more languages."""
        return self.optional_words(key, True) or Text({LANGUAGE: ""})

    def optional_words(self, key: str, required: bool = False) -> Text | None:
        """A text in one or more languages: a string is Vietnamese; a table needs Vietnamese."""
        if key not in self.data:
            return self._value(key, dict, required)  # type: ignore[no-any-return]
        value = self.data[key]
        return self._by_language(key, {LANGUAGE: value} if isinstance(value, str) else value)

    def words_beside(self, *others: str) -> Text:
        """A required text whose languages are keys of this table itself, beside ``others``."""
        words = {key: value for key, value in self.data.items() if key not in others}
        return self._by_language(None, words) or Text({LANGUAGE: ""})

    def _by_language(self, key: str | None, value: Any) -> Text | None:
        what, dot = ("the text", "") if key is None else (f"“{key}”", f"{key}.")
        if not isinstance(value, dict) or not all(isinstance(words, str) for words in value.values()):
            self.fault(key, f'{what} must be written by language, such as {dot}vi = "…" and {dot}en = "…"')
            return None
        for language, words in value.items():
            if not _LANGUAGE.fullmatch(language):
                self.fault(key, f"“{language}” is not a language code such as vi or en")
            elif not words.strip():
                self.fault(key, f"{what} in {language} is empty")
        if LANGUAGE not in value:
            self.fault(key, f"{what} is missing in Vietnamese ({dot}{LANGUAGE})")
            return None
        return Text(value)

    def table(self, key: str) -> Table | None:
        """A table below; None when absent."""
        value: Mapping[str, Any] | None = self._value(key, dict, False)
        return None if value is None else Table(self.document, (*self.path, key), value)

    def named(self, key: str) -> Iterator[tuple[str, Table]]:
        """The tables of ``[key.<name>]``, by name."""
        tables = self.table(key)
        if tables is None:
            return
        for name in tables.data:
            if not ID.fullmatch(name):
                tables.fault(name, f"“{name}” is not an id: use a–z, 0–9 and _, beginning with a letter")
            table = tables.table(name)
            if table:
                yield name, table

    def tables(self, key: str, required: bool = False) -> Iterator[Table]:
        """The tables of ``[[key]]``."""
        values: Sequence[Any] = self._value(key, list, required) or ()
        for place, value in enumerate(values):
            path = (*self.path, key, place)
            if isinstance(value, dict):
                yield Table(self.document, path, value)
            else:
                self.document.fault(path, f"“{key}” must be a list of tables")


def _shown(value: object) -> str:
    shown = f"“{value}”" if isinstance(value, str) else str(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"
