"""A small instance with an open wave: citizens with one office, officials with three, civil servants with their own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from forms import questionnaire as questionnaires
from forms.catalogue import questionnaire
from forms.questionnaire import Questionnaire
from survey import codes, config, seals, wave
from survey.keys import Keyring
from survey.plan import wave_file
from survey.store import DRAFT_MIGRATIONS, Place, Store

EACH = 6  # invitations a group

WAVE = """
id = "{id}"
title.vi = "Khảo sát ý kiến về cải cách hành chính năm 2026"
title.en = "Survey on public administration reform 2026"
opens = 2026-03-01
closes = 2026-03-31
timezone = "Asia/Ho_Chi_Minh"
k = 5
hotline = "0262 000 000 (giờ hành chính)"
[authority]
name.vi = "Sở Nội vụ tỉnh Đắk Lắk"
name.en = "Department of Home Affairs of Đắk Lắk"
plan = "Kế hoạch số 00/KH-UBND"
date = 2026-02-01
[[unit]]
id = "so_tu_phap"
name.vi = "Sở Tư pháp"
name.en = "Department of Justice"
kind = "department"
[[unit]]
id = "so_y_te"
name.vi = "Sở Y tế"
name.en = "Department of Health"
kind = "department"
[[unit]]
id = "so_tai_chinh"
name.vi = "Sở Tài chính"
name.en = "Department of Finance"
kind = "department"
[[place]]
id = "trung_tam"
name.vi = "Trung tâm Phục vụ hành chính công"
{groups}
"""

GROUP = """
[[group]]
id = "{id}"
name.vi = "{id}"
questionnaire = "{questionnaire}"
assesses = "{assesses}"
design = {{ method = "census" }}
"""

# Every kind of question on one page.
KINDS = """
id = "kinds"
version = 1
minutes = 2
title.vi = "Mọi kiểu câu hỏi"
[[section]]
id = "all"
title.vi = "Mọi kiểu câu hỏi"
[[section.item]]
id = "hello"
type = "note"
text.vi = "Xin chào <b>Ông/Bà</b> & gia đình"
[[section.item]]
id = "visits"
type = "number"
text.vi = "Số lần"
min = 0
max = 99
[[section.item]]
id = "least"
type = "number"
text.vi = "Ít nhất"
min = 1
[[section.item]]
id = "most"
type = "number"
text.vi = "Nhiều nhất"
max = 9
[[section.item]]
id = "free"
type = "number"
text.vi = "Tùy ý"
[[section.item]]
id = "month"
type = "date"
text.vi = "Tháng nhận kết quả"
hint.vi = "Ghi tháng và năm"
[[section.item]]
id = "ways"
type = "multiple"
na = true
text.vi = "Cách liên hệ"
choices = [{ id = "a", vi = "Điện thoại" }, { id = "b", vi = "Thư điện tử" }, { id = "c", vi = "Đến nơi" }]
[[section.item]]
id = "remark"
type = "text"
max_length = 40
text.vi = "Ý kiến"
[[section.item]]
id = "must"
type = "single"
required = true
text.vi = "Câu cần trả lời"
choices = [{ id = "yes", vi = "Có" }, { id = "no", vi = "Không" }]
[[section.item]]
id = "why"
type = "text"
text.vi = "Vì sao không?"
show_if = "must == 'no'"
"""

GROUPS = (
    ("nguoi_dan", "citizen", "dossier", ("so_tu_phap",)),
    ("lanh_dao", "official", "kind:department", ("so_tu_phap", "so_y_te", "so_tai_chinh")),
    ("cong_chuc", "self", "own", ("so_tu_phap",)),
)


@dataclass
class World:
    """An instance, its wave, the printed codes by group, and a clock that stands still."""

    settings: config.Settings
    wave: str
    codes: dict[str, list[str]] = field(default_factory=dict)
    now: datetime = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)

    def clock(self) -> datetime:
        """Half past ten in the morning in Vietnam, unless a test moves it."""
        return self.now

    @property
    def store(self) -> Store:
        """The main database."""
        return Store(self.settings.database)

    def take(self, group: str = "nguoi_dan") -> str:
        """A code that no other test of this world was given."""
        return self.codes[group].pop()

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of both databases: to see that something changed nothing."""
        found = {}
        for store in (self.store, Store(self.settings.drafts, DRAFT_MIGRATIONS)):
            tables = [row[0] for row in store.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                found[table] = sorted(map(tuple, store.connection.execute(f"SELECT * FROM {table}")), key=repr)  # noqa: S608
            store.close()
        return found


def build(
    folder: Path, asked: dict[str, str] | None = None, wave_id: str = "demo", database: str = "", **more: Any
) -> World:
    """Make the instance. ``asked``: TOML of questionnaires to use in place of bundled ones, by name."""
    kept = f"database = {json.dumps(database)}\n" if database else ""
    (folder / "phieu.toml").write_text(f'base_url = "http://phieu.test"\n{kept}', "utf-8")
    settings = config.load(folder, {})
    if database:
        _migrate(settings.database, settings.drafts)
    else:
        for name, content in _empty().items():
            (folder / name).write_bytes(content)
    keyring = Keyring(settings)
    keyring.create_instance_key()
    world = World(settings, wave_id)
    add_wave(world, wave_id, asked or {}, **more)
    return world


def _migrate(database: Place, drafts: Place) -> None:
    for store in (Store(database), Store(drafts, DRAFT_MIGRATIONS)):
        store.migrate()
        store.close()


@cache
def _empty() -> dict[str, bytes]:
    """The databases of an instance with nothing in it, to copy: all migrations cost most of a world."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        _migrate(folder / "phieu.db", folder / "drafts.db")
        return {file.name: file.read_bytes() for file in folder.iterdir()}


def add_wave(
    world: World,
    wave_id: str,
    asked: dict[str, str],
    *,
    pilot: bool = False,
    groups: tuple[tuple[str, str, str, tuple[str, ...]], ...] = GROUPS,
    edits: tuple[tuple[str, str], ...] = (),
    each: int = EACH,
) -> None:
    """Register a wave (its text changed by ``edits``), give every group its invitations, and open it."""
    described = (GROUP.format(id=id, questionnaire=name, assesses=assesses) for id, name, assesses, _ in groups)
    text = WAVE.format(id=wave_id, groups="".join(described))
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    forms: dict[str, Questionnaire] = {
        name: questionnaires.load(asked[name], name) if name in asked else questionnaire(name)
        for _, name, _, _ in groups
    }
    keyring, store = Keyring(world.settings), world.store
    spec = wave_file.load(text, "wave.toml")
    registered = wave.register(store, keyring, world.clock, spec, forms, None, pilot=pilot)
    keys = keyring.wave_keys(wave_id)
    serial = 0
    with store.write() as tx:
        for cell, (group, _, _, units) in enumerate(groups):
            tx.connection.execute(
                "INSERT INTO cell (wave, id, grp, stratum, wclass, margins, mode, units) "
                "VALUES (?, ?, ?, 's', 'c', '{}', 'qr', ?)",
                (wave_id, cell, group, json.dumps([[unit, 1.0] for unit in units])),
            )
            for _ in range(each):
                serial += 1
                code = codes.derive(keys.code, serial, 0)
                row = {"lookup": codes.lookup(keys.lookup, code), "wave": wave_id, "serial": serial, "generation": 0}
                tx.invitation_add([row | {"cell": cell, "place": "trung_tam", "frame_row": None}])
                world.codes.setdefault(group, []).append(code)
        tx.invitation_open_wave(wave=wave_id)
        seals.write(tx, world.clock, registered)
    store.close()
