"""Images of an SQLite store: rows with what the engine keeps beside them, free pages, the log's commits.

Formats: sqlite.org/fileformat2.html, §1.5 (freelist), §4 (WAL).
"""

from __future__ import annotations

import sqlite3
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

from survey.store import Place
from tests.anonymity.evidence import HIDDEN, Commit, Image

PLACED = ("invitation", "box", "receipt")  # rows whose place in the file is looked for
_HEADER, _FRAME = 32, 24


def image(database: Path) -> Image:
    """Copy the files as they lie there, log and all, and read them apart from the running store."""
    raw = _bytes(database)
    log = database.with_name(f"{database.name}-wal")
    written = _bytes(log) if log.exists() else b""
    return Image(_rows(database, raw), raw, _free(raw), tuple(_commits(raw, written)))


def _bytes(file: Path) -> bytes:
    """Read by a process of its own: whoever closes a file gives up all locks that SQLite has on it in this one, and
    who closes the database next would take himself for the last and remove the log (sqlite.org/howtocorrupt.html §2.2).
    """
    return subprocess.run(["/bin/cat", str(file)], check=True, capture_output=True).stdout  # noqa: S603


def carelessly_emptied(folder: Path, waiting: Image) -> Image:
    """What an image would be, had a store without ``secure_delete`` taken its inbox away."""
    file = folder / "careless.db"
    file.write_bytes(waiting.raw)
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA secure_delete = OFF")
    connection.execute("DELETE FROM inbox_box")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return image(file)


def said(place: Place) -> str:
    """What the engine tells about its work besides: nothing."""
    return ""


def _rows(database: Path, raw: bytes) -> dict[str, list[dict[str, object]]]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    found = {}
    for table in tables:
        columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        beside = "" if _without_rowid(connection, table) else f", rowid AS {HIDDEN}_rowid"
        rows = [dict(row) for row in connection.execute(f'SELECT *{beside} FROM "{table}"')]  # noqa: S608
        for row in rows if table in PLACED else ():
            # A long value is split over pages; its end stands whole on the last of them.
            blobs = [row[column] for column in columns if isinstance(row[column], bytes) and len(row[column]) >= 16]
            if blobs:
                row[f"{HIDDEN}_position"] = raw.find(blobs[-1][-64:])
        found[table] = rows
    connection.close()
    return found


def _without_rowid(connection: sqlite3.Connection, table: str) -> bool:
    try:
        connection.execute(f'SELECT rowid FROM "{table}" LIMIT 1')  # noqa: S608
    except sqlite3.OperationalError:
        return True
    return False


def _free(raw: bytes) -> bytes:
    """Every page of the freelist, leaves and trunks."""
    size = struct.unpack(">H", raw[16:18])[0]
    page = lambda number: raw[(number - 1) * size : number * size]  # noqa: E731
    trunk, found = struct.unpack(">I", raw[32:36])[0], bytearray()
    while trunk:
        content = page(trunk)
        found += content[8:]
        trunk, leaves = struct.unpack(">II", content[:8])
        for number in struct.unpack(f">{leaves}I", content[8 : 8 + 4 * leaves]):
            found += page(number)
    return bytes(found)


def _commits(raw: bytes, log: bytes) -> Iterator[Commit]:
    if len(log) < _HEADER:
        return
    size, salt = struct.unpack(">I", log[8:12])[0], log[16:24]
    now: dict[int, bytes] = {}
    pages: list[tuple[bytes, bytes]] = []
    for at in range(_HEADER, len(log) - size, _FRAME + size):
        number, commit = struct.unpack(">II", log[at : at + 8])
        if log[at + 8 : at + 16] != salt:
            return  # left over from an earlier turn of the log
        content = log[at + _FRAME : at + _FRAME + size]
        pages.append((now.get(number) or raw[(number - 1) * size : number * size], content))
        now[number] = content
        if commit:
            yield Commit(tuple(pages))
            pages = []
