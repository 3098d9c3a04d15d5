"""The report says how far two persons who keyed the same forms agree."""

from __future__ import annotations

from analysis.compose import keyed_again
from analysis.report import noted
from analysis.result import WaveFacts
from tests.analysis.test_notes import WAVE

PAPER = {
    "forms": {"keyed": 1200},
    "forms_compared": {"compared": 120, "differed": 3, "rate": 0.025},
    "overall": {"compared": 2400, "differed": 6, "rate": 0.0025},
    "items": {
        "q1": {"compared": 120, "differed": 0, "rate": 0.0, "words": False},
        "q2": {"compared": 120, "differed": 6, "rate": 0.05, "words": False},
    },
}


def test_the_disagreement_is_said_overall_and_by_item_in_both_languages() -> None:
    assert isinstance(WAVE, WaveFacts)
    (told,) = keyed_again({"paper": PAPER})
    assert str(told) == (
        "Two persons keyed 120 of 1200 forms on paper: 6 of 2400 cells differ, 0.25 %; by item: q2 6/120"
    )
    assert noted.sentences([told], WAVE) == [
        "Trong 1.200 phiếu giấy đã nhập, 120 phiếu được hai người nhập riêng: 6 trong 2.400 ô nhập khác nhau, 0,25%; "
        "theo câu hỏi: q2 6/120."
    ]


def test_where_nothing_was_keyed_twice_nothing_is_said() -> None:
    assert keyed_again({}) == []
    assert keyed_again({"paper": {**PAPER, "overall": {"compared": 0, "differed": 0, "rate": None}}}) == []
    alike = {**PAPER, "items": {}, "overall": {"compared": 5, "differed": 0, "rate": 0.0}}
    assert keyed_again({"paper": alike})[0].values["items"] == ("0",)
