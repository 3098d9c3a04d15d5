"""A frozen dataset as a province leaves it, written straight into columns: what a publication pack is timed on."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analysis import appraised_template
from analysis.appraised import Appraised, Unit, wanted
from forms import catalogue
from forms.questionnaire import Item, ItemType
from survey import codebook

FRAMEWORK = "daklak_2019"
DEPARTMENTS = 18  # of 33 units, the two among them that the framework excepts from some subcriteria
BLOCK = 8  # offices that one official assesses
POPULATION = 4  # people for each who answered
RESPONSE = 0.7


@dataclass(frozen=True, slots=True)
class Group:
    """``share`` of all assessments; ``blocks``: one official assesses several offices in one sitting."""

    id: str
    name: str
    questionnaire: str
    assesses: str
    share: float
    blocks: bool = False


GROUPS = (
    Group("hdnd", "Lãnh đạo HĐND cấp huyện", "official", "kind:department,district", 0.08, True),
    Group("huyen", "Lãnh đạo phòng chuyên môn cấp huyện", "official", "kind:department", 0.06, True),
    Group("xa", "Lãnh đạo cấp xã", "official", "kind:department,district", 0.16, True),
    Group("nguoi_dan", "Người dân", "citizen", "dossier", 0.3),
    Group("to_chuc", "Doanh nghiệp, tổ chức", "organisation", "dossier", 0.2),
    Group("cong_chuc", "Công chức tự đánh giá", "self", "own", 0.2),
)
TEXTS = (
    "Thủ tục còn nhiều giấy tờ, nên cho nộp trực tuyến.", "Cán bộ hướng dẫn tận tình, đúng hẹn.",
    "Chờ lâu vào sáng thứ hai, mong có thêm quầy.", "Phí niêm yết rõ nhưng khó tìm trên mạng.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Files:
    """What ``phieu report`` is given."""

    dataset: Path
    appraised: Path
    previous: Path
    targets: Path


def units(number: int) -> list[Unit]:
    """Departments and districts as 18 to 15."""
    departments = round(number * DEPARTMENTS / 33)
    named = {departments - 2: ("thanh_tra_tinh", "Thanh tra tỉnh"), departments - 1: ("so_ngoai_vu", "Sở Ngoại vụ")}
    made = []
    for place in range(number):
        kind = "department" if place < departments else "district"
        office = f"Sở thứ {place + 1}" if place < departments else f"Huyện thứ {place + 1}"
        id, name = named.get(place, (f"u_{place}", office))
        made.append(Unit(id, name, kind))
    return made


def write(folder: Path, number: int, assessments: int, seed: int = 1) -> Files:
    """A dataset of so many units and about so many assessments, with appraised points, last year and targets."""
    random = np.random.default_rng(seed)
    offices = units(number)
    quality = random.normal(0.72, 0.08, number)
    dataset = folder / "dataset"
    dataset.mkdir()
    documents = [catalogue.questionnaire(id) for id in catalogue.QUESTIONNAIRES]
    book = codebook.document(documents, ["channel"])
    (dataset / "codebook.json").write_text(json.dumps(book, ensure_ascii=False), "utf-8")
    _assessments(dataset, offices, quality, assessments, random)
    (dataset / "manifest.json").write_text(json.dumps(_manifest(dataset, offices), ensure_ascii=False), "utf-8")
    counted = wanted(catalogue.framework(FRAMEWORK), offices)
    points = {
        unit.id: {id: round(most * float(np.clip(good + random.normal(0, 0.1), 0, 1)) * 20) / 20
                  for id, most in counted.maxima[unit.id].items()}
        for unit, good in zip(offices, quality, strict=True)
    }  # fmt: skip
    files = Files(dataset, folder / "points.xlsx", folder / "previous.csv", folder / "targets.csv")
    appraised_template.write(counted, files.appraised, filled=Appraised(points))
    old = (100 * quality + random.normal(0, 2, number)).round(2)
    _csv(files.previous, ("unit", "index", "se"), [(unit.id, x, 0.8) for unit, x in zip(offices, old, strict=True)])
    _csv(files.targets, ("unit", "target"), [(unit.id, min(99, x + 2)) for unit, x in zip(offices, old, strict=True)])
    return files


def _csv(path: Path, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([head, *rows])


@dataclass(slots=True)
class _Rows:
    """Columns of one group as they are gathered, one entry an assessment."""

    person: np.ndarray
    unit: np.ndarray
    stratum: list[str]


def _people(group: Group, offices: Sequence[Unit], wanted: int, random: np.random.Generator) -> _Rows:
    """Who assesses which office: one each, or a window of BLOCK offices of one kind, shared by neighbours."""
    kinds = ("department",) if group.assesses == "kind:department" else ("department", "district")
    mine = [place for place, unit in enumerate(offices) if unit.kind in kinds]
    if not group.blocks:
        unit = np.sort(np.resize(mine, wanted))
        return _Rows(np.arange(wanted), unit, [f"{group.id}/{offices[place].id}" for place in unit])
    people = max(10, wanted // BLOCK)
    first = np.sort(random.integers(0, len(mine), people) // 4 * 4)
    windows = (first[:, None] + np.arange(BLOCK)) % len(mine)
    stratum = [f"{group.id}/{start}" for start in first for _ in range(BLOCK)]
    return _Rows(np.repeat(np.arange(people), BLOCK), np.array(mine)[windows].ravel(), stratum)


def _assessments(
    folder: Path, offices: Sequence[Unit], quality: np.ndarray, total: int, random: np.random.Generator
) -> None:
    asked = codebook.items(catalogue.questionnaire(id) for id in catalogue.QUESTIONNAIRES)
    columns = codebook.columns(asked)
    tables, design, pairs, comments, person = [], [], [], [], 0
    for group in GROUPS:
        rows = _people(group, offices, round(total * group.share), random)
        size, ids = len(rows.unit), np.array([unit.id for unit in offices])
        channel = np.where(rows.person % 3 == 0, "online", "counter")
        mode = np.where(rows.person % 4 == 0, "paper", "qr")
        mood = random.normal(quality[rows.unit], 0.12)
        own = {item.id for item in catalogue.questionnaire(group.questionnaire).items.values()}
        made = {
            "respondent": pa.array(rows.person + person, pa.int64()),
            "psu": pa.array(rows.person + person, pa.int32()),
            **{name: _dictionary(values) for name, values in (
                ("unit", ids[rows.unit]), ("group", [group.id] * size), ("stratum", rows.stratum),
                ("wclass", rows.stratum), ("mode", mode), ("m_channel", channel))},
            "base_weight": pa.array(np.full(size, POPULATION * RESPONSE)),
        }  # fmt: skip
        for column in columns:
            kind = pa.int8() if column.type == "int8" else pa.int32()
            made[column.name] = (
                _answers(column.item, mood, kind, random) if column.item.id in own else pa.nulls(size, kind)
            )
        tables.append(pa.table(made))
        design += _design(group, rows, channel)
        pairs += _pairs(group, ids, rows)
        said = next(item.id for item in catalogue.questionnaire(group.questionnaire).items.values()
                    if item.type is ItemType.TEXT)  # fmt: skip
        comments += [{"unit": ids[place], "group": group.id, "item": said, "text": TEXTS[at % len(TEXTS)]}
                     for at, place in enumerate(rows.unit[::10])]  # fmt: skip
        person += int(rows.person[-1]) + 1
    whole = pa.concat_tables(tables, promote_options="default").unify_dictionaries()
    order = np.lexsort((whole["respondent"].to_numpy(), np.array(whole["stratum"].to_pylist())))
    pq.write_table(whole.take(pa.array(order)), folder / "assessments.parquet")
    pq.write_table(pa.Table.from_pylist(design), folder / "design.parquet")
    pq.write_table(pa.Table.from_pylist(pairs), folder / "pairs.parquet")
    pq.write_table(pa.Table.from_pylist(comments), folder / "comments.parquet")
    pq.write_table(pa.Table.from_pylist(_days(design)), folder / "days.parquet")


def _dictionary(values: Any) -> pa.Array:
    return pa.array(values, pa.string()).dictionary_encode()


def _answers(item: Item, mood: np.ndarray, kind: pa.DataType, random: np.random.Generator) -> pa.Array:
    """Answers that follow the respondent's mood; one in twenty says that it does not apply, one in fifty nothing."""
    size = len(mood)
    if item.type is ItemType.NUMBER:
        values = random.integers(0, 5, size)
    elif item.type is ItemType.MULTIPLE:
        values = random.integers(0, 2, size)
    else:
        last = len(item.choices) - 1
        values = np.clip(np.rint(last * (mood + random.normal(0, 0.15, size))), 0, last).astype(np.int64)
        values[random.random(size) < 0.05] = codebook.NA_CODE
    return pa.array(values, kind, mask=random.random(size) < 0.02)


def _design(group: Group, rows: _Rows, channel: np.ndarray) -> list[dict[str, Any]]:
    _, first = np.unique(rows.person, return_index=True)
    cells, counts = np.unique(
        np.array([[rows.stratum[at], channel[at]] for at in first]), axis=0, return_counts=True
    )  # fmt: skip
    made = []
    for (stratum, way), n in zip(cells.tolist(), counts.tolist(), strict=True):
        lost = round(n * (1 / RESPONSE - 1))
        cell: dict[str, Any] = {"group": group.id, "stratum": stratum, "wclass": stratum, "m_channel": way}
        cell |= {"method": "stratified", "population": n * POPULATION, "eligible_estimate": float(n * POPULATION)}
        cell |= {"drawn": n + lost, "n_complete": n, "n_no_contact": lost}
        weight = n * POPULATION / (n + lost)
        made.append(cell | {"w_complete": n * weight, "w_no_contact": lost * weight})
    return made


def _days(design: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Half on the first day, a third after a week, the rest at the end."""
    made = []
    for group in GROUPS:
        n, drawn = (sum(cell[name] for cell in design if cell["group"] == group.id) for name in ("n_complete", "drawn"))
        for day, part in ((1, n // 2), (8, n // 3), (29, n - n // 2 - n // 3)):
            made.append({"group": group.id, "day": date(2019, 10, day), "returned": part, "issued": drawn})
    return made


def _pairs(group: Group, ids: np.ndarray, rows: _Rows) -> list[dict[str, Any]]:
    places, counts = np.unique(rows.unit, return_counts=True)
    return [
        {"group": group.id, "unit": ids[place], "other": ids[place], "eligible": float(n * POPULATION),
         "assigned": round(n / RESPONSE), "returned": n, "valid": n}
        for place, n in zip(places.tolist(), counts.tolist(), strict=True)
    ]  # fmt: skip


def _manifest(folder: Path, offices: Sequence[Unit]) -> Mapping[str, Any]:
    groups = [
        {"id": each.id, "name": {"vi": each.name}, "questionnaire": each.questionnaire, "assesses": each.assesses,
         "method": "stratified", "by": ["unit"] if not each.blocks else [], "blocks": each.blocks}
        for each in GROUPS
    ]  # fmt: skip
    return {
        "format": 1, "simulated": True, "interim": False, "pilot": False, "framework": None, "departures": [],
        "wave": {"id": "bench", "title": {"vi": "Đợt đo"}, "opens": "2019-10-01", "closes": "2019-10-31", "k": 5},
        "units": [{"id": unit.id, "name": {"vi": unit.name}, "kind": unit.kind} for unit in offices],
        "groups": groups,
        "estimation": {"lonely": "adjust", "collapse": ["channel"], "valid": ["complete"], "n_min": 5},
        "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())},
    }  # fmt: skip
