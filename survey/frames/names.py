"""The offices and places that a list names, found among those of the wave file; abolished offices followed."""

from __future__ import annotations

import json

from forms.names import NameFault, Names
from forms.tables import Cell
from survey.frames.cell_values import written
from survey.plan.wave_spec import Group, WaveSpec


class Followed(str):
    """The office that took over from the abolished one that a list names."""

    was: str

    def __new__(cls, unit: str, was: str) -> Followed:
        made = super().__new__(cls, unit)
        made.was = was
        return made


class Offices:
    """Finds what a cell names. ``gone``: abolished offices whose work nobody took over."""

    def __init__(self, spec: WaveSpec, group: Group) -> None:
        self._spec, self._group = spec, group
        current = {unit.id: [*unit.name.values(), unit.id] for unit in spec.units}
        everything = {identity: list(names) for identity, names in current.items()}
        gone = []
        for each in spec.former:
            follower = spec.follower(each)
            if follower:
                everything[follower] += [*each.name.values(), each.id]
            else:
                gone.append(each.id)
                everything[each.id] = [f"{each.name.of('vi')} (abolished)", *each.name.values(), each.id]
        self.gone = frozenset(gone)
        self._current, self._all = Names(current), Names(everything)
        places = {place.id: [*place.name.values(), place.id] for place in spec.places}
        self._places = Names(places | current)
        self.only_place = spec.places[0].id if len(spec.places) == 1 else ""

    def unit(self, cell: Cell) -> str:
        """The deciding or own office; an official's may be none of the assessed: then it stays as written.

        An abolished office is Followed by another, or ``gone``. Raises ValueError.
        """
        text = written(cell)
        if not text:
            return ""
        try:
            found = self._all.find(text)
        except NameFault as error:
            if self._group.assesses in ("dossier", "own") or error.found:
                raise ValueError(f"unknown unit: {error}" if not error.found else str(error)) from None
            return text
        if not self._spec.former or found in self.gone:
            return found
        try:
            same = self._current.find(text) == found
        except NameFault:
            same = False
        # A new office often keeps the name of one that it was made of: then nothing has moved.
        return found if same else Followed(found, text)

    def place(self, cell: Cell) -> str:
        """Where the slip is handed over: a place of the wave or a unit; '' where the file does not say."""
        text = written(cell)
        if not text:
            return ""
        try:
            return self._places.find(text)
        except NameFault as error:
            raise ValueError(f"unknown place: {error}" if not error.found else str(error)) from None

    def units(self, cell: Cell) -> str:
        """The offices to assess as JSON, where the list says so. Raises ValueError, one sentence for all faults."""
        found, wrong = [], []
        for text in filter(None, (part.strip() for part in written(cell).split(";"))):
            try:
                found.append(self._current.find(text))
            except NameFault as error:
                wrong.append(f"unknown unit: {error}" if not error.found else str(error))
        if wrong:
            raise ValueError("; ".join(wrong))
        if not found:
            raise ValueError("is empty")
        if len(set(found)) < len(found):
            raise ValueError("names a unit twice")
        if len(found) > self._group.max_units:
            raise ValueError(f"names {len(found)} units, more than max_units = {self._group.max_units}")
        order = [unit.id for unit in self._spec.units]
        return json.dumps(sorted(found, key=order.index))
