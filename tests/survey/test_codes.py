"""The printed code: its check is proved by trying every error it promises to find."""

from __future__ import annotations

import hmac
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey import codes

KEY = bytes(range(32))
SYMBOLS = st.sampled_from(codes.ALPHABET)
RANDOM_PARTS = st.text(SYMBOLS, min_size=11, max_size=11)


def test_the_alphabet_is_crockfords():
    assert codes.ALPHABET == "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_every_single_wrong_symbol_is_found_whatever_the_code():
    # The check is linear over GF(32): an error of difference d at place p shows as w_p·d. All 12 × 31 of them.
    zero = codes.with_check("0" * 11)
    assert zero == "0" * 12
    for place in range(codes.LENGTH):
        for symbol in codes.ALPHABET[1:]:
            assert not codes.is_valid(zero[:place] + symbol + zero[place + 1 :])


def test_every_swap_of_neighbours_is_found():
    for place in range(codes.LENGTH - 1):
        for first in codes.ALPHABET:
            for second in codes.ALPHABET:
                if first == second:
                    continue
                code = _code_with(place, first + second)
                assert codes.is_valid(code)
                swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
                assert swapped != code
                assert not codes.is_valid(swapped)


def _code_with(place: int, pair: str) -> str:
    """A valid code that has ``pair`` at ``place``, the check included when the pair stands at the end."""
    if place + 2 <= 11:
        return codes.with_check("0" * place + pair + "0" * (9 - place))
    for symbol in codes.ALPHABET:  # the pair ends in the check: choose another symbol until it fits
        code = codes.with_check("0" * 9 + symbol + pair[0])
        if code[11] == pair[1]:
            return code
    raise AssertionError("no code ends so")


@given(RANDOM_PARTS, st.integers(0, 11), SYMBOLS)
def test_linear_over_the_field_so_the_proof_holds_for_every_code(part: str, place: int, wrong: str):
    code = codes.with_check(part)
    assert codes.is_valid(code)
    changed = code[:place] + wrong + code[place + 1 :]
    assert codes.is_valid(changed) == (changed == code)


def test_derivation_depends_on_key_serial_and_generation_and_on_nothing_else():
    code = codes.derive(KEY, 7, 0)
    assert code == codes.derive(KEY, 7, 0)
    others = {codes.derive(KEY, 7, 1), codes.derive(KEY, 8, 0), codes.derive(bytes(32), 7, 0)}
    assert len(others | {code}) == 4
    assert codes.is_valid(code)


def test_derivation_is_pinned_because_paper_cannot_be_changed():
    assert codes.derive(KEY, 1, 0) == "VWGCSHPG7MZ2"


def test_codes_use_the_whole_alphabet_at_every_place():
    seen = [set() for _ in range(codes.LENGTH)]
    for serial in range(2000):
        for place, symbol in enumerate(codes.derive(KEY, serial, 0)):
            seen[place].add(symbol)
    assert all(symbols == set(codes.ALPHABET) for symbols in seen)


@given(RANDOM_PARTS, st.integers(0, 2**32))
def test_whatever_a_forgiving_reader_forgives_comes_back(part: str, noise: int):
    code = codes.with_check(part)
    typed = codes.grouped(code).replace("0", "o").replace("1", "lI"[noise % 2])
    typed = typed.lower() if noise & 2 else typed
    for dash in ("-", " ", "\u2013", "\u00a0", "\u200b", "."):
        assert codes.normalise(f"  {typed.replace('-', dash)}\n") == code


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Đ4Â7Ê2Ô9", "DD4AA7EE2009"),  # Telex: dd, aa, ee, oo
        ("Á1À2Ả3Ã4Ạ5", "AS1AF2AR3AX4AJ5"),  # a tone typed after a vowel
        ("Ă1", "AW1"),
        ("ＡＢ１２", "AB12"),  # full width
        ("đ", "DD"),
    ],
)
def test_what_a_vietnamese_keyboard_made_of_letters_is_letters_again(typed: str, meant: str):
    assert codes.normalise(typed) == meant


@given(st.text(max_size=300))
def test_anything_at_all_is_normalised_without_failing(typed: str):
    assert not codes.is_valid(codes.normalise(typed)) or typed.strip()


@given(st.text("".join({*codes.ALPHABET, *codes.ALPHABET.lower(), *"oil -–đĐâăêôơáàảãạẤỆợ"}), max_size=100))
def test_what_a_keyboard_can_make_of_a_code_becomes_plain_symbols_once_and_for_all(typed: str):
    once = codes.normalise(typed)
    assert set(once) <= set(codes.ALPHABET)
    assert codes.normalise(once[:200]) == once[:200]


@pytest.mark.parametrize("code", ["", "0" * 11, "0" * 13, "U" + "0" * 11, "00000000000\u0660", "00000000000*"])
def test_other_lengths_and_alphabets_are_no_codes(code: str):
    assert not codes.is_valid(code)


def test_the_lookup_is_a_keyed_hash_of_sixteen_bytes():
    code = codes.derive(KEY, 1, 0)
    assert codes.lookup(KEY, code) == hmac.digest(KEY, code.encode(), "sha256")[:16]
    assert codes.lookup(KEY, code) != codes.lookup(bytes(32), code)


def test_receipts_have_eighty_random_bits(monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []

    def all_ones(bits: int) -> int:
        asked.append(bits)
        return 2**bits - 1

    assert len({codes.random_receipt() for _ in range(100)}) == 100
    monkeypatch.setattr(secrets, "randbits", all_ones)
    assert codes.random_receipt() == "Z" * 16
    assert asked == [80]
    assert codes.grouped("Z" * 16) == "ZZZZ-ZZZZ-ZZZZ-ZZZZ"
