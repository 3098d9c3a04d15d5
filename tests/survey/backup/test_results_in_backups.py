"""Datasets, figures, reports and publications: in a backup where asked, found again in an instance that was moved."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import audit, health
from survey.backup import making, restoring, results
from survey.cli import phieu
from survey.config import load
from survey.publishing import shelf
from survey.store import Store
from tests.conftest import Scene
from tests.survey.backup.quick import QUICK, WORDS, answer

pytestmark = pytest.mark.usefixtures("drawn_once")  # none of it judges a chart

MANIFEST = b'{"interim": false}'


@pytest.fixture
def counted(scene: Scene) -> Scene:
    """A wave with a dataset, as a freeze leaves it in folder and log, a report and what is published of it."""
    answer(scene, 6)
    home = scene.settings.instance
    for name, content in (
        ("datasets/nho/1/manifest.json", MANIFEST), ("datasets/nho/.2.half/manifest.json", b"{}"),
        ("reports/nho/1/báo cáo.pdf", b"%PDF"), ("published/nho/1/index.html", b"<html>"),
    ):  # fmt: skip
        (home / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / name).write_bytes(content)
        (home / name).chmod(0o600)
    (home / "reports" / "link").symlink_to("/etc/passwd")
    with scene.store.write() as tx:
        detail = {"dataset": hashlib.sha256(MANIFEST).hexdigest(), "folder": str(home.resolve() / "datasets/nho/1"),
                  "interim": False, "respondents": 1}  # fmt: skip
        audit.append(tx, scene.clock, "test", audit.FROZEN, "nho", detail)
    return scene


def test_they_are_put_back_and_found_in_another_place(counted: Scene, tmp_path: Path) -> None:
    # Given a backup that has them
    file = tmp_path / "copy.phieu"
    made = making.make(
        counted.settings, counted.clock, file, passphrase=WORDS, with_keys=True, with_results=True, who="test",
        cost=QUICK,
    )  # fmt: skip
    assert sorted(made.results) == [
        "datasets/nho/1/manifest.json", "published/nho/1/index.html", "reports/nho/1/báo cáo.pdf",
    ]  # fmt: skip
    # When it is put back elsewhere, and the first machine is gone
    elsewhere = tmp_path / "elsewhere"
    restoring.restore(elsewhere, counted.clock, file, WORDS, replace=False, who="test")
    counted.store.close()
    counted.drafts.close()
    shutil.rmtree(counted.settings.instance)
    # Then the dataset is found where it lies now, for the owner alone
    store = Store(elsewhere / "phieu.db")
    (found,) = shelf.datasets(store, "nho", elsewhere)
    assert found.manifest is not None and found.folder == elsewhere / "datasets/nho/1"
    assert (elsewhere / "published/nho/1/index.html").read_bytes() == b"<html>"
    for each in (elsewhere / "datasets").rglob("*"):
        assert stat.S_IMODE(each.stat().st_mode) == (0o700 if each.is_dir() else 0o600)
    looked = {each.what: each.fault for each in health.examine(load(elsewhere))}
    assert looked[f"mode of {(elsewhere / 'datasets/nho/1').resolve()}"] == ""
    store.close()


def test_what_stands_there_stays(counted: Scene, tmp_path: Path) -> None:
    file = tmp_path / "copy.phieu"
    making.make(counted.settings, counted.clock, file, passphrase=WORDS, with_keys=False, with_results=True,
                who="test", cost=QUICK)  # fmt: skip
    report = counted.settings.instance / "reports/nho/1/báo cáo.pdf"
    report.write_bytes(b"a later one")
    counted.store.close()
    restoring.restore(counted.settings.instance, counted.clock, file, WORDS, replace=True, who="test")
    assert report.read_bytes() == b"a later one"


def test_another_dataset_in_that_place_is_not_taken_for_it(counted: Scene, tmp_path: Path) -> None:
    moved = shutil.copytree(counted.settings.instance / "datasets", tmp_path / "moved" / "datasets")
    (counted.settings.instance / "datasets/nho/1/manifest.json").unlink()
    assert shelf.datasets(counted.store, "nho", moved.parent)[0].manifest is not None
    (moved / "nho/1/manifest.json").write_bytes(b"{}")
    assert shelf.datasets(counted.store, "nho", moved.parent)[0].manifest is None


def test_opened_answers_never_lie_in_a_backup_that_is_not_sealed(counted: Scene, tmp_path: Path) -> None:
    with pytest.raises(Faults, match="opened answers go into a backup that is sealed only"):
        making.make(counted.settings, counted.clock, tmp_path / "f", passphrase=None, with_keys=False,
                    with_results=True, who="test")  # fmt: skip
    assert not (tmp_path / "f").exists()


@pytest.mark.parametrize(
    "name",
    ["datasets/../keys/a.key", "datasets", "reports//x", "/datasets/x", "datasets/./x", "uploads/x", "reports/x/"],
)
def test_no_name_leads_elsewhere(name: str) -> None:
    assert not results.is_result(name)


def test_the_command_says_what_is_not_in_it(counted: Scene, tmp_path: Path) -> None:
    words = tmp_path / "words"
    words.write_text(WORDS + "\n", "utf-8")
    start = ["--instance", str(counted.settings.instance), "backup"]
    secret = ["--passphrase-file", str(words)]
    without = CliRunner().invoke(phieu, [*start, str(tmp_path / "a"), *secret])
    assert "NOT in it: --with-results" in without.stderr
    having = CliRunner().invoke(phieu, [*start, str(tmp_path / "b"), *secret, "--with-results"])
    assert "3 files of datasets, figures, reports and publications." in having.stdout
    assert json.loads(MANIFEST) == {"interim": False}
