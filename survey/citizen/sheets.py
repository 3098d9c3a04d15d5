"""Pages printed once and filled in for each visitor: fresh ones differ in a code, a number, the name of an office.

The fixed parts of a sheet are compressed when it is printed. What is filled in goes between them as it is: gzip's
format allows parts that are only stored (RFC 1951 §3.2.4), so that nothing is compressed while somebody waits.
"""

from __future__ import annotations

import dataclasses
import gzip
import re
import secrets
import struct
import zlib
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING

from flask import Response, g
from markupsafe import escape

from forms.text import LANGUAGE, Text
from survey.citizen.form import Form
from survey.headers import LEVEL, SMALL, takes_gzip
from survey.language import chosen
from survey.web import web

if TYPE_CHECKING:
    from survey.citizen.gate import Visit

MOST = 600  # sheets a process: some 10 MB; a wave has pages × groups × languages of them, however many offices
FEW = 12  # blanks
_MARK = secrets.token_hex(8)  # nobody can have written it into a text beforehand
_BLANK = re.compile(rf"{_MARK}-([a-z]+[0-9]*)-{_MARK}")
_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"


def blank(name: str) -> str:
    """What stands in a sheet where ``name`` is filled in; the same in HTML and in an address."""
    return f"{_MARK}-{name}-{_MARK}"


class Sheet:
    """One printed page."""

    def __init__(self, printed: Response) -> None:
        parts = _BLANK.split(printed.get_data(as_text=True))
        self.headers = [(name, value) for name, value in printed.headers if name != "Content-Length"]
        self.fixed = [part.encode() for part in parts[::2]]
        self.names = parts[1::2]
        # Parts know nothing of each other: many small ones would come to twice the size of the whole.
        few = len(self.names) <= FEW
        self.packed = [_packed(part, last=n == len(self.names)) for n, part in enumerate(self.fixed)] if few else []
        self.gzips = sum(map(len, self.fixed)) >= SMALL

    def plain(self, values: Mapping[str, str]) -> bytes:
        """The page with everything filled in."""
        parts = [self.fixed[0]]
        for name, fixed in zip(self.names, self.fixed[1:], strict=True):
            parts += (escape(values[name]).encode(), fixed)
        return b"".join(parts)

    def gzipped(self, values: Mapping[str, str]) -> bytes:
        """The same as a gzip file."""
        whole = self.plain(values)
        if not self.packed:
            return gzip.compress(whole, LEVEL, mtime=0)
        parts = [_HEAD, self.packed[0]]
        for name, packed in zip(self.names, self.packed[1:], strict=True):
            word = escape(values[name]).encode()
            parts += (struct.pack("<BHH", 0, len(word), len(word) ^ 0xFFFF), word, packed)
        parts.append(struct.pack("<II", zlib.crc32(whole), len(whole)))
        return b"".join(parts)


def _packed(part: bytes, *, last: bool) -> bytes:
    """Deflated by itself; what is not the last part ends where a byte ends and is never referred to."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(part) + packer.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)


def filled(here: Visit, what: Hashable, print_: Callable[[str, Form], Response], **values: str) -> Response:
    """The page that ``what`` tells from the visitor's others, printed by ``print_(code, form)`` if it never was.

    ``print_`` gets blanks in place of the code and of the units' names, and leaves one for each of ``values``. What it
    shows may depend on the wave, the group, the language and ``what``, and on nothing else.
    """
    form, wave, language = here.form, here.wave, chosen()
    key = (wave.plan_hash, len(wave.corrections), wave.spec.closes, here.invitation.group, len(form.units),
           language, bool(g.carried), what)  # fmt: skip
    sheets = web().sheets
    sheet = sheets.get(key)
    if sheet is None:
        if len(sheets) >= MOST:
            sheets.clear()
        sheet = sheets[key] = _printed(form, print_)
    values |= {"code": here.code, "sitting": here.sitting}
    values |= {f"unit{n}": unit.name.of(language) for n, unit in enumerate(form.units)}
    if sheet.gzips and takes_gzip():
        return Response(sheet.gzipped(values), 200, [*sheet.headers, ("Content-Encoding", "gzip")])
    return Response(sheet.plain(values), 200, sheet.headers)


def suits() -> bool:
    """Whether this visitor's pages may be sheets: not on a kiosk, whose pages carry its turn, and not in a preview."""
    return not g.get("kiosk") and not g.get("preview")


def _printed(form: Form, print_: Callable[[str, Form], Response]) -> Sheet:
    units = tuple(
        dataclasses.replace(unit, name=Text({LANGUAGE: blank(f"unit{n}")})) for n, unit in enumerate(form.units)
    )
    carried = g.carried
    g.carried = dict.fromkeys(carried, blank("sitting"))
    try:
        return Sheet(print_(blank("code"), Form(form.wave, form.questionnaire, units)))
    finally:
        g.carried = carried
