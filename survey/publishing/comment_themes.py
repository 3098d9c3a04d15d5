"""Themes of comments as an analyst edits them at the desk: one a line, “name: keyword, keyword”.

Kept as the file that ``phieu analyse --themes`` takes, beside the figures that are made with it.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from forms import names
from forms.answers import cleaned
from forms.faults import Fault, Faults
from survey import audit
from survey.publishing.withdrawal import House

if TYPE_CHECKING:
    from analysis.comments.themes import Theme

LONGEST = 20_000  # characters, far more than anybody reads


class Outdated(Faults):
    """Another wrote in between."""


def place(instance: Path, wave: str) -> Path:
    """Where they lie; not there until somebody edits them."""
    return instance / "figures" / wave / "themes.toml"


def read(instance: Path, wave: str) -> str:
    """A line for each theme: those of the wave, or those that ship."""
    return "".join(f"{theme.name['vi']}: {', '.join(theme.written)}\n" for theme in _themes(instance, wave))


def revision(text: str) -> str:
    """What a form says it has seen."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def save(house: House, wave: str, text: str, seen: str) -> None:
    """Keep the themes of ``text``. Raises Outdated when ``seen`` is no longer there, Faults for lines that are none."""
    with house.store.write() as tx:
        if revision(read(house.instance, wave)) != seen:
            raise Outdated("the themes were changed in between")
        source = _source(text, {theme.name["vi"]: theme for theme in _themes(house.instance, wave)})
        audit.append(tx, house.clock, house.who, "comment themes changed", wave, {"themes": source.count("[[theme]]")})
        file = place(house.instance, wave)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch = file.with_suffix(".new")
        scratch.write_text(source, "utf-8")
        scratch.replace(file)


def _themes(instance: Path, wave: str) -> tuple[Theme, ...]:
    # Imported here: pure, and needed by nobody else at the desk.
    from analysis.comments import themes

    file = place(instance, wave)
    return themes.read(file if file.is_file() else None)


def _source(text: str, known: dict[str, Theme]) -> str:
    """The file's text. Raises Faults with the number of each line that is no theme."""
    from analysis.comments import themes

    faults: list[Fault] = []
    parts: list[str] = []
    taken = {themes.OTHER.id}
    for number, line in enumerate(text.splitlines(), start=1):
        name, sign, words = (cleaned(part).strip() for part in line.partition(":"))
        keywords = [word.strip() for word in words.split(",") if names.bare(names.fold(word)).strip()]
        if not (name or words):
            continue
        if not (name and sign and keywords):
            faults.append(Fault("is no theme: write its name, a colon and its keywords", row=number))
            continue
        old = known.get(name)
        id = old.id if old and old.id not in taken else names.free_identifier(name, taken, "chu_de")
        taken.add(id)
        other = f"name.en = {_quoted(old.name['en'])}\n" if old and "en" in old.name else ""
        told = ", ".join(map(_quoted, keywords))
        parts.append(f"[[theme]]\nid = {_quoted(id)}\nname.vi = {_quoted(name)}\n{other}keywords = [{told}]\n")
    if not parts and not faults:
        faults.append(Fault("write at least one theme"))
    if faults:
        raise Faults(faults)
    source = "\n".join(parts)
    themes.parsed(source, "themes.toml")
    return source


def _quoted(said: str) -> str:
    return json.dumps(said, ensure_ascii=False)
