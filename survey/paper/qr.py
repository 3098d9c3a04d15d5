"""QR codes as modules, and as a picture; one mask for all: any is legal, and choosing costs seven times as long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

QUIET = 4  # modules that must stay white all around
MASK = 2


def version(text: str) -> int:
    """The smallest version (1 to 40) that holds the text."""
    from qrcode import QRCode  # here: with Pillow 6 MB that a web worker seldom needs
    from qrcode.constants import ERROR_CORRECT_M

    code = QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=MASK)
    code.add_data(text, optimize=0)
    return int(code.best_fit())


def modules(text: str, number: int | None = None) -> list[list[bool]]:
    """Rows of dark modules, without the quiet zone; in the smallest version unless its number is given."""
    from qrcode import QRCode
    from qrcode.constants import ERROR_CORRECT_M

    code = QRCode(version=number or version(text), error_correction=ERROR_CORRECT_M, border=0, mask_pattern=MASK)
    code.add_data(text, optimize=0)
    code.make(fit=False)
    return [[bool(module) for module in line] for line in code.modules]


def runs(line: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Where dark neighbours begin, and how many they are."""
    position = 0
    for dark, run in groupby(line):
        length = len(list(run))
        if dark:
            yield position, length
        position += length


def svg(text: str) -> str:
    """A QR code as SVG with its quiet zone, one unit a module."""
    made = modules(text)
    side = len(made) + 2 * QUIET
    path = "".join(
        f"M{x + QUIET} {y}h{length}v1h-{length}z"
        for y, line in enumerate(made, start=QUIET)
        for x, length in runs(line)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path fill="#000" d="{path}"/></svg>'
