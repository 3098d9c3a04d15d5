"""Pages printed once and filled in for each visitor: fresh ones differ in a code, a number, the name of an office.

The fixed parts of a sheet are compressed when it is printed. What is filled in goes between them as it is: gzip's
format allows parts that are only stored (RFC 1951 §3.2.4), so that nothing is compressed while somebody waits.
"""

from __future__ import annotations

import dataclasses
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
from survey.headers import LEVEL, SMALL, Header, missing, takes_gzip
from survey.language import chosen
from survey.web import web

if TYPE_CHECKING:
    from survey.citizen.gate import Visit
    from survey.wave import RegisteredWave

MOST = 600  # sheets a process: some 10 MB; a wave has pages × groups × languages of them, however many offices
FEW = 12  # blanks
_MARK = secrets.token_hex(8)  # nobody can have written it into a text beforehand
_BLANK = re.compile(rf"{_MARK}-([a-z]+[0-9]*)-{_MARK}")
_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
_STORED = 0xFFFF  # bytes of a stored block of RFC 1951
_ROOMY, _SMALL = (-15, 8), (-13, 6)  # window and memory of zlib: 256 KB to clear each time, or 64 KB
_UNSHARED = 4_096  # bytes that are summed in one go: from 5 KB on zlib lets other threads run, and waits to go on


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
        last = len(self.names)
        # Parts know nothing of each other: many small ones would come to twice the size of the whole. They are packed
        # together with what is filled in between them.
        self.packed = [
            _packed(part, last=n == last) if last <= FEW or n in (0, last) or len(part) >= SMALL else None
            for n, part in enumerate(self.fixed)
        ]
        self.gzips = sum(map(len, self.fixed)) >= SMALL
        self._first = zlib.crc32(self.fixed[0])
        self._pieces = [
            [memoryview(part)[at : at + _UNSHARED] for at in range(0, len(part), _UNSHARED)] for part in self.fixed[1:]
        ]
        self._whole = [self._all_headers(tls=tls) for tls in (False, True)]

    def _all_headers(self, *, tls: bool) -> list[Header]:
        told = [*self.headers, ("Vary", "Accept-Encoding")]
        return [*told, *missing(told, tls=tls)]

    def answer(self, values: Mapping[str, str], *, gzip: bool, tls: bool) -> tuple[list[Header], bytes]:
        """All headers and the body, for an answer that no framework completes."""
        body = self.gzipped(values) if gzip and self.gzips else self.plain(values)
        more = [("Content-Encoding", "gzip")] if gzip and self.gzips else []
        return [*self._whole[tls], *more, ("Content-Length", str(len(body)))], body

    def plain(self, values: Mapping[str, str]) -> bytes:
        """The page with everything filled in."""
        parts = [self.fixed[0]]
        for name, fixed in zip(self.names, self.fixed[1:], strict=True):
            parts += (_escaped(values[name]), fixed)
        return b"".join(parts)

    def gzipped(self, values: Mapping[str, str]) -> bytes:
        """The same as a gzip file."""
        first = self.packed[0] or b""
        parts, loose, check, length = [_HEAD, first], [], self._first, len(self.fixed[0])
        for name, fixed, pieces, packed in zip(self.names, self.fixed[1:], self._pieces, self.packed[1:], strict=True):
            word = _escaped(values[name])
            check, length = zlib.crc32(word, check), length + len(word) + len(fixed)
            for piece in pieces:
                check = zlib.crc32(piece, check)
            loose.append(word)
            if packed is None:
                loose.append(fixed)
                continue
            parts += (_stored(word) if len(loose) == 1 else _packed(b"".join(loose), level=LEVEL), packed)
            loose.clear()
        parts.append(struct.pack("<II", check, length))
        return b"".join(parts)


def _escaped(value: str) -> bytes:
    """As HTML has it; codes, numbers and receipts are all letters and digits."""
    return (value if value.isalnum() else escape(value)).encode()


def _stored(word: bytes) -> bytes:
    """A word that is not packed: a block of it holds so much at most."""
    piece, rest = word[:_STORED], word[_STORED:]
    block = struct.pack("<BHH", 0, len(piece), len(piece) ^ _STORED) + piece
    return block + _stored(rest) if rest else block


def _packed(part: bytes, *, last: bool = False, level: int = 9) -> bytes:
    """Deflated by itself; what is not the last part ends where a byte ends and is never referred to."""
    packer = zlib.compressobj(level, zlib.DEFLATED, *(_ROOMY if level > LEVEL else _SMALL))
    return packer.compress(part) + packer.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)


def filled(here: Visit, what: Hashable, print_: Callable[[str, Form], Response], **values: str) -> Response:
    """The page that ``what`` tells from the visitor's others, printed by ``print_(code, form)`` if it never was.

    ``print_`` gets blanks in place of the code and of the units' names, and leaves one for each of ``values``. What it
    shows may depend on the wave, the group, the language and ``what``, and on nothing else.
    """
    form, language = here.form, chosen()
    named = key(here.wave, form, here.invitation.group, language, what, sitting=bool(g.carried))
    sheets = web().sheets
    sheet = sheets.get(named)
    if sheet is None:
        if len(sheets) >= MOST:
            sheets.clear()
        sheet = sheets[named] = _printed(form, print_)
    told = values | here_and_there(form, here.code, language, here.sitting)
    if sheet.gzips and takes_gzip():
        return Response(sheet.gzipped(told), 200, [*sheet.headers, ("Content-Encoding", "gzip")])
    return Response(sheet.plain(told), 200, sheet.headers)


def key(
    wave: RegisteredWave, form: Form, group: str, language: str, what: Hashable, *, sitting: bool = False
) -> Hashable:
    """All that a sheet depends on, what it is filled with apart."""
    version = (wave.plan_hash, wave.pilot, len(wave.corrections), wave.spec.closes)
    return version, group, len(form.units), language, sitting, what


def here_and_there(form: Form, code: str, language: str, sitting: str = "") -> dict[str, str]:
    """What may be filled in on any page: the code, the sitting, the units' names."""
    names = {f"unit{n}": unit.name.of(language) for n, unit in enumerate(form.units)}
    return {"code": code, "sitting": sitting} | names


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
