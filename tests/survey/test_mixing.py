"""Mixing: what the files still tell about who answered what, before and after."""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
from pathlib import Path

import pytest

from survey import mixing, responses, seals
from survey.drafts import Draft
from survey.responses import Outcome
from survey.store import Store

pytestmark = pytest.mark.both_engines

CELLS = {1: range(6, 12), 2: range(12, 17), 3: range(1, 6)}  # cell: serials


def answer(scene, serial: int) -> str:
    """Answer in full; the receipt."""
    code = scene.code(serial)
    cell = next(cell for cell, serials in CELLS.items() if serial in serials)
    units = {1: ["so_a"], 2: ["so_b"], 3: ["so_a", "so_b", "so_c"]}[cell]
    page = {(unit, item): value for unit in units for item, value in {"used": "yes", "q1": "v1", "q2": "v3"}.items()}
    args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, code
    assert isinstance(responses.save_page(*args, page, seen=0), Draft)
    result = responses.submit(*args, *responses.fresh_receipt(scene.keys, code))
    assert result.outcome is Outcome.RECEIVED
    return result.receipt


def files(store: Store) -> bytes:
    """The database with its log and its index."""
    return b"".join(path.read_bytes() for path in Path(store.path.parent).glob(f"{store.path.name}*"))


def waiting(scene) -> int:
    return len(scene.rows("inbox_box"))


def test_a_cell_moves_when_k_of_it_wait_and_no_sooner(scene):
    for serial in (6, 7, 8, 9):
        answer(scene, serial)
    for serial in (12, 13, 14, 15):
        answer(scene, serial)
    assert mixing.mix(scene.store, "nho", 5) == 0
    assert waiting(scene) == 8
    answer(scene, 10)
    assert mixing.mix(scene.store, "nho", 5) == 5
    assert {row[2] for row in scene.rows("inbox_box")} == {2}
    assert {row[2] for row in scene.rows("inbox_receipt")} == {2}
    assert len(scene.rows("box")) == len(scene.rows("receipt")) == 5
    answer(scene, 11)  # the sixth of its cell waits for others
    assert mixing.mix(scene.store, "nho", 5) == 0


def test_at_the_close_everything_moves(scene):
    receipts = [answer(scene, serial) for serial in (6, 12, 1)]
    assert mixing.mix(scene.store, "nho", 5, final=True) == 3
    assert waiting(scene) == 0
    assert [responses.counted(scene.store, receipt) for receipt in receipts] == ["received"] * 3
    assert mixing.mix(scene.store, "nho", 5, final=True) == 0


def test_other_waves_are_left_alone(scene):
    answer(scene, 6)
    assert mixing.mix(scene.store, "other", 1, final=True) == 0
    assert waiting(scene) == 1


def test_killed_in_the_middle_nothing_moved_and_nothing_is_lost(scene, monkeypatch: pytest.MonkeyPatch):
    for serial in CELLS[1]:
        answer(scene, serial)
    before = sorted(scene.rows("inbox_box"))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for query in ("mix_receipts", "mix_clear_boxes", "mix_clear_receipts"):
        with monkeypatch.context() as patch:
            patch.setattr(scene.store.queries, query, killed)
            with pytest.raises(KeyboardInterrupt):
                mixing.mix(scene.store, "nho", 5)
        assert sorted(scene.rows("inbox_box")) == before
        assert scene.rows("box") == []
    assert mixing.mix(scene.store, "nho", 5) == 6


def test_an_inbox_without_its_receipts_is_said_and_not_moved(scene):
    for serial in CELLS[1]:
        answer(scene, serial)
    with scene.store.write() as tx:
        tx.connection.execute("DELETE FROM inbox_receipt")
    with pytest.raises(RuntimeError, match="6 boxes but 0 receipts"):
        mixing.mix(scene.store, "nho", 5)
    assert waiting(scene) == 6


@pytest.mark.sqlite_only
def test_after_mixing_the_log_is_empty_and_the_inbox_is_gone_from_the_file(scene):
    for serial in CELLS[1]:
        answer(scene, serial)
    inbox = scene.rows("inbox_box")
    mixing.mix(scene.store, "nho", 5)
    assert Path(f"{scene.store.path}-wal").stat().st_size == 0
    content = files(scene.store)
    for id, wave, cell, box, _ in inbox:
        # Once in the file, in its mixed table; a long row is split over pages, so its two ends are looked for.
        assert content.count(box[:48]) == content.count(box[-48:]) == 1
        # The row as the inbox had it, its cell and all, is nowhere (id, wave, cell and box are neighbours there).
        assert id + wave.encode() + bytes([cell]) + box[:16] not in content
        assert id + wave.encode() + box[:16] in content


@pytest.mark.sqlite_only
def test_a_log_that_a_reader_kept_is_cut_at_the_next_call(scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("survey.store.sqlite._CHECKPOINT_MILLISECONDS", 1)
    for serial in CELLS[1]:
        answer(scene, serial)
    reader = sqlite3.connect(scene.store.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM box").fetchone()
    assert mixing.mix(scene.store, "nho", 5) == 6
    assert Path(f"{scene.store.path}-wal").stat().st_size > 0
    reader.close()
    assert mixing.mix(scene.store, "nho", 5) == 0
    assert Path(f"{scene.store.path}-wal").stat().st_size == 0


@pytest.mark.sqlite_only
def test_no_column_joins_an_invitation_to_a_mixed_box_or_receipt(scene):
    """The curious administrator with the whole mixed database tries every pair of columns, and every hash of them."""
    receipts = {serial: answer(scene, serial) for serial in itertools.chain(*CELLS.values())}
    mixing.mix(scene.store, "nho", 5)
    assert waiting(scene) == 0
    known: set[bytes] = set()
    for table in ("invitation", "frame_row", "draw_row", "contact", "revoked_code"):
        for row in scene.rows(table):
            for value in row:
                raw = value if isinstance(value, bytes) else str(value).encode()
                if len(raw) >= 8:  # long enough to name one row
                    known |= {raw, hashlib.sha256(raw).digest(), hashlib.sha256(raw).digest()[:16]}
    for table in ("box", "receipt"):
        assert len(scene.rows(table)) == 16
        for *row, walk_in in scene.rows(table):
            assert walk_in == 0
            assert not known & {value for value in row if isinstance(value, bytes)}
            assert [value for value in row if isinstance(value, str)] == ["nho"]
            assert {value for value in row if value is not None and not isinstance(value, bytes | str)} == set()
    columns = {
        table: [row[1] for row in scene.store.connection.execute(f"PRAGMA table_info({table})")]
        for table in ("invitation", "box", "receipt")
    }
    assert columns == {
        "invitation": ["lookup", "wave", "serial", "generation", "cell", "place", "frame_row", "state"],
        "box": ["id", "wave", "box", "seal", "walk_in"],
        "receipt": ["hash", "wave", "seal", "walk_in"],
    }
    for table in ("box", "receipt", "invitation"):
        with pytest.raises(sqlite3.OperationalError, match="no such column"):
            scene.store.connection.execute(f"SELECT rowid FROM {table}")  # noqa: S608
    assert len(set(receipts.values())) == 16


@pytest.mark.sqlite_only
def test_the_order_of_boxes_and_receipts_says_nothing_of_the_order_of_submits(scene, monkeypatch: pytest.MonkeyPatch):
    submitted: list[bytes] = []
    seal = responses.sealing.seal

    def noted(*args: object) -> bytes:
        submitted.append(seal(*args))
        return submitted[-1]

    monkeypatch.setattr(responses.sealing, "seal", noted)
    for serial in itertools.chain(*CELLS.values()):
        answer(scene, serial)
    mixing.mix(scene.store, "nho", 5)
    boxes = [row[2] for row in scene.rows("box")]
    assert sorted(boxes) == sorted(submitted)
    assert [row[0] for row in scene.rows("box")] == sorted(row[0] for row in scene.rows("box"))
    assert boxes != submitted  # 1 in 16! by chance
    # Where a box lies in the file follows its random id too, after the rebuilding at the close.
    scene.store.rebuild()
    scene.store.truncate_log()
    content = files(scene.store)
    by_page = sorted(range(16), key=lambda place: content.index(boxes[place][-64:]))
    assert by_page == list(range(16))


def test_batches_between_seals_hold_k_of_each_cell_or_none(scene):
    for serial in (6, 7, 8, 9, 10, 12, 13, 14):
        answer(scene, serial)
    mixing.mix(scene.store, "nho", 5)
    seals.seal(scene.store, scene.clock, scene.wave)
    for serial in (11, 15, 16):
        answer(scene, serial)
    mixing.mix(scene.store, "nho", 5)
    seals.seal(scene.store, scene.clock, scene.wave)
    assert sorted(row[3] for row in scene.rows("box")) == [1] * 5 + [2] * 5
    assert sorted(row[2] for row in scene.rows("receipt")) == [1] * 5 + [2] * 5
    assert waiting(scene) == 1
