"""A wave file written is the wave file read, and the same data is always the same text."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.faults import Faults
from survey.plan import wave_file, wave_text
from survey.setup import checking

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "wave.toml"

_texts = st.text(st.characters(codec="utf-8"), max_size=12)
_scalars = st.one_of(
    _texts, st.booleans(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False, allow_infinity=False), st.dates()
)
_keys = st.one_of(
    st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True), st.sampled_from(["unit", "name", "title"]), _texts
)
_values = st.recursive(
    st.one_of(_scalars, st.lists(_scalars, max_size=3), st.fixed_dictionaries({"vi": _texts}, optional={"en": _texts})),
    lambda inner: st.one_of(
        st.dictionaries(_keys, inner, max_size=3), st.lists(st.dictionaries(_keys, inner, max_size=3), max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(_keys, _values, max_size=5))
def test_what_is_written_is_read_back(data):
    text = wave_text.write(data)

    assert tomllib.loads(text) == data
    assert wave_text.write(tomllib.loads(text)) == text


def test_the_order_of_the_data_does_not_show():
    data = tomllib.loads(EXAMPLE.read_text("utf-8"))
    turned = dict(reversed([(key, value) for key, value in data.items()]))

    assert wave_text.write(turned) == wave_text.write(data)


def test_the_example_says_the_same_when_written_anew():
    text = EXAMPLE.read_text("utf-8")
    again = wave_file.load(wave_text.write(tomllib.loads(text)), "again")
    first = wave_file.load(text, "first")

    assert {name: getattr(again, name) for name in ("units", "groups", "places", "opens", "authority")} == {
        name: getattr(first, name) for name in ("units", "groups", "places", "opens", "authority")
    }


def test_control_characters_and_odd_keys_survive():
    data = {"title": {"vi": 'a"\\\n\x7f\x00b'}, "tên lạ": {"x.y": 1}, "days": [date(2026, 3, 1)], "n": [{"a": 1}, 2]}

    assert tomllib.loads(wave_text.write(data)) == data


@pytest.mark.parametrize(
    ("change", "step", "path"),
    [
        (lambda data: data.pop("opens"), "about", ("opens",)),
        (lambda data: data.update(closes=date(2020, 1, 1)), "about", ("closes",)),
        (lambda data: data["authority"].pop("plan"), "about", ("authority", "plan")),
        (lambda data: data.pop("unit"), "units", ("unit",)),
        (lambda data: data["unit"][1].pop("kind"), "units", ("unit", 1, "kind")),
        (lambda data: data["unit"][1].update(id="Sở"), "units", ("unit", 1, "id")),
        (lambda data: data["unit"][1].update(id="so_tu_phap"), "units", ("unit", 1, "id")),
        (lambda data: data["place"][0].update(unit="khac"), "places", ("place", 0, "unit")),
        (lambda data: data["group"][0]["design"].update(n=-1), "groups", ("group", 0, "design", "n")),
        (lambda data: data["group"][0]["target"].pop("period"), "groups", ("group", 0, "target", "period")),
        (lambda data: data["group"][0]["name"].update(vi=" "), "groups", ("group", 0, "name", "vi")),
    ],
)
def test_a_fault_is_told_to_its_step_and_field(change, step, path):
    data = tomllib.loads(EXAMPLE.read_text("utf-8"))
    change(data)

    spec, problems = checking.of_text(wave_text.write(data))

    assert spec is None
    assert (problems[0].step, problems[0].path) == (step, path)
    assert problems[0].position == next((part for part in path if isinstance(part, int)), None)


def test_documents_are_told_to_the_step_that_names_them():
    def nothing(name: str) -> str:
        raise Faults(f"“{name}” was not sent in yet")

    text = EXAMPLE.read_text("utf-8")
    spec = wave_file.load(text, "w")
    assert [problem.step for problem in checking.of_documents(spec, nothing)] == ["about"]

    spec = wave_file.load(text.replace('questionnaire = "citizen"', 'questionnaire = "x.toml"'), "w")
    assert [problem.step for problem in checking.of_documents(spec, nothing)] == ["groups"]

    spec = wave_file.load(text.replace("framework.toml", "province_2026"), "w")
    assert {problem.step for problem in checking.of_documents(spec, nothing)} >= {"groups"}
