"""What a backup is: a tar of the database, the configuration, keys where asked, and a manifest that names them."""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from forms.faults import Fault, Faults
from survey.backup import results, sealed_file

FORMAT = "phieu-backup/1"
MANIFEST, DATABASE, CONFIGURATION = "manifest.json", "phieu.db", "phieu.toml"
_KEY = re.compile(r"keys/[a-z][a-z0-9_]*\.(key|code|public|private|password)")
_MOST_MANIFEST = 1 << 24
_COPIED = 1 << 20


@dataclass(frozen=True, slots=True)
class Contents:
    """The manifest: schema (migrations applied), rows by table, size in bytes and SHA-256 of every file."""

    format: str
    product: str
    schema: int
    rows: Mapping[str, int]
    files: Mapping[str, tuple[int, str]]

    @property
    def keys(self) -> tuple[str, ...]:
        """The key files among them."""
        return tuple(name for name in self.files if name.startswith("keys/"))

    @property
    def results(self) -> tuple[str, ...]:
        """The files of datasets, figures, reports and publications among them."""
        return tuple(name for name in self.files if results.is_result(name))


def write(target: BinaryIO, contents: Contents, folder: Path, passphrase: str | None, cost: int) -> None:
    """Write the files of ``folder`` that ``contents`` names, sealed where there is a passphrase."""
    with ExitStack() as stack:
        stream: IO[bytes] = target
        if passphrase is not None:
            sealing = sealed_file.Sealing(target, passphrase, cost)
            stack.callback(sealing.close)
            stream = cast("IO[bytes]", sealing)
        with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            manifest = folder / MANIFEST
            manifest.write_text(json.dumps(asdict(contents), ensure_ascii=False, indent=1, sort_keys=True), "utf-8")
            for name in (MANIFEST, *contents.files):
                tar.add(folder / name, name, recursive=False, filter=_plain)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without owner and time: a backup names no account of the machine."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime, member.mode = 0, 0o600
    return member


def read(file: Path, folder: Path, passphrase: str | None) -> Contents:
    """Lay the files of a backup into an empty ``folder`` and compare each with the manifest.

    Raises Faults for what is no backup, is damaged, or holds anything but what the manifest names.
    """
    with ExitStack() as stack:
        source = stack.enter_context(file.open("rb"))
        sealed = sealed_file.is_sealed(source.read(len(sealed_file.MAGIC)))
        source.seek(0)
        stream: IO[bytes] = source
        if sealed:
            if passphrase is None:
                raise Faults([Fault("is sealed: give its passphrase", str(file))])
            stream = cast("IO[bytes]", sealed_file.Opening(source, passphrase))
        try:
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                return _lay(tar, folder, str(file))
        except (tarfile.TarError, EOFError) as error:
            raise Faults([Fault(f"is no backup, or damaged: {error}", str(file))]) from error


def _lay(tar: tarfile.TarFile, folder: Path, told: str) -> Contents:
    contents: Contents | None = None
    found: set[str] = set()
    for member in tar:
        if contents is None:
            contents = _contents(tar, member, told)
            continue
        if member.name not in contents.files or member.name in found or not member.isreg():
            raise Faults([Fault(f"holds “{member.name}”, which its manifest does not name", told)])
        found.add(member.name)
        size, digest = contents.files[member.name]
        if _laid(tar, member, folder / member.name, size) != digest:
            raise Faults([Fault(f"“{member.name}” is not what the manifest says", told)])
    if contents is None or found != set(contents.files):
        raise Faults([Fault("is no backup, or cut: files are missing", told)])
    return contents


def _contents(tar: tarfile.TarFile, member: tarfile.TarInfo, told: str) -> Contents:
    stream = tar.extractfile(member) if member.name == MANIFEST and member.size <= _MOST_MANIFEST else None
    try:
        if stream is None:
            raise ValueError("no manifest")
        said = json.loads(stream.read())
        files = {str(name): (int(size), str(digest)) for name, (size, digest) in said["files"].items()}
        rows = {str(name): int(number) for name, number in said["rows"].items()}
        contents = Contents(str(said["format"]), str(said["product"]), int(said["schema"]), rows, files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Faults([Fault("is no backup of Phiếu: it does not begin with a manifest", told)]) from error
    if contents.format != FORMAT:
        raise Faults([Fault(f"is a backup of the format “{contents.format}”; this version reads {FORMAT}", told)])
    strange = [name for name in files if name not in (DATABASE, CONFIGURATION) and not is_part(name)]
    folders = sorted({str(each) for name in files for each in PurePosixPath(name).parents} & files.keys())
    if folders:
        raise Faults([Fault(f"names “{folders[0]}” as a file and as a folder: it was made by hand, or damaged", told)])
    if strange or DATABASE not in files:
        raise Faults([Fault(f"names {strange or 'no database'}: that is no backup of an instance", told)])
    return contents


def _laid(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path, size: int) -> str:
    """Write one file (mode 0600), no more than the manifest says, and return its SHA-256."""
    stream = tar.extractfile(member)
    if stream is None or member.size != size:
        return ""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("xb") as out:
        target.chmod(0o600)
        while part := stream.read(_COPIED):
            digest.update(part)
            out.write(part)
    return digest.hexdigest()


def is_key(name: str) -> bool:
    """Whether a name in a backup is that of a key file."""
    return bool(_KEY.fullmatch(name))


def is_part(name: str) -> bool:
    """Whether a name is that of something which a backup may hold beside database and configuration."""
    return is_key(name) or results.is_result(name)


def fingerprint(file: Path) -> tuple[int, str]:
    """Size in bytes and SHA-256 of a file."""
    with file.open("rb") as stream:
        return file.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest()
