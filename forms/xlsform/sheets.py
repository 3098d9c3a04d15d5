"""The sheets of an XLSForm as rows with their words by language; nothing is interpreted yet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from string import ascii_uppercase

from python_calamine import CalamineError

from forms import tables
from forms.answers import cleaned
from forms.faults import Fault, Faults
from forms.table_unpacked import Unsaved
from forms.tables import Cell
from forms.text import LANGUAGE

LARGEST = 10 << 20  # bytes of the file
MOST_UNPACKED = 64 << 20
SHEETS = ("survey", "choices", "settings", "phieu_factors")  # that are read
MOST_CELLS = 500_000  # of a sheet
TRANSLATED = ("label", "hint")
_ALIASES = {
    "command": "type", "tag": "name", "caption": "label", "relevance": "relevant", "bind::relevant": "relevant",
    "bind::required": "required", "bind::constraint": "constraint", "bind::calculate": "calculation",
    "body::appearance": "appearance", "control::appearance": "appearance",
    "list name": "list_name", "calculate": "calculation",
}  # fmt: skip
_NAMES = {
    "vietnamese": "vi", "tiếng việt": "vi", "việt": "vi", "english": "en", "tiếng anh": "en", "french": "fr",
    "français": "fr", "chinese": "zh", "lao": "lo", "khmer": "km", "ê đê": "rad", "gia rai": "jra", "jarai": "jra",
}  # fmt: skip
_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)?")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, its plain cells by heading, its words by heading and language."""

    number: int
    cells: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]

    def get(self, heading: str) -> str:
        """A plain cell; '' when empty."""
        return self.cells.get(heading, "")


@dataclass(frozen=True, slots=True)
class Form:
    """What the sheets of a form hold."""

    file: str
    survey: Sequence[Row]
    choices: Sequence[Row]
    settings: Mapping[str, str]
    factors: Sequence[Row]
    others: Sequence[str]  # names of sheets that are none of these
    languages: Sequence[str]  # of the words that were read
    unnamed: Sequence[tuple[str, str]] = field(default=())  # (sheet, heading) in a language without a code
    unread: Sequence[tuple[str, int, str, str]] = field(default=())  # (sheet, row, about, what is passed over there)
    plain: bool = field(default=False)  # words stand under a heading that names no language, and nothing else does


def read(content: bytes, file: str) -> Form:
    """The sheets of a form. Raises Faults when there is no form in the file."""
    unread: list[tuple[str, int, str, str]] = []
    found = _tables(content, file, unread)
    survey = found.pop("survey", None)
    if survey is None:
        raise Faults([Fault("has no sheet “survey”: it is no XLSForm", file)])
    settings = _settings(found.pop("settings", ()), unread)
    usual = _code(settings.get("default_language", "")) or LANGUAGE
    unnamed: list[tuple[str, str]] = []
    choices = found.pop("choices", ())
    rows = {
        name: list(_rows(sheet, usual, name, unnamed, unread))
        for name, sheet in (
            ("survey", survey),
            ("choices", choices),
            ("factors", found.pop("phieu_factors", ())),
        )
    }
    if not any("type" in row.cells for row in rows["survey"]):
        raise Faults([Fault("has no column “type” in its sheet “survey”", file)])
    languages = dict.fromkeys(
        language for row in (*rows["survey"], *rows["choices"]) for words in row.words.values() for language in words
    )
    plain = "default_language" not in settings and any(
        _said(cell).casefold() in (*TRANSLATED, "caption") for cell in (*_first(survey), *_first(choices))
    )
    return Form(
        file, rows["survey"], rows["choices"], settings, rows["factors"], list(found), list(languages),
        tuple(unnamed), tuple(unread), plain,
    )  # fmt: skip


def _first(sheet: Sequence[Sequence[Cell]]) -> Sequence[Cell]:
    return sheet[0] if sheet else ()


def _tables(content: bytes, file: str, unread: list[tuple[str, int, str, str]]) -> dict[str, Sequence[Sequence[Cell]]]:
    if len(content) > LARGEST:
        raise Faults([Fault(f"is larger than {LARGEST >> 20} MiB, which no questionnaire is", file)])
    if not content.startswith(tables.WORKBOOKS):
        raise Faults([Fault("is not a workbook: save the form as .xlsx", file)])
    unsaved: list[Unsaved] = []
    book = tables.opened(content, file, MOST_UNPACKED, unsaved)
    for each in unsaved:
        name = book.sheet_names[min(each.sheet, len(book.sheet_names)) - 1]
        row = int(each.cell.lstrip(ascii_uppercase))
        unread.append((name, row, each.cell, "has a formula whose result was not saved: read as empty"))
    found: dict[str, Sequence[Sequence[Cell]]] = {}
    try:
        for name in book.sheet_names:
            if (called := name.strip().casefold()) not in SHEETS:
                found.setdefault(called, ())  # its name is told, and its cells never laid out
                continue
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height * sheet.total_width > MOST_CELLS:
                raise Faults([Fault(f"has more than {MOST_CELLS} cells in its sheet “{name}”", file)])
            found[called] = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise tables.unreadable(file) from error
    return found


def _settings(sheet: Sequence[Sequence[Cell]], unread: list[tuple[str, int, str, str]]) -> dict[str, str]:
    """The first row with a value under each heading."""
    if len(sheet) < 2:
        return {}
    unread += [
        ("settings", number, "", "stands below the row of settings")
        for number, cells in enumerate(sheet[2:], 3) if any(map(_said, cells))
    ]  # fmt: skip
    return {
        _said(heading).casefold().replace(" ", "_"): _said(cell)
        for heading, cell in zip(sheet[0], sheet[1], strict=False)
        if _said(heading) and _said(cell)
    }


def _rows(
    sheet: Sequence[Sequence[Cell]], usual: str, name: str, unnamed: list[tuple[str, str]],
    unread: list[tuple[str, int, str, str]],
) -> Iterator[Row]:  # fmt: skip
    if not sheet:
        return
    headings = [_heading(_said(cell), usual) for cell in sheet[0]]
    unnamed += [(name, _said(cell)) for cell, (_, language) in zip(sheet[0], headings, strict=True) if language == "?"]
    for number, cells in enumerate(sheet[1:], 2):
        plain: dict[str, str] = {}
        words: dict[str, dict[str, str]] = {}
        for at, ((heading, language), cell) in enumerate(zip(headings, cells, strict=False)):
            said = _said(cell)
            if not said or language == "?":
                continue
            kept = words.setdefault(heading, {}) if heading and language else plain
            key = language or heading
            if not heading:
                unread.append((name, number, said[:40], "stands under no heading"))
            elif kept.setdefault(key, said) != said:
                unread.append((name, number, _said(sheet[0][at]), f"says “{said[:40]}” under a second such heading"))
        if plain or words:
            yield Row(number, plain, {heading: told for heading, told in words.items() if told})


def _heading(said: str, usual: str) -> tuple[str, str]:
    """A heading without its language, and the language's code: '' for plain cells, '?' where it has no code."""
    told = re.sub(r"\s*::?\s*", "::", said)
    whole = _ALIASES.get(told.casefold(), said.casefold())
    base, _, language = told.partition("::")
    base = _ALIASES.get(base.casefold(), base.casefold())
    if base in TRANSLATED:
        return (base, _code(language) or "?") if language else (base, usual)
    return whole.replace(" ", "_"), ""


def _code(language: str) -> str:
    """The code of “English (en)”, “English” or “en”; '' when there is none."""
    inside = re.search(r"\(([^()]+)\)\s*$", language)
    told = (inside[1] if inside else language).strip()
    # “id” is the key of a choice's own id, beside which its words stand.
    return _NAMES.get(told.casefold()) or (told if _CODE.fullmatch(told) and told != "id" else "")


def _said(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, date | datetime):
        return cell.isoformat()
    return cleaned(str(cell), lines=True)
