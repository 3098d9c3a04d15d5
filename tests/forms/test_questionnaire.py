"""Loading questionnaires: what they become, and every fault with its line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import wtforms
from hypothesis import given
from hypothesis import strategies as st

from forms.conditions import DECLINED, NA
from forms.faults import Faults
from forms.questionnaire import ItemType, Questionnaire, load, load_file
from forms.questionnaire_file import RESERVED
from forms.text import Text

Break = Callable[..., list[tuple[int | None, str]]]
Where = Callable[[str, str], int]


def test_a_questionnaire_is_read_as_written(small: Questionnaire, small_text: str) -> None:
    assert (small.id, small.version, small.minutes) == ("small", 1, 5)
    assert small.title.of("en") == "Small form"
    assert small.title.of("rad") == str(small.title) == "Phiếu nhỏ"
    assert repr(small.items["used"].text) == "Text({'vi': 'Có dùng không?'})"
    assert small.hash == hashlib.sha256(small_text.encode()).hexdigest()
    assert list(small.items)[:4] == ["role", "used", "welcome", "staff_1"]
    staff = small.items["staff_1"]
    assert (staff.type, staff.factor, staff.allow_na, staff.required, staff.closed) == (
        "scale",
        "staff",
        True,
        False,
        True,
    )
    assert [(c.id, c.value, c.position, c.text.of("en")) for c in staff.choices][2] == ("v3", 1.0, 2, "Satisfied")
    assert staff.choice("v2") is staff.choices[1] and staff.choice("v9") is None
    visits = small.items["visits"]
    assert (visits.minimum, visits.maximum, visits.allow_na, visits.closed) == (0, 50, False, False)
    assert small.items["papers"].max_length == 20
    assert small.unit_items == set(small.items) - {"role", "answered_by"}
    many = small.items["many"].show_if
    assert many and many.names == {"visits", "ways"}
    assert small.screen_out and small.screen_out.text == "used == 'no'"


def test_what_a_wave_puts_in_stands_in_titles_intros_questions_and_hints(small_text: str) -> None:
    source = small_text.replace('title = "Lần đến"', 'title = "Lần đến {period}"\nintro = "{period}: {period}"')
    hint = 'hint.vi = "{period}"\nhint.en = "{period}!"'
    source = source.replace('text = "Ai trả lời?"', f'text = "Ai {{period}}?"\n{hint}')
    read = load(source, "f.toml")
    told = read.about(Text({"vi": "năm 2025", "en": "2025"}))
    section = next(section for section in told.sections if section.id == "visit")
    assert (str(section.title), str(section.intro)) == ("Lần đến năm 2025", "năm 2025: năm 2025")
    who = told.items["answered_by"]
    assert (str(who.text), who.hint) == ("Ai năm 2025?", Text({"vi": "năm 2025", "en": "2025!"}))
    assert str(read.about(None).items["answered_by"].text) == "Ai 12 tháng qua?"
    assert (told.hash, told.unit_items) == (read.hash, read.unit_items)


def test_pages_go_unit_by_unit_between_what_is_asked_once(small: Questionnaire) -> None:
    pages = small.pages(2)
    assert [(page.number, page.section.id, page.unit) for page in pages] == [
        (1, "before", None),
        (2, "visit", 0),
        (3, "service", 0),
        (4, "visit", 1),
        (5, "service", 1),
        (6, "after", None),
    ]
    assert [page.section.id for page in small.pages(0)] == ["before", "after"]


@given(st.lists(st.sampled_from(["unit", "respondent"]), min_size=1, max_size=6), st.integers(0, 4))
def test_pages_ask_everything_as_often_as_declared(each: list[str], units: int) -> None:
    sections = "".join(
        f'[[section]]\nid = "s{n}"\ntitle = "S"\neach = "{kind}"\n'
        f'[[section.item]]\nid = "i{n}"\ntype = "text"\ntext = "I"\n'
        for n, kind in enumerate(each)
    )
    pages = load(f'id = "x"\ntitle = "X"\n{sections}', "x").pages(units)
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    for n, kind in enumerate(each):
        asked = [page.unit for page in pages if page.section.id == f"s{n}"]
        assert asked == ([None] if kind == "respondent" else list(range(units)))
    about = [page.unit for page in pages if page.unit is not None]
    assert about == sorted(about)


def test_questionnaires_can_be_compared_and_hashed_by_section(small: Questionnaire, small_text: str) -> None:
    again = load(small_text, "elsewhere.toml")
    assert again.sections == small.sections
    assert hash(again.sections) == hash(small.sections)


# part to replace, replacement, part on the expected line afterwards ("^": the line above it, where its table
# begins; empty: the fault is of the whole file), what the message must say
FAULTS: list[tuple[str, str, str, str]] = [
    ('id = "small"', 'id = "Small"', 'id = "Small"', "“Small” is not an id"),
    ('id = "small"\n', "", "", "“id” is missing"),
    ('title.vi = "Phiếu nhỏ"\n', "", "title.en", "“title” is missing in Vietnamese (title.vi)"),
    ('title.vi = "Phiếu nhỏ"', 'title.vi = " "', "title.vi", "“title” in vi is empty"),
    ('title.vi = "Phiếu nhỏ"', 'title.vi = "P"\ntitle.english = "F"', "title.vi", "“english” is not a language code"),
    ('title.vi = "Phiếu nhỏ"', "title.vi = 3", "title.vi", "“title” must be written by language"),
    ('title.en = "Small form"', "minutes = 0", "minutes", "“minutes” is 0, but must be at least 1"),
    ('title.en = "Small form"', 'minutes = "5"', "minutes", "“minutes” must be a whole number, not “5”"),
    ('title.en = "Small form"', "minutes = true", "minutes", "“minutes” must be a whole number, not True"),
    ('title.en = "Small form"', 'colour = "red"', "colour", "unknown key “colour”"),
    ("used == 'no'", "use == 'no'", "screen_out", "“screen_out” asks about “use”, but there is no such item"),
    ("used == 'no'", "used == 'nope'", "screen_out", "“used” has no choice “nope”"),
    ("used == 'no'", "used = 'no'", "screen_out", "the condition “used = 'no'” cannot be read"),
    ('factor = "staff"', 'factor = "stuff"', 'factor = "stuff"', "there is no [factor.stuff]"),
    ('factor = "staff"\n', "", "[factor.staff]", "no item has the factor “staff”"),
    ("[factor.staff]", "[factor.Staff]", "[factor.Staff]", "“Staff” is not an id"),
    ('id = "v2", value = 0.5', 'id = "v1", value = 0.5', "Bình thường", "the choice id “v1” is used twice"),
    ('id = "v2"', 'id = "na"', "Bình thường", "“na” is kept for people who do not choose"),
    ('id = "v2", value = 0.5', 'id = "v2", value = 50', "Bình thường", "“value” is 50, but must be from 0 to 1"),
    ('id = "v2", value = 0.5', 'id = "v2", value = "half"', "Bình thường", "“value” must be a number, not “half”"),
    ('id = "v2", value = 0.5', 'id = "v2", value = nan', "Bình thường", "“value” must be a number, not nan"),
    ('id = "v2", value = 0.5,', 'id = "v2",', '^id = "staff_1"', "every choice of a scale item needs a “value”"),
    (' vi = "Bình thường",', "", 'id = "v2"', "the text is missing in Vietnamese (vi)"),
    ('title = "Lần đến"', 'title = "Lần đến"\nnote = 1', "note = 1", "unknown key “note”"),
    ('id = "service"', 'id = "visit"  # again', "# again", "the section id “visit” is used twice"),
    (
        'title = "Sau"\neach = "respondent"',
        'title = "Sau"\neach = "person"',
        "person",
        "must be one of: unit, respondent",
    ),
    ('id = "answered_by"', 'id = "role"  # again', "# again", "the item id “role” is used twice"),
    ('id = "answered_by"', 'id = "asked"', 'id = "asked"', "is a name that pages use themselves"),
    ('text = "Ai trả lời?"', 'text = "Ai {who}?"', "Ai {who}", "“{who}” is nothing that a wave puts in; known: {"),
    ('title = "Lần đến"', 'title = "Lần {}"', "Lần {}", "“{}” is nothing that a wave puts in"),
    (' vi = "Bình thường",', ' vi = "{period}",', "{period}", "“{period}”: nothing is put into the words of a choice"),
    ('id = "answered_by"', 'id = "a__b"', 'id = "a__b"', "two underscores"),
    ('type = "date"', 'type = "day"', 'type = "day"', "“type” is “day”, but must be one of: scale, single"),
    ('type = "date"\n', "", '^id = "month"', "“type” is missing"),
    ('type = "date"', 'type = "date"\nshow = "x"', "show =", "unknown key “show”"),
    ('type = "date"', 'type = "date"\nmin = 3', "min = 3", "unknown key “min”"),
    ('type = "date"', 'type = "date"\nrequired = "yes"', 'required = "yes"', "“required” must be true or false"),
    ("min = 0\n", "min = 60\n", "min = 60", "“min” is 60, which is above “max”, 50"),
    ("max_length = 20", "max_length = 0", "max_length = 0", "at least 1"),
    ('type = "note"', 'type = "note"\nrequired = true # note', "# note", "a note takes no answer"),
    ('scale = "satisfaction"', 'scale = "contentment"', "contentment", "there is no [scale.contentment]"),
    ('scale = "satisfaction"', "choices = 5", "choices = 5", "“choices” must be a list, not 5"),
    ('scale = "satisfaction"', 'choices = ["a", "b"]', 'choices = ["a"', "“choices” must be a list of tables"),
    ('scale = "satisfaction"\n', "", '^id = "staff_1"', "a scale item needs “scale” or “choices”"),
    ('{ id = "papers", vi = "Thiếu giấy tờ" }, ', "", "absent", "needs at least two choices"),
    (
        "show_if = \"many == 'papers'\"",
        "show_if = \"later == 'x'\"",
        "later ==",
        "“later”, but there is no such item before",
    ),
    ("show_if = \"many == 'papers'\"", "show_if = \"welcome == 'x'\"", "welcome ==", "a note, which takes no answer"),
    ("visits > 1 and 'counter' in ways", "visits == 'x'", "visits ==", "with 'x', which is never its answer"),
    ("visits > 1 and 'counter' in ways", "ways == 'online'", "ways ==", "write 'choice' in ways"),
    ("visits > 1 and 'counter' in ways", "'yes' in used", "in used", "write 'choice' in used"),
    ("visits > 1 and 'counter' in ways", "used > 'no'", "used >", "orders the answers of “used”"),
    ("visits > 1 and 'counter' in ways", "used == 3", "used == 3", "with 3, which is never its answer"),
    (
        'text = "Ai trả lời?"',
        'text = "Ai trả lời?"\nshow_if = "used == \'yes\'"',
        'show_if = "used ==',
        "has one answer a unit, but this item is asked once a respondent",
    ),
    (
        'text = "Ai trả lời?"',
        'text = "Ai trả lời?"\nshow_if = "papers == \'x\'"',
        'show_if = "papers ==',
        "has one answer a unit",
    ),
]


@pytest.mark.parametrize(("old", "new", "stands", "message"), FAULTS, ids=[fault[3][:40] for fault in FAULTS])
def test_a_fault_is_named_with_its_line(
    break_questionnaire: Break, small_text: str, where: Where, old: str, new: str, stands: str, message: str
) -> None:
    faults = break_questionnaire((old, new))
    line = where(small_text.replace(old, new), stands.removeprefix("^")) - stands.startswith("^") if stands else None
    assert (line, message) in [(row, message if message in said else said) for row, said in faults]


def test_free_text_is_asked_about_only_with_answered(break_questionnaire: Break) -> None:
    more = '\n[[section.item]]\nid = "more"\ntype = "text"\ntext = "Thêm"\nshow_if = "{}"\n\n[[section]]\nid = "after"'
    faults = break_questionnaire(('\n[[section]]\nid = "after"', more.format("papers == 'x'")))
    assert [message for _, message in faults] == [
        "“show_if” compares “papers”, a free text; only answered(papers) can be asked of it"
    ]


def test_an_item_may_ask_about_answers_and_about_dont_know(small_text: str) -> None:
    source = small_text.replace("many == 'papers'", "many in ['papers', 'na'] or answered(month) and month >= 202501")
    assert load(source, "x").items["papers"].show_if


def test_every_fault_is_said_at_once_in_the_order_of_the_file(break_questionnaire: Break, small_text: str) -> None:
    faults = break_questionnaire(
        ('id = "answered_by"', 'id = "role"'),
        ("many == 'papers'", "manny == 'papers'"),
        ('id = "v2"', 'id = "v1"'),
    )
    rows = [row for row, _ in faults]
    assert len(faults) == 3 and rows == sorted(rows, key=lambda row: row or 0)
    assert ["v1" in faults[0][1], "manny" in faults[1][1], "role" in faults[2][1]] == [True] * 3


def test_a_section_needs_items_and_a_questionnaire_sections(break_questionnaire: Break) -> None:
    faults = break_questionnaire(
        ('[[section]]\nid = "after"', '[[section]]\nid = "empty"\ntitle = "E"\n[[section]]\nid = "after"')
    )
    assert [message for _, message in faults] == ["the section “empty” has no item"]
    with pytest.raises(Faults, match="“section” is missing"):
        load('id = "x"\ntitle = "X"', "x.toml")


def test_both_scale_and_choices_is_one_too_many(break_questionnaire: Break) -> None:
    faults = break_questionnaire(('scale = "satisfaction"', 'scale = "satisfaction"\nchoices = []'))
    assert "keep one" in faults[-1][1]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("id = ", "x.toml:1: is not valid TOML"),
        ('id = "x"\n\n[[section]\n', "x.toml:3: is not valid TOML"),
        ("a = " + "[" * 5000, "x.toml:1: is not valid TOML"),
    ],
)
def test_what_is_no_toml_is_said_with_its_line(source: str, message: str) -> None:
    with pytest.raises(Faults) as caught:
        load(source, "x.toml")
    assert str(caught.value).startswith(message)


def test_files_are_read_with_or_without_a_mark_and_with_windows_lines(tmp_path: Path, small_text: str) -> None:
    file = tmp_path / "small.toml"
    file.write_bytes(b"\xef\xbb\xbf" + small_text.replace("\n", "\r\n").encode())
    assert load_file(file).title.of("vi") == "Phiếu nhỏ"
    file.write_bytes(small_text.replace("many ==", "manny ==").replace("\n", "\r\n").encode())
    with pytest.raises(Faults) as caught:
        load_file(file)
    line = small_text[: small_text.index("many ==")].count("\n") + 1
    assert [fault.row for fault in caught.value.faults] == [line]


def test_unreadable_files_are_faults(tmp_path: Path) -> None:
    with pytest.raises(Faults, match=r"none\.toml: cannot be read: No such file"):
        load_file(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Faults, match=r"bytes\.toml: is not UTF-8 text"):
        load_file(tmp_path / "bytes.toml")


@given(st.text(max_size=200))
def test_no_text_breaks_the_loader(source: str) -> None:
    with pytest.raises(Faults):
        load(source, "x.toml")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.text(max_size=5), below, max_size=2),
    max_leaves=4,
)


@given(st.data())
def test_a_key_with_any_value_loads_or_is_a_fault(data: st.DataObject) -> None:
    """Whatever is written where a text, list or table belongs: a questionnaire or Faults, nothing else."""
    keys = ["id", "version", "minutes", "title", "factor", "scale", "section", "screen_out", "type", "text", "choices"]
    keys += ["item", "show_if", "min", "max", "na", "required", "each", "value", "vi"]

    def table(depth: int) -> str:
        chosen = data.draw(st.lists(st.sampled_from(keys), unique=True, max_size=4))
        values = (inline(data.draw(JUNK)) if depth == 0 or data.draw(st.booleans()) else nested(depth) for _ in chosen)
        return "{" + ", ".join(f"{key} = {value}" for key, value in zip(chosen, values, strict=True)) + "}"

    def nested(depth: int) -> str:
        return data.draw(st.sampled_from(["{0}", "[{0}]"])).format(table(depth - 1))

    source = "".join(f"{key} = {nested(2)}\n" for key in data.draw(st.lists(st.sampled_from(keys[:8]), unique=True)))
    try:
        load(source, "x.toml")
    except Faults as faults:
        assert all(fault.file == "x.toml" for fault in faults.faults)


def inline(value: object) -> str:
    """A value as inline TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{inline(key)} = {inline(below)}" for key, below in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    if isinstance(value, bool) or value is None:
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(c):08x}" if not 0xD800 <= ord(c) < 0xE000 else "x" for c in value) + '"'
    return repr(value)


def test_item_types_are_the_contracts() -> None:
    assert list(ItemType) == ["scale", "single", "multiple", "number", "text", "date", "note"]
    assert (NA, DECLINED) == ("na", "declined")


def test_names_of_a_wtforms_form_are_reserved() -> None:
    taken = {name for name in dir(wtforms.Form()) if not name.startswith("_") and not name[0].isupper()}
    assert taken <= RESERVED


def test_all_sections_of_a_unit_on_one_page(small_text: str) -> None:
    asked = load('layout = "page"\n' + small_text, "f.toml")
    pages = asked.pages(2)
    parts = [["before"], ["visit", "service"], ["visit", "service"], ["after"]]
    assert [[part.id for part in page.parts] for page in pages] == parts
    assert [page.unit for page in pages] == [None, 0, 1, None]
    assert [item.id for item in pages[1].section.items] == [
        item.id for part in pages[1].parts for item in part.items
    ]  # fmt: skip
    assert pages[0].section is asked.sections[0]
    assert str(pages[1].section.title) == "Phiếu nhỏ"
    (whole,) = asked.pages(1)
    assert ([part.id for part in whole.parts], whole.unit) == (["before", "visit", "service", "after"], 0)


def test_a_layout_that_is_none(break_questionnaire: Break) -> None:
    found = break_questionnaire(('title.vi = "Phiếu nhỏ"', 'title.vi = "Phiếu nhỏ"\nlayout = "grid"'))
    assert found == [(3, "“layout” is “grid”, but must be one of: sections, page")]
