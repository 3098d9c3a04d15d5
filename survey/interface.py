"""The sentences of the pages and of paper, and their translations as gettext files.

There are two domains: ``messages`` is what respondents read, ``desk`` what staff read; a language of respondents needs
only the first.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

from forms.faults import Fault, Faults
from survey.language import SOURCE, TRANSLATIONS

_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
MESSAGES, DESK = "messages", "desk"
_PLACE = re.compile(r"%\(\w+\)s")
_PLURALS = "nplurals=1; plural=0;"  # Vietnamese and the highlands' languages have one form


def sentences(folder: Path = TRANSLATIONS, domain: str = MESSAGES) -> list[str]:
    """Every sentence in Vietnamese; a test holds that the files have exactly those of the code and templates."""
    found: dict[str, None] = {}
    for file in sorted(folder.glob(f"*/LC_MESSAGES/{domain}.po")):
        found |= {_id(message): None for message in _read(file) if message.id}
    return list(found)


def missing(code: str, folder: Path = TRANSLATIONS, domain: str = MESSAGES) -> list[str]:
    """The sentences that have no words in a language."""
    if code == SOURCE:
        return []
    file = folder / code / "LC_MESSAGES" / f"{domain}.po"
    done = {_id(message) for message in _read(file) if _translated(message)} if file.exists() else set()
    return [sentence for sentence in sentences(folder, domain) if sentence not in done]


def template(code: str, folder: Path = TRANSLATIONS, domain: str = MESSAGES) -> bytes:
    """A .po file of every sentence for a language, with the words that it has already."""
    file = folder / code / "LC_MESSAGES" / f"{domain}.po"
    known = {_id(message): message for message in _read(file)} if file.exists() else {}
    made = Catalog(fuzzy=False)
    made.mime_headers = [("Content-Type", "text/plain; charset=utf-8"), ("Plural-Forms", _PLURALS)]
    for source in sorted(folder.glob(f"*/LC_MESSAGES/{domain}.po")):
        for message in _read(source):
            if message.id and message.id not in made:
                have = known.get(_id(message))
                said = have.string if have is not None else ""
                first = str((said[0] if isinstance(said, tuple | list) else said) or "")
                words = (first,) if isinstance(message.id, tuple) else first
                made.add(message.id, words, flags=set(message.flags) - {"fuzzy"})
    out = BytesIO()
    write_po(out, made, width=0, omit_header=True)
    head = f'msgid ""\nmsgstr ""\n"Language: {code}\\n"\n"MIME-Version: 1.0\\n"\n'
    head += f'"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {_PLURALS}\\n"\n\n'
    return head.encode() + out.getvalue()


def compile_po(file: Path) -> int:
    """Write the .mo file beside a .po file; returns how many sentences have words. Raises Faults for wrong places."""
    catalogue = _read(file)
    faults = []
    for message in catalogue:
        if not _translated(message):
            continue
        asked = set(_PLACE.findall(_id(message)))
        if any(set(_PLACE.findall(text)) != asked for text in _words(message)):
            faults.append(
                Fault(f"“{_id(message)}” must keep {', '.join(sorted(asked)) or 'no placeholder'}", str(file))
            )
    if faults:
        raise Faults(faults)
    catalogue.creation_date = _ANY_DAY  # else the moment of compiling: the same words shall give the same bytes
    with file.with_suffix(".mo").open("wb") as out:
        write_mo(out, catalogue)
    return sum(_translated(message) for message in catalogue)


def _read(file: Path) -> Catalog:
    try:
        with file.open("rb") as content:
            return read_po(content, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise Faults([Fault(f"is no gettext file: {error}", str(file))]) from error


def _id(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple | list) else str(message.id)


def _translated(message: Message) -> bool:
    return bool(message.id) and all(_words(message)) and not message.fuzzy


def _words(message: Message) -> list[str]:
    said = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return [str(one or "") for one in said]
