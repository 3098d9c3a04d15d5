"""The proof that a receipt lies under the last seal: what `check_seals.py` follows without Phiếu."""

from __future__ import annotations

import threading
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

from survey import codes, responses, seals
from survey.store import Store, Transaction

KEPT = 4  # trees; a new seal makes others
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Tree:
    """Sorted leaves and every level of hashes above them."""

    leaves: list[bytes]
    levels: list[list[bytes]]

    def path(self, leaf: bytes) -> list[tuple[str, str]]:
        """As ``seals.proof``, without hashing anything again. Raises ValueError when the leaf is not there."""
        place = bisect_left(self.leaves, leaf)
        if place == len(self.leaves) or self.leaves[place] != leaf:
            raise ValueError("this leaf is not in the tree")
        path: list[tuple[str, str]] = []
        for level in self.levels:
            neighbour = place ^ 1
            if neighbour < len(level):
                path.append(("left" if neighbour < place else "right", level[neighbour].hex()))
            place //= 2
        return path


class Trees:
    """The trees of the last seals, kept while they are asked for: a hundred thousand receipts take a while to hash."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._known: dict[tuple[str, int, int], Tree] = {}

    def prove(self, store: Store, typed: str) -> dict[str, Any] | None:
        """The proof for a receipt as a document; None where no seal covers it."""
        leaf = responses.receipt_hash(codes.normalise(typed))
        with store.read() as tx:
            row = tx.seal_of_receipt(hash=leaf)
            if row is None or row["seal"] is None:
                return None
            last = tx.seal_last(wave=row["wave"])
            tree = self._tree(tx, row["wave"], last["number"], row["walk_in"])
        return {
            "phieu_proof": FORMAT,
            "leaf": leaf.hex(),
            "door": row["walk_in"],
            "path": tree.path(leaf),
            "seal": {"body": last["body"], "hash": last["hash"]},
        }

    def _tree(self, tx: Transaction, wave: str, number: int, door: int) -> Tree:
        with self._guard:
            tree = self._known.get((wave, number, door))
            if tree is None:
                rows = tx.seal_receipts(wave=wave)
                # What the seal covers is all that has a seal: both are read in one transaction.
                tree = grown([row["hash"] for row in rows if row["seal"] is not None and row["walk_in"] == door])
                self._known[wave, number, door] = tree
                for old in list(self._known)[:-KEPT]:
                    del self._known[old]
            return tree


def grown(leaves: list[bytes]) -> Tree:
    """The tree over these leaves."""
    leaves = sorted(leaves)
    levels = [[seals.leaf(leaf) for leaf in leaves]]
    while len(levels[-1]) > 1:
        levels.append(seals.level_above(levels[-1]))
    return Tree(leaves, levels)
