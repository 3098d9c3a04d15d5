"""Fewer than k answered one of several items: whatever they said, everything published is the same."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from analysis.compose import index_result
from analysis.dataset import open_dataset
from analysis.report import annexes, data
from forms import framework
from forms.faults import Faults
from forms.framework import Framework
from tests.analysis.index.conftest import FRAMEWORK, UNITS, Build

FEW: Mapping[str, tuple[list[int], list[int]]] = {  # what they may have answered, at each office
    "so_a": ([4, 0], [0, 1]), "so_b": ([1], [4]), "so_c": ([4, 4, 1], [0, 1, 2]), "so_d": ([0] * 4, [4] * 4),
}  # fmt: skip


@pytest.fixture
def four() -> Framework:
    """A share over four items, as the survey of satisfaction counts them."""
    items = '["staff_1", "staff_2", "staff_3", "staff_4"]'
    return framework.load(FRAMEWORK.replace('["staff_1"]', items), "four.toml")


def _answers(which: int) -> dict[str, dict[str, list[dict[str, int]]]]:
    random = np.random.default_rng(3)
    citizens = {}
    for unit in UNITS:
        said = FEW[unit][which]
        rows = [{f"staff_{item}": int(random.integers(1, 5)) for item in (1, 2, 3)} for _ in range(12)]
        rows = [row | {"access_1": 3, "access_2": 2, "staff_4": -1} for row in rows]
        for row, answer in zip(rows, said, strict=False):
            row["staff_4"] = answer
        citizens[unit] = rows
    officials = {unit: [{"access_1": 3, "access_2": 1} for _ in range(9)] for unit in UNITS}
    return {"nguoi_dan": citizens, "cong_chuc": officials}


def _told(document: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every number and word of a document, but those drawn by a lot or a hash of the dataset."""
    if isinstance(document, Mapping):
        for key, value in document.items():
            if key not in ("dataset", "dataset_hash", "hash", "seed"):
                yield from _told(value, f"{path}.{key}")
    elif isinstance(document, list):
        for at, value in enumerate(document):
            yield from _told(value, f"{path}[{at}]")
    else:
        yield path, document


def _published(build: Build, rules: Framework, which: int) -> dict[str, Any]:
    appraised = {unit: {"staff": 8.0, "plan": 40.0 + at} for at, unit in enumerate(UNITS)}
    dataset = dataclasses.replace(build(_answers(which), name=f"d{which}"), hash="0" * 64)  # lots are drawn by it
    result = index_result(dataset, rules, appraised, draws=200)
    documents = [data.text(result), data.text(annexes.of(dataset, result, rules))]
    return dict(_told([json.loads(text) for text in documents]))


def test_what_few_said_changes_nothing_that_is_published(build: Build, four: Framework) -> None:
    one, other = (_published(build, four, which) for which in (0, 1))
    assert {path: (one[path], other.get(path)) for path in one if one[path] != other.get(path)} == {}
    assert one.keys() == other.keys() and len(one) > 300


def test_what_k_of_them_said_counts(build: Build, four: Framework) -> None:
    appraised = {unit: {"staff": 8.0, "plan": 40.0} for unit in UNITS}
    scores = []
    for low in (0, 4):
        answers = _answers(0)
        for row in answers["nguoi_dan"]["so_a"][:5]:
            row["staff_4"] = low
        result = index_result(build(answers, name=f"d{low}"), four, appraised, draws=50)
        unit = next(each for each in result.kinds[0].units if each.unit == "so_a")
        scores.append(next(sub.groups[0].score for sub in unit.subcriteria if sub.id == "staff"))
    n, low, high = 12 * 3 + 5, *scores
    assert high - low == pytest.approx(5 / n)


def test_an_item_without_choices_is_a_fault(build: Build, four: Framework) -> None:
    dataset = build(_answers(0))
    codebook = json.loads((dataset.path / "codebook.json").read_text("utf-8"))
    next(item for item in codebook["items"] if item["id"] == "staff_2")["choices"] = []
    (dataset.path / "codebook.json").write_text(json.dumps(codebook), "utf-8")
    appraised = {unit: {"staff": 8.0, "plan": 40.0} for unit in UNITS}
    with pytest.raises(Faults, match="counts the item “staff_2”, which has no choices"):
        index_result(open_dataset(dataset.path, verify=False), four, appraised, draws=50)


def test_a_note_says_which_items_do_not_count(build: Build, four: Framework) -> None:
    appraised = {unit: {"staff": 8.0, "plan": 40.0} for unit in UNITS}
    result = index_result(build(_answers(0)), four, appraised, draws=50)
    (told,) = [str(each) for each in result.notes if each.kind == "few_answers"]
    assert told == (
        "nguoi_dan: items that fewer than 5 of an office's respondents answered do not count there, 4 times: staff_4"
    )
