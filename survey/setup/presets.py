"""Respondent groups as most waves have them, ready to be changed: whom, with which questionnaire, drawn how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forms.names import free_identifier

CITIZENS, ORGANISATIONS, DEPARTMENTS, COMMUNES, OWN = "nguoi_dan", "to_chuc", "lanh_dao_so", "lanh_dao_xa", "cong_chuc"
PRESETS = (CITIZENS, ORGANISATIONS, DEPARTMENTS, COMMUNES, OWN)
_NAMES = {
    CITIZENS: ("Người dân đã làm thủ tục hành chính", "Citizens who used a service"),
    ORGANISATIONS: ("Tổ chức, doanh nghiệp đã làm thủ tục hành chính", "Organisations that used a service"),
    DEPARTMENTS: ("Lãnh đạo các sở, ban, ngành", "Leaders of departments"),
    COMMUNES: ("Lãnh đạo UBND cấp xã", "Leaders of communes"),
    OWN: ("Công chức tự đánh giá cơ quan mình", "Civil servants on their own office"),
}
_EACH = {CITIZENS: (30, 15), ORGANISATIONS: (20, 10)}  # drawn of each unit on average, and at least
_DOSSIERS, _POSTS = 0.7, 0.85  # shares expected to answer
_DOSSIER_TARGET = {
    "population": {"vi": "Người, tổ chức có ít nhất một hồ sơ được cơ quan giải quyết trong kỳ"},
    "frame": {"vi": "Danh sách hồ sơ của hệ thống thông tin giải quyết thủ tục hành chính"},
    "gaps": {"vi": "Hồ sơ không nộp qua bộ phận một cửa"},
}
_POST_TARGET = {
    "population": {"vi": "Mọi người giữ vị trí được nêu vào ngày lập danh sách"},
    "frame": {"vi": "Danh sách vị trí do các cơ quan cung cấp"},
    "gaps": {"vi": "Vị trí bỏ trống vào ngày lập danh sách"},
}


def name_of(preset: str, language: str) -> str:
    """What a preset is called."""
    return _NAMES[preset][language == "en"]


def group(preset: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """A ``[[group]]`` table for this plan. The reference period is another group's, else left to be typed."""
    units: Sequence[Mapping[str, Any]] = data.get("unit", [])
    groups: Sequence[Mapping[str, Any]] = data.get("group", [])
    made: dict[str, Any] = {
        "id": free_identifier(preset, {str(each.get("id")) for each in groups}, "nhom"),
        "name": {"vi": _NAMES[preset][0], "en": _NAMES[preset][1]},
        **_asked(preset, units),
    }
    target = dict(_DOSSIER_TARGET if made["assesses"] == "dossier" else _POST_TARGET)
    told = [each["target"]["period"] for each in groups if each.get("target", {}).get("period")]
    made["target"] = target | ({"period": told[-1]} if told else {})
    return made


def _asked(preset: str, units: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if preset in _EACH:
        mean, least = _EACH[preset]
        questionnaire = "citizen" if preset == CITIZENS else "organisation"
        design = {"method": "stratified", "by": ["unit"], "n": mean * max(1, len(units)), "min": least,
                  "allocation": "proportional", "response": _DOSSIERS}  # fmt: skip
        return {"questionnaire": questionnaire, "assesses": "dossier", "design": design, "margins": ["channel"]}
    census = {"method": "census", "response": _POSTS}
    if preset == OWN:
        return {"questionnaire": "self", "assesses": "own", "design": {**census, "by": ["unit"]}}
    kinds = list(dict.fromkeys(str(each.get("kind")) for each in units)) or ["department"]
    if preset == COMMUNES and "department" in kinds:
        kinds = ["department"]
    return {"questionnaire": "official", "assesses": "kind:" + ",".join(kinds), "design": census}
