"""The desk's own pages in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from survey.accounts.roles import Role
from tests.desk import looking
from tests.desk.staff import Staff

pytestmark = looking.NEEDS_CHROMIUM


@pytest.mark.parametrize(("width", "scheme"), looking.VIEWS)
def test_pages_of_the_house(chromium: Browser, team: Staff, width: int, scheme: str) -> None:
    with looking.anybody(chromium, team.app, width, scheme) as window:
        window.judge("/desk/sign-in")
        window.page.fill("#name", "coordinator")
        window.page.fill("#password", "sai")
        window.page.keyboard.press("Enter")
        window.page.wait_for_selector("#summary")
        window.judge(picture="sign-in-wrong")
    with looking.signed_in(chromium, team, Role.COORDINATOR, width, scheme) as window:
        window.judge("/desk/")
        window.judge("/desk/account")
        window.judge("/desk/account/password")
        window.judge("/desk/nowhere")
