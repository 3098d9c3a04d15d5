"""Wave files: CONTRACT's example reads, and every fault has its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forms.faults import Faults
from survey.plan.wave_file import load, load_file
from survey.plan.wave_spec import Allocation, Design, Method, TooFew
from tests.survey.sample.conftest import DOSSIERS, HEAD, group_text, wave_text

CONTRACT = """
id = "demo"
title.vi = "…"
opens = 2026-03-01
closes = 2026-03-31
timezone = "Asia/Ho_Chi_Minh"
framework = "daklak_2019"
k = 5
[[unit]]
id = "so_tu_phap"
name.vi = "Sở Tư pháp"
kind = "department"
[[place]]
id = "trung_tam_hcc"
name.vi = "Trung tâm Phục vụ hành chính công"
[[group]]
id = "nguoi_dan"
name.vi = "Người dân"
questionnaire = "citizen"
assesses = "dossier"                 # dossier | kind:<kind>[,<kind>] | own | list (a column of the frame)
design = { method = "stratified", by = ["unit", "channel"], n = 1000, allocation = "proportional", min = 12 }
margins = ["channel"]                # frame columns carried as m_<name>
[estimation]
lonely = "adjust"
collapse = ["channel"]
"""


def faults(text: str) -> list[str]:
    with pytest.raises(Faults) as caught:
        load(text, "w.toml")
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(("k", "table", "n_min"), [(5, "", 5), (10, "", 10), (10, "n_min = 12", 12)])
def test_a_group_needs_k_answers_to_count_or_more(k: int, table: str, n_min: int) -> None:
    text = CONTRACT.replace("k = 5", f"k = {k}")
    assert load(f"{text}\n{table}", "w.toml").estimation.n_min == n_min
    assert load(text.split("[estimation]")[0], "w.toml").estimation.n_min == k


def test_limits_of_publication() -> None:
    usual = load(CONTRACT, "w.toml").estimation
    assert (usual.few, usual.wide, usual.too_wide, usual.pool_below) == (30, None, None, 5)
    spec = load(f"{CONTRACT}\nfew = 20\nwide = 8\ntoo_wide = 12.5\npool_below = 8", "w.toml").estimation
    assert (spec.few, spec.wide, spec.too_wide, spec.pool_below) == (20, 8.0, 12.5, 8)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("n_min = 4", "“n_min” is 4: a group of fewer than k = 5 may not count"),
        ("wide = 9\ntoo_wide = 8", "“too_wide” is 8, less than the 9 of “wide”"),
        ("wide = 0", "“wide” is 0, but must be from 0.1 to 100"),
        ("few = 0", "“few” is 0, but must be at least 1"),
    ],
)
def test_faults_of_the_estimation(table: str, said: str) -> None:
    (fault,) = faults(f"{CONTRACT}\n{table}")
    assert said in fault


def test_the_contracts_example_reads() -> None:
    spec = load(CONTRACT, "w.toml")
    assert (spec.id, spec.opens, spec.closes, spec.k) == ("demo", date(2026, 3, 1), date(2026, 3, 31), 5)
    assert spec.framework == "daklak_2019"
    assert spec.unit("so_tu_phap").name["vi"] == "Sở Tư pháp"
    assert spec.place("trung_tam_hcc").unit is None
    assert spec.estimation.collapse == ("channel",)
    assert spec.estimation.valid == ("complete", "partial")
    group = spec.group("nguoi_dan")
    assert group.design == Design(Method.STRATIFIED, ("unit", "channel"), 1000, Allocation.PROPORTIONAL, 12, 8, 1.0)
    assert group.merge == ("multiplicity", "channel")
    assert (spec.authority, spec.simulated, spec.most_units) == (None, False, 1)
    with pytest.raises(KeyError):
        spec.group("nobody")


def test_everything_that_may_be_said_reads() -> None:
    more = """
margins = ["channel", "level"]
classes = ["channel"]
merge = ["level", "stratum:channel"]
too_few = "leave_out"
max_units = 3
multiplicity_cap = 2
mode = "paper"
[group.target]
population.vi = "Người có hồ sơ"
frame.vi = "Danh sách hồ sơ"
period.vi = "Năm 2025"
"""
    design = '{ method = "stratified", by = ["channel"], n = 90, allocation = "equal", min = 3, response = 0.6 }'
    tail = (
        '[authority]\nname.vi = "UBND tỉnh"\nplan = "12/KH"\ndate = 2026-01-05\n'
        "[thresholds]\ncomplete = 0.9\npartial = 0.4\n"
    )
    spec = load(wave_text(group_text("g", "kind:department", design, more), tail=tail), "w.toml")
    group = spec.group("g")
    assert (group.kinds, group.max_units, group.too_few, str(group.mode)) == (
        ("department",), 3, TooFew.LEAVE_OUT, "paper",
    )  # fmt: skip
    assert group.target is not None
    assert group.target.gaps["vi"] == ""
    assert spec.authority is not None
    assert spec.authority.plan == "12/KH"
    assert (spec.thresholds.complete, spec.thresholds.partial) == (0.9, 0.4)
    assert spec.most_units_of(group) == 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("closes = 2026-03-31", "closes = 2026-02-01", "w.toml:4: the wave closes on 2026-02-01 before it opens"),
        ("closes = 2026-03-31\n", "", "w.toml: “closes” is missing"),
        ("opens = 2026-03-01", 'opens = "1/3/2026"', "w.toml:3: “opens” must be a date such as 2026-03-01"),
        ("opens = 2026-03-01", "opens = 2026-03-01T08:00:00", "w.toml:3: “opens” must be a date"),
        ('id = "w"', 'id = "Đợt 1"', "w.toml:1: “Đợt 1” is not an id"),
        ('id = "w"', 'id = "w"\nk = 1', "w.toml:2: “k” is 1, but must be at least 2"),
        ('id = "w"', 'id = "w"\ntimezone = "Dak_Lak"', "w.toml:2: “Dak_Lak” is not a known time zone"),
        ('id = "w"', 'id = "w"\ncolour = "red"', "w.toml:2: unknown key “colour”"),
        ('id = "so_y_te"', 'id = "so_tu_phap"', "w.toml:11: the unit id “so_tu_phap” is used twice"),
        ('kind = "department"', 'kind = "Sở"', "w.toml:9: “Sở” is not an id"),
        ('name.vi = "Bộ phận Một cửa"', 'name.vi = "x"\nunit = "nha"', "“nha” is not a unit of this wave"),
        ('assesses = "dossier"', 'assesses = "kind:commune"', "no unit of this wave is of the kind “commune”"),
        ('assesses = "dossier"', 'assesses = "all"', "“assesses” is “all”, but must be dossier, own, list or kind:"),
        ("n = 60, ", "", "the method “stratified” needs n, the number to draw, or size"),
        ("n = 60", "n = 6", "“min” is 12, more than the n of 6"),
        ('"stratified"', '"census"', "a census takes everybody and has no n"),
        ('"stratified"', '"simple"', "simple random sampling has no strata"),
        ('by = ["unit", "channel"], ', "", "the method “stratified” needs by"),
        ('"stratified"', '"dice"', "“method” is “dice”, but must be one of: census, simple, systematic, stratified"),
        ('by = ["unit", "channel"]', 'by = ["unit", "unit"]', "“unit” stands twice in “by”"),
        ('margins = ["channel"]', 'margins = ["Kênh"]', "“Kênh” in “margins” is not the id of a frame column"),
        ('margins = ["channel"]', 'merge = ["age"]', "“age” is no margin or class of this group"),
        ('margins = ["channel"]', 'mode = "pigeon"', "“mode” is “pigeon”, but must be one of"),
    ],
)  # fmt: skip
def test_each_fault_has_its_line(old: str, new: str, said: str) -> None:
    text = wave_text(DOSSIERS)
    assert old in text
    found = faults(text.replace(old, new, 1))
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        ('[estimation]\nlonely = "guess"', "“lonely” is “guess”"),
        ('[estimation]\ncollapse = ["age"]', "“age” makes strata in no group"),
        ('[estimation]\nvalid = ["all"]', "“all” in “valid” must be complete or partial"),
        ("[thresholds]\ncomplete = 0.3", "“partial” is 0.5, more than the 0.3 of “complete”"),
        ("[thresholds]\ncomplete = 2", "“complete” is 2, but must be from 0 to 1"),
        ('[authority]\nname.vi = "x"', "“plan” is missing"),
    ],
)
def test_faults_below_the_groups(tail: str, said: str) -> None:
    assert any(said in each for each in faults(wave_text(DOSSIERS, tail=tail)))


def test_all_faults_come_at_once_in_the_files_order() -> None:
    text = wave_text(DOSSIERS).replace("n = 60", "n = 6").replace('id = "w"', 'id = "W"').replace('"so_y_te"', '"1"')
    assert [each.split(":")[1] for each in faults(text)] == ["1", "11", "26"]


def test_a_wave_needs_units_and_groups() -> None:
    assert [each.split(": ")[1] for each in faults(HEAD)] == ["“unit” is missing", "“group” is missing"]


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "w.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Faults, match="is not a UTF-8 text file"):
        load_file(file)
    with pytest.raises(Faults, match="cannot be read"):
        load_file(tmp_path / "none.toml")
    file.write_text(CONTRACT, "utf-8")
    assert load_file(file).id == "demo"
