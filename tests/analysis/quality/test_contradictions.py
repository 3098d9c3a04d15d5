"""Contradictions that a questionnaire declares: read, checked, carried into the dataset, and counted as pages would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.dataset import Dataset
from analysis.quality.contradictions import _Rows, contradicted
from analysis.quality.examined import Flag, examine
from forms import questionnaire, questionnaire_text, xlsform
from forms.conditions import Comparison, Junction, parse
from forms.faults import Faults
from survey import codebook
from tests.survey.external.test_import_responses import QUESTIONNAIRE
from tests.survey.small_dataset import make_dataset

RULE = """
[[contradiction]]
id = "often_yet_never"
text.vi = "Nói không đến lần nào nhưng chê chậm"
when = "visits == 0 and 'slow' in why"
"""
ITEMS = codebook.document([questionnaire.load(QUESTIONNAIRE, "q")], ())["items"]


def test_rules_are_read_written_and_carried() -> None:
    asked = questionnaire.load(QUESTIONNAIRE + RULE, "q")
    assert [rule.id for rule in asked.contradictions] == ["often_yet_never"]
    again = questionnaire.load(questionnaire_text.write(asked), "again")
    assert again.contradictions == asked.contradictions
    (told,) = codebook.document([asked], ())["contradictions"]
    assert (told["questionnaire"], told["when"]) == ("ngoai", "visits == 0 and 'slow' in why")
    assert "contradictions" not in codebook.document([questionnaire.load(QUESTIONNAIRE, "q")], ())
    assert "rule of contradiction" in " ".join(map(str, xlsform.write(asked).notes))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("visits == 0", "visit == 0", "no such item"),
        ("visits == 0", "answered(more)", "free text"),
        ("when = ", "wenn = ", "“when” is missing"),
        ("'slow' in why", "'red' in why", "has no choice"),
        (RULE, RULE * 2, "used twice"),
    ],
)
def test_faults_of_rules_are_named(old: str, new: str, said: str) -> None:
    with pytest.raises(Faults, match=said):
        questionnaire.load((QUESTIONNAIRE + RULE).replace(old, new), "q")


def ruled(folder: Path) -> Dataset:
    """The small dataset, whose only item contradicts itself from the middle upwards."""
    made = make_dataset(folder / "d")
    book = json.loads((made / "codebook.json").read_text("utf-8"))
    book["contradictions"] = [{"id": "high", "questionnaire": "citizen", "text": {"vi": "…"},
                               "when": "access_1 == 'v3' or access_1 == 'v4'"}]  # fmt: skip
    return Dataset(made, json.loads((made / "manifest.json").read_text("utf-8")), book, "0" * 64)


def test_forms_that_contradict_themselves_are_counted_by_office_and_flagged(tmp_path: Path) -> None:
    found = examine(ruled(tmp_path))
    (check,) = [each for each in found.checks if each.flag is Flag.CONTRADICTED]
    assert (check.flagged, check.base, check.by_unit["so_b"], check.by_unit["so_c"]) == (12, 22, (8, 8), (0, 6))
    assert len(found.flagged) == 12


def test_without_rules_nothing_is_said(tmp_path: Path) -> None:
    dataset = ruled(tmp_path)
    assert list(contradicted(Dataset(dataset.path, dataset.manifest, {"items": []}, "0"), "dan")) == []


VALUES = st.fixed_dictionaries({
    "access_1": st.sampled_from([None, "v1", "v3", "v5", "na", "declined"]),
    "why": st.sampled_from([None, (), ("slow",), ("slow", "far")]),
    "visits": st.one_of(st.none(), st.integers(0, 3)),
})  # fmt: skip
CONDITIONS = st.sampled_from([
    "access_1 == 'v5'", "access_1 != 'v5'", "access_1 in ['v1', 'na']", "not access_1 == 'declined'",
    "'slow' in why and visits > 1", "visits <= 2 or answered(access_1)", "answered(why)", "'far' not in why",
    "visits != 1", "visits >= 1 and visits < 3", "visits == 'na'",
])  # fmt: skip


@settings(max_examples=120)
@given(st.lists(VALUES, min_size=1, max_size=6), CONDITIONS)
def test_whole_columns_say_what_a_single_form_says(forms: list[Mapping[str, object]], text: str) -> None:
    items = codebook.items([questionnaire.load(QUESTIONNAIRE, "q")])
    table = {
        column.name: pa.array([column.code(form[column.item.id]) for form in forms], pa.int32())
        for column in codebook.columns(items)
        if column.item.id in ("access_1", "why", "visits")
    }
    node: Comparison | Junction = parse(text).root
    found = _Rows(pa.table(table), {item["id"]: item for item in ITEMS}).holds(node)
    assert np.array_equal(found, [node.holds(form) for form in forms])
