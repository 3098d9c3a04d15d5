"""What is published of forms on paper: how many came, what became of them, how far two keyings agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.notes import Note, NoteKind, note
from forms.questionnaire import ItemType
from survey.keying import agreement
from survey.keying.agreement import FORMS, Tally
from survey.keying.plan import PaperPlan
from survey.store import Store, Transaction
from survey.wave import RegisteredWave

_COUNTS = ("counted", "keyed", "damaged", "void", "excluded")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store holds of a wave's forms on paper."""

    batches: Sequence[Mapping[str, Any]]
    decision: Mapping[str, Any] | None
    tallies: Mapping[str, Tally]


def kept(tx: Transaction, wave: str) -> Kept:
    """Read it, in the caller's transaction."""
    decision = tx.paper_decision(wave=wave)
    return Kept(
        [dict(row) for row in tx.paper_batches(wave=wave)],
        dict(decision) if decision else None,
        {row["item"]: Tally(row["compared"], row["differed"]) for row in tx.paper_agreement(wave=wave)},
    )


def document(wave: RegisteredWave, kept: Kept) -> dict[str, Any] | None:
    """For the manifest of a dataset; None where no form came on paper.

    An item of which fewer than k cells were compared is not told apart.
    """
    if not kept.batches:
        return None
    totals: Counter[str] = Counter()
    for row in kept.batches:
        totals.update({name: row[name] for name in _COUNTS} | {"late": row["counted"] if row["late"] else 0})
    plan, texts = wave.spec.paper or PaperPlan(), _texts(wave)
    return {
        "forms": {name: totals[name] for name in (*_COUNTS, "late")},
        "late_admitted": bool(kept.decision["admitted"]) if kept.decision else None,
        "keying": str(plan.keying),
        "again": plan.share,
        "forms_compared": _told(kept.tallies.get(FORMS, Tally(0, 0))),
        "overall": _told(agreement.overall(kept.tallies, texts)),
        "items": {
            item: {**_told(tally), "words": item in texts}
            for item, tally in sorted(kept.tallies.items())
            if item != FORMS and tally.compared >= wave.spec.k
        },
    }


def departures(kept: Kept) -> list[Note]:
    """Late forms that were admitted depart from the plan, which named a last day."""
    late = sum(row["counted"] for row in kept.batches if row["late"])
    if not late or kept.decision is None or not kept.decision["admitted"]:
        return []
    return [note(NoteKind.LATE_ADMITTED, n=late, reason=kept.decision["reason"])]


def of_store(store: Store, wave: RegisteredWave) -> dict[str, Any] | None:
    """The document as of now."""
    with store.read() as tx:
        return document(wave, kept(tx, wave.spec.id))


def sentences(store: Store, wave: RegisteredWave) -> list[str]:
    """The same for people, in English."""
    told = of_store(store, wave)
    if told is None:
        return []
    cells, forms = told["overall"], told["forms_compared"]
    lines = []
    if cells["compared"]:
        lines.append(
            f"two persons keyed {forms['compared']} forms: {cells['differed']} of {cells['compared']} cells differ "
            f"({100 * cells['rate']:.2f} %), in {forms['differed']} forms; words are compared apart"
        )
    lines += [
        f"{item}: {tally['differed']} of {tally['compared']} differ"
        for item, tally in told["items"].items()
        if tally["differed"]
    ]
    return lines


def _told(tally: Tally) -> Mapping[str, Any]:
    return {"compared": tally.compared, "differed": tally.differed, "rate": tally.rate}


def _texts(wave: RegisteredWave) -> frozenset[str]:
    return frozenset(
        item.id
        for questionnaire in wave.questionnaires.values()
        for item in questionnaire.items.values()
        if item.type is ItemType.TEXT
    )
