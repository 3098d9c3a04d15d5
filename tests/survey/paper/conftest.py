"""The wave "nho" with forms on paper, keyers, and a driver for who counts and keys them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from survey import boxes, issuing, responses, sealing, wave
from survey.keying import counting_in, keyed_file, keyers, keying
from survey.keying.keyers import Keyer
from survey.keying.keying import Result, Sitting
from survey.plan import wave_file
from tests.conftest import QUESTIONNAIRE, WAVE, Scene, _draw

GOOD = {"used": "1", "q1": "3", "q2": "2", "visits": "4"}
BINH, CUC, DUNG = (Keyer(name, "Trường Đại học") for name in ("Bình", "Cúc", "Dũng"))


@dataclass
class Desk:
    """A coordinator who counts in and lets people key; every call goes through what the commands call."""

    scene: Scene
    counted: list[counting_in.Batch] = field(default_factory=list)

    @property
    def both(self) -> tuple[Any, Any]:
        return self.scene.store, self.scene.drafts

    def count(self, number: int, **more: Any) -> int:
        found = counting_in.count_in(
            *self.both, self.scene.clock, self.scene.wave, place="quay", number=number, who="lan", **more
        )
        return found.number

    def batch(self, number: int = 1) -> counting_in.Batch:
        return counting_in.status(*self.both, "nho")[number - 1]

    def sitting(self, keyer: Keyer = BINH, batch: int = 1) -> Sitting:
        scene = self.scene
        return Sitting(scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, batch, keyer)

    def form(self, serial: int, told: Mapping[str, str] = GOOD, *, code: str = "") -> keyed_file.Form:
        cells = {"code": code or self.scene.code(serial), "unit": "", "declined": "", "sex": "", "why": "", "said": ""}
        (form,) = self.read([{**dict.fromkeys(("used", "q1", "q2", "visits"), ""), **cells, **told}])
        return form

    def read(self, rows: list[Mapping[str, str]]) -> list[keyed_file.Form]:
        heading = list(rows[0])
        lines = [",".join(heading), *(",".join(row[name] for name in heading) for row in rows)]
        content = ("\n".join(lines) + "\n").encode()
        return keyed_file.read(self.scene.store, self.scene.keys, self.scene.wave, content, "nhap.csv")

    def key(self, serial: int, told: Mapping[str, str] = GOOD, *, keyer: Keyer = BINH, batch: int = 1) -> Result:
        return keying.key(self.sitting(keyer, batch), self.form(serial, told))

    def online(self, serial: int) -> None:
        scene = self.scene
        args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, scene.code(serial)
        unit = {6: "so_a", 12: "so_b"}[6 if serial < 12 else 12]
        page = {("", "sex"): "no", (unit, "used"): "yes", (unit, "q1"): "v1", (unit, "q2"): "v2"}
        responses.save_page(*args, page, seen=0)
        assert responses.submit(*args, *responses.fresh_receipt(scene.keys, scene.code(serial))).receipt

    def opened(self) -> list[dict[str, Any]]:
        """What the boxes say to the holder of the private key."""
        scene = self.scene
        private = sealing.read_private_pem(scene.keyring.private_file("nho").read_bytes()).private
        info = sealing.box_info("nho", scene.wave.plan_hash)
        rows = [row[3] for row in scene.rows("inbox_box")] + [row[2] for row in scene.rows("box")]
        return [boxes.read(sealing.open_box(box, private, info)) for box in rows]

    def log(self, action: str) -> list[str]:
        """Details of the log's entries of one kind."""
        return [str(row[5]) for row in self.scene.rows("audit") if row[3] == action]


@pytest.fixture
def planned(settings, store, draft_store, keyring, clock, tmp_path: Path) -> Callable[[str], Desk]:
    """The wave issued with a ``[paper]`` table of one's own; nobody may key yet."""

    def plan(paper: str) -> Desk:
        (tmp_path / "nho.toml").write_text(QUESTIONNAIRE, "utf-8")
        spec = wave_file.load(WAVE + paper, "wave.toml")
        asked, framework = wave.documents_of(spec, tmp_path)
        wave.register(store, keyring, clock, spec, asked, framework)
        with store.write() as tx:
            _draw(tx, 1, "dan", [["so_a", 2.0]], 6)
            _draw(tx, 2, "dan", [["so_b", 3.5]], 5)
            _draw(tx, 3, "can_bo", [["so_a", 1.0], ["so_b", 1.0], ["so_c", 1.0]], 5)
        scene = Scene(settings, store, draft_store, keyring, clock, "nho")
        issuing.issue(store, keyring, clock, scene.wave, who="test")
        return Desk(scene)

    return plan


@pytest.fixture
def keyed_once(planned) -> Desk:
    """Nothing is keyed again."""
    return planned("[paper]\nagain = 0\n")


@pytest.fixture
def compared(planned) -> Desk:
    """Every form is keyed again, only to be compared."""
    return planned("[paper]\nagain = 1\n")


@pytest.fixture
def double(planned) -> Desk:
    """Two persons must agree."""
    return planned('[paper]\nkeying = "double"\n')


@pytest.fixture
def keyer_of(keyed_once) -> Callable[[str, str], None]:
    """Adds a keyer by name and office."""

    def add(name: str, office: str) -> None:
        scene = keyed_once.scene
        keyers.add(scene.store, scene.clock, scene.wave, name, office, who="lan")

    return add
