"""Backups with a short derivation of the passphrase."""

from __future__ import annotations

from survey import create_app
from survey.config import Settings
from tests.conftest import Scene
from tests.journeys.respondent import Respondent

QUICK = 4


WORDS = "bốn từ không ai đoán ra"


def answer(scene: Scene, serial: int) -> None:
    """One form, walked through to its receipt."""
    respond(scene.settings, scene, scene.code(serial))


def respond(settings: Settings, scene: Scene, code: str) -> None:
    respondent = Respondent(create_app(settings, scene.clock), code)
    respondent.begin()
    assert respondent.fill_to_end().element("receipt")
