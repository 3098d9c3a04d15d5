"""Illustrative appraised points, and the previous year's published indices: the two tables an office would bring."""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis import appraised_template
from analysis.appraised import Appraised, wanted
from analysis.appraised import Unit as Assessed
from forms.framework import Framework
from survey.demo.quality import published
from survey.demo.scene import Scene, Unit

NOTICE = "SỐ LIỆU MINH HỌA – không phải điểm thẩm định thật (illustrative, not real appraised points)"


def write_appraised(scene: Scene, framework: Framework, qualities: Mapping[str, float], seed: int, file: Path) -> None:
    """Write the table of appraised points, filled so that index and quality roughly agree, and marked illustrative."""
    units = [Assessed(unit.id, unit.name, unit.kind) for unit in scene.units]
    points = {unit.id: _points(unit, framework, qualities[unit.id], seed) for unit in scene.units}
    appraised_template.write(wanted(framework, units), file, filled=Appraised(points), notice=NOTICE)


def _points(unit: Unit, framework: Framework, quality: float, seed: int) -> dict[str, float]:
    chance = random.Random(f"{seed}/appraised/{unit.id}")  # noqa: S311 (a simulation, repeatable)
    excluded = framework.excluded(unit.id)
    subcriteria = [each for each in framework.kinds[unit.kind].subcriteria if each.id not in excluded]
    appraised = sum(each.appraised_points for each in subcriteria)
    surveyed = sum(each.survey_points for each in subcriteria)
    expected = surveyed * (0.6 + (quality - 70.0) * 0.0125)  # as behaviour.fill lets people answer
    share = ((appraised + surveyed) * quality / 100 - expected) / appraised
    return {
        each.id: _graded(each.appraised_points, share + chance.gauss(0.0, 0.06))
        for each in subcriteria
        if each.appraised_points > 0
    }


def _graded(maximum: float, share: float) -> float:
    """Points in steps of 0.05, as appraisers give them, within 0 and the maximum."""
    return min(maximum, max(0.0, round(maximum * share * 20) / 20))


def write_previous(units: Sequence[Unit], facts: Mapping[str, Any], file: Path) -> int:
    """Write the published 2019 indices of those units that have one; return how many."""
    known = published(facts)
    rows = [(unit.name, known[unit.name]) for unit in units if unit.name in known]
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(("unit", "index"))
        writer.writerows(rows)
    return len(rows)
