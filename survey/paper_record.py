"""What is published of forms on paper: how many came, what became of them, how far two keyings agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from forms.questionnaire import ItemType
from survey import agreement
from survey.agreement import FORMS, Tally
from survey.paper_plan import PaperPlan
from survey.store import Store, Transaction
from survey.wave import RegisteredWave

_COUNTS = ("counted", "keyed", "damaged", "void", "excluded")


def document(store: Store, wave: RegisteredWave) -> dict[str, Any] | None:
    """For the manifest of a dataset; None where no form came on paper."""
    with store.read() as tx:
        return published(tx, wave)


def published(tx: Transaction, wave: RegisteredWave) -> dict[str, Any] | None:
    """The same in the caller's transaction. An item of which fewer than k cells were compared is not told apart."""
    batches = list(tx.paper_batches(wave=wave.spec.id))
    if not batches:
        return None
    totals: Counter[str] = Counter()
    for row in batches:
        totals.update({name: row[name] for name in _COUNTS} | {"late": row["counted"] if row["late"] else 0})
    decision = tx.paper_decision(wave=wave.spec.id)
    plan = wave.spec.paper or PaperPlan()
    tallies = {row["item"]: Tally(row["compared"], row["differed"]) for row in tx.paper_agreement(wave=wave.spec.id)}
    texts = _texts(wave)
    return {
        "forms": {name: totals[name] for name in (*_COUNTS, "late")},
        "late_admitted": bool(decision["admitted"]) if decision else None,
        "late_reason": decision["reason"] if decision else None,
        "keying": str(plan.keying),
        "again": plan.share,
        "forms_compared": _told(tallies.get(FORMS, Tally(0, 0))),
        "overall": _told(agreement.overall(tallies, texts)),
        "items": {
            item: {**_told(tally), "words": item in texts}
            for item, tally in sorted(tallies.items())
            if item != FORMS and tally.compared >= wave.spec.k
        },
    }


def sentences(store: Store, wave: RegisteredWave) -> list[str]:
    """The same for people, in English."""
    told = document(store, wave)
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
