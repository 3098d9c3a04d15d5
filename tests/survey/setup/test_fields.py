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
from survey.setup import about, checking, groups, presets
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
