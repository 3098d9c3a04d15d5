"""A closed wave: what its respondents said is sealed, mixed and waits for the key."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import copytree
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from analysis.dataset import Dataset, open_dataset
from survey import closing, freeze, responses, sealing
from survey.cli import phieu
from survey.freeze import Frozen
from survey.freeze import manifest as manifests

GOOD = {"used": "yes", "q1": "v3", "q2": "v2", "visits": 2}
Answer = Callable[..., None]


@pytest.fixture
def answer(scene) -> Answer:
    """Submit an invitation's form: answers by unit, ``respondent`` for what is asked once."""

    def submit(serial: int, person: Mapping[str, Any] | None = None, **about: Mapping[str, Any]) -> None:
        code = scene.code(serial)
        page = {(unit, item): value for unit, values in about.items() for item, value in values.items()}
        page |= {("", item): value for item, value in (person or {}).items()}
        wave = scene.wave
        responses.save_page(scene.store, scene.drafts, scene.keyring, scene.clock, wave, code, page, seen=0)
        receipt, tag = responses.fresh_receipt(scene.keys, code)
        done = responses.submit(scene.store, scene.drafts, scene.keyring, scene.clock, wave, code, receipt, tag, seen=0)
        assert done.outcome == responses.Outcome.RECEIVED

    return submit


@pytest.fixture
def closed(scene, answer) -> Any:
    """All 5 officials and all 6 citizens of so_a answered well; 4 of 5 citizens of so_b did."""
    for serial in range(1, 6):
        answer(serial, {"sex": "yes"}, so_a=GOOD, so_b={**GOOD, "q2": "v1", "why": ("rude",)}, so_c=GOOD)
    for serial in range(6, 12):
        answer(serial, {"sex": "no"}, so_a={**GOOD, "said": f"ý kiến {serial}"})
    for serial in range(12, 16):
        answer(serial, so_b={**GOOD, "said": "chỉ bốn người"})
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")
    return scene


@pytest.fixture
def keys(drawn) -> sealing.KeyPair:
    """The wave's key pair, which in this scene the server made."""
    file = drawn.keyring.private_file(drawn.identity)
    assert file is not None
    return sealing.read_private_pem(file.read_bytes())


@pytest.fixture
def frozen(closed, keys, tmp_path: Path) -> Frozen:
    """The closed wave's dataset."""
    return freeze.freeze(closed.store, closed.clock, closed.wave, keys, tmp_path / "dataset", who="test")


@pytest.fixture(scope="session")
def cold_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the dataset that is exported is kept, so that one wave is closed and frozen for all of these tests."""
    return tmp_path_factory.mktemp("exported") / "dataset"


@pytest.fixture
def dataset(cold_store: Path, request: pytest.FixtureRequest, tmp_path: Path) -> Dataset:
    """The closed wave's dataset, with every column a dataset may have: the pace of forms, too."""
    if not cold_store.exists():
        paced(request.getfixturevalue("frozen").folder).rename(cold_store)
    folder = tmp_path / "dataset"
    copytree(cold_store, folder)
    return open_dataset(folder)


def paced(folder: Path) -> Path:
    """The dataset with ``duration_band``, unknown of its first row."""
    table, book = pq.read_table(folder / "assessments.parquet"), open_dataset(folder).codebook
    at = table.column_names.index("base_weight")
    bands = pa.array([None, *(row % 3 for row in range(1, table.num_rows))], pa.int8())
    pq.write_table(table.add_column(at, "duration_band", bands), folder / "assessments.parquet")
    book["columns"].insert(at, {"name": "duration_band", "type": "int8"})
    manifests.write_json(book, folder / "codebook.json")
    sealed_again(folder)
    return folder


def sealed_again(folder: Path, **more: Any) -> Dataset:
    """The dataset with other facts in its manifest, and the hashes of its files as they are now."""
    told = {**open_dataset(folder, verify=False).manifest, **more}
    told.pop("files")
    other = [each for each in folder.iterdir() if each.name != "manifest.json"]
    told["files"] = {each.name: manifests.sha256(each) for each in sorted(other)}
    manifests.write_json(told, folder / "manifest.json")
    return open_dataset(folder)


def export(dataset: Dataset, form: str, file: Path, *more: str) -> Result:
    """``phieu export`` of a dataset."""
    return CliRunner().invoke(phieu, ["export", "--dataset", str(dataset.path), "--as", form, "-o", str(file), *more])


def renamed(dataset: Dataset, name: str) -> Dataset:
    """The dataset with another name for its first office."""
    first, *others = dataset.manifest["units"]
    return sealed_again(dataset.path, units=[{**first, "name": {**first["name"], "vi": name}}, *others])


def called(dataset: Dataset, names: Mapping[str, str]) -> Dataset:
    """The dataset with other ids for these of its items."""
    table, book = dataset.table(), json.loads((dataset.path / "codebook.json").read_text("utf-8"))
    for item in book["items"]:
        item["id"] = names.get(item["id"], item["id"])
    new = {}
    for column in (each for each in book["columns"] if each.get("item") in names):
        old, column["item"] = column["name"], names[column["item"]]
        new[old] = column["name"] = "__".join((column["item"], *old.split("__")[1:]))
    pq.write_table(
        table.rename_columns([new.get(name, name) for name in table.column_names]),
        dataset.path / "assessments.parquet",
    )
    manifests.write_json(book, dataset.path / "codebook.json")
    return sealed_again(dataset.path)


def worded(dataset: Dataset, texts: Mapping[str, str]) -> Dataset:
    """The dataset with other words for these of its items."""
    book = json.loads((dataset.path / "codebook.json").read_text("utf-8"))
    for item in book["items"]:
        if item["id"] in texts:
            item["text"] = {"vi": texts[item["id"]]}
    manifests.write_json(book, dataset.path / "codebook.json")
    return sealed_again(dataset.path)
