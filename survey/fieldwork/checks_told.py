"""Control calls, agreement of two keyings, how counters asked: for the file, in Vietnamese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis import numbers
from survey import control
from survey.counter.selection import LEAST_ASKED, MOST_IRREGULAR
from survey.fieldwork.papers import Grid, Part, share
from survey.fieldwork.rates_told import MODES
from survey.fieldwork.recorded import Recorded


def calls(here: Recorded, report: Sequence[Mapping[str, Any]]) -> Part:
    if here.control is None:
        return Part("phuc-tra", "Phúc tra", ("Chưa chọn phiếu để phúc tra.",))
    once = [row for row in report if row["unit"] == control.EVERYBODY]
    by_unit = [row for row in report if row["unit"] != control.EVERYBODY]
    headings = ("Cơ quan", "Hình thức", "Chọn", "Gọi được", "Không gặp", "Không nhận phiếu", "Không tự trả lời",
                "Được dặn cách trả lời")  # fmt: skip
    names = ("drawn", "called", "not_reached", "not_received", "not_self", "told_how")
    rows = tuple(
        (here.unit(row["unit"]), MODES.get(row["mode"], row["mode"]), *(str(row[name]) for name in names))
        for row in by_unit
    )
    total = {name: sum(row[name] for row in once) for name in (*names, "declined", "open")}
    return Part(
        "phuc-tra",
        "Phúc tra",
        (
            "Sau khi đóng, 5% số phiếu thu về có thông tin liên hệ của từng cơ quan, hình thức và điều tra viên được "
            "chọn bằng số công khai. Người được gọi chỉ trả lời ba câu: có nhận phiếu không, có tự trả lời không, có "
            "ai dặn cách trả lời không. Người gọi không thuộc cơ quan được đánh giá.",
        ),
        (
            ("Danh sách (SHA-256)", here.control["list_hash"]),
            ("Số công khai", here.control["public_number"] or "chưa có"),
            ("Số cuộc phải gọi", numbers.count(total["drawn"])),
            ("Đã gọi được", share(total["called"], total["drawn"])),
            ("Không nhận phiếu", share(total["not_received"], total["called"])),
            ("Không tự trả lời", share(total["not_self"], total["called"])),
            ("Được dặn cách trả lời", share(total["told_how"], total["called"])),
            ("Chưa gọi", numbers.count(total["open"])),
        ),
        (Grid("Theo cơ quan (một cuộc gọi tính cho mọi cơ quan mà phiếu đó đánh giá)", headings, rows,
              frozenset(range(2, 8)), (5, 3, 2, 2, 2, 2, 2, 2)),) if rows else (),
    )  # fmt: skip


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
