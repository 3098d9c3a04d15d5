"""Sealed boxes → the frozen dataset: opened, compared with the invitations, merged to cells of k, in Parquet."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from msgspec import structs

from analysis.notes import Note
from forms.faults import Fault, Faults
from survey import audit, codebook, sealing
from survey.clock import Clock
from survey.counter import secret as counter_draw
from survey.dispositions import Disposition, State
from survey.freeze import columns, days, fieldwork, held, manifest, opening, pairs, stages
from survey.freeze.apart import require_apart
from survey.freeze.cells import Merged, labelled, merge
from survey.freeze.opening import Cell
from survey.freeze.respondent import Label, Respondent
from survey.keying import record as paper_record
from survey.plan.wave_spec import Group
from survey.sample.sampling import MERGED
from survey.store import Store
from survey.uncollected import uncollected
from survey.wave import RegisteredWave

Told = Callable[[int, int, str], None]
WALK_IN = "open"  # the mode of who came through a poster


@dataclass(frozen=True, slots=True)
class Collected:
    """What the store holds of a wave, read in one transaction."""

    waiting: Mapping[Cell, int]
    answered: Mapping[Cell, int]  # invitations
    mixed: Mapping[tuple[Cell, str], int]  # as the mixer counted them
    dispositions: Mapping[tuple[Cell, str], int]
    design: Sequence[Mapping[str, Any]]
    draws: Sequence[Mapping[str, Any]]
    seals: Sequence[Mapping[str, Any]]
    psus: Sequence[Mapping[str, Any]]
    factors: Mapping[Cell, float]
    releases: Sequence[Mapping[str, Any]]
    days: Sequence[Mapping[str, Any]]
    extensions: Sequence[Mapping[str, Any]]
    counter: Sequence[Mapping[str, Any]]
    paper: paper_record.Kept
    corrections: Sequence[Mapping[str, Any]]
    fieldwork: fieldwork.Kept


@dataclass(frozen=True, slots=True)
class Frozen:
    """A dataset that was written: where, the hash of its manifest, and the manifest."""

    folder: Path
    hash: str
    manifest: Mapping[str, Any]


@uncollected()
def freeze(
    store: Store,
    clock: Clock,
    wave: RegisteredWave,
    keys: sealing.KeyPair,
    folder: Path,
    *,
    who: str,
    interim: bool = False,
    told: Told = lambda done, total, text: None,
) -> Frozen:
    """Open a closed wave's boxes (with ``interim`` an open one's) and write the dataset into the new ``folder``.

    Raises Faults, having written nothing, when the wave is open, the key is another, a box does not open, or boxes and
    spent invitations differ.
    """
    _must_be_ready(wave, keys, folder, interim)
    if not interim:
        counter_draw.require_reconciled(store, wave)
    collected, opened = _opened(store, wave, keys, folder, interim, told)
    if collected.waiting and not interim:
        raise Faults("boxes still wait to be mixed: run `phieu close` again")
    opening.compare(opened, collected.answered, collected.mixed, collected.waiting)
    opened, weighed = stages.reweighted(opened, collected.dispositions, collected.factors)
    collected, opened = replace(collected, dispositions=weighed), opening.as_answered(opened)
    with _whole(folder) as scratch:
        told(len(opened), len(opened), "writing the dataset")
        document = _write(wave, *_official(collected, opened), scratch, interim)
        require_apart(store, wave.spec.id, scratch, wave.spec.k, interim=interim)
        hash = manifest.sha256(scratch / "manifest.json")
        with store.write() as tx:  # a dataset that the log does not know would pass for an altered one
            if not interim:
                tx.freeze_mark(wave=wave.spec.id)
            detail = {"dataset": hash, "folder": str(folder.resolve()), "interim": interim, **document["counts"]}
            audit.append(tx, clock, who, audit.FROZEN, wave.spec.id, detail)
    return Frozen(folder, hash, document)


def _official(collected: Collected, opened: Sequence[Respondent]) -> tuple[Collected, list[Respondent], dict[str, int]]:
    """What was drawn, and apart from it how many walk-ins of each group answered: they belong to no sample."""
    drawn = {(cell, state): n for (cell, state), n in collected.dispositions.items() if cell.mode != WALK_IN}
    walk_ins = Counter(each.label.group for each in opened if each.mode == WALK_IN)
    official = [each for each in opened if each.mode != WALK_IN]
    return replace(collected, dispositions=drawn), official, dict(sorted(walk_ins.items()))


def _must_be_ready(wave: RegisteredWave, keys: sealing.KeyPair, folder: Path, interim: bool) -> None:
    if wave.state == "draft":
        raise Faults(f"wave “{wave.spec.id}” was never opened: there is nothing to freeze")
    if wave.state == "open" and not interim:
        raise Faults(f"wave “{wave.spec.id}” is open: close it first, or ask for an --interim dataset")
    if keys.public != wave.public_key:
        raise Faults(f"this private key does not belong to wave “{wave.spec.id}”: its public half is another")
    if folder.exists():
        raise Faults([Fault("exists already: a dataset is never written over; name a new folder", str(folder))])


def _opened(
    store: Store, wave: RegisteredWave, keys: sealing.KeyPair, folder: Path, interim: bool, told: Told
) -> tuple[Collected, list[Respondent]]:
    """What is stored, and what is in the boxes. To open a million takes a minute; no transaction lasts so long, for
    meanwhile the database's log, which tells which rows came together, could not be cut.

    Of a closed wave boxes only lie there: they are read piece by piece, and what came or went all the same differs
    from what is counted. Of an open one they are copied first, in the transaction that counts.
    """
    info = sealing.box_info(wave.spec.id, wave.plan_hash)
    with held.beside(folder) if interim else nullcontext() as copied:
        collected = read(store, wave.spec.id, copied)
        total = sum(collected.mixed.values())
        boxes = held.by_pieces(store, wave.spec.id) if copied is None else copied
        return collected, opening.open_boxes(boxes, keys.private, info, lambda done: told(done, total, "opening boxes"))


def read(store: Store, wave: str, boxes: held.Held | None = None) -> Collected:
    """What is stored of a wave, as one consistent state; its boxes go to ``boxes``."""
    with store.read() as tx:
        if boxes is not None:
            boxes.take(row["box"] for row in tx.freeze_boxes(wave=wave))
        design = [
            {
                "label": opening.label(row["grp"], row["stratum"], row["wclass"], json.loads(row["margins"])),
                "method": row["method"],
                "population": row["population"],
                "drawn": row["drawn"],
            }
            for row in tx.freeze_design(wave=wave)
        ]
        return Collected(
            opening.by_cell(tx.freeze_waiting(wave=wave)),
            opening.by_cell(tx.freeze_answered(wave=wave)),
            opening.by_disposition(tx.freeze_mixed(wave=wave)),
            opening.by_disposition(tx.freeze_dispositions(wave=wave)),
            design,
            [dict(row) for row in tx.freeze_draws(wave=wave)],
            [dict(row) for row in tx.freeze_seals(wave=wave)],
            [dict(row) for row in tx.freeze_psus(wave=wave)],
            stages.factors(tx.freeze_factors(wave=wave)),
            [dict(row) for row in tx.freeze_releases(wave=wave)],
            [dict(row) for row in tx.freeze_days(wave=wave)],
            [dict(row) for row in tx.wave_extensions(wave=wave)],
            counter_draw.published(tx, wave),
            paper_record.kept(tx, wave),
            [{"body": row["body"], "hash": row["hash"]} for row in tx.correction_all(wave=wave)],
            fieldwork.kept(tx, wave),
        )


def _write(
    wave: RegisteredWave,
    collected: Collected,
    opened: Sequence[Respondent],
    walk_ins: Mapping[str, int],
    scratch: Path,
    interim: bool,
) -> dict[str, Any]:
    """Every file of the dataset, the manifest last; returns the manifest."""
    spec = wave.spec
    valid = [each for each in opened if each.disposition in spec.estimation.valid]
    if interim:  # no mode, phase or pace: a single new one beside the state before would be somebody's
        valid = [structs.replace(each, mode=MERGED, phase="", band=None) for each in valid]
    parted = _merged(collected, valid, spec.groups, spec.k)
    merged = parted.merged
    read_as = wave.questionnaires_as_read()
    used = {group.questionnaire: read_as[group.questionnaire] for group in spec.groups}
    items = codebook.items(used.values())
    asked = {group.id: used[group.questionnaire] for group in spec.groups}
    margins = list(dict.fromkeys(name for group in spec.groups for name in group.margins))
    table = columns.assessments(merged.respondents, items, asked, margins, parted.number)
    columns.write(table, scratch / "assessments.parquet")
    columns.write(
        columns.design(collected.design, collected.dispositions, merged.labels, margins), scratch / "design.parquet"
    )
    if parted.table is not None:
        columns.write(parted.table, scratch / "psu.parquet")
    columns.write(columns.comments(merged.respondents, items), scratch / "comments.parquet")
    blocks = {group.id for group in spec.groups if manifest.in_blocks(group, spec)}
    columns.write(pairs.pairs(collected.dispositions, blocks, spec.estimation.valid), scratch / "pairs.parquet")
    columns.write(days.days(collected.days, collected.dispositions, spec.k), scratch / "days.parquet")
    timed = [name for name in codebook.TIMED if name in table.column_names]
    manifest.write_json(codebook.document(list(used.values()), margins, timed), scratch / "codebook.json")
    manifest.write_json([{"body": row["body"], "hash": row["hash"]} for row in collected.seals], scratch / "seals.json")
    counts = _counts(collected, opened, merged, len(table))
    document = _told(wave, collected, counts, merged.notes, interim)
    document = manifest.seal_files({**document, "walk_ins": walk_ins}, scratch)
    manifest.write_json(document, scratch / "manifest.json")
    return document


def _merged(collected: Collected, valid: Sequence[Respondent], groups: Sequence[Group], k: int) -> stages.Staged:
    """Respondents in cells of k, under the labels that the design table gets too."""
    labels = _labels(collected)
    joined = stages.pooled(valid, labels, groups, k)
    near = [labelled(each, joined[each.label]) for each in valid]
    merged = merge(near, list(dict.fromkeys(joined.values())), groups, k)
    merged = replace(merged, labels={label: merged.labels[joined[label]] for label in labels})
    return stages.staged(merged, groups, collected.psus)


def _told(
    wave: RegisteredWave, collected: Collected, counts: Mapping[str, int], notes: Sequence[Note], interim: bool
) -> dict[str, Any]:
    """The manifest but for the files: what was planned, what was departed from, what doors besides the slip brought."""
    departures = [*manifest.released(collected.releases), *manifest.extended(collected.extensions)]
    departures += [*manifest.corrected(wave), *paper_record.departures(collected.paper)]
    document = manifest.document(wave, collected.draws, collected.seals, counts, notes, departures, interim)
    if collected.corrections:
        document["corrections"] = list(collected.corrections)
    if told := fieldwork.document(collected.fieldwork, wave.spec.k):
        document["fieldwork"] = told
    if collected.counter:
        document["counter"] = list(collected.counter)
    if (on_paper := paper_record.document(wave, collected.paper)) is not None:
        document["paper"] = on_paper
    return document


def _labels(collected: Collected) -> list[Label]:
    labels = [row["label"] for row in collected.design]
    return list(dict.fromkeys([*labels, *(cell.label for cell, _ in collected.dispositions)]))


def _counts(collected: Collected, opened: Sequence[Respondent], merged: Merged, rows: int) -> dict[str, int]:
    states: Counter[str] = Counter()
    for (_, state), number in collected.dispositions.items():
        states[state] += number
    said = Counter(each.disposition for each in opened)
    return {
        "issued": states.total() - states[State.REVOKED],
        "spent": sum(states[said] for said in Disposition),
        "boxes": len(opened),
        "respondents": len(merged.respondents),
        "assessments": rows,
        "screened_out": said[Disposition.SCREENED_OUT],
        "broke_off": said[Disposition.BROKE_OFF],
        "too_few": merged.too_few,
    }


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder to write into that becomes ``folder`` at the end, on the disk and all at once, or goes away.

    Opened answers are for the account that froze them alone, wherever the folder lies.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.with_name(f".{folder.name}.{secrets.token_hex(6)}")
    scratch.mkdir(mode=0o700)
    try:
        yield scratch
        for file in scratch.iterdir():
            file.chmod(0o600)
            _sync(file)
        _sync(scratch)
        scratch.rename(folder)
        _sync(folder.parent)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
