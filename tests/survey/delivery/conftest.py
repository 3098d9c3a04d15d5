"""A wave with slips at a one-stop shop, at an office's own counter, letters, interviews and staff about their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey import issuing, wave
from survey.cli import phieu
from survey.config import Settings
from survey.invitations import Invitation, from_row
from survey.keys import Keyring
from survey.plan import wave_file
from survey.store import Store
from survey.wave import RegisteredWave
from tests.conftest import QUESTIONNAIRE, SetClock

WAVE = """
id = "giao"
title.vi = "Khảo sát sự hài lòng"
opens = 2026-03-01
closes = 2026-03-31
hotline = "0262 000 000"
[authority]
name.vi = "Ủy ban nhân dân tỉnh"
plan = "12/KH-UBND"
date = 2026-02-03
[return]
name = "Sở Nội vụ"
address = "Số 01 Lê Duẩn, phường Buôn Ma Thuột"
prepaid = "BƯU PHÍ ĐÃ TRẢ"
[[unit]]
id = "so_a"
name.vi = "Sở A"
kind = "department"
[[unit]]
id = "so_b"
name.vi = "Sở B"
kind = "department"
[[place]]
id = "trung_tam"
name.vi = "Trung tâm"
[[place]]
id = "quay_a"
name.vi = "Quầy Sở A"
unit = "so_a"
[[group]]
id = "dan"
name.vi = "Người dân"
questionnaire = "nho.toml"
assesses = "dossier"
[[group]]
id = "nha"
name.vi = "Hộ dân"
questionnaire = "nho.toml"
assesses = "dossier"
mode = "interview"
[[group]]
id = "cong_chuc"
name.vi = "Công chức"
questionnaire = "nho.toml"
assesses = "own"
"""
# cell: group, mode, unit, place of its rows
CELLS = (
    ("dan", "qr", "so_a", "trung_tam"), ("dan", "qr", "so_a", "quay_a"), ("dan", "qr", "so_b", "quay_a"),
    ("dan", "qr", "so_a", "so_a"), ("cong_chuc", "qr", "so_a", "so_a"), ("nha", "interview", "so_b", "trung_tam"),
)  # fmt: skip
EACH = 5


@dataclass
class Desk:
    """Whoever hands slips over."""

    settings: Settings
    store: Store
    drafts: Store
    keyring: Keyring
    clock: SetClock
    folder: Path

    @property
    def wave(self) -> RegisteredWave:
        """The wave as it stands."""
        return wave.get(self.store, "giao")

    def all(self) -> list[Invitation]:
        """Every invitation."""
        with self.store.read() as tx:
            return [from_row(row) for row in tx.invitation_all(wave="giao")]

    def of(self, group: str, unit: str, place: str) -> list[int]:
        """The serials of a cell."""
        return [one.serial for one in self.all() if (one.group, one.unit_ids, one.place) == (group, (unit,), place)]

    def put(self, serial: int, state: str) -> None:
        """Set a state behind everybody's back."""
        self.store.connection.execute("UPDATE invitation SET state = ? WHERE serial = ?", (state, serial))

    def state(self, serial: int) -> str:
        """What the store says."""
        row = self.store.connection.execute("SELECT state FROM invitation WHERE serial = ?", (serial,)).fetchone()
        return str(row["state"])

    def logged(self) -> list[str]:
        """The actions in the log."""
        return [row[0] for row in self.store.connection.execute("SELECT action FROM audit ORDER BY number")]

    def lines(self, name: str, *numbers: int) -> str:
        """A text file with a number a line."""
        file = self.folder / name
        file.write_text("\n".join(map(str, numbers)) + "\n", "utf-8")
        return str(file)

    def run(self, *arguments: str) -> str:
        """Run ``phieu``; a refusal raises."""
        result = CliRunner().invoke(
            phieu, ["--instance", str(self.settings.instance), *arguments], catch_exceptions=False,
            standalone_mode=False,
        )  # fmt: skip
        return result.output


@pytest.fixture
def desk(
    settings: Settings, store: Store, draft_store: Store, keyring: Keyring, clock: SetClock, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:  # fmt: skip
    """Thirty invitations, five a cell; everybody but the third of each cell has a name and an address."""
    monkeypatch.setattr("survey.clock.now", clock)
    (tmp_path / "nho.toml").write_text(QUESTIONNAIRE, "utf-8")
    (settings.instance / "phieu.toml").write_text('base_url = "https://ks.tinh.vn"\n', "utf-8")
    spec = wave_file.load(WAVE, "wave.toml")
    wave.register(store, keyring, clock, spec, *wave.documents_of(spec, tmp_path))
    with store.write() as tx:
        run = tx.connection.execute
        for group in ("dan", "nha", "cong_chuc"):
            run("INSERT INTO draw (wave, grp, number, salt, list_hash, design, listed_at) VALUES "
                "('giao', ?, 1, x'00', 'h', '{}', '2026-02-01')", (group,))  # fmt: skip
        for cell, (group, mode, unit, place) in enumerate(CELLS, start=1):
            run("INSERT INTO cell (wave, id, grp, stratum, wclass, margins, mode, units) VALUES "
                "('giao', ?, ?, 'all', 'all', '{}', ?, ?)", (cell, group, mode, f'[["{unit}", 1.0]]'))  # fmt: skip
            for number in range(EACH):
                row = bytes([cell, number]) * 8
                run("INSERT INTO frame_row (id, wave, grp, reference, unit, place, fields) VALUES "
                    "(?, 'giao', ?, ?, ?, ?, '{}')", (row, group, row, unit, place))  # fmt: skip
                run("INSERT INTO draw_row (wave, grp, number, row_id, frame_row, stratum, cell) VALUES "
                    "('giao', ?, 1, ?, ?, 'all', ?)", (group, row.hex(), row, cell))  # fmt: skip
                address = None if number == 2 else f"Thôn {number}, xã {cell}"
                run("INSERT INTO contact (frame_row, wave, name, phone, address) VALUES (?, 'giao', ?, '0900', ?)",
                    (row, f"Nguyễn Văn {cell}{number}", address))  # fmt: skip
    issuing.issue(store, keyring, clock, wave.get(store, "giao"), who="test")
    return Desk(settings, store, draft_store, keyring, clock, tmp_path)
