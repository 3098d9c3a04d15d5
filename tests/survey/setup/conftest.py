"""A coordinator who prepares a wave below the web, and lists for it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from survey import wave as waves
from survey.config import Settings
from survey.keys import Keyring
from survey.setup import offices, preparation, presets, uploads
from survey.setup.preparation import Preparation
from survey.setup.uploads import Choices, Upload
from survey.store import Store
from survey.wave import RegisteredWave
from tests.conftest import SetClock

WHO = "desk:lan"
UNITS = "Sở Tư pháp\nSở Y tế\nXã Ea Kar; xã, phường"


@dataclass
class Coordinator:
    """Prepares the wave «moi»."""

    store: Store
    settings: Settings
    keyring: Keyring
    clock: SetClock
    wave: str = "moi"

    @property
    def now(self) -> Preparation:
        """The file as it stands."""
        return preparation.get(self.store, self.wave)

    @property
    def registered(self) -> RegisteredWave:
        """The registered plan."""
        return waves.get(self.store, self.wave)

    def begin(self, **more: Any) -> Preparation:
        """From nothing."""
        return preparation.begin(self.store, self.clock, self.wave, {"title": {"vi": "Khảo sát"}, **more}, who=WHO)

    def change(self, change: Callable[[dict[str, Any]], object]) -> Preparation:
        """Change the file as it stands."""
        data = self.now.data
        change(data)
        return preparation.save(self.store, self.keyring, self.clock, self.wave, self.now.revision, data, who=WHO)

    def whole(self, *groups: str) -> Preparation:
        """A plan with three units, one place and these presets."""
        if self.wave not in [each.id for each in preparation.unregistered(self.store)]:
            self.begin()

        def fill(data: dict[str, Any]) -> None:
            data |= {"opens": date(2026, 3, 1), "closes": date(2026, 3, 31)}
            data["unit"] = offices.units(offices.pasted(UNITS), [])
            data["place"] = offices.places(offices.pasted("Trung tâm Phục vụ hành chính công"), [], [])
            data["group"] = []
            for preset in groups or (presets.CITIZENS,):
                group = presets.group(preset, data)
                group["target"]["period"] = {"vi": "năm 2025"}
                data["group"].append(group)

        return self.change(fill)

    def register(self, public_key: bytes | None = None) -> Preparation:
        """Register the plan."""
        return preparation.register(
            self.store, self.keyring, self.clock, self.wave, self.now.revision, public_key, who=WHO
        )

    def send(self, content: bytes, name: str = "ho_so.csv", group: str = presets.CITIZENS, **choices: Any) -> Upload:
        """Send a file in."""
        return uploads.receive(self.store, self.settings, self.clock, self.registered, group, io.BytesIO(content), name,
                               Choices(**choices), who=WHO)  # fmt: skip

    def look(self, group: str = presets.CITIZENS) -> Upload:
        """Try what waits."""
        return uploads.look(self.store, self.keyring, self.settings, self.clock, self.registered, group)

    def take(self, group: str = presets.CITIZENS) -> None:
        """Import what waits."""
        uploads.take(self.store, self.keyring, self.settings, self.clock, self.registered, group, who=WHO)

    def dump(self) -> list[str]:
        """The whole database as text."""
        return list(self.store.connection.iterdump())


HEADING = "Số hồ sơ,Cơ quan giải quyết,Kênh nộp,Ngày tiếp nhận,Ngày hẹn trả,Ngày trả kết quả,Mã định danh,Số điện thoại"


def dossiers(each: int = 40, units: tuple[str, ...] = ("Sở Tư pháp", "Sở Y tế", "Xã Ea Kar")) -> bytes:
    """A list of dossiers, so many of each unit."""
    rows = [
        f"HS-{position * each + n:05d},{unit},{('Trực tiếp', 'Trực tuyến')[n % 2]},02/01/2026,05/01/2026,04/01/2026,"
        f"0660{position * each + n:08d},09{position * each + n:08d}"
        for position, unit in enumerate(units)
        for n in range(each)
    ]
    return "\n".join([HEADING, *rows, ""]).encode()


@pytest.fixture
def coordinator(store: Store, settings: Settings, keyring: Keyring, clock: SetClock, tmp_path: Path) -> Coordinator:
    """A coordinator with an empty instance, whose links lead somewhere."""
    (tmp_path / "instance" / "phieu.toml").write_text('base_url = "https://ks.tinh.vn"\n', "utf-8")
    return Coordinator(store, settings, keyring, clock)
