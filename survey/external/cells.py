"""One cell of a response table as an answer to an item."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from analysis.export.statistical import shortened
from forms.answers import DECLINED, NA, cleaned
from forms.names import bare
from forms.questionnaire import Item, ItemType
from survey.external.mapping import Held
from survey.external.several import Parted, parted

_MONTH = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{1,2})(?:-\d{1,2})?(?:[T ].*)?|(?:\d{1,2}/)?(?P<m2>\d{1,2})/(?P<y2>\d{4})(?: .*)?"
)
_WHOLE = re.compile(r"-?\d{1,9}(?:\.0+)?")
_YES = {"1", "1 0", "y", "yes", "true", "co", "x", "checked"}  # as ``bare`` leaves them
_NO = {"", "0", "0 0", "n", "no", "false", "khong", "n a"}
_SAY = "say under [column.values] what it means"

Note = Callable[[str], None]


class Strange(ValueError):
    """A cell that is no answer."""


def plain(cell: str, note: Note) -> str:
    """A cell as one text in NFC, without what no text may hold, which is noted."""
    text = unicodedata.normalize("NFC", cell.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")).strip()
    clean = cleaned(text, lines=True)
    if len(clean) != len(text):
        note("characters that control a machine, and are no text, were taken out")
    return clean


class Reader:
    """Reads the cells of one column."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.meant = meanings(held.item) | {bare(said) or said: meant for said, meant in held.values.items()}

    def read(self, said: str, answers: dict[str, Any], note: Note) -> None:
        """Put what a cell says into ``answers``; what is taken otherwise than it stands is noted. Raises Strange."""
        held = self.held
        if held.choice is not None:
            self._one_of_several(said, held.choice, answers, note)
        elif said and (value := self._value(said, held.item, note)) is not None:
            answers[held.item.id] = value

    def parted(self, said: str) -> Parted:
        """The choices that a cell names."""
        return parted(said, self.held.separator, self.knows) if self.held.separator else Parted((said,), 0, False)

    def knows(self, said: str) -> bool:
        """Whether it is known what these words mean."""
        return said in self.held.values or said in self.meant or bare(said) in self.meant

    def _one_of_several(self, said: str, choice: str, answers: dict[str, Any], note: Note) -> None:
        told, name = self.held.values.get(said), self.held.item.id
        yes = told == choice if told is not None else bare(said) in _YES
        if told is None and not yes and bare(said) not in _NO:
            raise Strange(f"“{said[:60]}” neither chooses nor leaves out “{choice}”")
        if told in ("", NA, DECLINED):
            self._none(said, told, note)
            if told and not answers.get(name):
                answers[name] = told
        elif yes:
            chosen = answers.get(name, ())
            answers[name] = (*(chosen if isinstance(chosen, tuple) else ()), choice)
        elif said:
            answers.setdefault(name, ())

    def _value(self, said: str, item: Item, note: Note) -> Any:
        match item.type:
            case ItemType.TEXT:
                kept = shortened(said, item.max_length, len)
                if kept != said:
                    note(f"longer than {item.max_length:,} characters, the rest was cut off")
                return kept
            case ItemType.MULTIPLE:
                return self._several(said, note)
            case ItemType.NUMBER if said not in self.held.values:
                return _number(said, item)
            case ItemType.DATE if said not in self.held.values:
                return _month(said)
        return self._meant(said, note) or None

    def _several(self, said: str, note: Note) -> Any:
        found = self.parted(said)
        if found.unsure:
            note("can be read as other choices too, the longest were taken")
        meant = [self._meant(piece, note) for piece in found.pieces]
        chosen = tuple(dict.fromkeys(each for each in meant if each not in ("", NA, DECLINED)))
        return chosen or next((code for code in (NA, DECLINED) if code in meant), None)

    def _meant(self, said: str, note: Note) -> str:
        if said in self.held.values:
            meant = self.held.values[said]
        elif self.knows(said):
            meant = self.meant.get(said) or self.meant[bare(said)]
        else:
            raise Strange(f"“{said[:60]}” is no answer to “{self.held.item.id}”: {_SAY}")
        if meant in ("", NA, DECLINED):
            self._none(said, meant, note)
        return meant

    def _none(self, said: str, meant: str, note: Note) -> None:
        note(f"“{said[:60]}” is taken as {f'“{meant}”' if meant else 'no answer'}, as the mapping says")


def meanings(item: Item) -> dict[str, str]:
    """Answers by the words that surely mean them: ids, and texts in every language, without marks."""
    found = {choice.id: choice.id for choice in item.choices}
    twice: set[str] = set()
    for choice in item.choices:
        for text in choice.text.values():
            key = bare(text)
            if found.setdefault(key, choice.id) != choice.id:
                twice.add(key)
    return {key: id for key, id in found.items() if key and key not in twice}


def _number(said: str, item: Item) -> int:
    """A number, within the limits that the respondent's own form keeps."""
    if not _WHOLE.fullmatch(said):
        raise Strange(f"“{said[:60]}” is no whole number: {_SAY}")
    number = int(float(said))
    if item.minimum is not None and number < item.minimum:
        raise Strange(f"{number} is less than {item.minimum}, the least that “{item.id}” takes: {_SAY}")
    if item.maximum is not None and number > item.maximum:
        raise Strange(f"{number} is more than {item.maximum}, the most that “{item.id}” takes: {_SAY}")
    return number


def _month(said: str) -> int:
    match = _MONTH.fullmatch(said)
    year, month = (int(match["y"] or match["y2"]), int(match["m"] or match["m2"])) if match else (0, 0)
    if not (1900 <= year <= 2100 and 1 <= month <= 12):
        raise Strange(f"“{said[:60]}” is no day or month, such as 2024-11-30 or 30/11/2024")
    return year * 100 + month
