"""A wave that selects at two counters: seal 0 written, the public number known since the second day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey import issuing, wave
from survey.cli import phieu
from survey.config import Settings
from survey.counter import desk as counter_desk
from survey.counter import due_list as counter_list
from survey.counter import handing
from survey.counter import secret as counter_draw
from survey.counter.due_list import Dossier
from survey.keys import Keyring
from survey.plan import wave_file
from survey.store import Store
from survey.wave import RegisteredWave
from tests.conftest import QUESTIONNAIRE, SetClock

NUMBER = "074213"
WAVE = """
id = "quay"
title.vi = "Khảo sát tại quầy"
opens = 2026-03-01
closes = 2026-03-31
hotline = "0262 000 000"
[counter]
number = "Giải đặc biệt xổ số kiến thiết mở thưởng ngày 02/03/2026"
date = 2026-03-02
[[counter.period]]
id = "dau"
opens = 2026-03-01
closes = 2026-03-15
[[counter.period]]
id = "cuoi"
opens = 2026-03-16
closes = 2026-03-28
[[unit]]
id = "so_a"
name.vi = "Sở A"
kind = "department"
[[unit]]
id = "so_b"
name.vi = "Sở B"
kind = "department"
[[place]]
id = "cho_a"
name.vi = "Quầy Sở A"
unit = "so_a"
[[place]]
id = "trung_tam"
name.vi = "Trung tâm"
[[group]]
id = "dan"
name.vi = "Người dân"
questionnaire = "nho.toml"
assesses = "dossier"
[group.counter]
p = 0.3
other = [ { unit = "so_b", p = 1.0 } ]
"""


@dataclass
class Counter:
    """A clerk at a counter, and the coordinator behind."""

    settings: Settings
    store: Store
    drafts: Store
    keyring: Keyring
    clock: SetClock
    identity: str = "quay"
    folder: Path = field(default_factory=Path)

    @property
    def wave(self) -> RegisteredWave:
        """The wave as it stands."""
        return wave.get(self.store, self.identity)

    def lists(self, *dossiers: Dossier, **options: object) -> counter_list.Listed:
        """The coordinator imports a list."""
        return counter_list.add(
            self.store,
            self.keyring,
            self.clock,
            self.wave,
            "dan",
            dossiers,
            who="điều phối",
            **options,  # type: ignore[arg-type]
        )

    def asks(self, number: str, **options: object) -> counter_desk.Answer:
        """The clerk asks about a dossier."""
        return counter_desk.ask(
            self.store,
            self.keyring,
            self.clock,
            self.wave,
            number,
            who="quầy",
            **options,  # type: ignore[arg-type]
        )

    def hands(self, number: str, **options: object) -> handing.Handed:
        """The slip is printed."""
        return handing.hand_out(
            self.store,
            self.keyring,
            self.settings,
            self.clock,
            self.wave,
            number,
            who="quầy",
            **options,  # type: ignore[arg-type]
        )

    def again(self, number: str, **options: object) -> None:
        """The slip did not come out."""
        handing.ask_again(
            self.store,
            self.keyring,
            self.clock,
            self.wave,
            number,
            who="quầy",
            **options,  # type: ignore[arg-type]
        )

    def selects(self, number: str, unit: str = "so_a", due: str = "2026-03-10") -> bool:
        """What the draw says, whoever asks."""
        here = self.wave
        with self.store.read() as tx:
            key = counter_draw.key_of(tx, here, self.keyring.wave_keys(self.identity))
        period = here.spec.counter.period_of(datetime.fromisoformat(due).date())  # type: ignore[union-attr]
        assert period is not None
        return counter_draw.selects(here, key, {"grp": "dan", "unit": unit, "period": period.id}, number)

    def first(self, *, selected: bool) -> str:
        """The first number of Sở A's list that is selected, or is not."""
        return next(f"HS-{n}" for n in range(1, 200) if self.selects(f"HS-{n}") is selected)

    def count(self, kind: str) -> int:
        """How often something was counted."""
        row = self.store.connection.execute("SELECT sum(n) FROM counter_count WHERE kind = ?", (kind,)).fetchone()
        return int(row[0] or 0)

    def logged(self, action: str) -> list[str]:
        """The details of the log's entries of an action."""
        rows = self.store.connection.execute("SELECT detail FROM audit WHERE action = ? ORDER BY number", (action,))
        return [row[0] for row in rows]

    def run(self, *arguments: str) -> str:
        """Run ``phieu``; a refusal raises."""
        result = CliRunner().invoke(
            phieu, ["--instance", str(self.settings.instance), *arguments], catch_exceptions=False,
            standalone_mode=False,
        )  # fmt: skip
        return result.output


def dossier(number: str, unit: str = "so_a", due: str = "2026-03-10", returned: str = "") -> Dossier:
    """A listed dossier."""
    return Dossier(number, unit, "cho_a" if unit == "so_a" else "trung_tam", due, returned, {"phone": "0900"})


@pytest.fixture
def sealed(
    settings: Settings, store: Store, draft_store: Store, keyring: Keyring, clock: SetClock, tmp_path: Path
) -> Counter:
    """Registered and opened on 1 March: the public number does not exist yet."""
    (tmp_path / "nho.toml").write_text(QUESTIONNAIRE, "utf-8")
    clock.at = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    spec = wave_file.load(WAVE, "wave.toml")
    wave.register(store, keyring, clock, spec, *wave.documents_of(spec, tmp_path))
    made = Counter(settings, store, draft_store, keyring, clock, folder=tmp_path)
    issuing.issue(store, keyring, clock, made.wave, who="điều phối")
    return made


@pytest.fixture
def counter(sealed: Counter) -> Counter:
    """On 10 March, 200 dossiers of Sở A due that day."""
    sealed.clock.at = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
    counter_draw.enter_number(sealed.store, sealed.keyring, sealed.clock, sealed.wave, NUMBER, who="điều phối")
    sealed.lists(*(dossier(f"HS-{n}") for n in range(1, 201)))
    return sealed
