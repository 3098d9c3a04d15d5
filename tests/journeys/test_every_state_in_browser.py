"""Every page a respondent can be shown, in every state: judged by axe; narrow, wide, dark, enlarged, in forced colours.

The pages are answered by the real application and shown to Chromium as they came, headers and all.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route
from werkzeug.test import TestResponse

from survey import create_app, kiosks, walk_ins, wave
from survey.guessing import PER_MINUTE, QUEUE, Guesses
from survey.issuing import reissue
from survey.keys import Keyring
from survey.store import DRAFT_MIGRATIONS, Store
from survey.web import Web
from tests.journeys import world as worlds
from tests.journeys.respondent import SITE, Respondent
from tests.journeys.world import World

CHROMIUM = "/usr/bin/chromium"
OPEN = '[open]\ngroup = "nguoi_dan"\n[[open.poster]]\nplace = "trung_tam"\n[authority]'
GROUPS = (
    *worlds.GROUPS,
    ("moi_kieu", "kinds", "dossier", ("so_tu_phap",)),
    ("mot_trang", "whole.toml", "dossier", ("so_tu_phap",)),
)

pytestmark = [
    pytest.mark.browser,
    # Under CI=true a missing browser is a failure, never a silent skip.
    pytest.mark.skipif(
        shutil.which(CHROMIUM) is None and os.environ.get("CI") != "true", reason=f"{CHROMIUM} is not installed"
    ),
]

States = dict[str, TestResponse]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """An instance with an open wave, one that is to come, and a pilot."""
    folder: Path = tmp_path_factory.mktemp("instance")
    whole = 'layout = "page"\n' + worlds.questionnaire("citizen").text.replace('id = "citizen"', 'id = "whole"')
    edits = (("[authority]", OPEN), ('questionnaire = "self"', 'questionnaire = "self"\nmode = "email"'))
    made = worlds.build(folder, {"kinds": worlds.KINDS, "whole.toml": whole}, groups=GROUPS, each=40, edits=edits)
    taken, made.codes = made.codes, {}
    worlds.add_wave(
        made, "som", {}, pilot=True, groups=worlds.GROUPS[:1], each=6,
        edits=(("opens = 2026-03-01", "opens = 2026-03-20"),),
    )  # fmt: skip
    taken["som"] = made.codes["nguoi_dan"]
    made.codes = taken
    return made


@pytest.fixture(scope="module")
def app(world: World) -> Web:
    """Its application, which answers errors as it does when it serves."""
    made = create_app(world.settings, world.clock)
    made.config["PROPAGATE_EXCEPTIONS"] = False
    return made


class Collector:
    """Walks through every state in one language and keeps what was answered."""

    def __init__(self, app: Web, world: World, lang: str) -> None:
        self.app, self.world, self.lang = app, world, lang
        self.found: States = {}

    def person(self, group: str = "nguoi_dan") -> Respondent:
        return Respondent(self.app, self.world.take(group), self.lang)

    def keep(self, state: str, person: Respondent, path: str | None = None, posted: object = None, **more: str) -> None:
        """Ask once more for what is shown, without following anything."""
        method = more.pop("method", "GET" if posted is None else "POST")
        url = person.address(f"/P/{person.code}" if path is None else path)
        answer = person.client.open(url.removeprefix(SITE), base_url=SITE, method=method, data=posted, **more)
        assert answer.status_code not in (301, 302, 303), (state, answer.headers.get("Location"))
        self.found[state] = answer

    def action(self, person: Respondent) -> str:
        return urljoin(person.page.url, person.page.form.action)

    def forms(self) -> None:
        """Fresh, refused, begun, checked, sent."""
        for group in ("nguoi_dan", "lanh_dao", "moi_kieu", "mot_trang"):
            person = self.person(group)
            self.keep(f"{group}: start", person)
            person.begin()
            self.keep(f"{group}: section", person, person.page.url)
            asked = {name: ["?"] for name in person.page.form.names if person.page.form.kind(name) in ("radio", "text")}
            self.keep(f"{group}: error", person, self.action(person), {**person.page.form.standing(), **asked})
            if group == "lanh_dao":
                person.fill({"declined": "1"})
            if group == "moi_kieu":
                person.fill({"visits": "2", "must": "yes", "month": "3/2026", "ways": ["a", "c"], "remark": "Tốt\nlắm"})
            person.fill_to_check_from_here()
            self.keep(f"{group}: resumed", person)
            self.keep(f"{group}: section answered", person, f"/P/{person.code}/2" if group == "lanh_dao" else None)
            self.keep(f"{group}: check", person, f"/P/{person.code}/check")
            self.keep(f"{group}: stale check", person, self.action(person), {"receipt": "0" * 16, "tag": "x"})
            self.keep(f"{group}: receipt", person, self.action(person), person.page.form.standing())
            self.keep(f"{group}: used", person)
            self.keep(f"{group}: used, typed", person, f"/P/{person.code}/1", {"used": "yes", "remark": "Tốt"})
            receipt = person.fill().element("receipt")  # the same submit once more: the same receipt
            assert receipt
        self.keep("counted", person, "/check", {"receipt": receipt.text})

    def begun_elsewhere(self) -> None:
        person = self.person("cong_chuc")
        person.begin()
        person.fill_all()
        self.keep("begun elsewhere", person)
        person.send(person.open().forms[1])
        self.keep("answered earlier", person, person.fill_to_check_from_here().url)
        person = self.person()
        self.keep("nothing to send", person, f"/P/{person.code}/check")
        person.begin()
        person.fill({"used": "no"})
        self.keep("screened out", person, f"/P/{person.code}/check")
        person = self.person()
        person.open()
        person.send(person.page.forms[-1])
        self.keep("refused", person)

    def doors(self) -> None:
        """What stands before any form."""
        person = Respondent(self.app, "", self.lang)
        self.keep("home", person, "/")
        self.keep("home: wrong code", person, "/", {"code": "ABCD"})
        self.keep("receipts", person, "/check")
        self.keep("receipts: wrong length", person, "/check", {"receipt": "ABCD"})
        self.keep("receipts: unknown", person, "/check", {"receipt": "0" * 16})
        self.keep("poster", person, "/open/demo/trung_tam")
        self.keep("poster: no office", person, "/open/demo/trung_tam", {"begin": "1"})
        self.app.pace = walk_ins.Pace()
        for _ in range(walk_ins.PER_ADDRESS):
            self.app.pace.take("127.0.0.1")
        self.keep("poster: too many", person, "/open/demo/trung_tam", {"unit": "so_y_te"})
        self.app.pace = walk_ins.Pace()
        self.keep("no kiosk", person, "/kiosk/trung_tam")
        self.keep("kiosk: spent link", person, "/kiosk/trung_tam/xxxx")

    def kiosk(self) -> None:
        spec = wave.get(self.world.store, "demo").spec
        token = kiosks.make_link(self.world.store, self.world.clock, [spec], "trung_tam", "", who="test")
        person = Respondent(self.app, self.world.take(), self.lang)
        self.keep("kiosk: bind", person, f"/kiosk/trung_tam/{token}")
        person.client = self.app.test_client()
        person.client.post(f"/kiosk/trung_tam/{token}", base_url=SITE, data={"bind": "1"})
        self.keep("kiosk", person, "/kiosk/trung_tam")
        self.keep("kiosk: wrong code", person, "/kiosk/trung_tam", {"code": "ABCD"})
        led = person.client.post("/kiosk/trung_tam" + ("" if self.lang == "vi" else "?lang=en"), base_url=SITE,
                                 data={"code": person.code}).headers["Location"]  # fmt: skip
        start = urljoin(f"{SITE}/kiosk/trung_tam", led)
        self.keep("kiosk: start", person, start)
        self.keep("kiosk: section", person, start.replace("?", "/1?"))
        self.keep("kiosk: nowhere", person, "/nowhere")

    def errors(self) -> None:
        """What cannot be answered, one state a status."""
        person, world = self.person(), self.world
        registered, code = wave.get(world.store, "demo"), person.code
        self.keep("404: unknown", person, "/P/000000000000")
        self.keep("404: misread", person, f"/P/{code[:-1]}{'0' if code[-1] != '0' else '1'}")
        self.keep("404: no page", person, "/nowhere")
        self.keep("404: no section", person, f"/P/{code}/99")
        self.keep("405", person, method="DELETE")
        self.keep("413", person, f"/P/{code}/1", b"x=" + b"d" * 5_000_000,
                  content_type="application/x-www-form-urlencoded")  # fmt: skip
        self.keep("415", person, f"/P/{code}/1", b"{}", content_type="text/xml")
        self.keep("403: not yet", Respondent(self.app, world.take("som"), self.lang))
        serial = next(n for n in range(1, 500) if worlds.codes.derive(self.key("demo"), n, 0) == code)
        drafts = Store(world.settings.drafts, DRAFT_MIGRATIONS)
        reissue(world.store, drafts, Keyring(world.settings), world.clock, registered, serial, who="t", reason="r")
        self.keep("410: revoked", person)
        late = self.person()
        world.now += timedelta(days=60)
        self.keep("410: closed", late)
        self.keep("422: closed, typed", late, f"/P/{late.code}/1", {"used": "yes"})
        self.keep("410: poster closed", late, "/open/demo/trung_tam")
        world.now -= timedelta(days=60)
        self.crowd(person)

    def crowd(self, person: Respondent) -> None:
        self.app.guesses = Guesses(sleep=lambda seconds: None)
        for number in range(PER_MINUTE + 2):
            person.client.get(f"/P/{worlds.codes.with_check(f'{number:011}')}")
        for address in self.app.guesses._addresses.values():
            address.waiting = QUEUE
        self.keep("503: crowded", person)
        self.app.guesses = Guesses()

    def key(self, identity: str) -> bytes:
        return Keyring(self.world.settings).wave_keys(identity).code


@pytest.fixture(scope="module")
def in_language(app: Web, world: World) -> Callable[[str], States]:
    """Every state in a language, walked through once."""

    @cache
    def collect(lang: str) -> States:
        collector = Collector(app, world, lang)
        for part in (collector.forms, collector.begun_elsewhere, collector.doors, collector.kiosk, collector.errors):
            part()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("survey.citizen.quick.answer", lambda app, environ: None)
            patch.setattr("survey.citizen.starting.show", lambda *_: 1 / 0)
            collector.keep("500", collector.person())
            patch.setattr("survey.invitations.codes_forgotten", lambda _: True)
            collector.keep("410: expired", collector.person(), "/P/000000000000")
        return collector.found

    return collect


STATUS = {
    "404": 404, "405": 405, "413": 413, "415": 415, "403": 403, "410": 410, "422": 422, "503": 503, "500": 500,
}  # fmt: skip


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_each_state_is_what_it_says(in_language: Callable[[str], States], lang: str) -> None:
    found = in_language(lang)
    for state, answer in found.items():
        wanted = STATUS.get(state[:3])
        assert wanted is None or answer.status_code == wanted, (state, answer.status_code)
        text = answer.get_data(as_text=True)
        assert f'<html lang="{lang}">' in text and "0262 000 000" in text, state
        for name in ("Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options", "Cache-Control"):
            assert answer.headers[name], (state, name)
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert len(found) > 55


def show(page: Page, answer: TestResponse) -> None:
    """Open what was answered, as it was answered."""

    def fulfil(route: Route) -> None:
        headers = {name: value for name, value in answer.headers if name not in ("Content-Length", "Set-Cookie")}
        route.fulfill(status=answer.status_code, headers=headers, body=answer.get_data())

    page.unroute_all()
    page.route("**/*", fulfil)
    page.goto(f"{SITE}/P/1/1")


def skeleton(answer: TestResponse) -> str:
    """A page without its words and values."""
    body = answer.get_data(as_text=True).partition("<main>")[2].partition("<script>")[0]
    tags = re.findall(r"<[a-z/][^>]*>", body)
    return "".join(re.sub(r'(?<=")[^"]*(?=")', lambda found: found[0] if found[0] in KEPT else "", tag) for tag in tags)


KEPT = {"radio", "checkbox", "hidden", "item wrong", "choices five", "choices apart", "note", "alert", "later", "turn"}


class Look(NamedTuple):
    """How a page is looked at; ``judged``: by axe, beside its width."""

    width: int
    scheme: Literal["light", "dark"]
    forced: Literal["none", "active"]
    enlarged: int
    judged: bool


# The second language has other words in the same elements: it is looked at where there is least room for them.
LOOKS = {
    "vi": [
        Look(320, "light", "none", 1, True), Look(1280, "dark", "none", 1, True), Look(320, "dark", "active", 2, False),
        Look(1280, "light", "none", 2, False),
    ],
    "en": [Look(320, "light", "none", 1, True), Look(320, "dark", "active", 2, False)],
}  # fmt: skip
FITS = """enlarged => {
  const root = document.documentElement;
  root.style.fontSize = "";
  if (enlarged !== 1) root.style.fontSize = `${enlarged * parseFloat(getComputedStyle(root).fontSize)}px`;
  return root.scrollWidth <= root.clientWidth;
}"""


@pytest.mark.parametrize("lang", LOOKS)
def test_nothing_to_find_on_any_page(browser: Browser, in_language: Callable[[str], States], lang: str) -> None:
    """Each page is opened once and looked at in every way: to open it costs as much as to look."""
    context = browser.new_context(java_script_enabled=True)
    page, axe, wrong, seen = context.new_page(), Axe(), [], set()
    for state, answer in in_language(lang).items():
        if (shape := skeleton(answer)) in seen:  # the same elements with other words
            continue
        seen.add(shape)
        show(page, answer)
        for look in LOOKS[lang]:
            page.set_viewport_size({"width": look.width, "height": 800})
            page.emulate_media(color_scheme=look.scheme, forced_colors=look.forced)
            page.wait_for_function("width => innerWidth === width", arg=look.width)
            if not page.evaluate(FITS, look.enlarged):
                wrong.append(f"{state}, {look}: wider than the screen")
            if look.judged and (found := axe.run(page, options={"resultTypes": ["violations"]})).violations_count:
                said = json.dumps(found.response["violations"], ensure_ascii=False)[:800]
                wrong.append(f"{state}, {look}: {said}")
    context.close()
    assert not wrong, "\n".join(wrong)
