"""What a unit's page says, taken from the documents of a result; only plain means of its kind are counted here."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.desk.item_view import words

MARGIN, WIDTH, HEIGHT = 46, 640, 400  # of the priority chart, in its own units


@dataclass(frozen=True, slots=True)
class Line:
    """A part of the unit against its kind, in [0, 1]; ``n`` None where the figure may not be shown."""

    name: str
    own: float | None
    low: float | None
    high: float | None
    mean: float | None
    n: int | None = None
    points: tuple[float | None, float | None] = (None, None)
    moved: float | None = None

    @property
    def apart(self) -> float | None:
        """Own − mean."""
        return None if self.own is None or self.mean is None else self.own - self.mean


@dataclass(frozen=True, slots=True)
class Spot:
    """One factor of the priority chart: how much it weighs and how it fares, and where it is drawn."""

    number: int
    name: str
    importance: float
    performance: float
    x: float
    y: float
    first: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """The priority chart: its spots, the lines that part it, and labels of the axes."""

    spots: tuple[Spot, ...]
    across: float
    down: float
    ticks_x: tuple[tuple[float, float], ...]
    ticks_y: tuple[tuple[float, float], ...]


def unit_of(result: Mapping[str, Any], unit: str) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """The unit's figures and those of its kind; None where the result does not hold it."""
    for kind in result["kinds"]:
        for each in (*kind["units"], *kind["unranked"]):
            if each["unit"] == unit:
                return each, kind
    return None


def domains(own: Mapping[str, Any], kind: Mapping[str, Any], names: Mapping[str, str]) -> list[Line]:
    """Each domain as a share of its points against the plain mean of the kind."""
    before = (own["change"] or {}).get("domains") or {}
    return [
        Line(
            names.get(figure["id"], figure["id"]), _share(figure["percent"]), None, None,
            _mean(_share(each["percent"]) for unit in _everybody(kind) for each in unit["domains"]
                  if each["id"] == figure["id"]),
            points=(figure["points"], figure["maximum"]),
            moved=None if before.get(figure["id"]) is None else before[figure["id"]] / 100,
        )
        for figure in own["domains"]
    ]  # fmt: skip


def groups(own: Mapping[str, Any], kind: Mapping[str, Any], names: Mapping[str, str]) -> list[Line]:
    """Each group's score against the mean of its scores in the kind."""
    return [
        Line(
            names.get(figure["group"], figure["group"]), figure["score"], None, None,
            _mean(each["score"] for unit in _everybody(kind) for each in unit["groups"]
                  if each["group"] == figure["group"]),
        )
        for figure in own["groups"]
    ]  # fmt: skip


def factors(found: Mapping[str, Any] | None, unit: str) -> list[Line]:
    """The satisfied share of each factor against the mean of the kind; ``found``: the kind's part of the annexes."""
    if found is None:
        return []
    lines = []
    for question in found["factors"]:
        share = found["shares"].get(unit, {}).get(question["id"]) or {}
        lines.append(Line(words(question["text"]), share.get("value"), share.get("low"), share.get("high"),
                          found["mean"].get(question["id"]), share.get("n")))  # fmt: skip
    return lines


def scale(lines: Sequence[Line]) -> tuple[float, float]:
    """Whole tenths about everything that is drawn of these lines."""
    values = [value for line in lines for value in (line.own, line.low, line.high, line.mean) if value is not None]
    return _limits(values) if values else (0.0, 1.0)


def mean_index(kind: Mapping[str, Any]) -> float | None:
    """The plain mean of the kind's indices."""
    return _mean(unit["index"] for unit in kind["units"])


def _everybody(kind: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from kind["units"]
    yield from kind["unranked"]


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100


def _mean(values: Iterator[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def priorities(names: Sequence[str], importance: Sequence[float], performance: Sequence[float | None]) -> Chart | None:
    """Factors by importance (upwards) and performance (to the right); first are those above the usual importance and
    below the mean performance. None with fewer than two factors that have a figure.
    """
    known = [(name, weight, done) for name, weight, done in zip(names, importance, performance, strict=True)
             if done is not None]  # fmt: skip
    if len(known) < 2:
        return None
    weights, shown = [each[1] for each in known], [each[2] for each in known]
    usual, middle = sum(weights) / len(weights), sum(shown) / len(shown)
    low_x, high_x = _limits([min(shown) - 0.02, max(shown)])
    step_x = 0.05 if high_x - low_x <= 0.31 else 0.1
    step_y = 0.1 if max(weights) <= 0.45 else 0.2
    high_y = step_y * math.ceil(max(weights) * 1.1 / step_y) or step_y

    def x(value: float) -> float:
        return round(MARGIN + (value - low_x) / (high_x - low_x) * (WIDTH - 2 * MARGIN), 1)

    def y(value: float) -> float:
        return round(HEIGHT - MARGIN - value / high_y * (HEIGHT - 2 * MARGIN), 1)

    spots = tuple(
        Spot(number, name, weight, done, x(done), y(weight), weight >= usual and done < middle)
        for number, (name, weight, done) in enumerate(known, start=1)
    )
    ticks_x = tuple((x(value), value) for value in _ticks(low_x, high_x, step_x))
    ticks_y = tuple((y(value), value) for value in _ticks(0.0, high_y, step_y))
    return Chart(spots, x(middle), y(usual), ticks_x, ticks_y)


def _ticks(low: float, high: float, step: float) -> list[float]:
    return [low + place * step for place in range(round((high - low) / step) + 1)]


def _limits(values: Sequence[float]) -> tuple[float, float]:
    """Whole tenths about the values, at least two apart."""
    low, high = math.floor(min(values) * 10) / 10, min(1.0, (int(max(values) * 10) + 1) / 10)
    return (max(0.0, round(low - 0.1, 1)), high) if round(high - low, 1) < 0.2 else (low, high)
