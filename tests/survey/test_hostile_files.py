"""Files that a careless or hostile office would send, to every command and page that takes one.

Each is refused by name: status 2 and a sentence on the command line, 422 at the desk; nothing of it is kept.
"""

from __future__ import annotations

import io
import stat
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from forms.faults import Faults
from survey import wave as waves
from survey.accounts.roles import Role
from survey.cli import phieu
from survey.desk import policy
from survey.keying import counting_in, keyers
from survey.plan import wave_file
from tests.conftest import QUESTIONNAIRE
from tests.desk import results_scene
from tests.desk.staff import UNRATED, Staff
from tests.desk.test_setup import CITIZENS, registered
from tests.reliability import figures
from tests.survey.counter.conftest import WAVE as AT_COUNTERS
from tests.survey.small_dataset import make_inputs

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
    return zipped({"xl/workbook.xml": b"\0" * (80 << 20)})


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


SHEET = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s'
)
FAR = SHEET % b'<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row></sheetData></worksheet>'


def lying_directory() -> bytes:
    """Whose directory says that a part unpacks to 4 GiB less one byte."""
    content = zipped({"xl/workbook.xml": b"<a/>"})
    at = content.rindex(b"PK\x01\x02")
    return content[: at + 24] + b"\xff\xff\xff\xff" + content[at + 28 :]


def locked() -> bytes:
    """Whose parts are marked as encrypted."""
    content = bytearray(zipped({"xl/workbook.xml": b"<a/>"}))
    at = content.index(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 1)
    return bytes(content)


def doubled() -> bytes:
    """With a part that is there twice."""
    content = io.BytesIO(zipped({"xl/workbook.xml": b"<a/>"}))
    with warnings.catch_warnings(), zipfile.ZipFile(content, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("xl/workbook.xml", LAUGHS)
    return content.getvalue()


def workbook(*rows: Sequence[object]) -> bytes:
    """A sound workbook of one sheet."""
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(at, column, cell)
    return made.getvalue()


def wide(number: int, rows: int = 1) -> bytes:
    """A table of so many columns."""
    return b"\n".join([b",".join(b"c%d" % n for n in range(number)), *[b",".join([b"1"] * number)] * rows])


FORMULA = "=cmd|' /C calc'!A1"
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
    "cut off": lambda: ("bang.xlsx", workbook(["ma", "ten"], [1, 2])[:-700]),
    "cut off in the middle": lambda: ("bang.xlsx", workbook(["ma", "ten"], [1, 2])[:2_000]),
    "encrypted": lambda: ("bang.xlsx", locked()),
    "a directory that lies": lambda: ("bang.xlsx", lying_directory()),
    "a part that is there twice": lambda: ("bang.xlsx", doubled()),
    "two cells in far corners": lambda: ("bang.xlsx", zipped({"xl/worksheets/sheet1.xml": FAR})),
    "headings of 10 KB": lambda: ("bang.csv", ("x" * 10_240 + ",").encode() * 20 + b"y\n" + b"1," * 20 + b"2\n"),
    "headings of 10 KB in a workbook": lambda: ("bang.xlsx", workbook(["x" * 10_240 + str(n) for n in range(9)], [1])),
    "32,000 columns": lambda: ("bang.csv", wide(32_000, 3)),
    "formulas": lambda: ("bang.csv", f'{FORMULA},"{FORMULA}"\n{FORMULA},1\n'.encode()),
    "a line without end": lambda: ("bang.csv", b"a," * 200_000),
    "another encoding": lambda: ("bang.csv", "mã;tên\n1;Đỗ\n".encode("utf-16-le")),
    "a quote without end": lambda: ("bang.csv", b'ma,ten\n"1,2\n' + b"3,4\n" * 99),
}
# What each command needs beside the file; F is the file, D a folder of ours, O a place for what it writes.
COMMANDS = {
    "questionnaire check": "F",
    "questionnaire import": "F -o O",
    "questionnaire correct": "--wave demo F --reason x",
    "framework check": "F",
    "framework import": "F -o O",
    "wave create": "F",
    "wave create --public-key": "D/wave.toml --public-key F",
    "wave copy --public-key": "demo moi2 --public-key F -o O",
    "frame import": "--wave quay --group dan F",
    "frame staff": "--wave quay F",
    "frame expect": "--wave demo --group lanh_dao F",
    "counter import": "--wave quay --group dan F",
    "paper key": "--wave demo --batch 1 --keyer K F",
    "paper damaged --strips": "--wave demo --batch 1 --strips F --reason x",
    "paper late --strips": "--wave demo --exclude --strips F --reason x",
    "invitations record --list": "--wave demo --list F --state refused --reason x",
    "invitations reissue --list": "--wave demo --list F --reason x",
    "invitations revoke --list": "--wave demo --list F --reason x",
    "handover out --list": "--wave demo --kind interviewer --to x --list F",
    "handover back --spoiled": "1 --wave demo --back 0 --spoiled F",
    "handover back --unused": "1 --wave demo --back 0 --unused F",
    "appraised import": "F --framework D/tiny.toml --dataset D/dataset",
    "index diff": "F D/dataset",
    "import-responses": "F --mapping D/map.toml --dry-run",
    "import-responses --mapping": "D/points.csv --mapping F --dry-run",
    "comments --themes": "--dataset D/dataset --themes F",
    "analyse --themes": "--dataset D/dataset --themes F -o O",
    "estimate": "--mean x F",
    "estimate --calibrate": "--mean plan D/points.csv --calibrate F",
    "weights": "F -o C",
    "ranks": "--estimate x --se y F",
    "ranks --covariance": "--estimate plan --se plan D/points.csv --covariance F",
    "reliability": "--items x,y,z F",
    "drivers": "--outcome x --factors y,z F",
    "key combine": "F F -o O",
    "key split": "F --share O --share P --share Q",
    "freeze --key": "--wave demo --key F -o O",
    "restore": "--yes F",
}
# Options that read a file by the same function as a command above, and what is no office's file.
ALIKE = {
    "report --appraised": "appraised import", "report --previous": "index diff", "report --mergers": "appraised import",
    "report --previous-appraised": "appraised import", "report --targets": "appraised import",
    "verify --key": "freeze --key", "verify --sealed": "restore", "weights --calibrate": "estimate --calibrate",
    "import-responses --and": "import-responses", "slips --list": "invitations reissue --list",
}  # fmt: skip
OURS = frozenset({
    "translations compile", "send --list", "bounces --list", "optout --list", "backup", "backup --passphrase-file",
    "restore --passphrase-file", "representativity --dataset", "replicate-check --dataset", "index diff",
})  # fmt: skip
# A list of numbers or strips may be empty, and a table that is sound is weighted however it names its columns.
SOUND = frozenset({
    ("paper late --strips", "nothing"), ("handover back --spoiled", "nothing"), ("handover back --unused", "nothing"),
    ("weights", "headings of 10 KB in a workbook"),
})  # fmt: skip
OUTPUTS = ("-o", "--output", "--chart", "--share")


def some(readers: Iterable[str]) -> list[tuple[str, str]]:
    """Every reader with every kind in `make torture`; else a third of the pairs, so that each of both is there."""
    pairs = list(product(enumerate(readers), enumerate(FILES)))
    return [
        (reader, kind)
        for (m, reader), (n, kind) in pairs
        if (figures.FULL or (m + n) % 3 == 0) and (reader, kind) not in SOUND
    ]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """An open wave, one in preparation that selects at counters, and a small dataset beside them."""
    made = results_scene.frozen(tmp_path_factory.mktemp("files"))
    app, folder = made.app, made.app.settings.instance
    (folder / "nho.toml").write_text(QUESTIONNAIRE, "utf-8")
    spec = wave_file.load(AT_COUNTERS, "wave.toml")
    waves.register(app.store, app.keyring, app.clock, spec, *waves.documents_of(spec, folder))
    make_inputs(folder)
    (folder / "wave.toml").write_text(AT_COUNTERS.replace('"quay"', '"moi"'), "utf-8")
    (folder / "map.toml").write_text('questionnaire = "citizen"\n', "utf-8")
    demo = app.wave("demo")
    keyers.add(app.store, app.clock, demo, "K", UNRATED, who="test")
    counting_in.count_in(app.store, app.drafts, app.clock, demo, place="", number=3, who="test")
    registered(made.as_(Role.COORDINATOR), "lap")
    return made


def rows(team: Staff) -> dict[str, int]:
    return {name: n for name, n in team.app.store.row_counts().items() if name != "audit"}


def run(instance: Path, command: str, file: Path, out: Path) -> Result:
    """A command on a file. Its name may end in the option that takes the file."""
    told = {"F": str(file), "O": str(out), "C": f"{out}.csv", "P": f"{out}2", "Q": f"{out}3"}
    words = [told.get(word, word.replace("D/", f"{instance}/")) for word in COMMANDS[command].split()]
    named = [word for word in command.split() if not word.startswith("--")]
    return CliRunner().invoke(phieu, ["--instance", str(instance), *named, *words])


@pytest.mark.torture
@pytest.mark.parametrize(("command", "kind"), some(COMMANDS))
def test_a_command_refuses_it_by_name_and_keeps_nothing(team: Staff, tmp_path: Path, command: str, kind: str) -> None:
    name, content = FILES[kind]()
    file = tmp_path / Path(name).name
    file.write_bytes(content)
    before = rows(team)
    told = run(team.app.settings.instance, command, file, tmp_path / "out")
    # Faults are what `phieu` says in a sentence, with status 2
    assert isinstance(told.exception, Faults) or told.exit_code == 2, (told.exception, told.output)
    said = str(told.exception) if isinstance(told.exception, Faults) else told.output
    option = command.partition(" --")[2] or "bang"
    assert (
        "bang" in said or option in said or (command, "map.toml" in said) == ("import-responses", True)
    ) and "Traceback" not in said, said
    assert rows(team) == before and not Path("/tmp/phieu-evil").exists()  # noqa: S108 - where the file would go
    assert {each.name for each in tmp_path.iterdir()} == {file.name}


# What is small on the disk and would be large in memory.
GREEDY = {
    "bomb.xlsx": bomb,
    "far.xlsx": lambda: zipped({"xl/worksheets/sheet1.xml": FAR}),
    "laughs.xlsx": lambda: zipped({"xl/workbook.xml": LAUGHS}),
    "lie.xlsx": lying_directory,
    "wide.csv": lambda: wide(100_000, 20),
    "line.csv": lambda: b"a" * (24 << 20),
    "laughs.lss": lambda: LAUGHS,
}
MOST_MEMORY = 1_200 << 20  # bytes that one process holds after all of them, the libraries of statistics among them
IN_CHILD = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_DATA, (4 << 30, 4 << 30))
from forms.faults import Faults
from tests.survey.test_hostile_files import COMMANDS, run
instance, folder = map(Path, sys.argv[1:3])
for command in list(COMMANDS)[::int(sys.argv[3])]:
    for file in sorted(folder.iterdir()):
        told = run(instance, command, file, folder.parent / "out")
        assert isinstance(told.exception, Faults) or told.exit_code == 2, (command, file, told.exception)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@pytest.mark.torture
def test_no_reader_takes_more_memory_than_a_small_server_has(team: Staff, tmp_path: Path) -> None:
    """In a process of its own, which may reserve 4 GiB at most: every command × every greedy file."""
    folder = tmp_path / "greedy"
    folder.mkdir()
    for name, made in GREEDY.items() if figures.FULL else list(GREEDY.items())[1:5]:
        (folder / name).write_bytes(made())
    command = [
        sys.executable,
        "-c",
        IN_CHILD,
        str(team.app.settings.instance),
        str(folder),
        "1" if figures.FULL else "4",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])  # noqa: S603
    assert done.returncode == 0, done.stderr[-3_000:]
    most = int(done.stdout.splitlines()[-1])
    assert most < MOST_MEMORY, f"{most >> 20} MiB"
    figures.note("hostile files", {"commands": len(COMMANDS), "greedy files": len(GREEDY), "most MiB": most >> 20})


def readers(command: click.Command = phieu, named: tuple[str, ...] = ()) -> Iterator[str]:
    """Every argument and option of every command that is the name of a file to read."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from readers(found, (*named, name))
        return
    for each in command.params:
        if isinstance(each.type, click.Path) and each.type.file_okay and each.opts[0] not in OUTPUTS:
            yield " ".join([*named, *([each.opts[0]] if isinstance(each, click.Option) else [])])


def test_no_command_reads_a_file_that_is_not_tried_here() -> None:
    assert set(readers()) - set(COMMANDS) - set(ALIKE) - OURS == set()
    assert set(ALIKE.values()) <= set(COMMANDS)


# Page → who may, the address, the field of the file and what is typed beside it.
PAGES: dict[str, tuple[Role, str, str, dict[str, str]]] = {
    "questionnaires": (Role.COORDINATOR, "/desk/questionnaires", "file", {}),
    "frameworks": (Role.COORDINATOR, "/desk/frameworks", "file", {}),
    "setup_new": (Role.COORDINATOR, "/desk/setup/new", "file", {"source": "file", "title": "x"}),
    "setup_send": (Role.COORDINATOR, "/desk/w/lap/setup/plan/send", "sent", {"revision": "1"}),
    "setup_plan": (Role.COORDINATOR, "/desk/w/lap/setup/plan", "file", {"origin": "elsewhere", "revision": "1"}),
    "setup_units": (Role.COORDINATOR, "/desk/w/lap/setup/units", "file", {"revision": "1"}),
    "setup_list": (Role.COORDINATOR, f"/desk/w/lap/setup/lists/{CITIZENS}", "file", {}),
    "counters_list": (Role.COORDINATOR, "/desk/w/quay/counters/list", "file", {"group": "dan"}),
}
LATER = {"results_new"}  # its tables are kept beside the report and read by the job, as `appraised import` reads them


def test_every_page_that_takes_files_is_tried() -> None:
    assert set(policy.LARGEST) <= set(PAGES) | LATER


@pytest.mark.parametrize(("page", "kind"), some(PAGES))
def test_a_page_refuses_it_by_name_and_keeps_nothing(team: Staff, page: str, kind: str) -> None:
    name, content = FILES[kind]()
    role, path, field, typed = PAGES[page]
    desk = team.as_(role)
    before = rows(team)
    shown = desk.post(path, None, **typed, **{field: (io.BytesIO(content), name)})
    if page == "setup_list" and shown.status == 303:  # a table: tried, shown with its faults, not imported
        shown = desk.get(path)
        assert "bang" in shown.text
    else:
        assert shown.status in (413, 422) and (shown.faults or shown.status == 413), shown.status
    assert {**rows(team), "upload": 0} == {**before, "upload": 0}
    assert all("bang" in each.name for each in (team.app.settings.instance / "uploads").rglob("*.*"))
