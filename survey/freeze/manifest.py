"""manifest.json: what a dataset is, where it came from, and the hash of each of its files."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analysis.notes import Note, NoteKind, note
from forms.text import Text
from survey.plan.wave_spec import ZONE, Group, WaveSpec
from survey.wave import RegisteredWave

FORMAT = 1
_PARTS = ("numpy", "pyarrow", "cryptography")


def document(
    wave: RegisteredWave,
    draws: Sequence[Mapping[str, Any]],
    seals: Iterable[Mapping[str, Any]],
    counts: Mapping[str, int],
    merged_cells: Sequence[Note],
    departures: Sequence[Note],
    interim: bool,
) -> dict[str, Any]:
    """The manifest without the hashes of the files, which ``seal_files`` adds.

    ``merged_cells``: what was done to reach k, by the rule declared beforehand, hence no departure from the plan;
    ``departures``: those that are, besides repeated draws.
    """
    spec = wave.spec
    framework = {"id": wave.framework.id, "sha256": wave.framework.hash} if wave.framework else None
    pace = {"pace": {"fast": spec.pace.fast, "long": spec.pace.long}} if spec.pace.measured else {}
    return {
        "format": FORMAT,
        "product": f"phieu {version('phieu')}",
        "simulated": spec.simulated,
        "pilot": wave.pilot,
        "wave": _wave(spec),
        "units": [{"id": unit.id, "name": dict(unit.name), "kind": unit.kind} for unit in spec.units],
        "groups": [_group(group, spec) for group in spec.groups],
        "estimation": _listed(asdict(spec.estimation)),
        **pace,
        "questionnaires": wave.planned,
        "questionnaire_titles": {id: dict(asked.title) for id, asked in wave.questionnaires.items()},
        "framework": framework,
        "plan_sha256": wave.plan_hash,
        "draws": [_draw(row) for row in draws],
        "key_origin": wave.key_origin,
        "seals": [{"number": row["number"], "hash": row["hash"]} for row in seals],
        "interim": interim,
        "counts": dict(counts),
        "merged_cells": [each.document() for each in merged_cells],
        "departures": [each.document() for each in (*repeated_draws(draws), *departures)],
        "versions": {"python": platform.python_version(), **{part: version(part) for part in _PARTS}},
    }


def _wave(spec: WaveSpec) -> dict[str, Any]:
    return {
        "id": spec.id,
        "title": dict(spec.title),
        "opens": spec.opens.isoformat(),
        "closes": spec.closes.isoformat(),
        "timezone": spec.timezone,
        "k": spec.k,
    }


def _listed(told: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON has it: lists where we have tuples."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}


def in_blocks(group: Group, spec: WaveSpec) -> bool:
    """Whether each member was given only some of the units that the group assesses."""
    return bool(group.kinds) and spec.most_units_of(group) < len(spec.units_of(group.kinds))


def _group(group: Group, spec: WaveSpec) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": group.id,
        "name": dict(group.name),
        "questionnaire": group.questionnaire,
        "assesses": group.assesses,
        "method": str(group.design.method),
        "by": [*group.design.by, *([ZONE] if group.design.zones else [])],
        "classes": _classes(group),
        "first_stage": str(group.design.first) if group.design.psu else None,
        "blocks": in_blocks(group, spec),
    }
    if group.target is not None:
        target = group.target
        words: dict[str, Text] = {
            "population": target.population,
            "frame": target.frame,
            "period": target.period,
            "gaps": target.gaps,
        }
        told["target"] = {name: dict(text) for name, text in words.items()}
    return told


def _classes(group: Group) -> list[str] | None:
    """The columns of the response classes; None where they are the strata. Zones are too small to be classes."""
    if group.classes is not None:
        return list(group.classes)
    return list(group.design.by) if group.design.zones else None


def released(releases: Iterable[Mapping[str, Any]]) -> list[Note]:
    """A departure for each release of a reserve."""
    return [
        note(NoteKind.RESERVE_RELEASED, group=row["grp"], n=sum(json.loads(row["released"]).values()),
             number=row["release"], reason=row["reason"])
        for row in releases
    ]  # fmt: skip


def extended(extensions: Iterable[Mapping[str, Any]]) -> list[Note]:
    """A departure for each time the closing day was moved."""
    return [
        note(NoteKind.EXTENDED, closes=f"{date.fromisoformat(row['closes']):%d/%m/%Y}", reason=row["reason"])
        for row in extensions
    ]


def corrected(wave: RegisteredWave) -> list[Note]:
    """A departure for each version of a questionnaire that took the place of another while it was asked."""
    return [
        note(NoteKind.CORRECTED, questionnaire=wave.questionnaires[each.questionnaire].id, n=len(each.changes),
             day=f"{datetime.fromisoformat(each.at):%d/%m/%Y}", reason=each.reason)
        for each in wave.corrections
        if each.questionnaire
    ]  # fmt: skip


def _draw(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "group": row["grp"],
        "number": row["number"],
        "list_sha256": row["list_hash"],
        "public_number": row["public_number"],
        "effective_seed": row["effective_seed"],
        "algorithm": row["algorithm"],
    }


def repeated_draws(draws: Iterable[Mapping[str, Any]]) -> list[Note]:
    """A departure from the plan for each draw after a group's first."""
    return [
        note(NoteKind.DRAWN_AGAIN, group=row["grp"], number=row["number"], reason=row["reason"])
        for row in draws
        if row["reason"]
    ]


def write_json(document: Any, file: Path) -> None:
    """JSON as every dataset has it: sorted keys, indent 1, UTF-8, a line feed at the end."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8")


def sha256(file: Path) -> str:
    """The hash of a file, hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def seal_files(document: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The manifest with the hash of every file that is in the folder."""
    return {**document, "files": {file.name: sha256(file) for file in sorted(folder.iterdir())}}
