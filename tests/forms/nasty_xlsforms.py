"""Forms as third parties write them: legal (pyxform takes each), and full of what a questionnaire here cannot say.

Each: its sheets, the ids that must be kept, and for each thing that must not vanish in silence a word of its note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Rows = Sequence[Mapping[str, object]]
YN = [{"list_name": "yn", "name": "yes", "label": "Có"}, {"list_name": "yn", "name": "no", "label": "Không"}]


@dataclass(frozen=True)
class Nasty:
    """One form. ``kept``: ids of items in order; ``said``: words that the notes must hold."""

    survey: Rows
    kept: tuple[str, ...]
    said: tuple[str, ...]
    choices: Rows = field(default_factory=lambda: YN)
    more: Mapping[str, Rows] = field(default_factory=dict)


def row(type: str, name: str = "", label: str = "", **more: object) -> dict[str, object]:
    return {"type": type, "name": name, "label": label, **more}


FORMS: dict[str, Nasty] = {
    "cascading selects": Nasty(
        [row("select_one province", "province", "Tỉnh"),
         row("select_one district", "district", "Huyện", choice_filter="province=${province}"),
         row("select_one commune", "commune", "Xã", choice_filter="province=${province} and district=${district}")],
        ("province", "district", "commune"), ("survey:3: left out: “choice_filter”",
         "survey:4: left out: “choice_filter”", "choices:6"),
        [{"list_name": "province", "name": "dl", "label": "Đắk Lắk"}, {"list_name": "province", "name": "py",
         "label": "Phú Yên"},
         {"list_name": "district", "name": "bd", "label": "Buôn Đôn", "province": "dl"},
         {"list_name": "district", "name": "th", "label": "Tuy Hoà", "province": "py"},
         {"list_name": "commune", "name": "kn", "label": "Krông Na", "province": "dl", "district": "bd"},
         {"list_name": "commune", "name": "ap", "label": "An Phú", "province": "py", "district": "th"}],
    ),
    "a repeat group": Nasty(
        [row("text", "head", "Tên chủ hộ"),
         row("begin_repeat", "member", "Thành viên", repeat_count="3"),
         row("integer", "age", "Tuổi"), row("select_one yn", "works", "Có việc làm?", relevant="${age} > 15"),
         row("end_repeat"), row("select_one yn", "agree", "Đồng ý?")],
        ("head", "agree"), ("member", "repeat"),
    ),
    "calculate and pulldata": Nasty(
        [row("integer", "a", "Số a"), row("calculate", "double", "", calculation="${a} * 2"),
         row("calculate", "name_of", "", calculation="pulldata('units', 'name', 'code', ${a})"),
         row("note", "told", "Gấp đôi: ${double}"),
         row("integer", "b", "Số b", constraint=". > ${a}", constraint_message="Phải lớn hơn a")],
        ("a", "told", "b"), ("double", "name_of", "constraint", "repeats an earlier answer in its words"),
    ),
    "or_other twice": Nasty(
        [row("select_one ways or_other", "way", "Nộp bằng cách nào?"),
         row("select_multiple ways or_other", "again", "Những cách khác?", relevant="selected(${way}, 'post')")],
        ("way", "way_other", "again", "again_other"), ("or other",),
        [{"list_name": "ways", "name": "post", "label": "Bưu điện"}, {"list_name": "ways", "name": "web",
         "label": "Mạng"}],
    ),
    "languages with holes": Nasty(
        [{"type": "select_one yn", "name": "used", "label::English (en)": "Used?",
         "label::Tiếng Việt (vi)": "Có dùng không?"},
         {"type": "text", "name": "why", "label::English (en)": "Why?", "hint::Tiếng Việt (vi)": "Ghi ngắn"},
         {"type": "note", "name": "bye", "label::Français (fr)": "Merci"}],
        ("used", "why", "bye"), ("why", "bye"),
        [{"list_name": "yn", "name": "yes", "label::English (en)": "Yes", "label::Tiếng Việt (vi)": "Có"},
         {"list_name": "yn", "name": "no", "label::English (en)": "No"}],
    ),
    "translated labels only, English first": Nasty(
        [{"type": "select_one yn", "name": "ok", "label::English (en)": "All right?"},
         {"type": "integer", "name": "n", "label::English (en)": "How many?", "hint::English (en)": "A number"}],
        ("ok", "n"), ("Vietnamese",),
        [{"list_name": "yn", "name": "yes", "label::English (en)": "Yes"}, {"list_name": "yn", "name": "no",
         "label::English (en)": "No"}],
    ),
    "relevant with selected, nested and negated": Nasty(
        [row("select_multiple ways", "used", "Đã dùng?"),
         row("text", "a", "Vì sao dùng mạng?", relevant="selected(${used}, 'web') and not(selected(${used}, 'post'))"),
         row("text", "b", "Đếm?", relevant="count-selected(${used}) > 1"),
         row("text", "c", "Ngày?", relevant="today() > date('2026-01-01')"),
         row("text", "d", "Tính?", relevant="${a} = concat('x', 'y')")],
        ("used", "a", "b", "c", "d"), ("“b”", "“c”", "“d”"),
        [{"list_name": "ways", "name": "post", "label": "Bưu điện"}, {"list_name": "ways", "name": "web",
         "label": "Mạng"}],
    ),
    "regular expressions and other limits": Nasty(
        [row("text", "phone", "Điện thoại", constraint="regex(., '^0[0-9]{9}$')", constraint_message="Mười số"),
         row("integer", "age", "Tuổi", constraint=". >= 18 and . <= 120"),
         row("integer", "odd", "Số lẻ", constraint=". mod 2 = 1"),
         row("decimal", "km", "Bao xa?", constraint=". > 0.5"),
         row("date", "day", "Ngày nộp", constraint=". <= today()")],
        ("phone", "age", "odd", "km", "day"), ("“phone”", "“odd”", "“day”", "whole numbers"),
    ),
    "appearances, media and places": Nasty(
        [row("select_one yn", "ok", "Đồng ý?", appearance="horizontal", **{"media::image": "a.png"}),
         row("geopoint", "place", "Vị trí"), row("geotrace", "way", "Đường đi"), row("image", "photo", "Ảnh"),
         row("audio", "voice", "Tiếng nói"), row("barcode", "code", "Mã vạch"), row("file", "doc", "Tệp"),
         row("text", "said", "Ý kiến", appearance="multiline", default="không")],
        ("ok", "said"), ("appearance", "media::image", "place", "way", "photo", "voice", "code", "doc", "default"),
    ),
    "external and file lists": Nasty(
        [row("select_one_from_file units.csv", "unit_code", "Cơ quan nào?"),
         row("select_multiple_from_file units.csv", "others", "Cơ quan khác?"),
         row("select_one yn", "ok", "Hài lòng?"), row("rank yn", "order", "Xếp thứ tự")],
        ("ok",), ("unit_code", "others", "order"),
    ),
    "groups three deep": Nasty(
        [row("begin_group", "g1", "Phần một", relevant="true()"), row("integer", "n", "Bao nhiêu?"),
         row("begin_group", "g2", "Phần hai", relevant="${n} > 1"), row("text", "t", "Chữ"),
         row("begin_group", "g3", "Phần ba", relevant="${n} > 2", appearance="field-list"), row("select_one yn",
          "deep", "Sâu?"),
         row("end_group"), row("end_group"), row("end_group"), row("text", "last", "Cuối")],
        ("n", "g2", "t", "g3", "deep", "last"), ("“g2” is a group in a group", "“g3” is a group in a group", "true()"),
    ),
    "names alike but for case, and names of ours": Nasty(
        [row("text", "Name", "Tên"), row("text", "name", "Họ"), row("select_one yn", "unit", "Cơ quan?"),
         row("text", "Q-1", "Gạch"), row("integer", "code", "Mã"), row("text", "việc", "Việc",
          relevant="${Name} != ''")],
        ("name", "name_2", "unit_2", "q_1", "code_2", "viec"), ("“Name”", "“Q-1”", "“unit”", "“code”", "“việc”"),
    ),
    "the same name in two groups": Nasty(
        [row("begin_group", "a", "Phần a"), row("text", "why", "Vì sao?"), row("end_group"),
         row("begin_group", "b", "Phần b"), row("text", "why", "Vì sao nữa?"), row("end_group")],
        ("why", "why_2"), ("why_2",),
    ),
    "metadata, triggers and an unlabelled choice": Nasty(
        [row("start", "start"), row("end", "end"), row("today", "today"), row("deviceid", "deviceid"), row("audit",
         "audit"),
         row("acknowledge", "read", "Đã đọc"), row("select_one ways", "way", "Cách nào?"), row("time", "at",
          "Lúc mấy giờ"),
         row("datetime", "when", "Khi nào"), row("hidden", "secret", "", default="x")],
        ("way",), ("start", "deviceid", "read", "at", "when", "secret", "“unused” is a list that no question asks for"),
        [{"list_name": "ways", "name": "1", "label": "Một"}, {"list_name": "ways", "name": "2", "label": ""},
         {"list_name": "unused", "name": "x", "label": "Không ai hỏi"}],
    ),
    "required by condition, read-only, hints with formulas": Nasty(
        [row("select_one yn", "ok", "Đồng ý?", required="yes", required_message="Cần trả lời"),
         row("text", "why", "=1+1", required="${ok} = 'no'", hint="@cmd", read_only="yes"),
         row("integer", "n", "Số 😀 e\u0301", guidance_hint="Đọc cho người nghe", default="5")],
        ("ok", "why", "n"), ("required", "required_message", "read_only", "guidance_hint", "default"),
    ),
    "settings and sheets of others": Nasty(
        [row("select_one yn", "ok", "Đồng ý?")], ("ok",), ("entities", "style", "submission_url", "form_id", "ks_2026"),
        more={"settings": [{"form_title": "Khảo sát", "form_id": "ks-2026", "version": "20260101", "style": "pages",
                            "submission_url": "https://example.org", "default_language": "default"}],
              "entities": [{"list_name": "households", "label": "x"}]},
    ),
    "a matrix with field-list and a label row": Nasty(
        [row("begin_group", "m", "Bảng", appearance="field-list"),
         row("select_one yn", "m_head", "Đầu bảng", appearance="label"),
         row("select_one yn", "m_1", "Dòng một", appearance="list-nolabel"),
         row("select_one yn", "m_2", "Dòng hai", appearance="list-nolabel"), row("end_group")],
        ("qm_head", "qm_1", "qm_2"), ("appearance", "“m_head” is now called"),
    ),
}  # fmt: skip
