"""A manifest or codebook that lacks something, or says something of another type, is a fault and never a crash."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.compose import index_result
from analysis.dataset import open_dataset
from forms.faults import Faults
from forms.framework import Framework
from forms.shape import NUMBER, Day, Each, Maybe, OneOf, faults

OTHERS = (None, True, 0, -1, 1.5, "", "x", [], {}, ["x"], [None], {"x": 1}, [[1]])


def paths(document: Any) -> list[tuple[Any, ...]]:
    inside = document.items() if isinstance(document, dict) else enumerate(document)
    nested = {key: paths(value) if isinstance(value, dict | list) else [] for key, value in inside}
    return [(key, *rest) for key, below in nested.items() for rest in ((), *below)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_dataset_is_refused_or_counted(
    build: Any, usual: Any, small: Framework, appraised: Any, tmp_path: Path, data: st.DataObject
) -> None:
    folder = tmp_path / "dataset"
    if not folder.exists():
        build(usual)
    name = data.draw(st.sampled_from(["manifest.json", "codebook.json"]))
    before = (folder / name).read_bytes()
    document = json.loads(before)
    *way, last = data.draw(st.sampled_from(paths(document)))
    place = document
    for key in way:
        place = place[key]
    if data.draw(st.booleans()):
        del place[last]
    else:
        place[last] = data.draw(st.sampled_from(OTHERS))
    (folder / name).write_text(json.dumps(document), "utf-8")
    try:
        with contextlib.suppress(Faults):
            index_result(open_dataset(folder, verify=False), small, appraised, draws=50)
    finally:
        (folder / name).write_bytes(before)


SHAPE = {"a": int, "b?": [str], "c": Each(bool), "d": Maybe(NUMBER), "e": OneOf(("x", "y")), "f": Day()}
GOOD: dict[str, Any] = {"a": 1, "c": {"k": True}, "d": None, "e": "x", "f": "2026-03-01"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, []),
        ({"b": ["t"], "d": 1.5, "g": "unknown names are let be"}, []),
        ({"a": True}, ["a is true, but must be a whole number"]),
        ({"b": ["t", 2]}, ["b[1] is 2, but must be a text"]),
        ({"b": "t"}, ["b is 't', but must be a list"]),
        ({"c": {"k": True, "l": 1}}, ["c.l is 1, but must be true or false"]),
        ({"c": []}, ["c is [], but must be an object"]),
        ({"d": "1", "e": "z"}, ["d is '1', but must be a number", "e is 'z', but must be one of x, y"]),
        ({"f": "20260301"}, ["f is '20260301', but must be a day as YYYY-MM-DD"]),
        ({"f": 3}, ["f is 3, but must be a day as YYYY-MM-DD"]),
        ({"f": "1 March"}, ["f is '1 March', but must be a day as YYYY-MM-DD"]),
    ],
)
def test_shapes_say_what_is_other(change: dict[str, Any], said: list[str]) -> None:
    assert list(faults({**GOOD, **change}, SHAPE)) == said
    assert list(faults({}, {"a": int})) == ["a is missing"]
    assert list(faults(7, {"a": int})) == ["the document is 7, but must be an object"]
