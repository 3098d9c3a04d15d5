"""Inbox → mixed boxes and receipts.

The commit that spends an invitation also stores its box, so the write-ahead log joins the two. The mixer takes boxes
and receipts out of their inboxes, each in the order of their random ids, when at least k of a cell wait, and then cuts
the log: what is left holds no order, no time and no pairing. What the answers were (complete, partial, …) is added to
counts by cell in the same moment, k or more of a cell at once: an invitation only knows that it was answered.
"""

from __future__ import annotations

from contextlib import suppress

from survey.store import Occupied, Store, Transaction


def mix(store: Store, wave: str, k: int, *, final: bool = False) -> int:
    """Move every cell's boxes and receipts of which at least ``k`` wait (all, at the close); return how many boxes.

    The log is cut after every call, also when nothing moved: an earlier cut may have found a reader in the way.
    """
    least = 1 if final else k
    moved = 0
    with store.read() as tx:
        ready = tx.mix_ready(wave=wave, k=least)
    if ready:
        with suppress(Occupied), store.moving(patient=final) as tx:  # at the next look, then
            moved = _move(tx, wave, least)
    store.truncate_log()
    return moved


def _move(tx: Transaction, wave: str, k: int) -> int:
    tx.mix_count(wave=wave, k=k)
    moved = int(tx.mix_boxes(wave=wave, k=k))
    receipts = tx.mix_receipts(wave=wave, k=k)
    if moved != receipts:
        raise RuntimeError(f"the inbox of wave “{wave}” holds {moved} boxes but {receipts} receipts")
    gone = tx.mix_clear_boxes(wave=wave, k=k), tx.mix_clear_receipts(wave=wave, k=k)
    if gone != (moved, receipts):  # never both mixed and waiting
        raise RuntimeError(f"{moved} boxes were mixed, and {gone} boxes and receipts taken out of the inbox")
    return moved
