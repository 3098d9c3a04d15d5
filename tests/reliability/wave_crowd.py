"""People of a large wave, several at once in one process; what receipts they were shown goes to a file.

``python -m tests.reliability.wave_crowd PORT CODES FIRST EVERY RECEIPTS``: of the file of codes every so manyth.
"""

from __future__ import annotations

import gzip
import http.client
import re
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from tests.bench.answering import ITEMS, PAGES

THREADS, PATIENCE = 4, 120.0
_HIDDEN = re.compile(r'name="(receipt|tag|revision)" value="(\w+)"')
_SHOWN = re.compile(r'id="receipt"[^>]*>([0-9A-Z-]{19})<')
_HEAD = {"Accept-Encoding": "gzip"}
_FORM = _HEAD | {"Content-Type": "application/x-www-form-urlencoded"}


class Phone:
    """One connection after the other; asks again when the line broke."""

    def __init__(self, port: int) -> None:
        self._wire = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method: str, path: str, body: str | None, wanted: int) -> str:
        """The page that came back, whose status is ``wanted``."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self._wire.request(method, path, body, _HEAD if body is None else _FORM)
                answer = self._wire.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException):
                self._wire.close()
                if time.monotonic() > end:
                    raise
                continue
            assert answer.status == wanted, (method, path.rpartition("/")[2], answer.status)
            packed = answer.headers.get("Content-Encoding") == "gzip"
            return (gzip.decompress(content) if packed else content).decode()

    def answer(self, code: str) -> str:
        """A whole response, page by page; the receipt that was shown."""
        root = f"/P/{code}"
        self.ask("GET", root, None, 200)
        self.ask("POST", root, "begin=1", 303)
        for page in range(1, PAGES + 1):
            self.ask("GET", f"{root}/{page}", None, 200)
            told = "&".join(f"p{page}_{item}=v{(page + item) % 5 + 1}" for item in range(1, ITEMS + 1))
            self.ask("POST", f"{root}/{page}", f"revision={page - 1}&{told}", 303)
        hidden = dict(_HIDDEN.findall(self.ask("GET", f"{root}/check", None, 200)))
        body = "&".join(f"{name}={value}" for name, value in hidden.items())
        return str(_SHOWN.findall(self.ask("POST", f"{root}/submit", body, 200))[0])


def _answer(port: int, codes: Iterator[str], turn: threading.Lock, receipts: TextIO) -> None:
    phone = Phone(port)
    while True:
        with turn:
            code = next(codes, None)
        if code is None:
            return
        receipt = phone.answer(code)
        with turn:
            receipts.write(f"{receipt}\n")


def crowd(port: int, codes: list[str], file: Path) -> None:
    """Have everybody answer."""
    turn, waiting = threading.Lock(), iter(codes)
    with file.open("w", encoding="ascii") as receipts:
        crew = [threading.Thread(target=_answer, args=(port, waiting, turn, receipts)) for _ in range(THREADS)]
        for member in crew:
            member.start()
        for member in crew:
            member.join()


if __name__ == "__main__":
    port, first, every = int(sys.argv[1]), int(sys.argv[3]), int(sys.argv[4])
    crowd(port, Path(sys.argv[2]).read_text("ascii").split()[first::every], Path(sys.argv[5]))
