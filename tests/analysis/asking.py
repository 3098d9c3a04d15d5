"""A small file and questions to it."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from analysis.answer import Answer, answer
from analysis.assembly import Layout
from analysis.question import Asked, Question, Statistic
from analysis.sheet import Sheet


def sheet(**columns: Sequence[object]) -> Sheet:
    arrays = {name: pa.chunked_array([pa.array([str(cell) for cell in cells])]) for name, cells in columns.items()}
    return Sheet("made.csv", arrays, len(next(iter(columns.values()))))


MEAN = Asked(Statistic.MEAN, "y")


def asked(file: Sheet, *questions: Asked, layout: Layout | None = None, **options: object) -> Answer:
    return answer(file, layout or Layout(), Question(questions or (MEAN,), **options))  # type: ignore[arg-type]


def noted(found: Answer, told: str) -> bool:
    return any(told in note for note in found.notes)
