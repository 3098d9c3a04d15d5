"""``phieu rates``: dispositions of a small wave by unit, group, mode and day."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import invitations
from survey.commands.rates import rates
from survey.dispositions import State
from tests.conftest import Scene


@pytest.fixture
def answered(scene: Scene) -> Scene:
    """Of 5 officials, 6 citizens of so_a and 5 of so_b: 3 + 4 + 0 complete, one of each kind of citizens lost."""
    wave = scene.wave
    with scene.store.write() as tx:
        for serial, state in [(1, "complete"), (2, "complete"), (3, "complete"), (6, "complete"), (7, "complete"),
                              (8, "complete"), (9, "complete"), (10, "screened_out"), (12, "partial")]:  # fmt: skip
            invitation = invitations.by_serial(tx, wave.spec.id, serial)
            tx.invitation_spend(lookup=invitation.lookup)
            tx.response_add_box(id=bytes([serial]), wave="nho", cell=invitation.cell, state=state, box=b"")
            invitations.count_days(tx, scene.clock, wave, [(invitation, State.ANSWERED)])
        tx.mix_count(wave="nho", k=4)  # those of so_a are mixed, the others wait
        tx.mix_clear_boxes(wave="nho", k=4)
    return scene


def run(scene: Scene, *arguments: str) -> str:
    result = CliRunner().invoke(rates, ["--wave", "nho", *arguments], obj=scene.settings.instance)
    if result.exception is not None:
        raise result.exception
    return result.stdout


def document(scene: Scene, *arguments: str) -> dict[tuple[str, ...], dict[str, Any]]:
    whole = json.loads(run(scene, *arguments, "--format", "json"))
    assert list(whole) == ["wave", "by", "rows", "definitions", "categories", "open", "notes"]
    return {tuple(row["by"].values()): row for row in whole["rows"]}


def test_the_whole_wave(answered: Scene) -> None:
    (row,) = document(answered).values()
    assert row["counts"] == {"complete": 7, "issued": 7, "partial": 1, "screened_out": 1}
    se = row["rates"]["RR1"].pop("se")
    assert row["rates"]["RR1"] == {"value": pytest.approx(7 / 15), "numerator": 7, "denominator": 15}
    assert 0 < se < (7 / 15 * 8 / 15 / 14) ** 0.5  # strata and the share of the population taken make it smaller
    assert row["rates"]["RETURN"]["value"] == pytest.approx(9 / 16)
    assert row["e"] == pytest.approx(15 / 16)


def test_by_unit_counts_under_each_unit_and_once_in_the_whole(answered: Scene) -> None:
    rows = document(answered, "--by", "unit")
    assert {key[0]: row["issued"] for key, row in rows.items()} == {"so_a": 11, "so_b": 10, "so_c": 5, "all": 16}
    assert rows["so_b",]["rates"]["RR2"]["numerator"] == 4


def test_by_group_stratum_and_mode(answered: Scene) -> None:
    rows = document(answered, "--by", "group,stratum,mode")
    assert rows["dan", "so_a", "qr"]["valid"] == 4
    assert rows["can_bo", "all", "qr"]["rates"]["RETURN"]["value"] == pytest.approx(0.6)
    assert rows["all", "all", "all"]["issued"] == 16


def test_by_base_weight(answered: Scene) -> None:
    rows = document(answered, "--by", "group", "--weighted")
    assert rows["dan",]["issued"] == 6 * 2.0 + 5 * 3.5
    assert rows["dan",]["rates"]["RR1"]["numerator"] == 8


def test_by_day_adds_up_to_the_day(answered: Scene) -> None:
    rows = document(answered, "--by", "group,day")
    assert [key for key in rows if key[0] == "dan"] == [("dan", "2026-03-10")]
    assert rows["dan", "2026-03-10"]["rates"]["RETURN"] == {
        "value": pytest.approx(6 / 11), "numerator": 6, "denominator": 11
    }  # fmt: skip
    by_unit = document(answered, "--by", "day,unit")
    assert by_unit["2026-03-10", "so_c"]["returned"] == 3


def test_days_on_which_nothing_moved_for_one_carry_over(answered: Scene) -> None:
    answered.clock.at = answered.clock.at.replace(day=12)
    wave = answered.wave
    with answered.store.write() as tx:
        invitation = invitations.by_serial(tx, wave.spec.id, 13)
        invitations.count_days(tx, answered.clock, wave, [(invitation, State.ANSWERED)])
    rows = document(answered, "--by", "unit,day")
    assert rows["so_b", "2026-03-10"]["returned"] == 4 and rows["so_b", "2026-03-12"]["returned"] == 5
    assert rows["so_c", "2026-03-12"]["returned"] == rows["so_c", "2026-03-10"]["returned"] == 3


def test_csv_and_table(answered: Scene) -> None:
    lines = run(answered, "--by", "group", "--format", "csv").splitlines()
    assert lines[0] == "group,rate,numerator,denominator,value,se"
    assert f"can_bo,RR1,3,5,{3 / 5:.12g},0" in lines
    table = run(answered, "--by", "unit").splitlines()
    assert table[0].split()[:5] == ["unit", "issued", "returned", "valid", "RETURN"]
    assert table[1].split()[:5] == ["so_a", "11", "8", "7", "72.7%"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--by", "colour"), "--by colour: choose from unit, group, stratum, mode, day"),
        (("--by", "day,stratum"), "no strata and no weights with --by day"),
        (("--by", "day", "--weighted"), "no strata and no weights with --by day"),
    ],
)
def test_wrong_questions(answered: Scene, arguments: tuple[str, ...], told: str) -> None:
    with pytest.raises(Faults) as raised:
        run(answered, *arguments)
    assert told in str(raised.value)


def test_a_wave_without_invitations(drawn: Scene) -> None:
    with pytest.raises(Faults, match="has no invitations yet"):
        run(drawn)


def test_lists_that_do_not_say_who_is_eligible(answered: Scene) -> None:
    (row,) = document(answered, "--unknown", "--eligible", "0.5").values()
    assert row["categories"]["UH+UO"] == 7 and row["e"] == 0.5
    assert row["rates"]["RR3"]["denominator"] == 8 + 0.5 * 7 and row["rates"]["RR3"]["se"] > 0
    notes = json.loads(run(answered, "--unknown", "--format", "json"))["notes"]
    assert (
        notes[0]
        == "no list says who is eligible: those without reply count as UH+UO, and e is estimated among the known"
    )
    assert notes[1].startswith("se: standard errors by strata as drawn")
