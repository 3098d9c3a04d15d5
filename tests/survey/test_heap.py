"""Free pieces between those in use are taken; threads share arenas. Each in a process of its own, which it changes."""

from __future__ import annotations

import json
import platform
import subprocess
import sys

import pytest

from survey import heap, sealing

HOLES = """
import json
from survey import heap
kept = [bytes(700) for _ in range(4000)]
del kept[::2]
libc = heap._glibc()
before = libc.mallinfo2()
filled = heap.fill_holes()
after = libc.mallinfo2()
print(json.dumps([before.fordblks - before.keepcost, filled, after.fordblks - after.keepcost]))
"""
ARENAS = """
import ctypes, json, threading
from survey import heap
{share}
together = threading.Barrier(12)
kept = []
def work():
    together.wait()
    kept.append([bytes(700) for _ in range(100)])
    together.wait()
threads = [threading.Thread(target=work) for _ in range(12)]
[each.start() for each in threads]; [each.join() for each in threads]
libc = ctypes.CDLL(None)
libc.open_memstream.restype = ctypes.c_void_p
libc.fclose.argtypes, libc.malloc_info.argtypes = [ctypes.c_void_p], [ctypes.c_int, ctypes.c_void_p]
text, size = ctypes.c_char_p(), ctypes.c_size_t()
stream = libc.open_memstream(ctypes.byref(text), ctypes.byref(size))
libc.malloc_info(0, stream); libc.fclose(stream)
print(json.dumps(text.value.decode().count("<heap nr=")))
"""
CHILDREN = """
import json, os
from survey import sealing
sealing.settle()
told = []
for _ in range(4):
    read, write = os.pipe()
    if not os.fork():
        pair = sealing.generate_key_pair()
        box = sealing.seal(b"", pair.public, b"", 4)
        os.write(write, (pair.public + box + os.urandom(8)).hex().encode())
        os._exit(0)
    os.wait()
    told.append(os.read(read, 4096).decode())
print(json.dumps([[each[:64], each[64:128], each[-16:]] for each in told]))
"""
glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of glibc's allocator")


def told(script: str) -> object:
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)  # noqa: S603
    return json.loads(done.stdout)


@glibc
def test_no_hole_is_left() -> None:
    free, filled, left = told(HOLES)  # type: ignore[misc]
    assert free > 1_000_000, "the test makes some"
    assert left < 60_000 and filled > 0.95 * free


@glibc
def test_threads_share_arenas() -> None:
    alone, together = (told(ARENAS.format(share=share)) for share in ("", "heap.share_arenas()"))
    assert together == heap.ARENAS < alone  # type: ignore[operator]


def test_elsewhere_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap.ctypes, "CDLL", lambda name: object())
    heap.share_arenas()
    assert heap.fill_holes() == 0


def test_processes_that_part_afterwards_share_no_randomness() -> None:
    drawn = [value for child in told(CHILDREN) for value in child]  # type: ignore[attr-defined]
    assert len(drawn) == len(set(drawn)) == 12, "key pairs, encapsulated keys, the system's own"


def test_sealing_is_settled_with_no_key_of_anybodys(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[bytes] = []
    whole = sealing._unpad
    monkeypatch.setattr(sealing, "_unpad", lambda padded: opened.append(whole(padded)) or whole(padded))
    sealing.settle()
    assert opened == [b"", b""], "a box and a draft, both opened again"
