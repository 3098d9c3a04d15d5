"""Two servers of two hosts with one database: what is spent once is spent once, whatever server is asked."""

from __future__ import annotations

import json
import shutil
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest

from forms.faults import Faults
from survey import clock, closing, create_app, kiosks, responses, wave
from survey.backup import making, restoring
from survey.store import DRAFT_MIGRATIONS, Store
from tests.bench import servers
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent
from tests.journeys.world import World
from tests.postgresql import Server
from tests.served import NOW, Wire

GROUPS = (("cong_chuc", "self", "own", ("so_tu_phap",)),)
SHARED = ("phieu.toml", "keys")  # what a further host is given of the first


@dataclass
class Hosts:
    """One wave, and the ports of two servers."""

    world: World
    ports: tuple[int, int]


@pytest.fixture(scope="module")
def hosts(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """Each has a folder of its own, with the same settings and keys in it and nothing else."""
    first, other = (tmp_path_factory.mktemp(name) for name in ("one", "other"))
    world = worlds.build(first, database=server.empty().url, edits=NOW, groups=GROUPS, each=16)
    for name in SHARED:
        (shutil.copytree if (first / name).is_dir() else shutil.copy2)(first / name, other / name)  # type: ignore[operator]
    with servers.ours(first, workers=1) as one, servers.ours(other, workers=1) as two:
        yield Hosts(world, tuple(int(each.url.rpartition(":")[2]) for each in (one, two)))  # type: ignore[arg-type]


class Both(Wire):
    """A load balancer that sends every request to the other host than the one before."""

    def __init__(self, ports: tuple[int, int]) -> None:
        self._turn = cycle(ports)

    @property
    def port(self) -> int:  # type: ignore[override]
        return next(self._turn)


def person(hosts: Hosts, code: str, wire: Wire) -> Respondent:
    someone = Respondent(create_app(hosts.world.settings), code)
    someone.client = wire  # type: ignore[assignment]
    return someone


def test_a_form_begun_on_one_host_goes_on_on_the_other(hosts: Hosts) -> None:
    someone = person(hosts, hosts.world.take("cong_chuc"), Both(hosts.ports))
    someone.fill_to_check()
    receipt = someone.fill().element("receipt")
    assert receipt is not None
    for port in hosts.ports:
        asked = person(hosts, "", Wire(port))
        assert asked.open(f"/check?receipt={receipt.text}").element("counted") is not None


def test_a_slip_raced_for_on_both_hosts_is_spent_once(hosts: Hosts) -> None:
    code = hosts.world.take("cong_chuc")
    racers = [person(hosts, code, Wire(port)) for port in hosts.ports * 3]
    for each in racers:
        each.fill_to_check()
    start, shown = threading.Barrier(len(racers)), []

    def run(one: Respondent) -> None:
        start.wait()
        receipt = one.fill().element("receipt")
        shown.append(receipt.text if receipt else "")

    crew = [threading.Thread(target=run, args=(each,)) for each in racers]
    for each in crew:
        each.start()
    for each in crew:
        each.join()
    assert Counter(map(bool, shown)) == {True: 1, False: len(racers) - 1}


def test_a_tablets_link_raced_for_on_both_hosts_binds_one(hosts: Hosts) -> None:
    store = hosts.world.store
    spec = wave.get(store, "demo").spec
    token = kiosks.make_link(store, hosts.world.clock, [spec], "trung_tam", "máy 1", who="test")
    with store.write() as tx:
        tx.connection.execute("UPDATE kiosk SET made_at = '2199-01-01T00:00:00+00:00'")  # by the servers' clock
    start, found = threading.Barrier(6), []

    def run(port: int) -> None:
        start.wait()
        answer = Wire(port).open(f"/kiosk/trung_tam/{token}", method="POST", data={"bind": "1"}, headers={})
        found.append("Set-Cookie" in answer.headers)

    crew = [threading.Thread(target=run, args=(port,)) for port in hosts.ports * 3]
    for each in crew:
        each.start()
    for each in crew:
        each.join()
    store.close()
    assert Counter(found) == {True: 1, False: 5}


def test_people_on_both_hosts_while_both_mix(hosts: Hosts) -> None:
    receipts: list[str] = []

    def answer(people: Iterable[Respondent]) -> None:
        for someone in people:
            someone.fill_to_check()
            receipts.append(someone.fill().element("receipt").text)  # type: ignore[union-attr]

    # Made before the threads: applications made in several at once trip over each other in Python 3.11's parser.
    queues = [[person(hosts, hosts.world.take("cong_chuc"), Wire(port)) for _ in range(4)] for port in hosts.ports]
    crew = [threading.Thread(target=answer, args=(people,)) for people in queues]
    for each in crew:
        each.start()
    for each in crew:
        each.join()
    store = hosts.world.store
    drafts = Store(hosts.world.settings.drafts, DRAFT_MIGRATIONS)
    last = closing.close(store, drafts, hosts.world.clock, wave.get(store, "demo"), who="test")
    with store.read() as tx:
        body = json.loads(tx.seal_body(wave="demo", number=last))
        spent = tx.connection.execute("SELECT count(*) FROM invitation WHERE state = 'answered'").fetchone()[0]
    assert len(set(receipts)) == 8 and {responses.counted(store, each) for each in receipts} == {"sealed"}
    assert body["responses"] == spent == store.row_counts()["box"] == store.row_counts()["receipt"]
    assert store.row_counts()["inbox_box"] == drafts.row_counts()["draft"] == 0
    for each in (store, drafts):
        each.close()


def test_neither_is_overwritten_by_a_restore_of_a_third(hosts: Hosts, tmp_path: Path) -> None:
    """Nobody serves from that folder; the two servers are noticed in the database."""
    settings = hosts.world.settings
    file, third = tmp_path / "copy.phieu", tmp_path / "third"
    making.make(settings, clock.now, file, passphrase=None, with_keys=False, who="test")
    third.mkdir()
    shutil.copy2(settings.instance / "phieu.toml", third)
    with pytest.raises(Faults, match="stop every server first"):
        restoring.restore(third, clock.now, file, None, replace=True, who="test")
    assert not list(third.glob("before-restore-*"))
