"""How fast a form was filled in: what a box says of it, what the dataset keeps, what is found of simulated cheating."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms import questionnaire as questionnaires
from forms.faults import Faults
from survey import boxes, closing, freeze, invitations, pace, responses, sealed, sealing, witness
from survey.drafts import Draft, Entry
from survey.freeze import shapes
from survey.freeze.finest import Dropped, finest
from survey.freeze.respondent import Label, Respondent
from survey.plan import wave_file
from survey.plan.limits import Pace
from survey.verify import verify
from tests.conftest import QUESTIONNAIRE, WAVE

K = 5
ASKED = questionnaires.load(QUESTIONNAIRE, "nho.toml")
GOOD = {"used": "yes", "q1": "v3", "q2": "v2", "visits": 2}


def filled(later: int, *, begun: int = 1000, first: int = 3) -> Draft:
    """A form: ``first`` closed answers on the first page, ``later`` on the pages after it."""
    entries = {
        (f"so_{at}", "q1"): Entry(f"so_{at}", "q1", "v1", 1 if at < first else 2, "") for at in range(first + later)
    }
    return Draft(2, entries, begun=begun)


@pytest.mark.parametrize(
    ("seconds", "band"), [(0, 0), (19, 0), (20, 1), (299, 1), (300, 2), (90_000, 2), (-7200, 0)]
)  # fmt: skip
def test_three_bands_by_seconds_an_item_after_the_first_page(seconds: int, band: int) -> None:
    assert pace.band(Pace(), ASKED, filled(10), 1000 + seconds) == band


def test_no_pace_is_told_of_few_items_nor_where_none_is_measured() -> None:
    assert pace.band(Pace(), ASKED, filled(pace.FEWEST - 1, first=20), 1001) is None
    assert pace.band(Pace(measured=False), ASKED, filled(10), 1001) is None
    assert pace.band(Pace(), ASKED, filled(10, begun=0), 1001) is None, "a draft of an earlier version"
    notes = Draft(2, {(f"so_{at}", "said"): Entry(f"so_{at}", "said", "chữ", 2, "") for at in range(20)}, begun=1000)
    assert pace.band(Pace(), ASKED, notes, 1001) is None, "words are not read and ticked"


def test_a_draft_keeps_when_its_first_page_was_saved() -> None:
    first = Draft().merged({("so_a", "q1"): "v1"}, seen=0, now=50)
    assert first.merged({("so_a", "q2"): "v1"}, seen=1, now=90).begun == 50


def test_limits_are_the_waves_own_and_in_order() -> None:
    spec = wave_file.load(WAVE + "\n[pace]\nfast = 1.5\nlong = 20\n", "w.toml")
    assert spec.pace == Pace(True, 1.5, 20)
    assert wave_file.load(WAVE + "\n[pace]\nmeasured = false\n", "w.toml").pace == Pace(measured=False)
    with pytest.raises(Faults, match="not more than the 5 of “fast”"):
        wave_file.load(WAVE + "\n[pace]\nfast = 5\nlong = 5\n", "w.toml")
    with pytest.raises(Faults, match="fast"):
        wave_file.load(WAVE + '\n[pace]\nfast = "quick"\n', "w.toml")


def test_a_box_says_a_band_and_a_side_of_the_reminder_and_no_time(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "FEWEST", 1)
    with scene.store.read() as tx:
        who = invitations.by_serial(tx, "nho", 6)
    saved = Draft().merged({("so_a", "used"): "yes"}, seen=0, now=1000).merged({("so_a", "q1"): "v1"}, seen=1, now=1001)
    for now, reminded, duration, phase in ((1001, False, 0, "before"), (1010, True, 1, "after")):
        _, content = boxes.contents(scene.wave, who, saved, now=now, reminded=reminded)
        document = boxes.read(content)
        assert (document["duration"], document["phase"]) == (duration, phase)
        assert set(document) == {"v", "cell", "disposition", "units", "respondent", "duration", "phase"}
        assert b"10" not in content
    _, keyed = boxes.contents(scene.wave, who, saved, answered="paper", now=1001)
    assert not {"duration", "phase"} & set(boxes.read(keyed)), "when it was keyed says nothing"


def people(*told: tuple[int, str, str, int | None]) -> list[Respondent]:
    label = Label("dan", "a", "a", ())
    return [
        Respondent(label, mode, "complete", ("a",), (1.0,), ({},), {}, phase=phase, band=band)
        for n, mode, phase, band in told
        for _ in range(n)
    ]


def cells(members: list[Respondent]) -> Counter[tuple[str, str, int | None]]:
    return Counter((each.mode, each.phase, each.band) for each in members)


def test_long_is_counted_as_usual_before_the_pace_is_dropped() -> None:
    dropped = Dropped()
    assert cells(finest(people((6, "qr", "", 0), (6, "qr", "", 1), (2, "qr", "", 2)), K, dropped)) == {
        ("qr", "", 0): 6, ("qr", "", 1): 8,
    }  # fmt: skip
    assert dropped == Dropped()


def test_the_pace_goes_before_the_phase_and_the_phase_before_the_mode() -> None:
    dropped = Dropped()
    few_fast = people((8, "qr", "before", 1), (3, "qr", "before", 0), (6, "qr", "after", 1))
    assert cells(finest(few_fast, K, dropped)) == {("qr", "before", None): 11, ("qr", "after", 1): 6}
    assert dropped == Dropped(pace=11)
    few_after = people((8, "qr", "before", 1), (3, "qr", "after", 1))
    assert cells(finest(few_after, K, dropped)) == {("qr", "", 1): 11}
    assert dropped.phase == 11
    few_paper = people((8, "qr", "before", 1), (3, "paper", "", None))
    assert cells(finest(few_paper, K, dropped)) == {("*", "", None): 11}
    assert dropped.mode == 11


@given(
    st.lists(
        st.tuples(
            st.integers(1, 9), st.sampled_from(["qr", "paper"]), st.sampled_from(["", "before", "after"]),
            st.sampled_from([None, 0, 1, 2]),
        ),
        min_size=1, max_size=12,
    )
)  # fmt: skip
def test_whatever_comes_no_sub_cell_is_under_k_and_nothing_is_invented(told: list[Any]) -> None:
    members = people(*told)
    if len(members) < K:
        return
    kept = finest(members, K, Dropped())
    assert len(kept) == len(members)
    assert min(cells(kept).values()) >= K
    before = cells(members)
    for mode, phase, band in cells(kept):
        assert any(
            mode in (was[0], "*") and phase in (was[1], "") and (band in (was[2], None) or (band, was[2]) == (1, 2))
            for was in before
        )


def test_speeders_of_one_office_are_found_and_honest_people_hardly_ever() -> None:
    """30 offices of 60 honest forms, log-normal, median 7 seconds an item; in one, 20 take about one second."""
    rng = np.random.default_rng(7)
    false = found = seen = 0
    for office in range(30):
        each = np.exp(rng.normal(np.log(7), 0.5, 60))
        if office == 0:
            each[:20] = rng.uniform(0.5, 1.5, 20)
        bands = [pace.band(Pace(), ASKED, filled(24), 1000 + int(24 * one)) for one in each]
        kept = finest(people(*((1, "qr", "", band) for band in bands)), K, Dropped())
        fast = sum(one.band == pace.FAST for one in kept)
        found, false = (fast, false) if office == 0 else (found, false + fast)
        seen += office > 0 and len(kept)
    assert found >= 20 and false / seen < 0.005
    small = people((2, "qr", "", 0), (8, "qr", "", 1))
    assert all(one.band is None for one in finest(small, K, Dropped())), "two of ten are not singled out"


@pytest.fixture
def timed(scene: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Officials answer fast and before the reminder; citizens of so_a take their time, after it."""
    monkeypatch.setattr(pace, "FEWEST", 1)

    def answer(serial: int, units: tuple[str, ...], seconds: int) -> None:
        args: Any = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, scene.code(serial)
        responses.save_page(*args, {(unit, "used"): "yes" for unit in units}, seen=0)
        scene.clock.at += timedelta(seconds=seconds)
        responses.save_page(*args, {(unit, item): GOOD[item] for unit in units for item in ("q1", "q2")}, seen=1)
        assert responses.submit(*args, *responses.fresh_receipt(scene.keys, scene.code(serial))).receipt

    for serial in range(1, 6):
        answer(serial, ("so_a", "so_b", "so_c"), 3)
    with scene.store.write() as tx:
        tx.message_add_round(wave="nho", purpose="remind", channel="email", begun_on="2026-03-11")
    for serial in range(6, 12):
        answer(serial, ("so_a",), 30)
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")
    return scene


def rows_of(folder: Path) -> list[Mapping[str, Any]]:
    told: list[Mapping[str, Any]] = pq.read_table(folder / "assessments.parquet").to_pylist()
    return told


def test_a_dataset_tells_bands_and_phases_of_k_and_is_verified(timed: Any, tmp_path: Path) -> None:
    keys = sealing.read_private_pem(timed.keyring.private_file("nho").read_bytes())
    made = freeze.freeze(timed.store, timed.clock, timed.wave, keys, tmp_path / "dataset", who="test")
    told = {(row["group"], row["phase"], row["duration_band"]) for row in rows_of(made.folder)}
    assert told == {("can_bo", "before", 0), ("dan", "after", 1)}
    assert made.manifest["pace"] == {"fast": 2.0, "long": 30.0}
    verify(made.folder)
    file = tmp_path / "sealed.zip"
    sealed.export(timed.store, timed.clock, "nho", file, who="test")
    assert witness.compare(made.folder, made.manifest, file, keys).respondents == 11


def test_a_witness_sees_that_a_pace_was_altered(timed: Any, tmp_path: Path) -> None:
    keys = sealing.read_private_pem(timed.keyring.private_file("nho").read_bytes())
    made = freeze.freeze(timed.store, timed.clock, timed.wave, keys, tmp_path / "dataset", who="test")
    sealed.export(timed.store, timed.clock, "nho", tmp_path / "sealed.zip", who="test")
    table = pq.read_table(made.folder / "assessments.parquet")
    at = table.column_names.index("duration_band")
    changed = [1 if band == 0 else band for band in table["duration_band"].to_pylist()]
    pq.write_table(
        table.set_column(at, "duration_band", [changed]).cast(table.schema), made.folder / "assessments.parquet"
    )
    with pytest.raises(Faults, match="is in no box"):
        witness.compare(made.folder, made.manifest, tmp_path / "sealed.zip", keys)


def test_without_a_reminder_no_phase_is_told(scene: Any, tmp_path: Path) -> None:
    for serial in range(1, 6):
        args: Any = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, scene.code(serial)
        page = {(unit, item): value for unit in ("so_a", "so_b", "so_c") for item, value in GOOD.items()}
        responses.save_page(*args, page, seen=0)
        responses.submit(*args, *responses.fresh_receipt(scene.keys, scene.code(serial)))
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")
    keys = sealing.read_private_pem(scene.keyring.private_file("nho").read_bytes())
    made = freeze.freeze(scene.store, scene.clock, scene.wave, keys, tmp_path / "dataset", who="test")
    assert not {"phase", "duration_band"} & set(rows_of(made.folder)[0])
    verify(made.folder)


def test_a_wave_that_measures_no_pace_is_whole_too() -> None:
    shape = shapes.MANIFEST
    assert "pace?" in shape and "pace" not in shape and "estimation" in shape
