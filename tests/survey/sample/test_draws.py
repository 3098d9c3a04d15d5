"""Draws: the list before the number, anybody may repeat, nothing is changed silently."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from math import fsum
from pathlib import Path

import pytest

from forms.faults import Faults
from survey import issuing
from survey.sample import draw_check, draws
from survey.wave import RegisteredWave
from tests.survey.sample.conftest import DOSSIERS, Office, dossier, group_text, wave_text

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "draw.md"
Dossiers = Callable[[dict[str, tuple[int, int]]], list[list[str]]]
HERE = {"Sở Tư pháp": (300, 120), "Sở Y tế": (40, 30), "Huyện Lắk": (50, 3)}
DISTRICT = '[[unit]]\nid = "huyen_ea_sup"\nname.vi = "Huyện Ea Súp"\nkind = "district"\n'
POSTS = ["Mã vị trí", "Chức vụ", "Cơ quan"]


def posts(office: Office, number: int, name: str = "vt.csv", unit: str = "Sở Tư pháp") -> Path:
    return office.csv(name, [[f"{name}-{each}", "Phó Giám đốc", unit] for each in range(number)], POSTS)


@pytest.fixture
def citizens(office: Office, dossiers: Dossiers) -> RegisteredWave:
    """A wave with 543 dossiers of as many people."""
    wave = office.register(wave_text(DOSSIERS))
    office.load(wave, "dan", office.csv("hs.csv", dossiers(HERE)))
    return wave


def cells(office: Office) -> list[dict[str, object]]:
    rows = office.store.connection.execute(
        "SELECT c.*, (SELECT count(*) FROM draw_row d JOIN draw w ON w.wave = d.wave AND w.grp = d.grp"
        " AND w.number = d.number WHERE d.cell = c.id AND d.grp = c.grp"
        " AND d.number = (SELECT max(number) FROM draw WHERE grp = c.grp)) AS n FROM cell c ORDER BY id"
    ).fetchall()
    return [dict(row) | {"units": json.loads(row["units"]), "margins": json.loads(row["margins"])} for row in rows]


def drawn(office: Office) -> list[str]:
    rows = office.store.connection.execute("SELECT row_id FROM draw_row WHERE cell IS NOT NULL ORDER BY row_id")
    return [row[0] for row in rows]


def make(office: Office, wave: RegisteredWave, number: str = "42") -> list[draws.Made]:
    groups = [group.id for group in wave.spec.groups]
    draws.record_lists(office.store, office.clock, wave, groups)
    return draws.draw(office.store, office.clock, wave, groups, number)


def test_the_list_is_logged_before_the_number_and_names_nobody(office: Office, citizens: RegisteredWave) -> None:
    (listed,) = draws.record_lists(office.store, office.clock, citizens, ["dan"])
    row = office.store.connection.execute("SELECT * FROM draw").fetchone()
    assert (row["list_hash"], row["public_number"], row["drawn_at"]) == (listed.hash, None, None)
    assert drawn(office) == []
    last = office.store.connection.execute("SELECT action, detail FROM audit ORDER BY number DESC").fetchone()
    assert (last["action"], json.loads(last["detail"])["list_sha256"]) == ("list recorded", listed.hash)
    text = draws.export_list(office.store, citizens, "dan")
    assert sha256(text.encode()).hexdigest() == listed.hash
    ids = {bytes(row[0]).hex() for row in office.store.connection.execute("SELECT id FROM frame_row")}
    assert not any(each in text for each in ids)
    assert re.fullmatch(r"row_id,stratum,size,take\n([0-9a-f]{24}-1,[a-z_]+/(\*|counter|online),1,\d+\n){543}", text)


def test_the_draw_is_recorded_with_cells_weights_and_design(office: Office, citizens: RegisteredWave) -> None:
    (made,) = make(office, citizens)
    assert made.drawn == 60
    assert made.seed == sha256(f"{made.list_hash}42".encode()).hexdigest()
    assert made.note["take"] == {
        "huyen_lak/*": 12, "so_tu_phap/counter": 26, "so_tu_phap/online": 10, "so_y_te/*": 12,
    }  # fmt: skip
    held = cells(office)
    assert all(cell["n"] >= 5 for cell in held)
    assert fsum(cell["n"] * weight for cell in held for _, weight in cell["units"]) == pytest.approx(543)
    by_stratum = {(cell["stratum"], cell["margins"]["channel"]): cell["units"] for cell in held}
    assert by_stratum["so_tu_phap/counter", "counter"] == [["so_tu_phap", 300 / 26]]
    design = office.store.connection.execute("SELECT stratum, sum(population), sum(drawn) FROM design_cell GROUP BY 1")
    assert [tuple(row) for row in design] == [
        ("huyen_lak/*", 53, 12), ("so_tu_phap/counter", 300, 26), ("so_tu_phap/online", 120, 10), ("so_y_te/*", 70, 12),
    ]  # fmt: skip
    last = office.store.connection.execute("SELECT action, detail FROM audit ORDER BY number DESC").fetchone()
    assert last["action"] == "sample drawn"
    assert json.loads(last["detail"])["public_number"] == "42"


def test_cells_and_design_speak_of_the_same_margins(office: Office, citizens: RegisteredWave) -> None:
    make(office, citizens)
    of_cells: Counter[tuple[object, str]] = Counter()
    for cell in cells(office):
        of_cells[cell["stratum"], json.dumps(cell["margins"])] += cell["n"]  # type: ignore[assignment]
    design = office.store.connection.execute("SELECT stratum, margins, drawn FROM design_cell WHERE drawn > 0")
    assert {(row[0], row[1]): row[2] for row in design} == of_cells


def test_verify_repeats_the_draw(office: Office, citizens: RegisteredWave) -> None:
    (listed,) = draws.record_lists(office.store, office.clock, citizens, ["dan"])
    (check,) = draw_check.verify(office.store, citizens)
    assert (check.drawn, check.seed, check.differences) == (0, "", ())
    draws.draw(office.store, office.clock, citizens, ["dan"], "007")
    (check,) = draw_check.verify(office.store, citizens)
    assert (check.list_hash, check.drawn, check.differences) == (listed.hash, 60, ())


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("UPDATE draw SET public_number = '43'", "the effective seed does not follow"),
        ("UPDATE draw SET list_hash = 'ab'", "has another hash than the one recorded"),
        ("UPDATE draw_row SET cell = NULL WHERE row_id = (SELECT min(row_id) FROM draw_row WHERE cell IS NOT NULL)",
         "1 rows should be drawn and are not, 0 are drawn and should not be"),
        ("UPDATE draw_row SET cell = 1 WHERE row_id = (SELECT min(row_id) FROM draw_row WHERE cell IS NULL)",
         "0 rows should be drawn and are not, 1 are drawn and should not be"),
        ("UPDATE draw_row SET cell = 2 WHERE cell = 1", "cells hold other numbers"),
        ("UPDATE draw_row SET probability = 0.5", "inclusion probabilities differ"),
        ("UPDATE draw_row SET stratum = 'x' WHERE row_id = (SELECT min(row_id) FROM draw_row)",
         "the rows stored with the draw are not those of the frame"),
        ("UPDATE cell SET units = '[[\"so_y_te\", 1.0]]' WHERE id = 1", "cells, or weights in them, differ"),
        ("DELETE FROM frame_row WHERE id = (SELECT min(id) FROM frame_row)", "has another hash"),
        ("UPDATE draw_row SET waits = 1 WHERE row_id = (SELECT min(row_id) FROM draw_row)", "the reserve, or its"),
        ("UPDATE draw SET algorithm = 'sha256-rank/1'", "drawn by sha256-rank/1; this version repeats sha256-rank/2"),
        ("DELETE FROM frame_row WHERE unit = 'so_y_te' AND id NOT IN (SELECT id FROM frame_row WHERE unit = 'so_y_te'"
         " ORDER BY id LIMIT 2)", "the draw cannot be repeated: group dan: the cell"),
    ],
)  # fmt: skip
def test_verify_finds_every_tampering(office: Office, citizens: RegisteredWave, tampering: str, said: str) -> None:
    make(office, citizens)
    assert office.exit_code("sample", "verify")[0] == 0
    office.store.connection.execute(tampering)
    code, told = office.exit_code("sample", "verify", "--wave", "w")
    assert code == 1
    assert said in told
    assert "differs" in told


def test_a_stranger_repeats_the_draw_with_the_ten_lines_of_the_manual(office: Office, tmp_path: Path) -> None:
    wave = office.register(wave_text(DOSSIERS.replace("n = 60", "n = 40")))
    # Every third person has dossiers at two units.
    rows = [dossier(number, list(HERE)[number % 3], person=f"p{number}") for number in range(240)]
    rows += [dossier(1000 + number, list(HERE)[(number + 1) % 3], person=f"p{number}") for number in range(0, 240, 3)]
    office.load(wave, "dan", office.csv("hs.csv", rows))
    (made,) = make(office, wave, "0912")
    assert made.drawn == 40
    assert office.run("sample", "export-list", "--wave", "w", "--group", "dan").startswith("row_id,stratum,size,take\n")
    office.run("sample", "export-list", "--wave", "w", "--group", "dan", "-o", str(tmp_path / "list.csv"))
    code, _ = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert code.count("\n") == 10
    (tmp_path / "repeat.py").write_text(code, "utf-8")
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "repeat.py", "list.csv", "0912"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert sorted(line.split()[1] for line in told.stdout.splitlines()) == drawn(office)


def test_several_dossiers_at_one_unit_are_one_row_about_the_latest(office: Office) -> None:
    wave = office.register(wave_text(group_text("dan", "dossier", '{ method = "census" }', 'margins = ["channel"]')))
    rows = [dossier(number, "Sở Tư pháp", person=f"p{number}") for number in range(6)]
    later = [[f"L{row[0]}", row[1], "Trực tuyến", "01/02/2026", *row[4:]] for row in rows]
    office.load(wave, "dan", office.csv("hs.csv", [*later[:3], *rows, *later[3:]]))
    (made,) = make(office, wave)
    assert made.drawn == 6
    (cell,) = cells(office)
    assert (cell["margins"], cell["units"]) == ({"channel": "online"}, [["so_tu_phap", 1.0]])


def test_a_person_at_several_units_is_asked_about_one_and_weighs_no_more_than_the_cap(office: Office) -> None:
    """300 people choose one of 6 units by the salt: fewer than k = 5 at a unit happens once in 10¹⁷ times."""
    units = {f"so_{each}": f"Sở {each}" for each in "abcdef"}
    group = group_text("dan", "dossier", '{ method = "census" }', "multiplicity_cap = 4")
    wave = office.register(wave_text(group, units=units))
    rows = [
        dossier(300 * place + number, name, person=f"p{number}")
        for number in range(300)
        for place, name in enumerate(units.values())
    ]
    office.load(wave, "dan", office.csv("hs.csv", rows))
    (made,) = make(office, wave)
    assert made.drawn == 300
    assert {weight for cell in cells(office) for _, weight in cell["units"]} == {4.0}
    assert {row[0] for row in office.store.connection.execute("SELECT size FROM draw_row")} == {6.0}


def test_rows_without_an_identity_are_persons_of_their_own(office: Office) -> None:
    wave = office.register(wave_text(group_text("dan", "dossier", '{ method = "census" }')))
    rows = [dossier(number, "Sở Tư pháp") for number in range(7)]
    for row in rows:
        row[6] = ""
    office.load(wave, "dan", office.csv("hs.csv", rows))
    assert make(office, wave)[0].drawn == 7


def test_officials_get_fixed_blocks_of_units_with_their_chance_in_the_weight(office: Office) -> None:
    units = {f"so_{number:02d}": f"Sở số {number}" for number in range(10)}
    wave = office.register(
        wave_text(
            group_text("can_bo", "kind:department", '{ method = "census" }', "max_units = 4"),
            units=units, tail=DISTRICT,
        )
    )  # fmt: skip
    office.load(wave, "can_bo", posts(office, 63, unit="Huyện Ea Súp"))
    said = office.run("sample", "list", "--wave", "w", "--group", "can_bo")
    assert "can_bo: list 1 of 63 rows recorded, SHA-256 " in said
    said = office.run("sample", "draw", "--wave", "w", "--seed", "42")
    assert "recorded before" in said
    assert re.search(r"\n  \d+ blocks of units, 0 pairs of units share none:\n    so_00, ", said)
    note = json.loads(office.store.connection.execute("SELECT design FROM draw").fetchone()["design"])
    assert len(note["blocks"]) <= 12
    assert note["uncovered_pairs"] == []
    held = cells(office)
    assert [cell["n"] for cell in held].count(0) == 0
    assert all(cell["n"] >= 5 and len(cell["units"]) == 4 for cell in held)
    assert {unit for cell in held for unit, _ in cell["units"]} == set(units)
    total = fsum(cell["n"] * weight for cell in held for _, weight in cell["units"])
    assert total / 10 == pytest.approx(63, rel=0.02)  # over all units; each unit's own varies with the seed
    assert draw_check.verify(office.store, wave)[0].differences == ()


def test_officials_of_an_office_are_not_asked_about_it(office: Office) -> None:
    units = {f"so_{number:02d}": f"Sở số {number}" for number in range(10)}
    group = group_text("can_bo", "kind:department", '{ method = "census" }', "max_units = 4")
    wave = office.register(wave_text(group, units=units, tail=DISTRICT))
    for number, many in enumerate((3, 3, 12, 6, 1, 0, 30)):
        office.load(wave, "can_bo", posts(office, many, f"vt{number}.csv", f"Sở số {number}")) if many else None
    office.load(wave, "can_bo", posts(office, 25, "huyen.csv", "Huyện Ea Súp"))
    said = office.run("sample", "plan", "--wave", "w")
    assert "nobody is asked about the own office" in said
    assert "people of so_00 + so_01 + so_02 about one another" in said
    make(office, wave)
    rows = office.store.connection.execute(
        "SELECT f.unit, c.units FROM draw_row d JOIN cell c ON c.id = d.cell JOIN frame_row f ON f.id = d.frame_row"
    ).fetchall()
    assert len(rows) == 80
    assert not any(row["unit"] in {unit for unit, _ in json.loads(row["units"])} for row in rows)
    held = cells(office)
    assert all(cell["n"] >= 5 and len(cell["units"]) == 4 for cell in held)
    assert {unit for cell in held for unit, _ in cell["units"]} == set(units)
    assert draw_check.verify(office.store, wave)[0].differences == ()


def officials(office: Office, more: str, many: int, kind: int = 6) -> RegisteredWave:
    """A group of officials of ``kind`` offices, ``many`` in each, who assess these offices."""
    units = {f"so_{number:02d}": f"Sở số {number}" for number in range(kind)}
    wave = office.register(wave_text(group_text("cb", "kind:department", '{ method = "census" }', more), units=units))
    for number in range(kind):
        office.load(wave, "cb", posts(office, many, f"vt{number}.csv", f"Sở số {number}"))
    draws.record_lists(office.store, office.clock, wave, ["cb"])
    return wave


def test_offices_too_small_to_leave_out_their_own_stop_the_draw(office: Office) -> None:
    wave = officials(office, "", 4, kind=2)
    with pytest.raises(Faults, match="group cb: its people work in every unit that they would be asked about"):
        draws.draw(office.store, office.clock, wave, ["cb"], "1")


def test_officials_of_many_offices_say_how_many_would_reach_the_minimum(office: Office) -> None:
    wave = officials(office, "max_units = 3\nunit_min = 60", 20)
    with pytest.raises(Faults) as caught:
        draws.draw(office.store, office.clock, wave, ["cb"], "1")
    assert str(caught.value.faults[0]) == (
        "group cb: 50.0 returns can be expected about so_00, fewer than 60; about 144 invitations would do"
    )
    for number in range(6):
        office.load(wave, "cb", posts(office, 4, f"more{number}.csv", f"Sở số {number}"))
    draws.record_lists(office.store, office.clock, wave, ["cb"])
    draws.draw(office.store, office.clock, wave, ["cb"], "1")
    told = [line.split() for line in office.run("sample", "plan", "--wave", "w").splitlines()[1:7]]
    assert all(float(line[4]) >= 60 for line in told)


def test_few_units_without_the_own_one_are_all_asked_about(office: Office) -> None:
    wave = office.register(wave_text(group_text("can_bo", "kind:department", '{ method = "census" }')))
    office.load(wave, "can_bo", posts(office, 6, "a.csv", "Sở Tư pháp"))
    office.load(wave, "can_bo", posts(office, 9, "b.csv", "Sở Y tế"))
    make(office, wave)
    assert [(cell["n"], cell["units"]) for cell in cells(office)] == [
        (9, [["so_tu_phap", 1.0], ["huyen_lak", 1.0]]), (6, [["so_y_te", 1.0], ["huyen_lak", 1.0]]),
    ]  # fmt: skip
    lines = [line.split() for line in office.run("sample", "plan", "--wave", "w").splitlines()[1:4]]
    told = {line[0]: line[2:4] for line in lines}
    assert told == {"so_tu_phap": ["9", "9.0"], "so_y_te": ["6", "6.0"], "huyen_lak": ["15", "15.0"]}


def test_few_units_are_all_asked_about(office: Office) -> None:
    wave = office.register(wave_text(group_text("can_bo", "kind:department", '{ method = "census" }'), tail=DISTRICT))
    office.load(wave, "can_bo", posts(office, 6, unit="Huyện Ea Súp"))
    make(office, wave)
    (cell,) = cells(office)
    assert cell["units"] == [["so_tu_phap", 1.0], ["so_y_te", 1.0], ["huyen_lak", 1.0]]
    assert (cell["stratum"], cell["wclass"]) == ("all", "all")


def test_units_of_a_list_and_response_classes_of_their_own(office: Office) -> None:
    heading = [*POSTS, "Cơ quan được đánh giá", "cap"]
    rows = [[f"V{n}", "Chủ tịch", "Xã", "Huyện Lắk;Sở Y tế", "a" if n % 2 else "b/c"] for n in range(12)]
    wave = office.register(wave_text(group_text("xa", "list", '{ method = "simple", n = 12 }', 'classes = ["cap"]')))
    office.load(wave, "xa", office.csv("vt.csv", rows, heading))
    make(office, wave)
    told = [(cell["stratum"], cell["wclass"], cell["n"]) for cell in cells(office)]
    assert told == [("all", "a", 6), ("all", "b-c", 6)]
    assert all(cell["units"] == [["so_y_te", 1.0], ["huyen_lak", 1.0]] for cell in cells(office))


def test_a_cell_under_k_stops_the_draw_and_changes_nothing(office: Office, dossiers: Dossiers) -> None:
    wave = office.register(wave_text(DOSSIERS.replace("min = 12", "min = 2")))
    office.load(wave, "dan", office.csv("hs.csv", dossiers({"Sở Tư pháp": (200, 100), "Sở Y tế": (3, 0)})))
    draws.record_lists(office.store, office.clock, wave, ["dan"])
    before = office.dump()
    with pytest.raises(Faults, match="the cell “stratum so_y_te/counter, channel counter, assesses so_y_te” holds 2"):
        draws.draw(office.store, office.clock, wave, ["dan"], "1")
    assert office.dump() == before


def test_or_leaves_it_out_and_says_so(office: Office, dossiers: Dossiers) -> None:
    office.register(wave_text(DOSSIERS.replace("min = 12", "min = 2") + 'too_few = "leave_out"\n'))
    file = office.csv("hs.csv", dossiers({"Sở Tư pháp": (200, 100), "Sở Y tế": (3, 0)}))
    office.run("frame", "import", "--wave", "w", "--group", "dan", str(file))
    assert "left out, fewer than 5: stratum so_y_te/counter" in office.run("sample", "plan", "--wave", "w")
    said = office.run("sample", "draw", "--wave", "w", "--seed", "1")
    assert "58 drawn" in said
    assert "  unit" not in said
    assert "left out, too few: stratum so_y_te/counter, channel counter, assesses so_y_te (2)" in said
    assert "agrees" in office.run("sample", "verify")


def test_a_second_draw_needs_a_reason_and_both_stay_listed(office: Office, citizens: RegisteredWave) -> None:
    office.run("sample", "draw", "--wave", "w", "--seed", "1")
    before = office.dump()
    for arguments in (["sample", "draw", "--wave", "w", "--seed", "2"], ["sample", "list", "--wave", "w"]):
        with pytest.raises(Faults, match=r"group dan: drawn already, at .*; a second draw needs --reason"):
            office.run(*arguments)
    assert office.dump() == before
    said = office.run("sample", "draw", "--wave", "w", "--group", "dan", "--seed", "2", "--reason", "danh sách sai")
    assert "dan: list 2 of 543 rows recorded" in said
    both = office.store.connection.execute("SELECT number, public_number, reason FROM draw ORDER BY number").fetchall()
    assert [tuple(row) for row in both] == [(1, "1", None), (2, "2", "danh sách sai")]
    assert sum(cell["n"] for cell in cells(office)) == 60  # type: ignore[misc]
    assert "agrees" in office.run("sample", "verify")


def test_after_issuing_neither_draw_nor_list_can_be_changed(
    office: Office, citizens: RegisteredWave, dossiers: Dossiers
) -> None:
    make(office, citizens)
    issuing.issue(office.store, office.keyring, office.clock, citizens, who="test")
    before = office.dump()
    with pytest.raises(Faults, match="its invitations are issued; it cannot be drawn again"):
        draws.record_lists(office.store, office.clock, citizens, ["dan"], reason="x")
    with pytest.raises(Faults, match="its list can no longer be changed"):
        office.load(citizens, "dan", office.csv("b.csv", dossiers(HERE)), replace=True)
    assert office.dump() == before


def test_a_list_that_changed_is_recorded_again_before_its_number(office: Office, citizens: RegisteredWave) -> None:
    (first,) = draws.record_lists(office.store, office.clock, citizens, ["dan"])
    (same,) = draws.record_lists(office.store, office.clock, citizens, ["dan"])
    assert (same.again, same.hash, same.number) == (True, first.hash, 1)
    office.load(citizens, "dan", office.csv("b.csv", [dossier(9000, "Sở Tư pháp")]))
    with pytest.raises(Faults, match="its list changed after it was recorded; record it again"):
        draws.draw(office.store, office.clock, citizens, ["dan"], "1")
    (again,) = draws.record_lists(office.store, office.clock, citizens, ["dan"])
    assert (again.number, again.rows, again.again) == (2, 544, False)


def test_nothing_is_drawn_without_list_number_or_people(office: Office, citizens: RegisteredWave) -> None:
    with pytest.raises(Faults, match="no list is recorded that waits for its number"):
        draws.draw(office.store, office.clock, citizens, ["dan"], "1")
    with pytest.raises(Faults, match="no list is recorded yet"):
        draws.export_list(office.store, citizens, "dan")
    for number in ("", "abc", "1.5", "-1", "١"):
        with pytest.raises(Faults, match="is no public number: digits only"):
            office.run("sample", "draw", "--wave", "w", "--seed", number)
    assert office.store.connection.execute("SELECT count(*) FROM draw").fetchone()[0] == 0


def test_every_group_that_cannot_be_drawn_is_told_at_once(office: Office) -> None:
    two = group_text("a", "own", '{ method = "census" }') + group_text("b", "own", '{ method = "census" }')
    wave = office.register(wave_text(two))
    with pytest.raises(Faults) as caught:
        draws.record_lists(office.store, office.clock, wave, ["a", "b"])
    assert [str(fault) for fault in caught.value.faults] == [
        "group a: its list is empty; import one with `phieu frame import`",
        "group b: its list is empty; import one with `phieu frame import`",
    ]
    office.load(wave, "a", posts(office, 8))
    with pytest.raises(Faults, match=r"^group b"):
        make(office, wave)
    assert "a: 8 drawn in 1 cells" in office.run("sample", "draw", "--wave", "w", "--group", "a", "--seed", "1")
    assert draws.waiting(office.store, wave) == ["b"]


def test_minima_no_n_can_meet_name_the_group(office: Office, dossiers: Dossiers) -> None:
    wave = office.register(wave_text(DOSSIERS.replace("n = 60", "n = 30")))
    office.load(wave, "dan", office.csv("hs.csv", dossiers(HERE)))
    with pytest.raises(Faults, match=r"group dan: 3 levels of “unit” with at least 12 each .* need n = 36"):
        draws.record_lists(office.store, office.clock, wave, ["dan"])


def test_a_frame_without_a_column_of_the_design_is_told(office: Office, citizens: RegisteredWave) -> None:
    office.store.connection.execute("UPDATE frame_row SET fields = '{}'")
    with pytest.raises(Faults, match="group dan: 543 rows of its list have no “channel”"):
        draws.record_lists(office.store, office.clock, citizens, ["dan"])


def test_blocks_that_cannot_reach_every_unit_stop_plan_and_draw(office: Office) -> None:
    units = {f"so_{number:02d}": f"Sở số {number}" for number in range(30)}
    wave = office.register(
        wave_text(group_text("can_bo", "kind:department", '{ method = "census" }', "max_units = 4"), units=units)
    )
    office.load(wave, "can_bo", posts(office, 12, unit="Sở số 1"))
    with pytest.raises(Faults, match="group can_bo: 2 sets of at least 5 invitations with 4 units each cannot reach"):
        make(office, wave)


def test_the_planning_table_shows_the_smallest_first(office: Office, citizens: RegisteredWave) -> None:
    said = office.run("sample", "plan", "--wave", "w")
    lines = [line.split() for line in said.splitlines()]
    assert lines[0][:2] == ["unit", "group"]
    assert lines[1] == ["huyen_lak", "dan", "53", "12.0", "12.0", "±24.9%"]
    assert lines[3] == ["so_tu_phap", "dan", "420", "36.0", "36.0", "±15.6%"]
    assert said.rstrip().endswith("dan: 543 in the list, 60 to draw; pages a person: 1")
    table = office.run("sample", "plan", "--wave", "w", "--group", "dan", "--format", "csv").splitlines()
    assert table[1].startswith("huyen_lak,dan,53,12,12,0.24")
    (plan,) = json.loads(office.run("sample", "plan", "--wave", "w", "--format", "json"))
    assert (plan["invitations"], len(plan["rows"])) == (60, 3)
    assert office.store.connection.execute("SELECT count(*) FROM draw").fetchone()[0] == 0


def test_the_plan_of_blocks_says_who_shares_them(office: Office) -> None:
    units = {f"so_{number:02d}": f"Sở số {number}" for number in range(10)}
    design = '{ method = "census", by = ["unit"], response = 0.5 }'
    group = group_text("can_bo", "kind:department", design, "max_units = 4")
    wave = office.register(wave_text(group, units=units, tail=DISTRICT))
    office.load(wave, "can_bo", posts(office, 62, "a.csv", "Huyện Ea Súp"))
    said = office.run("sample", "plan", "--wave", "w")
    assert "can_bo: 62 in the list, 62 to draw; pages a person: 4\n  3 blocks of units, 27 pairs" in said
    assert "    so_00, so_01, so_02, so_03\n" in said
    assert "never together: so_00 – so_05" in said
    first, *_ = (line.split() for line in said.splitlines()[1:11])
    assert first == ["so_01", "can_bo", "62", "20.7", "10.3", "±30.5%"]
    make(office, wave)
    assert min(cell["n"] for cell in cells(office)) == 20  # type: ignore[type-var]


def test_the_plan_tells_of_people_at_several_units_and_of_a_draw_that_would_stop(office: Office) -> None:
    wave = office.register(wave_text(DOSSIERS.replace("min = 12", "min = 2")))
    rows = [dossier(number, "Sở Tư pháp", person=f"p{number}") for number in range(300)]
    rows += [dossier(1000 + number, "Sở Y tế", person=f"p{number}") for number in range(3)]
    rows += [dossier(2000 + number, "Sở Y tế", person=f"q{number}") for number in range(3)]  # these never leave it
    office.load(wave, "dan", office.csv("hs.csv", rows))
    said = office.run("sample", "plan", "--wave", "w")
    assert "6 rows are of persons found at several units" in said
    assert "a draw would stop: group dan: the cell" in said
    assert "huyen_lak" in said.splitlines()[1]


def test_a_list_smaller_than_its_sample_is_taken_whole_and_said(office: Office, dossiers: Dossiers) -> None:
    wave = office.register(wave_text(DOSSIERS))
    office.load(wave, "dan", office.csv("hs.csv", dossiers({"Sở Tư pháp": (40, 0)})))
    said = office.run("sample", "draw", "--wave", "w", "--seed", "1")
    assert "dan: 40 drawn in 1 cells" in said
    assert "  only 40 in the list: all are taken instead of 60" in said
    assert "only 40 in the list" in office.run("sample", "plan", "--wave", "w")
