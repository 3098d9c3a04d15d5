"""How forms came, were keyed and were checked by calls: counters that lead to no answer (METHOD §2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analysis.report import cells, wording
from analysis.report.blocks import Block, Column, Heading, Items, Kind, Role, Table, Text
from analysis.report.cells import Cell
from analysis.report.content.material import Material

MARKS = {
    "hour": "nhiều phiếu gửi trong cùng một giờ",
    "day": "phần lớn phiếu gửi trong cùng một ngày",
    "network": "nhiều phiếu gửi từ cùng một mạng",
}
_NUMBERS = ("forms", "busiest_day", "busiest_hour", "crowded")
Calls = Sequence[tuple[Sequence[str], Mapping[str, Any]]]
_SAID = ("drawn", "called", "declined", "not_reached", "not_received", "not_self", "told_how")


def collected(material: Material) -> Iterator[Block]:
    """Nothing where the dataset tells nothing of it."""
    told = material.manifest.get("fieldwork", {})
    yield from _arrivals(material, told.get("arrivals", ()))
    yield from _keyers(told.get("keyers", ()))
    yield from _keyed(material, told.get("keyed", ()))
    yield from _control(material, told.get("control"))


def _arrivals(material: Material, rows: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    if not rows:
        return
    yield Heading("Phiếu gửi về lúc nào, từ đâu")
    yield Text(
        "Máy chủ chỉ đếm phiếu theo cơ quan, theo giờ và theo mạng của người gửi, rồi xoá; không biết phiếu nào của "
        "ai, trả lời ra sao, và không giữ địa chỉ mạng. Phiếu ở quầy và trên máy tính bảng không tính. Mạng có từ 5 "
        "phiếu trong một ngày về cùng cơ quan được coi là dùng chung; một cơ quan, một trường học hay một nhà mạng đều "
        "có thể như vậy.",
        Role.QUIET,
    )
    units = list(dict.fromkeys(row["unit"] for row in rows))
    yield Table(
        "luc-gui", "Phiếu điện tử theo cơ quan được đánh giá",
        (Column("Cơ quan", Kind.TEXT), Column("Số phiếu"), Column("Ngày nhiều nhất"), Column("Giờ nhiều nhất"),
         Column("Từ mạng dùng chung")),
        tuple(_unit(material, unit, [row for row in rows if row["unit"] == unit]) for unit in units),
        sheet="Lúc gửi",
    )  # fmt: skip
    marked = [
        f"{material.unit(row['unit'])}: {'; '.join(MARKS.get(mark, mark) for mark in row['marks'])} "
        f"({material.group(row['group'])})."
        for row in rows
        if row["marks"]
    ]
    if marked:
        yield Text("Nhiều hơn mức mà sự ngẫu nhiên và các cơ quan khác giải thích được, cần xem lại cách thu phiếu:")
        yield Items(tuple(marked))
    else:
        yield Text("Không cơ quan nào có phiếu dồn vào một giờ, một ngày hay một mạng hơn hẳn các cơ quan khác.")


def _unit(material: Material, unit: str, rows: Sequence[Mapping[str, Any]]) -> tuple[Cell, ...]:
    """All groups together; what is hidden of one is hidden of the sum."""
    told: list[int | None] = []
    for name in _NUMBERS:
        values = [row[name] for row in rows]
        whole = unit in material.hidden_units or any(value is None for value in values)
        told.append(None if whole else sum(values) if name in ("forms", "crowded") else max(values))
    return cells.words(material.unit(unit)), *map(cells.count, told)


def _keyers(rows: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    if not rows:
        return
    yield Heading("Người nhập phiếu giấy")
    yield Table(
        "nguoi-nhap", "Phiếu giấy theo người nhập",
        (Column("Người nhập", Kind.TEXT), Column("Số phiếu"), Column("Ngày nhiều nhất"), Column("Hai người cùng nhập"),
         Column("Nhập khác nhau")),
        tuple(
            (cells.words(f"số {row['keyer']}"),
             *(cells.count(row[name]) for name in ("forms", "busiest_day", "compared", "differed")))
            for row in rows
        ),
        sheet="Người nhập",
    )  # fmt: skip
    marked = ", ".join(f"số {row['keyer']}" for row in rows if row["marked"])
    if marked:
        yield Text(f"Nhập khác người thứ hai nhiều hơn hẳn những người nhập khác: {marked}.")


def _keyed(material: Material, rows: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    if not rows:
        return
    yield Table(
        "phieu-giay-co-quan", "Phiếu giấy theo cơ quan được đánh giá",
        (Column("Cơ quan", Kind.TEXT), Column("Nhóm đối tượng", Kind.TEXT), Column("Số phiếu"),
         Column("Ngày nhiều nhất"), Column("Hai người cùng nhập"), Column("Nhập khác nhau")),
        tuple(
            (cells.words(material.unit(row["unit"])), cells.words(material.group(row["group"])),
             *(cells.count(None if _of_hidden(material, row) else row[name])
               for name in ("forms", "busiest_day", "compared", "differed")))
            for row in rows
        ),
        sheet="Phiếu giấy",
    )  # fmt: skip
    marked = tuple(f"{material.unit(row['unit'])} ({material.group(row['group'])})." for row in rows if row["marked"])
    if marked:
        yield Text("Phiếu bị nhập khác nhau nhiều hơn hẳn ở các cơ quan khác:")
        yield Items(marked)


def _of_hidden(material: Material, row: Mapping[str, Any]) -> bool:
    """Whether a row's unit, or its unit and group, is hidden elsewhere: at least so many forms there are."""
    return row["unit"] in material.hidden_units or (row["unit"], row.get("group")) in material.hidden_cells


def _untold(material: Material, row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**row, **dict.fromkeys(_SAID)} if _of_hidden(material, row) else row


def _control(material: Material, told: Mapping[str, Any] | None) -> Iterator[Block]:
    if told is None and not material.annexes.evidence.checks:
        return
    yield Heading("Phúc tra")
    if told is None:
        yield Text(
            "Đến lúc chốt số liệu chưa có cuộc gọi phúc tra nào; kết quả về sau nằm trong hồ sơ thực hiện đợt điều tra."
        )
        return
    left = (f" Lúc chốt số liệu còn {told['all']['open']} cuộc chưa gọi nên chưa nêu người được hỏi nói gì."
            if told["all"]["open"] else "")  # fmt: skip
    yield Text(
        "Chọn ngẫu nhiên 5% số phiếu thu về của từng cơ quan, hình thức và điều tra viên, chỉ hỏi: có nhận được phiếu "
        "không, có tự trả lời không, có ai bảo cách trả lời không. Câu trả lời chỉ được cộng dồn, không gắn với người "
        f"nào.{left}",
        Role.QUIET,
    )
    yield _calls("phuc-tra", "Phúc tra", "Phúc tra theo hình thức trả lời", ("Hình thức",), [
        ((_mode(row),), row) for row in told["by_mode"]
    ] + [(("Tất cả",), told["all"])])  # fmt: skip
    yield _calls("phuc-tra-co-quan", "Phúc tra cơ quan", "Phúc tra theo cơ quan được đánh giá", ("Cơ quan",), [
        ((material.unit(row["unit"]),), _untold(material, row)) for row in told["by_unit"]
    ])  # fmt: skip
    if told["by_interviewer"]:
        by_interviewer = [((f"số {row['interviewer']}",), row) for row in told["by_interviewer"]]
        title = "Phúc tra theo điều tra viên"
        yield _calls("phuc-tra-dieu-tra-vien", "Phúc tra điều tra viên", title, ("Điều tra viên",), by_interviewer)
    yield from _crossed(material, [_untold(material, row) for row in told.get("by_cell", ())])


def _crossed(material: Material, rows: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    """Cells of which something may be told; the others stand in the margins above."""
    shown = [row for row in rows if row["called"] and all(row[name] is not None for name in _SAID)]
    if not shown:
        if rows:
            yield Text("Từng ô cơ quan × hình thức × điều tra viên đều có quá ít cuộc gọi để nêu riêng.", Role.QUIET)
        return
    names = ("Cơ quan", "Hình thức", "Điều tra viên")
    yield _calls("phuc-tra-tung-o", "Phúc tra từng ô", "Phúc tra theo cơ quan, hình thức và điều tra viên", names, [
        ((material.unit(row["unit"]), _mode(row), f"số {row['interviewer']}" if row["interviewer"] else ""), row)
        for row in shown
    ])  # fmt: skip
    if left := sum(row["called"] != 0 for row in rows) - len(shown):
        yield Text(f"{left} ô khác có quá ít cuộc gọi, hoặc để lộ ô quá ít, nên không nêu riêng.", Role.QUIET)


def _mode(row: Mapping[str, Any]) -> str:
    return wording.MODES.get(row["mode"], str(row["mode"]))


def _calls(name: str, sheet: str, title: str, first: Sequence[str], rows: Calls) -> Table:
    headings = (
        "Được chọn",
        "Đã hỏi",
        "Từ chối",
        "Không gặp",
        "Không nhận phiếu",
        "Không tự trả lời",
        "Bị bảo cách trả lời",
    )
    return Table(
        name, title, (*(Column(each, Kind.TEXT) for each in first), *map(Column, headings)),
        tuple((*map(cells.words, said), *(cells.count(row[what]) for what in _SAID)) for said, row in rows),
        sheet=sheet,
    )  # fmt: skip
