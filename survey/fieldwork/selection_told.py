"""How the sample was drawn and how answers are sealed, for a reader who is no expert. Vietnamese, for the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from analysis import numbers
from survey import sealing, seals
from survey.fieldwork.papers import Grid, Part, moment
from survey.fieldwork.recorded import Recorded
from survey.plan.design_spec import Method

METHODS = {
    Method.CENSUS: "điều tra toàn bộ",
    Method.SIMPLE: "ngẫu nhiên đơn giản",
    Method.SYSTEMATIC: "hệ thống (khoảng cách đều)",
    Method.STRATIFIED: "phân tầng",
    Method.TWO_STAGE: "hai giai đoạn",
    Method.COUNTER: "chọn từng hồ sơ tại quầy",
}


def sample(here: Recorded) -> Part:
    spec = here.wave.spec
    sizes = tuple(
        (
            group.name.of("vi"), METHODS[group.design.method], numbers.count(here.drawn[group.id][0]),
            numbers.count(here.drawn[group.id][1]),
        )
        for group in spec.groups
    )  # fmt: skip
    grids = [
        Grid("Tổng thể và mẫu theo nhóm", ("Nhóm đối tượng", "Cách chọn", "Tổng thể", "Được chọn"), sizes,
             frozenset({2, 3}), (5, 4, 2, 2))
    ]  # fmt: skip
    grids += [_draw(here, row) for row in here.draws]
    return Part(
        "chon-mau",
        "Chọn mẫu",
        (
            "Trước khi có số công khai, danh sách được khóa bằng một mã băm (SHA-256): thay một dòng là mã băm đổi "
            "theo. Mẫu được chọn từ danh sách đã khóa và số công khai, nên không ai, kể cả cơ quan tổ chức, chọn được "
            "người theo ý mình.",
            "Ai có danh sách (không có tên người) và số công khai đều chọn lại được đúng mẫu này bằng lệnh "
            "“phieu sample verify”.",
        ),
        grids=tuple(grids),
    )


def _draw(here: Recorded, row: Mapping[str, Any]) -> Grid:
    zone, group = here.wave.spec.timezone, row["grp"]
    told = [
        ("Danh sách (SHA-256)", row["list_hash"]),
        ("Khóa danh sách lúc", moment(row["listed_at"], zone)),
        ("Người khóa", here.who("list recorded", group=group, number=row["number"])),
        ("Số công khai", row["public_number"] or "chưa có"),
        ("Số khởi tạo (seed)", row["effective_seed"] or "chưa có"),
        ("Thuật toán", row["algorithm"] or "chưa có"),
        ("Chọn lúc", moment(row["drawn_at"] or "", zone) or "chưa chọn"),
        ("Người chọn", here.who("sample drawn", group=group, number=row["number"])),
        *([("Lý do chọn lại", row["reason"])] if row["reason"] else []),
    ]
    caption = f"{here.group(group)}: lần chọn thứ {row['number']}"
    return Grid(caption, ("Nội dung", "Ghi nhận"), tuple((name, said or numbers.NOTHING) for name, said in told),
                widths=(3, 8))  # fmt: skip


def sealed(here: Recorded) -> Part:
    wave = here.wave
    if not here.seals:
        return Part("niem-phong", "Niêm phong", ("Đợt điều tra chưa mở nên chưa có niêm phong nào.",))
    faults = seals.verify_chain(here.seals)
    bodies = [json.loads(body) for body, _ in here.seals]
    rows = tuple(
        (str(body["number"]), moment(body["at"], wave.spec.timezone), numbers.count(body["responses"]), hash)
        for body, (_, hash) in _ends(list(zip(bodies, here.seals, strict=True)))
    )
    origin = (
        "Cặp khóa do máy chủ tạo: người vận hành máy chủ có thể đã biết khóa mở."
        if wave.key_origin == "server"
        else "Khóa mở được tạo ngoài máy chủ; máy chủ chỉ có nửa công khai nên không đọc được câu trả lời."
    )
    return Part(
        "niem-phong",
        "Niêm phong",
        (
            "Mỗi niêm phong ghi mã băm của toàn bộ phiếu đã nhận đến lúc đó và mã băm của niêm phong trước, nên không "
            "sửa, thêm hay bớt được phiếu nào đã niêm phong mà không để lại dấu vết. Niêm phong số 0 được giao cho "
            "người chứng kiến trước khi mở đợt điều tra.",
            origin,
        ),
        (
            ("Chuỗi niêm phong", "liền mạch, không có sai lệch" if not faults else f"CÓ SAI LỆCH: {'; '.join(faults)}"),
            ("Số niêm phong", numbers.count(len(here.seals))),
            ("Dấu vân tay khóa công khai", sealing.fingerprint(wave.public_key)),
        ),
        (Grid("Niêm phong đầu tiên và các niêm phong cuối", ("Số", "Lúc", "Phiếu trả lời", "Mã băm (SHA-256)"), rows,
              frozenset({0, 2}), (1, 4, 2, 7)),),
    )  # fmt: skip


def _ends(rows: list[Any], most: int = 6) -> list[Any]:
    """The first and the last ones of many."""
    return rows if len(rows) <= most else [rows[0], *rows[1 - most :]]
