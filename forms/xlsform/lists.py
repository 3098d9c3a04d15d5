"""The words and names of an XLSForm made ours: ids, texts in our languages, lists of choices."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from forms.conditions import DECLINED, NA
from forms.questionnaire import PLACEHOLDERS, Choice
from forms.text import LANGUAGE, PLACEHOLDER, Text
from forms.toml import ID
from forms.xlsform.notes import Notes
from forms.xlsform.sheets import Form, Row

LONGEST_TEXT = 5_000  # characters
DONT_KNOW = {"vi": "Không biết hoặc không áp dụng", "en": "Don't know, or does not apply"}
_PIPED = re.compile(r"\$\{[^}]*\}")
_MARKED = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|\*\*\S|(?m:^#{1,6} \S)|\[[^\]]+\]\(https?:", re.I)
_USED = ("list_name", "name", "value", "label", "phieu_value")


def made_id(name: str, letter: str, taken: Iterable[str] = ()) -> str:
    """An id of ours that is like ``name`` and none of ``taken``; ``letter`` begins it where its own cannot."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("đ", "d"))
    plain = re.sub(r"[^a-z0-9]+", "_", "".join(c for c in plain if not unicodedata.combining(c))).strip("_")
    if not ID.fullmatch(plain) or plain.startswith("m_"):  # so are a dataset's margins called
        plain = f"{letter}{plain}" if plain else letter
    found, number, others = plain, 2, set(taken)
    while found in others:
        found, number = f"{plain}_{number}", number + 1
    return found


def text(words: Mapping[str, str], notes: Notes, sheet: str, row: int, about: str, *, choice: bool = False) -> Text:
    """Words by language; Vietnamese is never missing. What would be put into them elsewhere is said to be lost."""
    kept: dict[str, str] = {}
    for language, said in words.items():
        plain = _PIPED.sub("…", said)
        if plain != said:
            notes.changed(
                sheet, row, about, f"repeats an earlier answer in its words ({language}), where “…” now stands"
            )
        allowed = frozenset() if choice else PLACEHOLDERS
        unfilled = PLACEHOLDER.sub(lambda found: found[0] if found[1] in allowed else f"({found[1]})", plain)  # noqa: B023
        if unfilled != plain:
            notes.changed(
                sheet,
                row,
                about,
                f"has braces in its words ({language}), which nothing fills: round brackets stand there",
            )
            plain = unfilled
        if _MARKED.search(plain):
            notes.changed(
                sheet, row, about, f"has HTML or Markdown in its words ({language}), which is shown as it is typed"
            )
        if len(plain) > LONGEST_TEXT:
            notes.changed(sheet, row, about, f"was cut to {LONGEST_TEXT} characters ({language})")
            plain = plain[:LONGEST_TEXT]
        kept[language] = plain
    if not kept:
        notes.changed(sheet, row, about, "has no words: its name stands in their place")
        return Text({LANGUAGE: about})
    if LANGUAGE not in kept:
        first = next(iter(kept))
        notes.changed(sheet, row, about, f"has no Vietnamese words: those in {first} stand in their place")
        kept = {LANGUAGE: kept[first], **kept}
    return Text(kept)


@dataclass(frozen=True, slots=True)
class List:
    """A list of choices: ours, the ids by the names in the form, whether it offers “don't know”; ``id`` as a scale."""

    choices: tuple[Choice, ...]
    ids: Mapping[str, str]
    na: bool
    id: str

    @property
    def scored(self) -> bool:
        """Whether every choice has a score."""
        return bool(self.choices) and all(choice.value is not None for choice in self.choices)


def lists(form: Form, notes: Notes) -> dict[str, List]:
    """Every list of the sheet “choices” by its name there."""
    rows: dict[str, list[Row]] = {}
    for row in form.choices:
        name = row.get("list_name")
        if not name:
            notes.left_out("choices", row.number, row.get("name"), "stands in no list")
            continue
        notes.unused("choices", row.number, row.cells.items(), _USED)
        rows.setdefault(name, []).append(row)
    found: dict[str, List] = {}
    for name, each in rows.items():
        id = made_id(name, "s", [other.id for other in found.values()])
        notes.renamed("choices", each[0].number, name, id)
        found[name] = _list(id, each, notes)
    return found


def _list(scale: str, rows: Sequence[Row], notes: Notes) -> List:
    choices: list[Choice] = []
    ids: dict[str, str] = {}
    na = False
    for row in rows:
        name = row.get("name") or row.get("value")
        words = row.words.get("label", {})
        if name in (NA, DECLINED):
            na = na or name == NA
            if name == DECLINED:
                notes.left_out(
                    "choices", row.number, name, "is offered by pages themselves, where an answer is required"
                )
            elif any(DONT_KNOW.get(language, said) != said for language, said in words.items()):
                notes.changed(
                    "choices", row.number, name, f"is now the answer “{DONT_KNOW['vi']}”, apart from the others"
                )
            continue
        if not name or name in ids:
            notes.left_out("choices", row.number, name, "has no name of its own")
            continue
        id = made_id(name, "c", [*ids.values(), NA, DECLINED])
        notes.renamed("choices", row.number, name, id)
        ids[name] = id
        said = text(words, notes, "choices", row.number, name, choice=True)
        choices.append(Choice(id, said, _value(row, notes), len(choices)))
    return List(tuple(choices), ids, na, scale)


def _value(row: Row, notes: Notes) -> float | None:
    said = row.get("phieu_value")
    if not said:
        return None
    try:
        value = float(said.replace(",", "."))
    except ValueError:
        value = -1.0
    if 0 <= value <= 1:
        return value
    notes.left_out("choices", row.number, "phieu_value", f"is “{said}”, which is no number from 0 to 1")
    return None
