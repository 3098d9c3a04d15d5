"""Where each key of a TOML text stands, which ``tomllib`` does not tell."""

from __future__ import annotations

import bisect
import re
import tomllib
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys of tables and places in arrays, from 0."""

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*([A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')[ \t]*(\.?)""")
_STRING = re.compile(r'''"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'''', re.DOTALL)
_SCALAR = re.compile(r"[^,\]}\n#]+")


class _Walk:
    """One walk over a text that ``tomllib`` has already accepted, hence without any checking."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.breaks = [match.start() for match in re.finditer("\n", source)]
        self.lines: dict[Path, int] = {}
        self.last: dict[Path, int] = {}  # array of tables → place of its last table

    def note(self, path: Path, at: int | None = None) -> None:
        at = self.at if at is None else at
        self.lines.setdefault(path, bisect.bisect_left(self.breaks, at) + 1)

    def step(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self.source, self.at)
        if match is None:
            raise ValueError(f"no {pattern.pattern} at character {self.at}; was this text accepted by tomllib?")
        self.at = match.end()
        return match

    def starts(self, mark: str) -> bool:
        """Step over ``mark`` if it comes next."""
        if not self.source.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True

    def key(self, base: Path) -> Path:
        """Read a dotted key below ``base``; on the way, an array of tables is entered at its last one."""
        dotted = True
        while dotted:
            at = self.at
            match = self.step(_KEY)
            base = (*base, next(iter(tomllib.loads(f"{match[1]}=0"))))
            self.note(base, at)
            dotted = bool(match[2])
            if dotted and base in self.last:
                base = (*base, self.last[base])
        return base

    def document(self) -> dict[Path, int]:
        table: Path = ()
        while self.more():
            if self.starts("[["):
                at = self.at
                path = self.key(())
                self.last[path] = self.last.get(path, -1) + 1
                table = (*path, self.last[path])
                self.note(table, at)
                self.at += 2
            elif self.starts("["):
                table = self.key(())
                self.at += 1
            else:
                self.entry(table)
        return self.lines

    def more(self, end: str = "") -> bool:
        """Step over blanks and comments, and over ``end`` (or the end of the text), which says no."""
        self.step(_BLANK)
        return not self.starts(end) if end else self.at < len(self.source)

    def entry(self, table: Path) -> None:
        path = self.key(table)
        self.at += 1  # the equals sign
        self.value(path)

    def value(self, path: Path) -> None:
        self.step(_BLANK)
        if self.starts("["):
            self.array(path)
        elif self.starts("{"):
            while self.more("}"):
                if not self.starts(","):
                    self.entry(path)
        else:
            self.step(_STRING if self.source[self.at] in "\"'" else _SCALAR)

    def array(self, path: Path) -> None:
        place = 0
        while self.more("]"):
            if not self.starts(","):
                self.note((*path, place))
                self.value((*path, place))
                place += 1


def positions(source: str) -> dict[Path, int]:
    """The line, from 1, of every key, table and array element of valid TOML."""
    return _Walk(source).document()


def line_of(lines: dict[Path, int], path: Path) -> int | None:
    """The line of ``path``, or of the nearest thing around it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)
