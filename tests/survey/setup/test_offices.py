"""Units and places as people paste or send them in."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.faults import Faults
from forms.names import free_identifier, identifier
from forms.toml import ID
from survey.setup import offices


def test_a_pasted_list_becomes_units_with_ids_and_kinds():
    text = (
        "Sở Tư pháp\n\nSở Y tế; department\nUBND xã Ea Kar\nPhường Buôn Hồ\tXã, phường\nThanh tra tỉnh\n"
        "Kho bạc; ngành dọc"
    )

    made = offices.units(offices.pasted(text), [])

    assert [(each["id"], each["kind"]) for each in made] == [
        ("so_tu_phap", "department"), ("so_y_te", "department"), ("ubnd_xa_ea_kar", "commune"),
        ("phuong_buon_ho", "commune"), ("thanh_tra_tinh", "department"), ("kho_bac", "agency"),
    ]  # fmt: skip


def test_ids_never_meet():
    there = [{"id": "so_y_te", "name": "Sở Ý Tê", "kind": "department"}]

    made = offices.units(offices.pasted("Sở Y tế\nSơ Ỷ Tế; sở"), there)

    assert [each["id"] for each in made] == ["so_y_te_2", "so_y_te_3"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no rows"),
        (";sở", "has no name"),
        ("Sở Y tế\nsở y tế", "stands already in row 1"),
        ("x" * 201 + ";sở", "longer than 200"),
        ("=HYPERLINK(1);sở", "is a formula"),
    ],
)
def test_what_is_no_list_is_refused(text, said):
    with pytest.raises(Faults, match=said):
        offices.pasted(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [("Ủy ban", "the kind of “Ủy ban” is not told"), ("Sở A; linh tinh", "is no kind of unit"), ("Sở Cũ", "already")],
)
def test_units_that_cannot_be_are_refused_with_their_row(text, said):
    there = [{"id": "so_cu", "name": {"vi": "Sở Cũ"}, "kind": "department"}]

    with pytest.raises(Faults, match=said) as caught:
        offices.units(offices.pasted("Sở Mới\n" + text), there)

    assert [fault.row for fault in caught.value.faults] == [2]


def test_more_names_than_a_country_has():
    with pytest.raises(Faults, match="more than 2000"):
        offices.pasted("\n".join(f"Sở {number}" for number in range(2001)))


def test_places_find_the_office_that_runs_them():
    units = offices.units(offices.pasted("Sở Tư pháp\nXã Ea Kar"), [])

    made = offices.places(offices.pasted("Trung tâm\nMột cửa xã Ea Kar; Ea Kar"), [], units)

    assert made == [
        {"id": "trung_tam", "name": {"vi": "Trung tâm"}},
        {"id": "mot_cua_xa_ea_kar", "name": {"vi": "Một cửa xã Ea Kar"}, "unit": "xa_ea_kar"},
    ]
    with pytest.raises(Faults, match="unknown unit") as caught:
        offices.places(offices.pasted("Quầy; Sở Lạ\nTrung tâm"), made, units)
    assert [fault.row for fault in caught.value.faults] == [1, 2]


def test_a_workbook_with_titles_above():
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Loại", "Tên cơ quan", "Ghi chú"], ["sở", "Sở Tư pháp", "x"], [None, "Xã Cư Pơng", None]):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)

    lines = offices.uploaded(content.getvalue(), "co_quan.xlsx")

    assert [(line.name, line.second, line.row) for line in lines] == [("Sở Tư pháp", "sở", 2), ("Xã Cư Pơng", "", 3)]


def test_a_table_without_headings_is_read_from_its_first_column():
    assert [(line.name, line.second) for line in offices.uploaded("Sở A;sở\nSở B;\n".encode(), "a.csv")] == [
        ("Sở A", "sở"), ("Sở B", ""),
    ]  # fmt: skip
    assert [line.second for line in offices.uploaded("Tên\nSở A\n".encode(), "a.csv")] == [""]


@given(st.text(max_size=30), st.sets(st.sampled_from(["a", "x", "co_quan", "a_2"])))
def test_whatever_is_typed_gives_an_id(name, taken):
    found = free_identifier(name, taken, "co_quan")

    assert ID.fullmatch(found) and found not in taken
    assert identifier(name) == "" or found.startswith(identifier(name))
