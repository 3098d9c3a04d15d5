"""What may still be corrected after a wave has opened: wording, and nothing that an answer means.

The plan that seal 0 fixes stays as it is. A correction is a new version of a questionnaire beside it, or another
hotline: recorded with its reason in an append-only chain, both versions kept and hashed, and sealed at once. ``RULES``
is the whole table; docs/reference/corrections.md prints it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forms.faults import Fault, Faults
from forms.questionnaire import Questionnaire
from forms.versions import Aspect, Difference, differences
from survey import audit, originals, seals
from survey.clock import Clock
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

VERSION = 1
CORRECTED = "wording corrected"  # the audit log's word for it


@dataclass(frozen=True, slots=True)
class Rule:
    """Whether an aspect may change while a wave is open, and why."""

    may: bool
    why: str


_MEANS = "an answer given before would mean something else"
_SHOWN = "some would be asked what others were not"
_COLUMNS = "answers before and after would not stand in the same columns"
RULES: Mapping[Aspect, Rule] = {
    Aspect.TITLE: Rule(True, "wording"),
    Aspect.MINUTES: Rule(True, "what respondents are told about the time"),
    Aspect.SECTION_TITLE: Rule(True, "wording"),
    Aspect.SECTION_INTRO: Rule(True, "wording"),
    Aspect.TEXT: Rule(True, "wording of questions and notes, in any language"),
    Aspect.HINT: Rule(True, "wording"),
    Aspect.CHOICE_TEXT: Rule(True, "wording; what the choice is worth stays"),
    Aspect.FACTOR_NAME: Rule(True, "wording, in reports"),
    Aspect.VERSION: Rule(True, "must rise with every correction, so that paper and data tell the versions apart"),
    Aspect.ID: Rule(False, "it is another questionnaire"),
    Aspect.LAYOUT: Rule(False, "forms begun before would lose their pages"),
    Aspect.SCREEN_OUT: Rule(False, _SHOWN),
    Aspect.CONTRADICTIONS: Rule(False, "the plan says what is counted"),
    Aspect.FACTORS: Rule(False, "the plan says what is counted"),
    Aspect.SECTIONS: Rule(False, _SHOWN),
    Aspect.EACH: Rule(False, _MEANS),
    Aspect.ITEMS: Rule(False, f"{_SHOWN}, or in another order"),
    Aspect.TYPE: Rule(False, _MEANS),
    Aspect.NA: Rule(False, _SHOWN),
    Aspect.REQUIRED: Rule(False, "some would be asked more firmly than others"),
    Aspect.SHOW_IF: Rule(False, _SHOWN),
    Aspect.FACTOR: Rule(False, "the plan says what is counted"),
    Aspect.LIMITS: Rule(False, "answers given before could be out of range"),
    Aspect.CHOICES: Rule(False, _COLUMNS),
    Aspect.VALUE: Rule(False, _MEANS),
}


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction as the chain holds it.

    ``questionnaire``: its name in the wave, '' for the hotline; ``before`` and ``after``: hashes of the versions, or
    the hotlines. ``changes``: each aspect with where, language and both wordings. ``spent``: forms sent before it.
    """

    number: int
    at: str
    who: str
    reason: str
    questionnaire: str
    before: str
    after: str
    changes: Sequence[Mapping[str, str]]
    spent: int
    hash: str


def refused(old: Questionnaire, new: Questionnaire) -> tuple[Difference, ...]:
    """What of a new version may not be changed any more."""
    return tuple(each for each in differences(old, new) if not RULES[each.aspect].may)


def told(difference: Difference) -> str:
    """One difference in words."""
    place = f" of “{difference.where}”" if difference.where else ""
    language = f" ({difference.language})" if difference.language else ""
    if not difference.before or not difference.after:
        done = f"“{_short(difference.after or difference.before)}” {'added' if difference.after else 'removed'}"
    else:
        done = f"“{_short(difference.before)}” → “{_short(difference.after)}”"
    return f"{difference.aspect}{place}{language}: {done}"


def _short(said: str) -> str:
    return said if len(said) <= 80 else f"{said[:79]}…"


def check(old: Questionnaire, new: Questionnaire, file: str = "") -> tuple[Difference, ...]:
    """The differences of a version that may follow. Raises Faults with the reason for each that may not."""
    found = differences(old, new)
    faults = [Fault(f"{told(each)}: {RULES[each.aspect].why}", file) for each in found if not RULES[each.aspect].may]
    if not faults and not any(each.aspect is not Aspect.VERSION for each in found):
        faults.append(Fault("says the same as the questionnaire that is asked now", file))
    if not faults and new.version <= old.version:
        faults.append(
            Fault(f"has version {new.version}: a correction of version {old.version} needs a higher one", file)
        )
    if faults:
        raise Faults(faults)
    return found


def correct(
    store: Store, clock: Clock, wave: RegisteredWave, new: Questionnaire, *, reason: str, who: str, file: str = ""
) -> Correction:
    """Put a new version in the place of a questionnaire that is being asked; respondents read it at once.

    Raises Faults where the wave is not open, asks no such questionnaire, or more than wording differs.
    """
    names = [name for name, asked in wave.questionnaires.items() if asked.id == new.id]
    if not names:
        known = ", ".join(asked.id for asked in wave.questionnaires.values())
        raise Faults([Fault(f"is questionnaire “{new.id}”; wave “{wave.spec.id}” asks {known}", file)])
    with store.moving(patient=True) as tx:  # a seal ends it
        found = _ready(tx, wave, reason)
        old = found.questionnaires[names[0]]
        changes = check(old, new, file)
        tx.wave_add_document(hash=new.hash, kind="questionnaire", id=new.id, body=new.text)
        said = [
            {"aspect": str(each.aspect), "where": each.where, "language": each.language, "before": each.before,
             "after": each.after}
            for each in changes
        ]  # fmt: skip
        return _append(tx, clock, found, names[0], old.hash, new.hash, said, reason, who)


def correct_hotline(
    store: Store, clock: Clock, wave: RegisteredWave, hotline: str, *, reason: str, who: str
) -> Correction:
    """Another number to call, on every page from now on. Raises Faults where it is empty or the same."""
    hotline = hotline.strip()
    if not hotline or hotline == wave.spec.hotline:
        raise Faults("the hotline is empty, or the one that is shown already")
    with store.moving(patient=True) as tx:  # a seal ends it
        found = _ready(tx, wave, reason)
        return _append(tx, clock, found, "", found.spec.hotline, hotline, [], reason, who)


def _ready(tx: Transaction, wave: RegisteredWave, reason: str) -> RegisteredWave:
    """The wave as it stands in this transaction; raises Faults unless it may be corrected now, for a reason."""
    from survey.wave import found_by

    if not reason.strip():
        raise Faults("a correction needs a reason, which the log, the seals and the report keep")
    state = tx.wave_now(id=wave.spec.id)["state"]
    if state != "open":
        more = ": replace its plan with `phieu wave create --replace`" if state == "draft" else ""
        raise Faults(f"wave “{wave.spec.id}” is {state}, and only what an open wave says is corrected{more}")
    return found_by(tx, wave.spec.id)


def _append(
    tx: Transaction, clock: Clock, wave: RegisteredWave, questionnaire: str, before: str, after: str,
    changes: Sequence[Mapping[str, str]], reason: str, who: str,
) -> Correction:  # fmt: skip
    """Write the next link of the chain, its entry in the log, and the seal that holds it."""
    identity, last = wave.spec.id, list(tx.correction_all(wave=wave.spec.id))
    body = {
        "v": VERSION, "wave": identity, "number": len(last) + 1, "at": clock().isoformat(timespec="seconds"),
        "who": who, "reason": reason.strip(), "previous": last[-1]["hash"] if last else "",
        "questionnaire": questionnaire, "before": before, "after": after, "changes": list(changes),
        "spent": sum(row["spent"] for row in tx.seal_counts(wave=identity)),
    }  # fmt: skip
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    hash = hashlib.sha256(text.encode()).hexdigest()
    tx.correction_add(wave=identity, number=body["number"], body=text, hash=hash)
    detail = {"number": body["number"], "correction": hash, "reason": reason.strip()}
    detail |= {"questionnaire": questionnaire, "from": before, "to": after}
    audit.append(tx, clock, who, CORRECTED, identity, detail)
    seals.write(tx, clock, wave)
    return _read(text, hash)


def _read(text: str, hash: str) -> Correction:
    body: dict[str, Any] = json.loads(text)
    return Correction(
        body["number"], body["at"], body["who"], body["reason"], body["questionnaire"], body["before"], body["after"],
        tuple(body["changes"]), body["spent"], hash,
    )  # fmt: skip


def of(tx: Transaction, wave: str) -> tuple[Correction, ...]:
    """Every correction of a wave, the first first. Raises Altered where one is not what its hash says."""
    rows = list(tx.correction_all(wave=wave))
    for row in rows:
        if originals.digest(row["body"]) != row["hash"]:
            raise originals.Altered(f"correction {row['number']} of wave “{wave}” was altered in the database")
    return tuple(_read(row["body"], row["hash"]) for row in rows)
