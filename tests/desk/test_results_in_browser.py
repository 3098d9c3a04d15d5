"""The pages of results and of a unit in Chromium: axe, a phone and a desk, light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from survey.accounts.roles import Role
from survey.commands.publish import publish
from tests.desk import looking
from tests.desk import results_scene as scene
from tests.desk.staff import Staff

pytestmark = [*looking.NEEDS_CHROMIUM, pytest.mark.usefixtures("drawn_once")]
HOME = "/desk/w/w/results"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """A published wave with figures, and a draft that corrects it."""
    team = scene.frozen(tmp_path_factory.mktemp("results"))
    scene.analysed(team)
    draft: Path = scene.drafted(team)
    scene.run(team, publish, draft, "--decision", "12/QĐ-UBND", "--date", "2026-06-25", "--signer", "Nguyễn Văn A")
    scene.with_drivers(draft)
    return team


@pytest.mark.parametrize(("width", "scheme", "lang"), [(360, "dark", "vi"), (1440, "light", "en")])
def test_pages_of_results(chromium: Browser, team: Staff, width: int, scheme: str, lang: str) -> None:
    data = f"data/{scene.name(team)}"
    with looking.signed_in(chromium, team, Role.ANALYST, width, scheme) as window:
        window.open(f"/desk/?lang={lang}")
        window.judge(HOME)
        for path in (data, f"{data}?item=access_1", f"{data}/quality", f"{data}/comments", f"{data}/comments/themes",
                     "report/new", "report/1", "report/1/submit", "report/1/approve", "report/1/publish",
                     "withdraw/all"):  # fmt: skip
            window.judge(f"{HOME}/{path}")
        window.page.click("main .button")  # nothing typed: what is wrong is said on top
        window.page.wait_for_selector("#summary")
        window.judge(picture="withdraw-wrong")
    with looking.signed_in(chromium, team, "xem_a", width, scheme) as window:
        window.judge("/desk/w/w/unit/so_a")


@pytest.mark.parametrize("width", [360, 1440])
def test_a_chart_has_its_table_beneath(chromium: Browser, team: Staff, width: int) -> None:
    register = team.app.settings.instance / "published/w/register.json"
    hidden = register.with_suffix(".hidden")
    register.rename(hidden)  # an analyst then sees the draft, which has drivers
    try:
        with looking.signed_in(chromium, team, Role.ANALYST, width, "light") as window:
            window.judge("/desk/w/w/unit/so_a", picture="unit-chart")
            assert window.page.locator("figure.chart circle").count() == 2
            assert window.page.locator("figure.chart + .scroll tbody tr").count() == 2
            # A phone shows each row whole, its numbers beside their names: nothing has to be pushed aside to be seen.
            beside = "all => all.map(each => each.scrollWidth - each.clientWidth)"
            assert width > 360 or set(window.page.locator(".scroll").evaluate_all(beside)) == {0}
    finally:
        hidden.rename(register)


def test_a_closed_wave_asks_for_its_key(chromium: Browser, tmp_path: Path) -> None:
    team = scene.settle(tmp_path, "closed")
    with looking.signed_in(chromium, team, Role.ANALYST, 360, "light") as window:
        window.judge(HOME, picture="results-closed")
