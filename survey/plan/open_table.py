"""The ``[open]`` table of a wave file: which places have a poster, and what who comes by it may speak about.

::

    [open]
    group = "nguoi_dan"              # whose questionnaire is asked; must assess by dossier
    most = 5000                      # forms that the channel may make in the whole wave
    [[open.poster]]
    place = "trung_tam_hcc"
    units = ["so_tu_phap", "so_y_te"]  # left out: every unit of the wave
"""

from __future__ import annotations

from forms.toml import Table
from survey.plan.wave_spec import Group, OpenChannel, Place, Poster, Unit


def read(
    table: Table | None, units: tuple[Unit, ...], places: tuple[Place, ...], groups: tuple[Group, ...]
) -> OpenChannel | None:
    """The poster channel of a wave file; None where there is none."""
    if table is None:
        return None
    table.only("group", "most", "poster")
    name = table.string("group")
    group = next((each for each in groups if each.id == name), None)
    if name and group is None:
        table.fault("group", f"“{name}” is not a group of this wave")
    elif group is not None and group.assesses != "dossier":
        table.fault("group", f"“{name}” does not assess by dossier: who comes by a poster speaks about one office only")
    posters = tuple(_poster(each, units, places) for each in table.tables("poster", required=True))
    seen = [poster.place for poster in posters]
    for position, place in enumerate(seen):
        if place and place in seen[:position]:
            table.document.fault(("open", "poster", position, "place"), f"the place “{place}” has two posters")
    return OpenChannel(name, posters, table.integer("most", 5000, low=1) or 5000)


def _poster(table: Table, units: tuple[Unit, ...], places: tuple[Place, ...]) -> Poster:
    table.only("place", "units")
    place = table.string("place")
    if place and place not in {each.id for each in places}:
        table.fault("place", f"“{place}” is not a place of this wave")
    known = [unit.id for unit in units]
    named = table.strings("units") if "units" in table else tuple(known)
    if not named:
        table.fault("units", "“units” is empty: name the offices that a walk-in may speak about, or leave it out")
    for position, unit in enumerate(named):
        if unit not in known:
            table.fault("units", f"“{unit}” is not a unit of this wave")
        elif unit in named[:position]:
            table.fault("units", f"“{unit}” stands twice in “units”")
    return Poster(place, named)
