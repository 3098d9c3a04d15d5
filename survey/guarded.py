"""What the doctor looks at of files: whose they are, who else may read them, and whether the keys can be read."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from forms.faults import Faults
from survey import job_record, jobs
from survey.config import Settings
from survey.finding import Finding
from survey.keys import Keyring

_USED = stat.S_IRUSR | stat.S_IWUSR


def files(settings: Settings) -> Iterator[Finding]:
    """The instance, its databases and its keys: for the owner of the folder alone, and owned by nobody else.

    What jobs leave has to be the owner's as well.
    """
    yield mode(settings.instance, 0o700)
    secret = [place for place in (settings.database, settings.drafts) if isinstance(place, Path)]
    try:
        if settings.keys.is_dir():
            yield mode(settings.keys, 0o700)
            kept = [settings.keys, *(file for file in sorted(settings.keys.iterdir()) if file.exists())]
            secret = [*kept, *secret]
    except OSError as error:
        yield Finding(
            f"keys in {settings.keys}", f"cannot be looked at: {error.strerror}", taken_back(settings, settings.keys)
        )
    for file in secret:
        if file.exists():
            if file != settings.keys:
                yield mode(file, 0o600)
            yield from _owner(settings, file)
    for file in (settings.instance / name for name in (jobs.LOCK, job_record.FILE)):
        if file.exists():
            yield from _of_jobs(settings, file)


def _of_jobs(settings: Settings, file: Path) -> Iterator[Finding]:
    """Said only where it is wrong: the server can then neither tell of jobs nor begin one."""
    of_others = list(_owner(settings, file))
    yield from of_others
    for_owner = stat.S_IMODE(file.stat().st_mode) & _USED == _USED  # root, who may be asking, can read whatever it is
    if not of_others and not (for_owner and os.access(file, os.R_OK | os.W_OK)):
        yield Finding(f"mode of {file}", "the server cannot read and write it", taken_back(settings, file))


def mode(path: Path, wanted: int) -> Finding:
    """Whether nobody but the owner can read it."""
    found = stat.S_IMODE(path.stat().st_mode)
    if found & ~wanted:
        return Finding(f"mode of {path}", f"is {found:04o}: others can read it", f"chmod {wanted:04o} {path}")
    return Finding(f"mode of {path}")


def instance_key(settings: Settings) -> Finding:
    """Whether sessions can be signed, and codes of walk-ins made."""
    file = settings.keys / "instance.key"
    try:
        Keyring(settings).instance_key()
    except Faults as faults:
        lost = "is missing" in str(faults)
        mend = f"phieu --instance {settings.instance} init" if lost else taken_back(settings, file)
        return Finding("instance key", str(faults), mend)
    return Finding("instance key")


def taken_back(settings: Settings, path: Path) -> str:
    """What gives a file of the instance back to who owns the folder, as root."""
    owner = _account(settings.instance)
    wanted = "0700" if path == settings.keys else "0600"
    told = shlex.quote(str(path))
    return f"as root: chown {owner} {told} && chmod {wanted} {told}; if it is damaged, restore it"


def _owner(settings: Settings, path: Path) -> Iterator[Finding]:
    """Said only where it is wrong: a command that was once run as root leaves files that the server cannot read."""
    there, ours = path.stat(), settings.instance.stat()
    if there.st_uid != ours.st_uid:
        fault = f"is {_account(path)}, {settings.instance} belongs to {_account(settings.instance)}"
        yield Finding(f"owner of {path}", fault, taken_back(settings, path))


def _account(path: Path) -> str:
    """The owner's name; the number where the machine knows no name for it."""
    try:
        return path.owner()
    except KeyError:
        return str(path.stat().st_uid)
