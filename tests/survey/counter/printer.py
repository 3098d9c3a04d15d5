"""A printer that prints into a list."""

from __future__ import annotations

import stat
import sys
from io import BytesIO
from pathlib import Path

import pypdfium2
from pyzbar.pyzbar import ZBarSymbol, decode


class FakePrinter:
    """A program that takes a PDF on its standard input as ``lp`` does; it jams while a file called jam is there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.jam = folder, folder / "jam"
        program = folder / "lp"
        program.write_text(
            f"#!{sys.executable}\n"
            "import pathlib, sys\n"
            "here = pathlib.Path(__file__).parent\n"
            "assert sys.argv[1:] == ['-d', 'quầy 1', '-'], sys.argv\n"
            "content = sys.stdin.buffer.read()\n"
            "if (here / 'jam').exists():\n"
            "    sys.exit('out of paper')\n"
            "(here / f'{len(list(here.glob(\"*.pdf\")))}.pdf').write_bytes(content)\n",
            "utf-8",
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.line = f"{program} -d 'quầy 1' -"

    def codes(self) -> list[str]:
        """What the printed slips' QR codes say."""
        found = []
        for file in sorted(self.folder.glob("*.pdf")):
            with pypdfium2.PdfDocument(BytesIO(file.read_bytes())) as document:
                (code,) = decode(document[0].render(scale=150 / 72).to_pil().convert("L"), [ZBarSymbol.QRCODE])
            found.append(code.data.decode().rpartition("/P/")[2])
        return found
