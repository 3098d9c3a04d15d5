"""``phieu comments`` prints masked comments by theme, of units with enough of them."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from survey.cli import phieu
from tests.survey.small_dataset import make_dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import hashlib

    folder = make_dataset(tmp_path_factory.mktemp("comments") / "d")
    texts = ["anh Hùng quá chậm", "=chậm", "cham", "chờ lâu 0905123456", "chậm"]
    rows = [("so_a", text) for text in texts] + [("so_b", "chậm")]
    columns = {"unit": [unit for unit, _ in rows], "group": ["dan"] * 6, "item": ["more"] * 6,
               "text": [text for _, text in rows]}  # fmt: skip
    pq.write_table(pa.table(columns), folder / "comments.parquet")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"]["comments.parquet"] = hashlib.sha256((folder / "comments.parquet").read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def test_comments_are_masked_and_by_theme(dataset: Path) -> None:
    done = CliRunner().invoke(phieu, ["comments", "--dataset", str(dataset), "--format", "json"])
    told = json.loads(done.stdout)["comments"]
    assert {(each["unit"], each["theme"]) for each in told} == {("so_a", "time")}
    assert "anh [tên] quá chậm" in [each["text"] for each in told]
    assert "0905" not in done.stdout


def test_search_and_formats(dataset: Path) -> None:
    begun = ["comments", "--dataset", str(dataset), "--search", "qua cham"]
    assert "so_a,time,anh [tên] quá chậm" in CliRunner().invoke(phieu, [*begun, "--format", "csv"]).stdout
    assert "[tên]" in CliRunner().invoke(phieu, begun).stdout
    whole = CliRunner().invoke(phieu, ["comments", "--dataset", str(dataset), "--format", "csv"]).stdout
    assert "'=chậm" in whole
    assert "[[theme]]" in CliRunner().invoke(phieu, ["comments", "--themes-template"]).stdout
    assert CliRunner().invoke(phieu, ["comments"]).exit_code == 2
    assert "“x” is not known" in str(CliRunner().invoke(phieu, [*begun, "--unit", "x"]).exception)
    assert "so_a" not in CliRunner().invoke(phieu, [*begun, "--unit", "so_b"]).stdout


def test_what_finds_nothing_says_whether_it_is_hidden(dataset: Path) -> None:
    begun = ["comments", "--dataset", str(dataset)]
    nothing = CliRunner().invoke(phieu, [*begun, "--search", "ghế đá"]).stderr
    assert "No comment that may be shown holds “ghế đá”" in nothing and "of 5 people: so_b" in nothing
    few = CliRunner().invoke(phieu, [*begun, "--unit", "so_b"]).stderr
    assert "No comment that may be shown." in few and "Hidden or none" in few


def test_a_unit_may_be_named(dataset: Path) -> None:
    name = next(
        each for each in json.loads((dataset / "manifest.json").read_text("utf-8"))["units"] if each["id"] == "so_a"
    )
    told = CliRunner().invoke(
        phieu, ["comments", "--dataset", str(dataset), "--unit", name["name"]["vi"], "--format", "json"]
    )
    assert {each["unit"] for each in json.loads(told.stdout)["comments"]} == {"so_a"}
