"""Through PgBouncer in transaction mode: each transaction may run on another connection than the one before."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey import clock, config, create_app
from survey.accounts.roles import Role
from survey.store import Address, Store
from tests import postgresql
from tests.bench import servers
from tests.desk import staff
from tests.desk.desk import Desk
from tests.journeys.coordinator import Coordinator, answers_everything
from tests.journeys.respondent import Respondent
from tests.postgresql import Server
from tests.served import Wire
from tests.survey.postgresql.browser import Browser
from tests.survey.postgresql.test_end_to_end import mixed

# What stays with a connection after its transaction, as the server's log would show it.
STAYS = (
    r"execute (?!<unnamed>)", r"(?:: |; )SET (?!LOCAL\b)", r"(?:: |; )PREPARE\b", r"(?:: |; )LISTEN\b",
    r"pg_(?:try_)?advisory_lock", r"WITH HOLD", r"CREATE TEMP\w* TABLE (?:(?!ON COMMIT DROP).)*$",
)  # fmt: skip


@pytest.fixture
def behind(server: Server) -> Iterator[Address]:
    """A database behind a pooler that has four connections to it, whose statements are all in the server's log."""
    if postgresql.pooler() is None and os.environ.get("CI") != "true":
        pytest.skip("PgBouncer is not on this machine")
    address = server.empty()
    server.run(f"ALTER DATABASE {address.url.partition('@/')[2].partition('?')[0]} SET log_statement = 'all'")
    with postgresql.pooled(server, 4) as through:
        yield through(address)


def test_a_survey_leaves_nothing_in_a_session(server: Server, behind: Address, tmp_path: Path) -> None:
    # Given lists imported, drawn and issued, slips printed, and two workers of eight connections each
    log = server.folder / "log"
    before = log.stat().st_size
    office = Coordinator(tmp_path, behind.url)
    office.prepares_the_wave()
    app = create_app(config.load(office.instance), clock.now)
    app.hasher = staff.CHEAP
    staff.hire(app, "nhi", Role.COORDINATOR)
    lines = Path(office.file("invitations.csv")).read_text("utf-8-sig").splitlines()[1:]
    with servers.ours(office.instance, workers=2) as serving:
        port = int(serving.url.rpartition(":")[2])
        # when everybody answers, staff look on, and the server mixes
        for code in (line.split("/P/")[1].split(",")[0] for line in lines):
            someone = Respondent(app, code)
            someone.client = Wire(port)  # type: ignore[assignment]
            answers_everything(someone, 3)
        desk = Desk(app)
        desk.client = Browser(port)  # type: ignore[assignment]
        desk.sign_in("nhi")
        assert "12" in desk.get("/desk/w/mot/close").text
        there = Store(behind)
        assert mixed(there) == 12
        there.close()
    # and the wave is copied, closed and opened
    office.does("backup", office.file("copy.phieu"))
    office.does("close", "--wave", "mot")
    office.does("freeze", "--wave", "mot", "--key", office.file("wave.key"), "-o", office.file("dataset"))
    assert "12 boxes for 12 invitations spent" in office.does("verify", office.file("dataset"))
    # then no statement left anything in a session
    with log.open("rb") as stream:
        stream.seek(before)
        said = stream.read().decode()
    statements = re.split(r"\n(?=\d{4}-\d\d-\d\d )", said)
    ours = [each for each in statements if re.search(r"LOG:  (?:statement|execute)", each)]
    assert len(ours) > 1_000
    found = [each for each in ours for what in STAYS if re.search(what, each, re.DOTALL | re.MULTILINE)]
    assert [each for each in found if "ON COMMIT DROP" not in each] == []


@pytest.mark.parametrize(
    "left",
    ["LOG:  execute _pg3_0: SELECT 1", "LOG:  statement: SET statement_timeout = 5", "LOG:  statement: LISTEN x",
     "LOG:  statement: SELECT pg_advisory_lock(1)", "LOG:  statement: CREATE TEMPORARY TABLE a (x int)"],
)  # fmt: skip
def test_what_stays_would_be_seen(left: str) -> None:
    assert any(re.search(what, left, re.DOTALL | re.MULTILINE) for what in STAYS)


def test_a_server_behind_it_is_noticed_and_keeps_one_connection(server: Server, behind: Address) -> None:
    serving, restoring = Store(behind), Store(behind)
    restoring.migrate()
    assert serving.keep_serving()
    for _ in range(3):  # whichever of the pooler's connections it gets
        with restoring.unserved() as free:
            assert not free
        restoring.row_counts()
    assert serving.keep_serving()
    serving.close()
    end = time.monotonic() + 30
    while not (left := _is_left(restoring)) and time.monotonic() < end:
        time.sleep(0.05)  # the pooler ends what its client left open
    assert left
    with restoring.unserved() as free:
        assert free and not serving.keep_serving()
    for store in (serving, restoring):
        store.close()


def _is_left(store: Store) -> bool:
    with store.unserved() as free:
        return free
