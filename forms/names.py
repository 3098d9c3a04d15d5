"""Which of some names is meant: Vietnamese office names as different hands write them.

Folded are case, apostrophes, Đ and D, hyphens and other punctuation, and the place of the tone mark (hòa, hoà).
A prefix that says the level (Sở, huyện, xã, …) may be missing on either side, but never contradicts: «Xã Ea Kar» is
not «Huyện Ea Kar». A name written without any mark meets one with marks. Two candidates are never guessed between.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from itertools import count

_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_APOSTROPHES = "'’‘ʼ´`′"
_AUTHORITIES = ("ủy ban nhân dân", "ubnd")
# longest first; the level that a prefix tells, so that a commune is never taken for the district of its name
_PREFIXES = (
    ("thành phố", "district"),
    ("thị trấn", "commune"),
    ("thị xã", "district"),
    ("phường", "commune"),
    ("huyện", "district"),
    ("quận", "district"),
    ("xã", "commune"),
    ("sở", "department"),
    ("tp", "district"),
    ("tx", "district"),
    ("tt", "commune"),
)


class NameFault(ValueError):
    """No candidate, or more than one, is meant by ``name``; ``found`` holds what could be meant."""

    def __init__(self, name: str, found: tuple[str, ...] = ()) -> None:
        self.name, self.found = name, found
        super().__init__(
            f"“{name}” may mean {' or '.join(f'“{each}”' for each in found)}" if found else f"“{name}” is not known"
        )


def fold(name: str) -> str:
    """One spelling for all: lower case, d for đ, no apostrophes, single spaces, the tone at its syllable's end."""
    plain = name.casefold().replace("đ", "d").replace("ð", "d")
    for mark in _APOSTROPHES:
        plain = plain.replace(mark, "")
    words = "".join(c if c.isalnum() or unicodedata.combining(c) else " " for c in unicodedata.normalize("NFD", plain))
    return " ".join(_tone_last(word) for word in words.split())


def bare(name: str) -> str:
    """The folded spelling without any mark: what is left when somebody typed it without accents."""
    return _without_marks(fold(name))


def _tone_last(word: str) -> str:
    kept = "".join(c for c in word if c not in _TONES)
    return kept + "".join(c for c in word if c in _TONES)


def _without_marks(folded: str) -> str:
    return "".join(c for c in folded if not unicodedata.combining(c))


_FOLDED_AUTHORITIES = tuple(fold(each) for each in _AUTHORITIES)
_FOLDED_PREFIXES = tuple((fold(prefix), level) for prefix, level in _PREFIXES)


def _split(folded: str) -> tuple[str, str]:
    """The level that the prefix tells ('' when none does), and the name without prefix; with or without marks."""
    for authority in _FOLDED_AUTHORITIES:
        for spelling in (authority, _without_marks(authority)):
            folded = folded.removeprefix(spelling + " ")
    bare = _without_marks(folded) == folded
    for prefix, level in _FOLDED_PREFIXES:
        spelling = _without_marks(prefix) if bare else prefix
        if folded.startswith(spelling + " "):
            return level, folded[len(spelling) + 1 :]
    return "", folded


def identifier(name: str) -> str:
    """An id made of a name: ``Huyện Ea H'leo`` → ``huyen_ea_hleo``; '' where nothing of it could stand in one."""
    plain = _without_marks(unicodedata.normalize("NFD", name.casefold().replace("đ", "d")))
    for mark in _APOSTROPHES:
        plain = plain.replace(mark, "")
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in plain).split()
    return "_".join(words).lstrip("_0123456789")


def free_identifier(name: str, taken: Collection[str], usual: str) -> str:
    """An id for a name that no other has, with a number where need be; ``usual`` where the name gives none."""
    base = identifier(name) or usual
    if base not in taken:
        return base
    return next(found for number in count(2) if (found := f"{base}_{number}") not in taken)


class Names:
    """Candidates, indexed once: ``{id: names}``, a name or several (the official one and its aliases)."""

    def __init__(self, candidates: Mapping[str, str | Iterable[str]]) -> None:
        self._shown: dict[str, str] = {}
        self._exact: dict[str, set[str]] = {}
        self._bare: dict[str, set[tuple[str, str]]] = {}
        self._unmarked: dict[str, set[tuple[str, str]]] = {}
        self._known: dict[str, str] = {}
        for identity, names in candidates.items():
            spellings = [names] if isinstance(names, str) else list(names)
            self._shown[identity] = identity
            for spelling in reversed(spellings):
                self.add(identity, spelling)

    def add(self, identity: str, spelling: str) -> None:
        """One more spelling of a candidate, by which it is shown from now on."""
        folded = fold(spelling)
        level, bare = _split(folded)
        self._shown[identity] = spelling
        self._exact.setdefault(folded, set()).add(identity)
        self._bare.setdefault(bare, set()).add((level, identity))
        self._unmarked.setdefault(_without_marks(bare), set()).add((level, identity))
        self._known.clear()

    def find(self, name: str) -> str:
        """Return the id that is meant by an id or a name. Raises NameFault for none or several."""
        if name in self._shown:
            return name
        if name not in self._known:
            self._known[name] = self._search(name)
        return self._known[name]

    def _search(self, name: str) -> str:
        folded = fold(name)
        level, bare = _split(folded)
        fitting = self._exact.get(folded) or _of_level(self._bare.get(bare, set()), level)
        if not fitting and _without_marks(folded) == folded:
            fitting = _of_level(self._unmarked.get(bare, set()), level)
        if len(fitting) != 1:
            raise NameFault(name, tuple(sorted(self._shown[identity] for identity in fitting)))
        return next(iter(fitting))


def _of_level(found: Iterable[tuple[str, str]], level: str) -> set[str]:
    """Those whose prefix does not contradict the asked one; the same prefix on both goes first."""
    pairs = list(found)
    same = {identity for told, identity in pairs if told == level}
    if same and level:
        return same
    return {identity for told, identity in pairs if not level or not told or told == level}


def match(name: str, candidates: Mapping[str, str | Iterable[str]]) -> str:
    """Return the id of the one candidate that ``name`` means. Raises NameFault for none or several."""
    return Names(candidates).find(name)
