"""A list of dossiers imported, against reading the same CSV with pyarrow and inserting its cells with sqlite3.

Both read the file from the disk and commit to the product's own two tables, rows and contacts, in a new database; the
reference checks nothing, hashes nothing and puts cells there as they stand, in an order that suits the indexes.
"""

from __future__ import annotations

import csv
import random
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from pyarrow import csv as arrow_csv

from survey import wave
from survey.commands.instance import make_instance
from survey.frames import frame
from survey.frames.headings import IGATE
from survey.keys import Keyring
from survey.store import Store
from tests.bench.pairing import Pairing, paired
from tests.bench.slips import WAVE

ROWS = 1_000_000
_OFFICES = [f"Sở số {number}" for number in range(18)]


def _wave_text() -> str:
    text = WAVE.replace('assesses = "own"', 'assesses = "dossier"\nmargins = ["channel"]')
    units = [f'[[unit]]\nid = "so_{n}"\nname.vi = "{name}"\nkind = "department"\n' for n, name in enumerate(_OFFICES)]
    return text.replace("[[place]]", "".join(units) + "[[place]]", 1)


def write_list(file: Path, rows: int) -> None:
    """A list of dossiers as a dossier system exports it; some persons have several."""
    made = random.Random(1)  # noqa: S311 - made-up rows, the same each time
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(IGATE)
        for number in range(rows):
            month, day = 1 + number % 12, 1 + number % 28
            writer.writerow([
                f"000.00.01.H15-{number:07d}", f"Thủ tục số {number % 400}", f"Lĩnh vực {number % 40}",
                _OFFICES[number % len(_OFFICES)], "", ("Trực tiếp", "Trực tuyến")[number % 2], "Mức độ 4",
                f"{day:02d}/{month:02d}/2025", f"{1 + number // 3 % 28:02d}/{month:02d}/2025",
                f"{1 + number // 7 % 28:02d}/{month:02d}/2025", f"0660{made.randrange(rows):08d}",
                f"Người số {number}", f"09{made.randrange(10**8):08d}",
            ])  # fmt: skip


def _made(instance: Path, folder: Path) -> tuple[Store, Keyring, wave.RegisteredWave]:
    settings = make_instance(instance)
    store, keyring = Store(settings.database), Keyring(settings)
    spec = wave.load(_wave_text(), "bench.toml")
    return store, keyring, wave.register(store, keyring, _clock, spec, *wave.documents_of(spec, folder))


def _import(folder: Path, file: Path, rows: int) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as instance:
        store, keyring, registered = _made(Path(instance), folder)
        done = frame.import_file(store, keyring, _clock, registered, "nguoi_dan", file)
        store.close()
    if done.rows_kept != rows:
        raise AssertionError(done)


def _clock() -> datetime:
    return datetime(2026, 2, 1, tzinfo=UTC)


def _bare(folder: Path, file: Path) -> None:
    at = {name: IGATE.index(name) for name in IGATE}
    with tempfile.TemporaryDirectory(dir=folder) as instance:
        store, _, _ = _made(Path(instance), folder)
        with store.write() as tx:
            for batch in arrow_csv.open_csv(file):
                cells = [column.to_pylist() for column in batch.columns]
                number, unit = cells[at["Số hồ sơ"]], cells[at["Cơ quan giải quyết"]]
                identity, name = cells[at["Mã định danh"]], cells[at["Người nộp"]]
                ids = [bytearray(each.encode()) for each in number]  # as ours: quicker for sqlite3 than bytes
                tx.connection.executemany(
                    "INSERT INTO frame_row (id, wave, grp, reference, identity, unit, place, fields)"
                    " VALUES (?, 'bench', 'nguoi_dan', ?, CAST(? AS BLOB), ?, '', ?)",
                    zip(ids, ids, identity, unit, cells[at["Thủ tục hành chính"]], strict=True),
                )
                tx.connection.executemany(
                    "INSERT INTO contact (frame_row, wave, name, phone, reference) VALUES (?, 'bench', ?, ?, ?)",
                    zip(ids, name, cells[at["Số điện thoại"]], number, strict=True),
                )
        store.close()


def run(rows: int = ROWS) -> Pairing:
    """Time both."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "ho_so.csv"
        write_list(file, rows)
        return paired(
            "frame",
            f"{rows:,} CSV rows imported: checked, hashed, contacts apart, doubles and shared contacts found",
            "pyarrow reads the CSV, sqlite3 executemany inserts cells into the same two tables",
            lambda: _import(folder, file, rows),
            lambda: _bare(folder, file),
            goal=2.0,
            runs=3,
        )
