"""Comments by unit and theme: found whatever the spelling, and never told of fewer than k people."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.comments import themes
from analysis.comments.searching import search, words
from analysis.comments.units import Comment, by_unit, counts
from forms.faults import Faults

K = 5
THEMES = themes.parsed(
    '[[theme]]\nid = "slow"\nname.vi = "Chậm"\nkeywords = ["chậm", "chờ đợi"]\n'
    '[[theme]]\nid = "rude"\nname.vi = "Thái độ"\nkeywords = ["hách dịch"]\n',
    "t.toml",
)


def written(texts: list[str], item: str = "more", unit: str | None = "so_a") -> list[Comment]:
    return [Comment(unit, "dan", item, text) for text in texts]


def test_search_ignores_case_and_marks_but_not_the_marks_asked_for() -> None:
    texts = ["Chậm quá", "cham qua", "CHĂM sóc", "chậm"]
    assert search(texts, "cham") == [0, 1, 2, 3]
    assert search(texts, "chậm") == [0, 1, 3]
    assert search(texts, "chậm quá") == [0, 1]
    assert search(["hồ sơ đất đai, hoà giải"], "HOÀ GIẢI, dat dai") == [0]
    assert search(["hòa giải"], "hoà") == [0]
    assert search(texts, " , ") == []
    assert search(["chậmm"], "chậm") == []


def test_themes_of_too_few_join_the_others_or_vanish() -> None:
    given = written(["chậm"] * 5 + ["hách dịch"] * 3 + ["khác"] * 2)
    told = by_unit(given, THEMES, K)["so_a"]
    assert [(each.theme.id, len(each.texts)) for each in told] == [("slow", 5), ("other", 5)]
    assert [each.theme.id for each in by_unit(given[:8], THEMES, K)["so_a"]] == ["slow"]
    assert counts({"so_a": told})["so_a"][0] == {"id": "slow", "theme": "Chậm", "count": 5}


def test_many_comments_of_few_people_are_not_shown() -> None:
    """Three people who write under two items each make six comments."""
    given = written(["chậm"] * 3, "one") + written(["chậm"] * 3, "two")
    assert by_unit(given, THEMES, K) == {}
    assert by_unit(written(["chậm"] * 9, unit=None), THEMES, K) == {}


def test_the_bundled_themes_are_sound_and_can_be_edited(tmp_path: Path) -> None:
    copy = tmp_path / "mine.toml"
    copy.write_text(
        themes.bundled() + '\n[[theme]]\nid = "parking"\nname.vi = "Gửi xe"\nkeywords = ["gửi xe"]\n', "utf-8"
    )
    assert len(themes.read(copy)) == len(themes.read()) + 1


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('[[theme]]\nid = "a"\nname.vi = "A"\nkeywords = []', "at least one word"),
        ('[[theme]]\nid = "a"\nname.vi = "A"\nkeywords = ["…"]', "no letter"),
        ('[[theme]]\nid = "other"\nname.vi = "A"\nkeywords = ["b"]', "taken"),
        ('[[theme]]\nid = "a"\nname.vi = "A"\nkeywords = ["b"]\n' * 2, "taken"),
        ("x = 1", "unknown key"),
    ],
)
def test_faults_of_a_themes_file_are_named(source: str, said: str) -> None:
    with pytest.raises(Faults, match=said):
        themes.parsed(source, "t.toml")


def test_a_themes_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Faults, match="UTF-8"):
        themes.read(tmp_path / "t.toml")


def test_a_place_to_wait_is_no_matter_of_time() -> None:
    found = {theme.id for theme in themes.read(None) if theme.of(words("Nơi ngồi chờ còn chật, mùa nắng rất nóng"))}
    assert found == {"premises"}
    assert "time" in {theme.id for theme in themes.read(None) if theme.of(words("phải chờ cả buổi sáng"))}
