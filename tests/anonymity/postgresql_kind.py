"""Images of a PostgreSQL store: rows with what the engine keeps beside them, dead rows, the log's transactions.

Formats: src/include/storage/bufpage.h and itemid.h (pages), access/xlogrecord.h and xlog_internal.h (the log),
access/heapam_xlog.h (what an insert and an update write there). The server of tests writes no whole pages into its log
(``full_page_writes``), which makes the log easier to read, not harder.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg.rows import dict_row

from survey.store import Address, Place
from tests.anonymity import sqlite_kind
from tests.anonymity.evidence import HIDDEN, Commit, Image

PASSING = ("inbox_box", "inbox_receipt", "draft", "keyed_form")  # tables whose rows are to be gone one day
PLACED = ("invitation", "box", "receipt", "inbox_box", "inbox_receipt")
_PAGE, _ALIGNED, _HEAP, _SPENT = 8192, 8, 10, b"answer"  # the end of “answered” may stand in the row before
Spot = tuple[int, int, int]  # file of a table, page, row in it


def image(place: Place) -> Image:
    """The log first: nothing that is asked afterwards can make it shorter. Of a file (a backup), what lies in it."""
    if isinstance(place, Path):
        return sqlite_kind.image(place)
    folder = Path(parse_qs(urlsplit(place.url).query)["host"][0])
    log = b"".join(_pages(folder / "data/pg_wal"))
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pageinspect")
        tables = _tables(connection)
        raw = b"".join(page for table in PASSING for page, _ in _heap(connection, table))
        free = b"".join(_without(page, live) for table in PASSING for page, live in _heap(connection, table))
        files = {name: connection.execute("SELECT pg_relation_filenode(%s::regclass)", (name,)).fetchone()[0]  # type: ignore[index]
                 for name in PLACED}  # fmt: skip
        number = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()[0]  # type: ignore[index]
    spots = {(files["invitation"], *row[f"{HIDDEN}_spot"]): row["lookup"] for row in tables["invitation"]}
    return Image(tables, raw, free, tuple(_commits(log, number, files["invitation"], spots)))


def carelessly_emptied(folder: Path, waiting: Image) -> Image:
    """What an image would be, had a mixer deleted its inbox and left the rest to a vacuum."""
    return Image(waiting.tables, waiting.raw, waiting.raw, waiting.log)


def said(place: Address) -> str:
    """What a server tells about its work: its log, and what its views show of statements."""
    folder = Path(parse_qs(urlsplit(place.url).query)["host"][0])
    with psycopg.connect(place.url) as connection:
        shown = connection.execute("SELECT string_agg(query, ' ') FROM pg_stat_activity").fetchone()
    return (folder / "log").read_text("utf-8", "replace") + str(shown)


def _tables(connection: psycopg.Connection[Any]) -> dict[str, list[dict[str, Any]]]:
    names = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    found = {}
    with connection.cursor(row_factory=dict_row) as cursor:
        for name in names:
            beside = f", ctid::text AS at, xmin::text::bigint AS {HIDDEN}_xmin" if name in PLACED else ""
            found[name] = cursor.execute(f"SELECT *{beside} FROM {name}").fetchall()  # type: ignore[call-overload]  # noqa: S608
    for name in PLACED:
        long = _long_values(connection, name)
        for row in found[name]:
            page, number = row[f"{HIDDEN}_spot"] = tuple(map(int, row.pop("at")[1:-1].split(",")))
            row[f"{HIDDEN}_position"] = page << 16 | number
            row[f"{HIDDEN}_rowid"] = long.get(bytes(row.get("box", b""))[:64], row[f"{HIDDEN}_xmin"])
    return found


def _toast(connection: psycopg.Connection[Any], table: str) -> str | None:
    """The table of the long values of a table."""
    row = connection.execute(
        "SELECT reltoastrelid::regclass::text FROM pg_class WHERE oid = %s::regclass AND reltoastrelid <> 0", (table,)
    ).fetchone()
    return row[0] if row else None


def _long_values(connection: psycopg.Connection[Any], table: str) -> dict[bytes, int]:
    """Beginning of a long value → the number that the engine gave it as it came."""
    toast = _toast(connection, table)
    if toast is None:
        return {}
    rows = connection.execute(f"SELECT substr(chunk_data, 1, 64), chunk_id FROM {toast} WHERE chunk_seq = 0")  # type: ignore[call-overload]  # noqa: S608
    return dict(rows.fetchall())


def _heap(connection: psycopg.Connection[Any], table: str) -> Iterator[tuple[bytes, set[int]]]:
    """Each page of a table and of its long values, as the server has it now, with the numbers of its living rows."""
    for name in filter(None, (table, _toast(connection, table))):
        live: dict[int, set[int]] = {}
        for (at,) in connection.execute(f"SELECT ctid::text FROM {name}"):  # type: ignore[call-overload]  # noqa: S608
            page, number = map(int, at[1:-1].split(","))
            live.setdefault(page, set()).add(number)
        pages = connection.execute("SELECT pg_relation_size(%s::regclass) / 8192", (name,)).fetchone()[0]  # type: ignore[index]
        for page in range(pages):
            content = connection.execute("SELECT get_raw_page(%s, %s)", (name, page)).fetchone()[0]  # type: ignore[index]
            yield content, live.get(page, set())


def _without(page: bytes, live: set[int]) -> bytes:
    """A page with its living rows taken out."""
    left = bytearray(page)
    lower = struct.unpack_from("<H", page, 12)[0]
    for number in range(1, (lower - 24) // 4 + 1):
        item = struct.unpack_from("<I", page, 24 + 4 * (number - 1))[0]
        at, length = item & 0x7FFF, item >> 17
        if number in live:
            left[at : at + length] = bytes(length)
    return bytes(left)


def _pages(folder: Path) -> Iterator[bytes]:
    """Every page of the log by its address, those of files that are kept to be used again too, without its head.

    Where pages are missing between, zeros stand; a page begins in the middle of a record more often than not.
    """
    found: dict[int, bytes] = {}
    for file in folder.iterdir():
        if len(file.name) == 24:
            content = file.read_bytes()
            for at in range(0, len(content), _PAGE):
                magic, info, _, address, _ = struct.unpack_from("<HHIQI", content, at)
                if magic & 0xFF00 == 0xD100:
                    found[address] = content[at + (40 if info & 2 else 24) : at + _PAGE]
    before = None
    for address in sorted(found):
        if before is not None and address != before + _PAGE:
            yield bytes(_PAGE)
        before = address
        yield found[address]


def _commits(log: bytes, database: int, invitations: int, spots: dict[Spot, bytes]) -> Iterator[Commit]:
    """By transaction: all that its records say, with the invitations that it spent written out."""
    by: dict[int, bytearray] = {}
    for transaction, kind, record in _records(log):
        told = by.setdefault(transaction, bytearray())
        told += record
        if kind[0] == _HEAP and kind[1] & 0x70 in (0x20, 0x40) and _SPENT in record:
            blocks, main = _parts(record)
            if blocks and blocks[0][:2] == (database, invitations):
                lookup = spots.get((invitations, blocks[0][2], struct.unpack_from("<H", main, 12)[0]))
                told += bytes(64) + (lookup + bytes(16) + b"answered" + bytes(200) if lookup else b"")
    yield from (Commit([(b"", bytes(told))]) for told in by.values())


def _records(log: bytes) -> Iterator[tuple[int, tuple[int, int], bytes]]:
    """Transaction, (resource manager, info) and bytes of every record; after a gap from the next that reads well."""
    at = 0
    while at + 24 <= len(log):
        length, transaction, _, info, manager = struct.unpack_from("<IIQBB", log, at)
        if 24 <= length <= len(log) - at and manager < 30 and log[at + 18 : at + 20] == b"\0\0":
            yield transaction, (manager, info), log[at : at + length]
            at += (length + _ALIGNED - 1) // _ALIGNED * _ALIGNED
        else:
            at += _ALIGNED


def _parts(record: bytes) -> tuple[list[tuple[int, int, int]], bytes]:
    """(database, file, page) of each block that a record is about, and its main data."""
    at, blocks, main = 24, [], 0
    known = (0, 0)
    while at < len(record):
        number = record[at]
        if number in (255, 254):
            main = record[at + 1] if number == 255 else struct.unpack_from("<I", record, at + 1)[0]
            break
        if number == 253:
            at += 3
            continue
        if number == 252:
            at += 5
            continue
        if number > 32:
            return [], b""
        flags = record[at + 1]
        at += 4
        if flags & 0x10:
            _, _, told = struct.unpack_from("<HHB", record, at)
            at += 5 + (2 if told & 0x1C and told & 0x01 else 0)
        if not flags & 0x80:
            _, *place = struct.unpack_from("<III", record, at)
            known = (place[0], place[1])
            at += 12
        blocks.append((*known, struct.unpack_from("<I", record, at)[0]))
        at += 4
    return blocks, record[len(record) - main :] if main else b""
