"""Every key of a TOML file is found on its line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forms.catalogue import FOLDER
from forms.positions import line_of, positions

TRICKY = '''\
# a comment with [brackets] = "and quotes
top = 1 # after
"quoted.key" = 'x = [1]'
dotted.inner . deep = """
[not.a.table]
a = "\\""" """
[table] # comment = 2
when = 2026-03-01 10:00:00
list = [ 1, # one ]
  [2, 3],
  { a = 1, b.c = "}" },
]
literal = \'\'\'
]]\'\'\'
[[rows]]
id = "first"
[[rows.cells]]
id = "a"
[[rows.cells]]
id = "b"
[rows.more]
key = true
[[rows]]
id = "second"
[[rows.cells]]
id = "c"
'''


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield (*path, key)
            yield from leaves(below, (*path, key))
    elif isinstance(value, list):
        for place, below in enumerate(value):
            yield (*path, place)
            yield from leaves(below, (*path, place))


def test_tricky_toml_is_walked_like_tomllib_reads_it() -> None:
    lines = positions(TRICKY)
    assert set(lines) == set(leaves(tomllib.loads(TRICKY)))
    expected = {
        ("top",): 2,
        ("quoted.key",): 3,
        ("dotted", "inner", "deep"): 4,
        ("table",): 7,
        ("table", "when"): 8,
        ("table", "list", 0): 9,
        ("table", "list", 1, 1): 10,
        ("table", "list", 2, "b", "c"): 11,
        ("table", "literal"): 13,
        ("rows", 0): 15,
        ("rows", 0, "cells", 1, "id"): 20,
        ("rows", 0, "more", "key"): 22,
        ("rows", 1): 23,
        ("rows", 1, "cells", 0): 25,
        ("rows", 1, "cells", 0, "id"): 26,
    }
    assert {path: lines[path] for path in expected} == expected


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.toml")), ids=lambda file: file.name)
def test_every_key_of_the_shipped_files_stands_on_its_line(file: Path) -> None:
    source = file.read_text("utf-8")
    lines, rows = positions(source), source.split("\n")
    paths = list(leaves(tomllib.loads(source)))
    assert set(paths) == set(lines)
    for path in paths:
        if isinstance(path[-1], str):
            assert path[-1] in rows[lines[path] - 1]


def test_what_is_absent_is_placed_at_what_surrounds_it() -> None:
    lines = positions("a = 1\n[[b]]\nc = 2\n")
    assert line_of(lines, ("b", 0, "missing", "deeper")) == 2
    assert line_of(lines, ("nowhere",)) is None


def test_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(ValueError, match="accepted by tomllib"):
        positions("=")
