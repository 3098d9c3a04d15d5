"""No file for a place holds invitations that assess the office running it; letters reach those people."""

from __future__ import annotations

import csv
import json
import re
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfReader
from pyzbar.pyzbar import decode

from forms.faults import Faults
from survey import issuing
from survey.issuing import ExportRow
from survey.paper import slips
from tests.survey.delivery.conftest import EACH, Desk


def serials(file: Path) -> list[int]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return [int(row["serial"]) for row in csv.DictReader(lines)]


def texts(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def test_an_export_for_a_place_leaves_out_what_assesses_the_office_running_it(desk: Desk):
    file = desk.folder / "a.csv"
    asked = ("invitations", "export", "--wave", "giao", "--place", "quay_a", "-o", str(file))
    said = desk.run(*asked)
    assert f"quay_a: {EACH} left out" in said and "phieu letters" in said
    assert serials(file) == desk.of("dan", "so_b", "quay_a")
    desk.run("invitations", "export", "--wave", "giao", "--place", "so_a", "-o", str(file))
    assert serials(file) == desk.of("cong_chuc", "so_a", "so_a")  # their own office is theirs to assess
    desk.run("invitations", "export", "--wave", "giao", "--place", "trung_tam", "--group", "dan", "-o", str(file))
    assert serials(file) == desk.of("dan", "so_a", "trung_tam")


def test_a_place_for_which_nothing_is_left_gets_a_refusal_by_name(desk: Desk):
    file = desk.folder / "a.csv"
    with pytest.raises(Faults, match="no invitation may leave for the place “quay_a”"):
        desk.run("invitations", "export", "--wave", "giao", "--place", "quay_a", "--unit", "so_a", "-o", str(file))
    assert not file.exists()
    with pytest.raises(Faults, match="nothing to print"):
        desk.run("slips", "--wave", "giao", "--place", "quay_a", "--unit", "so_a", "-o", str(file))


def test_slips_never_hold_them_whatever_is_asked_for(desk: Desk):
    file = desk.folder / "a.pdf"
    said = desk.run("slips", "--wave", "giao", "-o", str(file))
    printed = {int(number) for page in texts(file.read_bytes()) for number in re.findall(r"Số phiếu (\d+)", page)}
    held = {*desk.of("dan", "so_a", "quay_a"), *desk.of("dan", "so_a", "so_a")}
    assert printed == {one.serial for one in desk.all()} - held
    assert f"quay_a: {EACH} left out" in said and f"so_a: {EACH} left out" in said


def test_the_coordinators_own_list_is_whole(desk: Desk):
    file = desk.folder / "a.csv"
    desk.run("invitations", "export", "--wave", "giao", "-o", str(file))
    assert len(serials(file)) == len(desk.all())


def test_letters_reach_those_whom_no_place_may_serve(desk: Desk):
    file = desk.folder / "thu.pdf"
    said = desk.run("letters", "--wave", "giao", "--withheld", "--reason", "gửi thư", "-o", str(file))
    assert "2 left out: no name or post, or no address." in said and "8 letters" in said
    pages = texts(file.read_bytes())
    assert len(pages) == 8
    for page in pages:
        for told in (
            "Ủy ban nhân dân tỉnh",
            "Kế hoạch 12/KH-UBND ngày 03/02/2026",
            "Kính gửi: Nguyễn Văn",
            "Thôn ",
            "đến hết ngày 31/03/2026",
            "0262 000 000",
            "Đóng dấu",
            "Khảo sát sự hài lòng",
            "Sở A",
        ):
            assert told in page
    assert desk.logged()[-2:] == ["codes exported", "contacts exported"]
    with pypdfium2.PdfDocument(file.read_bytes()) as document:
        image = document[0].render(scale=150 / 72).to_pil().convert("L")
    (code,) = decode(image)
    grouped = re.search(r"\w{4}-\w{4}-\w{4}", pages[0])
    assert grouped and code.data.decode().endswith("/P/" + grouped[0].replace("-", ""))
    assert file.stat().st_mode & 0o077 == 0


def test_letters_are_tagged_and_say_that_they_are(desk: Desk):
    file = desk.folder / "thu.pdf"
    desk.run("letters", "--wave", "giao", "--group", "nha", "--reason", "x", "-o", str(file))
    reader = PdfReader(file)
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "vi"  # type: ignore[index]
    assert b"pdfuaid" in root["/Metadata"].get_data()  # type: ignore[index]
    desk.store.connection.execute("UPDATE contact SET address = NULL")
    with pytest.raises(Faults, match="nothing was written"):
        desk.run("letters", "--wave", "giao", "--reason", "x", "-o", str(desk.folder / "b.pdf"))


def test_a_post_without_a_named_holder_is_written_to_at_its_office(desk: Desk):
    run = desk.store.connection.execute
    run("UPDATE contact SET name = NULL, address = NULL")
    run("UPDATE frame_row SET fields = ? WHERE grp = 'cong_chuc'", (json.dumps({"position": "Phó Giám đốc"}),))
    file = desk.folder / "thu.pdf"
    desk.run("letters", "--wave", "giao", "--reason", "x", "-o", str(file))
    pages = texts(file.read_bytes())
    assert len(pages) == EACH
    assert all("Kính gửi: Phó Giám đốc Sở A" in page for page in pages)


def test_addresses_break_at_commas_into_three_lines_at_most():
    from survey.paper.field_papers import _lines

    assert _lines("Thôn 1, xã Ea") == ["Thôn 1, xã Ea"]
    long = "Tổ dân phố 5, số 127/15/3 đường Hoàng Hữu Nam, phường Tân An, tỉnh Đắk Lắk, Việt Nam, châu Á, Trái Đất"
    assert len(_lines(long)) == 3
    assert ", ".join(_lines(long)) == long


def test_return_envelopes_tell_nothing_of_their_sender(desk: Desk):
    file = desk.folder / "bi.pdf"
    desk.run("envelopes", "--wave", "giao", "--number", "3", "-o", str(file))
    pages = texts(file.read_bytes())
    assert len(pages) == 3 and len(set(pages)) == 1
    for told in ("Sở Nội vụ", "Số 01 Lê Duẩn, phường Buôn Ma Thuột", "BƯU PHÍ ĐÃ TRẢ", "Kế hoạch 12/KH-UBND"):
        assert told in pages[0]
    with pypdfium2.PdfDocument(file.read_bytes()) as document:
        width, height = document[0].get_size()
    assert (round(width * 25.4 / 72), round(height * 25.4 / 72)) == (220, 110)


def test_envelopes_need_an_address_to_come_back_to(scene, tmp_path: Path):
    from survey.paper import field_papers

    with pytest.raises(Faults, match=r"has no \[return\]"):
        field_papers.envelopes(scene.wave, 1)


def test_every_slip_has_a_blank_corner_for_a_stamp_and_the_small_one_is_alone(desk: Desk):
    row = ExportRow(7, "dan", ("so_a",), "trung_tam", "7K3M-9QX2-0007", "https://ks.vn/P/7K3M9QX20007")
    one = slips.single(desk.wave, row)
    (page,) = texts(one)
    assert "Đóng dấu" in page and "Kế hoạch 12/KH-UBND" in page
    with pypdfium2.PdfDocument(one) as document:
        width, height = document[0].get_size()
        image = document[0].render(scale=150 / 72).to_pil().convert("L")
    assert (round(width * 25.4 / 72), round(height * 25.4 / 72)) == (105, 74)
    assert decode(image)[0].data.decode().endswith("7K3M9QX20007")
    # Inside the frame, below its small word, nothing is printed.
    scale = 150 / 25.4
    corner = (105 - 6 - 25 + 1, 74.2 - 2.2 - 14.4 + 4, 105 - 6 - 1, 74.2 - 2.2 - 1)
    assert image.crop(tuple(int(each * scale) for each in corner)).getextrema()[0] > 250  # type: ignore[arg-type]


def test_ranges_and_lost_batches_are_reissued_and_revoked_with_a_reason(desk: Desk):
    desk.run("handover", "out", "--wave", "giao", "--kind", "post", "--to", "Bưu điện tỉnh", "--range", "1-4")
    said = desk.run("invitations", "reissue", "--wave", "giao", "--batch", "1", "--reason", "mất bưu phẩm")
    assert "4 of 4 reissued" in said
    assert [one.generation for one in desk.all()[:5]] == [1, 1, 1, 1, 0]
    assert "3 of 3 revoked" in desk.run("invitations", "revoke", "--wave", "giao", "--range", "5-7", "--reason", "x")
    assert [desk.state(serial) for serial in (5, 6, 7, 8)] == ["revoked"] * 3 + ["issued"]
    for wrong in ("7", "9-5", "a-b", "-3"):
        with pytest.raises(Faults, match="is no range of numbers"):
            desk.run("invitations", "revoke", "--wave", "giao", "--range", wrong, "--reason", "x")
    with pytest.raises(Faults, match="holds more than"):
        desk.run("invitations", "revoke", "--wave", "giao", "--range", "1-999999", "--reason", "x")
    details = [json.loads(row[0]) for row in desk.store.connection.execute(
        "SELECT detail FROM audit WHERE action = 'invitation reissued'")]  # fmt: skip
    assert [each["reason"] for each in details] == ["mất bưu phẩm"] * 4


def test_counting_what_is_withheld_changes_nothing(desk: Desk):
    before = list(desk.store.connection.iterdump())
    assert issuing.withheld(desk.store, desk.wave) == {"quay_a": EACH, "so_a": EACH}
    there = issuing.at_places(desk.store, desk.wave)
    assert {place: kept for place, (_n, kept) in there.items() if kept} == {"quay_a": EACH, "so_a": EACH}
    assert all(n >= kept for n, kept in there.values())
    assert issuing.at_places(desk.store, desk.wave) is there, "counted once while nothing moves"
    assert issuing.withheld(desk.store, desk.wave, place="quay_a", unit="so_b") == {}
    assert list(desk.store.connection.iterdump()) == before


def test_a_revoked_invitation_leaves_the_counts_of_its_place(desk: Desk):
    before = issuing.at_places(desk.store, desk.wave)
    desk.run("invitations", "revoke", "--wave", "giao", "--serial", "1", "--reason", "x")
    after = issuing.at_places(desk.store, desk.wave)
    assert sum(n for n, _ in after.values()) == sum(n for n, _ in before.values()) - 1
