"""What a server's processes share of their memory stays shared until one of them writes there: how to have few write.

Of glibc's allocator alone; other systems do without.
"""

from __future__ import annotations

import ctypes
from typing import Any

ARENAS = 2  # of memory a process; by default each thread has one of its own, half of it free
KEPT_BYTES = 64 * 1024  # of free memory at the end of an arena
_TRIM_THRESHOLD, _ARENA_MAX = -1, -8  # of mallopt
_SIZES = (65_536, 16_384, 4_096, 2_048, 1_024, 768, 512, 384, 256, 192, 128, 96, 64, 48, 32, 24)


class _Info(ctypes.Structure):
    """``struct mallinfo2``: free bytes, and how many of them lie at the end."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    ]
    fordblks: int
    keepcost: int


def share_arenas() -> None:
    """Have the threads of a process share two arenas, and give back what they had in use: many threads wait, and few
    are at work."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
        libc.mallopt(_ARENA_MAX, ARENAS)


def fill_holes() -> int:
    """Take every free piece between those in use, for good; return the bytes. What a process allocates later comes from
    fresh pages. Else each small piece would go into another hole, and one connection to SQLite copy 3 MB of pages."""
    libc = _glibc()
    if libc is None:
        return 0
    before = libc.mallinfo2()
    for size in _SIZES:
        while (now := libc.mallinfo2()).fordblks - now.keepcost >= size:
            if libc.malloc(size) is None or libc.mallinfo2().keepcost != now.keepcost:
                break  # no hole is so large: it came from the end
    after = libc.mallinfo2()
    return int(before.fordblks - before.keepcost) - int(after.fordblks - after.keepcost)


def _glibc() -> Any:
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallinfo2"):
        return None
    libc.mallinfo2.restype, libc.malloc.restype = _Info, ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    return libc
