"""A closed wave: what its respondents said is sealed, mixed and waits for the key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from survey import closing, freeze, responses, sealing
from survey.freeze import Frozen

GOOD = {"used": "yes", "q1": "v3", "q2": "v2", "visits": 2}
Answer = Callable[..., None]


@pytest.fixture
def answer(scene) -> Answer:
    """Submit an invitation's form: answers by unit, ``respondent`` for what is asked once."""

    def submit(serial: int, person: Mapping[str, Any] | None = None, **about: Mapping[str, Any]) -> None:
        code = scene.code(serial)
        page = {(unit, item): value for unit, values in about.items() for item, value in values.items()}
        page |= {("", item): value for item, value in (person or {}).items()}
        wave = scene.wave
        responses.save_page(scene.store, scene.drafts, scene.keyring, scene.clock, wave, code, page, seen=0)
        receipt, tag = responses.fresh_receipt(scene.keys, code)
        done = responses.submit(scene.store, scene.drafts, scene.keyring, scene.clock, wave, code, receipt, tag, seen=0)
        assert done.outcome == responses.Outcome.RECEIVED

    return submit


@pytest.fixture
def closed(scene, answer) -> Any:
    """All 5 officials and all 6 citizens of so_a answered well; 4 of 5 citizens of so_b did."""
    for serial in range(1, 6):
        answer(serial, {"sex": "yes"}, so_a=GOOD, so_b={**GOOD, "q2": "v1", "why": ("rude",)}, so_c=GOOD)
    for serial in range(6, 12):
        answer(serial, {"sex": "no"}, so_a={**GOOD, "said": f"ý kiến {serial}"})
    for serial in range(12, 16):
        answer(serial, so_b={**GOOD, "said": "chỉ bốn người"})
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")
    return scene


@pytest.fixture
def keys(drawn) -> sealing.KeyPair:
    """The wave's key pair, which in this scene the server made."""
    file = drawn.keyring.private_file(drawn.identity)
    assert file is not None
    return sealing.read_private_pem(file.read_bytes())


@pytest.fixture
def frozen(closed, keys, tmp_path: Path) -> Frozen:
    """The closed wave's dataset."""
    return freeze.freeze(closed.store, closed.clock, closed.wave, keys, tmp_path / "dataset", who="test")
