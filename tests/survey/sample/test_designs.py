"""Every design from its wave file to recorded cells and, in two stages, to the dataset; repeated by strangers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from math import fsum
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from analysis.dataset import open_dataset
from analysis.weights import wave_design
from forms.faults import Faults
from survey import closing, codes, freeze, issuing, responses, sealing
from survey.sample import draw_check, draws, reserves
from survey.store import DRAFT_MIGRATIONS, Store
from survey.wave import RegisteredWave
from survey.wave import get as get_wave
from tests.survey.sample.conftest import Office, group_text, wave_text

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "draw.md"
HEADING = ("Mã vị trí", "Chức vụ", "Cơ quan", "xa", "khu", "days")


def official(number: int, commune: str, part: str) -> list[str]:
    return [f"V{number:04d}", "Công chức", "Sở Tư pháp", commune, part, f"{number % 13}"]


def people(communes: dict[str, int]) -> list[list[str]]:
    """Officials by commune; the first letter of a commune is its part of the province."""
    rows: list[list[str]] = []
    for name, size in communes.items():
        rows += [official(len(rows) + each, name, name[0]) for each in range(size)]
    return rows


def wave_of(office: Office, design: str, rows: Sequence[Sequence[str]], more: str = "") -> RegisteredWave:
    wave = office.register(wave_text(group_text("cb", "own", design, more)))
    office.load(wave, "cb", office.csv("vt.csv", rows, HEADING))
    return wave


def draw(office: Office, wave: RegisteredWave, number: str = "0912") -> dict[str, Any]:
    draws.record_lists(office.store, office.clock, wave, ["cb"])
    draws.draw(office.store, office.clock, wave, ["cb"], number)
    note: dict[str, Any] = json.loads(office.store.connection.execute("SELECT design FROM draw").fetchone()["design"])
    return note


def drawn(office: Office) -> list[str]:
    rows = office.store.connection.execute("SELECT row_id FROM draw_row WHERE cell IS NOT NULL ORDER BY row_id")
    return [row[0] for row in rows]


def cells(office: Office) -> list[dict[str, Any]]:
    rows = office.store.connection.execute(
        "SELECT c.*, (SELECT count(*) FROM draw_row d WHERE d.cell = c.id) AS n FROM cell c ORDER BY id"
    )
    return [dict(row) | {"weight": json.loads(row["units"])[0][1] * row["factor"]} for row in rows]


COMMUNES = {"a1": 40, "a2": 60, "a3": 25, "a4": 55, "b1": 70, "b2": 30, "b3": 45}
TWO_STAGE = '{ method = "two_stage", psu = "xa", psus = 5, n = 50, by = ["khu"]%s }'
DESIGNS = {
    "simple": '{ method = "simple", n = 40 }',
    "stratified": '{ method = "stratified", by = ["khu"], n = 40, allocation = "neyman", deviation = "days" }',
    "systematic": '{ method = "systematic", sort = ["xa", "days"], n = 37 }',
    "within": '{ method = "systematic", by = ["khu"], sort = ["days"], n = 37, reserve = 0.3 }',
    "zones": '{ method = "systematic", sort = ["xa"], n = 40, zones = true }',
    "reserve": '{ method = "stratified", by = ["khu"], n = 40, reserve = 0.25 }',
    "two_stage": TWO_STAGE % "",
    "pps": TWO_STAGE % ', first = "pps", reserve = 0.2',
}


@pytest.mark.parametrize("name", DESIGNS)
def test_a_stranger_repeats_it_with_the_manuals_program(office: Office, tmp_path: Path, name: str) -> None:
    wave = wave_of(office, DESIGNS[name], people(COMMUNES))
    draw(office, wave)
    assert draw_check.verify(office.store, wave)[0].differences == ()
    office.run("sample", "export-list", "--wave", "w", "--group", "cb", "-o", str(tmp_path / "list.csv"))
    programs = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    program = programs[1].replace('sys.argv[3:] == ["pps"]', str(name == "pps"))
    (tmp_path / "repeat.py").write_text(program, "utf-8")
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "repeat.py", "list.csv", "0912"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = [line.split() for line in told.stdout.splitlines()]
    assert sorted(row_id for kind, _, row_id in lines if kind == "drawn") == drawn(office)
    waits = office.store.connection.execute("SELECT row_id FROM draw_row WHERE waits IS NOT NULL ORDER BY row_id")
    assert sorted(row_id for kind, _, row_id in lines if kind == "waits") == [row[0] for row in waits]


@pytest.mark.parametrize("name", DESIGNS)
def test_weights_sum_to_the_people_and_cells_hold_k(office: Office, name: str) -> None:
    wave = wave_of(office, DESIGNS[name], people(COMMUNES))
    draw(office, wave)
    held = cells(office)
    assert all(cell["n"] >= 5 for cell in held)
    total = fsum(cell["n"] * cell["weight"] for cell in held)
    assert total == pytest.approx(325, rel=1e-9 if "two" not in name and name != "pps" else 0.6)


def test_zones_are_strata_of_six_neighbours(office: Office) -> None:
    wave = wave_of(office, DESIGNS["zones"], people(COMMUNES))
    draw(office, wave)
    held = cells(office)
    assert [(cell["stratum"], cell["wclass"], cell["n"]) for cell in held] == [
        ("001", "all", 6), ("002", "all", 6), ("003", "all", 6), ("004", "all", 6), ("005", "all", 6),
        ("006", "all", 10),
    ]  # fmt: skip
    design = office.store.connection.execute("SELECT stratum, population FROM design_cell").fetchall()
    assert sum(row["population"] for row in design) == 325
    assert all(abs(row["population"] - 325 / 40 * (10 if row["stratum"] == "006" else 6)) <= 2 for row in design)


def test_two_stages_leave_what_their_variance_needs(office: Office) -> None:
    wave = wave_of(office, DESIGNS["two_stage"], people(COMMUNES))
    note = draw(office, wave)
    assert note["psus"] == {"a": 3, "b": 2}
    rows = [dict(row) for row in office.store.connection.execute("SELECT * FROM psu ORDER BY stratum, psu")]
    assert [(row["psu"], row["population"]) for row in rows] == sorted(COMMUNES.items())
    assert Counter(row["stratum"] for row in rows if row["drawn"]) == {"a": 3, "b": 2}
    assert {row["stratum"]: row["probability"] for row in rows} == {"a": 3 / 4, "b": 2 / 3}
    for cell in cells(office):
        part, commune = cell["stratum"].split("/")
        assert (cell["n"], cell["wclass"]) == (10, part)
        assert cell["weight"] == pytest.approx(COMMUNES[commune] / 10 / {"a": 3 / 4, "b": 2 / 3}[part])


def answered(office: Office, registered: RegisteredWave, serials: Sequence[int]) -> None:
    drafts = Store(office.instance / "drafts.db", DRAFT_MIGRATIONS)
    keys = office.keyring.wave_keys("w")
    for serial in serials:
        code = codes.derive(keys.code, serial, 0)
        page = {("so_tu_phap", "q1"): "yes" if serial % 3 else "no"}
        responses.save_page(office.store, drafts, office.keyring, office.clock, registered, code, page, seen=0)
        receipt, tag = responses.fresh_receipt(keys, code)
        responses.submit(office.store, drafts, office.keyring, office.clock, registered, code, receipt, tag, seen=0)
    drafts.close()


def dataset(office: Office, name: str) -> Path:
    drafts = Store(office.instance / "drafts.db", DRAFT_MIGRATIONS)
    closing.close(office.store, drafts, office.clock, get_wave(office.store, "w"), who="test")
    drafts.close()
    file = office.keyring.private_file("w")
    assert file is not None
    keys = sealing.read_private_pem(file.read_bytes())
    folder = office.folder / name
    freeze.freeze(office.store, office.clock, get_wave(office.store, "w"), keys, folder, who="test")
    return folder


@pytest.mark.parametrize("name", ["two_stage", "pps"])
def test_the_dataset_of_two_stages_is_estimated_in_two_stages(office: Office, name: str) -> None:
    wave = wave_of(office, DESIGNS[name], people(COMMUNES))
    draw(office, wave)
    issuing.issue(office.store, office.keyring, office.clock, wave, who="test")
    opened = get_wave(office.store, "w")
    # Eight of ten answer in four communes, and only two in the first: too few to be told apart.
    answered(office, opened, [serial for serial in range(1, 51) if (serial - 1) % 10 < (8 if serial > 10 else 2)])
    folder = dataset(office, "d")
    assert office.exit_code("verify", str(folder))[0] == 0
    psus = pq.read_table(folder / "psu.parquet").to_pylist()
    assert {(row["stratum"], row["psus_population"], row["psus_drawn"]) for row in psus} == {("a", 4, 3), ("b", 3, 2)}
    rows = pq.read_table(folder / "assessments.parquet").to_pylist()
    assert {row["stratum"] for row in rows} == {"a", "b"}
    assert Counter(row["psu"] for row in rows) == {row["psu"]: row["responding"] for row in psus if row["responding"]}
    made = wave_design(open_dataset(folder), "cb")
    assert made.design.second is not None
    assert len(set(made.design.psu.tolist())) == len({row["psu"] for row in rows}) < len(rows)
    assert Counter(row["stratum"] for row in psus if row["responding"]) == {"a": 2, "b": 2}  # two of a are joined
    assert made.design.fraction.tolist() == ([2 / 4, 2 / 3] if name == "two_stage" else [0.0, 0.0])
    assert made.design.second.fraction.max() <= 1


def test_one_stage_has_no_first_stage_units(office: Office) -> None:
    wave = wave_of(office, DESIGNS["zones"], people(COMMUNES))
    draw(office, wave)
    issuing.issue(office.store, office.keyring, office.clock, wave, who="test")
    answered(office, get_wave(office.store, "w"), range(1, 41))
    folder = dataset(office, "d")
    assert not (folder / "psu.parquet").exists()
    made = wave_design(open_dataset(folder), "cb")
    assert made.design.second is None
    assert made.design.strata == ("001", "002", "003", "004", "005", "006")
    assert made.design.weight.sum() == pytest.approx(325)


def release(office: Office, n: int, **more: Any) -> reserves.Released:
    wave = get_wave(office.store, "w")
    return reserves.release(office.store, office.clock, wave, "cb", n, reason="ít phiếu thu về", who="lan", **more)


def test_a_released_reserve_is_issued_weighted_and_recorded(office: Office) -> None:
    wave = wave_of(office, DESIGNS["reserve"], people(COMMUNES))
    draw(office, wave)
    first = set(drawn(office))
    assert issuing.issue(office.store, office.keyring, office.clock, wave, who="test") == 40
    answered(office, get_wave(office.store, "w"), range(1, 41, 2))
    before = office.dump()
    told = release(office, 6, dry=True)
    assert office.dump() == before
    said = office.run("sample", "release", "--wave", "w", "--group", "cb", "--n", "6", "--reason", "ít phiếu thu về")
    assert "cb: 6 of the reserve join the sample (release 1), 5 still wait." in said
    assert (told.left, sum(told.by_pool.values())) == (5, 6)
    assert first < set(drawn(office))
    held = cells(office)
    assert sum(cell["n"] for cell in held) == 46
    assert fsum(cell["n"] * cell["weight"] for cell in held) == pytest.approx(325)
    assert draw_check.verify(office.store, wave)[0].differences == ()
    last = office.store.connection.execute("SELECT who, action, detail FROM audit ORDER BY number DESC").fetchone()
    assert last["action"] == "reserve released"
    assert json.loads(last["detail"])["reason"] == "ít phiếu thu về"
    assert issuing.issue(office.store, office.keyring, office.clock, wave, who="test") == 6
    answered(office, get_wave(office.store, "w"), range(41, 47))
    folder = dataset(office, "d")
    # Those who answered before the release and after it weigh the same, and the eligible sum to everybody.
    rows = pq.read_table(folder / "assessments.parquet").to_pylist()
    assert {row["stratum"]: row["base_weight"] for row in rows} == {
        cell["stratum"]: pytest.approx(cell["weight"]) for cell in held
    }
    design = pq.read_table(folder / "design.parquet").to_pylist()
    states = [name for name in design[0] if name.startswith("w_")]
    assert fsum(row[name] for row in design for name in states) == pytest.approx(325)
    assert sum(row["drawn"] for row in design) == 46
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert [each["kind"] for each in manifest["departures"]] == ["reserve_released"]
    assert office.exit_code("verify", str(folder))[0] == 0


def test_releases_follow_the_recorded_order_one_after_the_other(office: Office) -> None:
    wave = wave_of(office, DESIGNS["reserve"], people(COMMUNES))
    draw(office, wave)
    query = "SELECT row_id, stratum FROM draw_row WHERE waits IS NOT NULL ORDER BY waits"
    waiting = office.store.connection.execute(query)
    order = [row["row_id"] for row in waiting if row["stratum"] == "a"]
    for number in (1, 2):
        release(office, 1, stratum="a")
        assert set(order[:number]) <= set(drawn(office))
        assert not set(order[number:]) & set(drawn(office))
    assert draw_check.verify(office.store, wave)[0].differences == ()
    office.store.connection.execute("UPDATE cell SET factor = 1")
    assert draw_check.verify(office.store, wave)[0].differences == ("cells, or weights in them, differ",)


def test_what_cannot_be_released(office: Office) -> None:
    wave = wave_of(office, DESIGNS["reserve"], people(COMMUNES))
    with pytest.raises(Faults, match="group cb: it has no drawn sample to add to"):
        release(office, 1)
    draw(office, wave)
    before = office.dump()
    with pytest.raises(Faults, match="group cb: 11 wait in its reserve, fewer than 12"):
        release(office, 12)
    with pytest.raises(Faults, match="0 wait in its reserve in stratum x, fewer than 1"):
        release(office, 1, stratum="x")
    with pytest.raises(Faults, match="a release needs a reason"):
        reserves.release(office.store, office.clock, wave, "cb", 1, reason=" ", who="lan")
    assert office.dump() == before
    office.store.connection.execute("UPDATE wave SET state = 'closed'")
    with pytest.raises(Faults, match="is closed: nobody more can be invited"):
        release(office, 1)


def test_a_release_that_would_show_somebody_stops_by_name(office: Office) -> None:
    rows = people(COMMUNES)
    for row in rows[:4]:
        row[3] = "la"
    design = '{ method = "simple", n = 300, reserve = 0.08 }'
    wave = wave_of(office, design, rows, 'margins = ["xa"]\ntoo_few = "leave_out"\n')
    draw(office, wave)
    there = {cell["margins"] for cell in cells(office)}
    assert len(there) == 7  # with the default order of merging, xa is hidden where it is too small
    told = release(office, 24)
    assert told.left == 0
    assert {cell["margins"] for cell in cells(office)} == there
    assert draw_check.verify(office.store, wave)[0].differences == ()


def test_a_recorded_second_list_stops_issuing_by_name(office: Office) -> None:
    wave = wave_of(office, DESIGNS["simple"], people(COMMUNES))
    draw(office, wave)
    draws.record_lists(office.store, office.clock, wave, ["cb"], reason="danh sách thiếu")
    before = office.dump()
    with pytest.raises(Faults, match="group cb: list 2 is recorded and waits for its number; draw it first"):
        issuing.issue(office.store, office.keyring, office.clock, wave, who="test")
    assert office.dump() == before
    draws.draw(office.store, office.clock, wave, ["cb"], "7")
    assert issuing.issue(office.store, office.keyring, office.clock, wave, who="test") == 40


def test_the_plan_knows_stages_reserves_sizes_and_what_cannot_be(office: Office) -> None:
    wave_of(office, DESIGNS["pps"], people(COMMUNES))
    said = office.run("sample", "plan", "--wave", "w")
    assert re.search(r"so_tu_phap +cb +325 +50.0 +50.0", said)
    assert "cb: 325 in the list, 50 to draw, 10 in reserve; pages a person: 1" in said
    assert "so_y_te: nobody in the list; it will have no figure from this group" in said


def test_the_plan_names_units_that_cannot_reach_the_error_asked_for(office: Office) -> None:
    size = '{ rule = "slovin", e = 0.1, response = 0.6, each = "unit" }'
    design = f'{{ method = "stratified", by = ["unit"], size = {size} }}'
    wave = office.register(wave_text(group_text("cb", "own", design)))
    rows = people({"a1": 300}) + [[f"Y{n}", "Công chức", "Sở Y tế", "a1", "a", "1"] for n in range(20)]
    office.load(wave, "cb", office.csv("vt.csv", rows, HEADING))
    said = office.run("sample", "plan", "--wave", "w")
    assert re.search(r"so_y_te +cb +20 +20.0 +12.0 +±17.9%", said)
    assert "unit so_y_te has 20: all are taken, and with 60% answering the error is ±17.9% where ±10.0%" in said
    assert "so_y_te: ±10.0% cannot be reached; all 20 with 60% answering leave ±17.9%" in said


def test_a_column_whose_spread_is_asked_for_must_hold_numbers(office: Office) -> None:
    rows = people({"a1": 30, "b1": 30})
    rows[3][5] = "ba ngày"
    wave = wave_of(office, DESIGNS["stratified"], rows)
    with pytest.raises(Faults, match="group cb: “ba ngày” in “days” is no number"):
        draws.record_lists(office.store, office.clock, wave, ["cb"])
