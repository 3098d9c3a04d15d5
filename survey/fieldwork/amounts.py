"""Amounts of đồng in Vietnamese words, as payment lists and receipts write them. Pure."""

from __future__ import annotations

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SCALES = ("", "nghìn", "triệu")
MOST = 10**15  # a billion is counted in thousands of millions from here on; no payment list comes near


def in_words(amount: int) -> str:
    """``1205000`` → ``một triệu hai trăm linh năm nghìn đồng``. Raises ValueError below 0 or from 10¹⁵ on."""
    if not 0 <= amount < MOST:
        raise ValueError(f"{amount} is no amount that a payment list states")
    return f"{_number(amount)} đồng"


def _number(n: int) -> str:
    billions, rest = divmod(n, 10**9)
    parts = []
    if billions:
        parts.append(f"{_number(billions)} tỷ")
    if rest or not billions:
        parts.append(_below_a_billion(rest, full=bool(billions)))
    return " ".join(parts)


def _below_a_billion(n: int, *, full: bool) -> str:
    """``full``: something stands before it, so that hundreds are named even when there are none."""
    if n == 0:
        return _DIGITS[0]
    words: list[str] = []
    for scale in (2, 1, 0):
        three = n // 1000**scale % 1000
        if three:
            words.append(f"{_three(three, full=full or bool(words))} {_SCALES[scale]}".strip())
    return " ".join(words)


def _three(n: int, *, full: bool) -> str:
    hundreds, tens, ones = n // 100, n // 10 % 10, n % 10
    words: list[str] = []
    if hundreds or full:
        words += [_DIGITS[hundreds], "trăm"]
    if tens == 0 and ones and words:
        words.append("linh")
    elif tens == 1:
        words.append("mười")
    elif tens:
        words += [_DIGITS[tens], "mươi"]
    if ones:
        words.append(_one(ones, tens))
    return " ".join(words)


def _one(ones: int, tens: int) -> str:
    if ones == 1 and tens > 1:
        return "mốt"
    if ones == 5 and tens:
        return "lăm"
    return _DIGITS[ones]
