"""A wave of the demonstration, answered over HTTP on two days, and all that a curious administrator keeps of it."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
from click.testing import CliRunner
from rich.console import Console

from survey import closing, codes, freeze, mixing, responses, sealing, seals, wave
from survey.backup import making
from survey.cli import phieu
from survey.config import load
from survey.demo import respondents, run
from survey.demo.crowd import free_port
from survey.demo.respondents import Slip
from survey.demo.scene import Size
from survey.keys import Keyring
from survey.store import DRAFT_MIGRATIONS, Store
from tests.anonymity.evidence import Evidence, Image, Released, Truth
from tests.anonymity.over_http import WORDS, Crowd
from tests.served import wait_for

FULL = bool(os.environ.get("PHIEU_TORTURE"))
CELLS_EACH = 1_000 if FULL else 3  # cells of a group that answer
HALF_FILLED = 6


class Typed(run.Demonstration):
    """Every command in this process: to begin another for each would cost more than most of them do."""

    def phieu(self, *arguments: str, bar: str | None = None) -> str:
        line = ["--instance", str(self.instance), *arguments]
        return CliRunner().invoke(phieu, line, catch_exceptions=False, standalone_mode=False).stdout


@dataclass
class Wave:
    """The instance while it is played, and what is kept of each moment."""

    folder: Path
    kind: ModuleType  # of store: makes images of it
    today: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    images: dict[str, Image] = field(default_factory=dict)
    backups: list[Image] = field(default_factory=list)
    metrics: list[str] = field(default_factory=list)
    datasets: list[list[Released]] = field(default_factory=list)
    drafts: list[Image] = field(default_factory=list)
    said: list[str] = field(default_factory=list)  # by the engine, of its work
    days: int = 0

    def __post_init__(self) -> None:
        shown, day = Console(file=StringIO()), self.today.date()
        demo = Typed(self.folder, Size.SMALL, 2019, day, shown, "http://phieu.test", run.facts())
        run.run(demo, until_issued=True)
        self.settings = load(self.folder)
        self.store = Store(self.settings.database)
        self.pair = sealing.read_private_pem((self.folder / "outside/wave.key").read_bytes())

    def clock(self) -> dt.datetime:
        """The time in the play."""
        return dt.datetime.now(dt.UTC) + dt.timedelta(days=self.days)

    @property
    def wave(self) -> wave.RegisteredWave:
        """As it stands now."""
        return wave.get(self.store, "demo")

    def keep(self, moment: str) -> None:
        """Copy the running store."""
        self.said.append(self.kind.said(self.settings.database))
        self.images[moment] = self.kind.image(self.settings.database)

    def mix(self) -> None:
        """What the server's mixer does every few seconds."""
        mixing.mix(self.store, "demo", self.wave.spec.k)

    def back_up(self) -> None:
        """A backup, and what lies in it."""
        file = self.folder / f"backup{self.days}.tar"
        making.make(self.settings, self.clock, file, passphrase=None, with_keys=False, who="test")
        into = self.folder / f"backup{self.days}"
        into.mkdir()
        making.examined(file, into, None)
        self.backups.append(self.kind.image(into / "phieu.db"))

    def freeze(self, name: str, **how: bool) -> Path:
        """Open the boxes, and read what came of it."""
        folder = self.folder / name
        freeze.freeze(self.store, self.clock, self.wave, self.pair, folder, who="test", **how)
        self.datasets.append(list(released(pl.read_parquet(folder / "assessments.parquet"))))
        return folder

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The server of this day; its word goes to a log of the instance."""
        port = free_port()
        line = [sys.executable, "-m", "tests.anonymity.over_http", str(self.days), str(self.folder), str(port)]
        with (self.folder / f"serve{self.days}.log").open("wb") as said:
            server = subprocess.Popen(line, stdout=said, stderr=said, cwd=Path(__file__).parents[2])  # noqa: S603
            try:
                assert wait_for(f"http://127.0.0.1:{port}/readyz", server) == 200
                self.base = ("127.0.0.1", port)
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()
                server.wait()

    def look_at_metrics(self) -> None:
        """What `/metrics` says."""
        connection = HTTPConnection(*self.base, timeout=30)
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        self.metrics.append(answer.read().decode() if answer.status == 200 else "")
        connection.close()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Somebody looks at the figures all the while, several times a second."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.2):
                self.look_at_metrics()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def released(table: pl.DataFrame) -> Iterator[Released]:
    """The rows of a dataset."""
    quasi = [name for name in table.columns if name in ("stratum", "wclass", "mode", "base_weight", "phase",
             "duration_band") or name.startswith("m_")]  # fmt: skip
    answers = [name for name in table.columns if name not in ("respondent", "psu", "unit", "group", *quasi)]
    for row in table.iter_rows(named=True):
        yield Released(row["unit"], row["group"], tuple(row[name] for name in quasi),
                       tuple(row[name] for name in answers), row["respondent"])  # fmt: skip


def by_day(slips: Sequence[Slip], cells: Mapping[int, int], k: int) -> tuple[list[Slip], list[Slip]]:
    """Who answers on which day: of each cell none or at least k on either, in an order that is nobody's number."""
    groups: dict[str, Counter[int]] = {}
    for slip in slips:
        groups.setdefault(slip.person.group, Counter())[cells[int(slip.serial)]] += 1
    chosen = [cell for sizes in groups.values() for cell, _ in sizes.most_common(CELLS_EACH)]
    days: tuple[list[Slip], list[Slip]] = ([], [])
    for cell in chosen:
        here = [slip for slip in slips if cells[int(slip.serial)] == cell]
        first = len(here) - k if len(here) >= 2 * k else len(here)
        days[0].extend(here[:first] if first >= k else here)
        days[1].extend(here[first:] if first >= k else [])
    for day in days:
        day.sort(key=lambda slip: hash((slip.code, "order")) % 1_000_003)
    return days


def play(folder: Path, kind: ModuleType) -> tuple[Wave, Evidence, Truth]:
    """From the demonstration's issued invitations to the frozen dataset, with a look into everything on the way."""
    played = Wave(folder, kind)
    cells = {row["serial"]: row["cell"] for row in kind.image(played.settings.database).tables["invitation"]}
    slips = respondents.slips(folder / "invitations.csv", 2019)
    first, second = by_day(slips, cells, played.wave.spec.k)
    with played.serving() as base:
        crowd = Crowd(base)
        played.look_at_metrics()
        crowd.answer(first[:HALF_FILLED], leave=True)
        played.drafts.append(kind.image(played.settings.drafts))
        with played.watching():
            crowd.answer(first)
        played.keep("waiting")
        played.mix()
        played.look_at_metrics()
        played.keep("mixed")
    seals.seal(played.store, played.clock, played.wave)
    played.back_up()
    played.freeze("interim0", interim=True)
    played.days = 1
    with played.serving() as base:
        crowd.base = base
        with played.watching():
            crowd.answer(second)
        played.mix()
        played.look_at_metrics()
        played.keep("second")
    played.back_up()
    played.freeze("interim1", interim=True)
    drafts = Store(played.settings.drafts, DRAFT_MIGRATIONS)
    closing.close(played.store, drafts, played.clock, played.wave, who="test")
    played.keep("closed")
    dataset = played.freeze("dataset")
    drafts.close()
    played.store.close()
    return played, _evidence(played, crowd, dataset), _truth(played, crowd)


def _evidence(played: Wave, crowd: Crowd, dataset: Path) -> Evidence:
    comments: list[str] = pl.read_parquet(dataset / "comments.parquet")["text"].to_list()
    return Evidence(
        wave="demo", k=played.wave.spec.k, images=played.images, backups=played.backups, drafts=played.drafts[0],
        datasets=played.datasets, comments=[each for each in dict.fromkeys(comments) if WORDS in each],
        logs="\n".join(file.read_text("utf-8", "replace") for file in sorted(played.folder.glob("serve*.log")))
        + "".join(played.said),
        metrics=played.metrics, order=tuple(crowd.order), keys=Keyring(played.settings).wave_keys("demo"),
        info=sealing.box_info("demo", played.wave.plan_hash), private=played.pair.private,
    )  # fmt: skip


def _truth(played: Wave, crowd: Crowd) -> Truth:
    """Whose box is whose, by the words that each wrote; and receipts as people hold them in their hands."""
    info = sealing.box_info("demo", played.wave.plan_hash)
    read = sealing.opener(played.pair.private, info)
    whose = {mark: serial for serial, mark in crowd.marks.items()}
    tokens: dict[int, set[Any]] = {serial: {mark} for serial, mark in crowd.marks.items()}
    for id, box in played.images["closed"].boxes.items():
        content = read(box).decode()
        mark = content.partition(f"{WORDS} ")[2][:15]
        if mark in whose:
            tokens[whose[mark]].add(id)
    for serial, receipt in crowd.receipts.items():
        tokens[serial].add(responses.receipt_hash(codes.normalise(receipt)))
    return Truth({serial: frozenset(known) for serial, known in tokens.items()})
