"""One secrecy for all published counts: whoever puts every table of a pack and the interface together learns no few."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.beside_frame import beside_frame
from analysis.compose import index_result
from analysis.counted import of_dataset
from analysis.effects import effects
from analysis.evidence import weights
from analysis.report import annexes, data
from analysis.returns import assessment_rows, rate_rows, unit_rate_rows, unit_totals
from analysis.secrecy import Kind, Told, by, secrecy
from forms import framework
from survey.api import counters
from tests.analysis.index.conftest import FRAMEWORK, UNITS
from tests.analysis.made_waves import (
    CHANNELS,
    GROUPS,
    WEIGHTS,
    Attack,
    Form,
    K,
    Wave,
    learn_evidence,
    learn_interface,
    learn_result,
    learn_share,
    made,
)

NAMES = {"group": {group: group for group in GROUPS}, "unit": {unit: unit for unit in UNITS}}
RULES = framework.load(FRAMEWORK, "small.toml")
APPRAISED = {unit: {"staff": 8.0, "plan": 40.0} for unit in UNITS}
USUAL = {(unit, group): 12 + 3 * at for at, unit in enumerate(UNITS) for group in GROUPS}
FEW = {
    "one cell": {("so_a", "to_chuc"): 3},
    "a whole group": {(unit, "to_chuc"): int(unit == "so_a") * 3 for unit in UNITS},
    "a whole unit": {("so_b", group): int(group == "cong_chuc") * 4 for group in GROUPS},
    "two of a unit": {("so_a", "to_chuc"): 2, ("so_a", "cong_chuc"): 1},
    "a group in three": {("so_a", "to_chuc"): 1, ("so_b", "to_chuc"): 4, ("so_c", "to_chuc"): 2},
}


def pack(wave: Wave) -> tuple[dict[str, Any], dict[str, Any]]:
    result = index_result(wave.dataset, RULES, APPRAISED, draws=100)
    told = annexes.of(wave.dataset, result, RULES)
    return json.loads(data.text(result)), json.loads(data.text(told))


def publishers(wave: Wave) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same counts without the index, whose computation takes longer."""
    by_group, whole = rate_rows(wave.dataset)
    units = [{"unit": unit, "respondents": n} for unit, n in unit_totals(wave.dataset).items()]
    rows = {"rates_total": whole, "rates_by_group": by_group, "rates_by_unit": unit_rate_rows(wave.dataset),
            "assessments": assessment_rows(wave.dataset)}  # fmt: skip
    plain = {name: data._plain(row) for name, row in rows.items()}
    found = {"frame": [row for group in GROUPS for row in beside_frame(wave.dataset, group)],
             "effects": [row for group in GROUPS for row in effects(wave.dataset, group, "mode")],
             "weights": [row for group in GROUPS for row in weights(wave.dataset, group)]}  # fmt: skip
    evidence = {name: [dataclasses.asdict(row) for row in told] for name, told in found.items()}
    return {**plain, "kinds": [{"units": units, "unranked": []}]}, {**evidence, "checks": []}


def _of_level(group: str, channel: str, form: Form) -> bool:
    return (form[1], form[3]) == (group, channel)


def attacked(wave: Wave, result: Mapping[str, Any], evidence: Mapping[str, Any]) -> Attack:
    attack = Attack(wave.forms)
    learn_result(attack, result)
    learn_evidence(attack, evidence)
    learn_interface(attack, counters.of_dataset(wave.dataset.path, NAMES, K))
    return attack


@pytest.mark.parametrize("few", FEW)
def test_no_count_of_a_pack_and_of_the_interface_together_tells_of_few(few: str, tmp_path: Path) -> None:
    wave = made(tmp_path / "d", {**USUAL, **FEW[few]})
    result, told = pack(wave)
    attack = attacked(wave, result, told["evidence"])
    assert list(attack.small()) and attack.recovered() == []
    assert told["evidence"]["effects"] and told["evidence"]["frame"] and told["evidence"]["weights"]


def test_the_attack_finds_what_each_table_hid_by_itself(tmp_path: Path) -> None:
    """The same attack on tables that hide their own small ones only, so that it cannot pass by blindness."""
    wave = made(tmp_path / "d", {**USUAL, **FEW["a whole group"]})
    attack = Attack(wave.forms)
    attack.learn(lambda form: 1, sum(wave.forms.values()))
    for group in GROUPS[1:2]:
        attack.learn(lambda form, own=group: form[1] == own,
                     sum(n for form, n in wave.forms.items() if form[1] == group))  # fmt: skip
    assert attack.recovered() == []
    for level in CHANNELS:  # as it was published beside them
        of = partial(_of_level, "nguoi_dan", level)
        attack.learn(of, sum(n for form, n in wave.forms.items() if of(form)))
    assert "to_chuc" in attack.recovered()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([0, 0, 1, 2, 3, 4, 5, 7, 12, 20]), min_size=12, max_size=12), st.integers(0, 9))
def test_nothing_of_few_follows_from_any_wave(sizes: list[int], seed: int) -> None:
    cells = dict(zip([(unit, group) for unit in UNITS for group in GROUPS], sizes, strict=True))
    cells["so_d", "nguoi_dan"] = 30
    with tempfile.TemporaryDirectory() as folder:
        wave = made(Path(folder) / "d", cells, seed)
        result, evidence = publishers(wave)
        assert attacked(wave, result, evidence).recovered() == []
        secret = of_dataset(wave.dataset).hidden
        for group in (group for group in GROUPS if any(group in line for line in secret)):
            assert not any(row["sum"] for row in evidence["weights"] if row["group"] == group)
            assert not any(row.answered for row in beside_frame(wave.dataset, group))


def test_shares_of_weights_tell_nothing_of_offices_that_make_a_level(tmp_path: Path) -> None:
    """Two small offices are all there is of one channel in their group; the share of it would tell both exactly."""
    wave = made(tmp_path / "d", USUAL | {("so_a", "to_chuc"): 3, ("so_b", "to_chuc"): 4}, nested=("to_chuc",))
    result, told = publishers(wave)
    attack = attacked(wave, result, told)
    assert len(list(attack.small())) == 2 and attack.recovered() == []
    mine = {form: n * WEIGHTS[form[0]] for form, n in wave.forms.items() if form[1] == "to_chuc"}
    for channel in CHANNELS:
        share = sum(mass for form, mass in mine.items() if form[3] == channel) / sum(mine.values())
        learn_share(attack, "to_chuc", channel, share)
    assert attack.recovered() == ["so_a to_chuc", "so_b to_chuc"]  # the attack is not blind to them


def test_of_the_weights_of_a_group_with_something_hidden_one_rounded_number_is_told(tmp_path: Path) -> None:
    """With all its digits a sum of unequal weights has one solution in whole numbers of forms."""
    wave = made(tmp_path / "d", {**USUAL, **FEW["one cell"]})
    secret = of_dataset(wave.dataset)
    open_groups = [group for group in GROUPS if not secret.weights(group)]
    assert len(open_groups) == 1
    for group in GROUPS:
        for row in weights(wave.dataset, group):
            numbers = (row.low, row.high, row.sum)
            assert all(numbers) if group in open_groups else numbers == (None,) * 3 and row.kish == round(row.kish, 2)
        shares = [row.answered for row in beside_frame(wave.dataset, group)]
        assert shares and all((share is not None) is (group in open_groups) for share in shares)


def test_what_is_not_small_and_covers_nothing_is_told(tmp_path: Path) -> None:
    """One small cell of twelve: it goes with the three that cover it and a number at each of two offices."""
    wave = made(tmp_path / "d", {**USUAL, **FEW["one cell"]})
    secret = of_dataset(wave.dataset)
    assert not secret.whole and not any(secret.group(group) for group in GROUPS)
    assert sum(secret.cell(unit, group) for unit in UNITS for group in GROUPS) == 4
    assert not of_dataset(made(tmp_path / "e", USUAL).dataset).hidden


def test_files_that_contradict_each_other_hide_no_less(tmp_path: Path) -> None:
    """A group's forms that no file says of which unit they are: what the rows come to is held to be known."""
    wave = made(tmp_path / "d", {**USUAL, **FEW["one cell"]})
    kinds = [Kind("g", ("u",), 3), Kind("g", ("v",), 20), Kind("h", ("u",), 20), Kind("h", ("v",), 20)]
    sums = by(kinds, lambda kind: [("all",), ("group", kind.group), ("unit", kind.units[0])])
    told = [Told(line, row, ((row, 1.0),)) for line, row in sums.items()]
    told += [Told(("cell", kind.units[0], kind.group), {at: 1.0}, ()) for at, kind in enumerate(kinds)]
    assert ("cell", "u", "g") in secrecy(kinds, told, K).hidden
    assert of_dataset(wave.dataset) is of_dataset(wave.dataset)


def test_a_form_about_several_units_is_one_form(tmp_path: Path) -> None:
    """Officials who all assess both units: each unit's forms are the group's, and give nobody else away."""
    kinds = [Kind("officials", ("u", "v"), 20), Kind("citizens", ("u",), 3), Kind("citizens", ("v",), 30)]
    sums = by(kinds, lambda kind: [("all",), ("group", kind.group), *(
        line for unit in kind.units for line in (("unit", unit), ("cell", unit, kind.group)))])  # fmt: skip
    told = [Told(line, row, ((row, sum(kinds[at].n for at in row)),)) for line, row in sums.items()]
    hidden = secrecy(kinds, told, K).hidden
    left = [(row, value) for each in told if each.line not in hidden for row, value in each.sums]
    change = np.array([[row.get(at, 0.0) for at in range(3)] for row, _ in left])
    assert ("cell", "u", "citizens") in hidden
    # Two more citizens of u can be had without touching a number that is shown.
    best = np.linalg.lstsq(change[:, [0, 2]], -2 * change[:, 1], rcond=None)[0]
    assert np.allclose(change @ [best[0], 2, best[1]], 0) and best.min() >= -20
