"""A form that is sent is counted once, by the short way and by the framework's, and its address is nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey import create_app
from survey.citizen import quick
from survey.store import Store
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent


@pytest.mark.parametrize("slow", [False, True])
def test_a_submit_is_counted_once(tmp_path: Path, slow: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    made = worlds.build(tmp_path)
    app = create_app(made.settings, made.clock)
    person = Respondent(app, made.take())
    if slow:
        monkeypatch.setattr(quick, "answer", lambda app, environ: None)
    person.fill_to_check()
    posted = person.page.form.standing()
    receipt = person.fill().element("receipt")
    again = person.post(f"/P/{person.code}/submit", posted).element("receipt")
    assert receipt and again and receipt.text == again.text

    app.arrivals.write()
    hours = app.drafts.connection.execute("SELECT unit, n FROM arrival_hour ORDER BY unit").fetchall()
    assert [tuple(row) for row in hours] == [("", 1), ("so_tu_phap", 1)]
    for file in (made.settings.database, made.settings.drafts):
        rows = Store(file).connection.iterdump()
        assert not any("127.0.0" in line for line in rows)
