"""Small forms to break."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forms import framework, questionnaire
from forms.faults import Faults
from forms.framework import Framework
from forms.questionnaire import Questionnaire

QUESTIONNAIRE = """\
id = "small"
title.vi = "Phiếu nhỏ"
title.en = "Small form"
screen_out = "used == 'no'"

[factor.staff]
name.vi = "Công chức"

[scale.satisfaction]
choices = [
  { id = "v1", value = 0.0, vi = "Không hài lòng", en = "Dissatisfied" },
  { id = "v2", value = 0.5, vi = "Bình thường", en = "Neither" },
  { id = "v3", value = 1.0, vi = "Hài lòng", en = "Satisfied" },
]

[[section]]
id = "before"
title = "Trước"
each = "respondent"
[[section.item]]
id = "role"
type = "single"
text = "Vai trò"
choices = [{ id = "head", vi = "Trưởng" }, { id = "deputy", vi = "Phó" }]

[[section]]
id = "visit"
title = "Lần đến"
[[section.item]]
id = "used"
type = "single"
text = "Có dùng không?"
required = true
choices = [{ id = "yes", vi = "Có" }, { id = "no", vi = "Không" }]

[[section]]
id = "service"
title = "Phục vụ"
[[section.item]]
id = "welcome"
type = "note"
text = "Xin trả lời về lần gần nhất."
[[section.item]]
id = "staff_1"
type = "scale"
scale = "satisfaction"
text = "Thái độ"
factor = "staff"
[[section.item]]
id = "visits"
type = "number"
text = "Số lần đến"
min = 0
max = 50
[[section.item]]
id = "ways"
type = "multiple"
text = "Cách nộp"
choices = [{ id = "online", vi = "Trực tuyến" }, { id = "counter", vi = "Trực tiếp" }]
na = true
[[section.item]]
id = "month"
type = "date"
text = "Tháng nộp"
[[section.item]]
id = "many"
type = "single"
text = "Vì sao đến nhiều lần?"
show_if = "visits > 1 and 'counter' in ways"
choices = [{ id = "papers", vi = "Thiếu giấy tờ" }, { id = "absent", vi = "Vắng người" }]
[[section.item]]
id = "papers"
type = "text"
text = "Thiếu giấy tờ gì?"
show_if = "many == 'papers'"
max_length = 20

[[section]]
id = "after"
title = "Sau"
each = "respondent"
[[section.item]]
id = "answered_by"
type = "single"
text = "Ai trả lời?"
choices = [{ id = "myself", vi = "Tôi" }, { id = "delegated", vi = "Người khác" }]
"""

FRAMEWORK = """\
id = "small"
title.vi = "Bộ chỉ số nhỏ"
illustrative = true
[[kind.department.domain]]
id = "service"
name.vi = "Phục vụ"
points = 60
[[kind.department.domain.criterion]]
id = "service_staff"
name.vi = "Công chức"
[[kind.department.domain.criterion.subcriterion]]
id = "service_attitude"
name.vi = "Thái độ"
points = 40
source = "survey"
items = ["staff_1"]
shares = { nguoi_dan = 0.6, to_chuc = 0.4 }
[[kind.department.domain.criterion.subcriterion]]
id = "service_rules"
name.vi = "Quy chế"
points = 20
source = "appraised"
[[kind.department.domain]]
id = "steering"
name.vi = "Chỉ đạo"
[[kind.department.domain.criterion]]
id = "steering_plan"
name.vi = "Kế hoạch"
[[kind.department.domain.criterion.subcriterion]]
id = "steering_quality"
name.vi = "Chất lượng"
source = "both"
survey_points = 15
appraised_points = 25
rule = { kind = "share", favourable = ["v2", "v3"] }
items = ["staff_1"]
shares = { nguoi_dan = 1 }
[[not_applicable]]
unit = "thanh_tra"
subcriteria = ["service_attitude"]
reason.vi = "Không có hồ sơ"
"""


def line_with(source: str, part: str) -> int:
    """The line, from 1, of the only place where ``part`` stands."""
    lines = [number for number, line in enumerate(source.split("\n"), 1) if part in line]
    assert len(lines) == 1, f"{part!r} stands on lines {lines}"
    return lines[0]


Break = Callable[..., list[tuple[int | None, str]]]


@pytest.fixture
def small_text() -> str:
    return QUESTIONNAIRE


@pytest.fixture
def small() -> Questionnaire:
    return questionnaire.load(QUESTIONNAIRE, "small.toml")


@pytest.fixture
def framework_text() -> str:
    return FRAMEWORK


@pytest.fixture
def small_framework(small: Questionnaire) -> Framework:
    return framework.load(FRAMEWORK, "small.toml", small.items)


def _broken(
    source: str, load: Callable[[str], object], changes: tuple[tuple[str, str], ...]
) -> list[tuple[int | None, str]]:
    for old, new in changes:
        assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times"
        source = source.replace(old, new)
    with pytest.raises(Faults) as caught:
        load(source)
    assert {fault.file for fault in caught.value.faults} == {"f.toml"}
    return [(fault.row, fault.message) for fault in caught.value.faults]


@pytest.fixture
def break_questionnaire() -> Break:
    """Replace parts of the small questionnaire; the (line, message) of every fault."""
    return lambda *changes: _broken(QUESTIONNAIRE, lambda source: questionnaire.load(source, "f.toml"), changes)


@pytest.fixture
def break_framework(small: Questionnaire) -> Break:
    """Replace parts of the small framework; the (line, message) of every fault."""
    return lambda *changes: _broken(FRAMEWORK, lambda source: framework.load(source, "f.toml", small.items), changes)


@pytest.fixture
def where() -> Callable[[str, str], int]:
    return line_with
