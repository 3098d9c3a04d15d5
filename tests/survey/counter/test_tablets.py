"""A tablet opens what the counter's draw sends to it: once, by itself, with nothing left behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus

import pytest
from werkzeug.test import Client, TestResponse

from forms.faults import Faults
from survey import codes, create_app, invitations, kiosks
from survey.counter import tablets
from survey.counter.desk import Answer
from survey.counter.handing import NotLive
from survey.counter.reconciling import conduct
from survey.invitations import Invitation
from survey.kiosks import Kiosk
from survey.web import Web
from tests.survey.counter.conftest import Counter

HOME = "/kiosk/cho_a"


@pytest.fixture
def app(counter: Counter) -> Web:
    return create_app(counter.settings, counter.clock)


def bound(counter: Counter, place: str = "cho_a") -> Kiosk:
    token = kiosks.make_link(counter.store, counter.clock, [counter.wave.spec], place, "máy", who="x")
    made = kiosks.bind(counter.store, counter.clock, place, token)
    assert made is not None
    return made


def carrying(app: Web, counter: Counter, kiosk: Kiosk) -> Client:
    """The tablet's browser."""
    client = app.test_client()
    client.set_cookie(kiosks.COOKIE, kiosks.cookie(counter.keyring, kiosk))
    return client


def offers(counter: Counter, number: str, kiosk: Kiosk, **options: str) -> None:
    here = counter.store, counter.keyring, counter.clock, counter.wave
    tablets.offer(*here, number, kiosk.number, who="quầy", **options)


def selected(counter: Counter) -> str:
    number = counter.first(selected=True)
    assert counter.asks(number) is Answer.SELECTED
    return number


def opened(answer: TestResponse) -> str:
    """The code of the form that a tablet was led to."""
    assert answer.status_code == HTTPStatus.SEE_OTHER
    return str(answer.location.rpartition("/P/")[2].partition("?")[0])


def invited(counter: Counter, code: str) -> Invitation:
    found = invitations.resolve(counter.store, counter.keyring, codes.normalise(code))
    assert isinstance(found, Invitation)
    return found


def rows(counter: Counter) -> list[str]:
    return list(counter.store.connection.iterdump())


def test_the_tablet_opens_what_the_clerk_sent_and_nothing_is_left(app: Web, counter: Counter):
    # Given a tablet at the counter, at its first page
    kiosk = bound(counter)
    browser = carrying(app, counter, kiosk)
    assert 'data-waiting="../kiosk/cho_a/waiting"' in browser.get(HOME).text
    assert browser.get(f"{HOME}/waiting").text == ""
    # When the clerk chooses it for a dossier that is selected
    number = selected(counter)
    offers(counter, number, kiosk, place="cho_a")
    assert counter.store.connection.execute("SELECT count(*) FROM invitation").fetchone()[0] == 0
    # Then the tablet learns of it without changing anything
    before = rows(counter)
    assert browser.get(f"{HOME}/waiting").text == "1"
    assert rows(counter) == before
    # And opens it, in the mode of a kiosk
    code = opened(browser.post(f"{HOME}/fetch"))
    made = invited(counter, code)
    assert (made.mode, made.place, made.units) == ("kiosk", "cho_a", (("so_a", 1 / 0.3),))
    # Nothing waits any more, no day is kept, and the log has no number
    assert browser.get(f"{HOME}/waiting").text == ""
    assert counter.store.connection.execute("SELECT count(*) FROM counter_waiting").fetchone()[0] == 0
    row = counter.store.connection.execute("SELECT live_since, declared_on FROM counter_dossier WHERE handed = 1")
    assert tuple(row.fetchone()) == (None, None)
    for action in ("kiosk waits", "kiosk opened"):
        (entry,) = counter.logged(action)
        assert number not in entry and str(made.serial) not in entry
    assert counter.asks(number) is Answer.DONE


def test_a_request_sent_twice_finds_the_same_questionnaire(app: Web, counter: Counter):
    kiosk = bound(counter)
    browser = carrying(app, counter, Kiosk(kiosk.number, kiosk.place, kiosk.turn))
    offers(counter, selected(counter), kiosk)
    first = browser.post(f"{HOME}/fetch")
    assert opened(browser.post(f"{HOME}/fetch")) == opened(first)
    assert counter.store.connection.execute("SELECT count(*) FROM invitation").fetchone()[0] == 1
    # But not in the next person's turn
    browser.get(HOME)
    again = browser.post(f"{HOME}/fetch")
    assert again.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Chưa có phiếu nào" in again.text and 'action="../cho_a' in again.text


def test_twenty_requests_at_once_make_one_invitation(counter: Counter):
    kiosk = bound(counter)
    offers(counter, selected(counter), kiosk)

    def fetch(_: int) -> str | None:
        return tablets.fetch(counter.store, counter.keyring, counter.clock, lambda _: counter.wave, kiosk)

    with ThreadPoolExecutor(20) as pool:
        found = set(pool.map(fetch, range(20)))
    assert len(found) == 1 and None not in found
    assert counter.store.connection.execute("SELECT count(*) FROM invitation").fetchone()[0] == 1


def test_of_two_tablets_only_the_chosen_one_opens(app: Web, counter: Counter):
    one, other = bound(counter), bound(counter)
    number = selected(counter)
    offers(counter, number, one)
    offers(counter, number, other)  # the clerk thought again: the first one waits no longer
    assert carrying(app, counter, one).post(f"{HOME}/fetch").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert opened(carrying(app, counter, other).post(f"{HOME}/fetch"))
    assert [each.number for each in tablets.at_place(counter.store, counter.clock, "cho_a")] == [1, 2]
    assert tablets.at_place(counter.store, counter.clock, "trung_tam") == []


def test_a_tablet_waits_for_one_person_at_a_time(counter: Counter):
    kiosk = bound(counter)
    first, second = [f"HS-{n}" for n in range(1, 60) if counter.selects(f"HS-{n}")][:2]
    for number in (first, second):
        counter.asks(number)
    offers(counter, first, kiosk)
    with pytest.raises(tablets.Busy, match="waits for another person"):
        offers(counter, second, kiosk)


def test_what_is_not_opened_within_15_minutes_lapses(app: Web, counter: Counter):
    kiosk = bound(counter)
    browser = carrying(app, counter, kiosk)
    number = selected(counter)
    offers(counter, number, kiosk)
    counter.clock.at += timedelta(minutes=15, seconds=1)
    assert browser.get(f"{HOME}/waiting").text == ""
    assert browser.post(f"{HOME}/fetch").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert counter.count("lapsed") == 1
    assert counter.store.connection.execute("SELECT count(*) FROM counter_waiting").fetchone()[0] == 0
    assert counter.asks(number) is Answer.SELECTED  # and may be asked about again


def test_a_power_cut_before_the_commit_leaves_it_waiting(
    app: Web, counter: Counter, monkeypatch: pytest.MonkeyPatch
):  # fmt: skip
    kiosk = bound(counter)
    offers(counter, selected(counter), kiosk)
    before = rows(counter)
    with monkeypatch.context() as cut:
        cut.setattr("survey.audit.append", lambda *_: (_ for _ in ()).throw(SystemExit("power")))
        with pytest.raises(SystemExit):
            tablets.fetch(counter.store, counter.keyring, counter.clock, lambda _: counter.wave, kiosk)
    assert rows(counter) == before
    assert opened(carrying(app, counter, kiosk).post(f"{HOME}/fetch"))


def test_only_the_bound_tablet_of_that_place_is_told(app: Web, counter: Counter):
    kiosk = bound(counter)
    offers(counter, selected(counter), kiosk)
    stranger = app.test_client()
    elsewhere = carrying(app, counter, bound(counter, "trung_tam"))
    for browser in (stranger, elsewhere):
        assert browser.get(f"{HOME}/waiting").status_code == HTTPStatus.FORBIDDEN
        assert browser.post(f"{HOME}/fetch").status_code == HTTPStatus.FORBIDDEN
    mine = carrying(app, counter, kiosk)
    kiosks.revoke(counter.store, counter.clock, kiosk.number, who="x", reason="mất máy")
    assert mine.post(f"{HOME}/fetch").status_code == HTTPStatus.FORBIDDEN


def test_nothing_is_offered_without_a_live_selection_or_to_a_tablet_elsewhere(counter: Counter):
    kiosk, far = bound(counter), bound(counter, "trung_tam")
    with pytest.raises(NotLive, match="no selection is live"):
        offers(counter, counter.first(selected=False), kiosk)
    number = selected(counter)
    with pytest.raises(Faults, match="kiosk 2 is not bound to place “cho_a”"):
        offers(counter, number, far, place="cho_a")
    with pytest.raises(Faults, match="kiosk 9 is not bound"):
        offers(counter, number, Kiosk(9, "cho_a", ""))
    with pytest.raises(NotLive):
        offers(counter, number, far, place="trung_tam")  # the dossier lies at another counter


def test_a_wave_closed_in_between_opens_nothing(app: Web, counter: Counter):
    kiosk = bound(counter)
    offers(counter, selected(counter), kiosk)
    counter.store.connection.execute("UPDATE wave SET state = 'closed' WHERE id = 'quay'")
    before = rows(counter)
    assert carrying(app, counter, kiosk).post(f"{HOME}/fetch").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert rows(counter) == before


def test_a_tablet_that_failed_may_be_sent_it_once_more(app: Web, counter: Counter):
    kiosk = bound(counter)
    number = selected(counter)
    offers(counter, number, kiosk)
    lost = opened(carrying(app, counter, kiosk).post(f"{HOME}/fetch"))
    counter.again(number, reason="máy trả lời tắt")
    again = Kiosk(kiosk.number, kiosk.place, kiosks.new_turn())
    offers(counter, number, again)
    code = opened(carrying(app, counter, again).post(f"{HOME}/fetch"))
    assert code != lost and invited(counter, code).generation == 1
    assert isinstance(invitations.resolve(counter.store, counter.keyring, lost), invitations.Revoked)
    (office,) = conduct(counter.store, counter.keyring, counter.wave)
    assert (office.again, office.handed) == (1, 1)


def test_where_nobody_selects_at_counters_the_tablet_asks_for_nothing(scene, clock):
    app = create_app(scene.settings, clock)
    token = kiosks.make_link(scene.store, clock, [scene.wave.spec], "quay", "", who="x")
    kiosk = kiosks.bind(scene.store, clock, "quay", token)
    assert kiosk is not None
    browser = app.test_client()
    browser.set_cookie(kiosks.COOKIE, kiosks.cookie(scene.keyring, kiosk))
    assert 'id="fetch"' not in browser.get("/kiosk/quay").text
