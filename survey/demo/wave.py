"""The wave file of the demonstration, written from a scene: what an organiser would type."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

from survey.demo.scene import Group, Scene

WAVE = "demo"
DAYS_OPEN = 30
TARGET_RATE = 0.7

_TARGETS = {
    "dossier": (
        "Người, tổ chức có ít nhất một hồ sơ được cơ quan giải quyết trong kỳ",
        "Persons and organisations with at least one dossier decided by the office in the period",
        "Danh sách hồ sơ mô phỏng theo mẫu xuất từ hệ thống một cửa điện tử",
        "Simulated dossier list in the layout of the dossier system's export",
        "Hồ sơ không nộp qua bộ phận một cửa không có trong danh sách",
        "Dossiers filed outside the one-stop shop are not listed",
    ),
    "post": (
        "Mọi người giữ vị trí công tác được nêu vào ngày lập danh sách",
        "Everyone who holds the named post on the reference date",
        "Danh sách vị trí công tác mô phỏng",
        "Simulated list of posts",
        "Vị trí bỏ trống vào ngày lập danh sách không được hỏi",
        "Posts vacant on the reference date are not asked",
    ),
}


def toml(scene: Scene, today: dt.date, identity: str = WAVE) -> str:
    """The wave file's text: it opens today and closes in thirty days."""
    return "\n".join(_lines(scene, today, identity)) + "\n"


def _lines(scene: Scene, today: dt.date, identity: str) -> Iterator[str]:
    yield "# Chạy thử với số liệu mô phỏng. Simulated data: nobody in this wave exists."
    yield from _keys({
        "id": identity,
        "title": {"vi": scene.title, "en": scene.title_en},
        "opens": today,
        "closes": today + dt.timedelta(days=DAYS_OPEN),
        "timezone": "Asia/Ho_Chi_Minh",
        **({"framework": scene.framework} if scene.framework else {}),
        "k": 5,
        "hotline": "0000 000 000 (mô phỏng)",
        "simulated": True,
    })  # fmt: skip
    authority = {"vi": "Cơ quan chủ trì mô phỏng", "en": "Simulated organiser"}
    yield from _table("[authority]", {"name": authority, "plan": "Kế hoạch mô phỏng số 00", "date": today})
    columns = {column for group in scene.groups for column in group.design.get("by", ())}
    collapse = [column for column in ("channel",) if column in columns]
    estimation = {"lonely": "adjust", "collapse": collapse, "valid": ["complete", "partial"], "n_min": 5}
    yield from _table("[estimation]", estimation)
    yield from _table("[pace]", {"measured": False})  # simulated people click faster than anybody reads
    yield from _table("[fieldwork]", {"target_rate": TARGET_RATE})
    for unit in scene.units:
        yield from _table("[[unit]]", {"id": unit.id, "name": {"vi": unit.name}, "kind": unit.kind})
    for id, name in scene.places:
        yield from _table("[[place]]", {"id": id, "name": {"vi": name}})
    for group in scene.groups:
        yield from _group(group, today)


def _group(group: Group, today: dt.date) -> Iterator[str]:
    keys: dict[str, Any] = {
        "id": group.id,
        "name": {"vi": group.name, "en": group.name_en},
        "questionnaire": group.questionnaire,
        "assesses": group.assesses,
        "design": dict(group.design),
    }
    if group.margins:
        keys["margins"] = list(group.margins)
    if group.max_units is not None:
        keys["max_units"] = group.max_units
    yield from _table("[[group]]", keys)
    words = _TARGETS["dossier" if group.assesses == "dossier" else "post"]
    first, last = f"{today - dt.timedelta(days=365):%d/%m/%Y}", f"{today:%d/%m/%Y}"
    yield from _keys({
        "target.population": {"vi": words[0], "en": words[1]},
        "target.frame": {"vi": words[2], "en": words[3]},
        "target.period": {"vi": f"từ {first} đến {last}", "en": f"{first} to {last}"},
        "target.gaps": {"vi": words[4], "en": words[5]},
    })  # fmt: skip


def _table(heading: str, keys: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield heading
    yield from _keys(keys)


def _keys(keys: Mapping[str, Any]) -> Iterator[str]:
    for key, value in keys.items():
        yield f"{key} = {_value(value)}"


def _value(value: Any) -> str:
    """A TOML value; JSON writes strings, numbers, booleans and lists as TOML reads them."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
