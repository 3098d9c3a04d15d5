"""What must be known before any number of a dataset is read, in words that travel with its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mark:
    """One such thing: ``short`` for titles and labels, ``whole`` a sentence; by language."""

    short: Mapping[str, str]
    whole: Mapping[str, str]


NON_PROBABILITY = Mark(
    {"vi": "Không phải mẫu xác suất", "en": "No probability sample"},
    {
        "vi": "Không phải mẫu xác suất: không ai được chọn ngẫu nhiên từ một danh sách, nên số liệu chỉ mô tả những "
        "người đã trả lời; sai số và khoảng tin cậy không suy rộng được cho người khác.",
        "en": "No probability sample: nobody was drawn from a list, so figures describe those who answered; standard "
        "errors and intervals say nothing about anybody else.",
    },
)
_MARKS: Mapping[str, Mark] = {
    "non_probability": NON_PROBABILITY,
    "simulated": Mark(
        {"vi": "Số liệu mô phỏng", "en": "Simulated data"},
        {
            "vi": "Số liệu mô phỏng: mọi câu trả lời do máy tạo ra để trình diễn. Không dùng để đánh giá cơ quan, địa "
            "phương nào.",
            "en": "Simulated data: a machine made every answer, to demonstrate. Judge no office by them.",
        },
    ),
    "interim": Mark(
        {"vi": "Số liệu tạm thời", "en": "Interim data"},
        {
            "vi": "Số liệu tạm thời: đợt điều tra chưa kết thúc khi chốt bộ dữ liệu này.",
            "en": "Interim data: the survey was not over when they were frozen.",
        },
    ),
    "pilot": Mark(
        {"vi": "Điều tra thử", "en": "Pilot"},
        {"vi": "Điều tra thử: không dùng để xếp hạng chính thức.", "en": "Pilot: not for official ranks."},
    ),
}


def marks(manifest: Mapping[str, Any]) -> tuple[Mark, ...]:
    """Those of a dataset, gravest first."""
    return tuple(mark for name, mark in _MARKS.items() if manifest.get(name))
