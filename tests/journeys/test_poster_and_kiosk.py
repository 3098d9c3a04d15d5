"""Two doors more: a poster that anybody may answer by, and a tablet that many people use."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from survey import clock, create_app, kiosks, walk_ins
from survey.commands.kiosk import kiosk as kiosk_command
from survey.keys import Keyring
from survey.web import Web
from tests.journeys import world as worlds
from tests.journeys.respondent import SITE, Page, Respondent, check_page
from tests.journeys.world import World

OPEN = """
[open]
group = "nguoi_dan"
most = 3
[[open.poster]]
place = "trung_tam"
units = ["so_tu_phap", "so_y_te"]
[[open.poster]]
place = "mot_cua"
units = ["so_tai_chinh"]
[authority]"""
PLACE = '[[place]]\nid = "mot_cua"\nname.vi = "Bộ phận một cửa"\n[[place]]\nid = "trung_tam"'


@pytest.fixture
def world(tmp_path: Path) -> World:
    return worlds.build(tmp_path, edits=(("[authority]", OPEN), ('[[place]]\nid = "trung_tam"', PLACE)))


# The poster


@pytest.fixture
def passer_by(app: Web) -> Callable[..., Respondent]:
    """Somebody without a slip."""
    return lambda lang="vi": Respondent(app, "", lang)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_somebody_reads_the_poster_and_answers(passer_by, world, lang):
    # Given a poster where dossiers of two offices are received
    person = passer_by(lang)
    first = person.open("/open/demo/trung_tam")
    assert first.status == 200
    assert first.form.options("unit") == ["so_tu_phap", "so_y_te"]
    # When nobody says which office, it is asked once more, and nothing was made
    before = world.rows()
    again = person.send(first.form)
    assert (again.status, again.element("summary") is not None) == (422, True)
    assert world.rows() == before
    # When an office is chosen
    page = person.send(again.form, {"unit": "so_y_te"})
    # Then it goes on as any invitation, to the receipt
    assert re.search(r"/P/[0-9A-Z]{12}/1", page.url)
    assert person.fill_to_end().element("receipt")
    # And the invitation is one of the poster's
    assert next(row for row in world.rows()["cell"] if row[6] == "open")[7] == '[["so_y_te", 1.0]]'


def test_one_office_needs_no_choice_and_the_first_page_says_what_it_is(passer_by):
    person = passer_by()
    first = person.open("/OPEN/demo/mot_cua".replace("OPEN", "open"))
    assert "Sở Tài chính" in first.title and "không tính vào điểm" in first.text
    page = person.send(first.form)
    start = person.open(urlsplit(page.url).path.removesuffix("/1"))
    assert "không được chọn ngẫu nhiên" in start.text
    assert "Ông/Bà được chọn ngẫu nhiên" not in start.text


def test_looking_at_a_poster_changes_nothing(passer_by, world):
    before = world.rows()
    person = passer_by()
    for poster in ("trung_tam", "mot_cua"):  # the second is of one office: its button needs no choice
        for method in ("GET", "HEAD", "OPTIONS"):
            person.client.open(f"/open/demo/{poster}", base_url=SITE, method=method)
    assert world.rows() == before


@pytest.mark.parametrize("path", ["/open/demo/khac", "/open/khac/trung_tam", "/open/demo/../x"])
def test_a_poster_that_is_not_there(passer_by, path):
    assert passer_by().open(path).status == 404


def test_a_wave_without_posters_has_no_such_page(tmp_path):
    (tmp_path / "other").mkdir()
    other = worlds.build(tmp_path / "other")
    assert Respondent(create_app(other.settings, other.clock), "").open("/open/demo/trung_tam").status == 404


def test_an_address_that_begins_too_many_waits(passer_by, app, world):
    person = passer_by()
    for _ in range(walk_ins.PER_ADDRESS):
        app.pace.take("127.0.0.1")
    before = world.rows()
    page = person.send(person.open("/open/demo/mot_cua").form)
    assert (page.status, page.title) == (429, "Xin đợi một lát")
    assert world.rows() == before


def test_a_channel_that_is_full_is_closed(passer_by):
    person = passer_by()
    for _ in range(3):
        assert person.send(person.open("/open/demo/mot_cua").form).status == 200
    assert person.send(person.open("/open/demo/mot_cua").form).status == 410


@pytest.mark.parametrize(("days", "status"), [(-30, 403), (60, 410)])
def test_before_and_after_the_wave(passer_by, world, days, status):
    person = passer_by()
    form = person.open("/open/demo/mot_cua").form
    world.now += timedelta(days=days)
    assert person.open("/open/demo/mot_cua").status == status
    assert person.post("/open/demo/mot_cua", form.standing()).status == status


def test_a_wave_whose_code_key_is_destroyed_makes_none(passer_by, world):
    person = passer_by()
    form = person.open("/open/demo/mot_cua").form
    (Keyring(world.settings).folder / "demo.code").unlink()
    assert person.post("/open/demo/mot_cua", form.standing()).status == 410


# The kiosk


class Tablet:
    """A browser that keeps cookies, as a kiosk's does, and follows redirects."""

    def __init__(self, app: Web) -> None:
        self.client = app.test_client()
        self.cookies: list[str] = []
        self.response: TestResponse
        self.url = ""

    def ask(self, path: str, posted: dict[str, object] | None = None, **more: str) -> TestResponse:
        method = "GET" if posted is None else "POST"
        for _ in range(4):
            headers = {"Accept-Encoding": "gzip", **more}
            self.response = self.client.open(path, base_url=SITE, method=method, data=posted, headers=headers)
            self.cookies += self.response.headers.getlist("Set-Cookie")
            if self.response.status_code != 303:
                break
            path = urlsplit(self._join(path, self.response.headers["Location"]))._replace(scheme="", netloc="").geturl()
            method, posted = "GET", None
        self.url = path
        return self.response

    def send(self, answers: dict[str, object] | None = None) -> TestResponse:
        """Post the main form of the page."""
        form = self.page.form
        return self.ask(self._go(form.action), {**form.standing(), **(answers or {})})

    @property
    def page(self) -> Page:
        """The page now shown, checked but for its cookies."""
        plain = self.response
        plain.headers.remove("Set-Cookie")
        return check_page(SITE + self.url, plain, "vi")

    def fill_to_end(self) -> None:
        """Answer everything, and send."""
        for _ in range(40):
            page = self.page
            if page.element("receipt"):
                return
            form = page.form
            self.send({name: form.options(name)[0] for name in form.names if form.kind(name) in ("radio", "checkbox")})
        raise AssertionError("the form never ends")

    def _go(self, target: str) -> str:
        return urlsplit(self._join(self.url, target))._replace(scheme="", netloc="").geturl()

    def _join(self, base: str, target: str) -> str:
        return urljoin(SITE + base, target)


@pytest.fixture
def link(world) -> Callable[..., str]:
    """Prints one-time links, as staff do."""

    def make(place: str = "trung_tam") -> str:
        spec = worlds.wave.get(world.store, "demo").spec
        token = kiosks.make_link(world.store, world.clock, [spec], place, "máy 1", who="test")
        return f"/kiosk/{place}/{token}"

    return make


@pytest.fixture
def tablet(app, link) -> Tablet:
    """A bound tablet at its first page."""
    made = Tablet(app)
    made.ask(link())
    made.ask(made.url, {"bind": "1"})
    assert urlsplit(made.url).path == "/kiosk/trung_tam"
    return made


def test_a_link_binds_one_tablet_once(app, link, world):
    path = link()
    # Looking changes nothing
    before = world.rows()
    looking = Tablet(app)
    assert looking.ask(path).status_code == 200
    assert app.test_client().head(path, base_url=SITE).status_code == 200
    assert world.rows() == before and looking.cookies == []
    # The button binds
    assert Tablet(app).ask(path, {"bind": "1"}).status_code == 200
    # And only once
    late = Tablet(app)
    assert late.ask(path).status_code == 410
    assert late.ask(path, {"bind": "1"}).status_code == 410
    assert late.cookies == []


def test_a_link_is_good_for_a_day(app, link, world):
    path = link()
    world.now += timedelta(hours=24, seconds=1)
    assert Tablet(app).ask(path, {"bind": "1"}).status_code == 410


def test_the_cookie_is_locked_up(tablet, app, link):
    for cookie in tablet.cookies:
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie and "Secure" not in cookie
    sealed = Tablet(app)
    sealed.ask(link(), {"bind": "1"}, **{"X-Forwarded-Proto": "https"})
    assert "Secure" in sealed.cookies[0]


def test_a_device_that_nobody_bound_is_no_kiosk(app, tablet):
    stranger = Tablet(app)
    assert stranger.ask("/kiosk/trung_tam").status_code == 403
    assert stranger.ask("/kiosk/trung_tam", {"code": "x"}).status_code == 403
    assert tablet.ask("/kiosk/mot_cua").status_code == 403


@pytest.mark.parametrize("value", ["", "1", "1.AAAAAAAAAAAAAAAA." + "0" * 64, "x" * 3000])
def test_a_forged_cookie_is_no_kiosk(app, tablet, value):
    stranger = Tablet(app)
    stranger.client.set_cookie(kiosks.COOKIE, value, domain="phieu.test")
    assert stranger.ask("/kiosk/trung_tam").status_code == 403


def test_a_revoked_tablet_is_no_kiosk_any_more(tablet, world):
    kiosks.revoke(world.store, world.clock, 1, who="test", reason="máy hỏng")
    assert tablet.ask("/kiosk/trung_tam").status_code == 403


@pytest.mark.parametrize("scanned", [False, True])
def test_from_the_typed_or_scanned_code_to_the_receipt(tablet, world, scanned):
    # Given a slip
    code = world.take()
    # When its code is typed at the kiosk, or a scanner types the whole link
    typed = f"HTTP://PHIEU.TEST/P/{code}" if scanned else f" {code[:4].lower()}-{code[4:8]} {code[8:]}"
    tablet.send({"code": typed})
    assert urlsplit(tablet.url).path == f"/P/{code}"
    # Then the pages are the kiosk's: larger, going home by themselves, without the script that keeps answers
    page = tablet.page
    assert page.element("turn").attributes["data-home"] == "../kiosk/trung_tam"
    assert '<noscript><meta http-equiv="refresh" content="60;url=../kiosk/trung_tam"></noscript>' in page.html
    tablet.fill_to_end()
    assert tablet.page.element("receipt") and tablet.page.element("turn")
    # And the invitation keeps its mode
    with world.store.read() as tx:
        assert {row["mode"] for row in tx.rates_cells(wave="demo") if row["state"] == "complete"} == {"qr"}


def test_a_section_leaves_time_to_read_where_there_is_no_script(tablet, world):
    tablet.send({"code": world.take()})
    tablet.send()
    assert 'content="300;url=../../kiosk/trung_tam"' in tablet.page.html
    assert "data-sending" in tablet.page.html and "localStorage.setItem" not in tablet.page.html


def test_the_next_person_sees_nothing_of_the_one_before(tablet, world):
    # Given somebody who left in the middle of a form
    code = world.take()
    tablet.send({"code": code})
    tablet.send()
    left = tablet.url
    tablet.send({"used": "yes"})
    # When the screen has cleared itself
    tablet.ask("/kiosk/trung_tam")
    assert tablet.page.element("code").attributes.get("value") is None
    # Then every address of the browser's history leads to the first page, also without its query
    for path in (left, left.partition("?")[0], f"/P/{code}/check", "/", "/check"):
        tablet.ask(path)
        assert urlsplit(tablet.url).path == "/kiosk/trung_tam"
    # And whoever holds the slip may go on, here or elsewhere
    tablet.send({"code": code})
    assert urlsplit(tablet.url).path == f"/P/{code}"


def test_a_wrong_code_is_said_and_not_shown_again(tablet):
    assert tablet.send({"code": "QRST-VWXY"}).status_code == 422
    page = tablet.page
    assert page.element("code-fault") and "QRST" not in page.html


def test_an_error_on_a_kiosk_goes_home_too(tablet):
    assert tablet.ask("/nothing").status_code == 404
    assert tablet.page.element("turn")


def test_nobody_else_is_given_a_cookie(respondent):
    person = respondent()
    person.fill_to_check()  # the driver refuses cookies
    assert person.page.element("turn") is None


def test_a_place_that_no_wave_has_keeps_its_id(world, app, tablet):
    with world.store.write() as tx:
        tx.connection.execute("UPDATE kiosk SET place = 'cu'")
    assert tablet.ask("/kiosk/cu").status_code == 200
    assert tablet.page.root.all("p")[0].text == "cu"


# The commands


def run(world: World, *arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(kiosk_command, arguments, obj=world.settings.instance)
    if status:
        assert isinstance(result.exception, Exception)
        return str(result.exception)
    assert result.exception is None, result.output
    return result.stdout


def test_staff_bind_list_and_revoke(world):
    printed = run(world, "bind", "--place", "trung_tam", "--label", "máy cạnh cửa")
    assert re.fullmatch(r"http://phieu\.test/kiosk/trung_tam/[\w-]{22}\n", printed)
    assert run(world, "list", "--format", "csv").splitlines()[1].startswith("1,trung_tam,máy cạnh cửa,linked,")
    token = printed.strip().rpartition("/")[2]
    kiosks.bind(world.store, clock.now, "trung_tam", token)
    assert '"state": "bound"' in run(world, "list", "--format", "json")
    assert "revoked" in run(world, "revoke", "1", "--reason", "mất máy")
    assert "revoked" in run(world, "list")
    assert run(world, "revoke", "1", "--reason", "nữa", status=2) == "there is no kiosk 1 to revoke"
    assert "no wave of this instance has a place “cho”" in run(world, "bind", "--place", "cho", status=2)
    actions = [row[3] for row in world.rows()["audit"]]
    assert [action for action in actions if "kiosk" in action] == ["kiosk link made", "kiosk bound", "kiosk revoked"]
    assert token not in str(world.rows())


def test_an_old_link_is_listed_as_expired(world, link):
    link()
    world.now += timedelta(days=2)
    assert [one.state for one in kiosks.listed(world.store, world.clock)] == ["expired"]


# Whatever is sent


ODD = st.text(max_size=40) | st.sampled_from(["\0", "9" * 5000, "đ" * 300, "../..", "so_y_te", "%00", "<i>"])
FIELDS = st.dictionaries(st.sampled_from(["code", "unit", "begin", "bind", "receipt", "lang", "turn", "", "lạ"]),
                         st.lists(ODD, max_size=3), max_size=5)  # fmt: skip
DOORS = ["/", "/check", "/open/demo/trung_tam", "/open/demo/mot_cua", "/kiosk/trung_tam", "/kiosk/trung_tam/x", "/P/x"]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(posted=FIELDS, door=st.sampled_from(DOORS), bound=st.booleans())
def test_any_fields_at_any_door(app, tablet, posted, door, bound):
    client = tablet.client if bound else app.test_client()
    plain = {name: [each.encode("utf-8", "ignore").decode() for each in values] for name, values in posted.items()}
    answer = client.post(door, data=plain, base_url=SITE)
    assert answer.status_code in (200, 303, 400, 403, 404, 410, 422, 429)
    assert answer.headers["Cache-Control"] == "no-store" and "unsafe" not in answer.headers["Content-Security-Policy"]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.lists(ODD, min_size=1, max_size=3), query=st.dictionaries(ODD, ODD, max_size=3), door=st.sampled_from(
    ["/P", "/p", "/open", "/kiosk", "/check"]))  # fmt: skip
def test_any_address_below_any_door(app, path, query, door):
    told = door + "/" + "/".join(quote(part.encode("utf-8", "ignore"), safe="") for part in path)
    answer = app.test_client().get(told, query_string={k.encode("utf-8", "ignore"): v.encode("utf-8", "ignore")
                                                       for k, v in query.items()}, base_url=SITE)  # fmt: skip
    assert answer.status_code in (200, 303, 308, 400, 403, 404, 405, 410)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"unit=%ff%fe&code=%00", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b'{"unit": 1}', "application/json"),
        (b"&".join(b"f%d=1" % n for n in range(20_000)), "application/x-www-form-urlencoded"),
        (b"x=" + b"d" * 5_000_000, "application/x-www-form-urlencoded"),
    ],
    ids=["broken UTF-8", "broken multipart", "JSON", "20,000 fields", "5 MB"],
)
def test_raw_bodies_at_any_door(app, world, door, body, kind):
    before = world.rows()
    answer = app.test_client().post(door, data=body, content_type=kind, base_url=SITE)
    assert answer.status_code in (200, 303, 400, 403, 404, 410, 413, 415, 422)
    assert "0262 000 000" in answer.get_data(as_text=True) or answer.status_code in (200, 303, 422)
    if door != "/open/demo/mot_cua":  # whose one office needs no field: a walk-in begins there
        assert world.rows() == before
