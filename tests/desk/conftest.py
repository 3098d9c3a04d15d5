"""The desk's staff, and a browser to look at pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.desk import staff
from tests.desk.staff import Staff


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """An open wave and one account a role, shared by the tests of a module: they must not spoil it for each other."""
    return staff.build(tmp_path_factory.mktemp("instance"))


@pytest.fixture
def own_team(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """The same for one test alone, which may do with it what it likes."""
    return staff.build(tmp_path_factory.mktemp("instance"))


@pytest.fixture(scope="session")
def chromium(browser: Browser) -> Browser:
    """The one Chromium, by the name that tests of the desk know it by."""
    return browser
