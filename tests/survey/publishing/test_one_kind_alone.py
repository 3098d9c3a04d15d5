"""Results of one kind of units are published: nothing tells of an office of another."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.dataset import open_dataset
from analysis.evidence import Apart
from analysis.report import annexes, kinds_alone
from analysis.told_rounds import CellChange, Rounds
from survey.commands.publication import counted
from survey.publishing import packs
from survey.publishing.inputs import Inputs
from tests.bench import pack_scene

pytestmark = pytest.mark.usefixtures("drawn_once")  # none of it judges a chart

_NONE = dict.fromkeys(("open", "called", "declined", "not_reached", "not_received", "not_self", "told_how"), 0)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """Three departments and three districts; forms came in bursts about one of each, which calls asked after."""
    files = pack_scene.write(tmp_path_factory.mktemp("scene"), 6, 600)
    manifest = files.dataset / "manifest.json"
    told = json.loads(manifest.read_text("utf-8"))
    number = {"forms": 40, "busiest_hour": 30, "busiest_day": 35, "crowded": 20, "marks": ["hour"]}
    units = [unit["id"] for unit in told["units"]]
    calls = {"drawn": 9, **_NONE}
    told["fieldwork"] = {
        "arrivals": [{"group": "nguoi_dan", "unit": unit, **number} for unit in units],
        "keyed": [{"group": "nguoi_dan", "unit": unit, "forms": 40, "busiest_day": 9, "compared": 20, "differed": 15,
                   "marked": True} for unit in units],
        "control": {"all": calls, "by_unit": [{"unit": unit, **calls} for unit in units], "by_mode": [],
                    "by_cell": [{"unit": unit, "mode": "qr", "interviewer": None, **calls, "called": 9}
                                for unit in units],
                    "by_interviewer": []},
    }  # fmt: skip
    manifest.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    return Inputs(files.dataset, pack_scene.FRAMEWORK, files.appraised, aims=files.targets)


def _told(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file that can be read as text, workbooks and documents unpacked."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".xlsx", ".docx"):
            with zipfile.ZipFile(file) as members:
                for name in members.namelist():
                    yield f"{file.name}/{name}", members.read(name).decode("utf-8", "replace")
        elif file.is_file() and file.name != "inputs.json":  # which is not published
            yield file.name, file.read_bytes().decode("utf-8", "replace")


def _naming(folder: Path, unit: str, name: str) -> list[str]:
    words = (name, f'"{unit}"', f"{unit},", f"/{unit}.")
    return [file for file, text in _told(folder) if any(word in text for word in words)]


def test_no_file_of_the_pack_names_an_office_of_the_other_kind(given: Inputs, tmp_path: Path) -> None:
    packs.write(tmp_path, given, counted, kinds=("department",))
    units = json.loads((given.dataset / "manifest.json").read_text("utf-8"))["units"]
    for unit in units:
        found = _naming(tmp_path, unit["id"], unit["name"]["vi"])
        assert bool(found) == (unit["kind"] == "department"), (unit["id"], found)


def test_marks_and_corrections_of_other_kinds_are_left_out(given: Inputs) -> None:
    dataset = open_dataset(given.dataset, verify=False)
    result, framework = counted(given, dataset)
    kinds = {unit["id"]: unit["kind"] for unit in dataset.manifest["units"]}
    change = CellChange("appraised", "", "plan", 1.0, 2.0, "", "", "", "")
    result = replace(
        result,
        kinds=tuple(kind for kind in result.kinds if kind.kind == "department"),
        rounds=Rounds((), tuple(replace(change, unit=unit) for unit in kinds), ""),
    )
    beside_it = annexes.of(dataset, result, framework)
    marks = tuple(Apart("highest", "nguoi_dan", unit) for unit in kinds)
    beside_it = replace(beside_it, evidence=replace(beside_it.evidence, apart=marks))
    result, beside_it, manifest = kinds_alone.alone(result, beside_it, dataset.manifest)
    ours = [unit for unit, kind in kinds.items() if kind == "department"]
    assert [mark.unit for mark in beside_it.evidence.apart] == ours
    assert [each.kind for each in beside_it.evidence.repeated] == ["department"]
    assert result.rounds is not None and [each.unit for each in result.rounds.changes] == ours
    assert [row["unit"] for row in manifest["fieldwork"]["control"]["by_unit"]] == ours
    assert [row["unit"] for row in manifest["fieldwork"]["control"]["by_cell"]] == ours
    assert [row["unit"] for row in manifest["fieldwork"]["keyed"]] == ours
    assert [row["unit"] for row in manifest["fieldwork"]["arrivals"]] == ours
    assert len(dataset.manifest["fieldwork"]["arrivals"]) == len(kinds)
