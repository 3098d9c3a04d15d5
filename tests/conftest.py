"""Shared scenes: an empty instance, a clock that tests set, and a small wave whose invitations are issued."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import CodeType
from typing import ClassVar

import hypothesis
import pytest
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser, sync_playwright
from werkzeug.routing import Rule

from survey import codes, issuing, wave
from survey.commands.instance import make_instance
from survey.config import Settings, load
from survey.keys import Keyring, WaveKeys
from survey.plan import wave_file
from survey.store import DRAFT_MIGRATIONS, Store, Transaction
from survey.wave import RegisteredWave
from survey.web import Web
from tests import drawn_once as drawings
from tests import postgresql

WAVE = """
id = "nho"
title.vi = "Đợt thử nhỏ"
opens = 2026-03-01
closes = 2026-03-31
hotline = "0262 000 000"
simulated = true
[[unit]]
id = "so_a"
name.vi = "Sở A"
kind = "department"
[[unit]]
id = "so_b"
name.vi = "Sở B"
kind = "department"
[[unit]]
id = "so_c"
name.vi = "Sở C"
kind = "department"
[[place]]
id = "quay"
name.vi = "Quầy tiếp nhận"
[[group]]
id = "dan"
name.vi = "Người dân"
questionnaire = "nho.toml"
assesses = "dossier"
margins = ["channel"]
design = { method = "stratified", by = ["unit"], n = 11, min = 5 }
[[group]]
id = "can_bo"
name.vi = "Cán bộ"
questionnaire = "nho.toml"
assesses = "kind:department"
design = { method = "census" }
[open]
group = "dan"
most = 8
[[open.poster]]
place = "quay"
units = ["so_a", "so_b"]
"""

QUESTIONNAIRE = """
id = "nho"
version = 1
minutes = 2
title.vi = "Phiếu nhỏ"
screen_out = "used == 'no'"
[scale.ys]
choices = [ { id = "yes", vi = "Có" }, { id = "no", vi = "Không" } ]
[scale.s]
choices = [
  { id = "v1", value = 0.0, vi = "Kém" }, { id = "v2", value = 0.5, vi = "Vừa" },
  { id = "v3", value = 1.0, vi = "Tốt" },
]
[[section]]
id = "self"
title.vi = "Về Ông/Bà"
each = "respondent"
[[section.item]]
id = "sex"
type = "single"
scale = "ys"
text.vi = "Ông/Bà là nữ?"
[[section]]
id = "office"
title.vi = "Về cơ quan"
[[section.item]]
id = "used"
type = "single"
scale = "ys"
text.vi = "Ông/Bà có đến cơ quan này không?"
[[section.item]]
id = "q1"
type = "scale"
scale = "s"
text.vi = "Câu một"
[[section.item]]
id = "q2"
type = "scale"
scale = "s"
text.vi = "Câu hai"
[[section.item]]
id = "why"
type = "multiple"
choices = [ { id = "slow", vi = "Chậm" }, { id = "rude", vi = "Thiếu lịch sự" } ]
text.vi = "Vì sao?"
show_if = "q2 == 'v1'"
[[section.item]]
id = "visits"
type = "number"
min = 0
max = 99
text.vi = "Mấy lần?"
[[section.item]]
id = "said"
type = "text"
max_length = 60
text.vi = "Ý kiến khác"
"""


# Fewer examples a property in the daily run, more in `make torture`; a test may say a number of its own.
# A deadline would test the machine, not the code
hypothesis.settings.register_profile("daily", max_examples=40, deadline=None)
hypothesis.settings.register_profile("torture", max_examples=1000, deadline=None)
hypothesis.settings.load_profile("torture" if os.environ.get("PHIEU_TORTURE") else "daily")


class Compiled(BytecodeCache):
    """Templates compiled once a process, whatever number of applications the tests make."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled of this source, if it was."""
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self.kept[bucket.key, bucket.checksum] = bucket.code


class Route(Rule):
    """The same of the functions that make addresses: to compile some two hundred costs most of an application."""

    kept: ClassVar[dict[tuple[object, ...], Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, tuple(self._trace), append_unknown)
        if self.defaults or key not in self.kept:  # a default goes through its converter, which the key does not name
            self.kept[key] = super()._compile_builder(append_unknown)
        return self.kept[key]


Web.jinja_options = {"bytecode_cache": Compiled()}  # type: ignore[assignment]
Web.url_rule_class = Route


@dataclass
class SetClock:
    """A clock that stands still until a test moves it."""

    at: datetime = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Scene:
    """An instance with one small wave."""

    settings: Settings
    store: Store
    drafts: Store
    keyring: Keyring
    clock: SetClock
    identity: str
    codes: list[str] = field(default_factory=list)  # by serial, from 1

    @property
    def wave(self) -> RegisteredWave:
        """The wave as it stands now."""
        return wave.get(self.store, self.identity)

    @property
    def keys(self) -> WaveKeys:
        """Its subkeys."""
        return self.keyring.wave_keys(self.identity)

    def code(self, serial: int) -> str:
        """The code of an invitation as issued."""
        return codes.derive(self.keys.code, serial, 0)

    def state(self, serial: int) -> str:
        """What the store says of an invitation."""
        with self.store.read() as tx:
            return str(tx.invitation_by_serial(wave=self.identity, serial=serial)["state"])

    def rows(self, table: str, store: Store | None = None) -> list[tuple[object, ...]]:
        """Every row of a table."""
        connection = (store or self.store).connection
        return [tuple(row) for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one for all tests of a process: a second one in the same process cannot be driven."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def drawn_once() -> Iterator[None]:
    """For modules that write the same report again and again; importing what draws costs every other too much."""
    with pytest.MonkeyPatch.context() as patch:
        drawings.install(patch)
        yield


@pytest.fixture
def clock() -> SetClock:
    """09:00 on 10 March 2026 in Việt Nam."""
    return SetClock()


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh instance to copy: making one costs all migrations and the syncs of its files."""
    return make_instance(tmp_path_factory.mktemp("once") / "instance").instance


@pytest.fixture(scope="session")
def server() -> Iterator[postgresql.Server]:
    """A PostgreSQL server; without one on the machine its tests are skipped, and fail where nothing may be."""
    if postgresql.binaries() is None and os.environ.get("CI") != "true":
        pytest.skip("PostgreSQL is not on this machine")
    with postgresql.running() as started:
        started.make_template()
        yield started


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Modules marked so run once on each engine, but for what looks into files of SQLite."""
    marked = metafunc.definition.get_closest_marker
    if marked("both_engines") and not marked("sqlite_only") and "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", ["sqlite", "postgresql"])


@pytest.fixture
def engine() -> str:
    """What keeps the answers; PHIEU_ENGINE=postgresql plays every test of this scene there."""
    return os.environ.get("PHIEU_ENGINE", "sqlite")


@pytest.fixture
def settings(tmp_path: Path, made_once: Path, engine: str, request: pytest.FixtureRequest) -> Settings:
    """A scratch instance."""
    instance = Path(shutil.copytree(made_once, tmp_path / "instance"))
    if engine == "postgresql":
        postgres: postgresql.Server = request.getfixturevalue("server")
        address = postgres.made()
        request.addfinalizer(lambda: postgres.give_back(address))
        for file in ("phieu.db", "drafts.db"):
            (instance / file).unlink()
        (instance / "phieu.toml").write_text(f'database = "{address.url}"\n', "utf-8")
    return load(instance)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """Its database."""
    opened = Store(settings.database)
    yield opened
    opened.close()


@pytest.fixture
def draft_store(settings: Settings) -> Iterator[Store]:
    """Its drafts."""
    opened = Store(settings.drafts, DRAFT_MIGRATIONS)
    yield opened
    opened.close()


@pytest.fixture
def keyring(settings: Settings) -> Keyring:
    """Its keys."""
    return Keyring(settings)


@pytest.fixture
def drawn(
    settings: Settings, store: Store, draft_store: Store, keyring: Keyring, clock: SetClock, tmp_path: Path
) -> Scene:
    """The wave "nho" registered and drawn, not issued: cells of 6 and 5 citizens (so_a, so_b) and 5 officials (all)."""
    (tmp_path / "nho.toml").write_text(QUESTIONNAIRE, "utf-8")
    spec = wave_file.load(WAVE, "wave.toml")
    asked, framework = wave.documents_of(spec, tmp_path)
    wave.register(store, keyring, clock, spec, asked, framework)
    with store.write() as tx:
        _draw(tx, 1, "dan", [["so_a", 2.0]], 6)
        _draw(tx, 2, "dan", [["so_b", 3.5]], 5)
        _draw(tx, 3, "can_bo", [["so_a", 1.0], ["so_b", 1.0], ["so_c", 1.0]], 5)
    return Scene(settings, store, draft_store, keyring, clock, "nho")


@pytest.fixture
def scene(drawn: Scene) -> Scene:
    """The same, issued and open: officials have serials 1 to 5, citizens 6 to 11 (so_a) and 12 to 16 (so_b)."""
    issuing.issue(drawn.store, drawn.keyring, drawn.clock, drawn.wave, who="test")
    return drawn


@pytest.fixture
def fresh_store(tmp_path: Path) -> Callable[[str], Store]:
    """Makes further empty databases."""

    def make(name: str) -> Store:
        made = Store(tmp_path / name)
        made.migrate()
        return made

    return make


def _draw(tx: Transaction, cell: int, group: str, units: list[list[object]], n: int) -> None:
    """What a draw leaves, written straight into the tables so that this scene needs no sampling."""
    run = tx.connection.execute
    stratum = str(units[0][0]) if len(units) == 1 else "all"
    margins = json.dumps({"channel": "*"} if group == "dan" else {})
    run("INSERT INTO cell (wave, id, grp, stratum, wclass, margins, mode, units)"
        " VALUES ('nho', ?, ?, ?, ?, ?, 'qr', ?)",
        (cell, group, stratum, stratum, margins, json.dumps(units)))  # fmt: skip
    run("INSERT INTO draw VALUES ('nho', ?, 1, x'00', 'list', '{}', '2026-02-01', '42', 'seed', 'a/1',"
        " '2026-02-02', NULL) ON CONFLICT DO NOTHING", (group,))  # fmt: skip
    for number in range(n):
        frame_row = sha256(f"{cell} {number}".encode()).digest()[:16]
        run("INSERT INTO frame_row (id, wave, grp, reference, identity, unit, place, units, fields)"
            " VALUES (?, 'nho', ?, ?, NULL, ?, 'quay', NULL, '{}')",
            (frame_row, group, frame_row, units[0][0]))  # fmt: skip
        run("INSERT INTO draw_row (wave, grp, number, row_id, frame_row, stratum, size, probability, cell)"
            " VALUES ('nho', ?, 1, ?, ?, ?, 1, 1, ?)",
            (group, frame_row.hex(), frame_row, stratum, cell))  # fmt: skip
    run("INSERT INTO design_cell VALUES ('nho', ?, ?, ?, ?, 'census', ?, ?)", (group, stratum, stratum, margins, n, n))
