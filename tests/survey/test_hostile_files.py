"""Files that a careless or hostile office would send, to every command and page that takes one.

Each is refused by name: status 2 and a sentence on the command line, 422 at the desk; nothing of it is kept.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey.accounts.roles import Role
from survey.cli import phieu
from tests.conftest import Scene
from tests.desk import staff
from tests.desk.staff import Staff

TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="xml" ContentType="application/xml"/></Types>'
)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><workbook>&j;</workbook>"
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><workbook>&a;</workbook>'
LYING = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<dimension ref="A1:XFD1048576"/><sheetData/></worksheet>'
)


@lru_cache(maxsize=1)
def bomb() -> bytes:
    return zipped({"xl/workbook.xml": b"\0" * (300 << 20)})


def zipped(parts: dict[str, bytes], link: str = "") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        for name, part in parts.items():
            archive.writestr(name, part)
        if link:
            entry = zipfile.ZipInfo("xl/workbook.xml")
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, link)
    return content.getvalue()


FILES: dict[str, Callable[[], tuple[str, bytes]]] = {
    "zip bomb": lambda: ("bang.xlsx", bomb()),
    "path traversal in a part": lambda: ("bang.xlsx", zipped({"../../../../tmp/phieu-evil": b"x"})),
    "path traversal in the name": lambda: ("../../../tmp/bang.xlsx", zipped({"xl/workbook.xml": b"<a/>"})),
    "billion laughs": lambda: ("bang.xlsx", zipped({"xl/workbook.xml": LAUGHS})),
    "external entity": lambda: ("bang.xlsx", zipped({"xl/workbook.xml": OUTSIDE})),
    "a lie about its size": lambda: ("bang.xlsx", zipped({"xl/worksheets/sheet1.xml": LYING})),
    "symbolic link": lambda: ("bang.xlsx", zipped({}, "/etc/passwd")),
    "picture called a workbook": lambda: ("bang.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 2_000),
    "page and workbook in one": lambda: ("bang.xlsx", b"<script>alert(1)</script>" + zipped({})),
    "macros": lambda: ("bang.xlsm", zipped({"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 99})),
    "old office file": lambda: ("bang.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4_000),
    "NUL in a text": lambda: ("bang.csv", b"ma,ten\n\0\0\0,\0\n"),
    "nothing": lambda: ("bang.csv", b""),
    "half a character": lambda: ("bang.csv", b"\xff\xfe\x00\xd8"),
}
COMMANDS = {
    "questionnaire check": ("questionnaire", "check"),
    "framework check": ("framework", "check"),
    "estimate": ("estimate", "--mean", "x"),
    "wave create": ("wave", "create"),
    "restore": ("restore", "--yes"),
}
PAGES = ("/desk/frameworks", "/desk/questionnaires")


def rows(scene: Scene) -> dict[str, int]:
    return {name: n for name, n in scene.store.row_counts().items() if name != "audit"}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_refuses_it_by_name_and_keeps_nothing(scene: Scene, tmp_path: Path, command: str, kind: str) -> None:
    name, content = FILES[kind]()
    file = tmp_path / Path(name).name
    file.write_bytes(content)
    before = rows(scene)
    told = CliRunner().invoke(phieu, ["--instance", str(scene.settings.instance), *COMMANDS[command], str(file)])
    # Faults are what `phieu` says in a sentence, with status 2
    assert isinstance(told.exception, Faults) or told.exit_code == 2, (told.exception, told.output)
    said = str(told.exception) if isinstance(told.exception, Faults) else told.output
    assert said.strip() and "Traceback" not in said
    assert rows(scene) == before and not Path("/tmp/phieu-evil").exists()  # noqa: S108 - where the file would go


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    return staff.build(tmp_path_factory.mktemp("files"))


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_refuses_it_by_name_and_keeps_nothing(team: Staff, path: str, kind: str) -> None:
    name, content = FILES[kind]()
    desk = team.as_(Role.COORDINATOR)
    before = {table: n for table, n in team.app.store.row_counts().items() if table != "audit"}
    page = desk.post(path, None, file=(io.BytesIO(content), name))
    assert page.status in (413, 422), page.status
    assert {table: n for table, n in team.app.store.row_counts().items() if table != "audit"} == before
