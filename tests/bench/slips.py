"""QR slips against the bare cost of their QR matrices."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import qrcode

from forms import catalogue
from survey import config, wave
from survey.issuing import ExportRow
from survey.keys import Keyring
from survey.paper import slips
from survey.sealing import generate_key_pair
from survey.store import Store
from tests.bench.pairing import Pairing, paired

SLIPS = 2_000
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


def run() -> Pairing:
    """Time both."""
    links = [f"https://phieu.example.gov.vn/P/{number:012d}" for number in range(SLIPS)]
    rows = [
        ExportRow(number, "nguoi_dan", ("so_tu_phap",), "trung_tam", "0000-0000-0000", link)
        for number, link in enumerate(links)
    ]
    with tempfile.TemporaryDirectory() as folder:
        registered = _wave(Path(folder))

    def bare() -> None:
        for link in links:
            code = qrcode.QRCode(version=4, error_correction=slips.ERROR_CORRECT_M, mask_pattern=slips.MASK)
            code.add_data(slips.qr_text(link), optimize=0)
            code.make(fit=False)

    return paired(
        "slips",
        f"{SLIPS} QR slips to PDF",
        f"{SLIPS} QR matrices with qrcode at fixed version and mask",
        lambda: slips.pdf(registered, rows),
        bare,
        goal=2.5,
        runs=3,
    )
