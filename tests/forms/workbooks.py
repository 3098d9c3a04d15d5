"""XLSForms of other tools as bytes, and conditions that cannot be said."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import openpyxl

from forms import xlsform
from forms.xlsform import Imported

Rows = Sequence[Mapping[str, object]]


def workbook(**sheets: Rows) -> bytes:
    """An .xlsx of these rows, the headings being their keys."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        headings = list(dict.fromkeys(key for row in rows for key in row))
        sheet.append(headings)
        for row in rows:
            sheet.append([row.get(heading) for heading in headings])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


LISTS: Rows = [
    {"list_name": "yn", "name": "1", "label": "Có"},
    {"list_name": "yn", "name": "0", "label": "Không"},
    {"list_name": "ways", "name": "Mail", "label": "Thư"},
    {"list_name": "ways", "name": "tel", "label": "Gọi"},
]


def imported(survey: Rows, choices: Rows = LISTS, **more: Rows) -> Imported:
    return xlsform.read(workbook(survey=survey, choices=choices, **more), "form.xlsx")


UNSAYABLE: list[tuple[dict[str, object], str]] = [
    ({"relevant": "${n} + 1 > 2"}, "cannot be read from “+ 1 > 2” on"),
    ({"relevant": "${later} = 1"}, "asks about “later”, which is no earlier question here"),
    ({"relevant": "count-selected(${how}) > 1"}, "uses “count-selected”"),
    ({"relevant": "${one} = 'x'"}, "compares “one” with “x”, which is none of its choices"),
    ({"relevant": "${how} = 'tel'"}, "compares “how” by “=”"),
    ({"relevant": "${n} > 1.5"}, "something else than a whole number"),
    ({"relevant": "${d} > date('2026-01-15')"}, "compares a day"),
    ({"relevant": "${n} > ${n}"}, "one question with one value"),
    ({"relevant": "not(${n}"}, "ends too soon"),
    ({"relevant": "${n} ="}, "ends too soon"),
    ({"relevant": "(" * 30 + "${n} = 1" + ")" * 30}, "nests more than 20 deep"),
    ({"relevant": "${n} = 1 or " * 300 + "${n} = 1"}, "is longer than 2000 characters"),
    ({"relevant": " or ".join("${n} = 1" for _ in range(100))}, "is longer than 500 characters"),
    ({"relevant": "selected(${t}, 'x')"}, "which has no choices"),
    ({"relevant": "string-length(${t}) > 7"}, "asks how long “t” is"),
    ({"relevant": "${t} = 'x'"}, "in a way that cannot be said"),
    ({"relevant": "selected('x', ${n})"}, "asks selected() of something else"),
    ({"constraint": ". mod 2 = 0"}, "of “x” has “mod” where a comparison should stand"),
    ({"constraint": ". != 3"}, "says more than a smallest and a largest value"),
    ({"required": "${n} > 1"}, "an answer is asked for always or never"),
    ({"calculation": "1 + 1"}, "“calculation” says “1 + 1”"),
    ({"default": "5"}, "“default” says “5”"),
    ({"choice_filter": "a = b"}, "“choice_filter”"),
    ({"media::image": "a.png"}, "“media::image”"),
    ({"constraint_message::English (en)": "no"}, "“constraint_message::english_(en)”"),
    ({"label::Klingon": "nuq"}, "“label::Klingon” is in a language without a code"),
    ({"type": "begin repeat"}, "repeats its questions"),
    ({"type": "rank yn"}, "is of type “rank yn”"),
    ({"type": "select_one_from_file a.csv"}, "is of type “select_one_from_file a.csv”"),
    ({"type": "select_one nowhere"}, "asks for the list “nowhere”"),
    ({"type": "select_one single"}, "which has fewer than two choices"),
    ({"type": "decimal"}, "only whole numbers can be given here"),
    ({"type": "date"}, "only its month and year are kept"),
    ({"type": "calculate"}, "is of type “calculate”"),
    ({"type": None}, "has no type"),
    ({"disabled": "yes"}, "is marked as disabled"),
    ({"type": "text", "constraint": "regex(., '[0-9]+')"}, "of “x” uses “regex”"),
    ({"type": "text", "constraint": "string-length(.) > 3"}, "says more than a greatest length"),
    ({"type": "select_one yn", "constraint": ". = '1'"}, "limits answers that are chosen"),
    ({"name": None}, "has no name"),
    ({"label": None}, "has no words"),
    ({"label": "a{b}c" * 2000}, "was cut to 5000 characters"),
    ({"type": "range", "parameters": "start=0 end=10 step=2"}, "whatever the step"),
    ({"constraint": ". > 0 and . < 1"}, "of “x” leaves no whole number"),
    ({"type": "range", "parameters": "start=0 end=5", "constraint": ". > 7"}, "of “x” leaves no whole number"),
    ({"label": "Chào {ho_ten}"}, "has braces in its words (vi), which nothing fills"),
    ({"label": "**Cảm ơn** <b>nhé</b>"}, "has HTML or Markdown in its words (vi)"),
]


def unsaid(row: dict[str, object]) -> Imported:
    """A form with this row as its sixth."""
    before = [
        {"type": "select_one yn", "name": "one", "label": "Một"},
        {"type": "select_multiple ways", "name": "how", "label": "Cách"},
        {"type": "integer", "name": "n", "label": "Số"},
        {"type": "date", "name": "d", "label": "Ngày", "appearance": "month-year"},
        {"type": "text", "name": "t", "label": "Chữ"},
    ]
    rows = [*before, {"type": "integer", "name": "x", "label": "X"} | row]
    if row.get("type") == "begin repeat":
        rows += [{"type": "text", "name": "inside", "label": "Trong"}, {"type": "end repeat"}]
    single = {"list_name": "single", "name": "a", "label": "A"}
    return imported([*rows, {"type": "text", "name": "later", "label": "Sau"}], [*LISTS, single])


GOOD = workbook(survey=[{"type": "text", "name": "a", "label": "A"}])
