"""``phieu invitations`` and ``phieu slips``: what leaves, who is told, what is logged."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from forms.faults import Faults
from survey import codes, exports
from survey.issuing import ExportRow
from tests.survey.sample.conftest import DOSSIERS, Office, wave_text

Dossiers = Callable[[dict[str, tuple[int, int]]], list[list[str]]]


@pytest.fixture
def issued(office: Office, dossiers: Dossiers) -> Office:
    """An open wave with 60 invitations: 48 about Sở Tư pháp, 12 about Sở Y tế."""
    wave = office.register(wave_text(DOSSIERS))
    office.load(wave, "dan", office.csv("hs.csv", dossiers({"Sở Tư pháp": (200, 200), "Sở Y tế": (40, 40)})))
    office.run("sample", "draw", "--wave", "w", "--seed", "1")
    office.run("invitations", "issue", "--wave", "w")
    return office


def table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def logged(office: Office) -> tuple[str, dict[str, object]]:
    row = office.store.connection.execute("SELECT action, detail FROM audit ORDER BY number DESC").fetchone()
    return row["action"], json.loads(row["detail"])


def state(office: Office, serial: int) -> str:
    row = office.store.connection.execute("SELECT state FROM invitation WHERE serial = ?", (serial,)).fetchone()
    return str(row["state"])


def test_issuing_opens_the_wave_and_prints_seal_0(office: Office, dossiers: Dossiers) -> None:
    wave = office.register(wave_text(DOSSIERS))
    with pytest.raises(Faults, match="no drawn rows"):
        office.run("invitations", "issue", "--wave", "w")
    office.load(wave, "dan", office.csv("hs.csv", dossiers({"Sở Tư pháp": (200, 200), "Sở Y tế": (40, 40)})))
    office.run("sample", "draw", "--wave", "w", "--seed", "1")
    said = office.run("invitations", "issue", "--wave", "w")
    assert "60 invitations issued. Wave w is open." in said
    seal = office.store.connection.execute("SELECT number, hash FROM seal").fetchone()
    assert f"Seal {seal['number']}: {seal['hash']}" in said
    assert seal["number"] == 0


def test_the_export_has_the_contracts_columns_and_is_logged(issued: Office) -> None:
    file = issued.folder / "phieu.csv"
    said = issued.run("invitations", "export", "--wave", "w", "--reason", "in phiếu", "-o", str(file))
    assert "60 invitations. The export is logged." in said
    assert file.read_text("utf-8").startswith("serial,group,units,place,code,url\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = table(file)
    assert len({row["code"] for row in rows}) == 60
    for row in rows:
        assert codes.is_valid(codes.normalise(row["code"]))
        assert row["url"].endswith("/P/" + row["code"].replace("-", ""))
        assert (row["group"], row["place"]) == ("dan", "mot_cua")
        assert row["units"] in ("so_tu_phap", "so_y_te")
    action, detail = logged(issued)
    assert action == "codes exported"
    assert (detail["n"], detail["reason"]) == (60, "in phiếu")
    # Written again over itself: what is there is no obstacle.
    issued.run("invitations", "export", "--wave", "w", "--unit", "so_y_te", "-o", str(file))
    assert {row["units"] for row in table(file)} == {"so_y_te"}


def test_codes_are_in_no_table(issued: Office) -> None:
    file = issued.folder / "phieu.csv"
    issued.run("invitations", "export", "--wave", "w", "-o", str(file))
    dump = "\n".join(issued.dump())
    for row in table(file):
        assert row["code"] not in dump
        assert row["code"].replace("-", "") not in dump


def test_contacts_leave_only_with_a_reason(issued: Office) -> None:
    file = issued.folder / "phieu.csv"
    before = issued.dump()
    with pytest.raises(Faults, match="contacts leave only with --reason"):
        issued.run("invitations", "export", "--wave", "w", "--contacts", "-o", str(file))
    assert issued.dump() == before
    assert not file.exists()
    issued.run("invitations", "export", "--wave", "w", "--contacts", "--reason", "gửi thư", "-o", str(file))
    rows = table(file)
    assert set(rows[0]) == {*exports.HEADINGS, *exports.CONTACTS}
    for row in rows:
        number = int(row["reference"].removeprefix("HS-"))
        assert (row["name"], row["phone"]) == (f"Người số {number}", f"09{number:08d}")
    action, detail = logged(issued)
    assert (action, detail["n"], detail["reason"]) == ("contacts exported", 60, "gửi thư")
    with pytest.raises(Faults, match="contacts leave only"):
        exports.contacts(issued.store, issued.clock, None, [], who="x", reason=" ")  # type: ignore[arg-type]


def test_a_workbook_holds_texts_not_formulas(issued: Office) -> None:
    issued.store.connection.execute("UPDATE contact SET name = '=1+1', email = NULL")
    file = issued.folder / "phieu.xlsx"
    issued.run("invitations", "export", "--wave", "w", "--contacts", "--reason", "x", "-o", str(file))
    sheet = load_workbook(file).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == [*exports.HEADINGS, *exports.CONTACTS]
    assert (sheet.cell(2, 7).value, sheet.cell(2, 7).data_type, sheet.cell(2, 9).value) == ("=1+1", "s", None)
    assert sheet.max_row == 61
    plain = file.with_suffix(".csv")
    issued.run("invitations", "export", "--wave", "w", "--contacts", "--reason", "x", "-o", str(plain))
    assert table(plain)[0]["name"] == "'=1+1"


def test_a_contact_that_is_gone_leaves_its_cells_empty(tmp_path: Path) -> None:
    row = ExportRow(7, "dan", ("a", "b"), "quay", "AAAA-BBBB-CCCC", "http://h/P/AAAABBBBCCCC")
    exports.write(tmp_path / "a.csv", [row], {})
    (found,) = table(tmp_path / "a.csv")
    assert (found["units"], found["name"], found["reference"]) == ("a;b", "", "")
    with pytest.raises(Faults, match=r"must end in \.csv or \.xlsx"):
        exports.write(tmp_path / "a.txt", [row])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--unit", "so_la"], "wave “w” has no unit “so_la”"),
        (["--place", "cho"], "wave “w” has no place “cho”"),
        (["--group", "ai"], "wave “w” has no group “ai”; it has dan"),
        (["-o", "phieu.doc"], "must end in .csv or .xlsx"),
    ],
)
def test_what_is_not_there_is_a_fault_not_an_empty_file(issued: Office, options: list[str], said: str) -> None:
    before = issued.dump()
    with pytest.raises(Faults, match=said.replace(".", r"\.")):
        issued.run("invitations", "export", "--wave", "w", "-o", str(issued.folder / "a.csv"), *options)
    assert issued.dump() == before


def test_a_lost_batch_gets_new_codes(issued: Office) -> None:
    file = issued.folder / "a.csv"
    issued.run("invitations", "export", "--wave", "w", "-o", str(file))
    before = {row["serial"]: row["code"] for row in table(file)}
    batch = issued.write("mat.txt", "3\n\n4\n3\n")
    said = issued.run("invitations", "reissue", "--wave", "w", "--serial", "5", "--list", str(batch), "--reason", "mất")
    assert "3 of 3 reissued." in said
    issued.run("invitations", "export", "--wave", "w", "-o", str(file))
    after = {row["serial"]: row["code"] for row in table(file)}
    assert {serial for serial in before if before[serial] != after[serial]} == {"3", "4", "5"}


@pytest.mark.parametrize("deed", ["reissue", "revoke"])
def test_all_that_are_named_or_none(issued: Office, deed: str) -> None:
    """Status 2 means that nothing was changed: one that cannot be leaves the others as they were."""
    start = ["invitations", deed, "--wave", "w", "--reason", "mất túi phiếu"]
    issued.run("invitations", "revoke", "--wave", "w", "--serial", "2", "--reason", "trùng")
    before = issued.dump()
    with pytest.raises(Faults) as caught:
        issued.run(*start, "--range", "1-3")
    said = str(caught.value)
    assert "invitation 2 is revoked" in said and "the other 2 would be" in said
    for more in ((), ("--leave-final",)):  # a number there is not is a slip of the pen, whatever is left out
        with pytest.raises(Faults, match="no invitation with the serial 999"):
            issued.run(*start, "--range", "1-3", "--serial", "999", *more)
    with pytest.raises(Faults) as caught:
        issued.run(*start, "--serial", "2")
    assert str(caught.value).endswith("nothing was changed")
    told = issued.run(*start, "--range", "1-3", "--leave-final", "--dry-run")
    assert told == f"2 of 3 would be {deed.removesuffix('e')}ed.\nDry run: nothing was changed.\n"
    assert issued.dump() == before
    assert issued.run(*start, "--range", "1-3", "--leave-final").startswith("2 of 3 re")
    assert issued.run(*start, "--serial", "2", "--leave-final").startswith("0 of 1 re")
    assert issued.dump() != before


def test_what_became_of_slips_is_entered_of_all_or_none(issued: Office) -> None:
    before = issued.dump()
    with pytest.raises(Faults, match="998") as caught:
        issued.run("invitations", "record", "--wave", "w", "--state", "no_contact", "--reason", "x",
                   "--serial", "1", "--serial", "998", "--serial", "999")  # fmt: skip
    assert "999" in str(caught.value) and issued.dump() == before


def test_revoked_invitations_are_gone_from_every_export(issued: Office) -> None:
    issued.run("invitations", "revoke", "--wave", "w", "--serial", "1", "--reason", "trùng")
    assert state(issued, 1) == "revoked"
    file = issued.folder / "a.csv"
    issued.run("invitations", "export", "--wave", "w", "-o", str(file))
    assert "1" not in {row["serial"] for row in table(file)}


def test_staff_record_what_became_of_slips(issued: Office) -> None:
    arguments = ["invitations", "record", "--wave", "w", "--state", "no_contact", "--reason", "đã chuyển đi"]
    assert "1 of 1 recorded as no_contact." in issued.run(*arguments, "--serial", "2")
    assert state(issued, 2) == "no_contact"
    with pytest.raises(Faults, match="name invitations with --serial, --range, --list or --batch"):
        issued.run(*arguments)
    with pytest.raises(Faults, match="“hai” is no number of an invitation"):
        issued.run(*arguments, "--list", str(issued.write("a.txt", "1\nhai\n")))
    with pytest.raises(Faults, match="cannot be read as a text file"):
        issued.run(*arguments, "--list", str(issued.write("b.txt", b"\xff\xfe\xff")))
    assert state(issued, 1) == "issued"


def test_slips_are_written_for_whom_they_are_asked(issued: Office) -> None:
    file = issued.folder / "slips.pdf"
    assert "12 slips." in issued.run("slips", "--wave", "w", "--unit", "so_y_te", "-o", str(file))
    pages = PdfReader(BytesIO(file.read_bytes())).pages
    assert len(pages) == 2
    assert all("Sở Tư pháp" not in page.extract_text() for page in pages)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert logged(issued)[1]["reason"] == "slips"
    with pytest.raises(Faults, match="nothing to print"):
        issued.run("slips", "--wave", "w", "--unit", "huyen_lak", "-o", str(file))
    issued.run("invitations", "reissue", "--wave", "w", "--range", "2-3", "--reason", "mất")
    assert "3 slips." in issued.run("slips", "--wave", "w", "--range", "2-3", "--serial", "5", "-o", str(file))
    assert logged(issued)[1]["serials"] == [2, 3, 5], "the log names those whose codes left"
