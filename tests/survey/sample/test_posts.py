"""Posts: how many an appointment list tells, which office's list lacks some, and who answers after a move."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from forms.faults import Faults
from survey import wave
from survey.frames import contacts as frame_contacts
from survey.frames import posts
from survey.frames.frame import Origin
from survey.frames.posts import Gap, Holder
from survey.wave import RegisteredWave
from tests.survey.sample.conftest import DOSSIERS, Office, group_text, wave_text

CENSUS = '{ method = "census" }'
OFFICIALS = group_text("lanh_dao", "kind:department", CENSUS)
HEADING = ["Mã vị trí", "Chức vụ", "Cơ quan", "Họ và tên", "Số điện thoại"]
ON = date(2026, 1, 15)


def listed(office: Office, counts: dict[str, int], name: str = "vt.csv") -> Path:
    rows = [
        [f"{name}-{unit}-{number}", "Phó Giám đốc", unit, f"Ông {number}", f"09{len(unit):02d}{number:06d}"]
        for unit, n in counts.items()
        for number in range(n)
    ]
    return office.csv(name, rows, HEADING)


@pytest.fixture
def registered(office: Office) -> RegisteredWave:
    """A wave with a group of posts and one of dossiers."""
    return office.register(wave_text(OFFICIALS + DOSSIERS))


def test_gaps_are_told_by_the_office_that_supplied_the_list(office: Office, registered: RegisteredWave) -> None:
    office.load(registered, "lanh_dao", listed(office, {"Sở Tư pháp": 3, "UBND xã Ea Tu": 2}, "a.csv"),
                origin=Origin("Sở Nội vụ", ON))  # fmt: skip
    office.load(registered, "lanh_dao", listed(office, {"Sở Y tế": 5}, "b.csv"), origin=Origin("Sở Y tế", ON))
    file = office.csv("bn.csv", [["so_tu_phap", "4", ""], ["Sở Y tế", "5", ""], ["UBND Xã Ea Tu", "1", ""],
                                 ["Huyện Lắk", "6", "Huyện ủy Lắk"]],
                      ["Cơ quan", "Số lượng", "Cơ quan cung cấp"])  # fmt: skip
    assert posts.expect(office.store, office.clock, registered, "lanh_dao", file, supplier="Ban Tổ chức", who="x") == 4
    found = posts.gaps(office.store, registered)
    assert found == [
        Gap("Huyện ủy Lắk", "lanh_dao", "huyen_lak", "", 0, 6),
        Gap("Sở Nội vụ", "lanh_dao", "UBND xã Ea Tu", "2026-01-15", 2, 1),
        Gap("Sở Nội vụ", "lanh_dao", "so_tu_phap", "2026-01-15", 3, 4),
        Gap("Sở Y tế", "lanh_dao", "so_y_te", "2026-01-15", 5, 5),
    ]
    assert [gap.said for gap in found] == ["6 missing", "1 too many", "1 missing", ""]


def test_the_commands_print_them(office: Office, registered: RegisteredWave) -> None:
    file = listed(office, {"Sở Tư pháp": 3})
    office.run(
        "frame", "import", "--wave", "w", "--group", "lanh_dao", str(file), "--from", "Sở Nội vụ", "--on", "2026-01-15"
    )
    said = office.run("frame", "gaps", "--wave", "w", "--format", "csv")
    assert said.splitlines() == [
        "supplied_by,group,unit,on,listed,expected,gap",
        "Sở Nội vụ,lanh_dao,so_tu_phap,2026-01-15,3,,no appointment list",
    ]
    told = office.csv("bn.csv", [["Sở Tư pháp", "2"]], ["Cơ quan", "Số vị trí theo quyết định"])
    said = office.run("frame", "expect", "--wave", "w", "--group", "lanh_dao", str(told), "--from", "Ban Tổ chức")
    assert said == "bn.csv: expected posts of 1 units.\n"
    assert "1 too many" in office.run("frame", "gaps", "--wave", "w", "--group", "lanh_dao")
    told = office.csv("bn.csv", [["Sở Tư pháp", "3"]], ["Cơ quan", "Số vị trí theo quyết định"])
    office.run("frame", "expect", "--wave", "w", "--group", "lanh_dao", str(told))
    (row,) = json.loads(office.run("frame", "gaps", "--wave", "w", "--format", "json"))
    assert (row["expected"], row["gap"]) == (3, "")


def test_a_replaced_list_counts_once(office: Office, registered: RegisteredWave) -> None:
    for _ in range(2):
        office.load(registered, "lanh_dao", listed(office, {"Sở Tư pháp": 3}), replace=True)
    assert [gap.listed for gap in posts.gaps(office.store, registered)] == [3]


def test_a_list_may_tell_the_expected_number_itself(office: Office, registered: RegisteredWave) -> None:
    heading = ["Mã vị trí", "Cơ quan", "Số vị trí của cơ quan"]
    rows = [["1", "Sở Tư pháp", "3"], ["2", "Sở Y tế", "2"], ["3", "Sở Tư pháp", ""], ["4", "sở tư pháp", "3"]]
    office.load(registered, "lanh_dao", office.csv("vt.csv", rows, heading), origin=Origin("Sở Nội vụ"))
    assert [(gap.unit, gap.listed, gap.expected, gap.supplier) for gap in posts.gaps(office.store, registered)] == [
        ("so_tu_phap", 3, 3, "Sở Nội vụ"),
        ("so_y_te", 1, 2, "Sở Nội vụ"),
    ]
    rows[3][2] = "4"
    rows[1][2] = "hai"
    assert office.faults(registered, "lanh_dao", office.csv("vt.csv", rows, heading), replace=True) == [
        "vt.csv:3, column “Số vị trí của cơ quan”: “hai” is no number of posts",
        "vt.csv:5: “so_tu_phap” has 4 posts here and 3 in row 2",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Cơ quan,Ghi chú\nSở Y tế,x\n", "has no columns “Cơ quan” and “Số vị trí theo quyết định” with rows below"),
        ("Cơ quan,Số lượng\nSở Y tế,-1\n", "bn.csv:2: “-1” is no number of posts"),
        ("Cơ quan,Số lượng\nSở Y tế,3\nsở y tế,4\n", "bn.csv:3: “sở y tế” stands already in row 2"),
    ],
)
def test_faulty_appointment_lists(office: Office, registered: RegisteredWave, text: str, said: str) -> None:
    before = office.dump()
    with pytest.raises(Faults) as caught:
        posts.expect(office.store, office.clock, registered, "lanh_dao", office.write("bn.csv", text), who="x")
    assert said in str(caught.value)
    assert office.dump() == before


def test_only_officials_hold_posts(office: Office, registered: RegisteredWave) -> None:
    with pytest.raises(Faults, match="has no group “dan” with a list of posts; such are: lanh_dao"):
        posts.gaps(office.store, registered, "dan")


# Moves


def move(office: Office, registered: RegisteredWave, appointed: date, holder: Holder, **told: str) -> posts.Moved:
    post = told.get("post", "vt.csv-Sở Tư pháp-0")
    return posts.move(office.store, office.keyring, office.clock, registered, "lanh_dao", post, appointed, holder,
                      reason=told.get("reason", "Bổ nhiệm mới"), who="điều phối viên")  # fmt: skip


def contact(office: Office) -> tuple[str, str, str]:
    query = "SELECT name, phone, email FROM contact ORDER BY frame_row LIMIT 1"
    return tuple(office.store.connection.execute(query).fetchone())


@pytest.fixture
def with_posts(office: Office, registered: RegisteredWave) -> RegisteredWave:
    """The same with three posts."""
    office.load(registered, "lanh_dao", listed(office, {"Sở Tư pháp": 3}), origin=Origin("Sở Nội vụ", ON))
    return registered


def test_a_successor_appointed_before_opening_answers(office: Office, with_posts: RegisteredWave) -> None:
    moved = move(office, with_posts, date(2026, 2, 28), Holder("Bà Mới", "+84 905 000 111", "Moi@So.vn"))
    assert moved == posts.Moved(1, True)
    assert contact(office) == ("Bà Mới", "0905000111", "moi@so.vn")
    detail = office.store.connection.execute("SELECT who, detail FROM audit ORDER BY number DESC").fetchone()
    assert detail["who"] == "điều phối viên"
    assert json.loads(detail["detail"]) == {
        "group": "lanh_dao", "unit": "so_tu_phap", "number": 1, "appointed": "2026-02-28", "answers": "successor",
        "reason": "Bổ nhiệm mới",
    }  # fmt: skip


def test_one_appointed_later_leaves_the_post_to_its_holder(office: Office, with_posts: RegisteredWave) -> None:
    before = contact(office)
    assert move(office, with_posts, date(2026, 3, 1), Holder("Bà Mới")) == posts.Moved(1, False)
    assert move(office, with_posts, date(2026, 2, 1), Holder("Ông Khác")).number == 2
    assert before[0] == "Ông 0"
    rows = office.store.connection.execute("SELECT answers, reason, who FROM post_move ORDER BY number").fetchall()
    assert [row["answers"] for row in rows] == ["holder", "successor"]
    assert "Mới" not in " ".join(str(tuple(row)) for row in office.store.connection.execute("SELECT * FROM post_move")
                                 ).replace("Bổ nhiệm mới", "")  # fmt: skip


def test_the_contact_of_a_successor_is_looked_at_too(office: Office, with_posts: RegisteredWave) -> None:
    office.run("frame", "staff", "--wave", "w", str(office.csv("s.csv", [["0905000111"]], ["Số điện thoại"])))
    move(office, with_posts, date(2026, 2, 1), Holder(phone="0905000111"))
    assert [row.staff for row in frame_contacts.by_unit(office.store, "w")] == [1]


def test_moves_that_are_refused(office: Office, with_posts: RegisteredWave) -> None:
    before = office.dump()
    with pytest.raises(Faults, match="has no post “VT-9”"):
        move(office, with_posts, date(2026, 2, 1), Holder(), post="VT-9")
    with pytest.raises(Faults, match="reason"):
        move(office, with_posts, date(2026, 2, 1), Holder(), reason=" ")
    assert office.dump() == before
    office.store.connection.execute("UPDATE wave SET state = 'closed'")
    with pytest.raises(Faults, match="is closed: nobody answers any more"):
        move(office, wave.get(office.store, "w"), date(2026, 2, 1), Holder())
    with pytest.raises(Faults, match="wave “w” is closed: it takes no more lists"):
        office.load(wave.get(office.store, "w"), "lanh_dao", listed(office, {"Sở Y tế": 1}, "c.csv"))


def test_the_command_says_who_answers(office: Office, with_posts: RegisteredWave) -> None:
    told = ["frame", "move", "--wave", "w", "--group", "lanh_dao", "--post", "vt.csv-Sở Tư pháp-1",
            "--reason", "Luân chuyển", "--name", "Bà Mới"]  # fmt: skip
    assert "the successor answers; recorded as move 1" in office.run(*told, "--appointed", "2026-02-01")
    said = office.run(*told, "--appointed", "2026-03-02")
    assert "whoever held it on the reference date answers; recorded as move 2" in said
    table = office.run("frame", "moves", "--wave", "w", "--group", "lanh_dao", "--format", "csv").splitlines()
    assert [line.split(",")[:5] for line in table[1:]] == [
        ["1", "so_tu_phap", "2026-02-01", "successor", "Luân chuyển"],
        ["2", "so_tu_phap", "2026-03-02", "holder", "Luân chuyển"],
    ]
