"""Lists of the field as files: control calls, counters, batches handed over and counted in. Counts, no contact."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, abort

from survey import control_told
from survey.counter import reconciling
from survey.delivery import handover as batches
from survey.desk import downloads
from survey.desk.blueprint import blueprint
from survey.desk.counters import marks_said
from survey.desk.gate import wave_here
from survey.desk.handover import holder_name, kind_name
from survey.desk.paper import place_name
from survey.desk.words_of_fieldwork import modes
from survey.keying import counting_in
from survey.language import chosen
from survey.language import gettext as _
from survey.web import web


def _file(name: str, kind: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Response:
    if kind not in ("csv", "xlsx"):
        abort(404)
    return downloads.table(f"{wave_here().spec.id}-{name}.{kind}", headings, rows)


def _units() -> dict[str, str]:
    return {unit.id: unit.name.of(chosen()) for unit in wave_here().spec.units}


@blueprint.get("/w/<wave>/control/table.<kind>", endpoint="control_table")
def control_table(wave: str, kind: str) -> Response:
    """What control calls came to, by unit, mode and interviewer, and in all; what few said stays hidden."""
    names, everybody = _units(), _("Tất cả")
    keys = ("drawn", "called", "not_received", "not_self", "told_how", "declined", "not_reached", "open")
    told = control_told.of_store(web().store, wave, wave_here().spec.k)
    margins = [told[part] for part in ("by_cell", "by_unit", "by_mode", "by_interviewer")] if told else []
    rows = [
        (names.get(row["unit"], row["unit"]) if "unit" in row else everybody,
         modes().get(row["mode"], row["mode"]) if "mode" in row else everybody, row.get("interviewer", everybody),
         *("…" if row[key] is None else row[key] for key in keys))
        for row in [*(row for part in margins for row in part), *([told["all"]] if told else [])]
    ]  # fmt: skip
    headings = (_("Cơ quan"), _("Hình thức"), _("Điều tra viên"), _("Được chọn"), _("Đã hỏi"), _("Không nhận phiếu"),
                _("Không tự trả lời"), _("Bị bảo cách trả lời"), _("Từ chối"), _("Không gặp"),
                _("Còn lại"))  # fmt: skip
    return _file("phuc-tra", kind, headings, rows)


@blueprint.get("/w/<wave>/counters/table.<kind>", endpoint="counters_table")
def counters_table(wave: str, kind: str) -> Response:
    """How each office's counter asked, up to now."""
    here, names = wave_here(), _units()
    groups = {group.id: group.name.of(chosen()) for group in here.spec.counter_groups}
    offices = reconciling.so_far(web().store, here) if here.spec.counter else []
    rows = [
        (names.get(each.unit, each.unit), groups.get(each.group, each.group), each.listed, each.asked, each.handed,
         each.early, each.repeated, each.lapsed, each.again, marks_said(each) if each.marks else "")
        for each in offices
    ]  # fmt: skip
    headings = (_("Cơ quan"), _("Nhóm"), _("Hồ sơ đến hạn"), _("Đã hỏi"), _("Đã phát phiếu"), _("Hỏi sớm"),
                _("Hỏi lại"), _("Quá 15 phút"), _("Phát lại"), _("Dấu"))  # fmt: skip
    return _file("quay", kind, headings, rows)


@blueprint.get("/w/<wave>/handover/table.<kind>", endpoint="handover_table")
def handover_table(wave: str, kind: str) -> Response:
    """Every batch handed over; nothing of what came back where nothing was taken back yet."""
    rows = []
    for each in batches.totals(web().store, wave_here())[::-1]:
        back = ("",) * 4 if each.back is None else (each.back, each.spoiled, each.unused, each.missing)
        rows.append((each.number, holder_name(each), kind_name(each.kind), each.out, *back))
    headings = (_("Lô"), _("Người nhận"), _("Hình thức"), _("Giao"), _("Thu về"), _("Hỏng"), _("Chưa dùng"),
                _("Thiếu"))  # fmt: skip
    return _file("giao-nhan", kind, headings, rows)


@blueprint.get("/w/<wave>/paper/table.<kind>", endpoint="paper_table")
def paper_table(wave: str, kind: str) -> Response:
    """Every batch counted in, and how far it is keyed."""
    rows = [
        (each.number, place_name(each.place), each.arrived, each.counted, each.keyed, each.held, each.damaged,
         each.void + each.excluded, each.left)
        for each in counting_in.status(web().store, web().drafts, wave)
    ]  # fmt: skip
    headings = (_("Lô"), _("Nhận từ"), _("Ngày nhận"), _("Đã đếm"), _("Đã nhập"), _("Chờ người khác nhập"), _("Hỏng"),
                _("Để riêng"), _("Còn lại"))  # fmt: skip
    return _file("phieu-giay", kind, headings, rows)
