"""Legal files as third parties make them: what is kept is right, the rest is listed, and what we export is accepted."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from pyxform.xls2xform import convert

from forms import limesurvey, xlsform
from forms.xlsform import Imported
from tests.forms.lime_documents import Rows, lss, question
from tests.forms.nasty_xlsforms import FORMS, Nasty
from tests.forms.workbooks import workbook


def goes_out_and_in(found: Imported) -> None:
    """pyxform accepts the export, and it comes back as the same questionnaire without a word."""
    out = xlsform.write(found.questionnaire)
    assert convert(io.BytesIO(out.content), file_type=".xlsx").xform
    back = xlsform.read(out.content, "again.xlsx")
    said = [note for note in back.notes if "as it is typed" not in note.message]  # of words that look like HTML
    assert said == [] and back.questionnaire.sections == found.questionnaire.sections


@pytest.mark.parametrize("name", FORMS)
def test_a_third_partys_xlsform(name: str) -> None:
    form: Nasty = FORMS[name]
    content = workbook(survey=form.survey, choices=form.choices, **form.more)
    assert convert(io.BytesIO(content), file_type=".xlsx").xform, "it is legal"
    found = xlsform.read(content, "form.xlsx")
    notes = "\n".join(map(str, found.notes))
    assert tuple(found.questionnaire.items) == form.kept
    assert [word for word in form.said if word not in notes] == []
    goes_out_and_in(found)


@pytest.mark.parametrize("name", FORMS)
def test_no_row_of_an_xlsform_vanishes_in_silence(name: str) -> None:
    """Every question is an item by its own name, or a note tells of its row."""
    form: Nasty = FORMS[name]
    found = xlsform.read(workbook(survey=form.survey, choices=form.choices, **form.more), "form.xlsx")
    told = {note.row for note in found.notes if note.sheet == "survey"}
    plain = ("begin_group", "end_group", "end_repeat")
    for at, row in enumerate(form.survey, start=2):
        if row["type"] not in plain:
            assert row["name"] in found.questionnaire.items or at in told, row
    used = {str(row["type"]).split()[1] for row in form.survey if " " in str(row["type"])}
    lists = {row["list_name"] for row in form.choices}
    silent = {each for each in lists - used if not any(each in note.about for note in found.notes)}  # type: ignore[operator]
    assert silent == set()


BASE: Mapping[str, Rows] = {
    "surveys": [{"sid": 9, "language": "vi"}],
    "surveys_languagesettings": [{"surveyls_language": "vi", "surveyls_title": "Khảo sát"}],
    "groups": [{"gid": 1, "group_name": "Phần", "group_order": 0, "language": "vi"}],
}


def sub(qid: int, parent: int, title: str, words: str, **more: object) -> dict[str, object]:
    own = {"qid": qid, "parent_qid": parent, "title": title, "question": words, "question_order": qid, "language": "vi"}
    return own | more


def answer(qid: int, code: str, words: str, **more: object) -> dict[str, object]:
    return {"qid": qid, "code": code, "answer": words, "sortorder": 0, "language": "vi", "scale_id": 0} | more


def condition(qid: int, field: str, method: str, value: str, scenario: int = 1) -> dict[str, object]:
    return {
        "cid": qid,
        "qid": qid,
        "scenario": scenario,
        "cqid": 1,
        "cfieldname": field,
        "method": method,
        "value": value,
    }


SURVEYS: dict[str, tuple[Mapping[str, Rows], tuple[str, ...], tuple[str, ...]]] = {
    "conditions of several kinds": (
        {"questions": [question(1, "L", "way"), question(2, "N", "n"), question(3, "S", "a"), question(4, "S", "b"),
                       question(5, "S", "c"), question(6, "S", "d")],
         "answers": [answer(1, "A1", "Một"), answer(1, "A2", "Hai")],
         "conditions": [condition(3, "9X1X1", "==", "A1"), condition(3, "9X1X2", "<", "3", 2),
                        condition(4, "9X1X1", "RX", "/^A/"), condition(5, "{TOKEN:ATTRIBUTE_1}", "==", "x"),
                        condition(6, "9X1X77", "==", "A1")]},
        ("way", "n", "a", "b", "c", "d"), ("“b” has a condition", "“c” has a condition", "“d” has a condition"),
    ),
    "expressions that cannot be said": (
        {"questions": [question(1, "Y", "used"), question(2, "N", "n", relevance="used.NAOK == 'Y' and 1"),
                       question(3, "S", "a", relevance="sum(n.NAOK, 2) > 3"),
                       question(4, "S", "b", relevance="regexMatch('/x/', a)"),
                       question(5, "S", "c", relevance="!(used.NAOK == 'N') && n.NAOK >= 2", preg="/^[0-9]+$/")]},
        ("used", "n", "a", "b", "c"), ("“a” has a condition", "“b” has a condition", "regular expression"),
    ),
    "arrays of every kind": (
        {"questions": [question(1, "F", "likes"), question(2, "A", "five"), question(3, "1", "two"),
                       question(4, ":", "numbers"), question(5, "K", "money"), question(6, "H", "turned")],
         "subquestions": [sub(11, 1, "S1", "Dòng một", relevance="five_S1.NAOK == 1"), sub(12, 1, "S2", "Dòng hai"),
                          sub(21, 2, "S1", "Năm mức"), sub(31, 3, "S1", "Hai thang"), sub(51, 5, "S1", "Lệ phí"),
                          sub(61, 6, "S1", "Cột")],
         "answers": [answer(1, "A1", "Ít"), answer(1, "A2", "Nhiều"), answer(3, "A1", "x"),
                     answer(3, "B1", "y", scale_id=1)]},
        ("likes", "likes_s1", "likes_s2", "five", "five_s1", "money", "money_s1"),
        ("two scales", "array of numbers", "array by column", "is an array", "“likes_S1” the whole of its condition"),
    ),
    "quotas, default answers and attributes": (
        {"questions": [question(1, "L", "way", other="Y", mandatory="S"), question(2, "*", "sum"),
                       question(3, "|", "doc"),
                       question(4, "O", "why")],
         "answers": [answer(1, "A1", "Một", assessment_value="3"), answer(1, "A2", "Hai"), answer(4, "A1", "Gần"),
                     answer(4, "A2", "Xa")],
         "quota": [{"id": 1, "qlimit": 5}], "quota_members": [{"id": 1}], "quota_languagesettings": [{"quotals_id": 1}],
         "defaultvalues": [{"qid": 1, "defaultvalue": "A1"}],
         "question_attributes": [{"qid": 1, "attribute": "hidden", "value": "1"},
                                 {"qid": 4, "attribute": "hide_tip", "value": "1"}],
         "assessments": [{"id": 1}]},
        ("way", "way_other", "why"),
        ("assessment values", "equation", "file upload", "comment beside its answer", "quota", "quota_members",
         "defaultvalues", "is hidden in LimeSurvey", "hide_tip = 1", "assessments"),
    ),
    "HTML, entities and scripts in words": (
        {"questions": [question(1, "Y", "used", question="<p style='x'>Có&nbsp;dùng <b>không</b>?<br/>&lt;b&gt;</p>"),
                       question(2, "S", "why", question="<script>alert(1)</script>Vì sao? <img src='http://x/y.png'/>"),
                       question(3, "X", "bye", question="Cảm ơn {TOKEN:FIRSTNAME}, {used.shown}")]},
        ("used", "why", "bye"), ("<script>", "<img>"),
    ),
    "words and settings beside the questions": (
        {"surveys": [{"sid": "9", "language": "vi", "anonymized": "Y", "allowregister": "N"}],
         "surveys_languagesettings": [{"surveyls_language": "vi", "surveyls_title": "Khảo sát",
                                       "surveyls_welcometext": "<p>Chào mừng</p>", "surveyls_endtext": "Tạm biệt",
                                       "surveyls_policy_notice": "Bảo mật"}],
         "groups": [{"gid": 1, "group_name": "Phần một", "group_order": 1, "language": "vi",
                     "randomization_group": "R1", "description": "Xem <img src='a.png'/> ảnh"}],
         "questions": [question(1, "L", "way"), question(2, "S", "why", question="Chào {TOKEN:FIRSTNAME} {way.shown}"),
                       question(3, "M", "several")],
         "subquestions": [sub(31, 3, "a", "Một <a href='x'>trang</a>"),
                          sub(32, 3, "b", "Hai", relevance="way == 'A1'")],
         "answers": [answer(1, "A1", "Một <img src='x.png'/>"), answer(1, "A2", "Hai")]},
        ("way", "why", "several"),
        ("“welcometext” says “Chào mừng”", "“endtext” says “Tạm biệt”", "“policy_notice” says “Bảo mật”", "anonymized",
         "group 1” comes in random order", "group 1” has <img>", "“way A1” has <img>", "“several_a” has <a>",
         "“several_b” has a condition of its own", "“why” has braces in its words"),
    ),
    "several languages with holes": (
        {"surveys_languagesettings": [{"surveyls_language": "vi", "surveyls_title": "Khảo sát"},
                                      {"surveyls_language": "en", "surveyls_title": "Survey"}],
         "questions": [question(1, "Y", "used"), {**question(1, "Y", "used"), "language": "en", "question": "Used?"},
                       {**question(2, "L", "way"), "language": "en", "question": "How?"}, question(3, "S", "said")],
         "answers": [answer(2, "A1", "By post", language="en"), answer(2, "A2", "Online", language="en")]},
        ("used", "way", "said"), ("“way” has no Vietnamese words",),
    ),
    "names that meet": (
        {"questions": [question(1, "S", "Name"), question(2, "S", "name"), question(3, "M", "unit"),
                       question(4, "S", "Q1x1")],
         "subquestions": [sub(31, 3, "1", "Một"), sub(32, 3, "other", "Hai")]},
        ("name", "name_2", "unit_2", "q1x1"), ("“Name”", "“name”", "“unit”"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SURVEYS)
@pytest.mark.parametrize("l10ns", [False, True])
def test_a_third_partys_lss(name: str, l10ns: bool) -> None:
    tables, kept, said = SURVEYS[name]
    found = limesurvey.read(lss(l10ns, **{**BASE, **tables}), "s.lss")
    notes = "\n".join(map(str, found.notes))
    assert tuple(found.questionnaire.items) == kept
    assert [word for word in said if word not in notes] == [], notes
    assert "alert(1)" not in str(found.questionnaire.sections)
    goes_out_and_in(found)
