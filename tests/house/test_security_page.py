"""docs/security.md names every requirement of ASVS 5.0.0 of levels 1 and 2 once, with what shows it."""

from __future__ import annotations

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
