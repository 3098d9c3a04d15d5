"""Contacts that are not a person's own are flagged and counted; abolished offices are followed or leave."""

from __future__ import annotations

import pytest

from forms.faults import Faults
from survey.frames import contacts as frame_contacts
from survey.frames.contacts import Flagged, Reach
from survey.plan import wave_file
from tests.survey.sample.conftest import HEAD, HEADING, Office, dossier, group_text, wave_text

CENSUS = '{ method = "census" }'
LIST = group_text("dan", "dossier", CENSUS)
MIDDLEMAN = "0912 345 678"


def rows_sharing(n: int, *, person: str = "", first: int = 0, unit: str = "Sở Tư pháp") -> list[list[str]]:
    """Dossiers with one telephone, of ``n`` persons (or of one)."""
    rows = [dossier(first + number, unit, person=person) for number in range(n)]
    for row in rows:
        row[8] = MIDDLEMAN
    return rows


def flags(office: Office) -> list[tuple[str, int, int]]:
    query = "SELECT phone, shared, staff FROM contact_flag JOIN contact USING (frame_row) ORDER BY 1, 2, 3"
    return [tuple(row) for row in office.store.connection.execute(query)]


def test_a_telephone_of_four_persons_is_nobodys_own(office: Office) -> None:
    wave = office.register(wave_text(LIST))
    rows = [*rows_sharing(4), dossier(9, "Sở Y tế")]
    done = office.load(wave, "dan", office.csv("hs.csv", rows))
    assert (done.shared_contacts, done.flagged) == (1, {"so_tu_phap": Flagged(4, 0)})
    assert flags(office) == [("0912345678", 1, 0)] * 4
    assert frame_contacts.by_unit(office.store, "w") == [
        Reach("dan", "so_tu_phap", 4, 4, 0, 4),
        Reach("dan", "so_y_te", 1, 0, 0, 0),
    ]


def test_three_persons_or_one_with_many_dossiers_share_nothing(office: Office) -> None:
    wave = office.register(wave_text(LIST))
    assert office.load(wave, "dan", office.csv("a.csv", rows_sharing(3))).flagged == {}
    one = rows_sharing(9, person="066099999999", first=20)
    for row in one:
        row[8] = "0999999999"
    assert office.load(wave, "dan", office.csv("b.csv", one)).flagged == {}


def test_what_a_list_does_not_say_has_no_value(office: Office) -> None:
    wave = office.register(wave_text(LIST))
    silent = dossier(1, "Sở Tư pháp")
    silent[6] = silent[7] = silent[8] = ""
    office.load(wave, "dan", office.csv("a.csv", [silent, dossier(2, "Sở Y tế")]))
    kept = [tuple(row) for row in office.store.connection.execute(
        "SELECT f.unit, f.identity IS NULL, f.units, c.name, c.phone, c.email, c.address"
        " FROM frame_row f JOIN contact c ON c.frame_row = f.id ORDER BY f.unit"
    )]  # fmt: skip
    said = dossier(2, "Sở Y tế")
    assert kept == [
        ("so_tu_phap", True, None, None, None, None, None),
        ("so_y_te", False, None, said[7], said[8], None, None),
    ]


def test_persons_without_identity_are_told_apart_by_name(office: Office) -> None:
    wave = office.register(wave_text(LIST))
    rows = rows_sharing(8)
    for number, row in enumerate(rows):
        row[6], row[7] = "", f"Người số {number % 4}" if number else "Người số 0"
    assert office.load(wave, "dan", office.csv("a.csv", rows)).flagged == {"so_tu_phap": Flagged(8, 0)}
    for row in rows:
        row[7] = "Một người"
    assert office.load(wave, "dan", office.csv("a.csv", rows), replace=True).flagged == {}
    assert flags(office) == []


def test_files_and_groups_of_a_wave_are_looked_at_together(office: Office) -> None:
    wave = office.register(wave_text(LIST + group_text("to_chuc", "dossier", CENSUS)))
    office.load(wave, "dan", office.csv("a.csv", rows_sharing(2)))
    office.load(wave, "dan", office.csv("b.csv", rows_sharing(1, first=2)))
    assert flags(office) == []
    done = office.load(wave, "to_chuc", office.csv("c.csv", rows_sharing(1, first=7)))
    assert done.flagged == {"so_tu_phap": Flagged(1, 0)}
    assert len(flags(office)) == 4  # those of the files before too
    office.load(wave, "to_chuc", office.csv("c.csv", [dossier(8, "Sở Y tế")]), replace=True)
    assert flags(office) == []


def test_a_dry_run_counts_them_with_what_was_imported_before(office: Office) -> None:
    wave = office.register(wave_text(LIST))
    office.load(wave, "dan", office.csv("a.csv", rows_sharing(3)))
    file = office.csv("b.csv", rows_sharing(2, first=3))
    before = office.dump()
    assert office.load(wave, "dan", file, dry=True).flagged == {"so_tu_phap": Flagged(2, 0)}
    assert office.load(wave, "dan", file, dry=True, replace=True).flagged == {}
    assert office.dump() == before


def test_contacts_of_staff_are_flagged_before_and_after_the_list_of_staff(office: Office) -> None:
    office.register(wave_text(LIST))
    rows = [dossier(1, "Sở Tư pháp"), dossier(2, "Sở Y tế"), dossier(3, "Sở Y tế")]
    heading = [*HEADING, "Email"]
    file = office.csv("hs.csv", [[*row, f"Nguoi{n}@So.vn"] for n, row in enumerate(rows)], heading)
    office.run("frame", "import", "--wave", "w", "--group", "dan", str(file))
    staff = office.csv("can_bo.csv", [["A", "0900.000.001", ""], ["B", "", "nguoi2@so.vn"]],
                       ["Họ và tên", "Số điện thoại", "Thư điện tử"])  # fmt: skip
    said = office.run("frame", "staff", "--wave", "w", str(staff))
    assert said == "can_bo.csv: 2 telephone numbers and addresses of staff.\n"
    assert flags(office) == [("0900000001", 0, 1), ("0900000003", 0, 1)]
    said = office.run("frame", "import", "--wave", "w", "--group", "dan", str(file), "--replace")
    assert "so_tu_phap: 0 rows with a shared contact, 1 with one of a staff member; never used" in said
    table = office.run("frame", "contacts", "--wave", "w", "--format", "csv")
    assert table.splitlines() == [
        "group,unit,with_contact,shared,staff,deliverable", "dan,so_tu_phap,1,0,1,0", "dan,so_y_te,2,0,1,1",
    ]  # fmt: skip
    assert '"deliverable": 0' in office.run("frame", "contacts", "--wave", "w", "--format", "json")
    assert "so_y_te" in office.run("frame", "contacts", "--wave", "w")


def test_a_list_of_staff_needs_a_telephone_or_an_address(office: Office) -> None:
    office.register(wave_text(LIST))
    with pytest.raises(Faults, match="has no column “Số điện thoại” or “Thư điện tử”"):
        office.run("frame", "staff", "--wave", "w", str(office.csv("cb.csv", [["A"]], ["Họ và tên"])))


def test_the_export_of_contacts_knows_who_is_flagged(office: Office) -> None:
    wave = office.register(wave_text(LIST))
    office.load(
        wave, "dan", office.csv("hs.csv", [*rows_sharing(6), *(dossier(n, "Sở Tư pháp") for n in range(10, 16))])
    )
    office.run("sample", "draw", "--wave", "w", "--seed", "123")
    office.run("invitations", "issue", "--wave", "w")
    with office.store.read() as tx:
        found = [(row["phone"], row["flagged"]) for row in tx.frame_contacts(wave="w")]
    assert sorted(found) == [*((f"09{n:08d}", 0) for n in range(10, 16)), *[("0912345678", 1)] * 6]


# Offices that are no more

OLD = """[[unit]]
id = "huyen_cu"
name.vi = "Huyện Cư Kuin"
kind = "department"
valid_to = 2025-06-30
successor = "huyen_buk"
[[unit]]
id = "huyen_buk"
name.vi = "Huyện Krông Búk"
kind = "department"
valid_to = 2025-12-31
successor = "so_y_te"
[[unit]]
id = "so_tan"
name.vi = "Sở Thông tin"
kind = "department"
valid_to = 2025-02-28
"""


def test_dossiers_of_an_abolished_office_go_to_its_successor_or_leave(office: Office) -> None:
    wave = office.register(wave_text(LIST, tail=OLD))
    assert [unit.id for unit in wave.spec.units] == ["so_tu_phap", "so_y_te", "huyen_lak"]
    rows = [dossier(1, "Huyện Cư Kuin"), dossier(2, "UBND huyện Krông Búk"), dossier(3, "Sở Y tế"),
            dossier(4, "Sở Thông tin"), dossier(5, "huyen_cu")]  # fmt: skip
    done = office.load(wave, "dan", office.csv("hs.csv", rows))
    assert done.by_unit == {"so_y_te": 4}
    assert done.moved == {
        "Huyện Cư Kuin → so_y_te": 1, "UBND huyện Krông Búk → so_y_te": 1, "huyen_cu → so_y_te": 1,
    }  # fmt: skip
    assert done.dropped == {"its office was abolished and has no successor in the wave file": 1}
    detail = office.store.connection.execute("SELECT detail FROM audit ORDER BY number DESC").fetchone()[0]
    assert "“" not in detail
    assert '"Huyện Cư Kuin → so_y_te": 1' in detail


def test_a_new_office_that_keeps_an_old_name_is_itself(office: Office) -> None:
    same = (
        '[[unit]]\nid = "cu"\nname.vi = "Sở Y tế"\nkind = "department"\nvalid_to = 2025-06-30\nsuccessor = "so_y_te"\n'
    )
    wave = office.register(wave_text(LIST, tail=same))
    done = office.load(wave, "dan", office.csv("hs.csv", [dossier(1, "Sở Y tế")]))
    assert (done.by_unit, done.moved) == ({"so_y_te": 1}, {})


def test_an_old_name_that_two_offices_may_mean_is_asked_about(office: Office) -> None:
    same = '[[unit]]\nid = "cu"\nname.vi = "Sở Y tế"\nkind = "department"\nvalid_to = 2025-06-30\n'
    wave = office.register(wave_text(LIST, tail=same))
    (said,) = office.faults(wave, "dan", office.csv("hs.csv", [dossier(1, "Sở Y tế")]))
    assert "may mean “Sở Y tế” or “Sở Y tế (abolished)”" in said


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('valid_to = 2025-06-30\nsuccessor = "so_nao"', "“so_nao” is not a unit of this wave"),
        ('valid_to = 2025-06-30\nsuccessor = "cu"', "its successors lead back to itself"),
        ('successor = "so_y_te"', "only a unit whose valid_to lies before the wave opens"),
        ('valid_to = 2026-03-05\nsuccessor = "so_y_te"', "only a unit whose valid_to lies before the wave opens"),
        ("valid_from = 2026-05-01", "the unit exists from 2026-05-01, after the wave closes on 2026-03-31"),
        ("valid_from = 2025-05-01\nvalid_to = 2025-04-01", "the unit ends on 2025-04-01 before it begins"),
        ('valid_to = "2025"', "must be a date"),
    ],
)
def test_successors_that_make_no_sense(lines: str, said: str) -> None:
    text = wave_text(LIST, tail=f'[[unit]]\nid = "cu"\nname.vi = "Cũ"\nkind = "department"\n{lines}\n')
    with pytest.raises(Faults) as caught:
        wave_file.load(text, "wave.toml")
    assert said in str(caught.value)


def test_an_office_abolished_during_the_wave_is_still_assessed() -> None:
    tail = '[[unit]]\nid = "cu"\nname.vi = "Cũ"\nkind = "department"\nvalid_from = 2020-01-01\nvalid_to = 2026-03-05\n'
    spec = wave_file.load(wave_text(LIST, tail=tail, head=HEAD), "wave.toml")
    assert [unit.id for unit in spec.units][-1] == "cu"
    assert spec.former == ()
