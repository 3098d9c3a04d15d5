"""From an .lss to rows as an XLSForm has them, which the reader of XLSForms makes a questionnaire of.

So one place decides what a questionnaire here can hold. Notes name the number of a question as LimeSurvey lists it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from forms.limesurvey import document
from forms.limesurvey.relevance import Names, Variable, conditions, equation
from forms.limesurvey.structure import Group, Part, Question, Survey, survey
from forms.xlsform.expressions import Unsayable
from forms.xlsform.lists import made_id
from forms.xlsform.notes import Notes
from forms.xlsform.questions import EVERYBODY
from forms.xlsform.reading import Imported, of_form
from forms.xlsform.sheets import Form, Row
from forms.xlsform.writing import INTRO, OWN

FIVE = tuple((str(point), {"vi": str(point)}, str((point - 1) / 4)) for point in range(1, 6))
TEN = tuple((str(point), {"vi": str(point)}, "") for point in range(1, 11))
_YES_NO = (("Y", {"vi": "Có", "en": "Yes"}, ""), ("N", {"vi": "Không", "en": "No"}, ""))
_GENDER = (("F", {"vi": "Nữ", "en": "Female"}, ""), ("M", {"vi": "Nam", "en": "Male"}, ""))
_FIXED = {"5": FIVE, "Y": _YES_NO, "G": _GENDER}
_LISTED = ("L", "!", "O")
_ROWS = {"A": FIVE, "B": TEN, "F": None, "K": "integer", "Q": "text"}  # one item for each subquestion
_PLAIN = {"N": "integer", "S": "text", "T": "text", "U": "text", "D": "date", "X": "note"}
_CALLED = {
    "1": "array with two scales", "C": "array yes/no/uncertain", "E": "array increase/same/decrease",
    "H": "array by column", ":": "array of numbers", ";": "array of texts", "R": "ranking", "I": "language switch",
    "*": "equation", "|": "file upload",
}  # fmt: skip
Choices = Sequence[tuple[str, Mapping[str, str], str]]


def read(content: bytes, file: str) -> Imported:
    """Read an .lss. Raises Faults where it is none, is hostile, or asks nothing that can be asked here."""
    found = survey(document.tables(content, file))
    maker = _Maker(found)
    form = maker.form(file)
    made = of_form(form, maker.notes)
    called = {"survey": "question", "choices": "answers", "settings": "survey"}
    return replace(made, notes=tuple(replace(note, sheet=called.get(note.sheet, note.sheet)) for note in made.notes))


class _Maker:
    """Rows of questions and of choices in the making."""

    def __init__(self, found: Survey) -> None:
        self.survey = found
        self.notes = Notes()
        self.asked: list[Row] = []
        self.choices: list[Row] = []
        self.names = _names(found)
        self.listed: set[str] = set()
        self.number = 0

    def form(self, file: str) -> Form:
        """The whole as the reader of XLSForms takes it."""
        for group in self.survey.groups:
            self._group(group)
        for name, count in self.survey.others:
            self.notes.left_out(name, None, "", f"is a table of {count} rows that a questionnaire has no place for")
        for table, code, key in self.survey.homeless:
            if table == "questions":
                said = f"belongs to group “{key[:20]}”, which the survey has not"
            else:
                said = f"belongs to question “{key[:20]}”, which the survey has not"
            self.notes.left_out(table, None, code, said)
        for column, said in self.survey.words:
            self.notes.left_out("settings", None, column, f"says “{said[:40]}”, for which a questionnaire has no place")
        if self.survey.settings:
            named = ", ".join(self.survey.settings)
            self.notes.left_out("settings", None, "", f"has settings that are not taken over: {named}")
        title = self.survey.title
        words = {f"phieu_title_{code}": said for code, said in title.items() if code != "vi" and said}
        usual = title.get("vi") or title.get(self.survey.language) or ""
        settings = {"form_title": usual, "form_id": f"lime_{self.survey.id}", **words}
        return Form(file, self.asked, self.choices, {key: said for key, said in settings.items() if said}, (), (), ())

    def _group(self, group: Group) -> None:
        title = group.part.words.get("group_name", {})
        number = self.number + 1
        cells = {"type": "begin_group", "name": f"g{group.part.get('gid')}"}
        told = self._relevance(number, group.part.get("grelevance"), (), group.part)
        self._lost(group.part, f"group {group.part.get('gid')}")
        if order := group.part.get("randomization_group"):
            self.notes.left_out(
                "survey", number, f"group {group.part.get('gid')}", f"comes in random order ({order[:40]})"
            )
        self.asked.append(Row(number, cells | ({"relevant": told} if told else {}), {"label": title} if title else {}))
        if intro := group.part.words.get("description"):
            name = f"g{group.part.get('gid')}{INTRO}"
            self.asked.append(Row(number, {"type": "note", "name": name}, {"label": intro}))
        for question in group.questions:
            self.number += 1
            self._question(question)
        self.asked.append(Row(self.number, {"type": "end_group"}, {}))

    def _question(self, question: Question) -> None:
        part, kind, number = question.part, question.part.get("type"), self.number
        code = part.get("title")
        self._lost(part, code)
        self._attributes(part)
        told = self._relevance(number, part.get("relevance"), self.survey.conditions.get(part.get("qid"), ()), part)
        more = {"relevant": told} if told else {}
        if part.get("mandatory") in ("Y", "S"):
            more["required"] = "yes"
        if part.get("preg"):
            self.notes.left_out("survey", number, code, "checks its answer by a regular expression")
        if kind in _PLAIN:
            self._add(_PLAIN[kind], code, part, more)
        elif kind in _FIXED or kind in _LISTED:
            own = _FIXED.get(kind) or self._answers(question)
            self._choose("select_one", own, part, more)
            if kind == "O":
                self.notes.left_out("survey", number, code, "has a comment beside its answer")
        elif kind in ("M", "P"):
            self._several(question, more)
        elif kind in _ROWS:
            self._rows(question, more)
        else:
            name = _CALLED.get(kind, f"“{kind[:10]}”")
            self.notes.left_out("survey", number, code, f"is of LimeSurvey's type {name}, which cannot be asked here")

    def _several(self, question: Question, more: Mapping[str, str]) -> None:
        part, code = question.part, question.part.get("title")
        own = [(each.get("title"), each.words.get("question", {}), "") for each in question.subquestions]
        self._choose("select_multiple", own, part, more)
        for each in question.subquestions:
            about = f"{code}_{each.get('title')}"
            self._lost(each, about)
            if each.get("relevance") not in ("", "1"):
                self.notes.left_out("survey", self.number, about, "has a condition of its own: it is always offered")
        if part.get("type") == "P":
            self.notes.left_out("survey", self.number, code, "has a comment beside each choice")

    def _rows(self, question: Question, more: Mapping[str, str]) -> None:
        """A question asked of several things: its words as a note, then an item for each."""
        part, code = question.part, question.part.get("title")
        plain = {key: said for key, said in more.items() if key == "relevant"}
        self._add("note", code, part, plain)
        shape = _ROWS[part.get("type")]
        kind = shape if isinstance(shape, str) else f"select_one {self._list(code, shape or self._answers(question))}"
        self.notes.changed("survey", self.number, code, "is an array: each of its lines is now a question under a note")
        for each in question.subquestions:
            self._lost(each, f"{code}_{each.get('title')}")
            told = self._relevance(self.number, each.get("relevance"), (), each)
            both = " and ".join(f"({one})" for one in (more.get("relevant"), told) if one)
            own = {**more, "relevant": both} if both else dict(more)
            self._add(kind, f"{code}_{each.get('title')}", each, own)

    def _add(self, kind: str, name: str, part: Part, more: Mapping[str, str]) -> None:
        words = {"label": part.words.get("question", {}), "hint": part.words.get("help", {})}
        self.asked.append(Row(self.number, {"type": kind, "name": name, **more}, {k: v for k, v in words.items() if v}))

    def _choose(self, kind: str, choices: Choices, part: Part, more: Mapping[str, str]) -> None:
        code = part.get("title")
        if not choices:
            self.notes.left_out("survey", self.number, code, "has no choices")
            return
        other = " or_other" if part.get("other") == "Y" else ""
        self._add(f"{kind} {self._list(code, choices)}{other}", code, part, more)

    def _list(self, code: str, choices: Choices) -> str:
        shared = {id(FIVE): "five_points", id(TEN): "ten_points", id(_YES_NO): "yes_no", id(_GENDER): "gender"}
        # Codes may be the same twice, or but for capitals: each has its own answers all the same.
        name = shared.get(id(choices)) or made_id(OWN + code, "s", self.listed)
        if name not in self.listed:
            self.listed.add(name)
            for own, words, value in choices:
                cells = {"list_name": name, "name": own} | ({"phieu_value": value} if value else {})
                self.choices.append(Row(self.number, cells, {"label": words} if words else {}))
        return name

    def _answers(self, question: Question) -> Choices:
        scored = [each for each in question.answers if each.get("assessment_value") not in ("", "0")]
        if scored:
            code = question.part.get("title")
            self.notes.left_out("survey", self.number, code, "has assessment values; give the scale values from 0 to 1")
        for each in question.answers:
            self._lost(each, f"{question.part.get('title')} {each.get('code')}")
        return [(each.get("code"), each.words.get("answer", {}), "") for each in question.answers]

    def _lost(self, part: Part, about: str) -> None:
        for name in part.lost:
            self.notes.left_out("survey", max(self.number, 1), about, f"has <{name}> in its words")
        if part.script:
            self.notes.left_out("survey", max(self.number, 1), about, "has a script of its own")

    def _attributes(self, part: Part) -> None:
        """Settings of a question: one that hides it is told apart, since it is asked of everybody here."""
        told = dict(self.survey.attributes.get(part.get("qid"), ()))
        if told.pop("hidden", ""):
            self.notes.changed("survey", self.number, part.get("title"), "is hidden in LimeSurvey, and asked here")
        if told:
            named = ", ".join(f"{name} = {said[:20]}" for name, said in told.items())
            self.notes.left_out("survey", self.number, part.get("title"), f"has settings that are not kept: {named}")

    def _relevance(self, number: int, said: str, rows: Sequence[document.Row], part: Part) -> str:
        try:
            return equation(said, self.names) or (conditions(rows, self.names) if rows else "")
        except Unsayable as error:
            about = part.get("title") or f"group {part.get('gid')}"
            self.notes.left_out("survey", number, about, f"has a condition that {error}: {EVERYBODY}")
            return ""


def _names(found: Survey) -> Names:
    """Every name by which an equation or a condition can mean a question."""
    names: dict[str, Variable] = {}
    for group in found.groups:
        for question in group.questions:
            part, code = question.part, question.part.get("title")
            field = f"{found.id}X{group.part.get('gid')}X{part.get('qid')}"
            several = part.get("type") in ("M", "P")
            if not question.subquestions:
                names |= {code: Variable(code), field: Variable(code)}
            for each in question.subquestions:
                own = each.get("title")
                meant = Variable(code, own) if several else Variable(f"{code}_{own}")
                names |= {f"{code}_{own}": meant, f"{field}{own}": meant}
    return names
