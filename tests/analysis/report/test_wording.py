"""The sentences: what may be said, and no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.report import wording
from analysis.report.conclusions import Conclusions, conclude, differing_pairs
from analysis.result import IndexResult, KindResult, Mark, UnitIndex

A18 = Conclusions(ranked=18, best=("A",), alone=("A",), bottom=("Y", "Z"), bottom_size=3, pairs=153, differing=61)


def lead(facts: Conclusions) -> str:
    return " ".join(wording.plain(sentence) for sentence in wording.lead(facts, "cơ quan"))


@pytest.mark.parametrize(
    ("best", "sentence"),
    [
        (("A",), "A đứng đầu, kể cả khi tính đến sai số điều tra."),
        (("A", "B"), "A và B đều có thể đứng thứ nhất: số liệu chưa phân biệt được cơ quan nào trong số đó đứng đầu."),
        (
            ("Sở A, B", "C", "D"),
            "Sở A, B; C và D đều có thể đứng thứ nhất: số liệu chưa phân biệt được cơ quan nào trong số đó",
        ),
        (tuple("ABCDE"), "Chưa thể nói cơ quan nào đứng đầu: năm trong 18 cơ quan đều có thể đứng thứ nhất."),
        (tuple("ABCDEFGHIJKLMNOPQR"), "Chưa thể nói cơ quan nào đứng đầu: cả 18 cơ quan đều có thể đứng thứ nhất."),
    ],
)
def test_who_leads(best: tuple[str, ...], sentence: str) -> None:
    assert lead(replace(A18, best=best, alone=best)).startswith(sentence)


@pytest.mark.parametrize(
    ("best", "alone", "sentence"),
    [
        ("ABC", "A", "A đứng đầu khi xét riêng từng cơ quan; khi xét mọi cơ quan cùng lúc thì chưa loại trừ B và C."),
        ("ABCDE", "A", "A đứng đầu khi xét riêng từng cơ quan; khi xét mọi cơ quan cùng lúc thì chưa loại trừ bốn cơ"),
        (
            "ABC",
            "AB",
            "A, B và C đều có thể đứng thứ nhất: số liệu chưa phân biệt được cơ quan nào trong số đó đứng đầu. Xét",
        ),
    ],
)
def test_what_holds_for_all_at_once_does_not_contradict_the_table(best: str, alone: str, sentence: str) -> None:
    assert lead(replace(A18, best=tuple(best), alone=tuple(alone))).startswith(sentence)


@pytest.mark.parametrize(
    ("bottom", "size", "sentence"),
    [
        ((), 0, "Không cơ quan nào chắc chắn nằm ở cuối bảng."),
        (("Z",), 1, "Z đứng cuối, kể cả khi tính đến sai số điều tra."),
        (("Y", "Z"), 3, "Y và Z chắc chắn thuộc nhóm ba cơ quan cuối bảng."),
        (tuple("UVWXYZ"), 17, "Sáu cơ quan chắc chắn thuộc nhóm 17 cơ quan cuối bảng."),
    ],
)
def test_who_is_surely_last(bottom: tuple[str, ...], size: int, sentence: str) -> None:
    assert sentence in lead(replace(A18, bottom=bottom, bottom_size=size))


def test_how_many_pairs_differ() -> None:
    assert lead(A18).endswith("Trong 153 cặp cơ quan, 61 cặp (40%) khác nhau rõ rệt.")
    assert lead(replace(A18, differing=0)).endswith("Trong 153 cặp cơ quan, chưa cặp nào khác nhau rõ rệt.")


def test_fewer_than_two_units_are_no_ranking() -> None:
    assert lead(replace(A18, ranked=1)) == "Chưa đủ cơ quan có chỉ số để xếp hạng."


def test_the_previous_year_in_one_sentence() -> None:
    assert wording.change_summary(0, 0, 0, 0, "cơ quan") == ""
    assert wording.change_summary(2, 1, 3, 0, "cơ quan") == (
        "So với năm trước, hai cơ quan tăng và một cơ quan giảm nhiều hơn sai số; "
        "ba cơ quan thay đổi trong phạm vi sai số."
    )
    assert wording.change_summary(1, 0, 0, 12, "cơ quan").endswith(
        "; ở 12 cơ quan, chưa thể kết luận mức tăng, giảm có vượt sai số hay không."
    )
    assert "chưa thể kết luận mức tăng, giảm có vượt sai số hay không" in wording.change_summary(0, 0, 0, 14, "cơ quan")


def test_every_mark_has_its_words() -> None:
    assert {str(mark) for mark in Mark} <= wording.MARKS.keys()
    assert wording.kind_words("school").title == "school"
    assert wording.plain("a") == "a"


def kind(values: list[float], variance: float, sets: list[tuple[int, int]], shared: float = 0.0) -> KindResult:
    units = tuple(
        UnitIndex(
            unit=f"u{rank}", kind="department", index=value, published=value, se=variance**0.5, ci_low=value - 1,
            ci_high=value + 1, rank=rank, rank_lower=lower, rank_upper=upper, appraised_points=0, survey_points=value,
            maximum=100, domains=(), subcriteria=(),
        )
        for rank, (value, (lower, upper)) in enumerate(zip(values, sets, strict=True), 1)
    )  # fmt: skip
    covariance = np.full((len(values), len(values)), shared)
    np.fill_diagonal(covariance, variance)
    return KindResult("department", units, (), covariance)


NAMES = {f"u{rank}": f"U{rank}" for rank in range(1, 20)}


def test_conclusions_from_rank_sets() -> None:
    sets = [(1, 1), (2, 3), (2, 3), (4, 4), (5, 6), (5, 6)]
    facts = conclude(kind([90, 80, 70, 60, 50, 40], 0.01, sets), NAMES, 0.95)
    assert facts.alone == ("U1",)
    assert facts.best == ("U1",)  # nobody declared possible best: the first place
    assert (facts.bottom, facts.bottom_size) == (("U5", "U6"), 2)
    assert (facts.pairs, facts.differing) == (15, 15)
    last = conclude(kind([90, 80, 70], 0.01, [(1, 1), (2, 2), (3, 3)]), NAMES, 0.95)
    assert (last.bottom, last.bottom_size) == (("U3",), 1)
    unclear = conclude(kind([90, 80, 70], 1e4, [(1, 3)] * 3), NAMES, 0.95)
    assert (unclear.bottom, unclear.bottom_size, unclear.differing) == ((), 0, 0)
    assert conclude(kind([], 1, []), NAMES, 0.95).ranked == 0


def test_pairs_use_the_covariance_and_holms_adjustment() -> None:
    sets = [(1, 3)] * 3
    assert differing_pairs(kind([80, 77.5, 60], 1.0, sets), 0.95) == 2  # z = 1.77 between the first two
    assert differing_pairs(kind([80, 77.5, 60], 1.0, sets, shared=0.9), 0.95) == 3  # what they share does not blur
    # z = 2.1 and p = 0.036: enough for one pair alone, not for three
    assert differing_pairs(kind([80, 77.03], 1.0, sets[:2]), 0.95) == 1
    assert differing_pairs(kind([80, 77.03, 78.5], 1.0, sets), 0.95) == 0


def test_a_difference_without_any_error_is_decided_by_itself() -> None:
    assert differing_pairs(kind([80, 79, 79], 0.0, [(1, 1), (2, 2), (2, 2)]), 0.95) == 2


def test_the_lead_of_a_whole_result_names_units(result: IndexResult) -> None:
    names = {unit: texts["vi"] for unit, texts in result.wave.unit_names.items()}
    facts = conclude(result.kinds[0], names, result.level)
    assert len(facts.best) == 3
    assert set(facts.best) <= set(names.values())
