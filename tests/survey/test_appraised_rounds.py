"""phieu appraised through all rounds, phieu index on their record, and phieu index diff, as typed in a terminal."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from forms.faults import Faults
from survey import clock
from survey.commands.appraised import appraised
from survey.commands.index import index
from tests.survey import test_index_command

small_wave = test_index_command.wave
NOW = datetime.datetime(2026, 12, 5, 8, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return iter(())


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(appraised, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def counted(*arguments: str | Path) -> str:
    result = CliRunner().invoke(index, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_from_self_assessment_to_what_is_submitted(tmp_path: Path, small_wave: list[str]) -> None:
    common = [*small_wave[:4]]
    kept = tmp_path / "rounds"
    own = tmp_path / "own.csv"
    own.write_text("Đơn vị;Tiêu chí;Điểm tự chấm\nSở A;Kế hoạch;38\nSở B;Kế hoạch;31\n", "utf-8")
    assert "2 cells set, 0 changed" in run("import", own, *common, "--round", "self", "--rounds", kept)
    given = tmp_path / "points.csv"
    assert "3 cells set, 0 changed" in run("import", given, *common, "--round", "appraised", "--rounds", kept)
    first = counted(*common, "--appraised", kept, "--format", "json")
    (tmp_path / "first.json").write_text(first, "utf-8")
    units = {unit["unit"]: unit for unit in json.loads(first)["kinds"][0]["units"]}
    assert units["so_a"]["self_gap"] == 8.0

    unit = ["--rounds", kept, *common, "--unit", "Sở A"]
    assert run("window", *unit, "--opens", "2026-12-01", "--closes", "2026-12-10") == "Sở A: 2026-12-01 to 2026-12-10\n"
    sheet = tmp_path / "reply.xlsx"
    run("reply-sheet", *unit, "-o", sheet)
    book = openpyxl.load_workbook(sheet)
    page = book.active
    assert page is not None and page["A3"].value == "Hạn gửi: 10/12/2026"
    page["G5"], page["H5"], page["I5"], page["J5"] = 38, "Đã bổ sung", "BC 5", 35
    book.save(sheet)
    assert "0 cells set, 1 changed" in run("import", sheet, *common, "--round", "explained", "--rounds", kept)
    run("import", tmp_path / "points.csv", *common)  # without a round nothing is kept

    second = counted(*common, "--appraised", kept, "--format", "json")
    (tmp_path / "second.json").write_text(second, "utf-8")
    told = json.loads(second)["rounds"]
    assert [each["round"] for each in told["rounds"]] == ["self", "appraised", "explained"]
    assert told["changes"][0]["old"] == 30 and told["changes"][0]["new"] == 35

    moved = json.loads(counted("diff", tmp_path / "first.json", tmp_path / "second.json", "--format", "json"))
    assert moved["same_dataset"] and moved["same_framework"]
    (one,) = moved["units"]
    assert (one["unit"], one["change"], one["rank_before"], one["rank_after"]) == ("so_a", 5.0, 2, 2)
    assert [(cell["subcriterion"], cell["before"], cell["after"]) for cell in one["cells"]] == [("plan", 30, 35)]
    table = counted("diff", tmp_path / "first.json", tmp_path / "second.json")
    assert "plan (appraised)" in table and "+5,00" in table
    lines = counted("diff", tmp_path / "first.json", tmp_path / "second.json", "--format", "csv").splitlines()
    assert lines[1] == "department,so_a,index,67.5,72.5,5"
    assert counted("diff", tmp_path / "first.json", tmp_path / "first.json") == "Nothing moved.\n"

    then = json.loads(counted(*common, "--appraised", kept, "--round", "appraised", "--format", "json"))
    assert then["kinds"] == json.loads(first)["kinds"] and len(then["rounds"]["rounds"]) == 2
    with pytest.raises(Faults, match="is no record of rounds"):
        counted(*common, "--appraised", given, "--round", "appraised")

    listed = run("rounds", "--rounds", kept)
    assert "explained so_a plan: 30,00 → 35,00: Đã bổ sung (BC 5)" in listed
    assert json.loads(run("rounds", "--rounds", kept, "--format", "json"))["head"] == told["head"]

    pdf = tmp_path / "bien_ban.pdf"
    assert "1 changed cells" in run("record", *unit, "-o", pdf)
    text = " ".join(page.extract_text() for page in PdfReader(pdf).pages)
    for words in ("BIÊN BẢN RÀ SOÁT", "Sở A", "30,00", "35,00", "Đã bổ sung", "BC 5", "37,50"):
        assert words in text, words
    other = ["--rounds", kept, *common, "--unit", "so_b"]
    run("record", *other, "-o", pdf)
    assert "không tiêu chí thành phần nào" in " ".join(page.extract_text() for page in PdfReader(pdf).pages)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "points.csv", "--round", "self"], "--round and --rounds go together"),
        (
            ["window", "--rounds", "r", "--unit", "Sở Lạ", "--opens", "2026-01-01", "--closes", "2026-01-02"],
            "not known",
        ),
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path,
    small_wave: list[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Faults, match=said):
        run(*arguments, *small_wave[:4])


def test_two_files_that_are_no_results_cannot_be_compared(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"kinds": [], "dataset_hash": "x"}', "utf-8")
    for name, said in (
        ("none.json", "cannot be read"),
        ("b.json", r"is no result\.json"),
        ("a.json", "not two results"),
    ):
        (tmp_path / "b.json").write_text("[1]", "utf-8")
        with pytest.raises(Faults, match=said):
            counted("diff", tmp_path / "a.json", tmp_path / name)


def test_index_needs_its_three_options(small_wave: list[str]) -> None:
    result = CliRunner().invoke(index, small_wave[:2])
    assert result.exit_code == 2 and "--framework" in result.output and "--appraised" in result.output


def test_last_year_may_be_a_table_a_result_a_report_or_a_dataset(tmp_path: Path, small_wave: list[str]) -> None:
    result = tmp_path / "result.json"
    result.write_text(counted(*small_wave[:6], "--format", "json"), "utf-8")
    units = json.loads(counted(*small_wave[:6], "--previous", result, "--format", "json"))["kinds"][0]["units"]
    assert {unit["change"]["change"] for unit in units} == {0.0}
    assert {unit["like_for_like"]["verdict"] for unit in units} == {"noise"}
    assert counted(*small_wave[:6], "--previous", tmp_path, "--format", "csv").count("noise,") >= 4
    dataset = [
        "--previous",
        small_wave[1],
        "--previous-framework",
        small_wave[3],
        "--previous-appraised",
        small_wave[5],
    ]
    table = counted(*small_wave[:6], *dataset)
    assert "change like for like" in table and "0,00 ± " in table and "ranks by other choices" in table
    with pytest.raises(Faults, match="give --previous-framework and --previous-appraised"):
        counted(*small_wave[:6], "--previous", small_wave[1])
    (tmp_path / "m.csv").write_text("unit,previous\nSở A,Sở Cũ\n", "utf-8")
    with pytest.raises(Faults, match="needs --previous"):
        counted(*small_wave[:6], "--mergers", tmp_path / "m.csv")
    (tmp_path / "before.csv").write_text("unit,index\nSở Cũ,60\nSở B,90\n", "utf-8")
    (tmp_path / "t.csv").write_text("unit,target\nSở A,90\n", "utf-8")
    more = ["--previous", tmp_path / "before.csv", "--mergers", tmp_path / "m.csv", "--targets", tmp_path / "t.csv"]
    units = {u["unit"]: u for u in json.loads(counted(*small_wave[:6], *more, "--format", "json"))["kinds"][0]["units"]}
    assert units["so_a"]["change"]["previous"] == 60 and units["so_a"]["target"]["gap"] == 22.5


def test_a_kind_that_ended_is_left_out_and_said(tmp_path: Path, small_wave: list[str]) -> None:
    document = json.loads(counted(*small_wave[:6], "--format", "json"))
    old = json.loads(json.dumps(document["kinds"][0]).replace("so_", "huyen_"))
    document["kinds"].append(old | {"kind": "district"})
    names = {f"huyen_{letter}": {"vi": f"Huyện {letter.upper()}"} for letter in "abc"}
    document["wave"]["unit_names"] |= names
    (tmp_path / "last.json").write_text(json.dumps(document), "utf-8")
    now = json.loads(counted(*small_wave[:6], "--previous", tmp_path / "last.json", "--format", "json"))
    (note,) = [each for each in now["notes"] if each["kind"] == "units_ended"]
    assert sorted(note["units"]) == ["Huyện A", "Huyện B", "Huyện C"]
    assert now["kinds"][0]["units"][0]["like_for_like"]["change"] == 0
