"""The record of a review (biên bản rà soát): what a unit's points were, what they are, and why."""

from __future__ import annotations

from dataclasses import dataclass

from analysis import compose, rounds
from analysis.dataset import Dataset
from analysis.numbers import NOTHING, number, signed
from analysis.rounds import GIVEN, NAMES, Kept, Round
from analysis.wanted import Wanted
from forms.framework import Framework
from survey.paper import typesetting


@dataclass(frozen=True, slots=True)
class SurveyPoints:
    """What the frozen answers give a unit, counted again: they are never opened again."""

    points: float | None
    maximum: float
    dataset_hash: str


def survey_points(dataset: Dataset, framework: Framework, unit: str) -> SurveyPoints:
    """Count the survey points of one unit from its frozen dataset. Raises Faults."""
    result = compose.index_result(dataset, framework, {}, draws=1000)
    for kind in result.kinds:
        for each in (*kind.units, *kind.unranked):
            if each.unit == unit:
                most = sum(figure.survey_maximum for figure in each.subcriteria)
                return SurveyPoints(each.survey_points, most, dataset.hash)
    return SurveyPoints(None, 0.0, dataset.hash)


def pdf(kept: Kept, table: Wanted, unit: str, survey: SurveyPoints | None = None) -> bytes:
    """The record of one unit as PDF, A4 across, to be signed by both sides."""
    own, first = kept.cells(Round.SELF), kept.cells(Round.APPRAISED)
    now = kept.cells(*GIVEN)
    changes = rounds.changes(kept, unit)
    moved = list(dict.fromkeys(change.subcriterion for change in changes if change.round != Round.SELF))
    names, maxima = table.names, table.maxima[unit]

    def total(cells: dict[tuple[str, str], float]) -> float:
        return sum(value for (whose, _), value in cells.items() if whose == unit)

    data = {
        "unit": table.units[unit].name,
        "window": [_day(day) for day in kept.window(unit) or ()],
        "rows": [
            [str(place), names[sub], number(maxima.get(sub)), number(own.get((unit, sub))),
             number(first.get((unit, sub))), number(now.get((unit, sub))), _last(changes, sub, "reason"),
             _last(changes, sub, "document")]
            for place, sub in enumerate(moved, 1)
        ],
        "totals": [number(sum(maxima.values())), number(total(own)) if own else NOTHING, number(total(first)),
                   number(total(now)), signed(total(now) - total(first))],
        "steps": [
            [NAMES[Round(record["round"])], _day(record["at"][:10]), record["by"], record["file"]]
            for record in kept.rounds
            if any(cell["unit"] == unit for cell in record["cells"])
        ],
        "survey": [number(survey.points), number(survey.maximum), survey.dataset_hash] if survey else [],
        "head": kept.head,
    }  # fmt: skip
    return typesetting.pdf("review", data)


def _last(changes: object, sub: str, key: str) -> str:
    told = [str(getattr(change, key)) for change in changes if change.subcriterion == sub]  # type: ignore[attr-defined]
    return told[-1] if told else ""


def _day(text: str) -> str:
    year, month, day = text.split("-")
    return f"{day}/{month}/{year}"
