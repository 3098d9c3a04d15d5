"""``phieu questionnaire preview``: the real pages, and nothing left behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from forms.catalogue import QUESTIONNAIRES, questionnaire
from survey import clock, create_app, preview, serving
from survey.cli import phieu
from survey.config import Settings
from tests.journeys.respondent import Respondent


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_every_bundled_questionnaire_can_be_walked_through(tmp_path: Path, name: str) -> None:
    settings, codes = preview.make(tmp_path / "look", questionnaire(name), 2, clock.now)
    assert len(set(codes)) == preview.SLIPS
    person = Respondent(create_app(settings), codes[0])
    assert "mô phỏng" in person.open().text
    for page in (person.page, person.open("/"), person.open("/nothing"), person.fill_to_check(), person.fill()):
        assert "Xem trước, không lưu câu trả lời" in page.root.all("header")[0].text
    assert person.page.element("receipt")


def test_the_command_serves_it_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[Settings, str, int, bool]] = []

    def stand_in(settings: Settings, host: str, port: int, workers: int) -> None:
        served.append((settings, host, port, settings.database.exists()))

    monkeypatch.setattr(serving, "serve", stand_in)
    result = CliRunner().invoke(phieu, ["questionnaire", "preview", "official", "--units", "3", "--port", "8123"])
    assert result.exit_code == 0, result.output
    settings, host, port, was_there = served[0]
    assert (host, port, was_there) == ("127.0.0.1", 8123, True)
    assert result.stdout.count("http://127.0.0.1:8123/P/") == preview.SLIPS
    assert not settings.instance.exists()


def test_a_questionnaire_with_faults_is_not_served(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text('id = "bad"\n', "utf-8")
    result = CliRunner().invoke(phieu, ["questionnaire", "preview", str(file)])
    assert "bad.toml" in str(result.exception)
