"""SPSS and Stata files: numbers are values, levels are labels, what is declared missing is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis import labelled, sheet
from analysis.answer import answer
from analysis.assembly import Layout
from analysis.margins import Margins
from analysis.question import Asked, Question, Statistic
from analysis.r_script import r_script
from analysis.sheet import read_sheet
from forms.faults import Faults

FILES = Path(__file__).parents[1] / "oracle" / "made" / "labelled"


@pytest.mark.parametrize("name", ["small.sav", "small.zsav", "small.dta"])
def test_values_labels_and_titles(name: str) -> None:
    found = read_sheet(FILES / name)
    assert found.rows == 60 and found.titles["kind"] == "Loại đơn vị"
    codes, levels = found.levels("kind")
    assert levels == ("Sở", "Huyện", "Xã") and codes[:4].tolist() == [0, 1, 2, 0]
    answers = found.numbers("q1")
    assert np.isnan(answers).sum() == 14 and np.nanmax(answers) == 5 and np.nanmin(answers) == 1
    assert found.levels("q1")[1] == ("Rất không hài lòng", "Khác [2]", "Khác [3]", "4", "Rất hài lòng")
    assert found.levels("day")[1] == ("2026-01-01", "2026-01-02")
    assert found.levels("name")[1] == ("Lâm Đồng", "Đắk Lắk") and (found.levels("name")[0] < 0).sum() == 20


def test_labels_in_the_output_and_in_what_is_asked(tmp_path: Path) -> None:
    found = read_sheet(FILES / "small.sav")
    both = (Asked(Statistic.PROPORTION, "kind", value="Xã"), Asked(Statistic.PROPORTION, "kind", value="3"))
    label, value = answer(found, Layout(weight="w"), Question(both)).rows
    assert label.estimate == value.estimate == pytest.approx(160 / 280)
    said = answer(found, Layout(weight="w"), Question((Asked(Statistic.MEAN, "q1"),), ("kind",), ("day", "2026-01-01")))
    assert [row.by["kind"] for row in said.rows] == ["Sở", "Huyện", "Xã"]
    assert "q1: Mức độ hài lòng chung" in said.notes and "kind: Loại đơn vị" in said.notes
    margin = tmp_path / "m.csv"
    margin.write_text("level,count\nSở,50\n2,70\n3.0,90\n", "utf-8")
    question = Question((Asked(Statistic.TOTAL, "w"),), by=("kind",))
    met = answer(found, Layout(weight="w"), question, Margins(rake=(("kind", margin),)))
    assert [row.estimate for row in met.rows] == pytest.approx([100, 280, 720])
    margin.write_text("level,count\nSở,50\n1,50\nHuyện,70\nXã,90\n", "utf-8")
    with pytest.raises(Faults, match="level “Sở” is there twice"):
        answer(found, Layout(weight="w"), question, Margins(rake=(("kind", margin),)))


def test_the_r_script_reads_the_same_levels() -> None:
    file = FILES / "small.sav"
    asked = (Asked(Statistic.PROPORTION, "kind", value="3"), Asked(Statistic.CHISQ, "kind", other="name"))
    question = Question(asked, where=("q1", "5"))
    text = r_script(file, Layout(), question, Margins(rake=(("day", file),)), read_sheet(file).named)
    assert "haven::read_sav(" in text and '`kind` == "Xã"' in text and '`q1` == "Rất hài lòng"' in text
    assert 'for (v in c("q1", "day", "kind", "name")) d[[v]] <- as.character(haven::as_factor' in text
    assert "haven::read_dta(" in r_script(Path("x.dta"), Layout(), question, Margins(poststratify=("day", file)))


@pytest.mark.parametrize("name", ["cut.sav", "cut.zsav", "cut.dta"])
def test_broken_files_are_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    whole = (FILES / name.replace("cut", "small")).read_bytes()
    (tmp_path / name).write_bytes(whole[:700])
    with pytest.raises(Faults, match="cannot be read as an SPSS or Stata file"):
        read_sheet(tmp_path / name)


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelled, "MOST_CELLS", 100)
    for name in ("small.sav", "small.dta"):
        with pytest.raises(Faults, match="has more than 20 million cells"):
            read_sheet(FILES / name)


def test_a_value_by_its_text() -> None:
    assert [labelled.value_text(value) for value in (1.0, 2, "a ", 0.5)] == ["1", "2", "a", "0.5"]
    assert labelled._column(np.array([None, 2, 3.5], dtype=object)).to_pylist() == [None, 2, 3.5]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (",".join(f"c{i}" for i in range(20_000)) + "\n1", "has 20,000 columns, more than 16,384"),
        ('a,b\n1,2\n3,"4\n5,6\n', "given.csv:3: a quotation mark that begins here is not closed"),
        ('a,"' + "x" * 200_000 + '"\n1,2\n', "given.csv:1: is not a CSV table: field larger than"),
    ],
)
def test_hostile_tables(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "given.csv").write_text(text, "utf-8")
    with pytest.raises(Faults, match=told):
        read_sheet(tmp_path / "given.csv")


def test_long_cells_and_lone_inches_are_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "given.csv").write_text('a,b\n1,5" wide\n2,' + "x" * 3_000_000 + "\n", "utf-8")
    assert read_sheet(tmp_path / "given.csv").numbers("a").tolist() == [1, 2]
    monkeypatch.setattr(sheet, "_LONGEST", 1 << 16)
    with pytest.raises(Faults, match="has a line of more than 64 MB"):
        read_sheet(tmp_path / "given.csv")


def test_decimal_commas_are_hinted_at(tmp_path: Path) -> None:
    (tmp_path / "given.csv").write_text("a;b\n1;2\n4,5;3\n", "utf-8")
    with pytest.raises(Faults, match="“4,5”, where a number should be; decimals need a point"):
        read_sheet(tmp_path / "given.csv").numbers("a")


def test_a_column_twice_in_by(tmp_path: Path) -> None:
    (tmp_path / "given.csv").write_text("a,b\n1,2\n4,3\n", "utf-8")
    with pytest.raises(Faults, match="column “b”: is twice in --by"):
        answer(read_sheet(tmp_path / "given.csv"), Layout(), Question((Asked(Statistic.MEAN, "a"),), by=("b", "b")))
