"""Files for ``phieu ranks``: what is read, and what is refused with its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis import estimate_table
from forms.faults import Faults


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "units.csv"
    path.write_text("unit,index,se\nA,80,1\nB,,\nC,70.5,2\n", encoding="utf-8")
    return path


def read(path: Path, **options: object) -> estimate_table.Estimates:
    return estimate_table.read(path, **{"estimate": "index", "se": "se", "unit": "unit", **options})


def test_units_without_estimate_are_left_out_and_named(file: Path) -> None:
    table = read(file)
    assert (table.units, table.left_out, table.independent) == (("A", "C"), ("B",), True)
    assert table.se.tolist() == [1.0, 2.0]
    assert table.covariance.tolist() == [[1.0, 0.0], [0.0, 4.0]]


def test_without_a_unit_column_units_are_numbered(file: Path) -> None:
    assert read(file, unit=None).units == ("1", "3")


def test_a_covariance_file_is_matched_by_name(file: Path, tmp_path: Path) -> None:
    covariance = tmp_path / "covariance.csv"
    covariance.write_text("C,A,B\n4,0.5,9\n0.5,1,9\n9,9,9\n", encoding="utf-8")
    table = read(file, se=None, covariance=covariance)
    assert table.covariance.tolist() == [[1.0, 0.5], [0.5, 4.0]]
    assert not table.independent


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unit,index,se\nA,80,1\nA,70,1\n", "there twice"),
        ("unit,index,se\nA,80,1\nB,70,\n", "no standard error"),
        ("unit,index,se\nA,80,1\nB,70,-1\n", "cannot be negative"),
        ("unit,index,se\nA,80,1\n,70,1\n", "no name"),
        ("unit,index,se\nA,,\n", "no unit has an estimate"),
        ("unit,index,se\nA,tám,1\n", "“tám”"),
        ("unit,score,se\nA,1,1\n", "no such column"),
    ],
)
def test_faults_name_file_and_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "units.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Faults, match=said) as caught:
        read(path)
    assert "units.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A,B\n1,0\n0,1\n", "covariance of “C” is missing"),
        ("A,B,C\n1,0,0\n0,1,0\n", "needs as many lines"),
        ("A,B,C\n1,0,0\n0,1,0\n0,,1\n", "the cell is empty"),
    ],
)
def test_faulty_covariance_files_are_refused(file: Path, tmp_path: Path, text: str, said: str) -> None:
    covariance = tmp_path / "covariance.csv"
    covariance.write_text(text, encoding="utf-8")
    with pytest.raises(Faults, match=said):
        read(file, covariance=covariance)


def test_some_measure_of_error_is_needed(file: Path) -> None:
    with pytest.raises(Faults, match="--se"):
        read(file, se=None)


def test_numbers_arrive_as_doubles(file: Path) -> None:
    assert read(file).estimate.dtype == np.float64
