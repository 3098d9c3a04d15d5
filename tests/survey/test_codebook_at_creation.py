"""Questionnaires whose answers could not stand in one dataset are refused before the wave exists."""

from __future__ import annotations

import pytest

from forms import catalogue
from forms.faults import Faults
from survey import wave
from survey.plan import wave_file
from tests.conftest import WAVE


def test_two_questionnaires_that_mean_different_things_by_one_item(tmp_path):
    citizen = catalogue.questionnaire("citizen").text
    (tmp_path / "a.toml").write_text(citizen, "utf-8")
    (tmp_path / "b.toml").write_text(
        citizen.replace('id = "citizen"', 'id = "b"').replace("value = 0.25", "value = 0.2"), "utf-8"
    )
    text = WAVE.replace("nho.toml", "a.toml", 1).replace("nho.toml", "b.toml")
    with pytest.raises(Faults, match="“access_1” is not the same in “citizen” and “b”"):
        wave.documents_of(wave_file.load(text, "wave.toml"), tmp_path)
