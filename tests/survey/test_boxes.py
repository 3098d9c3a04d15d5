"""What a response says, and that no response is ever too long for its box."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import questionnaire as questionnaires
from survey import boxes, invitations
from survey.drafts import DECLINED_UNIT, Draft
from survey.invitations import Invitation
from survey.plan import wave_file
from survey.wave import RegisteredWave

FULL = {"used": "yes", "q1": "v3", "q2": "v2"}


def invitation(scene, serial: int) -> Invitation:
    with scene.store.read() as tx:
        return invitations.by_serial(tx, scene.identity, serial)


def draft(**about: dict[str, object]) -> Draft:
    """Answers by unit; ``respondent`` stands for what is asked once."""
    page = {
        ("" if unit == "respondent" else unit, item): value
        for unit, values in about.items()
        for item, value in values.items()
    }
    return Draft().merged(page, seen=0)


def told(scene, serial: int, saved: Draft) -> tuple[str, dict]:
    state, content = boxes.contents(scene.wave, invitation(scene, serial), saved)
    document = boxes.read(content)
    assert document["disposition"] == state
    return state, document


def test_a_box_says_the_cell_and_the_answers_and_nothing_else(scene):
    state, document = told(scene, 6, draft(so_a={**FULL, "visits": 3, "said": "Tốt"}, respondent={"sex": "no"}))
    assert document == {
        "v": 1,
        "cell": {"group": "dan", "stratum": "so_a", "wclass": "so_a", "margins": {"channel": "*"}, "mode": "qr"},
        "disposition": "complete",
        "units": [{"unit": "so_a", "weight": 2.0, "answers": {**FULL, "visits": 3, "said": "Tốt"}}],
        "respondent": {"sex": "no"},
    }
    assert state == "complete"


def test_the_same_answers_make_the_same_bytes(scene):
    one = draft(so_a=dict(FULL), respondent={"sex": "no"})
    other = draft(respondent={"sex": "no"}, so_a=dict(reversed(FULL.items())))
    assert boxes.contents(scene.wave, invitation(scene, 6), one) == boxes.contents(
        scene.wave, invitation(scene, 7), other
    )


def test_hidden_answers_stay_behind(scene):
    _, document = told(scene, 6, draft(so_a={**FULL, "why": ("slow",)}))  # asked only where q2 is v1
    assert "why" not in document["units"][0]["answers"]
    _, document = told(scene, 6, draft(so_a={**FULL, "q2": "v1", "why": ("slow", "rude")}))
    assert document["units"][0]["answers"]["why"] == ["slow", "rude"]


def test_a_declined_unit_has_no_answers_and_does_not_lower_the_others(scene):
    saved = draft(so_a=dict(FULL), so_b={**FULL, DECLINED_UNIT: "declined"}, so_c=dict(FULL), respondent={"sex": "yes"})
    state, document = told(scene, 1, saved)
    assert [unit["answers"] for unit in document["units"]] == [FULL, None, FULL]
    assert [unit["unit"] for unit in document["units"]] == ["so_a", "so_b", "so_c"]
    assert document["respondent"] == {"sex": "yes"}
    assert state == "complete"


def test_who_declines_every_unit_breaks_off(scene):
    everything = {unit: {DECLINED_UNIT: "declined"} for unit in ("so_a", "so_b", "so_c")}
    state, document = told(scene, 1, draft(**everything, respondent={"sex": "yes"}))
    assert state == "broke_off"
    assert document["respondent"] == {"sex": "yes"}


def test_screened_out_by_every_unit_that_was_not_declined(scene):
    assert told(scene, 6, draft(so_a={"used": "no", "q1": "v1"}))[0] == "screened_out"
    never = {"used": "no"}
    assert told(scene, 1, draft(so_a=never, so_b=never, so_c={DECLINED_UNIT: "declined"}))[0] == "screened_out"
    assert told(scene, 1, draft(so_a=never, so_b=never, so_c=dict(FULL)))[0] != "screened_out"


@pytest.mark.parametrize(
    ("about", "state"),
    [({"used": "yes", "q1": "v1"}, "partial"), ({"used": "yes"}, "partial"), ({}, "broke_off")],
)
def test_dispositions_follow_completeness(scene, about, state: str):
    # Closed items that apply: sex, used, q1, q2.
    assert told(scene, 6, draft(so_a=about, respondent={"sex": "no"}))[0] == state


def test_text_longer_than_its_item_is_cut_rather_than_refusing_a_submit(scene):
    _, document = told(scene, 6, draft(so_a={**FULL, "said": "ạ" * 500}))
    assert document["units"][0]["answers"]["said"] == "ạ" * 60


@pytest.mark.parametrize("bad", [b'{"v":2}', b"[]", b"nonsense", b"\xff"])
def test_other_documents_are_refused(bad: bytes):
    with pytest.raises(ValueError, match=r"."):
        boxes.read(bad)


def longest(item, filler: str):
    """The longest answer that a page would accept for an item."""
    match item.type:
        case "text":
            return filler * item.max_length
        case "multiple":
            return tuple(choice.id for choice in item.choices)
        case "number":
            return -999_999_999
        case "date":
            return 219_912
        case _:
            return max((choice.id for choice in item.choices), key=len)


@pytest.mark.parametrize("filler", ["\U0001f600", "\\", "\n", '"'])
@pytest.mark.parametrize("serial", [1, 6])
def test_the_longest_response_fits(scene, serial: int, filler: str):
    wave = scene.wave
    who = invitation(scene, serial)
    questionnaire = wave.questionnaire_of(who.group)
    answers = {id: longest(item, filler) for id, item in questionnaire.items.items()} | {"used": "yes", "q2": "v1"}
    about_unit = {id: value for id, value in answers.items() if id in questionnaire.unit_items}
    saved = draft(**dict.fromkeys(who.unit_ids, about_unit), respondent={"sex": "yes"})
    state, content = boxes.contents(wave, who, saved)
    assert state == "complete"
    assert len(content) + 4 <= wave.box_bytes
    assert wave.box_bytes % 512 == 0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["text", "number", "single", "multiple"]), st.integers(0, 30)), min_size=1,
             max_size=8),
    st.integers(1, 9),
    st.sampled_from("\U0001f600\\ạ\n"),
)  # fmt: skip
def test_any_questionnaire_fits_its_box(items: list[tuple[str, int]], n_units: int, filler: str):
    source = 'id = "x"\nversion = 1\nminutes = 1\ntitle.vi = "x"\n[[section]]\nid = "s"\ntitle.vi = "s"\n'
    for number, (kind, length) in enumerate(items):
        id, choice = f"i{'x' * length}{number}", "c" * (length + 1)
        source += f'[[section.item]]\nid = "{id}"\ntype = "{kind}"\ntext.vi = "?"\n'
        if kind in ("single", "multiple"):
            source += f'choices = [ {{ id = "{choice}", vi = "a" }}, {{ id = "zz_{choice}", vi = "b" }} ]\n'
        if kind == "text":
            source += "max_length = 300\n"
    questionnaire = questionnaires.load(source, "x.toml")
    unit_ids = [f"unit_{number}" for number in range(n_units)]
    wave_text = "".join(f'[[unit]]\nid = "{unit}"\nname.vi = "x"\nkind = "k"\n' for unit in unit_ids)
    head = 'id = "w"\ntitle.vi = "w"\nopens = 2026-01-01\ncloses = 2026-01-02\n'
    group = '[[group]]\nid = "g"\nname.vi = "g"\nquestionnaire = "x.toml"\nassesses = "kind:k"\nmax_units = 9\n'
    spec = wave_file.load(head + wave_text + group, "w.toml")
    size = boxes.box_bytes(spec, {"x.toml": questionnaire})
    wave = RegisteredWave(spec, {"x.toml": questionnaire}, None, b"", "", size, "open", False, "server")
    who = Invitation("w", 1, b"", 0, invitations.State.ISSUED, "p", 1, "g", "s", "c", {}, "qr",
                     tuple((unit, 1 / 3) for unit in unit_ids))  # fmt: skip
    answers = {id: longest(item, filler) for id, item in questionnaire.items.items()}
    _, content = boxes.contents(wave, who, draft(**dict.fromkeys(unit_ids, answers)))
    assert len(content) + 4 <= size


def test_a_cell_described_at_too_great_length_is_measured(scene):
    who = invitation(scene, 6)
    assert boxes.frame_excess(who) <= 0
    wordy = msgspec.structs.replace(who, stratum="ạ" * 500)
    assert boxes.frame_excess(wordy) > 0
    document = json.loads(boxes.contents(scene.wave, wordy, draft(so_a=dict(FULL)))[1])
    assert document["cell"]["stratum"] == "ạ" * 500
