"""Themes: names and keywords in a TOML file that the analyst edits; one is bundled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from analysis.comments.searching import Words, found, words
from forms.faults import Fault, Faults
from forms.text import Text
from forms.toml import Document, Table


@dataclass(frozen=True, slots=True)
class Theme:
    """What comments are about; ``keywords`` as they are searched for."""

    id: str
    name: Text
    keywords: tuple[Words, ...]
    written: tuple[str, ...] = ()  # the same as they were typed

    def of(self, text: Words) -> bool:
        """Whether a comment holds one of the keywords."""
        return any(found(text, each) for each in self.keywords)


OTHER = Theme("other", Text({"vi": "Ý kiến khác", "en": "Other comments"}), ())


def bundled() -> str:
    """The file that ships, to be copied and edited."""
    return files("analysis.comments").joinpath("themes.toml").read_text("utf-8")


def read(path: Path | None = None) -> tuple[Theme, ...]:
    """Themes of a file, or the bundled ones. Raises Faults naming every one with its line."""
    if path is None:
        return parsed(bundled(), "themes.toml")
    try:
        return parsed(path.read_text("utf-8-sig"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise Faults([Fault("cannot be read as a text file in UTF-8", str(path))]) from error


def parsed(source: str, name: str) -> tuple[Theme, ...]:
    """Themes of a TOML text. Raises Faults: twins, themes without a keyword, keywords without a letter."""
    document = Document(source, name)
    document.root.only("theme")
    tables = enumerate(document.root.tables("theme", True))
    themes = tuple(_theme(table, document.root.data["theme"][:at]) for at, table in tables)
    document.finish()
    return themes


def _theme(table: Table, before: Sequence[object]) -> Theme:
    table.only("id", "name", "keywords")
    own = table.id()
    if own == OTHER.id or any(isinstance(each, dict) and each.get("id") == own for each in before):
        table.fault("id", f"“{own}” is taken")
    keywords = tuple((each, words(each)) for each in table.strings("keywords"))
    if not keywords:
        table.fault(None, "“keywords” must list at least one word")
    for each, told in keywords:
        if not told.plain:
            table.fault("keywords", f"“{each}” has no letter to search for")
    return Theme(own, table.words("name"), tuple(told for _each, told in keywords),
                 tuple(each for each, _told in keywords))  # fmt: skip
