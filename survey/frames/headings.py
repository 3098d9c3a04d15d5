"""The headings that dossier systems, the national service portal and personnel lists write above their columns."""

from __future__ import annotations

from survey.plan.wave_spec import Group

# field → headings; the first is the one that our own templates and messages use
DOSSIER = {
    "reference": ("Số hồ sơ", "Mã hồ sơ", "Mã số hồ sơ", "Số biên nhận"),
    "procedure": ("Thủ tục hành chính", "Tên thủ tục", "Tên TTHC", "TTHC", "Tên thủ tục hành chính"),
    "field": ("Lĩnh vực", "Tên lĩnh vực"),
    "unit": ("Cơ quan giải quyết", "Cơ quan thực hiện", "Đơn vị giải quyết", "Đơn vị xử lý", "Cơ quan có thẩm quyền"),
    "place": ("Nơi tiếp nhận", "Nơi nhận hồ sơ", "Đơn vị tiếp nhận", "Cơ quan tiếp nhận", "Nơi nộp hồ sơ"),
    "channel": ("Kênh nộp", "Hình thức nộp", "Hình thức tiếp nhận", "Kênh tiếp nhận", "Hình thức nộp hồ sơ"),
    "level": ("Mức độ", "Mức độ dịch vụ công", "Mức độ DVC", "Mức độ cung cấp dịch vụ công", "Loại dịch vụ công"),
    "received": ("Ngày tiếp nhận", "Ngày nhận", "Ngày nộp", "Ngày nộp hồ sơ"),
    "due": ("Ngày hẹn trả", "Ngày hẹn trả kết quả", "Hạn trả kết quả"),
    "returned": ("Ngày trả kết quả", "Ngày trả", "Ngày có kết quả", "Ngày kết thúc xử lý"),
    "identity": ("Mã định danh", "Số định danh", "Số CCCD", "CCCD/CMND", "Mã số thuế", "Mã số doanh nghiệp",
                 "Số định danh cá nhân", "Số giấy tờ tùy thân", "Số CCCD/Mã số thuế"),
    "name": ("Người nộp", "Tên người nộp", "Chủ hồ sơ", "Họ và tên", "Tên tổ chức", "Người nộp hồ sơ",
             "Tổ chức, cá nhân nộp hồ sơ"),
    "phone": ("Số điện thoại", "Điện thoại", "SĐT", "Số điện thoại liên hệ"),
    "email": ("Thư điện tử", "Email", "E-mail"),
    "address": ("Địa chỉ", "Địa chỉ liên hệ"),
}  # fmt: skip
POST = {
    "reference": ("Mã vị trí", "Mã số", "Mã phiếu"),
    "position": ("Chức vụ", "Chức danh", "Vị trí công tác"),
    "unit": ("Cơ quan", "Đơn vị", "Cơ quan công tác", "Đơn vị công tác"),
    "place": ("Nơi nhận phiếu", "Nơi nhận"),
    "units": ("Cơ quan được đánh giá", "Các cơ quan được đánh giá", "Đơn vị được đánh giá"),
    "expected": ("Số vị trí của cơ quan", "Số vị trí theo quyết định", "Số lượng bổ nhiệm"),
    "name": ("Họ và tên", "Họ tên"),
    "phone": ("Số điện thoại", "Điện thoại", "SĐT"),
    "email": ("Thư điện tử", "Email", "E-mail"),
    "address": ("Địa chỉ", "Địa chỉ liên hệ"),
}
# How the exports of two systems name their columns, in their order; the national portal's has a column of numbers.
IGATE = ("Số hồ sơ", "Thủ tục hành chính", "Lĩnh vực", "Cơ quan giải quyết", "Nơi tiếp nhận", "Kênh nộp",
         "Mức độ", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày trả kết quả", "Mã định danh", "Người nộp",
         "Số điện thoại")  # fmt: skip
PORTAL = ("STT", "Mã số hồ sơ", "Tên thủ tục hành chính", "Lĩnh vực", "Cơ quan thực hiện", "Cơ quan tiếp nhận",
          "Hình thức nộp hồ sơ", "Mức độ cung cấp dịch vụ công", "Ngày nộp hồ sơ", "Ngày hẹn trả kết quả",
          "Ngày trả kết quả", "Số định danh cá nhân", "Tổ chức, cá nhân nộp hồ sơ", "Số điện thoại liên hệ", "Email",
          "Địa chỉ liên hệ")  # fmt: skip
CONTACT = ("name", "phone", "email", "address")
DERIVED = {"overdue": ("due", "returned"), "period": ("due",)}  # worked out from other columns


def known(group: Group) -> dict[str, tuple[str, ...]]:
    """Fields and their headings for this group, with its own strata, classes and margins."""
    fields: dict[str, tuple[str, ...]] = dict(DOSSIER if group.assesses == "dossier" else POST)
    for name in group.columns:
        if name not in DERIVED:
            fields.setdefault(name, DOSSIER.get(name, (name,)))
    return fields


def required(group: Group) -> tuple[str, ...]:
    """The fields without which this group's list cannot be used."""
    needed = ["reference", "unit", *(["units"] if group.assesses == "list" else [])]
    for name in group.columns:
        needed += DERIVED.get(name, (name,))
    return tuple(dict.fromkeys(needed))
