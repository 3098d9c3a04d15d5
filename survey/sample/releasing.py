"""Where released people of the reserve go: into the cells there are. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from forms.faults import Fault, Faults
from survey.plan.wave_spec import Group, TooFew
from survey.sample.allocation import allocate
from survey.sample.cells import Traits
from survey.sample.sampling import MERGED, rank


def share(n: int, take: Mapping[str, int], left: Mapping[str, int]) -> dict[str, int]:
    """How many of each pool's waiting rows ``n`` are: in proportion to what was drawn there, as far as they last."""
    pools = {pool: take[pool] for pool in left}
    return allocate(n, pools, dict.fromkeys(pools, 0), left)


def homes(
    group: Group,
    own: Mapping[str, str],
    fresh: Iterable[str],
    traits: Mapping[str, Traits],
    cell_of: Mapping[str, Traits],
    seed: str,
) -> dict[str, Traits]:
    """A cell for each released row: the one of its traits, or the nearest that tells nothing against them.

    Where several differ only by their block of units, the seed chooses, each with the same chance. Cells only grow, so
    that none falls under k. Raises Faults naming every row's cell that is not there, unless the group leaves such out.
    """
    there = sorted(set(cell_of.values()))
    found: dict[str, Traits] = {}
    missing: dict[str, int] = {}
    for row_id in fresh:
        wanted = traits[row_id]
        near = [cell for cell in there if _fits(wanted, cell) and own.get(row_id, "") not in cell.units]
        if not near:
            missing[str(wanted)] = missing.get(str(wanted), 0) + 1
            continue
        fewest = min(_hidden(cell) for cell in near)
        best = [cell for cell in near if _hidden(cell) == fewest]
        found[row_id] = min(best, key=lambda cell: rank(seed, "block", f"{row_id}|{cell}|{','.join(cell.units)}"))
    if missing and group.too_few is TooFew.STOP:
        raise Faults(
            Fault(f"group {group.id}: nobody drawn shares the cell “{cell}” with {number} of those to be released")
            for cell, number in sorted(missing.items())
        )
    return found


def _fits(wanted: Traits, cell: Traits) -> bool:
    if wanted.units and wanted.units != cell.units:
        return False
    parts = ("strata", "classes", "margins")
    told = [pair for part in parts for pair in zip(getattr(wanted, part), getattr(cell, part), strict=True)]
    same = all(carried[1] in (own[1], MERGED) for own, carried in told)
    return same and cell.multiplicity in (wanted.multiplicity, MERGED)


def _hidden(cell: Traits) -> int:
    """How much a cell no longer tells."""
    plain = replace(cell, units=())
    levels = [*plain.strata, *plain.classes, *plain.margins, ("", plain.multiplicity)]
    return sum(level == MERGED for _, level in levels)
