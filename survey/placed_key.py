"""A wave's private key as the operator places it for a freeze that somebody starts at the desk.

The desk takes no key: it asks whether a file lies at its place, by its name and mode alone. The job that freezes reads
it, and reads nothing but a regular file of mode 0600 that belongs to the account it runs under.
"""

from __future__ import annotations

import os
import stat
from enum import StrEnum
from pathlib import Path

from forms.faults import Fault, Faults

FOLDER = "private-key"
LARGEST = 10_000  # bytes; a key file has about 120


class Placed(StrEnum):
    """What lies at the place, as far as can be told without reading it."""

    ABSENT = "absent"
    READY = "ready"
    UNSAFE = "unsafe"


def place(instance: Path, wave: str) -> Path:
    """Where the key of a wave is to be placed."""
    return instance / FOLDER / f"{wave}.pem"


def look(instance: Path, wave: str) -> Placed:
    """What lies there; its content is not touched."""
    try:
        found = place(instance, wave).lstat()
    except OSError:
        return Placed.ABSENT
    return Placed.UNSAFE if _wrong(found) else Placed.READY


def read(instance: Path, wave: str) -> bytes:
    """The key file's content. Raises Faults for whatever is not a private file of this account."""
    file = place(instance, wave)
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise Faults([Fault("no private key was placed here", str(file))]) from error
    except OSError as error:
        raise Faults([Fault(f"cannot be read as a private key: {error.strerror}", str(file))]) from error
    try:
        if wrong := _wrong(os.fstat(descriptor)):
            raise Faults([Fault(wrong, str(file))])
        return os.read(descriptor, LARGEST)
    finally:
        os.close(descriptor)


def _wrong(found: os.stat_result) -> str:
    """Why a file is not taken; empty when it is."""
    if not stat.S_ISREG(found.st_mode):
        return "is no regular file: place the key file itself, no link to it"
    if stat.S_IMODE(found.st_mode) != 0o600:
        return f"has mode {stat.S_IMODE(found.st_mode):04o}: a private key is taken with mode 0600 alone"
    if found.st_uid != os.geteuid():
        return "belongs to another account than the one that the server runs under"
    return ""
