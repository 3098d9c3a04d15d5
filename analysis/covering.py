"""Lists whose total is shown: what else to hide. Plain Python, so that pages which load no statistics can ask too."""

from __future__ import annotations

from collections.abc import Sequence


def covered(counts: Sequence[int], hidden: Sequence[bool], k: int) -> list[bool]:
    """``hidden`` and, where its sum would follow from a shown total, further entries, the smallest first.

    A single hidden entry, or several that add up to less than k, are told by what the total leaves.
    """
    done = list(hidden)
    for place in sorted((at for at, n in enumerate(counts) if n > 0 and not done[at]), key=lambda at: (counts[at], at)):
        inside = [n for n, secret in zip(counts, done, strict=True) if secret]
        if not inside or (len(inside) > 1 and sum(inside) >= k):
            break
        done[place] = True
    return done
