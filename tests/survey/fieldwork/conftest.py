"""The wave "nho" with a fieldwork table of one's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from survey import issuing, wave
from survey.plan import wave_file
from tests.conftest import QUESTIONNAIRE, WAVE, Scene, _draw

TABLE = "[fieldwork]\ntarget_rate = 0.8\n"


@pytest.fixture
def planned(settings, store, draft_store, keyring, clock, tmp_path: Path) -> Callable[[str], Scene]:
    """The small wave issued with further tables; so_a has 6 citizens, so_b 5, and 5 officials assess all three."""

    def plan(more: str = TABLE) -> Scene:
        (tmp_path / "nho.toml").write_text(QUESTIONNAIRE, "utf-8")
        spec = wave_file.load(WAVE + more, "wave.toml")
        wave.register(store, keyring, clock, spec, *wave.documents_of(spec, tmp_path))
        with store.write() as tx:
            _draw(tx, 1, "dan", [["so_a", 2.0]], 6)
            _draw(tx, 2, "dan", [["so_b", 3.5]], 5)
            _draw(tx, 3, "can_bo", [["so_a", 1.0], ["so_b", 1.0], ["so_c", 1.0]], 5)
        issuing.issue(store, keyring, clock, wave.get(store, "nho"), who="test")
        return Scene(settings, store, draft_store, keyring, clock, "nho")

    return plan
