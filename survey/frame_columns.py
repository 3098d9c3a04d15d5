"""Which column of an office's file is what: headings as dossier systems and personnel lists write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forms.faults import Fault, Faults
from forms.tables import Sheet
from forms.toml import ID
from survey.cell_values import plain, unmarked
from survey.wave_spec import Group

# field → headings; the first is the one that our own templates and messages use
DOSSIER = {
    "reference": ("Số hồ sơ", "Mã hồ sơ", "Mã số hồ sơ", "Số biên nhận"),
    "procedure": ("Thủ tục hành chính", "Tên thủ tục", "Tên TTHC", "TTHC"),
    "field": ("Lĩnh vực", "Tên lĩnh vực"),
    "unit": ("Cơ quan giải quyết", "Cơ quan thực hiện", "Đơn vị giải quyết", "Đơn vị xử lý"),
    "place": ("Nơi tiếp nhận", "Nơi nhận hồ sơ", "Đơn vị tiếp nhận"),
    "channel": ("Kênh nộp", "Hình thức nộp", "Hình thức tiếp nhận", "Kênh tiếp nhận"),
    "level": ("Mức độ", "Mức độ dịch vụ công", "Mức độ DVC"),
    "received": ("Ngày tiếp nhận", "Ngày nhận", "Ngày nộp"),
    "due": ("Ngày hẹn trả", "Ngày hẹn trả kết quả", "Hạn trả kết quả"),
    "returned": ("Ngày trả kết quả", "Ngày trả", "Ngày có kết quả"),
    "identity": ("Mã định danh", "Số định danh", "Số CCCD", "CCCD/CMND", "Mã số thuế", "Mã số doanh nghiệp"),
    "name": ("Người nộp", "Tên người nộp", "Chủ hồ sơ", "Họ và tên", "Tên tổ chức"),
    "phone": ("Số điện thoại", "Điện thoại", "SĐT"),
    "email": ("Thư điện tử", "Email", "E-mail"),
    "address": ("Địa chỉ", "Địa chỉ liên hệ"),
}
POST = {
    "reference": ("Mã vị trí", "Mã số", "Mã phiếu"),
    "position": ("Chức vụ", "Chức danh", "Vị trí công tác"),
    "unit": ("Cơ quan", "Đơn vị", "Cơ quan công tác", "Đơn vị công tác"),
    "place": ("Nơi nhận phiếu", "Nơi nhận"),
    "units": ("Cơ quan được đánh giá", "Các cơ quan được đánh giá", "Đơn vị được đánh giá"),
    "name": ("Họ và tên", "Họ tên"),
    "phone": ("Số điện thoại", "Điện thoại", "SĐT"),
    "email": ("Thư điện tử", "Email", "E-mail"),
    "address": ("Địa chỉ", "Địa chỉ liên hệ"),
}
CONTACT = ("name", "phone", "email", "address")
DERIVED = {"overdue": ("due", "returned")}  # worked out from other columns
HEADER_WITHIN = 30  # rows; titles of the exporting office stand above the header


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands (``row`` from 1), and the column of each field (from 0) with its heading."""

    row: int
    column: Mapping[str, int]
    heading: Mapping[str, str]
    unused: tuple[str, ...]


def known(group: Group) -> dict[str, tuple[str, ...]]:
    """Fields and their headings for this group, with its own strata, classes and margins."""
    fields = dict(DOSSIER if group.assesses == "dossier" else POST)
    for name in (*group.design.by, *group.margins, *(group.classes or ())):
        if name not in DERIVED:
            fields.setdefault(name, DOSSIER.get(name, (name,)))
    return fields


def required(group: Group) -> tuple[str, ...]:
    """The fields without which this group's list cannot be used."""
    needed = ["reference", "unit", *(["units"] if group.assesses == "list" else [])]
    for name in (*group.design.by, *group.margins, *(group.classes or ())):
        needed += DERIVED.get(name, (name,))
    return tuple(dict.fromkeys(needed))


def find_header(sheet: Sheet, group: Group, mapping: Mapping[str, str], *, alone: bool = True) -> Header | None:
    """The row that holds most known headings, titles above it skipped. Raises Faults for what is missing.

    ``mapping``: heading → field, as the caller says; it goes before what is recognised. A sheet that does not stand
    alone may be one of notes: None, unless a row names three different fields (or as many as are required).
    """
    fields = known(group)
    told = {unmarked(heading): field for heading, field in mapping.items()}
    _check_mapping(mapping)
    field_of = {unmarked(heading): field for field, headings in fields.items() for heading in (field, *headings)} | told
    found = [
        ({field_of[heading] for cell in row if (heading := unmarked(plain(cell))) in field_of}, number)
        for number, row in enumerate(sheet.rows[:HEADER_WITHIN], start=1)
    ]
    hits, row = max(found, key=lambda each: (len(each[0]), -each[1]), default=(set(), 0))
    if not alone and len(hits) < min(3, len(required(group))):
        return None
    if not hits:
        wanted = ", ".join(f"“{fields[field][0]}”" for field in required(group))
        raise Faults([Fault(f"no header was found in the first {HEADER_WITHIN} rows; needed: {wanted}", sheet.place)])
    return _header(sheet, row, field_of, fields, required(group), told)


def _check_mapping(mapping: Mapping[str, str]) -> None:
    wrong = [field for field in mapping.values() if not ID.fullmatch(field)]
    if wrong:
        raise Faults(f"--map {wrong[0]}: a field is named with a–z, 0–9 and _, beginning with a letter")


def _header(
    sheet: Sheet,
    row: int,
    field_of: Mapping[str, str],
    fields: Mapping[str, Sequence[str]],
    needed: Sequence[str],
    told: Mapping[str, str],
) -> Header:
    headings = [plain(cell) for cell in sheet.rows[row - 1]]
    column: dict[str, int] = {}
    faults = []
    for position, heading in enumerate(headings):
        field = field_of.get(unmarked(heading))
        if field is None or (field in told.values() and unmarked(heading) not in told):
            continue
        if field in column:
            other = headings[column[field]]
            message = f"stands for “{field}” as “{other}” does; choose with --map"
            faults.append(Fault(message, sheet.place, row, heading))
        column.setdefault(field, position)
    spelled = {unmarked(heading) for heading in headings}
    faults += [
        Fault(f"there is no column “{heading}”, which --map names", sheet.place, row)
        for heading in told
        if heading not in spelled
    ]
    faults += [
        Fault(
            f"the column “{fields[name][0]}” ({name}) is missing; if it has another heading, say --map HEADING={name}",
            sheet.place, row,
        )
        for name in needed
        if name not in column
    ]  # fmt: skip
    if faults:
        raise Faults(faults)
    used = set(column.values())
    unused = tuple(heading for position, heading in enumerate(headings) if heading and position not in used)
    return Header(row, column, {field: headings[position] for field, position in column.items()}, unused)
