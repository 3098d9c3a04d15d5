"""Counting what comes: next to nothing on the way of a submit, nothing that leads to a person when the day is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey import closing, invitations
from survey.arrivals import folding, tally
from survey.arrivals.tally import Arrivals, bucket_of
from survey.store import Store, StoreError


def came(scene: Any, counted: Arrivals, serial: int, address: str = "203.0.113.7") -> None:
    with scene.store.read() as tx:
        counted.add(scene.wave, scene.keys, invitations.by_serial(tx, "nho", serial), address)


@pytest.fixture
def counted(scene: Any) -> Arrivals:
    return Arrivals(scene.drafts, scene.clock)


def left(scene: Any) -> dict[tuple[str, str, str], int]:
    return {(row[2], row[3], row[4]): row[5] for row in scene.rows("arrival_count")}  # type: ignore[misc]


def test_one_commit_serves_many_forms(scene: Any, counted: Arrivals) -> None:
    for serial in range(6, 12):
        came(scene, counted, serial)
    assert scene.rows("arrival_hour", scene.drafts) == []
    scene.clock.at += timedelta(seconds=tally.SECONDS)
    came(scene, counted, 12)
    hours = {row[3]: (row[4], row[5]) for row in scene.rows("arrival_hour", scene.drafts)}
    assert hours == {"": (9, 7), "so_a": (9, 6), "so_b": (9, 1)}


def test_a_day_that_is_over_is_a_few_numbers_and_its_salt_is_gone(scene: Any, counted: Arrivals) -> None:
    for serial in range(6, 12):
        came(scene, counted, serial, f"203.0.113.{serial}")
    for serial in range(12, 17):
        came(scene, counted, serial, f"198.51.{serial}.7")
    came(scene, counted, 1, "2001:db8::1")
    counted.write()
    assert folding.fold(scene.store, scene.drafts, scene.clock, scene.wave) == 0, "today is not over"
    scene.clock.at += timedelta(days=1)
    assert folding.fold(scene.store, scene.drafts, scene.clock, scene.wave) == 1
    assert [scene.rows(f"arrival_{name}", scene.drafts) for name in ("salt", "hour", "block")] == [[], [], []]
    told = left(scene)
    assert {kind: told["dan", "so_a", kind] for kind in ("forms", "busiest", "crowded", "largest")} == {
        "forms": 6, "busiest": 6, "crowded": 6, "largest": 6,
    }  # fmt: skip
    assert told["dan", "so_b", "crowded"] == 0 and told["dan", "so_b", "largest"] == 1
    assert told["dan", "", "forms"] == told["dan", "", "h09"] == 11
    assert told["can_bo", "so_c", "forms"] == told["can_bo", "", "forms"] == 1
    assert ("dan", "so_a", "h09") not in told, "the hour of an office's forms is not kept"


def test_what_a_process_still_had_is_added_when_it_comes(scene: Any, counted: Arrivals) -> None:
    late = Arrivals(scene.drafts, scene.clock)
    for serial in (6, 7):
        came(scene, counted, serial)
    came(scene, late, 8)
    counted.write()
    scene.clock.at += timedelta(days=1)
    folding.fold(scene.store, scene.drafts, scene.clock, scene.wave)
    late.write()
    assert folding.fold(scene.store, scene.drafts, scene.clock, scene.wave) == 1
    assert (left(scene)["dan", "so_a", "forms"], left(scene)["dan", "so_a", "busiest"]) == (3, 2)
    came(scene, late, 9)
    scene.clock.at += timedelta(days=1)
    came(scene, late, 10)
    assert len(late._salts) == 1, "yesterday's salt is forgotten"


def test_the_close_folds_the_last_day_too(scene: Any, counted: Arrivals) -> None:
    came(scene, counted, 6)
    counted.write()
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")
    assert left(scene)["dan", "so_a", "forms"] == 1 and scene.rows("arrival_salt", scene.drafts) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.250", True), ("203.0.113.7", "203.0.114.7", False),
        ("::ffff:203.0.113.7", "203.0.113.9", True), ("2001:db8:1:2::1", "2001:db8:1:ffff::2", True),
        ("2001:db8:1::1", "2001:db8:2::1", False), (None, "unix:", True), ("fe80::1%eth0", "fe80::2", True),
    ],
)  # fmt: skip
def test_networks_are_alike_by_their_first_part(one: str | None, other: str, same: bool) -> None:
    key, salt = b"k" * 32, b"s" * 32
    assert (bucket_of(key, salt, one) == bucket_of(key, salt, other)) is same


def test_a_bucket_needs_key_and_salt(scene: Any, counted: Arrivals) -> None:
    here = bucket_of(b"k" * 32, b"s" * 32, "203.0.113.7")
    assert here != bucket_of(b"x" * 32, b"s" * 32, "203.0.113.7")
    assert here != bucket_of(b"k" * 32, b"x" * 32, "203.0.113.7")
    assert 0 <= here < 65536
    came(scene, counted, 6)
    counted.write()
    everything = repr([scene.rows(f"arrival_{name}", scene.drafts) for name in ("hour", "block")])
    assert "203.0" not in everything


def test_doors_that_stand_at_one_place_are_not_counted(scene: Any, counted: Arrivals) -> None:
    scene.store.connection.execute("UPDATE cell SET mode = 'kiosk'")
    came(scene, counted, 6)
    counted.write()
    assert scene.rows("arrival_salt", scene.drafts) == scene.rows("arrival_hour", scene.drafts) == []


def test_a_database_that_is_busy_costs_no_submit_and_no_count(
    scene: Any, counted: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*args: Any, **kwargs: Any) -> Any:
        raise StoreError("database is locked")

    came(scene, counted, 6)
    with monkeypatch.context() as patched:
        patched.setattr(Store, "write", busy)
        counted.write()
        came(scene, Arrivals(scene.drafts, scene.clock), 7)
    counted.write()
    assert [row[5] for row in scene.rows("arrival_hour", scene.drafts)] == [1, 1]


def test_fifty_forms_are_written_at_once(scene: Any, counted: Arrivals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "WAITING", 3)
    for serial in (6, 7):
        came(scene, counted, serial)
    assert scene.rows("arrival_hour", scene.drafts) == []
    came(scene, counted, 8)
    assert [row[5] for row in scene.rows("arrival_hour", scene.drafts)] == [3, 3]


@given(
    st.dictionaries(st.tuples(st.sampled_from(["", "so_a", "so_b"]), st.integers(0, 23)), st.integers(1, 30)),
    st.integers(2, 20),
)
def test_no_hour_of_fewer_than_k_is_kept(came: dict[tuple[str, int], int], k: int) -> None:
    rows = [{"grp": "dan", "unit": unit, "hour": hour, "n": n} for (unit, hour), n in came.items()]
    told = folding.counted(rows, [], k)
    hours = {kind: n for (_, _, kind), n in told.items() if kind not in (*folding.Kind,)}
    assert hours == {f"h{hour:02}": n for (unit, hour), n in came.items() if unit == "" and n >= k}
    for unit in ("", "so_a", "so_b"):
        assert told.get(("dan", unit, "forms"), 0) == sum(n for (of, _), n in came.items() if of == unit)
