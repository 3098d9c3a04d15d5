"""A sealed file gives back what went in, and nothing at all once it was touched."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.faults import Faults
from survey.backup import sealed_file
from survey.backup.sealed_file import Opening, Sealing

WORDS = "bốn từ không ai đoán ra"
QUICK = 4  # log2 of scrypt's N


def sealed(content: bytes, passphrase: str = WORDS) -> bytes:
    target = BytesIO()
    with Sealing(target, passphrase, QUICK) as stream:
        stream.write(content)
    return target.getvalue()


def opened(file: bytes, passphrase: str = WORDS) -> bytes:
    return Opening(BytesIO(file), passphrase).read()


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_file, "PIECE", 16)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=6))
def test_what_went_in_comes_out(parts: list[bytes]) -> None:
    target = BytesIO()
    with Sealing(target, "x" * 12, QUICK) as stream:
        for part in parts:
            stream.write(part)

    assert opened(target.getvalue(), "x" * 12) == b"".join(parts)


def test_it_is_read_in_any_portions() -> None:
    stream = Opening(BytesIO(sealed(bytes(range(100)))), WORDS)

    assert [stream.read(7), stream.read(50), stream.read(1000), stream.read(5)] == [
        bytes(range(7)), bytes(range(7, 57)), bytes(range(57, 100)), b"",
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_one_altered_byte_anywhere_is_found(data: st.DataObject) -> None:
    file = bytearray(sealed(bytes(70)))
    # The byte of scrypt's cost is altered within what is read, so that a test is no test of patience.
    place = data.draw(st.integers(0, len(file) - 1).filter(lambda at: at != len(sealed_file.MAGIC)))
    file[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(Faults):
        opened(bytes(file))


@pytest.mark.parametrize("cut", [0, 5, 20, 39, 40, 55, 71, 72, 104, 119])
def test_a_cut_file_is_found(cut: int) -> None:
    file = sealed(bytes(70))

    with pytest.raises(Faults):
        opened(file[:cut])


def test_pieces_cannot_change_places_or_be_repeated() -> None:
    file = sealed(bytes(range(80)))
    head, piece = sealed_file._HEAD, 16 + 16
    first, second = file[head : head + piece], file[head + piece : head + 2 * piece]

    for pieces in (second + first + file[head + 2 * piece :], first + first + file[head + piece :]):
        with pytest.raises(Faults, match="damaged"):
            opened(file[:head] + pieces)


def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(Faults, match="passphrase is wrong"):
        opened(sealed(b"abc"), "một cụm từ khác")


def test_a_cost_that_would_eat_the_memory_is_refused_unasked() -> None:
    file = bytearray(sealed(b"abc"))
    file[len(sealed_file.MAGIC)] = 40

    with pytest.raises(Faults, match="no sealed backup"):
        opened(bytes(file))


def test_it_is_written_only_and_closed_once() -> None:
    target = BytesIO()
    stream = Sealing(target, "x" * 12, QUICK)
    assert stream.writable()
    stream.close()
    length = len(target.getvalue())
    stream.close()

    assert len(target.getvalue()) == length
    assert Opening(BytesIO(target.getvalue()), "x" * 12).readable()
