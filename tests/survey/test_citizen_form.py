"""Which pages and questions are there, for the answers so far."""

from __future__ import annotations

from itertools import permutations
from types import SimpleNamespace

from forms import questionnaire
from forms.text import Text
from survey.citizen.form import Form, of
from survey.drafts import DECLINED_UNIT, Draft
from survey.plan.wave_spec import Unit, WaveSpec

ASKED = """
id = "asked"
version = 1
minutes = 3
title.vi = "Phiếu"
screen_out = "used == 'no'"
[[section]]
id = "before"
title.vi = "Trước"
each = "respondent"
[[section.item]]
id = "role"
type = "single"
text.vi = "Ông/Bà là ai?"
choices = [{ id = "a", vi = "A" }, { id = "b", vi = "B" }]
[[section]]
id = "use"
title.vi = "Sử dụng"
[[section.item]]
id = "used"
type = "single"
text.vi = "Đã dùng?"
choices = [{ id = "yes", vi = "Có" }, { id = "no", vi = "Không" }]
[[section]]
id = "late"
title.vi = "Trễ hẹn"
[[section.item]]
id = "overdue"
type = "single"
text.vi = "Trễ?"
show_if = "role == 'a'"
choices = [{ id = "yes", vi = "Có" }, { id = "no", vi = "Không" }]
[[section.item]]
id = "apology"
type = "single"
text.vi = "Xin lỗi?"
show_if = "overdue == 'yes'"
choices = [{ id = "yes", vi = "Có" }, { id = "no", vi = "Không" }]
[[section]]
id = "after"
title.vi = "Sau"
each = "respondent"
[[section.item]]
id = "remark"
type = "text"
text.vi = "Ý kiến"
"""


def form(units: int = 2) -> Form:
    spec: WaveSpec = None  # type: ignore[assignment]  # not looked at here
    return Form(
        spec,
        questionnaire.load(ASKED, "asked.toml"),
        tuple(Unit(f"u{n}", Text({"vi": f"Cơ quan {n}"}), "department") for n in range(units)),
    )


def draft(*declined: str, **answers: str) -> Draft:
    """``u0_used="yes"`` answers about a unit, ``role="a"`` about the respondent."""
    page = {}
    for name, value in answers.items():
        unit, _, item = name.rpartition("_")
        page[unit, item] = value
    for unit in declined:
        page[unit, DECLINED_UNIT] = "yes"
    return Draft().merged(page, seen=0)


def ids(items: object) -> list[str]:
    return [item.id for item in items]  # type: ignore[attr-defined]


def test_pages_are_before_unit_by_unit_after() -> None:
    assert [(page.section.id, page.unit) for page in form().pages] == [
        ("before", None), ("use", 0), ("late", 0), ("use", 1), ("late", 1), ("after", None),
    ]  # fmt: skip


def test_a_page_vanishes_when_all_its_items_are_hidden() -> None:
    asked = form()
    late = asked.pages[2]
    assert asked.vanishes(late, draft(role="b", u0_used="yes"))
    assert not asked.vanishes(late, draft(role="a", u0_used="yes"))
    assert ids(asked.shown(late, draft(role="a"))) == ["overdue"]
    assert ids(asked.shown(late, draft(role="a", u0_overdue="yes"))) == ["overdue", "apology"]
    # the other unit's answer is its own affair
    assert ids(asked.shown(asked.pages[4], draft(role="a", u0_overdue="yes"))) == ["overdue"]


def test_the_next_page_skips_what_vanished() -> None:
    asked = form()
    assert asked.after(2, draft(role="b", u0_used="yes")) == 4
    assert asked.after(2, draft(role="a", u0_used="yes")) == 3
    assert asked.after(5, draft(role="b")) == 6
    assert asked.after(6, draft(role="b")) is None


def test_what_is_asked_once_shows_when_it_does_for_any_unit() -> None:
    asked = form()
    after = asked.pages[5]
    assert asked.vanishes(after, draft(role="a", u0_used="no", u1_used="no"))
    assert not asked.vanishes(after, draft(role="a", u0_used="no", u1_used="yes"))
    assert asked.vanishes(after, draft("u1", role="a", u0_used="no", u1_used="yes"))
    assert not asked.vanishes(asked.pages[0], draft("u0", "u1"))


def test_a_declined_unit_keeps_only_the_page_that_declines_it() -> None:
    asked = form()
    declined = draft("u0", role="a")
    assert not asked.vanishes(asked.pages[1], declined)
    assert asked.vanishes(asked.pages[2], declined)
    assert asked.after(2, declined) == 4
    assert asked.declinable and not form(1).declinable
    assert [asked.opens_unit(page) for page in asked.pages] == [False, True, False, True, False, False]


def test_where_to_go_on() -> None:
    asked = form()
    assert asked.first_open(Draft()) == 1
    assert asked.first_open(draft(role="b")) == 2
    assert asked.first_open(draft("u0", role="b")) == 4
    assert asked.first_open(draft("u0", role="b", u1_used="yes")) == 6
    assert asked.first_open(draft("u0", role="b", u1_used="yes", _remark="x")) is None


def test_screened_out_only_when_every_unit_is() -> None:
    asked = form()
    assert not asked.screened_out(draft(u0_used="no"))
    assert asked.screened_out(draft(u0_used="no", u1_used="no"))
    assert asked.vanishes(asked.pages[2], draft(role="a", u0_used="no"))


def test_forms_that_are_kept_have_a_bounded_number_of_pages(monkeypatch):
    """Officials rate many offices, each in an order of his own: as many forms as people."""
    made = form(3)
    monkeypatch.setattr("survey.citizen.form._MOST", 5 * len(made.pages))
    wave = SimpleNamespace(
        plan_hash="p", corrections=(), questionnaire_of=lambda group: made.questionnaire,
        spec=SimpleNamespace(closes=None, unit={each.id: each for each in made.units}.get),
    )  # fmt: skip
    known: dict = {}
    for order in permutations(unit.id for unit in made.units):
        first = of(known, wave, "g", order)
        assert of(known, wave, "g", order) is first
        assert 1 <= len(known) <= 5
        assert first.first_untouched(Draft()) == 1 and not first.begun(first.pages[0], Draft())
        assert "_keys_by_page" not in vars(first)
