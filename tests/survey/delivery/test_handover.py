"""Batches out and back, their paper, and three visits."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from forms.faults import Faults
from survey import invitations
from survey.delivery import handover, visits
from survey.delivery.handover import Kind
from survey.delivery.visits import Outcome
from survey.dispositions import State
from tests.survey.delivery.conftest import EACH, Desk


def text_of(file: Path) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(file.read_bytes())).pages)


def out(desk: Desk, *serials: int, kind: Kind = Kind.INTERVIEWER, holder: str = "Trần Văn Bình") -> int:
    return handover.make(desk.store, desk.clock, desk.wave, kind, holder, serials, who="x")


def back(desk: Desk, number: int, **told: object) -> handover.Batch:
    return handover.take_back(desk.store, desk.clock, desk.wave, number, who="x", **told)  # type: ignore[arg-type]


def test_a_batch_goes_out_and_comes_back_with_its_totals(desk: Desk):
    one, two, three, four, five = desk.of("nha", "so_b", "trung_tam")
    number = out(desk, one, two, three, four, five)
    assert handover.get(desk.store, desk.wave, number).differences() == []
    for serial in (one, two):
        desk.put(serial, "answered")
    batch = back(desk, number, back=2, spoiled=[three], unused=[four])
    assert (len(batch.rows), batch.back, batch.came("spoiled"), batch.came("unused"), batch.missing) == (5, 2, 1, 1, 1)
    assert [desk.state(serial) for serial in (three, four, five)] == ["damaged", "issued", "issued"]
    assert batch.differences() == ["1 slips came back in no way"]
    assert desk.logged()[-3:] == ["batch handed over", "batch taken back", "disposition recorded"]
    with pytest.raises(Faults, match="was taken back before"):
        back(desk, number, back=0)
    assert out(desk, four, five) == number + 1  # what came back, or never did, may go out again


def test_totals_that_disagree_with_the_dispositions_are_named(desk: Desk):
    one, two, three, *_ = desk.of("nha", "so_b", "trung_tam")
    number = out(desk, one, two, three)
    desk.put(three, "answered")
    assert back(desk, number, back=2, unused=[three]).differences() == [
        "2 forms came back, but only 1 are answered, late or damaged",
        f"brought back unused, and answered: {three}",
    ]
    desk.put(one, "late")
    assert len(handover.get(desk.store, desk.wave, number).differences()) == 1


def test_more_cannot_come_back_than_went_out(desk: Desk):
    one, two, three, *_ = desk.of("nha", "so_b", "trung_tam")
    number = out(desk, one, two)
    for told, message in (
        ({"back": 3}, "are more than the 2 out"),
        ({"back": 2, "spoiled": [one]}, "are more than the 2 out"),
        ({"back": 0, "spoiled": [three]}, f"not in batch {number}: {three}"),
        ({"back": 0, "spoiled": [one], "unused": [one]}, "both spoiled and unused"),
        ({"back": -1}, "are more than"),
    ):
        with pytest.raises(Faults, match=message):
            back(desk, number, **told)
    assert handover.get(desk.store, desk.wave, number).back is None
    with pytest.raises(Faults, match="has no batch 9"):
        back(desk, 9, back=0)


def test_what_cannot_be_in_a_batch_is_told_at_once(desk: Desk):
    one, two, three, four, _ = desk.of("nha", "so_b", "trung_tam")
    out(desk, one)
    desk.put(two, "answered")
    desk.put(three, "revoked")
    before = list(desk.store.connection.iterdump())
    with pytest.raises(Faults) as caught:
        out(desk, one, two, three, 999, four)
    told = [str(fault) for fault in caught.value.faults]
    assert told == [
        f"invitation {one} is out with batch 1", f"invitation {two} is answered, which is final",
        f"invitation {three} is revoked, which is final", "wave “giao” has no invitation with the serial 999",
    ]  # fmt: skip
    for wrong in ({"holder": " "}, {}):
        with pytest.raises(Faults, match=r"name who takes|nothing to hand over"):
            out(desk, *([four] if wrong else []), **wrong)
    assert list(desk.store.connection.iterdump()) == before


def test_a_place_gets_none_about_the_office_that_runs_it(desk: Desk):
    about_itself, about_others = desk.of("dan", "so_a", "quay_a"), desk.of("dan", "so_b", "quay_a")
    with pytest.raises(Faults, match="assesses the office that runs it"):
        out(desk, about_itself[0], kind=Kind.PLACE, holder="quay_a")
    with pytest.raises(Faults, match="not for the place “trung_tam”"):
        out(desk, about_others[0], kind=Kind.PLACE, holder="trung_tam")
    said = desk.run("handover", "out", "--wave", "giao", "--kind", "place", "--to", "quay_a")
    assert f"Batch 1: {EACH} invitations for quay_a." in said
    assert list(handover.get(desk.store, desk.wave, 1).serials) == about_others
    own = desk.of("cong_chuc", "so_a", "so_a")
    assert handover.free(desk.store, desk.wave, group=None, place="so_a") == own


def test_three_visits_in_vain_make_a_non_contact_and_no_fewer(desk: Desk):
    serial = desk.of("nha", "so_b", "trung_tam")[0]

    def visit(outcome: Outcome) -> State:
        return visits.record(desk.store, desk.clock, desk.wave, serial, outcome, who="x", reason="vắng nhà")

    def non_contact() -> None:
        invitations.record(desk.store, desk.clock, desk.wave, serial, State.NO_CONTACT, who="x", reason="vắng")

    assert visit(Outcome.ABSENT) is State.ISSUED
    assert visit(Outcome.LATER) is State.ISSUED
    with pytest.raises(Faults, match="visited or called 2 of 3 times"):
        non_contact()
    assert visit(Outcome.ABSENT) is State.NO_CONTACT
    assert desk.state(serial) == "no_contact"
    with pytest.raises(Faults, match="was visited 3 times"):
        visit(Outcome.ABSENT)
    invitations.record(desk.store, desk.clock, desk.wave, serial, State.ISSUED, who="x", reason="nhầm")
    non_contact()


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("refused", "refused"), ("unable", "other"), ("gone", "undeliverable"), ("met", "issued")],
)
def test_what_a_visit_came_to_is_recorded(desk: Desk, outcome: str, state: str):
    serial = desk.of("nha", "so_b", "trung_tam")[1]
    asked = ("interview", "visit", "--wave", "giao", "--serial", str(serial), "--reason", "đến nhà")
    assert f"is {state}." in desk.run(*asked, "--outcome", outcome)
    assert desk.state(serial) == state


def test_visits_are_for_interviews_that_are_still_open(desk: Desk):
    one, two, *_ = desk.of("nha", "so_b", "trung_tam")
    desk.put(one, "answered")
    desk.put(two, "started")
    args = desk.store, desk.clock, desk.wave
    with pytest.raises(Faults, match="no visit follows"):
        visits.record(*args, one, Outcome.ABSENT, who="x", reason="x")
    with pytest.raises(Faults, match="nobody visits or calls"):
        visits.record(*args, desk.of("dan", "so_a", "trung_tam")[0], Outcome.ABSENT, who="x", reason="x")
    with pytest.raises(Faults, match="a reason is needed"):
        visits.record(*args, two, Outcome.ABSENT, who="x", reason=" ")
    for _ in range(3):
        assert visits.record(*args, two, Outcome.ABSENT, who="x", reason="x") is State.STARTED


def test_the_papers_of_a_batch(desk: Desk):
    serials = desk.of("nha", "so_b", "trung_tam")
    number = str(out(desk, *serials))
    record, people = desk.folder / "bb.pdf", desk.folder / "pc.pdf"
    desk.run("handover", "record", "--wave", "giao", number, "-o", str(record))
    told = text_of(record)
    for words in ("BIÊN BẢN GIAO NHẬN PHIẾU", "Trần Văn Bình", "điều tra viên", "BÊN GIAO", "10/03/2026",
                  "Kế hoạch 12/KH-UBND", "Hộ dân", "Giao đi Thu về Hỏng Chưa dùng Còn thiếu 5"):  # fmt: skip
        assert words in told
    said = desk.run("handover", "assignment", "--wave", "giao", number, "--reason", "phân công", "-o", str(people))
    assert "5 to visit" in said
    told = text_of(people)
    assert "Nguyễn Văn 60" in told and "Thôn 0, xã 6" in told and "Lần 3" in told
    assert not any(one.serial not in serials and f" {one.serial} Nguyễn" in told for one in desk.all())
    assert desk.logged()[-1] == "contacts exported"
    back(desk, int(number), back=3, spoiled=serials[:1])
    desk.run("handover", "record", "--wave", "giao", number, "-o", str(record))
    assert "Còn thiếu 5 3 1 0 1" in text_of(record) and "×" in text_of(record)
    post = str(out(desk, *desk.of("dan", "so_a", "trung_tam"), kind=Kind.POST, holder="Bưu điện"))
    with pytest.raises(Faults, match="taken by no interviewer"):
        desk.run("handover", "assignment", "--wave", "giao", post, "--reason", "x", "-o", str(people))


def test_consent_and_cards_come_from_the_questionnaire(desk: Desk):
    file = desk.folder / "the.pdf"
    desk.run("interview", "cards", "--wave", "giao", "--group", "nha", "-o", str(file))
    told = text_of(file)
    for words in ("Lời mở đầu của điều tra viên", "Ông/Bà có đồng ý trả lời không?", "Thẻ 1", "1. Kém", "3. Tốt"):
        assert words in told
    assert len(PdfReader(file).pages) == 2  # one list of three answers; those of two need no card
    with pytest.raises(Faults, match="has no group “la”"):
        desk.run("interview", "cards", "--wave", "giao", "--group", "la", "-o", str(file))


def test_the_commands_of_a_batch(desk: Desk):
    serials = desk.of("nha", "so_b", "trung_tam")
    asked = ("handover", "out", "--wave", "giao", "--kind", "interviewer", "--to", "Lan")
    with pytest.raises(Faults, match="either one by one or by"):
        desk.run(*asked, "--group", "nha", "--serial", "1")
    assert "Batch 1: 5 invitations for Lan." in desk.run(*asked, "--group", "nha")
    bad, left = desk.lines("hong.txt", serials[0]), desk.lines("thua.txt", *serials[1:3])
    said = desk.run("handover", "back", "--wave", "giao", "1", "--back", "2", "--spoiled", bad, "--unused", left)
    assert "batch 1: 3 forms came back, but only 1 are answered, late or damaged" in said
    (row,) = json.loads(desk.run("handover", "list", "--wave", "giao", "--format", "json").partition("\nbatch")[0])
    assert (row["out"], row["back"], row["spoiled"], row["unused"], row["missing"]) == (5, 2, 1, 2, 0)
    assert desk.run("handover", "list", "--wave", "giao", "--format", "csv").startswith("batch,taken by,out")
    assert "Batch 2: 1 invitations" in desk.run(*asked, "--serial", str(serials[3]))
    assert "Lan" in desk.run("handover", "list", "--wave", "giao")
