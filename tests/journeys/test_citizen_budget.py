"""What a page costs: bytes on the wire, requests, statements; and letters that must come through whole."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from survey import create_app
from survey.store import connections
from survey.web import Web
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent
from tests.journeys.world import World

STATEMENTS = 6  # a page; measured: 4, saving 8, the submit 14

# Pangrams are not needed: every letter with its marks, as typed (some only exist with combining marks).
LETTERS = {
    "Ê Đê": "a ă â b ƀ č d đ e ĕ ê ê̆ i ĭ ñ o ŏ ô ô̆ ơ ơ̆ p r s t u ŭ ư ư̆ w y",
    "Gia Rai": "a ă â ƀ č d đ e ĕ ê ê̆ i ĭ j ñ o ŏ ô ô̆ ơ ơ̆ u ŭ ư ư̆",
    "M'Nông": "a ă â b ƀ č d đ e ĕ ê ê̆ i ĭ ñ o ŏ ô ô̆ ơ ơ̆ r u ŭ ư ư̆ ơ̆m m'nông",
}


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("group", ["nguoi_dan", "to_chuc", "lanh_dao", "cong_chuc"])
def test_every_page_of_every_bundled_form_is_light(tmp_path: Path, group: str, lang: str) -> None:
    groups = (*worlds.GROUPS, ("to_chuc", "organisation", "dossier", ("so_tu_phap",)))
    made = worlds.build(tmp_path, groups=groups)
    person = Respondent(create_app(made.settings, made.clock), made.take(group), lang)
    assert person.open().wire <= 14 * 1024
    person.fill_to_check()  # every page on the way is held to 10 KB by the driver
    # one request a page: nothing is linked that a browser would fetch
    assert not re.search(r"<(img|iframe|object|embed|audio|video)|src=|@import|url\(", person.page.html)
    assert person.page.html.count("<link") == person.page.html.count('<link rel="icon" href="data:,">') == 1


def test_a_handful_of_statements(app: Web, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    person = Respondent(app, world.take())
    person.begin()
    person.fill_all()
    said: list[str] = []
    connect = connections.connect

    def overheard(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.set_trace_callback(said.append)
        return connection

    monkeypatch.setattr(connections, "connect", overheard)
    app.store.close(), app.drafts.close()  # both open new ones
    for path in ("", "/1", "/4", "/check"):
        person.open(f"/P/{person.code}{path}")
        counted = [one for one in said if not one.startswith(("BEGIN", "ROLLBACK", "COMMIT", "PRAGMA"))]
        assert 0 < len(counted) <= STATEMENTS, (path, counted)
        said.clear()
    person.post(f"/P/{person.code}/4", {"access_1": "v4"})
    assert len([one for one in said if not one.startswith(("BEGIN", "ROLLBACK", "COMMIT", "PRAGMA"))]) <= 2 * STATEMENTS
    app.store.close(), app.drafts.close()


@pytest.mark.parametrize("language", LETTERS)
def test_the_letters_of_the_highlands_come_back_whole(tmp_path: Path, language: str) -> None:
    groups = (("nguoi_dan", "kinds", "dossier", ("so_tu_phap",)),)
    asked = worlds.KINDS.replace("max_length = 40", "max_length = 400").replace(
        "Ý kiến", f"Ý kiến ({LETTERS[language]})"
    )
    made = worlds.build(tmp_path, {"kinds": asked}, groups=groups)
    person = Respondent(create_app(made.settings, made.clock), made.take())
    person.begin()
    whole = unicodedata.normalize("NFC", LETTERS[language])
    assert LETTERS[language] in person.page.text or whole in person.page.text
    for typed in (LETTERS[language], unicodedata.normalize("NFD", LETTERS[language])):
        person.open(f"/P/{person.code}/1")
        assert whole in person.fill({"remark": typed, "must": "yes"}).text


def test_know_nothing_about_it_is_an_answer(respondent: Callable[..., Respondent]) -> None:
    person = respondent("cong_chuc")
    person.begin()
    names = [name for name in person.page.form.names if "na" in person.page.form.options(name)]
    person.fill(dict.fromkeys(names, "na"))
    assert person.open(f"/P/{person.code}/check").text.count("Không biết hoặc không áp dụng") == len(names) > 0
