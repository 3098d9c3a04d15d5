"""docs/vi/so-tay-van-hanh.md leads to the same server as the runbook, and a block that is pasted destroys nothing."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey.cli import phieu
from survey.commands.instance import make_instance
from survey.config import load
from survey.store import MIGRATIONS, Store
from tests.postgresql import Server

DOCS = Path(__file__).parents[2] / "docs"
MANUAL = (DOCS / "vi" / "so-tay-van-hanh.md").read_text("utf-8")
RUNBOOK = (DOCS / "operations.md").read_text("utf-8")


def blocks(text: str) -> list[list[str]]:
    """Lines to type, block by block: indented by four or more behind a blank line, and no list or table."""
    found = re.findall(r"(?m)(?<=\n\n)((?: {4,}\S.*\n)+)", text)
    return [[line.strip() for line in block.splitlines()] for block in found]


def test_accounts_folders_program_and_units_are_made_as_in_the_runbook() -> None:
    install = MANUAL[MANUAL.index("## Cài đặt và phục vụ") : MANUAL.index("## Nhật ký máy chủ")]
    typed = [line for block in blocks(install) for line in block if not line.startswith("phieu ")]
    own = ("install -d -m 0700 /etc/ssl/phieu", "install -m 06", "cp /opt/phieu/docs/operations/nginx.conf")
    assert len(typed) > 12
    assert [line for line in typed if line not in RUNBOOK and not line.startswith((*own, "install -m 0644"))] == []


def test_what_the_units_need_is_made_before_they_start() -> None:
    start = MANUAL.index("systemctl enable --now phieu-public phieu-desk")
    for unit in (DOCS / "operations" / "systemd").glob("*.service"):
        told = unit.read_text("utf-8")
        (user,) = re.findall(r"(?m)^User=(.+)$", told)
        assert f"useradd --system --home-dir /var/lib/{user} " in MANUAL[:start]
        for folder in {*re.findall(r"(?m)^(?:WorkingDirectory|ReadWritePaths)=(.+)$", told)}:
            assert folder in MANUAL[:start], folder
    assert "python3 -m venv /opt/phieu/venv" in MANUAL[:start] and "phieu init" in MANUAL[:start]


def test_what_replaces_data_is_typed_alone() -> None:
    (lines,) = [block for block in blocks(MANUAL) if any("--yes" in line for line in block)]
    assert len(lines) == 1 and lines[0].startswith("phieu restore ")


def test_the_monthly_drills_go_as_they_are_typed(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into files, and into an empty database of the server that serves; what is in use stays as it was."""
    monkeypatch.delenv("PHIEU_DATABASE", raising=False)
    used, empty = server.empty(), server.empty()
    settings = make_instance(tmp_path / "lib", used.url)
    (tmp_path / "words").write_text("ba con gà trống ngoài sân\n", "utf-8")
    monkeypatch.setenv("PHIEU_INSTANCE", str(settings.instance))
    drill = MANUAL[MANUAL.index("**Khôi phục thử mỗi tháng.**") : MANUAL.index("Ghi vào sổ: ngày thử")]
    typed = [line for block in blocks(drill) for line in block if line.startswith("phieu ")]
    assert len(typed) == 5
    store = Store(settings.database)
    for line in typed:
        here = line.replace("postgresql:///phieu_thu", empty.url).replace(
            "/etc/phieu/backup.words", str(tmp_path / "words")
        )
        done = CliRunner().invoke(phieu, shlex.split(here.replace("/var/backups/phieu", str(tmp_path)))[1:])
        told = [each for each in done.output.splitlines() if each.startswith("FAULT")]
        assert [
            each for each in told if not each.startswith(("FAULT  server: fsync", "FAULT  server: full_page"))
        ] == []
        assert done.exit_code == bool(told), (line, done.output, done.exception)
        if " backup " in line:
            before = store.row_counts()
    assert store.row_counts() == before
    store.close()
    restored = load(tmp_path / "thu-pg")
    assert restored.database == empty and load(tmp_path / "thu").database == tmp_path / "thu" / "phieu.db"
    there = Store(restored.database)
    assert there.version() == len(MIGRATIONS)
    there.close()


def test_a_secret_is_closed_in_the_block_that_makes_it() -> None:
    (made,) = [block for block in blocks(MANUAL) if any("openssl rand" in line for line in block)]
    assert "chmod 0640 /etc/phieu/backup.words" in made
