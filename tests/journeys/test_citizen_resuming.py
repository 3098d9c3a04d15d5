"""Coming back to a form: slips show everything again, sent links show nothing of an earlier sitting."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from survey import create_app
from survey.plan import wave_file
from survey.plan.wave_spec import Resume
from survey.web import Web
from tests.journeys import world as worlds
from tests.journeys.respondent import Page, Respondent
from tests.journeys.world import World

SENT = (('questionnaire = "citizen"', 'questionnaire = "citizen"\nmode = "email"'),)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An instance whose citizens were sent their links by e-mail."""
    return worlds.build(tmp_path, edits=SENT)


@pytest.fixture
def person(app: Web, world: World) -> Respondent:
    """Somebody who got a link."""
    return Respondent(app, world.take("nguoi_dan"))


def test_a_slip_says_who_could_open_what_is_not_sent_yet(app: Web, tmp_path: Path, person: Respondent) -> None:
    said = "Trước khi gửi, ai có mã trên phiếu này đều mở được phần đang trả lời dở."
    assert said not in person.open().text
    (tmp_path / "shown").mkdir()
    shown = worlds.build(tmp_path / "shown")
    assert said in Respondent(create_app(shown.settings, shown.clock), shown.take("nguoi_dan")).open().text


def begun(person: Respondent) -> str:
    """Answer the first three pages; return the sitting's address of the next."""
    person.begin()
    person.fill({"used": "yes"})
    person.fill({"channel": "online", "visits": "7", "overdue": "no"})
    return person.page.url


def the_same(page: Page) -> str:
    """A page without what is random in it."""
    return re.sub(r"s=[\w-]{16}|value=\"[0-9A-Za-z-]{16,}\"", "", page.html)


def test_within_one_sitting_nothing_is_hidden(person: Respondent) -> None:
    url = begun(person)
    assert "s=" in url
    back = person.follow("Quay lại phần 2")
    assert back.form.standing()["visits"] == ["7"]
    person.fill_to_end()
    assert person.page.element("receipt")
    assert "Sau khi đóng trang này, mã không hiện lại được." in person.page.text


def test_another_sitting_sees_that_it_was_begun_and_nothing_else(person: Respondent) -> None:
    begun(person)
    start = person.open()
    assert "trả lời một phần" in start.text
    for number in (1, 2, 3):
        page = person.open(f"/P/{person.code}/{number}")
        assert page.status == 200 and " checked>" not in page.html and ">7<" not in page.html
        assert 'value="7"' not in page.html
    # the check page needs a sitting
    assert person.open(f"/P/{person.code}/check").url.endswith(f"/P/{person.code}")


def test_no_page_without_the_sitting_depends_on_the_answers(app: Web, world: World) -> None:
    one, two = Respondent(app, world.take()), Respondent(app, world.take())
    begun(one)
    two.begin()
    two.fill({"used": "no"})  # screened out: as different as can be
    for path in ("", "/1", "/2", "/3", "/4", "/10", "/check"):
        seen = [the_same(p.open(f"/P/{p.code}{path}")).replace(p.code, "CODE") for p in (one, two)]
        assert seen[0] == seen[1], path
        assert one.page.status == two.page.status
    # a nonce that is made up opens nothing either
    assert " checked>" not in one.open(f"/P/{one.code}/1?s=AAAAAAAAAAAAAAAA").html
    assert "?s=" not in two.open(f"/P/{two.code}/1?s=<script>").html


def test_going_on_keeps_the_answers_unseen(person: Respondent) -> None:
    begun(person)
    start = person.open()
    page = person.send(start.forms[1])  # go on
    assert "/3?" in page.url or "/4?" in page.url
    person.fill_to_check_from_here()
    check = person.page
    assert "Đã trả lời trước đó" in check.text and "Hài lòng" in check.text
    assert "Trực tuyến" not in check.text
    # answer one again
    again = person.open(f"/P/{person.code}/" + next(h for h in check.links_all if h.startswith("2?")))
    assert again.form.standing()["visits"] == [""]
    done = person.fill({"visits": "3"})
    assert "3" in done.text
    assert person.fill().element("receipt")


def test_starting_afresh_throws_the_rest_away(person: Respondent) -> None:
    begun(person)
    page = person.send(person.open().forms[0])
    assert "/1?" in page.url
    check = person.open(f"/P/{person.code}/check?" + page.url.partition("?")[2])
    assert "chưa trả lời câu nào" in check.text


def test_a_page_posted_without_a_sitting_begins_one(person: Respondent) -> None:
    page = person.post(f"/P/{person.code}/1", {"used": "yes"})
    assert "s=" in page.url
    assert person.follow("Quay lại phần 1").form.standing()["used"] == ["yes"]


def test_a_stale_submit_without_a_sitting_shows_no_answer(person: Respondent) -> None:
    begun(person)
    page = person.post(f"/P/{person.code}/submit", {"receipt": "0" * 16, "tag": "x"})
    assert page.status == 422 and "Đã trả lời trước đó" in page.text and "Trực tuyến" not in page.text
    assert person.fill().element("receipt")


def test_in_english_the_sitting_and_the_language_go_together(app: Web, world: World) -> None:
    person = Respondent(app, world.take(), "en")
    begun(person)
    assert "lang=en" in person.page.url and "s=" in person.page.url


def test_a_slip_shows_everything_again(app: Web, world: World) -> None:
    person = Respondent(app, world.take("cong_chuc"))
    first = person.begin()
    person.fill_all()
    start = person.open()
    assert "Tiếp tục trả lời" in start.text
    assert person.send(start.form).url != first.url  # at the first page left unanswered
    assert " checked>" in person.open(f"/P/{person.code}/1").html


@pytest.mark.parametrize(
    ("told", "resume"),
    [
        ("", Resume.SHOW),
        ('mode = "zalo"', Resume.CONTINUE),
        ('mode = "paper"', Resume.SHOW),
        ('mode = "zalo"\nresume = "show"', Resume.SHOW),
        ('resume = "continue"', Resume.CONTINUE),
    ],
)
def test_what_the_wave_file_says(told: str, resume: Resume) -> None:
    text = worlds.WAVE.format(id="w", groups=worlds.GROUP.format(id="g", questionnaire="citizen", assesses="own"))
    asked = wave_file.load(text.replace('questionnaire = "citizen"', f'questionnaire = "citizen"\n{told}'), "wave.toml")
    assert asked.group("g").resume is resume
