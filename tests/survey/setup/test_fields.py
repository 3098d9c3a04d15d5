"""Between the file's keys and what a person types: nothing is lost on the way, and every fault names its field."""

from __future__ import annotations

import copy
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.faults import Faults
from survey.plan import wave_file, wave_text
from survey.setup import about, checking, fieldwork, groups, presets
from survey.setup.typed import Typed, percent_text

EXAMPLE = tomllib.loads((Path(__file__).parents[3] / "docs" / "examples" / "wave.toml").read_text("utf-8"))


def test_what_is_shown_and_sent_back_changes_nothing():
    data = copy.deepcopy(EXAMPLE)

    about.change(data, about.shown(data))
    groups.change(data["group"][0], groups.shown(data["group"][0]))

    before, after = (wave_file.load(wave_text.write(each), "w") for each in (EXAMPLE, data))
    assert (before.groups, before.opens, before.authority, before.title) == (
        after.groups, after.opens, after.authority, after.title,
    )  # fmt: skip


@pytest.mark.parametrize("preset", presets.PRESETS)
def test_a_preset_shown_and_sent_back_is_the_same(preset):
    group = presets.group(preset, EXAMPLE)
    again = copy.deepcopy(group)

    groups.change(again, groups.shown(group))

    assert again == group


def test_keys_without_a_field_stay_while_the_way_of_drawing_does():
    group = copy.deepcopy(EXAMPLE["group"][0]) | {"multiplicity_cap": 3, "name": "Dân"}
    group["design"] |= {"hold": 9, "size": {"rule": "cochran", "e": 0.05, "p": 0.4, "each": "unit"}}
    del group["design"]["n"]
    fields = groups.shown(group)
    assert (fields["size"], fields["error"], fields["each"]) == ("cochran", "5", "yes")

    groups.change(group, fields)
    assert group["design"]["hold"] == 9
    assert group["design"]["size"] == {"rule": "cochran", "e": 0.05, "p": 0.4, "each": "unit"}
    assert group["multiplicity_cap"] == 3

    groups.change(group, fields | {"method": "census"})
    assert group["design"] == {"method": "census", "response": 0.7, "by": ["unit"]}
    groups.change(group, fields | {"method": "systematic", "sort": "field", "size": "n", "n": "1.200", "reserve": "10"})
    assert group["design"] == {"method": "systematic", "by": ["unit"], "sort": ["field"], "n": 1200, "min": 25,
                               "response": 0.7, "reserve": 0.1}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "column"),
    [
        ({"name_vi": " "}, "name_vi"),
        ({"assesses": "kind", "kinds": ""}, "kinds"),
        ({"by_1": ""}, "by_1"),
        ({"method": "systematic"}, "sort"),
        ({"n": ""}, "n"),
        ({"n": "0"}, "n"),
        ({"n": "12a"}, "n"),
        ({"size": "slovin", "error": "60"}, "error"),
        ({"response": "120"}, "response"),
        ({"period": ""}, "period"),
        ({"population": "x" * 4001}, "population"),
        ({"max_units": "-1"}, "max_units"),
    ],
)
def test_a_fault_of_a_group_names_its_field_and_changes_nothing(fields, column):
    group = copy.deepcopy(EXAMPLE["group"][0])

    with pytest.raises(Faults) as caught:
        groups.change(group, groups.shown(group) | fields)

    assert [fault.column for fault in caught.value.faults] == [column]
    assert group == EXAMPLE["group"][0]


@pytest.mark.parametrize(
    ("fields", "columns"),
    [
        ({"title_vi": ""}, ["title_vi"]),
        ({"opens": ""}, ["opens"]),
        ({"opens": "31/02/2026"}, ["opens"]),
        ({"opens": "1899-01-01"}, ["opens"]),
        ({"opens": "01/11/2026", "closes": "2026-10-31"}, ["closes"]),
        ({"purge_on": "15/12/2026"}, ["purge_on"]),
        ({"timezone": "Mars/Olympus"}, ["timezone"]),
        ({"plan_number": ""}, ["plan_number"]),
        ({"authority_vi": "", "plan_date": "x"}, ["plan_date", "authority_vi"]),
        ({"k": "1"}, ["k"]),
        ({"hotline": "1" * 401}, ["hotline"]),
    ],
)
def test_a_fault_of_the_first_step_names_its_field(fields, columns):
    data = copy.deepcopy(EXAMPLE)

    with pytest.raises(Faults) as caught:
        about.change(data, about.shown(data) | fields)

    assert [fault.column for fault in caught.value.faults] == columns
    assert data == EXAMPLE


def test_without_an_authority_the_wave_is_a_trial():
    data = copy.deepcopy(EXAMPLE)

    about.change(data, about.shown(data) | {"authority_vi": "", "plan_number": "", "plan_date": "", "paper": "yes",
                                            "purge_on": "31/12/2026", "framework": "", "title_en": ""})  # fmt: skip

    assert "authority" not in data and "framework" not in data
    assert data["paper"] == {}
    assert data["purge_on"] == date(2026, 12, 31)
    assert data["title"] == {"vi": EXAMPLE["title"]["vi"]}


@pytest.mark.parametrize(
    ("path", "field"),
    [(("authority", "plan"), "plan_number"), (("opens",), "opens"), (("title", "vi"), "title_vi"), ((), ""),
     (("estimation", "k"), "")],
)  # fmt: skip
def test_a_key_of_the_file_leads_to_its_field(path, field):
    assert about.field_of(path) == field


@pytest.mark.parametrize(
    ("path", "field"),
    [(("group", 0, "target", "period"), "period"), (("group", 0, "design", "n"), "n"),
     (("group", 0, "design", "size", "e"), "error"), (("group", 0, "name", "vi"), "name_vi"), (("group", 0), ""),
     (("group", 0, "design", "by"), "by_1"), (("group", 0, "classes"), "")],
)  # fmt: skip
def test_a_key_of_a_group_leads_to_its_field(path, field):
    assert groups.field_of(path) == field


def test_columns_that_a_group_uses_can_be_chosen_again():
    assert groups.columns_of({"assesses": "own", "design": {"by": ["x"], "sort": ["y"]}, "margins": ["unit"]}) == (
        "unit", "position", "x", "y",
    )  # fmt: skip


@given(st.floats(0.001, 0.5))
def test_percentages_survive(share):
    rounded = round(share, 6)

    assert Typed({"x": percent_text(rounded)}).percent("x", 0, 100) == pytest.approx(rounded, abs=1e-6)


@given(st.text(max_size=20))
def test_whatever_is_typed_is_read_or_refused(text):
    for read in (
        lambda typed: typed.day("x"),
        lambda typed: typed.whole("x", 0, 9),
        lambda typed: typed.percent("x", 0, 9),
    ):
        typed = Typed({"x": text})
        assert read(typed) is not None or typed.faults or not typed.line("x")


def test_a_fault_of_the_file_leads_to_a_field_that_the_form_has():
    data = copy.deepcopy(EXAMPLE)
    data["group"][0]["design"]["n"] = -1

    _, problems = checking.of_text(wave_text.write(data))

    assert groups.field_of(problems[0].path) == "n"


@pytest.mark.parametrize(
    "design",
    [
        {"method": "two_stage", "by": ["unit"], "psu": "place", "psus": 12, "first": "pps", "n": 240, "response": 0.6},
        {"method": "two_stage", "psu": "place", "psus": 4,
         "size": {"rule": "cochran", "e": 0.05, "deff": 1.5, "p": 0.3}},
        {"method": "stratified", "by": ["unit"], "n": 300, "allocation": "neyman", "deviation": "spread", "max": 90},
        {"method": "stratified", "by": ["unit", "channel"], "n": 300, "allocation": "neyman", "min": 5, "reserve": 0.2,
         "deviation": {"so_tu_phap": 0.25, "Ea Kar: xã": 0.4}},
        {"method": "stratified", "by": ["unit"], "n": 300, "allocation": "power", "power": 0.3},
        {"method": "stratified", "by": ["unit"], "allocation": "equal",
         "size": {"rule": "cochran", "e": 0.05, "confidence": 0.9, "each": "unit"}},
        {"method": "systematic", "sort": ["unit", "field"], "zones": True, "n": 100},
    ],
)  # fmt: skip
def test_every_design_of_the_file_is_shown_and_sent_back_as_it_was(design):
    group = copy.deepcopy(EXAMPLE["group"][0]) | {"design": design}
    again = copy.deepcopy(group)
    groups.change(again, groups.shown(group))
    assert again["design"] == design


@pytest.mark.parametrize(
    ("fields", "column"),
    [
        ({"method": "two_stage", "psu": "", "psus": "3"}, "psu"),
        ({"method": "two_stage", "psu": "place", "psus": "1"}, "psus"),
        ({"method": "two_stage", "psu": "place", "psus": ""}, "psus"),
        ({"allocation": "neyman", "deviation": ""}, "deviation"),
        ({"allocation": "neyman", "deviation": "so_a: 0\nso_b: 0"}, "deviation"),
        ({"allocation": "neyman", "deviation": "so_a: nhiều"}, "deviation"),
        ({"allocation": "neyman", "deviation": "so_a: 1\nso_a: 2"}, "deviation"),
        ({"allocation": "power", "power": "1,5"}, "power"),
        ({"min": "30", "max": "20"}, "max"),
        ({"size": "cochran", "error": "5", "deff": "x"}, "deff"),
        ({"size": "cochran", "error": "5", "p": "0"}, "p"),
        ({"method": "counter", "share": ""}, "share"),
        ({"method": "counter", "share": "0"}, "share"),
        ({"method": "counter", "share": "20", "shares": "Sở A nhiều"}, "shares"),
        ({"method": "counter", "share": "20", "shares": "so_tu_phap: 200"}, "shares"),
        ({"method": "counter", "share": "20", "assesses": "own"}, "assesses"),
    ],
)
def test_a_fault_of_a_design_names_its_field_and_changes_nothing(fields, column):
    test_a_fault_of_a_group_names_its_field_and_changes_nothing(fields, column)


def test_a_group_asked_at_counters_comes_and_goes():
    group = copy.deepcopy(EXAMPLE["group"][0])
    fields = groups.shown(group)
    told = {"method": "counter", "share": "12,5", "shares": "so_tu_phap: 20\nso_tu_phap / quy_1: 5%\n* / quy_2: 10"}

    groups.change(group, fields | told)
    assert group["counter"] == {
        "p": 0.125,
        "other": [{"unit": "so_tu_phap", "p": 0.2}, {"unit": "so_tu_phap", "period": "quy_1", "p": 0.05},
                  {"period": "quy_2", "p": 0.1}],
    }  # fmt: skip
    assert not {"design", "margins", "merge", "mode"} & set(group)
    again = copy.deepcopy(group)
    groups.change(again, groups.shown(group))
    assert again == group

    groups.change(group, fields)
    assert "counter" not in group and group["design"] == EXAMPLE["group"][0]["design"]


FIELDWORK = {
    "fieldwork": {"target_rate": 0.7, "skip_weekends": True, "curve": [0.4, 0.9, 1.0],
                  "holidays": [date(2026, 11, 20), {"from": date(2027, 2, 5), "to": date(2027, 2, 12)}]},
    "payment": {"basis": "Quyết định số 1", "interviewer": 30000, "respondent": {"nguoi_dan": 50000},
                "columns": ["Số tài khoản", "Ngân hàng"]},
    "counter": {"number": "Giải đặc biệt", "date": date(2026, 10, 1),
                "period": [{"id": "mot", "opens": date(2026, 11, 1), "closes": date(2026, 11, 5)}]},
}  # fmt: skip


def test_fieldwork_payment_and_the_public_number_survive_a_form():
    data = copy.deepcopy(FIELDWORK)
    fieldwork.change(data, fieldwork.shown(data))
    assert data == FIELDWORK
    fieldwork.change(data, dict.fromkeys(fieldwork.FIELDS, ""))
    assert data == {}
    fieldwork.change(data, {"holidays": "02/09/2026\n5/2/2027 - 7/2/2027", "like": "cu", "interviewer": "30.000"})
    assert data == {
        "fieldwork": {"holidays": [date(2026, 9, 2), {"from": date(2027, 2, 5), "to": date(2027, 2, 7)}], "like": "cu"},
        "payment": {"interviewer": 30000},
    }
    assert (
        wave_file.load(wave_text.write(EXAMPLE | {"payment": {"interviewer": 30000}}), "w").payment.interviewer == 30000
    )


@pytest.mark.parametrize(
    ("fields", "column"),
    [
        ({"target_rate": "0"}, "target_rate"),
        ({"holidays": "Tết"}, "holidays"),
        ({"holidays": "12/02/2027 – 05/02/2027"}, "holidays"),
        ({"curve": "40; 65; x"}, "curve"),
        ({"curve": "40; 100", "like": "cu"}, "like"),
        ({"basis": "Quyết định"}, "interviewer"),
        ({"interviewer": "-5"}, "interviewer"),
        ({"respondent": "can_bo năm mươi"}, "respondent"),
        ({"respondent": "can_bo: 1x"}, "respondent"),
        ({"counter_number": "xổ số"}, "counter_date"),
        ({"counter_date": "2026-10-01"}, "counter_number"),
        ({"counter_number": "xổ số", "counter_date": "mai"}, "counter_date"),
    ],
)
def test_a_fault_of_the_fieldwork_names_its_field_and_changes_nothing(fields, column):
    data = copy.deepcopy(FIELDWORK)
    with pytest.raises(Faults) as caught:
        fieldwork.change(data, dict.fromkeys(fieldwork.FIELDS, "") | fields)
    assert [fault.column for fault in caught.value.faults] == [column]
    assert data == FIELDWORK


@pytest.mark.parametrize(
    ("path", "field"),
    [(("fieldwork", "holidays", 0), "holidays"), (("payment", "respondent", "x"), "respondent"), (("payment",), ""),
     (("counter", "date"), "counter_date"), (("counter", "period", 0), "counter_number")],
)  # fmt: skip
def test_a_key_of_the_fieldwork_leads_to_its_field(path, field):
    assert fieldwork.field_of(path) == field
