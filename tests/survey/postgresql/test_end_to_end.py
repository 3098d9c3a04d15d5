"""A whole survey in PostgreSQL, served by ``phieu serve`` with two workers; then copies of it, put back elsewhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey import clock, config, create_app, health, responses
from survey.accounts.roles import Role
from survey.backup import upgrading
from survey.store import DRAFT_MIGRATIONS, MIGRATIONS, Address, Store
from tests import postgresql
from tests.bench import servers
from tests.conftest import SetClock
from tests.desk import staff
from tests.desk.desk import Desk
from tests.journeys.coordinator import Coordinator, answers_everything
from tests.journeys.respondent import Respondent
from tests.postgresql import Server
from tests.served import Wire
from tests.survey.backup.earlier_schemas import earlier
from tests.survey.postgresql.browser import Browser

HASTY = ("server: fsync", "server: full_page_writes")  # the tests' own server need not survive a power cut


@pytest.fixture
def address(server: Server) -> Iterator[Address]:
    """An empty database of the tests' server."""
    yield server.empty()


def faults(instance: Path) -> list[str]:
    """What the doctor finds, but for what is only true of a server of tests."""
    found = health.examine(config.load(instance))
    return [f"{each.what}: {each.fault}" for each in found if each.fault and each.what not in HASTY]


def moved_to(instance: Path, new: Path, place: Address) -> Path:
    """The same instance's folder, its answers in another database."""
    shutil.copytree(instance, new)
    (new / "phieu.toml").write_text(f"database = {json.dumps(place.url)}\n", "utf-8")
    return new


def mixed(store: Store) -> int:
    """How many answers there are, once five or six of the six of each cell are mixed: a slow sixth waits alone."""
    end = time.monotonic() + 120
    while (rows := store.row_counts())["box"] < 10 and time.monotonic() < end:
        time.sleep(0.1)  # the mixer comes by every few seconds
    assert rows["box"] >= 10
    return rows["box"] + rows["inbox_box"]


def test_a_whole_survey_in_postgresql(server: Server, address: Address, tmp_path: Path) -> None:
    # Given a wave whose slips are printed, its answers to be kept by PostgreSQL, and staff
    office = Coordinator(tmp_path, address.url)
    office.prepares_the_wave()
    assert not list(office.instance.glob("*.db*"))
    app = create_app(config.load(office.instance), clock.now)
    app.hasher = staff.CHEAP
    staff.hire(app, "nhi", Role.COORDINATOR)
    lines = Path(office.file("invitations.csv")).read_text("utf-8-sig").splitlines()[1:]
    codes = [line.split("/P/")[1].split(",")[0] for line in lines]
    with servers.ours(office.instance, workers=2) as serving:
        port = int(serving.url.rpartition(":")[2])
        # when everybody answers, and a coordinator looks on
        receipts = []
        for code in codes:
            someone = Respondent(app, code)
            someone.client = Wire(port)  # type: ignore[assignment]
            receipts.append(answers_everything(someone, 3))
        desk = Desk(app)
        desk.client = Browser(port)  # type: ignore[assignment]
        desk.sign_in("nhi")
        assert "Đợt điều tra của một người dân" in desk.get("/desk/").text
        assert "12" in desk.get("/desk/w/mot/close").text
        # then answers are mixed by the server, and copied while it serves
        there = Store(address)
        assert len(set(receipts)) == len(receipts) == mixed(there) == 12
        there.close()
        office.does("backup", office.file("copy.phieu"))
    # and a close, a freeze, its proof and a report are what they are on files
    office.does("close", "--wave", "mot")
    dataset = office.file("dataset")
    office.does("freeze", "--wave", "mot", "--key", office.file("wave.key"), "-o", dataset)
    assert "12 boxes for 12 invitations spent" in office.does("verify", dataset)
    appraised = office.writes("tham_dinh.csv", "unit,tai_lieu\nSở Tư pháp,45\nSở Y tế,30\n")
    given = ["--dataset", dataset, "--framework", office.file("khung.toml"), "--appraised", appraised]
    office.does("report", *given, "-o", office.file("report"))
    assert "75" in Path(office.file("report"), "index.html").read_text("utf-8")
    assert faults(office.instance) == []
    _backup_put_back(server, office, receipts, tmp_path)
    _dump_put_back(server, address, office, receipts, tmp_path)


def _backup_put_back(server: Server, office: Coordinator, receipts: list[str], tmp_path: Path) -> None:
    """What `phieu backup` wrote while the server ran is a whole instance in another database."""
    other = moved_to(office.instance, tmp_path / "restored", server.empty())
    again = Coordinator(tmp_path)
    again.instance = other
    again.does("restore", office.file("copy.phieu"))
    store = Store(config.load(other).database)
    assert {responses.counted(store, receipt) for receipt in receipts} <= {"received", "sealed"}
    again.does("close", "--wave", "mot")
    assert {responses.counted(store, receipt) for receipt in receipts} == {"sealed"}
    store.close()
    assert faults(other) == []


def _dump_put_back(server: Server, was: Address, office: Coordinator, receipts: list[str], tmp_path: Path) -> None:
    """So is what the server's own `pg_dump` writes."""
    tools = postgresql.binaries()
    assert tools is not None
    dumped, scratch = tmp_path / "dump.sql", server.empty()
    leaving = [f"--exclude-table-data={name}" for name in ("draft", "keyed_form", "arrival_*")]
    read_back = ["-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f", dumped]
    for command in ([tools / "pg_dump", *leaving, "-f", dumped, was.url], [tools / "psql", *read_back, scratch.url]):
        subprocess.run(command, check=True)  # noqa: S603 - the server's own
    other = moved_to(office.instance, tmp_path / "dumped", scratch)
    before, after = Store(was), Store(scratch)
    assert after.row_counts() == before.row_counts() and after.version() == len(MIGRATIONS)
    assert {responses.counted(after, receipt) for receipt in receipts} == {"sealed"}
    for store in (before, after):
        store.close()
    assert faults(other) == []


def test_an_earlier_schema_is_upgraded_with_a_half_filled_form(
    server: Server, address: Address, clock: SetClock, tmp_path: Path
) -> None:
    # Given an instance of an earlier schema with answers, in PostgreSQL
    files = earlier(tmp_path / "files", 7, 0)
    for name, migrations in (("phieu.db", MIGRATIONS), ("drafts.db", DRAFT_MIGRATIONS)):
        known = Store(files / name, migrations)
        there = Store(address, migrations[: known.version()])
        there.migrate()
        there.load_from(files / name)
        for store in (known, there):
            store.close()
        (files / name).unlink()
    (files / "phieu.toml").write_text(f"database = {json.dumps(address.url)}\n", "utf-8")
    settings = config.load(files)
    assert any("phieu --instance" in each.mend for each in health.examine(settings) if "schema 7" in each.fault)
    # when it is brought on
    done = upgrading.upgrade(settings, clock, who="test")
    assert (done.before, done.after) == (7, len(MIGRATIONS)) and done.backup is not None
    # then no receipt is lost, and who was half way goes on there
    said = json.loads((files / "said.json").read_text("utf-8"))
    app = create_app(settings, clock)
    assert all(responses.counted(app.store, receipt) for receipt in said["receipts"].values())
    half = Respondent(app, said["codes"]["8"])
    assert half.begin().url.rstrip("/").endswith("/2")
    assert half.fill_to_end().element("receipt")
    assert faults(files) == []
