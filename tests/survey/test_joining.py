"""Somebody with the whole database and the wave's private key tries to join responses to invitations.

Every box is opened, and whatever the store says of an invitation is held against whatever a box says. What both sides
know cuts a cell into classes; each must hold k, or be all of the cell.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from survey import boxes, closing, freeze, issuing, mixing, responses, sealing
from survey.drafts import DECLINED_UNIT, Draft
from survey.responses import Outcome

GOOD = {"used": "yes", "q1": "v3", "q2": "v2", "visits": 2}
KINDS = {  # one answer of each disposition
    "complete": GOOD,
    "partial": {"used": "yes", "q1": "v1"},
    "screened_out": {"used": "no"},
    "broke_off": {DECLINED_UNIT: "declined"},
}
UNITS = {1: ("so_a",), 2: ("so_b",), 3: ("so_a", "so_b", "so_c")}
SERIALS = {1: range(6, 12), 2: range(12, 17), 3: range(1, 6)}
Class = tuple[object, ...]


def answer(scene, serial: int, kind: str, code: str = "") -> None:
    """Answer an invitation so that it comes back as ``kind``."""
    cell = next(cell for cell, serials in SERIALS.items() if serial in serials)
    page = {(unit, item): value for unit in UNITS[cell] for item, value in KINDS[kind].items()}
    page |= {("", "sex"): "yes"} if kind == "complete" else {}
    code = code or scene.code(serial)
    args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, code
    assert isinstance(responses.save_page(*args, page, seen=0), Draft)
    assert responses.submit(*args, *responses.fresh_receipt(scene.keys, code)).outcome is Outcome.RECEIVED


def words(value: Any) -> Iterator[str]:
    """Every word that a document says, answers left out: they are what must not be joined."""
    if isinstance(value, dict):
        for name, inside in value.items():
            if name not in ("answers", "respondent"):
                yield from words(inside)
    elif isinstance(value, list | tuple):
        for inside in value:
            yield from words(inside)
    elif isinstance(value, str) and value:
        yield value


def invitations_say(connection: sqlite3.Connection) -> list[tuple[int, frozenset[str]]]:
    """(cell, words) of each answered invitation: of its row and of every row of another table that names it."""
    connection.row_factory = sqlite3.Row
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    columns = {table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")] for table in tables}
    told = []
    for row in connection.execute("SELECT * FROM invitation WHERE state = 'answered'").fetchall():
        names = {"serial": row["serial"], "frame_row": row["frame_row"], "lookup": row["lookup"]}
        said = set(words(list(row)))
        for table in tables:
            for column in set(columns[table]) & set(names):
                found = connection.execute(f"SELECT * FROM {table} WHERE {column} = ?", (names[column],))  # noqa: S608
                said |= {word for each in found for word in words(list(each))}
            if table == "frame_row":
                found = connection.execute("SELECT * FROM frame_row WHERE id = ?", (row["frame_row"],))
                said |= {word for each in found for word in words(list(each))}
        told.append((row["cell"], frozenset(said)))
    return told


def boxes_say(scene, connection: sqlite3.Connection) -> dict[bytes, tuple[int, frozenset[str]]]:
    """Id → (cell, words) of each mixed box; cells of this wave are told by their units."""
    private = sealing.read_private_pem(scene.keyring.private_file("nho").read_bytes()).private
    info = sealing.box_info("nho", scene.wave.plan_hash)
    told = {}
    for id, wave, box, *_ in connection.execute("SELECT * FROM box").fetchall():
        document = boxes.read(sealing.open_box(box, private, info))
        units = tuple(unit["unit"] for unit in document["units"])
        cell = next(cell for cell, those in UNITS.items() if those == units)
        told[id] = (cell, frozenset({wave, *words(document)}))
    return told


def classes(ours: Iterable[tuple[Class, frozenset[str]]], shared: frozenset[str]) -> Counter[Class]:
    """How many are alike in all that both sides know."""
    return Counter((*what, *sorted(said & shared)) for what, said in ours)


def joined(
    invitations: list[tuple[Class, frozenset[str]]], opened: list[tuple[Class, frozenset[str]]], k: int
) -> list[Class]:
    """Classes smaller than k that are not the whole of their cell. The first word of a class is its cell."""
    known = [frozenset().union(*(said for _, said in side)) for side in (invitations, opened)]
    shared = known[0] & known[1]
    small = []
    for side in (invitations, opened):
        whole = Counter(what[0] for what, _ in side)
        small += [each for each, n in classes(side, shared).items() if n < k and n != whole[each[0]]]
    return small


def as_sides(scene, connection: sqlite3.Connection) -> tuple[list[Any], list[Any]]:
    return (
        [((cell,), said) for cell, said in invitations_say(connection)],
        [((cell,), said) for cell, said in boxes_say(scene, connection).values()],
    )


@pytest.fixture
def collected(scene) -> Any:
    """15 of 16 answered in every way: slips from another place, one reissued, one visited, one that staff recorded."""
    with scene.store.write() as tx:
        tx.connection.execute("UPDATE invitation SET place = 'cho_trung_tam' WHERE serial IN (1, 7)")
        tx.visit_add(wave="nho", serial=8, number=1, outcome="absent")
    code = issuing.reissue(
        scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, 9, who="lan", reason="mất phiếu"
    )
    kinds = [*KINDS] * 4
    for serial in range(1, 16):
        answer(scene, serial, kinds[serial], code if serial == 9 else "")
    return scene


def test_nothing_that_both_sides_know_makes_a_class_smaller_than_k(collected, tmp_path: Path):
    closing.close(collected.store, collected.drafts, collected.clock, collected.wave, who="test")
    keys = sealing.read_private_pem(collected.keyring.private_file("nho").read_bytes())
    freeze.freeze(collected.store, collected.clock, collected.wave, keys, tmp_path / "dataset", who="test")
    invitations, opened = as_sides(collected, collected.store.connection)
    assert len(invitations) == len(opened) == 15
    assert joined(invitations, opened, collected.wave.spec.k) == []
    assert {word for _, said in opened for word in said} >= set(KINDS), "the boxes say what they hold"


def test_the_attack_finds_an_invitation_that_knows_more(collected):
    """Were the disposition kept with the invitation, as one might think it should be, single answers would pair."""
    mixing.mix(collected.store, "nho", 1)
    invitations, opened = as_sides(collected, collected.store.connection)
    kinds = [*KINDS] * 4
    knowing = [(what, said | {kinds[serial]}) for serial, (what, said) in _by_serial(collected, invitations)]
    assert len(joined(knowing, opened, 5)) >= 12


def _by_serial(scene, invitations: list[Any]) -> list[tuple[int, Any]]:
    rows = scene.store.connection.execute("SELECT serial FROM invitation WHERE state = 'answered'").fetchall()
    return list(zip((row[0] for row in rows), invitations, strict=True))


def test_two_backups_of_different_moments_tell_no_more(scene, tmp_path: Path):
    """What was answered and mixed between two logical backups is a class on both sides; mixing makes it k or more."""
    k = 3
    kinds = iter([*KINDS] * 5)
    files = []
    for moment, serials in enumerate(((6, 7, 8, 1, 2, 3), (9, 10, 11))):
        for serial in serials:
            answer(scene, serial, next(kinds))
        assert mixing.mix(scene.store, "nho", k) == len(serials)
        files.append(tmp_path / f"{moment}.db")
        scene.store.connection.execute("VACUUM INTO ?", (str(files[-1]),))
    before, after = (sqlite3.connect(file) for file in files)
    was_answered = {row[0] for row in before.execute("SELECT lookup FROM invitation WHERE state = 'answered'")}
    now = [row[0] for row in after.execute("SELECT lookup FROM invitation WHERE state = 'answered'")]
    mixed = set(boxes_say(scene, before))
    invitations = [
        ((cell, lookup in was_answered), said) for lookup, (cell, said) in zip(now, invitations_say(after), strict=True)
    ]
    opened = [((cell, id in mixed), said) for id, (cell, said) in boxes_say(scene, after).items()]
    assert Counter(what for what, _ in invitations) == {(1, True): 3, (1, False): 3, (3, True): 3}
    assert joined(invitations, opened, k) == []
    counts = "SELECT cell, sum(n) FROM answered_count GROUP BY cell"
    assert [dict(one.execute(counts).fetchall()) for one in (before, after)] == [{1: 3, 3: 3}, {1: 6, 3: 3}]
    for connection in (before, after):
        connection.close()


def test_no_disposition_is_counted_before_k_of_its_cell_are_mixed(scene):
    for serial, kind in zip((6, 7, 8, 9), KINDS, strict=True):
        answer(scene, serial, kind)
        mixing.mix(scene.store, "nho", 5)
    assert scene.rows("answered_count") == []
    answer(scene, 10, "partial")
    mixing.mix(scene.store, "nho", 5)
    assert sorted(row[1:] for row in scene.rows("answered_count")) == [
        (1, "broke_off", 1), (1, "complete", 1), (1, "partial", 2), (1, "screened_out", 1)
    ]  # fmt: skip
    assert {row[5] for row in scene.rows("day_count")} == {"issued", "started", "answered"}
