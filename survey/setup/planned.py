"""The planning table of each group, worked out once for a plan and a list and kept: a large list takes seconds."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from survey.sample import draws, planning
from survey.sample.planning import Plan, PlanRow
from survey.store import Store, Transaction
from survey.wave import Group, RegisteredWave


@dataclass(frozen=True, slots=True)
class Table:
    """A group's table; ``fresh``: plan and list are still those that it was worked out for."""

    plan: Plan
    fresh: bool


def work_out(store: Store, wave: RegisteredWave, group: str, *, keep: bool = True) -> Plan:
    """What the design brings with the list there is. Raises Faults: no list, or one without a column of the design."""
    asked = draws.group_of(wave, group)
    with store.read() as tx:
        key = _key(tx, wave, asked)
        listing = draws.read_list(tx, wave, asked, secrets.token_bytes(16))
        made = planning.plan(wave.spec, asked, listing, wave.questionnaire_of(group))
    if not keep:
        return made
    with store.write() as tx:
        tx.planned_put(wave=wave.spec.id, grp=group, key=key, body=json.dumps(asdict(made), ensure_ascii=False))
    return made


def work_out_missing(store: Store, wave: RegisteredWave) -> list[Plan]:
    """The tables that were never worked out, or for another plan or list. Raises Faults."""
    there = tables(store, wave)
    stale = [each.id for each in wave.spec.listed_groups if each.id not in there or not there[each.id].fresh]
    return [work_out(store, wave, group) for group in stale]


def tables(store: Store, wave: RegisteredWave) -> dict[str, Table]:
    """The tables that were worked out, by group."""
    with store.read() as tx:
        kept = {row["grp"]: row for row in tx.planned_get(wave=wave.spec.id)}
        return {
            group.id: Table(_plan(json.loads(row["body"])), row["key"] == _key(tx, wave, group))
            for group in wave.spec.listed_groups
            if (row := kept.get(group.id)) is not None
        }


def _plan(told: dict[str, Any]) -> Plan:
    rows = tuple(PlanRow(**row) for row in told["rows"])
    blocks, uncovered = (tuple(map(tuple, told[key])) for key in ("blocks", "uncovered"))
    return Plan(**{**told, "rows": rows, "notes": tuple(told["notes"]), "blocks": blocks, "uncovered": uncovered})


def _key(tx: Transaction, wave: RegisteredWave, group: Group) -> str:
    """What the table depends on: the group as planned, the units, the imports of the list."""
    imports: Sequence[Any] = [tuple(row) for row in tx.upload_imports(wave=wave.spec.id, grp=group.id)]
    listed = [tuple(row) for row in tx.upload_by_unit(wave=wave.spec.id, grp=group.id)]
    plan = repr((group, wave.spec.units, wave.spec.k, wave.questionnaires[group.questionnaire].hash))
    return sha256(json.dumps([plan, imports, listed]).encode()).hexdigest()
