"""A wave that is open today: 25 five-point items on five pages, so many invitations, so many of them answered."""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from survey import codes, seals, wave
from survey.commands.instance import make_instance
from survey.config import Settings
from survey.keys import Keyring, WaveKeys
from survey.sealing import OVERHEAD, generate_key_pair
from survey.store import DRAFT_MIGRATIONS, Store

PAGES, ITEMS = 5, 5
UNITS, GROUPS, STRATA = 33, 2, 3
_CHOICES = ("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng")
_HEAD = """
id = "bench"
title.vi = "Đo lường sự hài lòng của người dân về sự phục vụ của cơ quan hành chính"
opens = 2026-01-01
closes = 2199-12-31
timezone = "Asia/Ho_Chi_Minh"
hotline = "0262 3 999 999"
k = 5
[[place]]
id = "trung_tam"
name.vi = "Trung tâm Phục vụ hành chính công"
"""
_UNIT = '[[unit]]\nid = "so_{n}"\nname.vi = "Sở Tài nguyên và Môi trường, chi nhánh {n}"\nkind = "department"\n'
_GROUP = '[[group]]\nid = "nhom_{n}"\nname.vi = "Nhóm {n}"\nquestionnaire = "do_toc_do.toml"\nassesses = "dossier"\n'


@dataclass(frozen=True, slots=True)
class Answering:
    """An instance and what a load generator needs of it; the private key opens what it sent."""

    settings: Settings
    private: bytes
    codes: Path  # one a line, of invitations that nobody answered

    @property
    def store(self) -> Store:
        """The main database."""
        return Store(self.settings.database)


def now() -> datetime:
    """The machine's clock: the wave is open whenever this runs."""
    return datetime.now(UTC)


def questionnaire() -> str:
    """Five sections of five questions as long as such questions are."""
    said = ", ".join(f'{{ id = "v{n}", value = {n / 4 - 0.25}, vi = "{text}" }}' for n, text in enumerate(_CHOICES, 1))
    made = ['id = "do_toc_do"', "version = 1", "minutes = 5", 'title.vi = "Phiếu đo tốc độ"']
    made += ["[scale.hai_long]", f"choices = [{said}]"]
    for page in range(1, PAGES + 1):
        made += ["[[section]]", f'id = "p{page}"', f'title.vi = "Phần thứ {page}: tiếp cận dịch vụ"']
        for item in range(1, ITEMS + 1):
            made += ["[[section.item]]", f'id = "p{page}_{item}"', 'type = "scale"', 'scale = "hai_long"']
            made += [f'text.vi = "Ông/Bà hài lòng thế nào về nội dung {item} của phần {page} khi giải quyết hồ sơ?"']
    return "\n".join(made)


def scene(folder: Path, invitations: int, *, responses: int = 0, ready: int = 60_000, database: str = "") -> Answering:
    """Such a wave, with ``ready`` codes at most written down and ``responses`` others answered and mixed.

    ``database``: the address of a PostgreSQL database; files where there is none.
    """
    settings = make_instance(folder / "instance", database)
    store, keyring, pair = Store(settings.database), Keyring(settings), generate_key_pair()
    Store(settings.drafts, DRAFT_MIGRATIONS).migrate()
    (folder / "do_toc_do.toml").write_text(questionnaire(), "utf-8")
    text = _HEAD + "".join(_UNIT.format(n=n) for n in range(UNITS)) + "".join(_GROUP.format(n=n) for n in range(GROUPS))
    spec = wave.load(text, "bench.toml")
    made = wave.register(store, keyring, now, spec, *wave.documents_of(spec, folder), public_key=pair.public)
    keys, file = keyring.wave_keys("bench"), folder / "codes.txt"
    with store.write(durable=False) as tx:
        cells = list(itertools.product(range(UNITS), range(GROUPS), range(STRATA)))
        tx.connection.executemany(
            "INSERT INTO cell (wave, id, grp, stratum, wclass, margins, mode, units)"
            " VALUES ('bench', ?, ?, ?, '', '{}', 'qr', ?)",
            ((number, f"nhom_{group}", str(stratum), json.dumps([[f"so_{unit}", 1.0]]))
             for number, (unit, group, stratum) in enumerate(cells)),
        )  # fmt: skip
        tx.invitation_open_wave(wave="bench")
        seals.write(tx, now, made)
        _invite(tx.connection, keys, invitations, len(cells), responses)
        if responses:
            _answered(tx.connection, responses, made.box_bytes + OVERHEAD)
    store.truncate_log()
    store.close()
    first, last = (responses + 1, min(invitations, responses + ready)) if responses else (1, min(invitations, ready))
    file.write_text("".join(f"{codes.derive(keys.code, serial, 0)}\n" for serial in _spread(first, last)))
    return Answering(settings, pair.private, file)


def _spread(first: int, last: int) -> Iterator[int]:
    """All of them, neighbours apart."""
    step = 7919
    count = last - first + 1
    return (first + number * step % count for number in range(count)) if count % step else iter(range(first, last + 1))


def _invite(run: Any, keys: WaveKeys, invitations: int, cells: int, responses: int) -> None:
    rows = sorted(
        (
            codes.lookup(keys.lookup, codes.derive(keys.code, n, 0)),
            n,
            n % cells,
            "issued" if n > responses else "answered",
        )
        for n in range(1, invitations + 1)
    )
    columns = ("lookup", "serial", "cell", "state", "wave", "place")
    _fill(run, "invitation", columns, ((*row, "bench", "trung_tam") for row in rows))


def _answered(run: Any, responses: int, size: int) -> None:
    """Boxes and receipts of the right sizes that nobody opens."""
    ids = sorted(os.urandom(16) for _ in range(responses))
    hashes = sorted(os.urandom(32) for _ in range(responses))
    # As little to be pressed together as what is sealed.
    _fill(run, "box", ("id", "wave", "box", "seal"), ((each, "bench", os.urandom(size), 0) for each in ids))
    _fill(run, "receipt", ("hash", "wave", "seal"), ((each, "bench", 0) for each in hashes))


def _fill(run: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    names = ", ".join(columns)
    if isinstance(run, sqlite3.Connection):
        run.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows)  # noqa: S608
    else:
        run.copy(f"COPY {table} ({names}) FROM STDIN", rows)
