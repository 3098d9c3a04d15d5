"""Where a wave stands on the way to its opening: each step done, lacking something, or not yet to be reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from survey.sample import draws
from survey.setup import planned
from survey.setup.checking import Step
from survey.setup.preparation import Preparation
from survey.store import Store
from survey.wave import RegisteredWave

STEPS = tuple(Step)
_EDITED = (Step.ABOUT, Step.UNITS, Step.PLACES, Step.GROUPS)


class State(StrEnum):
    """How a step stands."""

    DONE = "done"
    LACKING = "lacking"
    LATER = "later"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class GroupList:
    """A group's list and what became of it: rows, units found in it, whether it is recorded and drawn."""

    group: str
    rows: int = 0
    units: int = 0
    listed: bool = False
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """The states of all steps, and the lists of the groups once a plan is registered."""

    states: Mapping[Step, State]
    lists: Mapping[str, GroupList] = field(default_factory=dict)

    @property
    def next(self) -> Step:
        """The first step that lacks something; the last one when all is done."""
        return next((step for step in STEPS if self.states[step] is State.LACKING), Step.OPEN)


def of(store: Store, now: Preparation, wave: RegisteredWave | None) -> Standing:
    """How each step stands. ``wave`` is the registered plan, where there is one."""
    states = dict.fromkeys(STEPS, State.LATER) | _edited(now)
    whole = not any(states[step] is State.LACKING for step in (*_EDITED, Step.FIELDWORK))
    lists: dict[str, GroupList] = {}
    if wave is not None and (now.registered or now.fixed):
        states[Step.PLAN] = State.DONE
        lists = group_lists(store, wave)
        states |= _sampled(store, wave, list(lists.values()))
    elif whole:
        states[Step.PLAN] = State.LACKING
    return Standing(states, lists)


def _edited(now: Preparation) -> dict[Step, State]:
    data = now.data
    lacking = {problem.step for problem in now.problems}
    lacking |= {step for key, step in (("unit", Step.UNITS), ("place", Step.PLACES), ("group", Step.GROUPS))
                if not data.get(key)}  # fmt: skip
    if now.fixed:
        lacking = set()
    said = any(key in data for key in ("fieldwork", "payment", "counter"))
    states = {step: State.LACKING if step in lacking else State.DONE for step in (*_EDITED, Step.FIELDWORK)}
    if states[Step.FIELDWORK] is State.DONE and not said:
        states[Step.FIELDWORK] = State.OPTIONAL
    return states


def group_lists(store: Store, wave: RegisteredWave) -> dict[str, GroupList]:
    """Every group that is drawn from a list."""
    key = wave.spec.id
    with store.read() as tx:
        there = {row["grp"]: row for row in tx.upload_imported(wave=key)}
        last = {group.id: tx.draw_last(wave=key, grp=group.id) for group in wave.spec.listed_groups}
    return {
        group.id: GroupList(
            group.id,
            there[group.id]["n"] if group.id in there else 0,
            there[group.id]["units"] if group.id in there else 0,
            last[group.id] is not None,
            draws.is_drawn(last[group.id]),
        )
        for group in wave.spec.listed_groups
    }


def _sampled(store: Store, wave: RegisteredWave, lists: Sequence[GroupList]) -> dict[Step, State]:
    states: dict[Step, State] = {Step.LISTS: State.LACKING}
    if not all(each.rows or each.drawn for each in lists):
        return states
    states[Step.LISTS] = State.DONE
    drawn = all(each.drawn for each in lists)
    tables = planned.tables(store, wave)
    seen = all(each.group in tables and tables[each.group].fresh for each in lists)
    states[Step.SAMPLE] = State.DONE if seen or drawn else State.LACKING
    states[Step.DRAW] = State.DONE if drawn else State.LACKING
    if drawn:
        states[Step.OPEN] = State.LACKING if wave.state == "draft" else State.DONE
    return states
