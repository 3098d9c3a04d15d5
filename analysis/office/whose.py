"""Which unit a sheet or a file is about: by a line that says so, the sheet's name, a title, or the file's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath

from forms.names import NameFault, Names, bare
from forms.tables import Sheet

_SAYS = re.compile(r"(?:tên\s+)?(?:đơn vị|cơ quan|địa phương)(?:\s*,\s*địa phương)?[^:]{0,40}:\s*(.+)", re.IGNORECASE)
_NUMBER = re.compile(r"^\s*\d{1,3}\s*[.)_:–-]*\s*")
SHEET_NAME = 31  # a spreadsheet cuts the names of its sheets here
_EMPTY = frozenset({"va", "cua", "tinh", "so", "ubnd", "huyen", "xa", "phuong", "ban", "thi"})


class Units:
    """The units that may be meant, found by names written in many ways."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.known = Names(names)
        self._bare = {unit: bare(name) for unit, name in names.items()}

    def of(self, sheet: Sheet, top: int, several: bool) -> tuple[str | None, str]:
        """The unit of a sheet whose headings begin at row ``top``, and a fault where there is none or more than one.

        ``several`` sheets of the file are tables, so that the name of the file says nothing of one of them.
        """
        told = self._said(sheet, top)
        named = self._of_text(sheet.name)
        if told and named and told[0] != named[0]:
            return None, (
                f"the sheet says “{self.names[told[0]]}”, but is called “{sheet.name}”, which is "
                f"“{self.names[named[0]]}”: which of them is it?"
            )
        found = told or named or self._titled(sheet, top)
        if not found and not several:
            found = self._of_text(PurePath(sheet.file).stem)
        if len(found) == 1:
            return found[0], ""
        if found:
            listed = " or ".join(f"“{self.names[unit]}”" for unit in found)
            return None, f"may be about {listed}: write “Đơn vị: …” above the table"
        return None, "names no unit: call the sheet after it, or write “Đơn vị: …” above the table"

    def _said(self, sheet: Sheet, top: int) -> list[str]:
        """“Đơn vị: Sở Tư pháp” above the headings, in one cell or two."""
        for row in sheet.rows[:top]:
            line = " ".join(str(cell) for cell in row if cell != "")
            if (said := _SAYS.search(line)) and (found := self._of_text(said[1])):
                return found
        return []

    def _titled(self, sheet: Sheet, top: int) -> list[str]:
        """Units that a title line names; the first line that names any decides."""
        for row in sheet.rows[:top]:
            line = bare(" ".join(str(cell) for cell in row if cell != ""))
            if found := self._within(line):
                return found
        return []

    def _of_text(self, text: str) -> list[str]:
        text = _NUMBER.sub("", text).strip(" .;,")
        if not text:
            return []
        try:
            return [self.known.find(text)]
        except NameFault as fault:
            if fault.found:
                return [unit for unit, name in self.names.items() if name in fault.found]
        plain = bare(text)
        if len(text) >= SHEET_NAME - 1 and (cut := [u for u, name in self._bare.items() if name.startswith(plain)]):
            return cut
        return self._within(plain) or self._initials(plain)

    def _within(self, line: str) -> list[str]:
        """Units whose whole name stands in the line; a name that is part of another's there does not count."""
        found = [unit for unit, name in self._bare.items() if re.search(rf"\b{re.escape(name)}\b", line)]
        return [
            unit
            for unit in found
            if not any(
                self._bare[unit] != self._bare[other] and self._bare[unit] in self._bare[other] for other in found
            )
        ]

    def _initials(self, plain: str) -> list[str]:
        """Sở NN&PTNT: the first letters of a name, written together or apart."""
        wanted = "".join(word for word in plain.split() if word not in _EMPTY)
        if len(wanted) < 2:
            return []
        return [unit for unit, name in self._bare.items() if wanted in _letters(name)]


def _letters(name: str) -> set[str]:
    words = name.split()
    short = [word for word in words if word not in _EMPTY]
    return {"".join(word[0] for word in some if word != "va") for some in (words, short) if some}
