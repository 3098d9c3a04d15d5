"""Groups, questions, subquestions and answers of a survey in order, with their words by language.

Until LimeSurvey 3 every language has rows of its own in one table; since 4 words stand in tables ``…_l10ns`` beside it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from forms.answers import cleaned
from forms.limesurvey.document import Row

Tables = Mapping[str, Sequence[Row]]
_BREAK = re.compile(r"<\s*(?:br|/p|/div|/li|/h\d)\b[^>]*>", re.I)
_HIDDEN = re.compile(r"<(script|style)\b.*?</\1\s*>", re.I | re.S)
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Part:
    """One row with its words: ``words`` by what they are (question, help, answer …) and language, plain text."""

    row: Row
    words: Mapping[str, Mapping[str, str]]
    lost: tuple[str, ...] = ()  # pictures, scripts and the like that stood in the words
    script: bool = False  # in the row, or (since 4) in the table of its words

    def get(self, key: str) -> str:
        """A cell; '' when empty."""
        return self.row.get(key, "").strip()


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its subquestions and answers in order."""

    part: Part
    subquestions: tuple[Part, ...]
    answers: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of questions."""

    part: Part
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey; ``others`` tables with rows that nothing is made of; ``conditions`` by question."""

    id: str
    language: str
    title: Mapping[str, str]
    groups: tuple[Group, ...]
    conditions: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    others: tuple[tuple[str, int], ...] = ()
    words: tuple[tuple[str, str], ...] = ()  # (column, text) of the survey's own words that are not read
    settings: tuple[str, ...] = ()  # of the survey, that are set and not read
    attributes: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)  # by question
    homeless: tuple[tuple[str, str, str], ...] = ()  # (table, code, key) of rows whose group or question is not there


def survey(found: Tables) -> Survey:
    """The parts of a survey; words that are missing are left to the reader."""
    own = next(iter(found.get("surveys", ())), {})
    usual = own.get("language", "").strip() or "en"
    titles = {_language(row.get("surveyls_language", usual)): plain(row.get("surveyls_title", ""))[0]
              for row in found.get("surveys_languagesettings", ())}  # fmt: skip
    whole = found.get("questions", ())
    below = [*found.get("subquestions", ()), *(row for row in whole if row.get("parent_qid", "0") not in ("0", ""))]
    above = [row for row in whole if row.get("parent_qid", "0") in ("0", "")]
    asked = ("question", "help")
    questions = _parts(above, "qid", found.get("question_l10ns", ()), asked, usual)
    subs = _parts(below, "qid", found.get("question_l10ns", ()), asked, usual)
    answers = _answers(found, usual)
    headed = ("group_name", "description")
    groups = _parts(found.get("groups", ()), "gid", found.get("group_l10ns", ()), headed, usual)
    made = tuple(
        Group(group, tuple(
            Question(each, _of(subs, "parent_qid", each.get("qid"), "question_order"),
                     _of(answers, "qid", each.get("qid"), "sortorder"))
            for each in _of(questions, "gid", group.get("gid"), "question_order")
        ))
        for group in sorted(groups, key=lambda part: _number(part.get("group_order")))
    )  # fmt: skip
    conditions: dict[str, list[Row]] = {}
    for row in found.get("conditions", ()):
        conditions.setdefault(row.get("qid", ""), []).append(row)
    return Survey(
        own.get("sid", ""), _language(usual), titles, made, conditions, _others(found), _words(found), _settings(own),
        _attributes(found), _homeless(groups, questions, subs, answers),
    )  # fmt: skip


def _homeless(
    groups: Sequence[Part], questions: Sequence[Part], subs: Sequence[Part], answers: Sequence[Part]
) -> tuple[tuple[str, str, str], ...]:
    """What a survey that was edited by hand or by a program names a group or a question for that it has not."""
    gids, qids = {part.get("gid") for part in groups}, {part.get("qid") for part in questions}
    looked = (
        ("questions", questions, "title", "gid", gids),
        ("subquestions", subs, "title", "parent_qid", qids),
        ("answers", answers, "code", "qid", qids),
    )
    return tuple(
        (table, part.get(code), part.get(key))
        for table, parts, code, key, known in looked
        for part in parts
        if part.get(key) not in known
    )


_PLAIN = {"sid", "gsid", "language", "additional_languages", "startdate", "datecreated", "admin", "owner_id", "active",
          "adminemail", "expires", "bounce_email", "template", "format", "faxto"}  # fmt: skip
_OFF = {"", "0", "N", "I", "inherit", "-1", "E"}


def _words(found: Tables) -> tuple[tuple[str, str], ...]:
    """Texts of the survey beside its title, in whatever language, once each."""
    told = {
        (name.removeprefix("surveyls_"), plain(said)[0])
        for row in found.get("surveys_languagesettings", ())
        for name, said in row.items()
        if name not in ("surveyls_title", "surveyls_survey_id", "surveyls_language", "surveyls_dateformat",
                        "surveyls_numberformat") and plain(said)[0]
    }  # fmt: skip
    return tuple(sorted(told))


def _settings(own: Row) -> tuple[str, ...]:
    return tuple(sorted(name for name, said in own.items() if name not in _PLAIN and said.strip() not in _OFF))


def _attributes(found: Tables) -> dict[str, list[tuple[str, str]]]:
    """Settings of questions that say something, by question."""
    made: dict[str, list[tuple[str, str]]] = {}
    for row in found.get("question_attributes", ()):
        said, gone = plain(row.get("value", ""))
        told = (row.get("attribute", ""), said or "".join(f"<{name}>" for name in gone))
        own = made.setdefault(row.get("qid", ""), [])
        if told[1] not in ("", "0", "N") and told not in own:
            own.append(told)
    return made


_READ = {
    "surveys", "surveys_languagesettings", "questions", "subquestions", "answers", "groups", "conditions",
    "question_l10ns", "answer_l10ns", "group_l10ns", "question_attributes",
}  # fmt: skip


def _others(found: Tables) -> tuple[tuple[str, int], ...]:
    return tuple((name, len(rows)) for name, rows in sorted(found.items()) if name not in _READ and rows)


def _answers(found: Tables, usual: str) -> list[Part]:
    rows = found.get("answers", ())
    if any(row.get("aid") for row in rows):
        return _parts(rows, "aid", found.get("answer_l10ns", ()), ("answer",), usual)
    keyed: list[Row] = [{**row, "key": f"{row.get('qid')}/{row.get('scale_id')}/{row.get('code')}"} for row in rows]
    return _parts(keyed, "key", (), ("answer",), usual)


def _parts(rows: Sequence[Row], key: str, beside: Sequence[Row], texts: Sequence[str], usual: str) -> list[Part]:
    """One part for each ``key``; the first row's cells, the words of all rows and of the table beside."""
    first: dict[str, Row] = {}
    words: dict[str, dict[str, dict[str, str]]] = {}
    lost: dict[str, dict[str, None]] = {}
    scripts: set[str] = set()
    for row in rows:
        first.setdefault(row.get(key, ""), row)
    for row in (*rows, *beside):
        own = row.get(key, "")
        for name in texts:
            said, gone = plain(row.get(name, ""))
            if said:
                words.setdefault(own, {}).setdefault(name, {}).setdefault(_language(row.get("language") or usual), said)
            lost.setdefault(own, {}).update(dict.fromkeys(gone))
        if row.get("script", "").strip():
            scripts.add(own)
    return [Part(row, words.get(own, {}), tuple(lost.get(own, ())), own in scripts) for own, row in first.items()]


def _of(parts: Sequence[Part], key: str, value: str, order: str) -> tuple[Part, ...]:
    return tuple(sorted((part for part in parts if part.get(key) == value), key=lambda part: _number(part.get(order))))


def _number(said: str) -> float:
    return float(said) if re.fullmatch(r"\d{1,9}", said) else 0.0


def _language(said: str) -> str:
    """Variants that LimeSurvey names (de-informal) count as their language."""
    return said.strip().split("-")[0].casefold() or "en"


def plain(said: str) -> tuple[str, tuple[str, ...]]:
    """Words without HTML, line breaks kept, and what stood in them that no text can hold."""
    told = said.casefold()
    gone = tuple(name for name in ("img", "script", "style", "iframe", "video", "audio", "a", "object")
                 if re.search(rf"<\s*{name}\b", told))  # fmt: skip
    text = _TAG.sub("", _BREAK.sub("\n", _HIDDEN.sub("", said)))
    return re.sub(r"\n{2,}", "\n", cleaned(html.unescape(text), lines=True)).strip(), gone
