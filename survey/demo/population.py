"""The simulated lists: dossiers as an iGate-style system exports them, and officials' posts, as XLSX files.

Nobody in them exists. People are numbered, their telephone numbers begin with 000, and every file says so on top.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

from survey.demo.scene import Group, Scene, Unit

NOTICE = "SỐ LIỆU MÔ PHỎNG – không phải hồ sơ, đơn vị nộp hay người thật (simulated data, nobody here exists)"

DOSSIER_HEADINGS = (
    "Số hồ sơ", "Thủ tục hành chính", "Lĩnh vực", "Cơ quan giải quyết", "Nơi tiếp nhận", "Kênh nộp", "Mức độ",
    "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày trả kết quả", "Mã định danh", "Người nộp", "Số điện thoại",
)  # fmt: skip
POST_HEADINGS = ("Mã vị trí", "Chức vụ", "Cơ quan", "Nơi nhận phiếu", "Cơ quan được đánh giá", "Thư điện tử")

# A word of the office's name → what people bring there; the last entry is for offices that no word fits.
_PROCEDURES = (
    ("tư pháp", (("Cấp phiếu lý lịch tư pháp", "Lý lịch tư pháp"), ("Đăng ký hành nghề luật sư", "Bổ trợ tư pháp"))),
    ("nông nghiệp", (("Cấp giấy chứng nhận an toàn thực phẩm", "Nông nghiệp"), ("Kiểm dịch động vật", "Thú y"))),
    ("nội vụ", (("Xét tặng danh hiệu thi đua", "Thi đua, khen thưởng"), ("Thành lập hội", "Tổ chức phi chính phủ"))),
    ("kế hoạch", (("Đăng ký thành lập doanh nghiệp", "Doanh nghiệp"), ("Chấp thuận chủ trương đầu tư", "Đầu tư"))),
    ("giáo dục", (("Công nhận văn bằng", "Giáo dục"), ("Cấp bản sao văn bằng từ sổ gốc", "Giáo dục"))),
    ("y tế", (("Cấp chứng chỉ hành nghề khám bệnh, chữa bệnh", "Y tế"), ("Công bố sản phẩm", "An toàn thực phẩm"))),
    ("công thương", (("Cấp giấy phép bán buôn rượu", "Lưu thông hàng hóa"), ("Cấp giấy phép hóa chất", "Hóa chất"))),
    ("xây dựng", (("Cấp giấy phép xây dựng", "Xây dựng"), ("Cấp chứng chỉ năng lực xây dựng", "Xây dựng"))),
    ("giao thông", (("Đổi giấy phép lái xe", "Đường bộ"), ("Cấp phù hiệu xe", "Vận tải"))),
    ("môi trường", (("Cấp giấy chứng nhận quyền sử dụng đất", "Đất đai"), ("Cấp giấy phép môi trường", "Môi trường"))),
    ("lao động", (("Cấp giấy phép lao động", "Việc làm"), ("Trợ cấp người có công", "Người có công"))),
    ("văn hóa", (("Cấp giấy phép biểu diễn", "Nghệ thuật"), ("Công nhận hạng cơ sở lưu trú", "Du lịch"))),
    ("khoa học", (("Đăng ký kết quả nghiên cứu", "Khoa học"), ("Cấp giấy phép bức xạ", "An toàn bức xạ"))),
    ("", (("Chứng thực bản sao từ bản chính", "Chứng thực"), ("Đăng ký khai sinh", "Hộ tịch"),
          ("Đăng ký hộ kinh doanh", "Kinh doanh"), ("Chuyển mục đích sử dụng đất", "Đất đai"))),
)  # fmt: skip

_AGAIN = 0.09  # a dossier of somebody who already has one at this unit
_ELSEWHERE = 0.05  # … who already has one at another unit
_ON_BEHALF = 0.012  # filed by one of a few service shops, whose telephone number then repeats


@dataclass(slots=True)
class _People:
    """Who has filed so far: the new, the returning, and those known at another unit."""

    chance: random.Random
    label: str
    prefix: str
    count: int = 0
    at: dict[str, list[int]] = field(default_factory=dict)
    offices: dict[int, set[str]] = field(default_factory=dict)

    def next(self, unit: str) -> int:
        known = self.at.setdefault(unit, [])
        roll = self.chance.random()
        if known and roll < _AGAIN:
            return self.chance.choice(known)
        if self.count and roll < _AGAIN + _ELSEWHERE:
            person = self.chance.randrange(1, self.count + 1)
            if len(self.offices[person]) < 3:
                return self._seen(person, unit)
        self.count += 1
        return self._seen(self.count, unit)

    def _seen(self, person: int, unit: str) -> int:
        offices = self.offices.setdefault(person, set())
        if unit not in offices:
            offices.add(unit)
            self.at[unit].append(person)
        return person

    def columns(self, person: int) -> tuple[str, str, str]:
        """Identity, name and telephone number of a person."""
        shop = self.chance.random() < _ON_BEHALF
        phone = f"0000{self.chance.randrange(6):06}" if shop else f"0001{person:06}"
        return f"{self.prefix}{person:07}", f"{self.label} số {person}", phone


def write(scene: Scene, qualities: Mapping[str, float], seed: int, today: dt.date, folder: Path) -> dict[str, Path]:
    """Write one XLSX a group into ``folder`` and return them by group; dossiers lie in the year before ``today``."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, Path] = {}
    for group in scene.groups:
        if group.assesses == "dossier":
            files[group.id] = folder / f"ho_so_{group.id}.xlsx"
            rows = _dossiers(scene, group, qualities, seed, today)
            _sheet(files[group.id], "Danh sách hồ sơ đã giải quyết", DOSSIER_HEADINGS, rows)
        else:
            files[group.id] = folder / f"can_bo_{group.id}.xlsx"
            _sheet(files[group.id], "Danh sách vị trí công tác", POST_HEADINGS, _posts(scene, group))
    return files


def _dossiers(
    scene: Scene, group: Group, qualities: Mapping[str, float], seed: int, today: dt.date
) -> Iterator[Sequence[Any]]:
    chance = random.Random(f"{seed}/dossiers/{group.id}")  # noqa: S311 (a simulation, repeatable)
    person = group.id == "nguoi_dan"
    people = _People(chance, "Người dân" if person else "Đơn vị nộp hồ sơ", "ND" if person else "TC")
    units = [unit for unit in scene.units if unit.dossiers]
    order = _spread(units, scene.dossiers[group.id], chance)
    online = {unit.id: chance.uniform(0.2, 0.55) for unit in units}
    places = dict(scene.places)
    for number, unit in enumerate(order, 1):
        received, due, returned = _days(chance, qualities[unit.id], today)
        procedure, kind = chance.choice(_procedures(unit))
        channel = "Trực tuyến" if chance.random() < online[unit.id] else "Trực tiếp"
        level = chance.choice("334") if channel == "Trực tuyến" else "2"
        reference = f"H15.{'ND' if person else 'TC'}-{received:%y%m%d}-{number:06}"
        days = [received, due, returned] if number % 2 else [f"{day:%d/%m/%Y}" for day in (received, due, returned)]
        yield (reference, procedure, kind, unit.name, places[scene.counters[unit.id]], channel, level, *days,
               *people.columns(people.next(unit.id)))  # fmt: skip


def _spread(units: Sequence[Unit], dossiers: int, chance: random.Random) -> list[Unit]:
    """Which unit each dossier belongs to: uneven, and at least 40 % of an even share each."""
    floor = int(0.4 * dossiers / len(units))
    weights = [chance.lognormvariate(0.0, 0.6) for _ in units]
    rest = chance.choices(units, weights, k=dossiers - floor * len(units))
    order = [unit for unit in units for _ in range(floor)] + rest
    chance.shuffle(order)
    return order


def _days(chance: random.Random, quality: float, today: dt.date) -> tuple[dt.date, dt.date, dt.date]:
    received = today - dt.timedelta(days=chance.randrange(40, 365))
    allowed = chance.randrange(3, 16)
    late = chance.random() < 0.02 + 0.006 * (100 - quality)
    taken = allowed + chance.randrange(1, 12) if late else chance.randrange(1, allowed + 1)
    return received, received + dt.timedelta(days=allowed), received + dt.timedelta(days=taken)


def _procedures(unit: Unit) -> Sequence[tuple[str, str]]:
    name = unit.name.lower()
    return next(procedures for word, procedures in _PROCEDURES if word in name)


def _posts(scene: Scene, group: Group) -> Iterator[Sequence[Any]]:
    names = {unit.id: unit.name for unit in scene.units}
    places = dict(scene.places)
    for number, post in enumerate(group.posts, 1):
        rated = "; ".join(names[unit] for unit in post.rated)
        mail = f"{group.id}.{number}@example.invalid"
        yield post.id, post.title, names[post.office], places[post.place], rated, mail


def _sheet(file: Path, title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet("Danh sách")
    bold = book.add_format({"bold": True})
    sheet.set_column(0, len(headings) - 1, 20)
    sheet.write_row(0, 0, [title], bold)
    sheet.write_row(1, 0, [NOTICE], bold)
    sheet.write_row(2, 0, headings, bold)
    for number, row in enumerate(rows, 3):
        sheet.write_row(number, 0, row)
    book.close()
