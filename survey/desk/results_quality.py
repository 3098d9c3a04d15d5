"""The fieldwork-quality annex for analysts: what the checks flagged, offices that stand apart, control calls.

Flags come from the job's output (``phieu analyse``), calls from their counters. Neither leads to a person: of an office
with fewer than k forms nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, abort
from flask.typing import ResponseReturnValue

from survey import control_told
from survey.arrivals import signals
from survey.desk import downloads, faces
from survey.desk.blueprint import blueprint
from survey.desk.gate import wave_here
from survey.desk.item_view import words
from survey.desk.rendering import page
from survey.desk.results_data import dataset_here, figures_of
from survey.desk.words_of_fieldwork import modes
from survey.language import gettext as _
from survey.publishing import shelf
from survey.web import web

HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the page and the file show it: the first ``words`` columns name the line, the others are numbers."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1


@blueprint.get("/w/<wave>/results/data/<name>/quality", endpoint="results_quality")
def quality(wave: str, name: str) -> ResponseReturnValue:
    """The annex of one dataset."""
    one, about, found = _made(name)
    return page(
        "results_quality.html", one=one, definitions=_definitions(), tables=_tables(about, found), k=about["k"],
        flagged=faces.whole(found["respondents_flagged"]), calls=_calls(),
        arrivals=_arrivals(), keyed=_keyed(), keyed_about=_keyed_about(),
        unchecked=[_names(about, "groups").get(group, group) for group in found["unchecked"]],
    )  # fmt: skip


@blueprint.get("/w/<wave>/results/data/<name>/quality.<kind>", endpoint="results_quality_file")
def quality_file(wave: str, name: str, kind: str) -> Response:
    """The flags by unit and group; CSV or XLSX."""
    _one, about, found = _made(name)
    if kind not in ("csv", "xlsx"):
        abort(404)
    made = _by_unit(about, found)
    return downloads.table(f"{wave}-chat-luong.{kind}", made.headings, made.rows)


def _made(name: str) -> tuple[shelf.Shelved, Mapping[str, Any], Mapping[str, Any]]:
    one = dataset_here(name)
    about, found = figures_of(one, shelf.ABOUT), figures_of(one, shelf.QUALITY)
    return (one, about, found) if about and found else abort(404)


def flag_name(flag: str) -> str:
    """A check as people say it."""
    return {
        "straight": _("một mức cho mọi câu"), "nearly_straight": _("gần như một mức"),
        "little_variance": _("ít dao động bất thường"), "much_variance": _("rời rạc bất thường"),
        "copied": _("giống nhau bất thường"), "skipped": _("bỏ trống nhiều"),
        "contradicted": _("câu trả lời mâu thuẫn nhau"), "fast": _("trả lời quá nhanh"),
        "highest": _("tỷ lệ chọn mức cao nhất"), "agreement": _("người trả lời giống nhau hơn nơi khác"),
    }.get(flag, flag)  # fmt: skip


def _definitions() -> list[tuple[str, str]]:
    return [
        (flag_name("straight"), _("mọi câu về một cơ quan cùng một mức (từ 8 câu trở lên)")),
        (flag_name("nearly_straight"), _("từ chín phần mười số câu cùng một mức, nhưng không phải tất cả")),
        (flag_name("little_variance"), _("các câu trả lời về một cơ quan ít khác nhau (độ lệch chuẩn, so với mức "
                                         "lớn nhất mà điểm trung bình của phiếu cho phép) hơn ở 99,5% số phiếu mô "
                                         "phỏng của những người trả lời độc lập; không tính phiếu một mức")),
        (flag_name("much_variance"), _("khác nhau nhiều hơn ở 99,5% số phiếu mô phỏng đó, như chọn hú hoạ")),
        (flag_name("copied"), _("gần với phiếu khác cùng cơ quan hơn mức mà người trả lời độc lập có thể đạt; "
                                "ngưỡng lấy từ số liệu, nhầm nhiều nhất 0,5% phiếu trung thực")),
        (flag_name("skipped"), _("bỏ trống từ một nửa số câu được hỏi")),
        (flag_name("contradicted"), _("trái với một quy tắc mà bộ câu hỏi khai báo")),
        (flag_name("highest"), _("so với các cơ quan cùng loại, sau khi trừ sai số chọn mẫu và khác biệt vốn có giữa "
                                 "các cơ quan")),
        (flag_name("agreement"), _("điểm trung bình của từng người về cơ quan ít phân tán hơn ở các cơ quan "
                                   "cùng loại")),
        (_("Độ lệch (z)"), _("số lần độ lệch chuẩn so với các cơ quan cùng loại; cơ quan được nêu khi vượt mức mà "
                             "trong 20 nhóm cơ quan trung thực chỉ một đến hai nhóm có cơ quan vượt")),
        (flag_name("fast"), _("dưới 2 giây mỗi câu (hoặc giới hạn của phương án), từ lúc lưu trang đầu đến lúc gửi")),
    ]  # fmt: skip


def _names(about: Mapping[str, Any], what: str) -> dict[str, str]:
    return {each["id"]: words(each["name"]) for each in about[what]}


def _share(flagged: int, base: int) -> str:
    return _("%(n)s trong %(of)s (%(share)s)", n=faces.whole(flagged), of=faces.whole(base),
             share=faces.percent(flagged / base)) if base else ""  # fmt: skip


def _tables(about: Mapping[str, Any], found: Mapping[str, Any]) -> list[Table]:
    groups = _names(about, "groups")
    flags = list(dict.fromkeys(check["flag"] for check in found["checks"]))
    by = {(check["group"], check["flag"]): check for check in found["checks"]}
    lines = [
        (name, *(_share(by[group, flag]["flagged"], by[group, flag]["base"]) for flag in flags))
        for group, name in groups.items()
        if (group, flags[0] if flags else "") in by
    ]
    whole = Table(_("Lượt đánh giá bị đánh dấu, theo nhóm"), (_("Nhóm"), *map(flag_name, flags)), tuple(lines))
    return [whole, _apart(about, found), _by_unit(about, found)]


def _apart(about: Mapping[str, Any], found: Mapping[str, Any]) -> Table:
    units, groups = _names(about, "units"), _names(about, "groups")
    rows = tuple(
        (units.get(mark["unit"], mark["unit"]), groups.get(mark["group"], mark["group"]), flag_name(mark["what"]),
         faces.percent(mark["value"]), faces.percent(mark["centre"]),
         "" if mark["z"] is None else faces.decimal(mark["z"]), faces.whole(mark["n"]))
        for mark in found["marks"]
        if mark["n"] >= about["k"]
    )  # fmt: skip
    headings = (_("Cơ quan"), _("Nhóm"), _("Khác biệt ở"), _("Giá trị"), _("Các cơ quan khác"), _("Độ lệch (z)"),
                _("Số lượt đánh giá"))  # fmt: skip
    return Table(_("Cơ quan khác hẳn các cơ quan cùng loại"), headings, rows)


def _by_unit(about: Mapping[str, Any], found: Mapping[str, Any]) -> Table:
    """Flags of all groups together, by unit."""
    flags = list(dict.fromkeys(check["flag"] for check in found["checks"]))
    rows = []
    for unit, name in _names(about, "units").items():
        pairs = [_sum(found["checks"], flag, unit) for flag in flags]
        if any(base for _flagged, base in pairs):
            rows.append((name, *(HIDDEN if 0 < base < about["k"] else _share(n, base) for n, base in pairs)))
    return Table(_("Lượt đánh giá bị đánh dấu, theo cơ quan"), (_("Cơ quan"), *map(flag_name, flags)), tuple(rows))


def _sum(checks: Sequence[Mapping[str, Any]], flag: str, unit: str) -> tuple[int, int]:
    pairs = [check["by_unit"].get(unit, (0, 0)) for check in checks if check["flag"] == flag]
    return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)


def _calls() -> list[Table]:
    """Control calls by unit, mode and interviewer, and their margins; of whom they were made nobody sees here."""
    here = wave_here()
    told = control_told.of_store(web().store, here.spec.id, here.spec.k)
    if told is None:
        return []
    names = {unit.id: unit.name.of("vi") for unit in here.spec.units}
    columns = {
        "unit": (_("Cơ quan"), names),
        "mode": (_("Hình thức"), modes()),
        "interviewer": (_("Điều tra viên"), {}),
    }
    parts = {
        "by_cell": _("Gọi kiểm tra, theo cơ quan, hình thức và điều tra viên"),
        "by_unit": _("Gọi kiểm tra, theo cơ quan"), "by_mode": _("Gọi kiểm tra, theo hình thức"),
        "by_interviewer": _("Gọi kiểm tra, theo điều tra viên"),
    }  # fmt: skip
    tables = []
    for part, title in parts.items():
        by = tuple(columns) if part == "by_cell" else (part.removeprefix("by_"),)
        rows = [(*(columns[name][1].get(row[name], row[name]) for name in by), *_called(row)) for row in told[part]]
        if part == "by_mode":
            rows.append((_("Tất cả"), *_called(told["all"])))
        if rows:
            tables.append(Table(title, (*(columns[name][0] for name in by), *_called_headings()), tuple(rows), len(by)))
    return tables


_CALLED = ("drawn", "called", "not_received", "not_self", "told_how", "declined", "not_reached", "open")


def _called(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(HIDDEN if row[key] is None else faces.whole(row[key]) for key in _CALLED)


def _called_headings() -> tuple[str, ...]:
    return (_("Được chọn"), _("Đã hỏi"), _("Không nhận phiếu"), _("Không tự trả lời"), _("Bị bảo cách trả lời"),
            _("Từ chối"), _("Không gặp"), _("Còn lại"))  # fmt: skip


def _arrivals() -> Table:
    """When forms came and from which kind of network, by office and group, until yesterday."""
    here = wave_here()
    with web().store.read() as tx:
        found = signals.arrived(tx.arrival_counts(wave=here.spec.id), here.spec.k)
    marks = {"hour": _("dồn vào một giờ"), "day": _("dồn vào một ngày"), "network": _("dồn từ một mạng")}
    rows = tuple(
        (here.spec.unit(each.unit).name.of("vi"), here.spec.group(each.group).name.of("vi"),
         "; ".join(marks[str(mark)] for mark in each.marks),
         *(HIDDEN if 0 < each.forms < here.spec.k else faces.whole(n)
           for n in (each.forms, each.busiest_day, each.busiest_hour, each.crowded)))
        for each in found
    )  # fmt: skip
    headings = (_("Cơ quan"), _("Nhóm"), _("Cần xem lại"), _("Số phiếu"), _("Ngày nhiều nhất"), _("Giờ nhiều nhất"),
                _("Từ mạng dùng chung"))  # fmt: skip
    return Table(_("Phiếu điện tử gửi về, theo cơ quan và nhóm"), headings, rows)


def _keyed() -> Table:
    """Forms on paper by who keyed them, and how often another keyed them otherwise."""
    here = wave_here()
    with web().store.read() as tx:
        found = signals.keyers(tx.keyer_counts(wave=here.spec.id), here.spec.k)
    rows = tuple(
        (each.keyer, _("khác nhau nhiều") if each.marked else "",
         *map(faces.whole, (each.forms, each.busiest_day, each.compared, each.differed)))
        for each in found
    )  # fmt: skip
    headings = (_("Người nhập"), _("Cần xem lại"), _("Số phiếu"), _("Ngày nhiều nhất"), _("Hai người cùng nhập"),
                _("Nhập khác nhau"))  # fmt: skip
    return Table(_("Phiếu giấy, theo người nhập"), headings, rows)


def _keyed_about() -> Table:
    """The same by office and group."""
    here = wave_here()
    with web().store.read() as tx:
        found = signals.keyed_about(tx.arrival_counts(wave=here.spec.id), here.spec.k)
    rows = tuple(
        (here.spec.unit(each.unit).name.of("vi"), here.spec.group(each.group).name.of("vi"),
         _("khác nhau nhiều") if each.marked else "",
         *(HIDDEN if 0 < of < here.spec.k else faces.whole(n)
           for n, of in ((each.forms, each.forms), (each.busiest_day, each.forms), (each.compared, each.compared),
                         (each.differed, each.compared))))
        for each in found
    )  # fmt: skip
    headings = (_("Cơ quan"), _("Nhóm"), _("Cần xem lại"), _("Số phiếu"), _("Ngày nhiều nhất"),
                _("Hai người cùng nhập"), _("Nhập khác nhau"))  # fmt: skip
    return Table(_("Phiếu giấy, theo cơ quan và nhóm"), headings, rows)
