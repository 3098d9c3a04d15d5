"""The secrets of an instance: files of mode 0600 in ``instance/keys``, outside the database and its backups.

``instance.key`` (sessions and tokens of the desk; may rotate); per wave ``<wave>.code`` (the secret from which codes,
draft keys and receipt tags follow), ``<wave>.public``, and ``<wave>.private`` only where the server made the pair.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from forms.faults import Fault, Faults
from survey.config import Settings

SECRET_BYTES = 32
_WAVE_ID = re.compile(r"[a-z][a-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class WaveKeys:
    """A wave's subkeys, 32 bytes each, one a purpose; none of them can be computed from another."""

    code: bytes
    lookup: bytes
    draft_id: bytes
    draft: bytes
    order: bytes
    receipt: bytes
    frame: bytes
    counter: bytes
    again: bytes
    addresses: bytes


@lru_cache(maxsize=64)
def subkeys(secret: bytes) -> WaveKeys:
    """Derive a wave's subkeys from its code key by HKDF-SHA-256 with a label each (RFC 5869)."""

    def derive(label: str) -> bytes:
        return HKDF(SHA256(), SECRET_BYTES, salt=None, info=f"phieu/1 {label}".encode()).derive(secret)

    labels = (
        "codes",
        "lookup",
        "draft ids",
        "drafts",
        "unit order",
        "receipts",
        "frame",
        "counter draw",
        "second keying",
        "addresses",
    )
    return WaveKeys(*map(derive, labels))


class _Derived(NamedTuple):
    """Subkeys, the file they came from, and what it looked like."""

    file: str
    mark: tuple[int, ...]
    keys: WaveKeys


class Keyring:
    """The folder of keys. Only derived subkeys are kept, and the file is looked for: a destroyed one is gone."""

    def __init__(self, settings: Settings) -> None:
        self.folder: Path = settings.keys
        self._derived: dict[str, _Derived] = {}

    def create_instance_key(self) -> bool:
        """Make the folder (0700) and ``instance.key``; False when the key was there."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return write_once(self.folder / "instance.key", secrets.token_bytes(SECRET_BYTES))

    def instance_key(self) -> bytes:
        """The instance key. Raises Faults when ``phieu init`` was never run."""
        return _read_secret(self.folder / "instance.key")

    def create_wave(self, wave: str) -> WaveKeys:
        """Make the code key of a new wave, or return the keys it has: codes in print must go on working."""
        write_once(self._file(wave, "code"), secrets.token_bytes(SECRET_BYTES))
        return subkeys(_read_secret(self._file(wave, "code")))

    def wave(self, wave: str) -> WaveKeys | None:
        """The keys of a wave; None once its code key is destroyed (or was never made)."""
        known = self._derived.get(wave)
        file = known.file if known else str(self._file(wave, "code"))
        try:
            now = os.stat(file)
        except FileNotFoundError:
            self._derived.pop(wave, None)
            return None
        except OSError as error:
            raise _unreadable(Path(file), error) from error
        mark = (now.st_ino, now.st_mtime_ns, now.st_size)
        if known is None or known.mark != mark:
            known = self._derived[wave] = _Derived(file, mark, subkeys(_read_secret(Path(file))))
        return known.keys

    def wave_keys(self, wave: str) -> WaveKeys:
        """The keys of a wave that needs them. Raises Faults when they are gone."""
        keys = self.wave(wave)
        if keys is None:
            raise Faults([Fault(f"the code key of wave “{wave}” is missing", str(self._file(wave, "code")))])
        return keys

    def destroy_wave(self, wave: str) -> None:
        """Remove the code key of a wave: no code of it is known from then on. Harmless when it is gone."""
        self._file(wave, "code").unlink(missing_ok=True)
        sync_folder(self.folder)

    def save_public(self, wave: str, public_pem: bytes) -> None:
        """Keep the public half as it was given, for people to compare with seal 0."""
        write_once(self._file(wave, "public"), public_pem)

    def save_private(self, wave: str, private_pem: bytes) -> Path:
        """Keep a private key that the server itself made; reports say that its operator could know it."""
        write_once(self._file(wave, "private"), private_pem)
        return self._file(wave, "private")

    def replace_public(self, wave: str, public_pem: bytes, *, keep_private: bool) -> None:
        """Keep another public half, of a wave that nothing was sealed for; a private one that is not its own goes."""
        self._file(wave, "public").unlink(missing_ok=True)
        if not keep_private:
            self._file(wave, "private").unlink(missing_ok=True)
        write_once(self._file(wave, "public"), public_pem)

    def private_file(self, wave: str) -> Path | None:
        """Where the private key made by the server lies; None when it was made elsewhere or taken away."""
        file = self._file(wave, "private")
        return file if file.exists() else None

    def _file(self, wave: str, kind: str) -> Path:
        if not _WAVE_ID.match(wave):
            raise Faults(f"“{wave}” is no wave id: lower-case letters, digits and _ only, a letter first")
        return self.folder / f"{wave}.{kind}"


def write_once(file: Path, content: bytes) -> bool:
    """Create a file of mode 0600, whole or not at all, never over another; False when it was there."""
    if file.exists():
        return False
    try:
        with write_from(file) as stream:
            stream.write(content)
    except FileExistsError:
        return False
    return True


@contextmanager
def write_from(file: Path) -> Iterator[BinaryIO]:
    """A stream whose content becomes a new file of mode 0600, whole or not at all. Raises FileExistsError."""
    scratch = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.link(scratch, file)
    finally:
        scratch.unlink()
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make what was created or renamed in a folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_secret(file: Path) -> bytes:
    try:
        secret = file.read_bytes()
    except FileNotFoundError:
        raise Faults([Fault("is missing; run `phieu init`, or restore it from its backup", str(file))]) from None
    except OSError as error:
        raise _unreadable(file, error) from error
    if len(secret) != SECRET_BYTES:
        raise Faults([Fault(f"holds {len(secret)} bytes where a key has {SECRET_BYTES}; restore it", str(file))])
    return secret


def _unreadable(file: Path, error: OSError) -> Faults:
    told = f"cannot be read: {error.strerror}; it must belong to the account that serves, mode 0600"
    return Faults([Fault(told, str(file))])
