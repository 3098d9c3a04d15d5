"""Frameworks as TOML and as workbooks: out and back in, and every fault by its row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms import catalogue, framework_toml, framework_workbook
from forms.faults import Faults
from forms.framework import Framework, load
from survey import cli

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Co", "Cn")), min_size=1).map(
    lambda text: "Tên " + " ".join(text.split())
).map(str.strip)  # fmt: skip


def same(one: Framework, other: Framework) -> bool:
    return all(getattr(one, field.name) == getattr(other, field.name) for field in fields(one) if field.name != "text")


@st.composite
def rules(draw: Any) -> str:
    kind = draw(st.sampled_from(["mean", "share", "target", "bands"]))
    target = draw(st.integers(1, 100)) / 100
    low = draw(st.integers(1, 99)) / 100
    return {
        "mean": '{ kind = "mean" }',
        "share": '{ kind = "share", favourable = ["v4", "v5"] }',
        "target": f'{{ kind = "target", favourable = ["v5"], target = {target} }}',
        "bands": f'{{ kind = "bands", of = "mean", table = [[{low}, 1], [0, 0.25]] }}',
    }[kind]


@st.composite
def frameworks(draw: Any) -> Framework:
    """One or two kinds, two domains each, points in thousandths that sum to 100."""
    lines = ['id = "made"', f"title.vi = {framework_toml.quoted(draw(WORDS))}"]
    lines.append(f"illustrative = {str(draw(st.booleans())).lower()}")
    lines.append(f"years = {sorted(draw(st.sets(st.integers(2000, 2100), max_size=3)))}")
    for kind in draw(st.sampled_from([["department"], ["department", "commune"]])):
        first = draw(st.integers(1, 99_998))
        second = draw(st.integers(1, 99_999 - first))
        for number, points in enumerate((first, second, 100_000 - first - second)):
            lines += [f"[[kind.{kind}.domain]]", f'id = "d{number}"', f"name.vi = {framework_toml.quoted(draw(WORDS))}"]
            lines += [f"[[kind.{kind}.domain.criterion]]", f'id = "c{number}"', 'name.vi = "Tiêu chí"', 'name.en = "C"']
            lines += [f"[[kind.{kind}.domain.criterion.subcriterion]]", f'id = "s{number}"', 'name.vi = "Thành phần"']
            source = draw(st.sampled_from(["survey", "appraised"])) if points < 2 else draw(
                st.sampled_from(["survey", "appraised", "both"])
            )  # fmt: skip
            lines.append(f'source = "{source}"')
            if source == "both":
                lines += [f"survey_points = {1 / 1000}", f"appraised_points = {(points - 1) / 1000}"]
            else:
                lines.append(f"points = {points / 1000}")
            if source != "appraised":
                share = draw(st.integers(1, 99)) / 100
                lines += [f"rule = {draw(rules())}", 'items = ["one", "two"]']
                lines.append(f"shares = {{ a = {share}, b = {round(1 - share, 2)} }}")
                lines.append(f'missing = "{draw(st.sampled_from(["reweight", "withhold"]))}"')
    if draw(st.booleans()):
        lines += ["[[not_applicable]]", 'unit = "u"', 'subcriteria = ["s0", "s1"]', 'reason.vi = "Vì"']
    return load("\n".join(lines), "made.toml")


@given(frameworks())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_framework_survives_toml_and_a_workbook(tmp_path: Path, framework: Framework) -> None:
    assert same(framework, load(framework_toml.text(framework), "again.toml"))
    framework_workbook.write(framework, tmp_path / "f.xlsx")
    assert same(framework, framework_workbook.read(tmp_path / "f.xlsx"))


@pytest.mark.parametrize("id", catalogue.FRAMEWORKS)
def test_the_bundled_ones_do_and_the_bytes_are_the_same(tmp_path: Path, id: str) -> None:
    framework = catalogue.framework(id)
    for name in ("one.xlsx", "two.xlsx"):
        framework_workbook.write(framework, tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    assert same(framework, framework_workbook.read(tmp_path / "one.xlsx", catalogue.items()))


def changed(tmp_path: Path, small: Framework, change: Callable[[Any], None]) -> list[str]:
    path = tmp_path / "f.xlsx"
    framework_workbook.write(small, path)
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    with pytest.raises(Faults) as caught:
        framework_workbook.read(path)
    return [str(fault).removeprefix(str(path)) for fault in caught.value.faults]


def put(cell: str, value: Any, sheet: str = "Tiêu chí") -> Callable[[Any], None]:
    return lambda book: book[sheet].__setitem__(cell, value)


FAULTS: list[tuple[Callable[[Any], None], str]] = [
    (put("E4", "nhiều"), " [Tiêu chí]:4, column “Điểm”: “nhiều” is not a number"),
    (put("B4", "Mức"), " [Tiêu chí]:4, column “Cấp”: “Cấp” must be one of: Lĩnh vực, Tiêu chí, Tiêu chí thành phần"),
    (put("A2", "sở"), " [Tiêu chí]:2, column “Loại đơn vị”: “sở” is no id of a unit kind"),
    (put("O4", "nguoi_dan=0,5"), " [Tiêu chí]:4: the shares of “service_attitude” sum to 0.5, but must sum to 1"),
    (put("O4", "nguoi_dan"), " [Tiêu chí]:4, column “Tỷ trọng nhóm”: “nguoi_dan” is no pair such as nguoi_dan=0.6"),
    (put("Q1", "Màu"), " [Tiêu chí]:1, column “Màu”: is no column of a framework"),
    (put("B4", "năm nay", "Khung"), " [Khung]:4: “năm nay” is no list of years such as 2025; 2026"),
    (put("B2", "không", "Không áp dụng"), " [Không áp dụng]:2: there is no subcriterion “không”"),
    (lambda book: book.remove(book["Tiêu chí"]), ": has no sheet “Tiêu chí”"),
]


@pytest.mark.parametrize(("change", "said"), FAULTS)
def test_a_fault_is_named_by_sheet_and_row(
    tmp_path: Path, small_framework: Framework, change: Callable[[Any], None], said: str
) -> None:
    assert said in changed(tmp_path, small_framework, change)


def test_a_framework_without_a_sheet_of_exceptions_and_with_ids_for_headings(
    tmp_path: Path, small_framework: Framework
) -> None:
    path = tmp_path / "f.xlsx"
    framework_workbook.write(small_framework, path)
    book = openpyxl.load_workbook(path)
    book.remove(book["Không áp dụng"])
    sheet = book["Tiêu chí"]
    for cell in sheet[1]:
        cell.value = next((key for key, head in framework_workbook.COLUMNS.items() if head == cell.value), cell.value)
    sheet["A3"] = None  # a kind stands until another comes
    book.save(path)
    read = framework_workbook.read(path)
    assert read.kinds == small_framework.kinds and read.not_applicable == ()


def test_the_commands_export_import_and_check_workbooks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def phieu(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["phieu", "framework", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return int(end.value.code or 0)

    book, text = str(tmp_path / "f.xlsx"), str(tmp_path / "f.toml")
    assert phieu("export", "sipas", "-o", book) == 0
    assert phieu("import", book, "-o", text) == 0
    assert phieu("check", book, text) == 0
    assert capsys.readouterr().out.count(": good. Framework sipas") == 2
    assert phieu("import", str(tmp_path / "none.xlsx"), "-o", text) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_five_factors_of_satisfaction_weigh_the_same_and_years_must_rise() -> None:
    sipas = catalogue.framework("sipas")
    for kind in sipas.kinds.values():
        assert [domain.points for domain in kind.domains] == [20.0] * 5
        factors = [{catalogue.items()[item].factor for item in sub.items} for sub in kind.subcriteria]
        assert factors == [{domain.id} for domain in kind.domains]
    with pytest.raises(Faults, match="must rise"):
        load(framework_toml.text(sipas).replace("illustrative = true", "years = [2026, 2025]"), "x")
