"""What the cells of office exports mean: dates, channels, levels, identities, as different systems write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache

from forms.names import fold
from forms.tables import Cell

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T].*)?")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?")
_PHONE_MARKS = re.compile(r"[\s.()+–-]")
YEARS = range(1990, 2101)
_CHANNELS = {
    "counter": ("counter", "truc tiep", "tai quay", "mot cua", "nop truc tiep"),
    "online": ("online", "truc tuyen", "nop truc tuyen", "qua mang", "dich vu cong truc tuyen", "cong dvc"),
    "post": ("post", "buu chinh", "buu chinh cong ich", "bcci", "qua buu dien"),
}
_CHANNEL_OF = {spelling: channel for channel, spellings in _CHANNELS.items() for spelling in spellings}


# A list repeats the same days and channels a million times.
_remembered = lru_cache(maxsize=65_536, typed=True)


LONGEST = 2_000  # characters of a cell: an address, generously
_SHOWN = 60  # characters of a cell that a message quotes
_TEXT_FORMULA = re.compile(r'="([^"]*)"')  # how some systems keep a leading zero


def plain(cell: Cell) -> str:
    """The cell as text: NFC, no control characters, single spaces, 12 for 12.0."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).split())


def written(cell: Cell) -> str:
    """The cell as plain text of an office's list. Raises ValueError for a formula, or what is too long for any list."""
    text = plain(cell)
    if len(text) > LONGEST:
        raise ValueError(f"holds {len(text):,} characters; no cell of a list needs more than {LONGEST:,}")
    if text.startswith("="):
        if match := _TEXT_FORMULA.fullmatch(text):
            return plain(match[1])
        raise ValueError(f"{quoted(text)} is a formula; write its value")
    return text


def quoted(text: str) -> str:
    """A cell as messages show it."""
    return f"“{text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}”"


def unmarked(text: str) -> str:
    """Lower case without any mark, to recognise headings and fixed words."""
    return "".join(c for c in fold(text) if not unicodedata.combining(c))


@_remembered
def day(cell: Cell) -> str:
    """A date as YYYY-MM-DD. Raises ValueError with a sentence."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = written(cell)
    if match := _DAY_FIRST.fullmatch(text):
        numbers = int(match[3]), int(match[2]), int(match[1])
    elif match := _YEAR_FIRST.fullmatch(text):
        numbers = int(match[1]), int(match[2]), int(match[3])
    else:
        raise ValueError(f"{quoted(text)} is no date such as 31/12/2025")
    try:
        found = date(*numbers)
    except ValueError:
        raise ValueError(f"{quoted(text)} is a date that does not exist") from None
    if found.year not in YEARS:
        raise ValueError(f"{quoted(text)} lies outside {YEARS[0]}–{YEARS[-1]}")
    return found.isoformat()


@_remembered
def channel(cell: Cell) -> str:
    """``counter``, ``online`` or ``post``. Raises ValueError with a sentence."""
    text = written(cell)
    if (found := _CHANNEL_OF.get(unmarked(text))) is None:
        raise ValueError(f"{quoted(text)} is no known channel; write Trực tiếp, Trực tuyến or Bưu chính")
    return found


@_remembered
def level(cell: Cell) -> str:
    """The number in «Mức độ 4». Raises ValueError with a sentence."""
    text = written(cell)
    if (match := re.fullmatch(r"(?:muc(?: do)? )?([1-4])", unmarked(text))) is None:
        if unmarked(text) in ("toan trinh", "mot phan"):
            return unmarked(text).replace(" ", "_")
        raise ValueError(f"{quoted(text)} is no service level; write 1 to 4, Toàn trình or Một phần")
    return match[1]


def identity(cell: Cell) -> str:
    """An identity number without spaces and punctuation, so that two spellings are one person."""
    text = written(cell)
    return text.lower() if text.isalnum() and text.isascii() else "".join(c for c in text.casefold() if c.isalnum())


def phone(cell: Cell) -> str:
    """A telephone number as 0912345678, where it is one number; else as written."""
    text = written(cell)
    digits = text if text.isdecimal() else _PHONE_MARKS.sub("", text)
    if not digits.isdecimal() or not 8 <= len(digits) <= 12:
        return text
    if digits.startswith("84") and len(digits) in (11, 12) and not text.startswith("0"):
        return "0" + digits[2:]
    # Spreadsheets drop the leading zero; mobile numbers here go on with 3, 5, 7, 8 or 9.
    return "0" + digits if len(digits) == 9 and digits[0] in "35789" else digits


def email(cell: Cell) -> str:
    """An e-mail address in lower case, so that two spellings are one."""
    return written(cell).lower()


def count(cell: Cell) -> str:
    """A whole number, as digits. Raises ValueError with a sentence."""
    text = written(cell)
    if not (text.isascii() and text.isdecimal()) or len(text) > 6:
        raise ValueError(f"{quoted(text)} is no number of posts")
    return str(int(text))


READERS: dict[str, Callable[[Cell], str]] = {
    "received": day,
    "due": day,
    "returned": day,
    "channel": channel,
    "level": level,
    "identity": identity,
    "phone": phone,
    "email": email,
    "expected": count,
}


# Columns that hardly repeat a cell: looked at as a whole where nothing in them needs mending.
MANIFOLD = ("reference", "identity", "name", "phone", "email", "address")
_APART = "¦"
_MOBILES = re.compile(rf"(?:(?:0\d{{9}})?{_APART})*")


def clean_column(name: str, cells: Sequence[Cell]) -> list[str] | None:
    """What reading each cell by itself gives, many times faster; None where a cell is not as it should be."""
    try:
        text = _APART.join(cells)  # type: ignore[arg-type]
    except TypeError:  # a spreadsheet's numbers and dates
        return None
    mended = "  " in text or f"{_APART} " in text or f" {_APART}" in text or text != text.strip()
    if mended or not text.isprintable() or not unicodedata.is_normalized("NFC", text):
        return None
    if f"{_APART}=" in text or text.startswith("=") or text.count(_APART) != len(cells) - 1:
        return None
    if max(map(len, cells)) > LONGEST:  # type: ignore[arg-type]
        return None
    match name:
        case "identity":
            letters = text.replace(_APART, "")
            return text.lower().split(_APART) if letters.isascii() and letters.isalnum() else None
        case "phone":
            return list(cells) if _MOBILES.fullmatch(text + _APART) else None  # type: ignore[arg-type]
        case "email":
            return text.lower().split(_APART)
    return list(cells)  # type: ignore[arg-type]
