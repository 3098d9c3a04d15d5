"""What a response says, as one document, and the one size that every box of a wave has. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from forms import answers
from forms.answers import Value
from forms.questionnaire import Item, ItemType, Questionnaire
from survey import dispositions, pace
from survey.dispositions import Disposition
from survey.drafts import Draft
from survey.invitations import Invitation
from survey.plan.wave_spec import AT_ONCE

if TYPE_CHECKING:
    from survey.wave import RegisteredWave, WaveSpec

VERSION = 1
FRAME_BYTES = 1024  # for everything but answers: cell, disposition, punctuation
_UNIT_BYTES = 72  # {"answers":…,"unit":"…","weight":…}, without the unit's id
_STEP = 512
_NUMBER_BYTES = 12  # an int32 with its sign, or a month
_CHARACTER_BYTES = 4  # in UTF-8; a quote or line end is escaped to two


def contents(
    wave: RegisteredWave,
    invitation: Invitation,
    draft: Draft,
    *,
    answered: str = "",
    now: int = 0,
    reminded: bool = False,
) -> tuple[Disposition, bytes]:
    """The disposition and the canonical JSON of what a draft submits: visible and answered items only.

    A declined unit has ``"answers": null``. Who declined every unit, and answered nothing else that could count,
    broke off; declined units do not lower the completeness of the others (METHOD §4 counts them apart). ``answered``:
    the mode of the answer where it is not the cell's; only the box knows. ``now``: seconds since 1970, which become a
    band; ``reminded``: a first reminder had begun. Who is never reminded belongs to neither side of it.
    """
    questionnaire = wave.questionnaire_of(invitation.group)
    about_respondent = draft.answers()
    assessed = {unit: draft.answers(unit) for unit in invitation.unit_ids if unit not in draft.declined}
    together = {unit: {**about_respondent, **values} for unit, values in assessed.items()}
    respondent: dict[str, Value] = {}
    units = []
    for unit, weight in invitation.units:
        said = answers.submitted(questionnaire, together[unit]) if unit in together else None
        if said is not None:
            respondent |= {item: value for item, value in said.items() if item not in questionnaire.unit_items}
            said = {item: value for item, value in said.items() if item in questionnaire.unit_items}
        units.append({"unit": unit, "weight": weight, "answers": _cut(questionnaire, said)})
    if not together:
        respondent = answers.submitted(questionnaire, about_respondent)
    state = _disposition(wave, questionnaire, about_respondent, assessed)
    frame = _frame(invitation, state)
    if answered and answered != invitation.mode:
        frame["answered"] = answered
    elif now:
        frame |= _when(wave, questionnaire, invitation.mode, draft, now, reminded)
    return state, _json({**frame, "units": units, "respondent": _cut(questionnaire, respondent)})


def read(content: bytes) -> dict[str, Any]:
    """A box's document. Raises ValueError when it is none of ours."""
    document = json.loads(content)
    if not isinstance(document, dict) or document.get("v") != VERSION:
        raise ValueError("this box holds a document of another format")
    return document


def box_bytes(spec: WaveSpec, questionnaires: Mapping[str, Questionnaire]) -> int:
    """What every box of a wave is padded to: the longest response that any group could give, in steps of 512."""
    longest_unit = max((len(unit.id) for unit in spec.units), default=0)
    worst = 0
    for group in spec.groups:
        questionnaire = questionnaires[group.questionnaire]
        sizes = {id: _answer_bytes(item) for id, item in questionnaire.items.items()}
        once_a_unit = sum(size for id, size in sizes.items() if id in questionnaire.unit_items)
        units = spec.most_units_of(group) * (_UNIT_BYTES + longest_unit + once_a_unit)
        once = sum(size for id, size in sizes.items() if id not in questionnaire.unit_items)
        worst = max(worst, units + once)
    return -(-(FRAME_BYTES + worst) // _STEP) * _STEP


def frame_excess(invitation: Invitation) -> int:
    """Bytes by which the description of an invitation's cell exceeds its allowance; at most 0 when it fits."""
    timed = {"duration": pace.LONG, "phase": pace.Phase.BEFORE.value}
    longest = max((_json({**_frame(invitation, state), **timed}) for state in Disposition), key=len)
    return len(longest) + 64 - FRAME_BYTES  # 64: the names of the two lists, their brackets, the padding's length


def _frame(invitation: Invitation, state: Disposition) -> dict[str, Any]:
    cell = {
        "group": invitation.group,
        "stratum": invitation.stratum,
        "wclass": invitation.wclass,
        "margins": dict(invitation.margins),
        "mode": invitation.mode,
    }
    return {"v": VERSION, "cell": cell, "disposition": state.value}


def _when(
    wave: RegisteredWave, questionnaire: Questionnaire, mode: str, draft: Draft, now: int, reminded: bool
) -> dict[str, Any]:
    """All that a box says about time: a band of the pace, a side of the first reminder."""
    told: dict[str, Any] = {}
    band = pace.band(wave.spec.pace, questionnaire, draft, now)
    if band is not None:
        told["duration"] = band
    if mode not in AT_ONCE:
        told["phase"] = (pace.Phase.AFTER if reminded else pace.Phase.BEFORE).value
    return told


def _disposition(
    wave: RegisteredWave,
    questionnaire: Questionnaire,
    about_respondent: Mapping[str, Value],
    assessed: Mapping[str, Mapping[str, Value]],
) -> Disposition:
    if not assessed:
        return Disposition.BROKE_OFF
    if all(answers.screened_out(questionnaire, {**about_respondent, **values}) for values in assessed.values()):
        return Disposition.SCREENED_OUT
    answered, applicable = answers.completeness(questionnaire, about_respondent, tuple(assessed.values()))
    limits = wave.spec.thresholds
    return dispositions.of_submit(answered, applicable, complete=limits.complete, partial=limits.partial)


def _cut(questionnaire: Questionnaire, said: Mapping[str, Value] | None) -> dict[str, Value] | None:
    """Texts no longer than their items allow. Pages refuse longer ones; a box must never be too small for a submit."""
    if said is None:
        return None
    return {
        id: value[: questionnaire.items[id].max_length] if isinstance(value, str) else value
        for id, value in said.items()
    }


def _answer_bytes(item: Item) -> int:
    """The longest that ``"item":value,`` can be."""
    match item.type:
        case ItemType.NOTE:
            return 0
        case ItemType.TEXT:
            value = _CHARACTER_BYTES * item.max_length + 2
        case ItemType.MULTIPLE:
            value = 2 + sum(len(choice.id) + 3 for choice in item.choices)
        case ItemType.NUMBER | ItemType.DATE:
            value = _NUMBER_BYTES
        case _:
            value = 2 + max((len(choice.id) for choice in item.choices), default=0)
    return len(item.id) + 4 + max(value, 2 + len(answers.DECLINED))


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
