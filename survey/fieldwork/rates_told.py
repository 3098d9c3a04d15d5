"""Return rates and AAPOR rates in words and numbers, each with its base and definition. Vietnamese, for the file."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from analysis import numbers
from analysis.rates import Rate
from analysis.rates import rates as all_rates
from survey.dispositions import State
from survey.fieldwork.counting import Board, Tally, by_group, by_unit
from survey.fieldwork.papers import Grid, Part, share

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

MODES = {
    "qr": "phiếu có mã QR",
    "email": "thư điện tử",
    "sms": "tin nhắn SMS",
    "zalo": "Zalo",
    "counter": "tại quầy",
    "kiosk": "máy tính bảng tại quầy",
    "paper": "phiếu giấy",
    "interview": "phỏng vấn trực tiếp",
    "phone": "phỏng vấn qua điện thoại",
}
SAID = {
    "RR1": "tỷ lệ trả lời, chỉ tính phiếu trả lời đủ",
    "RR2": "tỷ lệ trả lời, tính cả phiếu trả lời một phần",
    "COOP1": "tỷ lệ hợp tác trong số người đã tiếp cận được",
    "REF1": "tỷ lệ từ chối, kể cả bỏ dở",
    "CON1": "tỷ lệ tiếp cận được",
}
LETTERS = (
    "I: trả lời đủ; P: trả lời một phần; R: từ chối, bỏ dở, bắt đầu mà chưa gửi; NC: đủ điều kiện theo danh sách nhưng "
    "không phản hồi, không gặp, không chuyển được; O: lý do khác, phiếu hỏng, đến muộn, thu hồi; người ngoài đối tượng "
    "không nằm trong mẫu số nào. Danh sách được coi là gồm toàn người đủ điều kiện (UH = UO = 0)."
)


def known(tally: Tally) -> Counter[str]:
    """Counts by disposition, but for answers that wait to be mixed, of which nobody knows what they were."""
    states = Counter({state: n for state, n in tally.states.items() if state != State.ANSWERED})
    states.update(tally.mixed)
    return states


def aapor(tally: Tally) -> tuple[Rate, ...]:
    """The AAPOR rates that are shown, of what is known."""
    found = all_rates(known(tally), valid=tally.good)
    return tuple(found.rate(name) for name in SAID)


def parts(wave: RegisteredWave, board: Board) -> list[Part]:
    """Sections of the proof: over all and by group, then by unit."""
    total = board.total()
    names = {group.id: group.name.of("vi") for group in wave.spec.groups}
    rows = [(names[group], tally) for group, tally in board.by(by_group).items()]
    rows.sort(key=lambda row: row[0])
    by_groups = Grid(
        "Theo nhóm đối tượng",
        ("Nhóm đối tượng", "Phát ra", "Thu về", "Tỷ lệ thu hồi", "Hợp lệ", "Từ chối", "Bỏ dở", "Chưa có"),
        tuple((name, *_numbers(tally)) for name, tally in [*rows, ("Tất cả, mỗi phiếu một lần", total)]),
        frozenset(range(1, 8)),
        (5, 2, 2, 2, 2, 2, 2, 2),
    )
    waiting = (
        f"{numbers.count(total.waiting)} phiếu đã thu về còn chờ trộn: chưa ai biết phiếu đó trả lời đủ, trả lời một "
        "phần hay bỏ dở, nên chưa có trong các cột hợp lệ, bỏ dở và các tỷ lệ AAPOR."
    )
    rates = Grid(
        "Tỷ lệ theo AAPOR (Standard Definitions, 2023)",
        ("Tỷ lệ", "Giá trị", "Công thức", "Nghĩa"),
        tuple(
            (rate.name, share(int(rate.numerator), int(rate.denominator)), rate.definition, SAID[rate.name])
            for rate in aapor(total)
        ),
        widths=(2, 4, 6, 6),
    )
    first = Part(
        "ty-le",
        "Số phiếu và các tỷ lệ",
        (
            "Phát ra: mọi phiếu đã giao, phiếu cấp lại tính một lần. Thu về: mọi phiếu quay lại, kể cả phiếu hỏng và "
            "đến muộn. Tỷ lệ thu hồi = thu về ÷ phát ra. Hợp lệ: phiếu được đưa vào tính toán theo phương án.",
        ),
        grids=(by_groups, rates),
        remarks=(*([waiting] if total.waiting else []), LETTERS),
    )
    return [first, _by_unit(wave, board)]


def _by_unit(wave: RegisteredWave, board: Board) -> Part:
    found = board.by(by_unit)
    rows = tuple((unit.name.of("vi"), *_numbers(found[unit.id])) for unit in wave.spec.units if unit.id in found)
    headings = ("Cơ quan, địa phương", "Phát ra", "Thu về", "Tỷ lệ thu hồi", "Hợp lệ", "Từ chối", "Bỏ dở", "Chưa có")
    return Part(
        "co-quan",
        "Theo cơ quan, địa phương",
        ("Một phiếu đánh giá nhiều cơ quan được tính cho từng cơ quan; cộng các dòng vì vậy có thể lớn hơn tổng số.",),
        grids=(Grid("Số phiếu theo cơ quan, địa phương", headings, rows, frozenset(range(1, 8)),
                    (6, 2, 2, 2, 2, 2, 2, 2)),),
    )  # fmt: skip


def _numbers(tally: Tally) -> tuple[str, ...]:
    counts = (tally.valid, tally.refused, tally.broke_off, tally.outstanding)
    return (
        numbers.count(tally.issued), numbers.count(tally.returned), numbers.percent(tally.rate),
        *(numbers.count(n) for n in counts),
    )  # fmt: skip
