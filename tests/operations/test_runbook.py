"""docs/operations.md: every `phieu` line exists, and its console blocks print, in order, what they say."""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey.cli import phieu
from tests.house.commands_in_pages import commands, wrong
from tests.operations.proxies import program
from tests.survey.backup.earlier_schemas import LAST, earlier

RUNBOOK = Path(__file__).parents[2] / "docs" / "operations.md"
TEXT = RUNBOOK.read_text("utf-8")
CHAPTERS = ("Install", "TLS", "Backup", "Restore", "Upgrade", "Incident", "Key rotation")
PLAIN = ("openssl", "chmod", "mv", "rm")  # what else its console blocks run


@dataclass(frozen=True)
class Line:
    """A command of a console block, and what is printed under it."""

    chapter: str
    words: tuple[str, ...]
    printed: tuple[str, ...]


def lines(text: str) -> list[Line]:
    found = []
    for chapter in re.split(r"(?m)^## \d ", text)[1:]:
        name = chapter.partition("\n")[0]
        for block in re.findall(r"```console\n(.*?)```", chapter, re.DOTALL):
            for told in re.split(r"(?m)^\$ ", block)[1:]:
                command, *printed = told.splitlines()
                found.append(Line(name, tuple(shlex.split(command)), tuple(printed)))
    return found


def missing(printed: tuple[str, ...], said: str) -> list[str]:
    """Lines that were not said in this order; three points stand for anything."""
    rest, lost = said.splitlines(), []
    for line in printed:
        pattern = re.compile(".*".join(map(re.escape, line.split("…"))))
        place = next((number for number, each in enumerate(rest) if pattern.fullmatch(each)), None)
        if place is None:
            lost.append(line)
        else:
            rest = rest[place + 1 :]
    return lost


class Machine:
    """The folders that the runbook names, somewhere else; its wave is that of the instance of an earlier schema."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("etc", "backups"):
            (folder / name).mkdir()

    def here(self, text: str) -> str:
        for there, name in (("/var/lib/phieu", "lib"), ("/var/backups/phieu", "backups"), ("/etc/phieu", "etc")):
            text = text.replace(there, str(self.folder / name))
        return text.replace("cchc_2026", "nho")

    def ages(self) -> None:
        """Between the chapters an earlier version served an open wave here."""
        (self.folder / "lib").rename(self.folder / "young")
        earlier(self.folder / "lib", LAST, 0)
        (self.folder / "lib" / "phieu.toml").write_text('base_url = "https://khaosat.example.vn"\n', "utf-8")

    def has_an_administrator(self) -> None:
        """The earlier version's had none yet."""
        told = ["user", "add", "quan_tri", "--role", "administrator", "--full-name", "A", "--office", "B"]
        assert CliRunner().invoke(phieu, told).exit_code == 0

    def types(self, line: Line) -> tuple[int, str]:
        words = [self.here(word) for word in line.words]
        if words[0] == "phieu":
            try:
                done = CliRunner().invoke(phieu, words[1:], catch_exceptions=False, prog_name="phieu")
            except Faults as faults:  # which the program prints so
                return 2, "".join(f"phieu: {fault}\n" for fault in faults.faults)
            return done.exit_code, done.output
        assert words[0] in PLAIN, words
        ran = subprocess.run([program(words[0]), *words[1:]], capture_output=True, text=True, check=False)  # noqa: S603
        return ran.returncode, ran.stdout


def test_the_chapters_are_there_and_every_command_of_them_can_be_run() -> None:
    assert re.findall(r"(?m)^## \d (.+)$", TEXT) == list(CHAPTERS)
    told = list(commands(TEXT)) + [list(line.words[1:]) for line in lines(TEXT) if line.words[0] == "phieu"]
    assert len(told) > 40
    assert [fault for words in told if (fault := wrong(words))] == []


def test_what_the_console_blocks_type_is_answered_as_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(tmp_path)
    monkeypatch.setenv("PHIEU_INSTANCE", machine.here("/var/lib/phieu"))
    monkeypatch.delenv("PHIEU_PASSPHRASE", raising=False)
    chapter = ""
    for line in lines(TEXT):
        if line.chapter != chapter:
            chapter = line.chapter
            {"Upgrade": machine.ages, "Incident": machine.has_an_administrator}.get(chapter, lambda: None)()
        status, said = machine.types(line)
        expected = tuple(machine.here(each) for each in line.printed)
        assert missing(expected, said) == [], (line.words, said)
        faulty = any(each.startswith("FAULT") for each in expected)
        refused = any(each.startswith("phieu: ") for each in expected)
        assert status == (1 if faulty else 2 if refused else 0), (line.words, said)


def test_a_line_that_is_not_printed_is_missed() -> None:
    assert missing(("a …", "c"), "a 1\nb\nc\n") == []
    assert missing(("c", "a …"), "a 1\nb\nc\n") == ["a …"]
    (line,) = lines("## 1 Install\n\n```console\n$ phieu init --nothing\nready\n```\n")
    assert line == Line("Install", ("phieu", "init", "--nothing"), ("ready",))
    assert wrong(list(line.words[1:])) == "“init --nothing” has no --nothing"
