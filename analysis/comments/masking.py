"""Take out of a comment what names a person: numbers, addresses, plates, and names after a title or a family name.

Rather too much than too little: a street named after somebody goes with the names. What no rule of form can find
(a nickname, “the tall one at window 3”) stays, so that a person still reads a comment before it leaves the house.
"""

from __future__ import annotations

import re
import unicodedata

NAME, NUMBER, PLATE, MAIL, LINK = "[tên]", "[số]", "[biển số]", "[thư điện tử]", "[địa chỉ mạng]"

_INVISIBLE = dict.fromkeys(
    [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF, 0xAD], None
)  # fmt: skip
_TITLES = (
    "ông bà", "ông", "bà", "anh chị", "anh", "chị", "cô giáo", "cô", "chú", "bác sĩ", "bác", "em", "cậu", "mợ", "dì",
    "thím", "thầy", "đồng chí", "đ/c", "đc", "d/c", "mr", "mrs", "ms", "bs", "ths", "ts", "kỹ sư", "luật sư",
    "phó giám đốc", "giám đốc", "phó chủ tịch", "chủ tịch", "phó trưởng phòng", "trưởng phòng", "phó phòng",
    "trưởng ban", "bí thư", "chánh văn phòng", "chuyên viên", "công chức", "cán bộ", "nhân viên", "lãnh đạo",
)  # fmt: skip
# After a title these begin an office, not a person.
_OFFICES = (
    "sở", "ubnd", "hđnd", "ủy", "uỷ", "phòng", "ban", "huyện", "xã", "phường", "tỉnh", "trung", "chi cục", "văn phòng",
    "bộ phận", "một cửa", "phó", "trưởng", "giám đốc", "chủ tịch", "bí thư", "bhxh", "công an", "cục", "thuế",
)  # fmt: skip
_FAMILIES = (
    "nguyễn", "trần", "lê", "phạm", "hoàng", "huỳnh", "phan", "vũ", "võ", "đặng", "bùi", "đỗ", "hồ", "ngô", "dương",
    "lý", "đinh", "trịnh", "đoàn", "trương", "lương", "niê", "êban", "mlô", "ksơr", "siu", "rơ châm", "knul", "byă",
)  # fmt: skip


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(each for each in plain if not unicodedata.combining(each))


def _either(words: tuple[str, ...]) -> str:
    """Each with its marks or typed without any, the longest first."""
    both = {*words, *(_bare(each) for each in words)}
    return "|".join(
        re.escape(each).replace(r"\ ", r"\s+") for each in sorted(both, key=lambda each: (-len(each), each))
    )


def _class(keep: str) -> str:
    """Letters of Latin script for which ``str.<keep>`` holds: ``re`` has no class for capitals."""
    latin = (*range(0x41, 0x250), *range(0x1E00, 0x1F00))
    return "".join(chr(each) for each in latin if getattr(chr(each), keep)())


_UP, _LETTER = _class("isupper"), _class("isalpha") + "'’ʼ`"
_WORD = f"[{_UP}][{_LETTER}]*"
_CAPITALS = rf"{_WORD}(?:[ \t]+{_WORD}){{0,4}}"
_TITLE = rf"(?<!\w)(?i:{_either(_TITLES)})(?!\w)\.?[ \t:/\-]*(?:(?i:ông|bà|anh|chị)[ \t]+)?"
_NOT_OFFICE = rf"(?!(?i:{_either(_OFFICES)})(?!\w))"
_FAMILY = rf"(?i:{_either(_FAMILIES)})"
_PLATE = r"(?<!\w)\d{2}[ \t]?[-.]?[ \t]?[A-ZĐ][A-ZĐ\d]?[ \t]?[-.]?[ \t]?(?:\d{3}[.\- \t]?\d{2}|\d{4})(?!\d)"

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\w.+\-]+[ \t]*(?:@|\(at\)|\[at\])[ \t]*[\w\-]+(?:[ \t]*\.[ \t]*[\w\-]+)+", re.I), MAIL),
    (re.compile(r"(?:https?://|www\.|(?:zalo|facebook|fb)\.(?:me|com)/)\S+", re.I), LINK),
    (re.compile(r"(?<!\w)@\w[\w.]{2,}"), NAME),
    (re.compile(_PLATE, re.I), PLATE),
    # eight digits and more, however set apart: telephones, identity cards, accounts, dossiers
    (re.compile(r"(?<!\w)\+?\(?\d(?:[ \t.\-()]{0,2}\d){7,}(?!\d)"), NUMBER),
    (re.compile(rf"({_TITLE}){_NOT_OFFICE}{_CAPITALS}"), rf"\1{NAME}"),
    # all in small letters: a title and a family name, with what may follow it
    (re.compile(rf"({_TITLE}){_FAMILY}(?!\w)(?:[ \t]+[{_LETTER}]+){{1,2}}"), rf"\1{NAME}"),
    (re.compile(rf"(?<!\w)(?=[{_UP}]){_FAMILY}(?!\w)(?:[ \t]+{_WORD}){{1,4}}"), NAME),
)  # fmt: skip


def masked(text: str) -> str:
    """``text`` composed (NFKC), with digits of every script and width as digits, without invisible letters, masked."""
    plain = "".join(_digit(each) for each in unicodedata.normalize("NFKC", text).translate(_INVISIBLE))
    for pattern, instead in _RULES:
        plain = pattern.sub(instead, plain)
    return plain.strip()


def _digit(letter: str) -> str:
    return str(unicodedata.digit(letter)) if letter.isdigit() and not letter.isascii() else letter
