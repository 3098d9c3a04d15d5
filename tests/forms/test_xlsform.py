"""XLSForm in and out: nothing of ours is lost, nothing of others is lost in silence, nothing hostile comes in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from forms import questionnaire as questionnaires
from forms import questionnaire_text, xlsform
from forms.answers import Value, cleaned, visible
from forms.catalogue import QUESTIONNAIRES, questionnaire
from forms.conditions import Comparison, Condition, Junction, parse, write
from forms.faults import Faults
from forms.questionnaire import Choice, Item, ItemType, Layout, Questionnaire, Section
from forms.text import Text
from forms.xlsform import Imported
from tests.forms.workbooks import GOOD, LISTS, UNSAYABLE, Rows, imported, unsaid, workbook


def told(found: Imported) -> list[str]:
    return [str(note) for note in found.notes]


# Ours, out and in again


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_every_bundled_questionnaire_comes_back_as_it_was(name: str) -> None:
    asked = questionnaire(name)
    out = xlsform.write(asked)
    assert convert(io.BytesIO(out.content), file_type=".xlsx").xform
    back = xlsform.read(out.content, "form.xlsx")
    assert back.notes == ()
    assert back.questionnaire.sections == asked.sections
    same = ("id", "version", "minutes", "title", "factors", "layout")
    assert all(getattr(back.questionnaire, each) == getattr(asked, each) for each in same)
    assert (back.questionnaire.screen_out is None) == (asked.screen_out is None)


PLAIN = st.characters(blacklist_categories=["Cc", "Cs", "Zs", "Zl", "Zp"], blacklist_characters="{}")
WORDS = st.text(PLAIN, min_size=1, max_size=12).map(lambda text: cleaned(text) or "x")
LANGUAGES = st.sampled_from([("vi",), ("vi", "en"), ("vi", "rad")])


@st.composite
def texts(draw: st.DrawFn) -> Text:
    return Text({language: draw(WORDS) for language in draw(LANGUAGES)})


@st.composite
def choices(draw: st.DrawFn, scored: bool) -> tuple[Choice, ...]:
    values = st.sampled_from([0.0, 0.25, 0.5, 1.0]) if scored else st.none()
    return tuple(Choice(f"c{n}", draw(texts()), draw(values), n) for n in range(draw(st.integers(2, 4))))


def comparisons(draw: st.DrawFn, item: Item) -> Comparison:
    """Some comparison that an item can stand in."""
    if item.type is ItemType.TEXT or draw(st.booleans()):
        return Comparison(item.id, "answered")
    if item.type is ItemType.MULTIPLE:
        return Comparison(item.id, "has", (draw(st.sampled_from([c.id for c in item.choices])),))
    if item.type in (ItemType.NUMBER, ItemType.DATE):
        number = st.integers(0, 9) if item.type is ItemType.NUMBER else st.sampled_from([202512, 202601, 202602])
        sign = draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in"]))
        return Comparison(item.id, sign, tuple(draw(number) for _ in range(2 if sign == "in" else 1)))
    sign = draw(st.sampled_from(["==", "!=", "in"]))
    return Comparison(item.id, sign, tuple(c.id for c in item.choices[: 2 if sign == "in" else 1]))


@st.composite
def conditions(draw: st.DrawFn, earlier: Sequence[Item]) -> Condition:
    node: Comparison | Junction = comparisons(draw, draw(st.sampled_from(earlier)))
    for _ in range(draw(st.integers(0, 2))):
        sign = draw(st.sampled_from(["and", "or", "not"]))
        other = comparisons(draw, draw(st.sampled_from(earlier)))
        node = Junction("not", (node,)) if sign == "not" else Junction(sign, (node, other))
    return parse(write(node))


@st.composite
def forms(draw: st.DrawFn) -> Questionnaire:
    """Any questionnaire of ours, small."""
    made: list[Item] = []
    sections = []
    number = 0
    scales = {name: draw(choices(True)) for name in ("hl", "list_i1", "list_i2", "hl_na")}
    for place in range(draw(st.integers(1, 3))):
        items = []
        for _ in range(draw(st.integers(1, 3))):
            number += 1
            type = draw(st.sampled_from(list(ItemType)))
            asked = [item for item in made if item.type is not ItemType.NOTE]
            closed = type in questionnaires.CLOSED
            scale = draw(st.none() | st.sampled_from(list(scales))) if closed else None
            own = draw(choices(type is ItemType.SCALE or draw(st.booleans()))) if closed else ()
            item = Item(
                f"i{number}", type, draw(texts()), draw(st.none() | texts()),
                choices=scales[scale] if scale else own, scale=scale,
                allow_na=draw(st.booleans()) and type is not ItemType.NOTE,
                required=draw(st.booleans()) and type is not ItemType.NOTE,
                show_if=draw(conditions(asked)) if asked and draw(st.booleans()) else None,
                minimum=draw(st.none() | st.integers(-5, 5)) if type is ItemType.NUMBER else None,
                max_length=draw(st.sampled_from([20, 1000])) if type is ItemType.TEXT else 1000,
            )  # fmt: skip
            made.append(item)
            items.append(item)
        sections.append(Section(f"s{place}", draw(texts()), tuple(items), draw(st.none() | texts())))
    asked = [item for item in made if item.type is not ItemType.NOTE]
    out = draw(conditions(asked[:2])) if asked and draw(st.booleans()) else None
    layout = draw(st.sampled_from(list(Layout)))
    whole = Questionnaire("any_form", 3, 7, draw(texts()), {}, tuple(sections), out, "", layout)
    return questionnaires.load(questionnaire_text.write(whole), "any.toml")


@st.composite
def answers(draw: st.DrawFn, asked: Questionnaire) -> dict[str, Value]:
    given: dict[str, Value] = {}
    for id, item in asked.items.items():
        if item.type is ItemType.NOTE or draw(st.booleans()):
            continue
        if item.type is ItemType.MULTIPLE:
            given[id] = tuple(c.id for c in item.choices if draw(st.booleans())) or (item.choices[0].id,)
        elif item.closed:
            given[id] = draw(st.sampled_from([c.id for c in item.choices]))
        elif item.type is ItemType.TEXT:
            given[id] = "có"
        else:
            given[id] = draw(st.sampled_from([0, 3, 9] if item.type is ItemType.NUMBER else [202512, 202601, 202603]))
    return given


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_questionnaire_comes_back_and_asks_the_same(data: st.DataObject) -> None:
    asked = data.draw(forms())
    if all(item.type is ItemType.NOTE for item in asked.items.values()):
        return
    out = xlsform.write(asked)  # which pyxform has accepted
    back = xlsform.read(out.content, "form.xlsx").questionnaire
    plain = [[replace(item, show_if=None) for item in section.items] for section in asked.sections]
    assert [[replace(item, show_if=None) for item in section.items] for section in back.sections] == plain
    assert [(s.id, s.title, s.intro) for s in back.sections] == [(s.id, s.title, s.intro) for s in asked.sections]
    for id, item in asked.items.items():
        alike = [other.allow_na for other in asked.items.values() if item.scale and other.scale == item.scale]
        if len(set(alike)) == 1:  # else it is two lists, which is said
            beside = item.scale == f"list_{id}" and len(alike) == 1  # what lists of one item are called
            assert back.items[id].scale == (None if beside else item.scale)
    given_ = data.draw(answers(asked))
    assert visible(back, given_) == visible(asked, given_)


SCALES = """id = "ten"
version = 1
minutes = 5
title.vi = "Tên"
[scale.hl]
choices = [{ id = "v1", value = 0.0, vi = "Không" }, { id = "v2", value = 1.0, vi = "Có" }]
[scale.muc_2]
choices = [{ id = "v1", value = 0.0, vi = "Không" }, { id = "v2", value = 1.0, vi = "Có" }]
[[section]]
id = "a"
title.vi = "A"
"""


def with_scales(*items: str) -> Questionnaire:
    rows = (f'[[section.item]]\nid = "i{at}"\ntext.vi = "I"\n{item}\n' for at, item in enumerate(items))
    return questionnaires.load(SCALES + "".join(rows), "scales.toml")


def test_lists_keep_the_names_that_they_have_there_and_back() -> None:
    asked = with_scales(
        'type = "scale"\nscale = "hl"', 'type = "scale"\nscale = "muc_2"', 'type = "scale"\nscale = "hl"',
        'type = "single"\nchoices = [{ id = "a", vi = "A" }, { id = "b", vi = "B" }]',
    )  # fmt: skip
    out = xlsform.write(asked)
    rows = list(openpyxl.load_workbook(io.BytesIO(out.content))["choices"].iter_rows(values_only=True))
    assert list(dict.fromkeys(row[0] for row in rows[1:])) == ["hl", "muc_2", "list_i3"]
    back = xlsform.read(out.content, "form.xlsx").questionnaire
    assert {id: item.scale for id, item in back.items.items()} == {"i0": "hl", "i1": "muc_2", "i2": "hl", "i3": None}
    assert xlsform.write(back).content == out.content


def test_a_scale_that_is_called_as_the_list_of_another_item_stays_apart() -> None:
    source = SCALES.replace("[scale.muc_2]", "[scale.list_i1]")
    rows = ('type = "scale"\nscale = "hl"',
            'type = "single"\nchoices = [{ id = "a", vi = "A" }, { id = "b", vi = "B" }]',
            'type = "scale"\nscale = "list_i1"', 'type = "scale"\nscale = "list_i1"')  # fmt: skip
    items = (f'[[section.item]]\nid = "i{at}"\ntext.vi = "I"\n{row}\n' for at, row in enumerate(rows))
    asked = questionnaires.load(source + "".join(items), "scales.toml")
    back = xlsform.read(xlsform.write(asked).content, "form.xlsx").questionnaire
    assert back.items == asked.items
    assert [item.scale for item in back.items.values()] == ["hl", "list_i1_2", "list_i1", "list_i1"]


def test_a_scale_with_and_without_dont_know_is_two_lists_which_is_said() -> None:
    asked = with_scales(
        'type = "scale"\nscale = "hl"\nna = false', 'type = "scale"\nscale = "hl"', 'type = "scale"\nscale = "muc_2"'
    )
    out = xlsform.write(asked)
    assert any("“hl” is asked with “Không biết" in str(note) and "“hl_na”" in str(note) for note in out.notes)
    back = xlsform.read(out.content, "form.xlsx").questionnaire
    assert [item.scale for item in back.items.values()] == ["hl", "hl_na", "muc_2"]
    assert back.items == asked.items


def test_lists_of_others_keep_their_names_where_they_can() -> None:
    rows = [
        {"type": f"select_one {name}", "name": f"q{at}", "label": "Q"}
        for at, name in enumerate(("yn", "Hài-lòng", "yn", "hai_long", "Hài-lòng", "hai_long"))
    ]
    lists = [
        {"list_name": name, "name": each, "label": each}
        for name in ("yn", "Hài-lòng", "hai_long")
        for each in ("có", "không")
    ]
    found = imported(rows, lists)
    assert [item.scale for item in found.questionnaire.items.values()] == [
        "yn", "hai_long", "yn", "hai_long_2", "hai_long", "hai_long_2",
    ]  # fmt: skip
    assert "choices:4: changed: “Hài-lòng” is now called “hai_long”" in told(found)
    assert "choices:6: changed: “hai_long” is now called “hai_long_2”" in told(found)


def test_what_other_tools_will_not_know_is_said() -> None:
    source = questionnaire("citizen").text.replace('id = "visits"\n', 'id = "visits"\nna = true\n')
    out = xlsform.write(questionnaires.load(source, "c"))
    assert any("“visits” offers “Không biết" in str(note) for note in out.notes)
    assert any("{period}" in str(note) for note in out.notes)


# Theirs


def test_a_form_of_another_tool() -> None:
    found = imported(
        [
            {"type": "start", "name": "start"},
            {"type": "begin group", "name": "Visit", "label": "Lần đến", "relevant": None},
            {"type": "select_one yn", "name": "Used", "label": "Đã dùng?", "required": "yes", "hint": "Một lần"},
            {"type": "select_multiple ways", "name": "how", "label": "Bằng cách nào?", "relevant": "${Used} = '1'"},
            {"type": "integer", "name": "n", "label": "Mấy lần?", "constraint": ". > 0 and . < 100"},
            {"type": "text", "name": "why", "label": "Vì sao?", "relevant": "selected(${how}, 'Mail') and ${n} != 1"},
            {"type": "geopoint", "name": "where", "label": "Ở đâu?"},
            {"type": "end group"},
            {"type": "note", "name": "bye", "label": "Cảm ơn ${n}"},
        ],
        settings=[{"form_title": "Khảo sát", "form_id": "K-1", "version": "2026a", "style": "pages"}],
    )
    asked = found.questionnaire
    assert (asked.id, str(asked.title), asked.version) == ("k_1", "Khảo sát", 1)
    assert [(section.id, [item.id for item in section.items]) for section in asked.sections] == [
        ("visit", ["used", "how", "n", "why"]),
        ("part_2", ["bye"]),
    ]
    items = asked.items
    assert items["used"].required and [c.id for c in items["used"].choices] == ["c1", "c0"]
    assert items["how"].show_if and items["how"].show_if.text == "used == 'c1'"
    assert (items["n"].minimum, items["n"].maximum) == (1, 99)
    assert items["why"].show_if and items["why"].show_if.text == "'mail' in how and (not n == 1)"
    assert str(items["bye"].text) == "Cảm ơn …"
    lines = told(found)
    for said in (
        "survey:2: left out: “start” is of type “start”",
        "survey: changed: 1 names are in small letters now: “Used”",
        "survey:8: left out: “where” is of type “geopoint”",
        "survey:10: changed: “bye” stands in no group",
        "survey:10: changed: “bye” repeats an earlier answer",
        "choices:2: changed: “1” is now called “c1”",
        "settings:2: left out: “style” says “pages”",
        "settings:2: changed: “version” is “2026a”",
    ):
        assert any(line.startswith(said) for line in lines), (said, lines)


@pytest.mark.parametrize(("row", "said"), UNSAYABLE)
def test_what_cannot_be_said_is_listed_with_its_row(row: dict[str, object], said: str) -> None:
    found = unsaid(row)
    place = "survey:1" if "label::Klingon" in row else "survey:7"
    assert [line for line in told(found) if line.startswith(place) and said in line], told(found)


def test_or_other_becomes_a_choice_and_a_line_to_write_in() -> None:
    found = imported([{"type": "select_multiple ways or_other", "name": "how", "label": "Cách"}])
    how, other = found.questionnaire.items.values()
    assert [choice.id for choice in how.choices] == ["mail", "tel", "other"]
    assert (other.id, other.type, other.show_if and other.show_if.text) == ("how_other", "text", "'other' in how")


def test_a_group_in_a_group_hands_its_condition_down() -> None:
    found = imported(
        [
            {"type": "begin_group", "name": "a", "label": "A"},
            {"type": "integer", "name": "n", "label": "Số"},
            {"type": "begin_group", "name": "b", "label": "B", "relevant": "${n} > 1"},
            {"type": "text", "name": "t", "label": "Chữ", "relevant": "${n} < 9"},
            {"type": "end_group"},
            {"type": "end_group"},
        ]
    )
    (section,) = found.questionnaire.sections
    assert [(item.id, item.show_if and item.show_if.text) for item in section.items] == [
        ("n", None), ("b", "n > 1"), ("t", "n > 1 and n < 9"),
    ]  # fmt: skip


def test_languages_and_scores() -> None:
    found = imported(
        [{"type": "select_one s", "name": "a", "label::English (en)": "How?", "hint::English (en)": "One"}],
        [
            {"list_name": "s", "name": "bad", "label::English (en)": "Bad", "phieu_value": 0},
            {"list_name": "s", "name": "good", "label::English (en)": "Good", "phieu_value": 1},
            {"list_name": "s", "name": "na", "label::English (en)": "No idea"},
        ],
        settings=[{"default_language": "English (en)"}],
    )
    (item,) = found.questionnaire.items.values()
    assert (item.type, item.allow_na, [c.value for c in item.choices]) == (ItemType.SCALE, True, [0.0, 1.0])
    assert item.text == Text({"vi": "How?", "en": "How?"})
    assert any("no Vietnamese words" in line for line in told(found))
    assert any("is now the answer “Không biết" in line for line in told(found))


def test_odd_but_lawful_forms() -> None:
    found = imported(
        [
            {"type": "begin_group", "name": "empty", "label": "Rỗng"},
            {"type": "end_group"},
            {"type": "select_one yn", "name": "y", "label": "Y"},
            {"type": "integer", "name": "n", "label": "N", "constraint": "3 <= ."},
            {"type": "text", "name": "t", "label": "T", "constraint": "string-length(.) < 50", "relevant": "3 < ${n}"},
            {"type": "text", "name": "u", "label": "U", "relevant": "${t} = '' or string-length(${t}) > 0"},
            {"type": "text", "name": "v", "label": "V", "relevant": "selected(${y}, 'na') or selected(${y}, '1')"},
            {"type": "integer", "name": "w", "label": "W", "relevant": "${n} = '4' and ${y} = 1"},
            {"type": "text", "name": "x", "label": "X", "relevant": "${n} = 'na'", "constraint": ". < 3 and . > 1"},
            {"type": "integer", "name": "z", "label": "Z", "relevant": "${n} = 'bốn'", "phieu_factor": "none"},
            {"type": "text", "name": "Đơn vị", "label": "Đ"},
            {"type": "text", "name": "m_x", "label": "M"},
        ],
        [
            *LISTS,
            {"list_name": None, "name": "lost", "label": "L"},
            {"list_name": "yn", "name": "declined", "label": "D"},
            {"list_name": "yn", "name": "1", "label": "Hai lần"},
            {"list_name": "ways", "name": "fax", "label": "Fax", "phieu_value": "nhiều"},
        ],
        settings=[{"version": "4", "phieu_screen_out": "${n} + 1"}],
        entities=[{"a": "b"}],
    )
    items = found.questionnaire.items
    conditions = {id: item.show_if.text for id, item in items.items() if item.show_if}
    assert conditions == {
        "t": "n > 3",
        "u": "(not answered(t)) or answered(t)",
        "v": "y == 'na' or y == 'c1'",
        "w": "n == 4 and y == 'c1'",
        "x": "n == 'na'",
    }
    assert (items["n"].minimum, items["t"].max_length, found.questionnaire.version) == (3, 49, 4)
    assert {"don_vi", "qm_x"} < set(items)
    lines = "\n".join(told(found))
    for said in (
        "“empty” is a group of which nothing is left", "“lost” stands in no list", "“declined” is offered by pages",
        "“1” has no name of its own", "which is no number from 0 to 1", "has the factor “none”", "entities: left out",
        "“phieu_screen_out” cannot be read", "“z” the whole of its condition, which compares “n” with something",
    ):  # fmt: skip
        assert said in lines, said


@pytest.mark.parametrize(
    ("survey", "said"),
    [
        ([{"type": "end group", "name": None}], "form.xlsx [survey]:2: ends a group that never began"),
        ([{"type": "begin group", "name": "a", "label": "A"}], "form.xlsx [survey]:2: begins a group that never ends"),
        ([{"type": "note", "name": "a", "label": "A"}], "form.xlsx: asks nothing that can be asked here"),
        ([{"name": "a", "label": "A"}], "form.xlsx: has no column “type”"),
        ([{"type": "text", "name": f"a{n}", "label": "A"} for n in range(2001)], "form.xlsx: has more than 2000 rows"),
    ],
)
def test_what_is_no_form(survey: Rows, said: str) -> None:
    with pytest.raises(Faults, match="^" + said.replace("[", r"\[").replace("]", r"\]")):
        imported(survey)


# Hostile


def test_formulas_are_words() -> None:
    asked = questionnaires.load(questionnaire("self").text.replace('title.vi = "', 'title.vi = "=1+1 '), "q")
    content = xlsform.write(asked).content
    sheet = openpyxl.load_workbook(io.BytesIO(content))["settings"]
    assert (sheet["A2"].value[:4], sheet["A2"].data_type) in (("=1+1", "s"), ("=1+1", "f"))
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
    # A formula in somebody's form is read as the value that was saved with it, never computed
    found = imported([{"type": "text", "name": "a", "label": "=HYPERLINK(A1)"}])
    assert "HYPERLINK" not in str(found.questionnaire.items["a"].text)
    assert any(note.about == "C2" and note.sheet == "survey" and "not saved" in note.message for note in found.notes)


def altered(content: bytes, name: str, change: bytes) -> bytes:
    """The workbook with one part replaced."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change if part == name else old.read(part))
    return made.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><worksheet>&b;</worksheet>"""
ENTITY = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>"""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not a workbook"),
        (b"type,name\ntext,a\n", "is not a workbook"),
        (GOOD[: len(GOOD) // 2], "is not a workbook that can be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), "is not a workbook that can be read"),  # encrypted
        (altered(GOOD, SHEET, LAUGHS), "is not a workbook that can be read"),
        (altered(GOOD, SHEET, ENTITY), "is not a workbook that can be read"),
        (altered(GOOD, SHEET, b"<" + b" " * (65 << 20)), "unpacks to more than 64 MiB"),
        (b"PK\x03\x04" + bytes(11 << 20), "is larger than 10 MiB"),
    ],
)
def test_hostile_files_are_refused_by_name(content: bytes, said: str) -> None:
    with pytest.raises(Faults) as caught:
        xlsform.read(content, "form.xlsx")
    assert str(caught.value).startswith("form.xlsx: ") and said in str(caught.value)


def test_two_cells_far_apart_are_too_many() -> None:
    book = openpyxl.Workbook()
    book.active.title = "survey"
    book.active["A1"] = "type"
    book.active["ZZ9999"] = "far"
    made = io.BytesIO()
    book.save(made)
    with pytest.raises(Faults, match="more than 500000 cells in its sheet “survey”"):
        xlsform.read(made.getvalue(), "form.xlsx")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from(["text", "integer", "select_one yn", "note", "date", "begin group", "end group"])},
            optional={
                "name": st.text(max_size=8), "label": st.text(max_size=20), "relevant": st.text(max_size=20),
                "constraint": st.text(max_size=12), "required": st.text(max_size=4), "hint": st.text(max_size=8),
            },
        ),
        max_size=6,
    )
)  # fmt: skip
def test_whatever_stands_in_the_cells(rows: list[dict[str, str]]) -> None:
    plain = [
        {key: "".join(c for c in said if c >= " " and c.isprintable()) for key, said in row.items()} for row in rows
    ]
    try:
        found = imported(plain)
    except Faults as faults:
        assert all(fault.file.startswith("form.xlsx") for fault in faults.faults)
        assert not any("TOML" in fault.message for fault in faults.faults)
        return
    assert any(item.type is not ItemType.NOTE for item in found.questionnaire.items.values())


def test_cells_that_no_heading_holds_and_second_headings_are_listed() -> None:
    book = io.BytesIO()
    rows = [
        ["type", "name", "label::vi", "hint::vi", "label::vi", ""],
        ["begin_group", "g", "Nhóm", "Gợi ý của nhóm", "", ""],
        ["range", "mark", "Chấm", "", "Nhãn thứ hai", "Ô lạc"],
        ["end_group", "", "", "", "", ""],
    ]
    with xlsxwriter.Workbook(book, {"in_memory": True}) as made:
        for name, cells in {"survey": rows, "settings": [["form_title"], ["Một"], ["Hai"]]}.items():
            sheet = made.add_worksheet(name)
            for at, line in enumerate(cells):
                sheet.write_row(at, 0, line)
    notes = "\n".join(map(str, xlsform.read(book.getvalue(), "f.xlsx").notes))
    for said in (
        "survey:2: left out: “g” has the hint “Gợi ý của nhóm”",
        "survey:3: left out: “label::vi” says “Nhãn thứ hai”",
        "survey:3: left out: “Ô lạc” stands under no heading",
        "settings:3: left out: stands below",
    ):
        assert said in notes, notes


def test_limits_of_a_range_and_of_its_constraint_both_hold() -> None:
    row = {"type": "range", "name": "mark", "label": "Chấm", "parameters": "start=0 end=10", "constraint": ". >= 2"}
    (item,) = imported([row]).questionnaire.items.values()
    assert (item.minimum, item.maximum) == (2, 10)


def test_a_list_without_values_is_said_to_count_for_no_index() -> None:
    words = [{"list_name": "five", "name": str(at), "label": f"Mức {at}"} for at in range(1, 6)]
    content = workbook(survey=[{"type": "select_one five", "name": "a", "label": "A"}], choices=words)
    assert any("no index counts them" in str(note) for note in xlsform.read(content, "f.xlsx").notes)


def test_a_plain_label_is_said_to_be_taken_as_vietnamese() -> None:
    content = workbook(survey=[{"type": "text", "name": "a", "label": "A"}])
    assert any("words are taken as Vietnamese" in str(note) for note in xlsform.read(content, "f.xlsx").notes)
    named = workbook(
        survey=[{"type": "text", "name": "a", "label": "A"}], settings=[{"default_language": "English (en)"}]
    )
    assert not any("taken as Vietnamese" in str(note) for note in xlsform.read(named, "f.xlsx").notes)


def test_what_a_left_out_part_holds_is_listed_whole() -> None:
    found = imported([
        {"type": "text", "name": "a", "label": "A"},
        {"type": "begin repeat", "name": "again", "label": "Lặp"},
        {"type": "begin group", "name": "inner", "label": "Nhóm trong"},
        {"type": "select_one yn", "name": "b", "label": "B"},
        {"type": "end group"},
        {"type": "end repeat"},
    ])  # fmt: skip
    lines = "\n".join(told(found))
    assert (
        "survey:4: left out: “inner” stands in a part" in lines and "survey:5: left out: “b” stands in a part" in lines
    )
    assert "choices: left out: “yn” is a list for which only questions ask that were left out" in lines


def test_headings_of_old_forms_are_known_with_one_colon() -> None:
    asked = {"type": "text", "name": "a", "label": "A", "bind: relevant": "${n} > 3", "bind:required": "yes"}
    rows = [{"type": "integer", "name": "n", "label": "N"}, asked]
    item = imported(rows).questionnaire.items["a"]
    assert item.show_if and item.show_if.text == "n > 3" and item.required


def test_a_form_of_which_nothing_is_left_says_why() -> None:
    with pytest.raises(Faults, match="asks nothing that can be asked here: survey:2: left out: “w” is of type “gps”"):
        imported([{"type": "gps", "name": "w", "label": "W"}])
