"""docs/vi/so-tay-van-hanh.md leads to the same server as the runbook, and a block that is pasted destroys nothing."""

from __future__ import annotations

import re
from pathlib import Path

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


def test_a_secret_is_closed_in_the_block_that_makes_it() -> None:
    (made,) = [block for block in blocks(MANUAL) if any("openssl rand" in line for line in block)]
    assert "chmod 0600 /etc/phieu/backup.words" in made
