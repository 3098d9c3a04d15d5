"""Counter, kiosks, paper and calls in Chromium: axe on every page, and a scanner that types and presses Enter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from survey import codes, config, create_app, issuing, kiosks, wave
from survey.accounts.roles import Role
from survey.commands.instance import make_instance
from survey.counter import due_list, secret
from survey.counter.due_list import Dossier
from survey.keying import counting_in, keyers
from survey.keys import Keyring
from survey.plan import wave_file
from survey.store import DRAFT_MIGRATIONS, Store
from survey.web import Web
from tests.conftest import QUESTIONNAIRE, SetClock
from tests.desk import looking, staff
from tests.survey.counter.conftest import NUMBER, WAVE

pytestmark = looking.NEEDS_CHROMIUM


@dataclass
class Field:
    """An instance in the field: a counter with printer and tablet, a batch counted in, its forms known."""

    app: Web
    in_: str
    out: str
    strips: list[str]
    printed: Path

    def team(self) -> staff.Staff:
        """As ``looking`` wants it."""
        return staff.Staff(None, self.app)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def fieldwork(tmp_path_factory: pytest.TempPathFactory) -> Field:
    folder = tmp_path_factory.mktemp("instance")
    printed = folder / "printed.pdf"
    make_instance(folder)
    file = folder / "phieu.toml"
    file.write_text(f'{file.read_text("utf-8")}\n[counter.printer]\ncho_a = "tee {printed}"\n', "utf-8")
    settings, clock = config.load(folder, {}), SetClock()
    clock.at = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    store, keyring = Store(settings.database), Keyring(settings)
    (folder / "nho.toml").write_text(QUESTIONNAIRE, "utf-8")
    spec = wave_file.load(WAVE, "wave.toml")
    wave.register(store, keyring, clock, spec, *wave.documents_of(spec, folder))
    issuing.issue(store, keyring, clock, wave.get(store, "quay"), who="x")
    clock.at = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
    here = wave.get(store, "quay")
    secret.enter_number(store, keyring, clock, here, NUMBER, who="x")
    numbers = [f"H{n:03d}.26.{n}" for n in range(1, 60)]
    listed = [Dossier(number, "so_a", "cho_a", "2026-03-10", "", {}) for number in numbers]
    due_list.add(store, keyring, clock, here, "dan", listed, who="x")
    with store.read() as tx:
        key = secret.key_of(tx, here, keyring.wave_keys("quay"))
    drawn = [each for each in numbers
             if secret.selects(here, key, {"grp": "dan", "unit": "so_a", "period": "dau"}, each)]  # fmt: skip
    token = kiosks.make_link(store, clock, [spec], "cho_a", "máy cạnh cửa", who="x")
    kiosks.bind(store, clock, "cho_a", token)
    app = create_app(settings, clock)
    app.testing, app.hasher = True, staff.CHEAP
    for role in Role:
        staff.hire(
            app,
            role.value,
            role,
            place="cho_a" if role is Role.CLERK else "",
            unit="so_a" if role is Role.VIEWER else "",
        )
    strips = _on_paper(store, Store(settings.drafts, DRAFT_MIGRATIONS), keyring, clock)
    return Field(app, drawn[0], next(each for each in numbers if each not in drawn), strips, printed)


def _on_paper(store: Store, drafts: Store, keyring: Keyring, clock: SetClock) -> list[str]:
    """A batch, a keyer, and invitations of this wave that might be on paper."""
    here, keys = wave.get(store, "quay"), keyring.wave_keys("quay")
    keyers.add(store, clock, here, "Nguyễn Thị Keyer", staff.UNRATED, who="x")
    counting_in.count_in(store, drafts, clock, here, place="cho_a", number=40, who="x")
    strips = []
    with store.write() as tx:
        cell = {"wave": "quay", "id": 900, "grp": "dan", "stratum": "s", "wclass": "s", "margins": "{}"}
        tx.draw_add_cells([cell | {"mode": "qr", "units": '[["so_a", 1.0]]'}])
        for serial in range(1, 21):
            code = codes.derive(keys.code, serial, 0)
            strips.append(code)
            tx.invitation_add([{"lookup": codes.lookup(keys.lookup, code), "wave": "quay", "serial": serial,
                                "generation": 0, "cell": 900, "place": "cho_a", "frame_row": None}])  # fmt: skip
    return strips


@pytest.mark.parametrize(("width", "scheme", "lang"), [(360, "dark", "vi"), (1440, "light", "en")])
def test_pages_of_the_field(chromium: Browser, fieldwork: Field, width: int, scheme: str, lang: str) -> None:
    team = fieldwork.team()
    with looking.signed_in(chromium, team, Role.COORDINATOR, width, scheme) as window:
        window.open(f"/desk/?lang={lang}")
        for path in (
            "counters",
            "paper",
            "paper/1",
            "paper/keyers",
            "paper/late",
            "paper/finish",
            "handover",
            "visits",
            "control",
        ):
            window.judge(f"/desk/w/quay/{path}", picture=f"{path.replace('/', '-')}-{lang}")
        window.judge("/desk/kiosks", picture=f"kiosks-{lang}")
        window.page.click("main form .button")
        window.page.wait_for_selector(".qr svg")
        window.judge(picture=f"kiosks-link-{lang}")
        window.judge("/desk/kiosks/1/revoke", picture=f"kiosk-revoke-{lang}")
    with looking.signed_in(chromium, team, Role.CLERK, width, scheme) as window:
        window.judge(f"/desk/w/quay/counter?lang={lang}", picture=f"counter-{lang}")
        window.page.keyboard.type(f"{fieldwork.in_}\n")
        window.page.wait_for_selector("#result")
        window.judge(picture=f"counter-answer-{lang}")
    with looking.signed_in(chromium, team, Role.KEYER, width, scheme) as window:
        window.judge(f"/desk/w/quay/keying?lang={lang}", picture=f"keying-{lang}")
        window.page.click("main form .button")
        window.page.wait_for_selector("#strip")
        window.judge(picture=f"keying-scan-{lang}")
        window.page.keyboard.type("ABCD\n")
        window.page.wait_for_selector("#summary")
        window.judge(picture=f"keying-refused-{lang}")
        window.page.fill("#strip", fieldwork.strips[-1])
        window.page.keyboard.press("Enter")
        window.page.wait_for_selector("form.keying")
        window.page.fill("#a1-q1", "7")
        window.judge(picture=f"keying-form-{lang}")
        window.page.keyboard.press("Control+Enter")
        window.page.wait_for_selector("#summary")
        window.judge(picture=f"keying-wrong-{lang}")


def test_a_scanner_asks_and_the_keyboard_prints(chromium: Browser, fieldwork: Field) -> None:
    with looking.signed_in(chromium, fieldwork.team(), Role.CLERK, 1280, "light") as window:
        page = window.page
        window.open("/desk/w/quay/counter")
        # A scanner types into the field that has the focus, and Enter
        page.keyboard.type(f"{fieldwork.out}\n")
        expect(page.locator("#result [role=status]")).to_contain_text("Không được chọn")
        assert page.evaluate("document.activeElement.id") == "number"
        page.keyboard.type(f"{fieldwork.in_.lower()}\n")
        expect(page.locator("#result [role=status]")).to_contain_text("Được chọn")
        assert page.evaluate("document.activeElement.id") == "number"
        # One key prints, and the field is ready for the next
        page.keyboard.press("F2")
        expect(page.locator("#result [role=status]")).to_contain_text("Phiếu đã gửi tới máy in")
        assert fieldwork.printed.read_bytes().startswith(b"%PDF")
        assert page.evaluate("document.activeElement.id") == "number"


def test_a_form_is_keyed_by_digits_alone(chromium: Browser, fieldwork: Field) -> None:
    with looking.signed_in(chromium, fieldwork.team(), Role.KEYER, 1280, "light") as window:
        page = window.page
        window.open("/desk/w/quay/keying")
        page.click("main form .button")
        page.wait_for_selector("#strip")
        page.keyboard.type(f"HTTPS://PHIEU.TEST/P/{fieldwork.strips[0]}\n")
        page.wait_for_selector("form.keying")
        assert page.evaluate("document.activeElement.id") == "a0-sex"
        page.keyboard.type("1")  # sex
        page.keyboard.type("1")  # used
        page.keyboard.type("32")  # q1, q2
        page.keyboard.press("Enter")  # why: left empty
        page.keyboard.type("12\n")  # visits
        assert page.evaluate("document.activeElement.id") == "a1-said"
        assert page.input_value("#a1-q2") == "2" and page.input_value("#a1-visits") == "12"
        page.keyboard.press("Control+Enter")
        # Some forms are drawn to be keyed a second time, and say so instead
        expect(page.locator("#result")).to_contain_text(re.compile("Đã lưu|được chọn để người khác nhập lần hai"))
        assert page.evaluate("document.activeElement.id") == "strip"


def test_a_tablet_opens_what_the_clerk_sends_by_itself(chromium: Browser, fieldwork: Field) -> None:
    app = fieldwork.app
    kiosk = kiosks.Kiosk(1, "cho_a", kiosks.new_turn())
    with looking.anybody(chromium, app, 800, "light") as window:
        cookie = kiosks.cookie(app.keyring, kiosk)
        window.page.context.add_cookies([{"name": kiosks.COOKIE, "value": cookie, "url": window.site}])
        window.open("/kiosk/cho_a")
        with app.store.write() as tx:  # what the clerk's choice writes
            row = tx.connection.execute("SELECT id FROM counter_dossier WHERE handed = 0 LIMIT 1").fetchone()
            tx.connection.execute("UPDATE counter_dossier SET live_since = ? WHERE id = ?",
                                  (app.clock().isoformat(), row["id"]))  # fmt: skip
            tx.counter_offer(kiosk=1, dossier=row["id"])
        window.page.wait_for_url("**/P/**", timeout=15_000)
        assert window.page.locator("main form .button").count()
