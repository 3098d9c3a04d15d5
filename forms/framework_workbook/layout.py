"""The sheets and headings of a framework's workbook."""

from __future__ import annotations

from collections.abc import Mapping

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods")
ABOUT, CRITERIA, EXCEPTIONS = "Khung", "Tiêu chí", "Không áp dụng"
# Key in a framework file → heading. Names in other languages than Vietnamese have a column “Tên (en)” each.
COLUMNS: Mapping[str, str] = {
    "kind": "Loại đơn vị", "level": "Cấp", "id": "Mã", "name": "Tên", "points": "Điểm", "source": "Nguồn",
    "survey_points": "Điểm khảo sát", "appraised_points": "Điểm thẩm định", "rule": "Cách tính",
    "favourable": "Lựa chọn tích cực", "target": "Mức mục tiêu", "of": "Tính theo", "table": "Bảng mức",
    "items": "Câu hỏi", "shares": "Tỷ trọng nhóm", "missing": "Khi thiếu nhóm",
}  # fmt: skip
EXCEPTION_COLUMNS = {"unit": "Đơn vị", "subcriteria": "Tiêu chí thành phần", "reason": "Lý do"}
LEVELS = {"domain": "Lĩnh vực", "criterion": "Tiêu chí", "subcriterion": "Tiêu chí thành phần"}
RULE = ("rule", "favourable", "target", "of", "table")
