"""Answers as codes, row groups that split nobody, boxes that are none of ours."""

from __future__ import annotations

import itertools
import json
import tomllib
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms import catalogue
from forms import questionnaire as questionnaires
from forms.faults import Faults
from survey import codebook, sealing
from survey.demo import run, wave
from survey.demo.scene import Size, scene
from survey.freeze import columns, manifest, opening
from survey.freeze.respondent import Label, Respondent
from survey.plan import wave_file

ITEMS = codebook.items([catalogue.questionnaire("citizen")])


def column(name: str) -> codebook.Column:
    return {each.name: each for each in codebook.columns(ITEMS)}[name]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("access_1", "v1", 0), ("access_1", "v5", 4), ("access_1", "na", -1), ("access_1", "declined", -2),
        ("access_1", None, None), ("used", "no", 1), ("visits", 3, 3), ("visits", "declined", None),
    ],
)  # fmt: skip
def test_codes(name, value, code):
    assert column(name).code(value) == code


def test_an_answer_that_is_no_choice_stops_the_freeze():
    with pytest.raises(Faults, match="“v9”, which is no choice"):
        column("access_1").code("v9")


def test_every_bundled_questionnaire_shares_its_columns():
    together = codebook.document([catalogue.questionnaire(id) for id in catalogue.QUESTIONNAIRES], ["channel"])
    names = [each["name"] for each in together["columns"]]
    assert len(names) == len(set(names))
    assert names[:9] == ["respondent", "psu", "unit", "group", "stratum", "wclass", "mode", "m_channel", "base_weight"]
    shared = next(item for item in together["items"] if item["id"] == "access_1")
    assert shared["questionnaires"] == ["citizen", "organisation"]


def test_items_that_cannot_share_a_column_are_named():
    citizen = catalogue.questionnaire("citizen")
    source = citizen.text.replace('id = "citizen"', 'id = "other"').replace("value = 0.25", "value = 0.3")
    with pytest.raises(Faults) as stopped:
        codebook.items([citizen, questionnaires.load(source, "other.toml")])
    assert "item “access_1” is not the same in “citizen” and “other”" in str(stopped.value)


def test_items_named_like_columns_of_the_design_are_refused():
    source = catalogue.questionnaire("citizen").text.replace('id = "visits"', 'id = "stratum"')
    assert tomllib.loads(source)
    with pytest.raises(Faults, match="“stratum” of “citizen” has the name of a column"):
        codebook.items([questionnaires.load(source, "citizen.toml")])


@given(st.lists(st.integers(1, 4), min_size=1, max_size=30), st.integers(1, 9))
def test_no_row_group_splits_a_respondent(tmp_path_factory, sizes, rows):
    file = tmp_path_factory.mktemp("groups") / "t.parquet"
    told = [number for number, size in enumerate(sizes) for _ in range(size)]
    columns.write(pa.table({"respondent": pa.array(told, pa.int64())}), file, rows)
    written = pq.ParquetFile(file)
    groups = [written.read_row_group(number)["respondent"].to_pylist() for number in range(written.num_row_groups)]
    assert [each for group in groups for each in group] == told
    assert all(a[-1] != b[0] for a, b in itertools.pairwise(groups))
    assert all(len(group) <= rows + 3 for group in groups)


def test_a_table_without_rows_is_still_a_file(tmp_path):
    empty = columns.comments([], ITEMS)
    columns.write(empty, tmp_path / "comments.parquet")
    assert pq.read_table(tmp_path / "comments.parquet").schema == empty.schema


def test_what_a_person_said_of_several_units_names_none():
    person = Respondent(Label("dan", "all", "all", ()), "qr", "complete", ("a", "b"), (1.0, 1.0),
                        ({"comment": "về a"}, None), {"comment": "chung"})  # fmt: skip
    told = {(row["unit"], row["text"]) for row in columns.comments([person], ITEMS).to_pylist()}
    assert told == {("a", "về a"), (None, "chung")}


def test_notes_take_no_answer_and_have_no_column():
    told = catalogue.questionnaire("citizen").text
    for old, new in (('id = "visits"\ntype = "number"', 'id = "visits"\ntype = "note"'), ("min = 0\nmax = 50\n", "")):
        assert old in told
        told = told.replace(old, new)
    assert "visits" not in codebook.items([questionnaires.load(told, "citizen.toml")])


def test_the_manifest_says_what_each_group_stands_for():
    spec = wave_file.load(wave.toml(scene(Size.SMALL, run.facts()), date(2026, 3, 1)), "wave.toml")
    told = {group.id: manifest._group(group, spec) for group in spec.groups}
    assert told["huyen"]["blocks"] is True
    assert told["hdnd"]["blocks"] is False
    assert told["nguoi_dan"]["target"]["frame"]["vi"].startswith("Danh sách hồ sơ")
    assert set(told["nguoi_dan"]["target"]) == {"population", "frame", "period", "gaps"}


PAIR = sealing.generate_key_pair()


WHOLE = {
    "v": 1, "cell": {"group": "dan", "stratum": "all", "wclass": "all", "margins": {"b": "x", "a": "y"}, "mode": "qr"},
    "disposition": "complete", "units": [{"unit": "a", "weight": 1.5, "answers": {"used": "yes", "ways": ["a", "b"]}}],
    "respondent": {"age": "18_29"},
}  # fmt: skip


def boxes(*documents):
    """One after the other, as they come from a database."""
    for each in documents:
        yield sealing.seal(each if isinstance(each, bytes) else json.dumps(each).encode(), PAIR.public, b"info", 512)


def test_what_many_say_is_kept_once_and_nothing_else_is_taken_for_it():
    reordered = WHOLE | {"cell": dict(reversed(WHOLE["cell"].items())), "respondent": {"age": "30_39"}}
    first, second, other = opening.open_boxes(boxes(WHOLE, WHOLE, reordered), PAIR.private, b"info")
    assert first == second and first.label == other.label == Label("dan", "all", "all", (("a", "y"), ("b", "x")))
    assert first.label is second.label and first.units is other.units and first.weights is other.weights
    assert first.answers[0]["used"] is other.answers[0]["used"] and first.answers[0]["ways"] == ["a", "b"]
    assert (first.person, other.person) == ({"age": "18_29"}, {"age": "30_39"})


def test_boxes_are_opened_as_they_come():
    held = []

    def seen():
        for number, box in enumerate(boxes(*[WHOLE] * 3)):
            held.append(number)
            yield box

    told = []
    opening.open_boxes(seen(), PAIR.private, b"info", lambda done: told.append((done, len(held))))
    assert told == [(0, 1)] and len(held) == 3


BROKEN = (b"[]", b"not json", {"v": 2}, {"v": 1}, WHOLE | {"cell": 5}, WHOLE | {"cell": {"group": "dan"}})


@pytest.mark.parametrize("content", BROKEN)
def test_a_box_that_holds_no_response_is_not_skipped(content):
    with pytest.raises(Faults, match="1 of 2 boxes"):
        opening.open_boxes(boxes(content, WHOLE), PAIR.private, b"info")


def test_many_differences_are_counted_after_the_first_twenty():
    spent = {opening.Cell(Label("g", f"s{n}", "c", (("m", "x"),)), "qr", (("u", 1.0),)): 5 for n in range(23)}
    with pytest.raises(Faults) as stopped:
        opening.compare([], spent, {}, {})
    assert len(stopped.value.faults) == 22
    assert "… and 3 more cells" in str(stopped.value)
    assert "g, stratum s0, m x, qr, assessing u”: 5 invitations answered, 0 boxes" in str(stopped.value)
