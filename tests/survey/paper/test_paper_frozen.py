"""Keyed answers in the dataset: of mode paper unless that parts fewer than k; the manifest tells how many came."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

from forms.faults import Faults
from survey import closing, freeze, sealing, verify
from survey.keying import late_forms
from survey.keying.keying import Result
from tests.survey.paper.conftest import CUC, GOOD, Desk


@pytest.fixture
def freezing(tmp_path):
    def run(desk):
        scene = desk.scene
        closing.close(*desk.both, scene.clock, scene.wave, who="lan")
        keys = sealing.read_private_pem(scene.keyring.private_file("nho").read_bytes())
        return freeze.freeze(scene.store, scene.clock, scene.wave, keys, tmp_path / "dataset", who="lan").folder

    return run


def modes(folder) -> dict[str, int]:
    found = pq.read_table(folder / "assessments.parquet")["mode"].to_pylist()
    return {mode: found.count(mode) for mode in sorted(set(found))}


def test_paper_is_a_mode_where_k_came_on_it(keyed_once, freezing):
    keyed_once.count(5)
    for serial in range(12, 17):
        assert keyed_once.key(serial) is Result.STORED
    for serial in range(6, 12):
        keyed_once.online(serial)
    folder = freezing(keyed_once)
    assert modes(folder) == {"paper": 5, "qr": 6}
    verify.verify(folder)


def test_paper_is_dropped_with_the_mode_where_fewer_came_on_it(keyed_once, freezing):
    keyed_once.count(2)
    for serial in (6, 7):
        keyed_once.key(serial)
    for serial in range(8, 12):
        keyed_once.online(serial)
    assert modes(freezing(keyed_once)) == {"*": 6}


def test_the_manifest_says_what_came_on_paper_and_how_two_keyings_agree(compared, freezing):
    compared.count(6)
    for serial in range(6, 12):
        compared.key(serial)
        compared.key(serial, {**GOOD, "visits": "5"} if serial == 6 else GOOD, keyer=CUC)
    manifest = json.loads((freezing(compared) / "manifest.json").read_text("utf-8"))
    told = manifest["paper"]
    assert told["forms"] == {"counted": 6, "keyed": 6, "damaged": 0, "void": 0, "excluded": 0, "late": 0}
    assert told["overall"] == {"compared": 24, "differed": 1, "rate": pytest.approx(1 / 24)}
    assert told["items"]["visits"]["differed"] == 1
    assert told["late_admitted"] is None


def test_late_forms_that_were_admitted_are_a_departure(keyed_once, freezing):
    keyed_once.scene.clock.at = keyed_once.scene.clock.at.replace(month=4)
    keyed_once.count(6)
    scene = keyed_once.scene
    late_forms.admit(*keyed_once.both, scene.clock, scene.wave, who="lan", reason="bão, bưu điện chậm")
    for serial in range(6, 12):
        keyed_once.key(serial)
    manifest = json.loads((freezing(keyed_once) / "manifest.json").read_text("utf-8"))
    (departure,) = manifest["departures"]
    assert departure["kind"] == "late_admitted"
    assert "bão, bưu điện chậm" in json.dumps(departure, ensure_ascii=False)
    assert manifest["paper"]["forms"]["late"] == 6


def test_a_wave_without_paper_says_nothing_of_it(scene, freezing):
    desk = Desk(scene)
    for serial in range(6, 12):
        desk.online(serial)
    assert "paper" not in json.loads((freezing(desk) / "manifest.json").read_text("utf-8"))


def test_a_box_whose_cell_was_not_answered_stops_the_freeze(keyed_once, freezing):
    keyed_once.count(5)
    for serial in range(12, 17):
        keyed_once.key(serial)
    keyed_once.scene.store.connection.execute("UPDATE invitation SET state = 'issued' WHERE serial = 12")
    with pytest.raises(Faults, match="4 invitations answered, 5 boxes"):
        freezing(keyed_once)
