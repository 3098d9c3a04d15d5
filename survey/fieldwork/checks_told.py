"""Control calls, agreement of two keyings, how counters asked: for the file, in Vietnamese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis import numbers
from survey.counter.selection import LEAST_ASKED, MOST_IRREGULAR
from survey.fieldwork.papers import Grid, Part, share
from survey.fieldwork.rates_told import MODES
from survey.fieldwork.recorded import Recorded


def calls(here: Recorded, told: Mapping[str, Any] | None) -> Part:
    """``told``: of ``control_told``; None before any call was drawn."""
    if here.control is None:
        return Part("phuc-tra", "Phúc tra", ("Chưa chọn phiếu để phúc tra.",))
    whole = dict.fromkeys(_CALLED, 0) if told is None else told["all"]
    once = [("Tất cả", MODES.get(row["mode"], row["mode"]), "", row) for row in told["by_mode"]] if told else []
    cells = [(here.unit(row["unit"]), MODES.get(row["mode"], row["mode"]), row["interviewer"], row)
             for row in told["by_cell"]] if told else []  # fmt: skip
    by_unit = [(here.unit(row["unit"]), "Tất cả", "", row) for row in told["by_unit"]] if told else []
    headings = ("Cơ quan", "Hình thức", "Điều tra viên", "Chọn", "Gọi được", "Không gặp", "Không nhận phiếu",
                "Không tự trả lời", "Được dặn cách trả lời")  # fmt: skip
    rows = tuple(
        (*said, *("…" if row[name] is None else str(row[name]) for name in _CALLED))
        for *said, row in [*cells, *by_unit, *once]
    )
    return Part(
        "phuc-tra",
        "Phúc tra",
        (
            "Sau khi đóng, 5% số phiếu thu về có thông tin liên hệ của từng cơ quan, hình thức và điều tra viên được "
            "chọn bằng số công khai. Người được gọi chỉ trả lời ba câu: có nhận phiếu không, có tự trả lời không, có "
            "ai dặn cách trả lời không. Người gọi không thuộc cơ quan được đánh giá. Người được hỏi nói gì chỉ nêu khi "
            f"không còn cuộc nào chưa gọi; dấu … là ít hơn {here.wave.spec.k} người, hoặc từ đó suy ra được.",
        ),
        (
            ("Danh sách (SHA-256)", here.control["list_hash"]),
            ("Số công khai", here.control["public_number"] or "chưa có"),
            ("Số cuộc phải gọi", numbers.count(whole["drawn"])),
            ("Đã gọi được", share(whole["called"], whole["drawn"])),
            *((name, "…" if whole[key] is None else share(whole[key], whole["called"])) for name, key in _SAID),
            ("Chưa gọi", numbers.count(whole.get("open", 0))),
        ),
        (Grid("Theo cơ quan, hình thức và điều tra viên (một cuộc gọi tính cho mọi cơ quan mà phiếu đó đánh giá; dòng "
              "“Tất cả” tính một lần)", headings, rows, frozenset(range(3, 9)), (5, 3, 3, 2, 2, 2, 2, 2, 2)),)
        if rows else (),
    )  # fmt: skip


_CALLED = ("drawn", "called", "not_reached", "not_received", "not_self", "told_how")
_SAID = (
    ("Không nhận phiếu", "not_received"),
    ("Không tự trả lời", "not_self"),
    ("Được dặn cách trả lời", "told_how"),
)


def keying(told: Mapping[str, Any] | None) -> Part | None:
    if told is None:
        return None
    forms, cells, twice = told["forms"], told["overall"], told["forms_compared"]
    return Part(
        "phieu-giay",
        "Phiếu giấy và việc nhập phiếu",
        ("Phiếu giấy được đếm theo đợt trước khi nhập; người nhập không thuộc cơ quan được đánh giá.",),
        (
            ("Đếm được", numbers.count(forms["counted"])),
            ("Đã nhập", numbers.count(forms["keyed"])),
            ("Hỏng", numbers.count(forms["damaged"])),
            ("Để riêng, có ghi lý do", numbers.count(forms["void"])),
            ("Đến muộn, không nhận", numbers.count(forms["excluded"])),
            ("Hai người nhập riêng", numbers.count(twice["compared"])),
            ("Ô nhập khác nhau", share(cells["differed"], cells["compared"])),
        ),
    )


def counters(here: Recorded) -> Part | None:
    if not here.conduct:
        return None
    rows = tuple(
        (
            here.unit(row["unit"]), here.group(row["group"]), share(row["asked"], row["listed"]),
            numbers.count(row["selected"]), numbers.count(row["handed"]),
            share(row["early"] + row["lapsed"] + row["repeated"], row["questions"]),
            "có" if row["marks"] else "",
        )
        for row in here.conduct
    )  # fmt: skip
    headings = ("Cơ quan", "Nhóm", "Hồ sơ đã hỏi", "Được chọn", "Đã phát", "Hỏi không đúng lúc", "Đánh dấu")
    return Part(
        "tai-quay",
        "Việc phát phiếu tại quầy",
        (
            "Tại quầy, hệ thống quyết định từng hồ sơ có được chọn hay không; cán bộ tiếp nhận không chọn được. "
            f"Kênh của một cơ quan bị đánh dấu khi hỏi dưới {numbers.percent(LEAST_ASKED, 0)} số hồ sơ, hoặc quá "
            f"{numbers.percent(MOST_IRREGULAR, 0)} số lần hỏi là hỏi sớm, hỏi lại hay hỏi rồi không phát.",
        ),
        grids=(Grid("Theo cơ quan", headings, rows, frozenset({2, 3, 4, 5}), (5, 4, 3, 2, 2, 3, 2)),),
    )
