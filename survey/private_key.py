"""A wave's private key as people keep it: one file, or three shares of which any two make it (SLIP-39)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics

from forms.faults import Fault, Faults
from survey import sealing
from survey.keys import write_once

SHARES, NEEDED = 3, 2
_HEAD = "# Phiếu: one of three shares of a private key; any two of them make it. Keep it apart from the others."
_NAMED = "# fingerprint: "


def read(*files: Path) -> sealing.KeyPair:
    """Both halves from a private key's file, or from files of shares. Raises Faults that name the file."""
    contents = [_content(file) for file in files]
    if len(files) == 1 and not _is_share(contents[0]):
        return pair(contents[0], files[0])
    for file, content in zip(files, contents, strict=True):
        if not _is_share(content):
            raise Faults([Fault("is no share of a key as `phieu key split` writes", str(file))])
    return joined([content.decode("utf-8") for content in contents])


def pair(content: bytes, file: Path) -> sealing.KeyPair:
    """Both halves from what a key file holds; ``file`` is named in faults."""
    try:
        return sealing.read_private_pem(content)
    except ValueError as error:
        raise Faults([Fault(str(error), str(file))]) from error


def split(keys: sealing.KeyPair) -> list[str]:
    """The texts of three shares; one alone says nothing of the key, not even to somebody with all the time there is."""
    words = generate_mnemonics(1, [(NEEDED, SHARES)], keys.private, iteration_exponent=0)[0]
    named = _NAMED + sealing.fingerprint(keys.public)
    return [f"{_HEAD}\n{named}\n{each}\n" for each in words]


def joined(shares: Sequence[str]) -> sealing.KeyPair:
    """The key that two shares make. Raises Faults when they are too few, of different keys, or copied wrongly."""
    words = list(dict.fromkeys(" ".join(_words(share)) for share in shares))
    if len(words) < NEEDED:
        raise Faults(f"{len(words)} share was given: {NEEDED} different ones of the same key are needed")
    try:
        secret = combine_mnemonics(words[:NEEDED])
        keys = sealing.read_private_pem(sealing.private_pem(secret))
    except (MnemonicError, ValueError) as error:
        raise Faults(
            f"these shares make no key: a word was copied wrongly, or they are of two keys ({error})"
        ) from None
    for share in shares:
        for line in share.splitlines():
            if line.startswith(_NAMED) and line.removeprefix(_NAMED).strip() != sealing.fingerprint(keys.public):
                raise Faults("these shares make another key than the one they name: they are not of one splitting")
    return keys


def write_shares(texts: Sequence[str], files: Sequence[Path], *, together: bool) -> None:
    """Each share into its file, mode 0600. Raises Faults for two in one folder, unless ``together``."""
    if len(files) != SHARES or len(set(files)) != SHARES:
        raise Faults(f"a key is split into {SHARES} shares: name {SHARES} different files")
    folders = {file.resolve().parent for file in files}
    if len(folders) < SHARES and not together:
        raise Faults(
            "shares beside each other protect nothing: name three folders (three USB sticks), or say --together"
        )
    taken = [Fault("exists already; a share is never written over", str(file)) for file in files if file.exists()]
    missing = [Fault("there is no such folder", str(folder)) for folder in sorted(folders) if not folder.is_dir()]
    if taken or missing:
        raise Faults([*taken, *missing])
    for text, file in zip(texts, files, strict=True):
        write_once(file, text.encode("utf-8"))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Faults([Fault(f"cannot be read: {error.strerror}", str(file))]) from error


def _is_share(content: bytes) -> bool:
    try:
        words = _words(content.decode("utf-8"))
    except UnicodeDecodeError:
        return False
    return len(words) >= 20 and all(word.isascii() and word.isalpha() for word in words)


def _words(share: str) -> list[str]:
    """The words of a share; lines that begin with # are remarks."""
    return " ".join(line for line in share.splitlines() if not line.lstrip().startswith("#")).lower().split()
