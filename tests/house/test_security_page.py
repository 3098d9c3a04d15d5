"""docs/security.md names every requirement of ASVS 5.0.0 of levels 1 and 2 once, with what shows it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/security.md").read_text("utf-8")

# section:numbers of levels 1 and 2
ASVS = """
1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1 3.2:1-2 3.3:1-4 3.4:1-6 3.5:1-5 3.7:1-2
4.1:1-3 4.2:1 4.3:1-2 4.4:1-4 5.1:1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12 6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3
6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2 8.2:1-3 8.3:1 8.4:1 9.1:1-3 9.2:1-4 10.1:1-2
10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2 10.7:1-3 11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1 11.6:1
12.1:1-3 12.2:1-2 12.3:1-4 13.1:1 13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3
15.3:1-7 16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3 17.1:1 17.2:1-4 17.3:1-2
"""
ROW = re.compile(r"^\| (\d[^|]*) \| (met|n/a|open) \| ([^|]+) \| ?([^|]*)\|$", re.MULTILINE)


def span(first: str, last: str) -> range:
    return range(int(first), int(last or first) + 1)


def required() -> set[str]:
    found = set()
    for section, told in (each.split(":") for each in ASVS.split()):
        for part in told.split(","):
            first, _, last = part.partition("-")
            found |= {f"{section}.{number}" for number in span(first, last)}
    return found


def assessed() -> Iterator[str]:
    for numbers, *_ in ROW.findall(TEXT):
        for part in numbers.strip().split(", "):
            first, _, last = part.partition("–")
            section, _, number = first.rpartition(".")
            yield from (f"{section}.{each}" for each in span(number, last.rpartition(".")[2]))


def test_every_requirement_of_level_2_is_assessed_once() -> None:
    told = Counter(assessed())
    assert required() - set(told) == set(), "not assessed"
    assert set(told) - required() == set(), "no such number at level 2"
    assert [number for number, times in told.items() if times > 1] == []


def test_what_is_met_names_a_file_that_exists() -> None:
    rows = ROW.findall(TEXT)
    assert len(rows) > 80
    for numbers, state, _, shown in rows:
        files = re.findall(r"`([^`]+)`", shown)
        assert files or state != "met", numbers
        assert [file for file in files if not (ROOT / file).exists()] == [], numbers


def test_the_dossier_of_the_security_level_rests_on_files_that_exist() -> None:
    page = (ROOT / "docs/vi/ho-so-cap-do-an-toan.md").read_text("utf-8")
    files = re.findall(r"`((?:docs|survey|tests)/[^`]+)`", page)
    assert len(files) > 15
    assert [file for file in files if not (ROOT / file).exists()] == []
    assert "[security.md](../security.md)" in page and "cơ quan tự kiểm tra" in page.lower()


# What would reach another machine, or make objects of bytes that somebody sent.
CLIENTS = frozenset("urllib.request http.client requests httpx aiohttp ftplib telnetlib xmlrpc socket".split())
UNPACKERS = frozenset("pickle marshal shelve dill cloudpickle yaml".split())
# The demonstration answers its own server; a free port is looked for; telling whether a port is taken.
ALLOWED = {
    "survey/demo/browser.py": frozenset({"http.client"}),
    "survey/demo/crowd.py": frozenset({"http.client", "socket"}),
    "survey/commands/serve.py": frozenset({"socket"}),
}
REASON = re.compile(r"# noqa: (S\d+) ?(?:- \w|\()")


def product() -> Iterator[tuple[str, str]]:
    for folder in ("forms", "analysis", "survey"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield str(file.relative_to(ROOT)), file.read_text("utf-8")


def test_no_module_reaches_another_machine_but_for_mail_and_the_database_or_unpickles() -> None:
    for name, text in product():
        imported = set()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                imported |= {each.name for each in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported |= {str(node.module), *(f"{node.module}.{each.name}" for each in node.names)}
        allowed = ALLOWED.get(name, frozenset())
        assert imported & (CLIENTS | UNPACKERS) <= allowed, (name, imported & (CLIENTS | UNPACKERS))


def test_each_rule_that_is_set_aside_has_its_reason_beside_it_and_in_the_page() -> None:
    section = TEXT.partition("## Rules of the linter")[2].partition("\n## ")[0]
    told = {
        (rule, folder)
        for rule, folders in re.findall(r"^\| (S\d+) \| ([^|]+) \|", section, re.MULTILINE)
        for folder in re.findall(r"`([^`]+)`", folders)
    }
    found = set()
    for name, text in product():
        lines = text.splitlines()
        for at, line in enumerate(lines):
            for rule in re.findall(r"noqa: (S\d+)", line):
                above = "\n".join(lines[max(0, at - 4) : at])
                assert REASON.search(line) or f"# {rule}: " in above, (name, at + 1)
                found.add((rule, str(Path(name).parent)))
    assert found == told
