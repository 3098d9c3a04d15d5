"""Questionnaires with all sections about an office on one page: the same answers by the same rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from forms.catalogue import QUESTIONNAIRES, questionnaire
from forms.questionnaire import load
from survey import create_app
from survey.paper import twin
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent

UNITS = ("so_tu_phap", "so_y_te", "so_tai_chinh")


def together(name: str) -> str:
    """A bundled questionnaire, laid out on one page an office."""
    return 'layout = "page"\n' + questionnaire(name).text


def somebody(folder: Path, name: str, assesses: str = "dossier", units: tuple[str, ...] = UNITS[:1]) -> Respondent:
    made = worlds.build(folder, {name: together(name)}, groups=(("nguoi_dan", name, assesses, units),))
    return Respondent(create_app(made.settings, made.clock), made.take())


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_one_page_asks_everything_and_stays_light(tmp_path: Path, name: str) -> None:
    # Given a slip about one office
    person = somebody(tmp_path, name)
    # When it is begun
    page = person.begin()
    # Then every section stands under a heading of its own, and the driver finds the page within its budget
    asked = questionnaire(name)
    headings = [heading.text for heading in page.root.all("h2")]
    assert headings == [str(section.title) for section in asked.about(None).sections]
    # And answering it leads to the check page and the receipt
    person.fill_to_end()
    assert person.page.element("receipt")
    assert all(target.endswith(("/1", "/submit")) for method, target, _ in person.seen[2:] if method == "POST")


def test_one_page_an_office_and_each_may_be_declined(tmp_path: Path) -> None:
    person = somebody(tmp_path, "official", "kind:department", UNITS)
    first = person.begin()
    assert "cơ quan thứ 1 trong 3" in first.text
    second = person.fill({"declined": "1"})
    assert second.title != first.title and "cơ quan thứ 2 trong 3" in second.text
    person.fill_to_check_from_here()
    assert "Tôi không đủ thông tin để đánh giá" in person.page.text
    assert person.fill().element("receipt")


def test_the_server_asks_again_for_what_an_answer_brings_up(tmp_path: Path) -> None:
    person = somebody(tmp_path, "citizen")
    person.begin()
    page = person.fill({"used": "yes", "overdue": "yes"})
    assert "/1#" in page.url
    brought_up = page.url.partition("#")[2]
    assert questionnaire("citizen").items[brought_up].show_if is not None
    assert page.element(brought_up)
    assert person.fill().url.endswith("/check")


def test_being_screened_out_on_the_page_asks_for_nothing_more(tmp_path: Path) -> None:
    text = together("citizen").replace('id = "visits"\n', 'id = "visits"\nrequired = true\n')
    made = worlds.build(tmp_path, {"citizen": text}, groups=(("nguoi_dan", "citizen", "dossier", UNITS[:1]),))
    person = Respondent(create_app(made.settings, made.clock), made.take())
    person.begin()
    # A required question left empty, and a wrong number that the script has hidden, are no faults any more
    check = person.fill({"used": "no", "visits": "x"})
    assert check.status == 200 and "không dành cho Ông/Bà" in check.text
    # But they are for somebody who goes on
    person.open(f"/P/{person.code}/1")
    page = person.fill({"used": "yes", "visits": "x"})
    assert page.status == 422 and page.element("summary")


def test_paper_knows_nothing_of_it() -> None:
    for name in ("citizen", "official"):
        apart, whole = questionnaire(name), load(together(name), name)
        blocks = [
            list(twin._blocks(twin._paper(asked, "vi"), ["A", "B"]))  # what is typeset, before it is
            for asked in (apart, whole)
        ]
        assert blocks[0] == blocks[1]
