"""Waves with frames, made from lines of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import wave
from survey.cli import phieu
from survey.clock import Clock
from survey.frames import frame
from survey.frames.frame import Imported
from survey.keys import Keyring
from survey.plan import wave_file
from survey.store import Store
from survey.wave import RegisteredWave

QUESTIONNAIRE = """
id = "ngan"
version = 1
minutes = 1
title.vi = "Phiếu ngắn"
[[section]]
id = "one"
title.vi = "Một"
[[section.item]]
id = "q1"
type = "single"
choices = [ { id = "yes", vi = "Có" }, { id = "no", vi = "Không" } ]
text.vi = "Có hài lòng không?"
"""
HEAD = """id = "w"
title.vi = "Đo lường sự hài lòng năm 2026"
opens = 2026-03-01
closes = 2026-03-31
hotline = "0262 3 800 800"
"""
UNITS = {"so_tu_phap": "Sở Tư pháp", "so_y_te": "Sở Y tế", "huyen_lak": "Huyện Lắk"}
HEADING = ("Số hồ sơ", "Cơ quan giải quyết", "Kênh nộp", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày trả kết quả",
           "Mã định danh", "Người nộp", "Số điện thoại")  # fmt: skip


def wave_text(
    groups: str, *, head: str = HEAD, units: dict[str, str] = UNITS, kind: str = "department", tail: str = ""
) -> str:
    """A wave file; ``groups`` are its [[group]] tables."""
    made = [head]
    for identity, name in units.items():
        made.append(f'[[unit]]\nid = "{identity}"\nname.vi = "{name}"\nkind = "{kind}"\n')
    made.append('[[place]]\nid = "mot_cua"\nname.vi = "Bộ phận Một cửa"\n')
    return "".join(made) + groups + tail


def group_text(identity: str, assesses: str, design: str, more: str = "") -> str:
    """A [[group]] table."""
    return (
        f'[[group]]\nid = "{identity}"\nname.vi = "Nhóm {identity}"\nquestionnaire = "ngan.toml"\n'
        f'assesses = "{assesses}"\ndesign = {design}\n{more}\n'
    )


DOSSIERS = group_text(
    "dan", "dossier", '{ method = "stratified", by = ["unit", "channel"], n = 60, min = 12 }', 'margins = ["channel"]'
)


@dataclass
class Office:
    """Whoever sets up a wave and imports lists, at the command line or below it."""

    instance: Path
    folder: Path
    store: Store
    keyring: Keyring
    clock: Clock

    def write(self, name: str, content: str | bytes) -> Path:
        """A file in the scratch folder."""
        file = self.folder / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def register(self, text: str) -> RegisteredWave:
        """A wave from its file's text."""
        self.write("ngan.toml", QUESTIONNAIRE)
        spec = wave_file.load(text, "wave.toml")
        return wave.register(self.store, self.keyring, self.clock, spec, *wave.documents_of(spec, self.folder))

    def csv(self, name: str, rows: Sequence[Sequence[str]], heading: Sequence[str] = HEADING) -> Path:
        """A CSV file."""
        return self.write(name, "\n".join(",".join(row) for row in (heading, *rows)) + "\n")

    def load(self, registered: RegisteredWave, group: str, file: Path, **options: object) -> Imported:
        """Import a file."""
        return frame.import_file(
            self.store,
            self.keyring,
            self.clock,
            registered,
            group,
            file,
            **options,  # type: ignore[arg-type]
        )

    def faults(self, registered: RegisteredWave, group: str, file: Path, **options: object) -> list[str]:
        """Import a file that must be refused; nothing may change."""
        before = self.dump()
        with pytest.raises(Faults) as caught:
            self.load(registered, group, file, **options)
        assert self.dump() == before
        return [str(fault) for fault in caught.value.faults]

    def dump(self) -> list[str]:
        """The whole database as text."""
        return list(self.store.connection.iterdump())

    def run(self, *arguments: str) -> str:
        """Run ``phieu``; return what it prints. A refusal raises as in the program."""
        result = CliRunner().invoke(
            phieu, ["--instance", str(self.instance), *arguments], catch_exceptions=False, standalone_mode=False
        )
        return result.output

    def exit_code(self, *arguments: str) -> tuple[int, str]:
        """Run ``phieu``; return its status and what it prints."""
        result = CliRunner().invoke(phieu, ["--instance", str(self.instance), *arguments])
        return result.exit_code, result.output


@pytest.fixture
def office(store: Store, keyring: Keyring, clock: Clock, tmp_path: Path) -> Office:
    """An office with an empty instance, whose links lead somewhere."""
    (tmp_path / "instance" / "phieu.toml").write_text('base_url = "https://ks.tinh.vn"\n', "utf-8")
    return Office(tmp_path / "instance", tmp_path, store, keyring, clock)


def dossier(number: int, unit: str, channel: str = "Trực tiếp", person: str = "") -> list[str]:
    """A row of a dossier list."""
    return [f"HS-{number:04d}", unit, channel, f"{1 + number % 28:02d}/01/2026", "05/02/2026", "10/02/2026",
            person or f"0660{number:08d}", f"Người số {number}", f"09{number:08d}"]  # fmt: skip


@pytest.fixture
def dossiers() -> Callable[..., list[list[str]]]:
    """Makes dossiers: ``{unit: (counter, online)}``."""

    def make(counts: dict[str, tuple[int, int]]) -> list[list[str]]:
        rows: list[list[str]] = []
        for unit, (counter, online) in counts.items():
            for channel in ["Trực tiếp"] * counter + ["Trực tuyến"] * online:
                rows.append(dossier(len(rows), unit, channel))
        return rows

    return make
