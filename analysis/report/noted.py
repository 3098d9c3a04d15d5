"""Notes of the counting and of the freeze, in Vietnamese."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from analysis import numbers
from analysis.notes import SOME, Note, NoteKind, Parameter
from analysis.report.wording import kind_words
from analysis.result import WaveFacts

MOST_NAMED = 6  # labels named one by one; beyond that their number says more

# '' where the page's own text on method says it already.
SENTENCES: Mapping[NoteKind, str] = {
    NoteKind.ROUNDING: "",
    NoteKind.SURVEY_ERROR: "",
    NoteKind.NOT_BIAS: "",
    NoteKind.INDEPENDENT: "Các nhóm đối tượng được coi là độc lập: không ai trả lời ở hai nhóm.",
    NoteKind.OTHER_FRAMEWORK: "Bộ tiêu chí dùng để tính không phải bộ đã đăng ký trước khi mở đợt điều tra.",
    NoteKind.UNKNOWN_UNIT: "Bộ tiêu chí có quy định riêng cho “{unit}”, nhưng đợt điều tra không có cơ quan này.",
    NoteKind.ABSENT_GROUP: "Nhóm {group} không có lượt đánh giá nào về {unit_kind}; tỷ trọng của nhóm được chia cho "
    "các nhóm còn lại.",
    NoteKind.CLASSES_MERGED: "Nhóm {group}: {count} lớp trả lời có quá ít phiếu hợp lệ nên được gộp với lớp liền kề "
    "theo {column} khi điều chỉnh phần không trả lời{labels}.",
    NoteKind.CLASSES_THIN: "Nhóm {group}: {count} lớp trả lời vẫn có dưới {valid} phiếu hợp lệ và hệ số điều chỉnh "
    "trên {factor} (hoặc không có ai trả lời), phương án không cho gộp thêm{labels}.",
    NoteKind.STRATA_COLLAPSED: "Nhóm {group}: {count} tầng có dưới hai người trả lời nên được gộp theo {column} khi "
    "tính sai số{labels}.",
    NoteKind.STRATA_EMPTY: "Nhóm {group}: {count} tầng không còn ai trong bộ dữ liệu nên không có người đại "
    "diện{labels}.",
    NoteKind.BLOCKS: "Nhóm {group} đánh giá theo khối cơ quan cố định nên sai số được tính theo hướng thận trọng: "
    "không giảm trừ theo tỷ lệ đã điều tra trong tổng thể.",
    NoteKind.CROSSED: "Nhóm {group}: ở {count} tầng có nhiều lớp trả lời, sai số được tính theo hướng thận trọng, "
    "không giảm trừ theo tỷ lệ đã điều tra trong tổng thể{labels}.",
    NoteKind.CELLS_MERGED: "Nhóm {group}: để mỗi ô phân tổ có đủ người trả lời, {cells} trong {of} ô được gộp theo "
    "{columns}, đúng thứ tự đã định trước.",
    NoteKind.MODE_DROPPED: "Nhóm {group}: hình thức trả lời của {respondents} người không được giữ lại trong bộ dữ "
    "liệu để không nhận ra được ai.",
    NoteKind.PHASE_DROPPED: "Nhóm {group}: bộ dữ liệu không ghi {respondents} người trả lời trước hay sau lần nhắc "
    "đầu để không nhận ra được ai.",
    NoteKind.PACE_DROPPED: "Nhóm {group}: bộ dữ liệu không ghi {respondents} người trả lời nhanh hay chậm để "
    "không nhận ra được ai.",
    NoteKind.WEIGHTS_AVERAGED: "Nhóm {group}: trọng số gốc của {respondents} người được lấy bình quân trong ô phân tổ "
    "để không nhận ra được ai.",
    NoteKind.LEFT_OUT: "Nhóm {group}: không quá {respondents} phiếu hợp lệ không được đưa vào bộ dữ liệu vì ô phân tổ "
    "có dưới {k} người.",
    NoteKind.FEW_ANSWERS: "Nhóm {group}: câu hỏi có dưới {k} người trả lời về một cơ quan thì không tính vào điểm của "
    "cơ quan đó ({cells} trường hợp, ở {asked} câu hỏi).",
    NoteKind.DRAWN_AGAIN: "Nhóm {group} được chọn mẫu lại (lần {number}). Lý do ghi nhận: {reason}",
    NoteKind.RESERVE_RELEASED: "Nhóm {group} được bổ sung {n} người từ mẫu dự phòng (lần {number}). Lý do ghi nhận: "
    "{reason}",
    NoteKind.EXTENDED: "Đợt điều tra được gia hạn đến hết ngày {closes}. Lý do ghi nhận: {reason}",
    NoteKind.CORRECTED: "Câu chữ của bảng hỏi “{questionnaire}” được sửa ngày {day}, ở {n} chỗ. Lý do "
    "ghi nhận: {reason}",
    NoteKind.KEYED_AGAIN: "Trong {keyed} phiếu giấy đã nhập, {forms} phiếu được hai người nhập riêng: {differed} trong "
    "{compared} ô nhập khác nhau, {percent}%; theo câu hỏi: {items}.",
    NoteKind.UNITS_ENDED: "Cơ quan, đơn vị của năm trước không có cơ quan nào kế tiếp nên không so sánh: {units}.",
    NoteKind.OTHER_YEAR: "Bộ tiêu chí áp dụng cho năm {years}, còn đợt điều tra kết thúc năm {year}.",
    NoteKind.LATE_ADMITTED: "Nhận cả {n} phiếu giấy đến sau ngày cuối, quyết định chung khi chưa xem phiếu nào. Lý do "
    "ghi nhận: {reason}",
}

COLUMNS = {
    "unit": "cơ quan",
    "channel": "kênh nộp hồ sơ",
    "level": "mức độ dịch vụ công",
    "field": "lĩnh vực",
    "procedure": "thủ tục hành chính",
    "place": "nơi tiếp nhận hồ sơ",
    "position": "chức vụ",
    "overdue": "tình trạng trễ hạn",
    "zone": "cụm liền kề của mẫu hệ thống",
    "multiplicity": "số cơ quan mà một người có hồ sơ",
}
LEVELS = {
    "counter": "trực tiếp",
    "online": "trực tuyến",
    "post": "bưu chính",
    "yes": "trễ hạn",
    "no": "không trễ hạn",
    "": "toàn nhóm",
    "all": "toàn nhóm",
}
_MERGED = "*"
_STRATUM = "stratum:"


def sentences(notes: Iterable[Note], wave: WaveFacts) -> list[str]:
    """The notes that the page does not say elsewhere, with the names of groups and units of this wave."""
    return [_sentence(each, wave) for each in notes if SENTENCES[each.kind]]


def _sentence(note: Note, wave: WaveFacts) -> str:
    values: dict[str, str] = {name: _value(name, value, wave) for name, value in note.parameters}
    items, labels = note.values.get("items"), note.values.get("labels")
    if isinstance(items, tuple):
        values["asked"] = numbers.count(len(items))  # their ids would say nothing to a reader
    if isinstance(labels, tuple):
        values["count"] = numbers.count(len(labels))
        values["labels"] = _listed(labels, wave)
    said = SENTENCES[note.kind].format(**values)
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _value(name: str, value: Parameter, wave: WaveFacts) -> str:
    if name == "group":
        return f"“{wave.group_names.get(str(value), {}).get('vi', value)}”"
    if name == "respondents" and value == SOME:
        return "một số"
    if name == "unit_kind":
        return kind_words(str(value)).title
    if name in ("column", "columns"):
        return _columns(value if isinstance(value, tuple) else (str(value),))
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, float):
        return f"{value:.3g}".replace(".", ",")
    return value if isinstance(value, str) else numbers.count(value)


def _columns(names: Sequence[str]) -> str:
    """``channel`` is a margin; with ``stratum:channel`` the strata lose it, too."""
    told = dict.fromkeys(name.removeprefix(_STRATUM) for name in names)
    strata = {name.removeprefix(_STRATUM) for name in names if name.startswith(_STRATUM)}
    return ", ".join(COLUMNS.get(name, name) + (" (kể cả tầng)" if name in strata else "") for name in told)


def _listed(labels: Sequence[str], wave: WaveFacts) -> str:
    """`` (Sở Tư pháp, trực tuyến; …)``, or nothing where they are many."""
    if len(labels) > MOST_NAMED:
        return ""
    return f" ({'; '.join(_label(label, wave) for label in labels)})"


def _label(label: str, wave: WaveFacts) -> str:
    """``so_tu_phap/online`` as a reader calls it; what was merged before is left out."""
    parts = [part for part in label.split("/") if part != _MERGED]
    named = [wave.unit_names[part]["vi"] if part in wave.unit_names else LEVELS.get(part, part) for part in parts]
    return ", ".join(named) or LEVELS["all"]
