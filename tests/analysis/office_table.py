"""The points of a made-up year, in the offices' own layout."""

from __future__ import annotations

from analysis.appraised import Unit

FRAMEWORK = """
id = "tinh"
title.vi = "Bộ tiêu chí của tỉnh"
[[kind.department.domain]]
id = "steering"
name.vi = "Công tác chỉ đạo, điều hành cải cách hành chính"
[[kind.department.domain.criterion]]
id = "plan"
name.vi = "Kế hoạch cải cách hành chính"
[[kind.department.domain.criterion.subcriterion]]
id = "plan_issue"
name.vi = "Ban hành kế hoạch đúng thời hạn"
points = 10
source = "appraised"
[[kind.department.domain.criterion.subcriterion]]
id = "plan_done"
name.vi = "Mức độ hoàn thành kế hoạch"
points = 20
source = "appraised"
[[kind.department.domain.criterion]]
id = "report"
name.vi = "Thực hiện chế độ báo cáo"
[[kind.department.domain.criterion.subcriterion]]
id = "report_time"
name.vi = "Báo cáo đầy đủ, đúng thời hạn"
points = 10
source = "appraised"
[[kind.department.domain]]
id = "service"
name.vi = "Cải cách thủ tục hành chính"
[[kind.department.domain.criterion]]
id = "onestop"
name.vi = "Thực hiện cơ chế một cửa"
[[kind.department.domain.criterion.subcriterion]]
id = "onestop_time"
name.vi = "Tỷ lệ hồ sơ đúng hạn"
points = 40
source = "both"
survey_points = 10
appraised_points = 30
items = ["overall"]
shares = { nguoi_dan = 1.0 }
[[kind.department.domain.criterion.subcriterion]]
id = "onestop_pleased"
name.vi = "Mức độ hài lòng của người dân"
points = 20
source = "survey"
items = ["overall"]
shares = { nguoi_dan = 1.0 }
[[not_applicable]]
unit = "thanh_tra"
subcriteria = ["onestop_time"]
reason.vi = "Không tiếp nhận hồ sơ"
"""


UNITS = (
    Unit("so_tu_phap", "Sở Tư pháp", "department"),
    Unit("so_nn", "Sở Nông nghiệp và Phát triển nông thôn", "department"),
    Unit("thanh_tra", "Thanh tra tỉnh", "department"),
)


EXPECTED = {"plan_issue": 8.5, "plan_done": 20.0, "report_time": 7.0, "onestop_time": 25.0}
