"""One respondent from the slip to the receipt."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.journeys.respondent import Respondent
from tests.journeys.world import World

Hold = Callable[..., Respondent]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("group", ["nguoi_dan", "lanh_dao", "cong_chuc"])
def test_from_slip_to_receipt(respondent: Hold, group: str, lang: str) -> None:
    # Given somebody with a slip
    person = respondent(group, lang)
    # When every question is answered, section by section
    check = person.fill_to_check()
    assert check.status == 200
    # Then the check page shows the answers, and sending gives a receipt
    done = person.fill()
    assert done.status == 200
    receipt = done.element("receipt")
    assert receipt and re.fullmatch(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", receipt.text)
    assert receipt.text.replace("-", "") not in done.url
    # And the receipt is known to /check, typed by hand
    person.open("/check")
    assert person.fill({"receipt": receipt.text.lower()}).element("counted")
    # And the used link says "received", with no receipt and nothing to fill in
    used = person.open()
    assert used.status == 200 and not used.forms
    assert receipt.text not in used.text


def test_the_same_submit_shows_the_same_receipt(respondent: Hold) -> None:
    person = respondent()
    check = person.fill_to_check()
    posted = check.form.standing()
    shown = set()
    for _ in range(3):
        page = person.post(f"/P/{person.code}/submit", posted)
        assert page.status == 200
        shown.add(page.element("receipt").text)
    assert len(shown) == 1


def test_a_get_and_a_head_change_nothing(respondent: Hold, world: World) -> None:
    person = respondent()
    person.begin()
    person.fill_all()
    code = person.code
    before = world.rows()
    paths = [
        "/",
        "/check",
        "/healthz",
        "/readyz",
        f"/P/{code}",
        f"/p/{code.lower()}",
        f"/P/{code}/",
        f"/P/{code}/check",
    ]
    paths += [f"/P/{code}/{number}" for number in range(1, 12)]
    paths += [f"/P/{code}/{verb}" for verb in ("submit", "refuse", "undo")]
    for path in paths:
        for method in ("GET", "HEAD"):
            assert person.client.open(path, method=method).status_code < 500
    assert world.rows() == before


def test_a_refusal_and_second_thoughts(respondent: Hold) -> None:
    person = respondent()
    start = person.open()
    refused = person.send(start.forms[-1])
    assert refused.title == "Ông/Bà đã chọn không tham gia"
    # the undo button
    again = person.send(refused.form)
    assert again.title.startswith("Xin ý kiến")
    # a section posted from another tab wins over a refusal
    person.send(again.forms[-1])
    person.post(f"/P/{person.code}/1", {"used": "yes", "revision": "0"})
    assert person.open().title.startswith("Xin ý kiến")


def test_screened_out_leads_to_the_end_at_once(respondent: Hold) -> None:
    person = respondent()
    person.begin()
    check = person.fill({"used": "no"})
    assert "không dành cho Ông/Bà" in check.text
    assert person.fill().element("receipt")


def test_a_change_from_the_check_page_leads_back_to_it(respondent: Hold) -> None:
    person = respondent()
    check = person.fill_to_check()
    changes = [link.attributes["href"] for link in check.root.all("a") if "back=check" in link.attributes["href"]]
    person.open(f"/P/{person.code}/{changes[3]}")
    changed = person.fill_all(pick=0)
    assert "receipt" in changed.form.names and "Rất không hài lòng" in changed.text
    # a change that brings up new questions leads to them
    person.open(f"/P/{person.code}/{changes[1]}")
    assert person.fill({"overdue": "yes"}).url.endswith("/3")


def test_a_unit_may_be_declined(respondent: Hold) -> None:
    person = respondent("lanh_dao")
    first = person.begin()
    unit = first.title
    second = person.fill({"declined": "1"})
    assert second.title != unit
    while "receipt" not in person.page.form.names:
        person.fill_all()
    assert "Tôi không đủ thông tin để đánh giá" in person.page.text
    assert person.fill().element("receipt")


def test_every_unit_comes_in_an_order_of_ones_own(respondent: Hold, world: World) -> None:
    orders = set()
    for _ in range(6):
        person = respondent("lanh_dao")
        person.open()
        orders.add(tuple(li.text for li in person.page.root.all("ul")[0].all("li")))
        assert person.open().root.all("ul")[0].all("li")[0].text == person.begin().title  # kept on the next visit
    assert len(orders) > 1
