"""Runs a command as one of our units would let it: its filter of system calls, no memory written and run, no powers.

``python -m tests.operations.confined UNIT COMMAND …``. What else a unit says (files, devices, addresses) needs systemd.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
NO_NEW_PRIVILEGES, NO_WRITE_AND_EXECUTE, DROP_FROM_BOUND = 38, 65, 24


def told(unit: Path, key: str) -> list[str]:
    """Every value of a key, in order."""
    return re.findall(rf"(?m)^{key}=(.*)$", unit.read_text("utf-8"))


def members(names: list[str]) -> set[str]:
    """System calls by name, their groups (“@system-service”) unfolded."""
    found: set[str] = set()
    for name in names:
        if not name.startswith("@"):
            found.add(name)
            continue
        listed = subprocess.run(  # noqa: S603 - a group that a unit of ours names
            [shutil.which("systemd-analyze") or "systemd-analyze", "syscall-filter", name, "--no-pager"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        inside = [line.strip() for line in listed.stdout.splitlines()[1:]]
        found |= members([each for each in inside if each and not each.startswith("#")])
    return found


def allowed(unit: Path) -> set[str]:
    """What the unit's SystemCallFilter= lines leave."""
    calls: set[str] = set()
    for line in told(unit, "SystemCallFilter"):
        if line.startswith("~"):
            calls -= members(line[1:].split())
        else:
            calls |= members(line.split())
    return calls


def confine(unit: Path) -> None:
    """Bind this process and all that it becomes."""
    libc, filters = ctypes.CDLL(None, use_errno=True), ctypes.CDLL("libseccomp.so.2")
    filters.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(filters.seccomp_init(ctypes.c_uint32(REFUSE)))
    for name in allowed(unit):
        number = filters.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            filters.seccomp_rule_add(context, ctypes.c_uint32(ALLOW), number, 0)
    os.umask(int(told(unit, "UMask")[0], 8))
    for power in range(64):
        libc.prctl(DROP_FROM_BOUND, power, 0, 0, 0)
    for what, value in ((NO_NEW_PRIVILEGES, 1), (NO_WRITE_AND_EXECUTE, 1)):
        if libc.prctl(what, value, 0, 0, 0) and what == NO_NEW_PRIVILEGES:
            raise OSError(ctypes.get_errno(), "prctl")
    if filters.seccomp_load(context):
        raise OSError("the filter was refused")


if __name__ == "__main__":
    confine(Path(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - what the test names
