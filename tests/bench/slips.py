"""QR slips against the bare cost of their QR matrices."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import qrcode
from qrcode.constants import ERROR_CORRECT_M

from forms import catalogue
from survey import config, wave
from survey.issuing import ExportRow
from survey.keys import Keyring
from survey.paper import qr, slips
from survey.sealing import generate_key_pair
from survey.store import Store
from tests.bench.pairing import Pairing, paired

SLIPS = 2_000
MOST = 10_000  # in one file: at most 15 s, 300 MB and 6 KB a slip on two cores
WAVE = """
id = "bench"
title.vi = "Đo tốc độ"
opens = 2026-03-01
closes = 2026-03-31
timezone = "Asia/Ho_Chi_Minh"
k = 5
[[unit]]
id = "so_tu_phap"
name.vi = "Sở Tư pháp"
kind = "department"
[[place]]
id = "trung_tam"
name.vi = "Trung tâm Phục vụ hành chính công"
[[group]]
id = "nguoi_dan"
name.vi = "Người dân"
questionnaire = "citizen"
assesses = "own"
design = { method = "census" }
"""


def _wave(folder: Path) -> wave.RegisteredWave:
    settings = config.Settings(folder)
    keyring = Keyring(settings)
    keyring.create_instance_key()
    store = Store(settings.database)
    store.migrate()
    spec = wave.load(WAVE, "bench.toml")
    wave.register(
        store,
        keyring,
        lambda: datetime(2026, 3, 1, tzinfo=UTC),
        spec,
        {"citizen": catalogue.questionnaire("citizen")},
        None,
        public_key=generate_key_pair().public,
        pilot=False,
        who="bench",
    )
    return wave.get(store, "bench")


def _rows(number: int) -> list[ExportRow]:
    """Links whose codes look as random as those of a wave: they compress as badly."""
    return [
        ExportRow(each, "nguoi_dan", ("so_tu_phap",), "trung_tam", "0000-0000-0000",
                  f"https://phieu.example.gov.vn/P/{each * 0x9E3779B97F4A7C15 % 10**12:012d}")
        for each in range(number)
    ]  # fmt: skip


def alone() -> dict[str, float]:
    """10,000 slips, and nothing else, in this process: seconds, the most memory it took, bytes a slip."""
    with tempfile.TemporaryDirectory() as folder:
        registered = _wave(Path(folder))
    rows = _rows(MOST)
    start, worked = time.perf_counter(), time.process_time()
    content = slips.pdf(registered, rows)
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    bytes_a_slip = len(content) / MOST
    return {"seconds": seconds, "processor_seconds": worked, "megabytes": most, "bytes_a_slip": bytes_a_slip}


def run() -> Pairing:
    """Time both."""
    rows = _rows(SLIPS)
    links = [row.url for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        registered = _wave(Path(folder))

    def bare() -> None:
        for link in links:
            code = qrcode.QRCode(version=4, error_correction=ERROR_CORRECT_M, mask_pattern=qr.MASK)
            code.add_data(slips.qr_text(link), optimize=0)
            code.make(fit=False)

    child = subprocess.run([sys.executable, "-m", "tests.bench.slips"], capture_output=True, check=True)
    made = paired(
        "slips",
        f"{SLIPS} QR slips to PDF",
        f"{SLIPS} QR matrices with qrcode at fixed version and mask",
        lambda: slips.pdf(registered, rows),
        bare,
        goal=2.5,
        runs=3,
    )
    return replace(made, facts=json.loads(child.stdout))


if __name__ == "__main__":
    print(json.dumps(alone()))
