"""LimeSurvey's .lss in: what can be asked is kept, the rest is listed, and nothing hostile is read."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import limesurvey
from forms.faults import Faults
from forms.questionnaire import ItemType
from forms.xlsform import Imported
from tests.forms.lime_documents import SURVEY, Rows, lss, question

_NUMBER = {"5": 1, "L": 2, "M": 3, "F": 4, "N": 5, "S": 6, "T": 7, "Y": 8, "G": 9, "A": 10}


def changed(**tables: Rows) -> dict[str, Rows]:
    return {**SURVEY, **tables}


def read(l10ns: bool = False, **tables: Rows) -> Imported:
    return limesurvey.read(lss(l10ns, **changed(**tables)), "s.lss")


def told(found: Imported) -> str:
    return "\n".join(map(str, found.notes))


@pytest.mark.parametrize("l10ns", [False, True])
def test_every_promised_type_is_kept(l10ns: bool) -> None:
    found = read(l10ns)
    items = found.questionnaire.items
    assert {name: item.type for name, item in items.items()} == {
        "used": ItemType.SINGLE, "ways": ItemType.SINGLE, "ways_other": ItemType.TEXT, "why": ItemType.MULTIPLE,
        "arr": ItemType.NOTE, "arr_sq1": ItemType.SINGLE, "arr_sq2": ItemType.SINGLE, "times": ItemType.NUMBER,
        "short": ItemType.TEXT, "long": ItemType.TEXT, "sex": ItemType.SINGLE, "sat": ItemType.SCALE,
        "five": ItemType.NOTE, "five_sq1": ItemType.SCALE, "note": ItemType.NOTE,
    }  # fmt: skip
    assert found.questionnaire.title["vi"] == "Khảo sát & đánh giá"
    assert [section.title["vi"] for section in found.questionnaire.sections] == ["Phần một", "Phần hai"]
    assert found.questionnaire.sections[0].intro is not None
    assert items["used"].text["vi"] == "Câu Used" and items["used"].required
    assert [choice.text["vi"] for choice in items["arr_sq1"].choices] == ["Đáp án A1", "Đáp án A2"]
    assert [choice.value for choice in items["sat"].choices] == [0, 0.25, 0.5, 0.75, 1]
    assert items["short"].hint is not None


@pytest.mark.parametrize("l10ns", [False, True])
def test_simple_conditions_are_kept(l10ns: bool) -> None:
    items = read(l10ns).questionnaire.items
    rule = {name: item.show_if.text for name, item in items.items() if item.show_if}
    assert rule["ways"] == "used == 'y'"
    assert rule["why"] == "ways == 'a1' and answered(used)"
    assert "'sq1' in why" in rule["times"] and "not" in rule["times"]
    assert "times >= 3" in rule["short"] and "used == 'y'" in rule["short"]


def test_what_is_not_kept_is_listed_by_question() -> None:
    said = told(read())
    assert "question:11: left out: “Rank” is of LimeSurvey's type ranking" in said
    assert "quota: left out: is a table of 1 rows" in said
    assert "question:4: changed: “Arr” is an array" in said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"relevance": "count(Why_SQ1, Why_SQ2) > 1"}, "asked of everybody"),
        ({"relevance": "Nowhere == 1"}, "no question here"),
        ({"relevance": "Used == Ways"}, "no value"),
        ({"relevance": "(Used == 'Y'"}, "does not close a bracket"),
        ({"relevance": "Used == 'Y' Used"}, "goes on with"),
        ({"relevance": "Why_SQ1 == 'Z'"}, "something else than Y"),
        ({"relevance": "!" * 40 + "Used == 'Y'"}, "too deeply"),
        ({"relevance": "Used =~ 'x'"}, "asked of everybody"),
        ({"relevance": "x" * 6000}, "longer than"),
        ({"preg": "/^a/"}, "regular expression"),
        ({"type": "P"}, "has no choices"),
        ({"type": "|"}, "file upload"),
        ({"type": "é"}, "cannot be asked"),
        ({"question": "Xem <img src='x'> <script>alert(1)</script>này"}, "has <img> in its words"),
        ({"title": "7lạ!"}, "is now called"),
    ],
)
def test_what_cannot_be_said_is_listed(more: Mapping[str, object], said: str) -> None:
    odd = question(90, "S", "Odd", 90, gid=2) | more
    found = read(questions=[*SURVEY["questions"], odd])
    assert said in told(found)
    assert "alert" not in found.questionnaire.text


def test_old_conditions_are_kept_where_there_is_no_equation() -> None:
    rows = [
        {"qid": 90, "scenario": 1, "cfieldname": "77X1X2", "method": "==", "value": "A1"},
        {"qid": 90, "scenario": 1, "cfieldname": "77X1X2", "method": "==", "value": "A2"},
        {"qid": 90, "scenario": 1, "cfieldname": "+77X1X3SQ1", "method": "==", "value": "Y"},
        {"qid": 90, "scenario": 2, "cfieldname": "77X1X8", "method": "==", "value": "N"},
    ]
    odd = question(90, "S", "Odd", 90, gid=1)
    rule = read(questions=[*SURVEY["questions"], odd], conditions=rows).questionnaire.items["odd"].show_if
    assert rule is not None
    assert rule.holds({"ways": "a2", "why": ("sq1",)}) and rule.holds({"used": "n"})
    assert not rule.holds({"ways": "a2", "why": ("sq2",)})
    bad = [{"qid": 90, "cfieldname": "77X1X2", "method": "RX", "value": "A1"}]
    assert "cannot be said" in told(read(questions=[*SURVEY["questions"], odd], conditions=bad))


BOMB = """<?xml version="1.0"?><!DOCTYPE document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<document><LimeSurveyDocType>Survey&b;</LimeSurveyDocType></document>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE document [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<document><LimeSurveyDocType>&x;</LimeSurveyDocType></document>"""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (BOMB.encode(), "document type"),
        (OUTSIDE.encode(), "document type"),
        (BOMB.encode("utf-16"), "document type"),
        (lss(**SURVEY)[:-200], "not whole XML"),
        (b"", "not whole XML"),
        (b"PK\x03\x04", "not whole XML"),
        (b'<?xml version="1.0" encoding="klingon"?><document/>', "not whole XML"),
        (b"\xff\xfe<\x00d", "not whole XML"),
        (b"<document><LimeSurveyDocType>Group</LimeSurveyDocType></document>", "not the structure"),
        (b"<document/>", "not the structure"),
        (b"<a>" * 500, "too deeply"),
        (b"<a>" + b" " * (11 << 20), "larger than"),
        (lss(surveys=[{"sid": 1}]), "asks nothing"),
        (lss(surveys=[{"sid": 1}] * 50_001), "more than 50000 rows"),
    ],
)  # fmt: skip
def test_what_is_hostile_or_broken_is_refused_with_its_name(content: bytes, said: str) -> None:
    with pytest.raises(Faults, match=said) as refused:
        limesurvey.read(content, "s.lss")
    assert "s.lss" in str(refused.value)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["5", "L", "M", "F", "N", "S", "T", "Y", "G", "X", "?"]))
def test_any_equation_and_type_is_read_or_listed(equation: str, kind: str) -> None:
    clean = "".join(each for each in equation if each.isprintable())
    odd = question(90, kind, "Odd", 90, gid=2, relevance=clean)
    assert read(questions=[*SURVEY["questions"], odd]).questionnaire.items


# What real files of other people have, each once. 136 of them were read and compared; see docs/reference/xlsform.md.


@pytest.mark.parametrize(
    ("equation", "rule"),
    [
        ('((77X1X8.NAOK == "Y"))', "used == 'y'"),
        ('((77X1X2.NAOK == "A1" or 77X1X2.NAOK == "A2"))', "(ways == 'a1' or ways == 'a2')"),
        ("((!is_empty(77X1X5.NAOK)))", "answered(times)"),
        ('((77X1X3SQ2.NAOK == "Y"))', "'sq2' in why"),
        ("77X1X5 > 2 and 77X1X5 <= 10", "times > 2 and times <= 10"),
    ],
)
def test_equations_in_numbers_are_kept_as_limesurvey_writes_them(equation: str, rule: str) -> None:
    found = read(questions=[*SURVEY["questions"], question(90, "S", "Odd", 90, relevance=equation)])
    shown = found.questionnaire.items["odd"].show_if
    assert shown is not None and shown.text.strip("()") == rule.strip("()")


@pytest.mark.parametrize("l10ns", [False, True])
def test_scripts_of_questions_are_listed_wherever_they_stand(l10ns: bool) -> None:
    content = lss(l10ns, **changed(questions=[*SURVEY["questions"], question(90, "S", "Odd", 90)]))
    row = b"<question_l10ns><fields/><rows>" if l10ns else b"<qid>90</qid>"
    script = b"<script>$(document).ready()</script>"
    put = row + b"<row><id>x</id><qid>90</qid><language>vi</language>" + script + b"</row>" if l10ns else row + script
    # the words of all questions stand in several tables of one name in what the test writes: any of them will do
    found = limesurvey.read(content.replace(row, put, 1), "s.lss")
    assert "“Odd” has a script of its own" in told(found)
    assert "ready" not in found.questionnaire.text


def test_what_belongs_to_nothing_is_listed() -> None:
    found = read(
        questions=[*SURVEY["questions"], question(90, "T", "Lonely", 90, gid=1086)],
        subquestions=[*SURVEY["subquestions"], {"qid": 91, "parent_qid": 99999, "title": "SQ9", "question": "Mồ côi"}],
        answers=[*SURVEY["answers"], {"qid": 99999, "code": "B7", "answer": "Mồ côi", "scale_id": 0}],
    )
    said = told(found)
    assert "questions: left out: “Lonely” belongs to group “1086”, which the survey has not" in said
    assert "subquestions: left out: “SQ9” belongs to question “99999”, which the survey has not" in said
    assert "answers: left out: “B7” belongs to question “99999”, which the survey has not" in said
    assert "lonely" not in found.questionnaire.items


def test_settings_that_are_nothing_but_a_script_are_named() -> None:
    rows = [
        {"qid": 6, "attribute": "time_limit_message", "value": "<script>console.log(1)</script>", "language": "vi"},
        {"qid": 6, "attribute": "time_limit_action", "value": ""},
    ]
    assert "“Short” has settings that are not kept: time_limit_message = <script>" in told(
        read(question_attributes=rows)
    )


@pytest.mark.parametrize("soft", ["Y", "S", "N", ""])
def test_soft_mandatory_is_required_too(soft: str) -> None:
    found = read(questions=[*SURVEY["questions"], question(90, "S", "Odd", 90, mandatory=soft)])
    assert found.questionnaire.items["odd"].required is (soft in ("Y", "S"))


def test_choices_of_several_that_are_called_other_stay_one() -> None:
    several = question(90, "M", "Odd", 90, other="Y")
    below = [
        {"qid": 91, "parent_qid": 90, "title": "sq1", "question": "Một", "question_order": 1},
        {"qid": 92, "parent_qid": 90, "title": "other", "question": "Khác", "question_order": 2},
    ]
    found = read(questions=[*SURVEY["questions"], several], subquestions=[*SURVEY["subquestions"], *below])
    assert [choice.id for choice in found.questionnaire.items["odd"].choices] == ["sq1", "other"]
    assert "odd_other" in found.questionnaire.items


def test_defaults_quotas_and_assessments_are_listed_by_table() -> None:
    tables: dict[str, Rows] = {
        "defaultvalues": [{"dvid": 1, "qid": 6}], "defaultvalue_l10ns": [{"dvid": 1, "defaultvalue": "x"}],
        "assessments": [{"id": 1}], "quota_members": [{"id": 1}], "survey_url_parameters": [{"id": 1}],
        "themes_inherited": [{"sid": 77}],
    }  # fmt: skip
    said = told(read(**tables))
    assert [name for name in tables if f"{name}: left out: is a table of 1 rows" not in said] == []


@pytest.mark.parametrize("order", [1, -1])
def test_languages_of_a_row_may_come_in_any_order(order: int) -> None:
    both = [question(90, "S", "Odd", 90), question(90, "S", "Odd", 90) | {"language": "en", "question": "Question odd"}]
    found = read(questions=[*SURVEY["questions"], *both[::order]])
    assert found.questionnaire.items["odd"].text == {"vi": "Câu Odd", "en": "Question odd"}


def test_questions_of_one_code_keep_their_own_answers() -> None:
    twins = [question(90, "L", "Twin", 90), question(91, "L", "Twin", 91), question(92, "L", "twin", 92)]
    rows = [
        {"qid": qid, "code": f"{letter}{at}", "answer": f"{letter}{at}", "sortorder": at, "scale_id": 0}
        for qid, letter in ((90, "A"), (91, "B"), (92, "C"))
        for at in (1, 2)
    ]
    found = read(questions=[*SURVEY["questions"], *twins], answers=[*SURVEY["answers"], *rows])
    own = {id: [each.id for each in item.choices] for id, item in found.questionnaire.items.items() if "twin" in id}
    assert own == {"twin": ["a1", "a2"], "twin_2": ["b1", "b2"], "twin_3": ["c1", "c2"]}
