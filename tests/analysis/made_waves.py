"""Small waves with forms that were left out, and an attacker who collects every count that is published of them."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.optimize import linprog

from analysis.dataset import Dataset, open_dataset
from tests.analysis.index.conftest import UNITS, write_dataset

K = 5
GROUPS = ("nguoi_dan", "cong_chuc", "to_chuc")
MODES, CHANNELS = ("qr", "email"), ("counter", "online")
WEIGHTS = dict(zip(UNITS, (97 / 13, 14.0, 211 / 17, 10.0, 149 / 23, 15.0), strict=False))  # of one person drawn
Cell = tuple[str, str]  # unit, group
Form = tuple[str, str, str, str, bool]  # unit, group, mode, channel, whether it stands in the dataset


@dataclass(frozen=True)
class Wave:
    """A dataset, and how many valid forms there really were of each kind."""

    dataset: Dataset
    forms: Mapping[Form, int]


def made(folder: Path, valid: Mapping[Cell, int], seed: int = 0, nested: Collection[str] = ()) -> Wave:
    """Forms by unit and group; of fewer than k none stands in the dataset. Modes, channels, answers are drawn; of
    ``nested`` groups a channel is one of offices, as a field of work is: counter at the first two, online elsewhere."""
    draw = np.random.default_rng(seed)
    forms: dict[Form, int] = defaultdict(int)
    people: list[Form] = []
    for (unit, group), n in valid.items():
        for _ in range(n):
            mode, channel = MODES[draw.integers(2)], CHANNELS[draw.integers(2)]
            if group in nested:
                channel = CHANNELS[unit not in UNITS[:2]]
            form = (unit, group, mode, channel, n >= K)
            forms[form] += 1
            people.append(form)
    kept = [form for form in people if form[4]]
    answers: dict[str, dict[str, list[dict[str, int]]]] = {}
    for group in GROUPS[:2]:
        answers[group] = {unit: [] for unit in UNITS}
    answers["to_chuc"] = {unit: [] for unit in UNITS}
    for unit, group, *_ in kept:
        answers[group][unit].append({name: int(draw.integers(0, 5)) for name in ("access_1", "access_2", "staff_1")})
    dataset = write_dataset(folder, answers, groups=[_group(each) for each in GROUPS])
    _settle(folder, forms, [form for group in GROUPS for unit in UNITS for form in kept if form[:2] == (unit, group)])
    return Wave(open_dataset(dataset.path), dict(forms))


def _group(group: str) -> dict[str, Any]:
    return {"id": group, "name": {"vi": group}, "questionnaire": "citizen", "assesses": "dossier",
            "method": "stratified", "by": ["unit"], "blocks": False}  # fmt: skip


def _settle(folder: Path, forms: Mapping[Form, int], kept: Sequence[Form]) -> None:
    """Modes and margins of the rows; forms of design.parquet and pairs.parquet, those left out too."""
    rows = pq.read_table(folder / "assessments.parquet")
    mode, channel = (pa.array([form[at] for form in kept]).dictionary_encode() for at in (2, 3))
    rows = rows.set_column(rows.column_names.index("mode"), "mode", mode).append_column("m_channel", channel)
    weight = pa.array([WEIGHTS[form[0]] for form in kept], pa.float64())
    rows = rows.set_column(rows.column_names.index("base_weight"), "base_weight", weight)
    pq.write_table(rows, folder / "assessments.parquet")
    design, pairs = [], []
    for unit in UNITS:
        for group in GROUPS:
            for name in CHANNELS:
                n = _sum(forms, lambda form, cell=(unit, group, name): (*form[:2], form[3]) == cell)
                cell = {"group": group, "stratum": f"{group}/{unit}", "wclass": f"{group}/{unit}", "m_channel": name}
                cell |= {"method": "stratified", "population": 90, "eligible_estimate": 90.0, "drawn": n + 3}
                cell |= {"n_complete": n, "n_no_contact": 3}
                design.append(cell | {f"w_{state}": WEIGHTS[unit] * cell[f"n_{state}"]
                                      for state in ("complete", "no_contact")})  # fmt: skip
            n = _sum(forms, lambda form, cell=(unit, group): form[:2] == cell)
            pairs.append({"group": group, "unit": unit, "other": unit, "eligible": 1.0, "assigned": n + 6,
                          "returned": n, "valid": n})  # fmt: skip
    pq.write_table(pa.Table.from_pylist(design), folder / "design.parquet")
    pq.write_table(pa.Table.from_pylist(pairs), folder / "pairs.parquet")
    manifest = json.loads((folder / "manifest.json").read_text())
    files = [file for file in folder.iterdir() if file.name != "manifest.json"]
    manifest["files"] = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _sum(forms: Mapping[Form, int], which: Callable[[Form], bool]) -> int:
    return sum(n for form, n in forms.items() if which(form))


@dataclass
class Attack:
    """What somebody knows: sums over kinds of forms. Kinds that there are, he knows; how many of each, he does not."""

    forms: Mapping[Form, int]
    known: list[tuple[Callable[[Form], float], float]] = field(default_factory=list)

    def learn(self, which: Callable[[Form], float], value: float | None) -> None:
        """A number that was published; None tells nothing."""
        if value is not None:
            self.known.append((which, value))

    def highest(self, which: Callable[[Form], float]) -> float:
        """The most forms of a sum for whoever knows all this; what he knows is true, so there is an answer."""
        kinds = list(self.forms)
        rows = np.array([[float(row(kind)) for kind in kinds] for row, _ in self.known]).reshape(-1, len(kinds))
        values = np.array([value for _, value in self.known])
        assert np.allclose(rows @ np.array(list(self.forms.values()), float), values), "something untrue was published"
        found = linprog([-float(which(kind)) for kind in kinds], A_eq=rows, b_eq=values, bounds=(0, None))
        return np.inf if found.status == 3 else float(-found.fun)

    def small(self) -> Iterator[tuple[str, Callable[[Form], float]]]:
        """Every cell, unit and group of fewer than k forms that there really are."""
        lines: list[tuple[str, Callable[[Form], float]]] = [
            *((f"{unit} {group}", lambda form, own=(unit, group): form[:2] == own)
              for unit in UNITS for group in GROUPS),
            *((unit, lambda form, own=unit: form[0] == own) for unit in UNITS),
            *((group, lambda form, own=group: form[1] == own) for group in GROUPS),
        ]  # fmt: skip
        yield from ((name, which) for name, which in lines if 0 < _sum(self.forms, which) < K)

    def recovered(self) -> list[str]:
        """The small ones that are surely fewer than k for whoever knows all this."""
        return [name for name, which in self.small() if self.highest(which) < K - 1e-6]


def learn_result(attack: Attack, result: Mapping[str, Any]) -> None:
    """Every count of forms or of people in result.json."""
    attack.learn(lambda form: 1, result["rates_total"]["valid"])
    for row in result["rates_by_group"]:
        attack.learn(lambda form, own=row["by"]["group"]: form[1] == own, row["valid"])
    for row in result["rates_by_unit"]:
        attack.learn(lambda form, own=row["by"]["unit"]: form[0] == own, row["valid"])
    for row in result["assessments"]:
        attack.learn(lambda form, own=(row["unit"], row["group"]): form[4] and form[:2] == own, row["n"])
    told = {(row["unit"], row["group"]) for row in result["assessments"]}
    for cell in ((unit, group) for unit in UNITS for group in GROUPS if (unit, group) not in told):
        attack.learn(lambda form, own=cell: form[:2] == own, 0)  # a dash: there is none
    for unit in (unit for kind in result["kinds"] for unit in (*kind["units"], *kind["unranked"])):
        attack.learn(lambda form, own=unit["unit"]: form[4] and form[0] == own, unit["respondents"])


def learn_evidence(attack: Attack, evidence: Mapping[str, Any]) -> None:
    """Every count in the annexes."""
    for row in evidence["frame"]:
        attack.learn(lambda form, own=(row["group"], row["level"]): (form[1], form[3]) == own, row["n"])
        learn_share(attack, row["group"], row["level"], row["answered"])
    for row in evidence["effects"]:
        attack.learn(lambda form, own=(row["group"], row["level"]): form[4] and (form[1], form[2]) == own, row["n"])
    for row in evidence["checks"]:
        attack.learn(lambda form, own=row["group"]: form[4] and form[1] == own, row["base"])
    for row in evidence["weights"]:
        if row["step"] == "base":
            attack.learn(lambda form, own=row["group"]: WEIGHTS[form[0]] * (form[4] and form[1] == own), row["sum"])


def learn_share(attack: Attack, group: str, channel: str, share: float | None) -> None:
    """The share of a channel in the base weights of all valid forms of a group."""
    if share is not None:
        attack.learn(lambda form: WEIGHTS[form[0]] * ((form[3] == channel) - share) * (form[1] == group), 0.0)


def learn_interface(attack: Attack, document: Mapping[str, Any]) -> None:
    """What the interface for other programs says: here as many came back as are valid."""
    attack.learn(lambda form: 1, document["total"]["returned"])
    rows: Iterable[tuple[int, Mapping[str, Any]]] = [
        *((1, row) for row in document["groups"]), *((0, row) for row in document["units"])
    ]  # fmt: skip
    for place, row in rows:
        attack.learn(lambda form, place=place, own=row["id"]: form[place] == own, row["returned"])
