"""What a wave file may say of a design, and each fault of it."""

from __future__ import annotations

import pytest

from forms.faults import Faults
from survey.plan.wave_file import load
from survey.plan.wave_spec import Allocation, Design, FirstStage, Method, Rule, Size
from tests.survey.sample.conftest import group_text, wave_text


def read(design: str, more: str = "") -> Design:
    return load(wave_text(group_text("g", "dossier", "{ " + design + " }", more)), "w.toml").group("g").design


def faults(design: str, more: str = "") -> list[str]:
    with pytest.raises(Faults) as caught:
        read(design, more)
    return [str(fault) for fault in caught.value.faults]


def test_systematic() -> None:
    made = read('method = "systematic", sort = ["unit", "received"], n = 80, zones = true', 'merge = ["stratum:zone"]')
    assert (made.method, made.sort, made.zones, made.told) == (
        Method.SYSTEMATIC, ("unit", "received"), True, ("zone",),
    )  # fmt: skip
    assert made.columns == ("unit", "received")


def test_two_stages() -> None:
    made = read('method = "two_stage", by = ["unit"], psu = "place", psus = 6, n = 90, first = "pps", reserve = 0.1')
    assert (made.psu, made.psus, made.first, made.reserve) == ("place", 6, FirstStage.PPS, 0.1)
    assert made.told == ("unit", "place")
    assert made.columns == ("unit", "place")


def test_sizes_by_rule() -> None:
    made = read('method = "simple", size = { rule = "slovin", e = 0.05, response = 0.7 }')
    assert (made.n, made.size, made.response) == (None, Size(Rule.SLOVIN, 0.05), 0.7)
    rule = 'rule = "cochran", e = 0.08, p = 0.3, deff = 1.5, confidence = 0.9, each = "unit"'
    made = read('method = "stratified", by = ["unit"], size = { ' + rule + " }, response = 0.6")
    assert made.size == Size(Rule.COCHRAN, 0.08, 0.3, 1.5, 0.9, True)
    assert made.response == 0.6


def test_allocations() -> None:
    by = 'method = "stratified", by = ["unit"], n = 90, max = 40, '
    made = read(by + 'allocation = "neyman", deviation = { so_y_te = 0.4, so_tu_phap = 0.2, huyen_lak = 0 }')
    assert (made.allocation, made.maximum) == (Allocation.NEYMAN, 40)
    assert made.deviations == (("huyen_lak", 0.0), ("so_tu_phap", 0.2), ("so_y_te", 0.4))
    assert read(by + 'allocation = "neyman", deviation = "days"').columns == ("unit", "days")
    assert read(by + 'allocation = "power", power = 0.25').power == 0.25
    assert read(by + 'allocation = "power", power = 0.0').power == 0.0


STRATIFIED = 'method = "stratified", by = ["unit"], '


@pytest.mark.parametrize(
    ("design", "said"),
    [
        ('method = "simple"', "needs n, the number to draw, or size, the rule that gives it"),
        ('method = "simple", n = 9, size = { rule = "slovin", e = 0.05 }', "is declared beside size"),
        ('method = "census", reserve = 0.1', "a census takes everybody and has no reserve"),
        ('method = "simple", n = 9, sort = ["unit"]', "“sort” belongs to the method “systematic”"),
        ('method = "simple", n = 9, psus = 4', "“psus” belongs to the method “two_stage”"),
        ('method = "systematic", n = 9', "the method “systematic” needs sort"),
        ('method = "systematic", n = 9, sort = ["unit"], zones = true, reserve = 0.1', "zones pair neighbours"),
        ('method = "two_stage", n = 9, psus = 4', "the method “two_stage” needs psu, the column"),
        ('method = "two_stage", n = 9, psu = "place"', "the method “two_stage” needs psus, the number"),
        ('method = "two_stage", n = 3, psu = "place", psus = 4', "n is 3, fewer than one for each of the 4"),
        ('method = "two_stage", n = 9, psu = "Nơi", psus = 4', "“Nơi” in “psu” is not the id of a frame column"),
        ('method = "counter"', "a group asked at counters has a table “counter” in place of “design”"),
        (STRATIFIED + "n = 9, min = 5, max = 4", "“max” is 4, less than the “min” of 5"),
        (STRATIFIED + 'n = 9, allocation = "neyman"', "Neyman's allocation needs deviation: the name"),
        (STRATIFIED + 'n = 9, allocation = "neyman", deviation = { a = 0 }', "every standard deviation is 0"),
        (STRATIFIED + 'n = 9, allocation = "neyman", deviation = { a = -1 }', "“a” is -1, but must be from 0"),
        (STRATIFIED + "n = 9, deviation = { a = 1 }", "“deviation” belongs to allocation = \"neyman\""),
        (STRATIFIED + "n = 9, power = 0.3", "“power” belongs to allocation = \"power\""),
        (STRATIFIED + 'n = 9, allocation = "power", power = 3', "“power” is 3, but must be from 0 to 1"),
        (STRATIFIED + 'size = { rule = "slovin", e = 0.05, deff = 2.0 }', "Slovin's rule takes z = 2"),
        (STRATIFIED + 'size = { rule = "slovin", e = 0.05, each = "place" }', "“place” is not the first column"),
        (STRATIFIED + 'size = { rule = "cochran", e = 5 }', "“e” is 5, but must be from 0.001 to 0.5"),
        (STRATIFIED + 'size = { rule = "guess", e = 0.05 }', "“rule” is “guess”"),
        (STRATIFIED + 'response = 0.5, size = { rule = "slovin", e = 0.05, response = 0.5 }', "is declared twice"),
    ],
)  # fmt: skip
def test_each_fault_is_said_once(design: str, said: str) -> None:
    found = faults(design)
    assert sum(said in each for each in found) == 1, found
    assert all(each.startswith("w.toml") for each in found)
