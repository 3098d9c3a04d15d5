"""An instance at its largest for the desk: 100,000 invitations with contacts, 100 units, results and a wave begun."""

from __future__ import annotations

import hashlib
import io
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from survey import audit, config, create_app
from survey import wave as waves
from survey.accounts.roles import Role
from survey.publishing import register, shelf
from survey.setup import planned, preparation, presets, uploads
from survey.setup.uploads import Choices
from survey.web import Web
from tests.bench import board
from tests.desk import staff

ROWS, BEGUN, GROUPS = 100_000, "dot_moi", 6
ITEMS = [f"cau_{n}" for n in range(40)]
UNITS = [f"xa_{n}" for n in range(board.UNITS)]
GROUP_IDS = [f"nhom_{n}" for n in range(GROUPS)]
CHANCE = random.Random(7)  # noqa: S311 - figures of nobody


def clock() -> datetime:
    """In the middle of the wave."""
    return datetime(2026, 3, 15, 5, tzinfo=UTC)


def build(folder: Path, rows: int = ROWS) -> Web:
    """The application on it, with an account of each role."""
    store = board.scene(folder, rows)
    _people(store, rows)
    store.close()
    app = create_app(config.Settings(folder), clock)
    app.hasher = staff.CHEAP
    for role in Role:
        place, unit = "trung_tam" if role is Role.CLERK else "", UNITS[0] if role is Role.VIEWER else ""
        staff.hire(app, role.value, role, place=place, unit=unit)
    _begun(app, rows)
    _results(app, folder)
    return app


def _people(store: Any, rows: int) -> None:
    with store.write(durable=False) as tx:
        run, many = tx.connection.execute, tx.connection.executemany
        many("INSERT INTO frame_row (id, wave, grp, reference, unit, place, fields)"
             " VALUES (?, 'bench', ?, ?, ?, 'trung_tam', '{}')",
             ((n.to_bytes(16, "little"), GROUP_IDS[n % GROUPS], n.to_bytes(8, "big"), UNITS[n % len(UNITS)])
              for n in range(1, rows + 1)))  # fmt: skip
        many("INSERT INTO contact (frame_row, wave, name, phone, email, address) VALUES (?, 'bench', ?, ?, ?, ?)",
             ((n.to_bytes(16, "little"), f"Nguyễn Văn Người thứ {n}", f"09{n:08d}", f"nguoi{n}@example.vn",
               f"Số {n}, đường Lê Duẩn, phường Tân Lập") for n in range(1, rows + 1)))  # fmt: skip
        run("CREATE TEMP TABLE person (serial INTEGER PRIMARY KEY, id BLOB)")
        many("INSERT INTO person VALUES (?, ?)", ((n, n.to_bytes(16, "little")) for n in range(1, rows + 1)))
        run("UPDATE invitation SET frame_row = (SELECT id FROM person p WHERE p.serial = invitation.serial)")


def _begun(app: Web, rows: int) -> None:
    """A wave in the setup whose list is in and whose sample is planned."""
    names = [f"Xã có tên gọi khá dài, số {n}" for n in range(board.UNITS)]
    lines = ["Số hồ sơ,Cơ quan giải quyết,Kênh nộp,Ngày tiếp nhận,Ngày hẹn trả,Ngày trả kết quả,Mã định danh"]
    lines += [
        f'HS-{n:07d},"{names[n % len(names)]}",Trực tiếp,02/01/2026,05/01/2026,04/01/2026,0660{n:08d}'
        for n in range(rows)
    ]
    data: dict[str, Any] = {"title": {"vi": "Đợt đang chuẩn bị"}, "opens": clock().date(), "closes": clock().date()}
    data["unit"] = [{"id": unit, "name": {"vi": name}, "kind": "commune"} for unit, name in zip(UNITS, names)]  # noqa: B905
    data["place"] = [{"id": "trung_tam", "name": {"vi": "Trung tâm"}}]
    data["group"] = [presets.group(presets.CITIZENS, data)]
    data["group"][0]["target"]["period"] = {"vi": "năm 2025"}
    preparation.begin(app.store, app.clock, BEGUN, data, who="bench")
    preparation.register(app.store, app.keyring, app.clock, BEGUN, 1, None, who="bench")
    wave, content = waves.get(app.store, BEGUN), io.BytesIO("\n".join(lines).encode())
    settings = app.settings
    uploads.receive(app.store, settings, app.clock, wave, presets.CITIZENS, content, "l.csv", Choices(), who="bench")
    uploads.take(app.store, app.keyring, settings, app.clock, wave, presets.CITIZENS, who="bench")
    planned.work_out(app.store, wave, presets.CITIZENS)


def _results(app: Web, folder: Path) -> None:
    """A dataset with figures, a draft and a published version, all of them the size that they really have."""
    home = folder / "datasets/bench/1"
    home.mkdir(parents=True)
    manifest = json.dumps({"files": {"assessments.parquet": "0" * 64}, "seals": [], "interim": False})
    (home / "manifest.json").write_text(manifest, "utf-8")
    digest = _sha(manifest)
    with app.store.write() as tx:
        audit.append(tx, app.clock, "bench", audit.FROZEN, "bench",
                     {"dataset": digest, "folder": str(home), "interim": False, "respondents": 60_000})  # fmt: skip
    _figures(shelf.figures(folder, "bench", digest[:16]), digest)
    texts = {"result.json": json.dumps(_result(digest)), "annexes.json": json.dumps(_annexes())}
    out = register.place(folder, "bench", "all", 1)
    for place in (out, folder / "reports/bench/1"):
        place.mkdir(parents=True)
        for name, text in texts.items():
            (place / name).write_text(text, "utf-8")
    files = {name: _sha(text) for name, text in texts.items()} | {f"don-vi/{unit}.html": "0" * 64 for unit in UNITS}
    pack = {
        "format": shelf.PACK_FORMAT, "title": "Đo", "kinds": ["commune"], "interim": False, "pilot": False,
        "standing": {"state": "draft", "decision": None}, "sources": {"dataset": digest}, "files": files,
    }  # fmt: skip
    (folder / "reports/bench/1" / shelf.PACK).write_text(json.dumps(pack), "utf-8")
    version = register.Version(1, register.PUBLISHED, "12/QĐ-UBND", "2026-06-25", "A", clock().isoformat(), True, "Đo",
                               "Đo", files, "", "", digest)  # fmt: skip
    register.write(folder, "bench", (register.Publication("all", ("commune",), (version,)),))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _figures(folder: Path, digest: str) -> None:
    folder.mkdir(parents=True)
    choices = {f"v{n}": {"vi": f"Mức thứ {n}"} for n in range(5)}
    items = [{"id": item, "text": {"vi": f"Công chức hướng dẫn đầy đủ, dễ hiểu, tận tình ({item})"}, "factor": "staff",
              "type": "scale", "choices": choices} for item in ITEMS]  # fmt: skip
    rows = [
        {"unit": unit, "group": group, "item": item, "statistic": statistic, "choice": choice, "n": 37,
         "value": 0.812345678901, "se": 0.04, "low": 0.712345678901, "high": 0.912345678901}
        for unit in UNITS for group in GROUP_IDS for item in ITEMS
        for statistic, choice in (("mean", ""), ("favourable", ""), *(("choice", each) for each in choices))
    ]  # fmt: skip
    for key in ("unit", "item"):
        apart: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            apart.setdefault(row[key], []).append(row)
        for name, own in apart.items():
            (folder / f"{key}-{name}.json").write_text(json.dumps(own), "utf-8")
    about = {
        "dataset": digest, "units": _named(UNITS), "groups": _named(GROUP_IDS), "items": items, "factors": {}, "k": 5,
        "notes": [],
    }  # fmt: skip
    (folder / shelf.ABOUT).write_text(json.dumps(about), "utf-8")
    checks = [{"flag": flag, "group": group, "flagged": 9, "base": 900, "by_unit": {unit: (1, 37) for unit in UNITS}}
              for group in GROUP_IDS for flag in ("straight", "nearly_straight", "copied", "skipped")]  # fmt: skip
    quality = {"checks": checks, "marks": [], "respondents_flagged": 900, "unchecked": []}
    (folder / shelf.QUALITY).write_text(json.dumps(quality), "utf-8")


def _named(ids: list[str]) -> list[dict[str, Any]]:
    return [{"id": each, "name": {"vi": f"Tên gọi khá dài của {each}"}, "kind": "commune"} for each in ids]


def _result(digest: str) -> dict[str, Any]:
    subs = [f"tieu_chi_{n}" for n in range(26)]
    units = [_unit(unit, place, subs) for place, unit in enumerate(UNITS, start=1)]
    scheme = [{"id": sub, "name": {"vi": f"Tiêu chí thành phần {sub}"}} for sub in subs]
    covariance = [[CHANCE.random() for _ in UNITS] for _ in UNITS]
    kind = {"kind": "commune", "units": units, "unranked": [], "scheme": scheme, "covariance": covariance}
    wave = {"id": "bench", "k": 5, "simulated": True}
    return {"kinds": [kind], "dataset_hash": digest, "framework": {"id": "x", "hash": "0"}, "wave": wave}


def _unit(unit: str, place: int, subs: list[str]) -> dict[str, Any]:
    groups = [{"group": group, "score": CHANCE.random(), "se": 0.02, "weight": 3.0} for group in GROUP_IDS]
    details = [{**group, "n": 37, "share": 0.2, "used": 0.2, "hidden": False, "marks": [], "bands": None}
               for group in groups]  # fmt: skip
    return {
        "unit": unit, "index": 80.1, "published": 80.1, "se": 0.5, "ci_low": 79.1, "ci_high": 81.1, "rank": place,
        "rank_lower": place, "rank_upper": place, "appraised_points": 60.1, "survey_points": 20.0, "respondents": 222,
        "average": None, "like_for_like": None,
        "change": {"previous": 79.0, "change": 1.1, "verdict": "noise", "domains": {}, "previous_rank": 3, "parts": []},
        "domains": [{"id": f"linh_vuc_{n}", "points": 8.0, "maximum": 10.0, "percent": 80.0} for n in range(8)],
        "groups": groups, "gains": [{"subcriterion": sub, "lost": 0.5, "behind": 0.2} for sub in subs[:5]],
        "subcriteria": [{"id": sub, "points": 0.7, "maximum": 1.0, "groups": details} for sub in subs],
    }  # fmt: skip


def _annexes() -> dict[str, Any]:
    factors = [{"id": f"yeu_to_{n}", "text": {"vi": f"Yếu tố thứ {n}"}, "items": []} for n in range(5)]
    names = [*(each["id"] for each in factors), *ITEMS]
    share = {"value": 0.8, "se": 0.02, "low": 0.7, "high": 0.9, "n": 90}
    shares = {unit: dict.fromkeys(names, share) for unit in UNITS}
    return {"satisfaction": {"commune": {"factors": factors, "shares": shares, "mean": dict.fromkeys(names, 0.8)}}}
