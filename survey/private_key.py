"""A wave's private key as people keep it: one file, or shares of which two of three make it."""

from __future__ import annotations

from pathlib import Path

from forms.faults import Fault, Faults
from survey import sealing


def read(file: Path) -> sealing.KeyPair:
    """Both halves from a private key's file. Raises Faults that name the file."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Faults([Fault(f"cannot be read: {error.strerror}", str(file))]) from error
    return pair(content, file)


def pair(content: bytes, file: Path) -> sealing.KeyPair:
    """Both halves from what a key file holds; ``file`` is named in faults."""
    try:
        return sealing.read_private_pem(content)
    except ValueError as error:
        raise Faults([Fault(str(error), str(file))]) from error
