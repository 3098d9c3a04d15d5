"""Notes: one meaning, an English sentence, a Vietnamese one, and plain values for a manifest."""

from __future__ import annotations

import pytest

from analysis.notes import ENGLISH, Note, NoteKind, needed, note, read
from analysis.report import noted
from analysis.result import WaveFacts
from forms.faults import Faults

WAVE = WaveFacts(
    id="w", title={"vi": "Đợt"}, opens="2026-03-01", closes="2026-03-31", simulated=False, interim=False, k=5,
    unit_names={"so_y_te": {"vi": "Sở Y tế"}}, group_names={"dan": {"vi": "Người dân"}},
)  # fmt: skip
AGAIN = note(NoteKind.DRAWN_AGAIN, group="dan", number=2, reason="danh sách cũ thiếu")


def said(*notes: Note) -> list[str]:
    return noted.sentences(notes, WAVE)


def test_every_kind_has_its_words_in_both_languages_from_the_same_parameters() -> None:
    assert ENGLISH.keys() == noted.SENTENCES.keys() == set(NoteKind)
    for kind, sentence in noted.SENTENCES.items():
        assert needed(sentence) <= needed(ENGLISH[kind]) | {"count", "asked"}, kind


def test_a_note_survives_being_written_into_a_manifest() -> None:
    merged = note(NoteKind.CELLS_MERGED, group="dan", columns=("stratum:channel", "channel"), cells=3, of=14)
    for each in (AGAIN, merged):
        assert read(each.document()) == each
    assert str(AGAIN) == "dan: drawn again (draw 2): danh sách cũ thiếu"
    assert str(merged) == "dan: stratum:channel, channel merged in 3 of 14 cells of the design"


@pytest.mark.parametrize("document", ["drawn again", {"kind": "news"}, {"group": "dan"}, 7, {"kind": "left_out"}])
def test_what_this_version_does_not_know_is_refused(document: object) -> None:
    with pytest.raises(Faults, match="the manifest"):
        read(document)


def test_vietnamese_names_groups_units_columns_and_levels() -> None:
    assert said(AGAIN) == ["Nhóm “Người dân” được chọn mẫu lại (lần 2). Lý do ghi nhận: danh sách cũ thiếu."]
    assert said(note(NoteKind.CELLS_MERGED, group="dan", columns=("stratum:channel", "channel"), cells=3, of=1400)) == [
        "Nhóm “Người dân”: để mỗi ô phân tổ có đủ người trả lời, 3 trong 1.400 ô được gộp theo kênh nộp hồ sơ "
        "(kể cả tầng), đúng thứ tự đã định trước."
    ]
    labels = ("so_y_te/online", "so_y_te/*", "all")
    (told,) = said(note(NoteKind.STRATA_COLLAPSED, group="dan", labels=labels, column="channel", into=("*",)))
    assert told.endswith("tính sai số (Sở Y tế, trực tuyến; Sở Y tế; toàn nhóm).")
    thin = note(NoteKind.CLASSES_THIN, group="dan", labels=("khác",), valid=20, factor=3.0)
    assert "dưới 20 phiếu hợp lệ và hệ số điều chỉnh trên 3 (" in said(thin)[0] and said(thin)[0].endswith(" (khác).")
    absent = note(NoteKind.ABSENT_GROUP, group="moi", unit_kind="commune")
    assert said(absent)[0].startswith("Nhóm “moi” không có lượt đánh giá nào về xã, phường;")


def test_many_labels_are_counted_and_what_the_page_says_elsewhere_is_not_said_again() -> None:
    labels = tuple(f"xa_{number}/online" for number in range(102))
    (told,) = said(
        note(NoteKind.ROUNDING),
        note(NoteKind.CLASSES_MERGED, group="dan", labels=labels, column="channel", into=("xa_1/*",)),
    )
    assert told.startswith("Nhóm “Người dân”: 102 lớp trả lời") and "xa_" not in told
