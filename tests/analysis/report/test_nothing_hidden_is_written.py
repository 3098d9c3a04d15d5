"""Every file of a pack is searched for the scores that must not be shown, and attacked with all that is shown.

What is hidden is known here from a second counting with k = 2. A token is a number as any writer prints it: a share or
a score in per cent with one or two decimals, by comma or point, or with four decimals and more. Tokens that some shown
number has as well tell nothing and are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import docx
import numpy as np
import openpyxl
import pytest
from scipy.optimize import linprog

from analysis import report
from analysis.compose import index_result
from analysis.dataset import Dataset
from analysis.report import annexes, data
from forms import framework
from tests.analysis.index.conftest import FRAMEWORK, UNITS, write_dataset
from tests.analysis.index.patterns import PATTERNS
from tests.analysis.report.reading import text_of

K = 10
APPRAISED = {unit: {"staff": 8.0, "plan": 40.0 + place} for place, unit in enumerate(UNITS)}
RULES = framework.load(FRAMEWORK, "small.toml")
Cell = tuple[str, str, str]


def counted(folder: Path, pattern: str, k: int) -> Dataset:
    """The pattern's offices; scores of small groups are odd ones, so that they are not met by chance."""
    random = np.random.default_rng(23)
    answers: dict[str, dict[str, list[dict[str, int]]]] = {"nguoi_dan": {}, "cong_chuc": {}}
    for unit, sizes in PATTERNS[pattern].items():
        for (group, units), size in zip(answers.items(), sizes, strict=True):
            asked = ["access_1", "access_2"] + (["staff_1"] if group == "nguoi_dan" else [])
            units[unit] = [{item: int(random.integers(0, 5)) for item in asked} for _ in range(size)]
    estimation = {"lonely": "adjust", "collapse": [], "valid": ["complete", "partial"], "n_min": 2}
    return write_dataset(folder, answers, k=k, estimation=estimation)


def published(dataset: Dataset) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(data.text(index_result(dataset, RULES, APPRAISED, draws=200)))
    return told


def scores(told: Mapping[str, Any]) -> Iterator[tuple[Cell, Mapping[str, Any]]]:
    for kind in told["kinds"]:
        for unit in (*kind["units"], *kind["unranked"]):
            for sub in unit["subcriteria"]:
                for group in sub["groups"]:
                    yield (unit["unit"], sub["id"], group["group"]), group


def tokens(value: float) -> set[str]:
    """A number as any writer might print it, where it has three digits or more."""
    said = {f"{100 * value:.1f}", f"{100 * value:.2f}", f"{value:.3f}", f"{value:.4f}", f"{value:.12g}"[:8]}
    said |= {each.replace(".", ",") for each in said}
    return {each for each in said if len(re.sub(r"^0[.,]|[.,]", "", each).strip("0")) >= 3}


def numbers_in(document: Any) -> Iterator[float]:
    if isinstance(document, dict):
        for value in document.values():
            yield from numbers_in(value)
    elif isinstance(document, list):
        for value in document:
            yield from numbers_in(value)
    elif isinstance(document, float):
        yield document


def written(place: Path) -> dict[str, str]:
    """The text of every file of a pack, by its name; what a reader or a program can take out of it."""
    found = {}
    for file in sorted(each for each in place.rglob("*") if each.is_file()):
        name = str(file.relative_to(place))
        match file.suffix:
            case ".pdf":
                found[name] = text_of(file)
            case ".docx":
                made = docx.Document(str(file))
                cells = (cell.text for table in made.tables for row in table.rows for cell in row.cells)
                found[name] = "\n".join((*(paragraph.text for paragraph in made.paragraphs), *cells))
            case ".xlsx":
                book = openpyxl.load_workbook(file)
                found[name] = "\n".join(str(cell) for sheet in book for row in sheet.values for cell in row if cell)
            case ".html":
                text = re.sub(r"<(style|script).*?</\1>", "", file.read_text("utf-8"), flags=re.S)
                found[name] = re.sub(r"<[^>]*>", " ", text)
            case ".csv" | ".json":
                found[name] = file.read_text("utf-8-sig")
            case ".png" | ".svg":
                continue  # drawn from the rows of the tables, which are searched
            case _:
                raise AssertionError(f"nobody has looked into {name}")
    return found


@pytest.fixture(scope="module", params=["small at every other unit", "one small group everywhere"])
def pack(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The files, what is published as data, and the true scores of what is hidden."""
    home = tmp_path_factory.mktemp("hidden")
    dataset, bare = counted(home / "k", request.param, K), counted(home / "bare", request.param, 2)
    result = index_result(dataset, RULES, APPRAISED, draws=200)
    (home / "pack").mkdir()
    report.write(home / "pack", result, RULES, dataset.manifest, annexes=annexes.of(dataset, result, RULES))
    told = published(dataset)
    true = {cell: score["score"] for cell, score in scores(published(bare))}
    hidden = {cell: true[cell] for cell, score in scores(told) if score["hidden"] and true[cell] is not None}
    return written(home / "pack"), told, hidden


def test_no_hidden_score_is_in_any_file(pack: Any) -> None:
    files, told, hidden = pack
    shown = {token for value in numbers_in(told) for token in tokens(value)}
    secret = {cell: tokens(score) - shown for cell, score in hidden.items()}
    assert len(hidden) >= 4 and sum(map(len, secret.values())) >= 12, "there is something to look for"
    kinds = {name.rpartition(".")[2] for name in files}
    assert kinds == {"html", "pdf", "docx", "xlsx", "csv", "json"}
    for name, text in files.items():
        said = set(re.findall(r"\d+[.,]\d+", text))
        said |= {each[:8] for each in said}
        for cell, wanted in secret.items():
            assert not wanted & said, (name, cell, wanted & said)


def test_the_search_finds_what_a_careless_writer_leaves(pack: Any) -> None:
    files, told, hidden = pack
    shown = {token for value in numbers_in(told) for token in tokens(value)}
    cell = next(cell for cell, score in hidden.items() if tokens(score) - shown)
    planted = files["index.html"] + f" {100 * hidden[cell]:.2f}".replace(".", ",")
    assert (tokens(hidden[cell]) - shown) & set(re.findall(r"\d+[.,]\d+", planted))


def test_no_count_of_a_small_group_is_in_the_open_tables(pack: Any) -> None:
    files, told, _ = pack
    for line in files["du-lieu-mo/luot-danh-gia-department.csv"].splitlines()[1:]:
        for said in line.split(",")[1:]:
            assert said in ("c", "") or int(said) == 0 or int(said) >= K, line
    assert all(row["n"] is None or row["n"] >= K for row in told["assessments"])


def test_counts_that_are_shown_leave_room_for_k_in_every_hidden_cell(pack: Any) -> None:
    """A linear programme over all that the pack prints of assessments: cells, and forms by group, by unit, in all."""
    _, told, _ = pack
    cells = [(row["unit"], row["group"]) for row in told["assessments"]]
    rows, sums = [], []
    for row in told["assessments"]:
        if row["n"] is not None:
            rows.append([float((row["unit"], row["group"]) == cell) for cell in cells])
            sums.append(row["n"])
    for place, what in enumerate(("rates_by_unit", "rates_by_group")):
        for rate in told[what]:
            if not rate["hidden"]:
                rows.append([float(cell[place] == next(iter(rate["by"].values()))) for cell in cells])
                sums.append(rate["valid"])
    assert rows
    for row in told["assessments"]:
        if row["n"] is None:
            aim = [-float((row["unit"], row["group"]) == cell) for cell in cells]
            most = linprog(aim, A_eq=rows, b_eq=sums, bounds=(0, None))
            assert most.success and -most.fun >= K, row
