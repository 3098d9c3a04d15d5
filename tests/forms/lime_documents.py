"""Documents as LimeSurvey writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

Rows = Sequence[Mapping[str, object]]


def lss(l10ns: bool = False, **tables: Rows) -> bytes:
    """A document as LimeSurvey writes it: 3 (words in the rows) or, with ``l10ns``, 4 and later."""
    rows = {name: [dict(row) for row in own] for name, own in tables.items()}
    if l10ns:
        for name, key, words in (
            ("groups", "gid", ("group_name", "description")), ("questions", "qid", ("question", "help")),
            ("subquestions", "qid", ("question",)), ("answers", "aid", ("answer",)),
        ):  # fmt: skip
            own = rows.get(name, [])
            beside = rows.setdefault(
                {"groups": "group_l10ns", "answers": "answer_l10ns"}.get(name, "question_l10ns"), []
            )
            first: dict[object, dict[str, object]] = {}
            for number, row in enumerate(own):
                if name == "answers":
                    row["aid"] = f"{row['qid']}{row['code']}" if "aid" not in row else row["aid"]
                told = {word: row.pop(word) for word in words if word in row}
                beside.append({"id": number, key: row[key], "language": row.pop("language", "vi"), **told})
                first.setdefault(row[key], row)
            rows[name] = list(first.values())
    said = "".join(
        f"<{name}><fields/><rows>"
        + "".join(
            "<row>" + "".join(f"<{key}>{escape(str(cell))}</{key}>" for key, cell in row.items()) + "</row>"
            for row in own
        )
        + f"</rows></{name}>"
        for name, own in rows.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><document><LimeSurveyDocType>Survey</LimeSurveyDocType>'
        f"<DBVersion>366</DBVersion>{said}</document>"
    ).encode()


def question(qid: int, kind: str, title: str, order: int = 0, gid: int = 1, **more: object) -> dict[str, object]:
    told = {"qid": qid, "parent_qid": 0, "gid": gid, "type": kind, "title": title, "question": f"<p>Câu {title}</p>",
            "question_order": order or qid, "language": "vi", "relevance": "1"}  # fmt: skip
    return told | more


SURVEY: dict[str, Rows] = {
    "surveys": [{"sid": 77, "language": "vi"}],
    "surveys_languagesettings": [{"surveyls_language": "vi", "surveyls_title": "Khảo sát &amp; đánh giá"}],
    "groups": [
        {"gid": 1, "group_name": "Phần một", "description": "Xin trả lời", "group_order": 0, "language": "vi"},
        {"gid": 2, "group_name": "Phần hai", "group_order": 1, "language": "vi", "grelevance": "Used.NAOK == 'Y'"},
    ],
    "questions": [
        question(8, "Y", "Used", 1, mandatory="Y"),
        question(2, "L", "Ways", 2, other="Y", relevance='((Used.NAOK == "Y"))'),
        question(3, "M", "Why", 3, relevance='Ways.NAOK == "A1" and !is_empty(Used.NAOK)'),
        question(4, "F", "Arr", 4),
        question(5, "N", "Times", 5, relevance='Why_SQ1.NAOK == "Y" or Arr_SQ1.NAOK != "A2"'),
        question(6, "S", "Short", 6, gid=2, relevance="Times.NAOK >= 3", help="Ngắn"),
        question(7, "T", "Long", 7, gid=2),
        question(9, "G", "Sex", 8, gid=2),
        question(1, "5", "Sat", 9, gid=2),
        question(10, "A", "Five", 10, gid=2),
        question(11, "R", "Rank", 11, gid=2),
        question(12, "X", "Note", 12, gid=2),
    ],
    "subquestions": [
        {"qid": 31, "parent_qid": 3, "title": "SQ1", "question": "Chậm", "question_order": 1, "language": "vi"},
        {"qid": 32, "parent_qid": 3, "title": "SQ2", "question": "Xa", "question_order": 2, "language": "vi"},
        {"qid": 41, "parent_qid": 4, "title": "SQ1", "question": "Dòng 1", "question_order": 1, "language": "vi"},
        {"qid": 42, "parent_qid": 4, "title": "SQ2", "question": "Dòng 2", "question_order": 2, "language": "vi"},
        {"qid": 101, "parent_qid": 10, "title": "SQ1", "question": "Năm", "question_order": 1, "language": "vi"},
    ],
    "answers": [
        {"qid": qid, "code": code, "answer": f"Đáp án {code}", "sortorder": at, "language": "vi", "scale_id": 0}
        for qid in (2, 4)
        for at, code in enumerate(("A1", "A2"))
    ],
    "quota": [{"id": 1}],
}  # fmt: skip
