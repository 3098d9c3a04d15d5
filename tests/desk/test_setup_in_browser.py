"""The steps of the setup in Chromium: on a phone and on a desk, in both languages, with axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from survey.accounts.roles import Role
from survey.setup import presets
from tests.desk import looking, staff
from tests.desk.staff import Staff
from tests.journeys.test_setup_journey import SETUP, draw, file, lists, plan, register

pytestmark = looking.NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """A wave on the way, up to its checklist; and one that was just begun."""
    team = staff.build(tmp_path_factory.mktemp("instance"))
    desk = team.as_(Role.COORDINATOR)
    plan(desk)
    register(desk)
    lists(desk)
    desk.get(f"{SETUP}/lists/{presets.CITIZENS}")
    desk.submit("", file=file("Mã lạ,Cơ quan giải quyết,Kênh\n1,Sở Lạ,x\n"), status=303)
    draw(desk)
    desk.get("/desk/setup/new")
    desk.submit(title="Đợt mới lập", id="moi", status=303)
    return team


BEGUN = "", "/about", "/units", "/groups", "/fieldwork", "/plan"
NEW = ("/desk/setup/new", *(f"/desk/w/moi/setup{step}" for step in BEGUN))
STEPS = "units groups/nguoi_dan fieldwork plan lists lists/nguoi_dan sample draw draw/record open pilot".split()


@pytest.mark.parametrize(("width", "scheme", "lang"), [(360, "light", "vi"), (1440, "dark", "en")])
def test_the_steps_in_a_browser(chromium: Browser, opened: Staff, width: int, scheme: str, lang: str) -> None:
    with looking.signed_in(chromium, opened, Role.COORDINATOR, width, scheme) as window:
        window.open(f"/desk/?lang={lang}")
        for path in (*NEW, SETUP, *(f"{SETUP}/{step}" for step in STEPS)):
            window.judge(path)
            assert window.page.locator("main .button:not(.second):visible").count() <= 1, path
