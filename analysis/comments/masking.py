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
    "viên chức", "họ tên", "họ và tên", "tên là", "tên", "cbcc", "cb", "nv", "cv", "gđ", "pgđ", "ct", "pct",
)  # fmt: skip
# After a title these begin an office, not a person.
_OFFICES = (
    "sở", "ubnd", "hđnd", "ủy", "uỷ", "phòng", "ban", "huyện", "xã", "phường", "tỉnh", "trung", "chi cục", "văn phòng",
    "bộ phận", "một cửa", "phó", "trưởng", "giám đốc", "chủ tịch", "bí thư", "bhxh", "công an", "cục", "thuế", "tên",
    "họ", "đường", "thủ tục", "hồ sơ",
)  # fmt: skip
_FAMILIES = (
    "nguyễn", "trần", "lê", "phạm", "hoàng", "huỳnh", "phan", "vũ", "võ", "đặng", "bùi", "đỗ", "hồ", "ngô", "dương",
    "lý", "đinh", "trịnh", "đoàn", "trương", "lương", "niê", "êban", "mlô", "ksơr", "siu", "rơ châm", "knul", "byă",
)  # fmt: skip
_SURE = "nguyễn|nguyen|huỳnh|trịnh"  # families that are no other word, so that they are known in small letters too
_MIDDLE = ("văn", "thị", "hữu", "ngọc", "đức", "đình", "quốc", "thanh", "xuân", "minh")
# Clans of the Ê Đê and Gia Rai stand last: Y Thuận Êban, H'Len Niê.
_CLANS = (
    "niê", "êban", "mlô", "ksơr", "ksor", "siu", "knul", "byă", "kbuôr", "ayun", "adrơng", "hwing", "hmok", "mdrang",
    "hđơk", "ênuôl", "bkrông", "kpă", "kpơr", "rcom", "rơ com", "rmah", "rơ mah", "rahlan", "rơ châm", "ktla",
    "buôn krông", "buôn yă", "ktul", "bdap", "kriêng", "liêng", "arul", "hlong",
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
_MIDDLES = rf"(?i:{_either(_MIDDLE)})"
_SMALL = rf"[{_LETTER}]+"
_CLAN = rf"(?i:{_either(_CLANS)})"
_MARK = "['’ʼ`´‘]"
# Y and H' begin names, but not where Y means medicine.
_GIVEN = rf"(?:H[ \t]?{_MARK}[ \t]?|Y[ \t]+(?!(?i:tế|te|học|dược|khoa|tá|sĩ|sỹ|đức|lệnh|án|kiến|tưởng)(?!\w)))"
_PLATE = r"(?<!\d)\d{2}[ \t]?[-.]?[ \t]?[A-ZĐ][A-ZĐ\d]?[ \t]?[-.]?[ \t]?(?:\d{3}[.\- \t]?\d{2}|\d{4})(?!\d)"
_A = r"(?:@|[(\[][ \t]*at[ \t]*[)\]]|[(\[]?[ \t]*(?<!\w)a[ \t]*c[òo]ng(?!\w)[ \t]*[)\]]?)"

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"[\w.+\-]+[ \t]*{_A}[ \t]*[\w\-]+(?:[ \t]*\.[ \t]*[\w\-]+)+", re.I), MAIL),
    (re.compile(r"(?:https?://|www\.|(?:zalo|facebook|fb)\.(?:me|com)/)\S+", re.I), LINK),
    (re.compile(r"(?<!\w)@\w[\w.]{2,}"), NAME),
    (re.compile(_PLATE, re.I), PLATE),
    (re.compile(r"(?<!\w)[A-Z]\d{7}(?!\d)"), NUMBER),  # passports
    (re.compile(rf"({_TITLE}){_NOT_OFFICE}{_CAPITALS}"), rf"\1{NAME}"),
    # all in small letters: a title and a family name, with what may follow it
    (re.compile(rf"({_TITLE}){_FAMILY}(?!\w)(?:[ \t]+{_SMALL}){{1,2}}"), rf"\1{NAME}"),
    (re.compile(rf"(?<!\w)(?=[{_UP}]){_FAMILY}(?!\w)(?:[ \t]+(?:{_WORD}|{_MIDDLES}(?!\w))){{1,4}}"), NAME),
    (re.compile(rf"(?<!\w){_FAMILY}[ \t]+(?i:{_either(_MIDDLE[:4])})(?:[ \t]+{_SMALL})"), NAME),
    (re.compile(rf"(?<!\w)(?i:{_SURE})(?:[ \t]+{_SMALL}){{2}}"), NAME),
    (re.compile(rf"(?<!\w){_GIVEN}{_CAPITALS}"), NAME),
    (re.compile(rf"(?<!\w)(?i:y[ \t]+|h[ \t]*{_MARK}[ \t]*|h[ \t]+)(?:{_SMALL}[ \t]+){{1,2}}{_CLAN}(?!\w)"), NAME),
)  # fmt: skip
# Eight digits and more, however set apart and whatever letter stands before: telephones, identity cards, accounts.
_DIGITS = re.compile(r"\+?\(?\d(?:[\W_]{0,4}\d){7,}")
# Days, years and sums of money have as many digits and name nobody.
_KEPT = re.compile(
    r"((?<![\d/.\-])(?:\d{1,2}[/.\-]\d{1,2}[/.\-](?:19|20)\d\d|(?:19|20)\d\d-\d{1,2}-\d{1,2}"
    r"|(?:19|20)\d\d[ ]?[-–/][ ]?(?:19|20)\d\d)(?![/.\-]?\d)"
    r"|(?<![\d.,])[1-9]\d{1,2}([. ,])\d{3}(?:\2)000(?=[ ]?(?:đồng|đ|vnđ|vnd)(?!\w)(?![ ]+chí)))",
    re.I,
)


def masked(text: str) -> str:
    """``text`` composed (NFKC), with digits of every script and width as digits, without invisible letters, masked."""
    plain = "".join(_digit(each) for each in unicodedata.normalize("NFKC", text).translate(_INVISIBLE))
    for pattern, instead in _RULES[:4]:
        plain = pattern.sub(instead, plain)
    plain = _numbers(plain)
    for pattern, instead in _RULES[4:]:
        plain = pattern.sub(instead, plain)
    return plain.strip()


def _numbers(text: str) -> str:
    """Long numbers between what is a day, a range of years or a sum of money."""
    parts, at = [], 0
    for kept in _KEPT.finditer(text):
        parts += [_DIGITS.sub(NUMBER, text[at : kept.start()]), kept[0]]
        at = kept.end()
    return "".join([*parts, _DIGITS.sub(NUMBER, text[at:])])


def _digit(letter: str) -> str:
    return str(unicodedata.digit(letter)) if letter.isdigit() and not letter.isascii() else letter
