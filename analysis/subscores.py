"""Answers + framework → scores of each group for every unit and subcriterion, with their covariance (METHOD §6).

A group's score is an answer-level ratio, Σ w Σ_items value / Σ w Σ_items 1 over the usable answers to the items of the
subcriterion that the group's questionnaire asks; "don't know", declined and blank are not usable. An item that fewer
than k of a unit's respondents answered does not count there: its answers would follow from the score and other items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.dataset import Dataset
from analysis.design import Bools, Codes, Floats, Lonely
from analysis.disclosure import counting
from analysis.estimates import Estimates, ratios
from analysis.notes import Note, NoteKind, note
from analysis.pooling import Pooled, pooled
from analysis.weights import wave_design
from forms.faults import Faults
from forms.framework import Rule, RuleKind, Subcriterion

POOL_BELOW = 5
_STRUCTURE = ("unit",)


@dataclass(frozen=True, slots=True, eq=False)
class GroupScores:
    """One group's scores for U units × K subcriteria, before any step or target is applied.

    ``score`` (U, K) nan without a usable answer; ``n`` (U, K) assessments with one; ``covariance`` (U·K, U·K), unit by
    unit, pooled parts included; ``pooled`` (U, K) where the variance is pooled; ``df`` (U,) of the unit's assessments.
    """

    group: str
    units: tuple[str, ...]
    subcriteria: tuple[str, ...]
    score: Floats
    n: Codes
    covariance: Floats
    pooled: Bools
    df: Floats
    notes: tuple[Note, ...]

    @property
    def se(self) -> Floats:
        """(U, K) standard errors."""
        return np.asarray(np.sqrt(np.clip(np.diag(self.covariance), 0.0, None)).reshape(self.score.shape))


def choice_values(codebook: Mapping[str, Any], item: str, rule: Rule | None) -> Floats:
    """Value of each choice of an item by position, nan where it has none; 1 and 0 for favourable or not.

    Raises ``Faults``: unknown item, not a closed single choice, one without choices, a value outside [0, 1], no such
    favourable choice.
    """
    entry = next((each for each in codebook["items"] if each["id"] == item), None)
    if entry is None:
        raise Faults(f"the framework counts the item “{item}”, which the dataset does not have")
    if entry["type"] not in ("scale", "single"):
        raise Faults(f"the framework counts the item “{item}”, which is of type {entry['type']}, not scale or single")
    choices = sorted(entry["choices"], key=lambda choice: int(choice["position"]))
    if not choices:
        raise Faults(f"the framework counts the item “{item}”, which has no choices in the codebook")
    if rule is not None and (rule.kind in (RuleKind.SHARE, RuleKind.TARGET) or rule.of == "share"):
        unknown = set(rule.favourable) - {choice["id"] for choice in choices}
        if unknown:
            raise Faults(f"the item “{item}” has no choice “{min(unknown)}”, which the framework calls favourable")
        return np.array([float(choice["id"] in rule.favourable) for choice in choices])
    values = np.array([np.nan if choice.get("value") is None else float(choice["value"]) for choice in choices])
    if ((values < 0) | (values > 1)).any():
        raise Faults(f"the item “{item}” has a choice value outside 0 to 1")
    return values


def asked_items(codebook: Mapping[str, Any], questionnaire: str) -> frozenset[str]:
    """The items that a questionnaire asks."""
    return frozenset(each["id"] for each in codebook["items"] if questionnaire in each["questionnaires"])


class AnswerSums(NamedTuple):
    """Per row and subcriterion the sum of the values and the number of answers that count, both (n, K).

    ``few``: (unit, item) whose answers do not count, fewer than k having answered.
    """

    values: Floats
    counts: Floats
    few: frozenset[tuple[str, str]]


def answer_sums(
    table: pa.Table, codebook: Mapping[str, Any], questionnaire: str, subcriteria: Sequence[Subcriterion], k: int
) -> AnswerSums:
    """What the rows of one group add to each subcriterion; ``table`` has the column ``unit`` and the items."""
    asked = asked_items(codebook, questionnaire)
    names, unit = np.unique(np.array(table["unit"].to_pylist(), np.str_), return_inverse=True)
    values, counts = np.zeros((table.num_rows, len(subcriteria))), np.zeros((table.num_rows, len(subcriteria)))
    few: set[tuple[str, str]] = set()
    for column, subcriterion in enumerate(subcriteria):
        for item in (item for item in subcriterion.items if item in asked):
            by_position = choice_values(codebook, item, subcriterion.rule)
            position = np.asarray(pc.fill_null(table[item].cast(pa.int64()), -1))
            answer = np.where(position >= 0, by_position[np.clip(position, 0, len(by_position) - 1)], np.nan)
            usable = np.isfinite(answer)
            counted = counting(usable[:, None], unit, len(names), k)[:, 0]
            few |= {(name, item) for name in names[np.unique(unit[usable & ~counted])].tolist()}
            values[counted, column] += answer[counted]
            counts[counted, column] += 1
    return AnswerSums(values, counts, frozenset(few))


def group_scores(
    dataset: Dataset,
    group: str,
    units: Sequence[str],
    subcriteria: Sequence[Subcriterion],
    *,
    lonely: Lonely,
    pool_below: int = POOL_BELOW,
) -> GroupScores:
    """Scores of one group for the units of one kind, variances pooled where fewer than ``pool_below`` answered.

    Raises ``Faults`` for items that cannot be counted.
    """
    questionnaire = next(each["questionnaire"] for each in dataset.manifest["groups"] if each["id"] == group)
    asked = asked_items(dataset.codebook, questionnaire)
    items = sorted({item for subcriterion in subcriteria for item in subcriterion.items if item in asked})
    wave = wave_design(dataset, group, [*_STRUCTURE, *items])
    k = int(dataset.manifest["wave"]["k"])
    values, counts, few = answer_sums(wave.table, dataset.codebook, questionnaire, subcriteria, k)
    place = {unit: code for code, unit in enumerate(units)}
    domain = np.array([place.get(unit, -1) for unit in wave.table["unit"].to_pylist()], dtype=np.int64)
    estimated = ratios(wave.design, values, counts, domain=domain, domains=len(units), lonely=lonely)
    left = 1 - wave.design.fraction[wave.design.stratum]
    shared = pooled(estimated, values, counts, domain, left, pool_below)
    return _scores(group, units, subcriteria, estimated, shared, (*wave.notes, *_few(group, few, units, k)))


def _few(group: str, few: frozenset[tuple[str, str]], units: Sequence[str], k: int) -> list[Note]:
    here = sorted({item for unit, item in few if unit in set(units)})
    cells = sum(unit in set(units) for unit, _ in few)
    return [note(NoteKind.FEW_ANSWERS, group=group, items=tuple(here), cells=cells, k=k)] if here else []


def _scores(
    group: str,
    units: Sequence[str],
    subcriteria: Sequence[Subcriterion],
    estimated: Estimates,
    shared: Pooled,
    notes: tuple[Note, ...],
) -> GroupScores:
    shape = (len(units), len(subcriteria))
    # The unit's own degrees of freedom: some subcriterion is answered by nearly everybody who assessed it.
    df = estimated.df.reshape(shape).max(axis=1, initial=0).astype(np.float64)
    return GroupScores(
        group,
        tuple(units),
        tuple(subcriterion.id for subcriterion in subcriteria),
        estimated.value.reshape(shape),
        estimated.n.reshape(shape),
        np.where(np.isfinite(estimated.covariance), estimated.covariance, 0.0) + shared.extra,
        shared.used.reshape(shape),
        df,
        notes,
    )
