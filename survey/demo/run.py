"""The demonstration, step by step: it does with ``phieu`` what an organiser would type, a line for each step."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from forms import catalogue
from forms.faults import Fault, Faults
from survey import jobs
from survey.demo import appraisal, population, quality, tryout, wave
from survey.demo.crowd import Crowd, Server
from survey.demo.scene import Scene, Size, scene
from survey.demo.standings import RATES_LEGEND, opened, standings

MARKER = "MO-PHONG.txt"  # only a folder with this file is ever replaced
_NOTICE = (
    "Chạy thử với số liệu mô phỏng: lần chạy sau sẽ thay cả thư mục này.\nSimulated data: the next run replaces it.\n"
)
PLAN_LINES = 20  # of the planning table are shown; a province has hundreds
SEAL_AT = 0.5  # of the answers: a seal in the middle of the wave


@dataclass(slots=True)
class Demonstration:
    """One run: where, what, and what was measured."""

    instance: Path
    size: Size
    seed: int
    today: dt.date
    console: Console
    base_url: str
    facts: Mapping[str, Any]

    @property
    def scene(self) -> Scene:
        """Units, groups and posts of this size."""
        return scene(self.size, self.facts)

    def file(self, name: str) -> Path:
        """A file of the instance."""
        return self.instance / name

    def phieu(self, *arguments: str, bar: str | None = None) -> str:
        """Run a ``phieu`` command on the instance and return what it printed; ``bar`` shows its progress."""
        with self.progress(bar) as heard:
            return jobs.run(self.instance, *arguments, heard=lambda told: heard(told.done, told.total)).output

    @contextmanager
    def step(self, letter: str, what: str) -> Iterator[Callable[[str], None]]:
        """Time a step; what it calls with becomes the step's line."""
        said: list[str] = []
        begun = time.monotonic()
        yield said.append
        result = f": {said[-1]}" if said else ""
        self.console.print(
            f"[bold]{letter}[/bold]  {what}{result}  [dim]{time.monotonic() - begun:.1f} s[/dim]", soft_wrap=True
        )

    @contextmanager
    def progress(self, text: str | None) -> Iterator[Callable[[int, int | None], None]]:
        """A progress bar that goes away at the end; silent without a text, and in a log file."""
        if text is None or not self.console.is_terminal:
            yield lambda done, total: None
            return
        columns = (TextColumn("   {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console, transient=True) as shown:
            task = shown.add_task(text, total=None)
            yield lambda done, total: shown.update(task, completed=done, total=total)


def run(demo: Demonstration, until_issued: bool) -> None:
    """Every step of the demonstration, or those up to the open wave with its invitations issued."""
    begun = time.monotonic()
    _make_instance(demo)
    _register(demo)
    _import(demo)
    _draw(demo)
    _issue(demo)
    if until_issued:
        out = Console(highlight=False)
        out.print(f"\nThe wave is open; codes are in {demo.file('invitations.csv')}", soft_wrap=True)
        out.print(f"Answer it, from a phone too: {_serve_command(demo)}", soft_wrap=True)
        return
    _collect(demo)
    _freeze(demo)
    _publish(demo)
    _leave_open(demo)
    out = Console(highlight=False)
    names = {unit.id: unit.name for unit in demo.scene.units}
    standings(out, json.loads(demo.file("index.json").read_text("utf-8")), names)
    took = time.monotonic() - begun
    out.print(f"\nReport, after {took:.0f} s: {demo.file('report') / 'index.html'}", soft_wrap=True)
    out.print(f"Answer one of {demo.file('thu') / 'slips.pdf'} live: {_serve_command(demo)}", soft_wrap=True)


def _serve_command(demo: Demonstration) -> str:
    """As it can be pasted here, wherever the command is installed."""
    command = Path(sys.argv[0])
    here = command if command.name == "phieu" else Path(sys.executable).with_name("phieu")
    said = os.path.relpath(here) if here.is_relative_to(Path.cwd()) else str(here)
    return f"{said} --instance {demo.instance} serve --host 0.0.0.0"


def facts() -> Mapping[str, Any]:
    """The published figures that ship with the catalogue."""
    return tomllib.loads((catalogue.FOLDER / "daklak_facts.toml").read_text("utf-8"))


def make_room(instance: Path) -> None:
    """An empty folder for the demonstration; what is no earlier demonstration is never touched. Raises Faults."""
    if instance.exists() and any(instance.iterdir()):
        if not (instance / MARKER).exists():
            told = "holds something else than a demonstration, which would replace it: name another folder"
            raise Faults([Fault(told, str(instance))])
        shutil.rmtree(instance)
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    (instance / MARKER).write_text(_NOTICE, "utf-8")


def _make_instance(demo: Demonstration) -> None:
    with demo.step("a", "Instance with configuration, keys and database") as say:
        make_room(demo.instance)
        demo.file("phieu.toml").write_text(f"base_url = {json.dumps(demo.base_url)}\nworkers = 2\n", "utf-8")
        demo.phieu("init")
        say(str(demo.instance))


def _register(demo: Demonstration) -> None:
    """The wave's key pair is made outside the server, as a real wave's would be on another machine."""
    here = demo.scene
    with demo.step("b", f"Wave “{here.title_en}”") as say:
        demo.file("wave.toml").write_text(wave.toml(here, demo.today), "utf-8")
        key = demo.file("outside/wave.key")
        key.parent.mkdir()
        demo.phieu("keygen", "-o", str(key))
        public = str(key.with_name(key.name + ".pub"))
        demo.phieu("wave", "create", str(demo.file("wave.toml")), "--public-key", public)
        kinds = Counter(unit.kind for unit in here.units)
        said = ", ".join(f"{number} {kind}s" for kind, number in kinds.items())
        say(f"{said}, {len(here.groups)} groups of respondents, framework {here.framework}")


def _import(demo: Demonstration) -> None:
    here = demo.scene
    with demo.step("c", "Frame") as say:
        qualities = quality.qualities(here.units, demo.facts, demo.seed)
        files = population.write(here, qualities, demo.seed, demo.today, demo.file("lists"))
        for group, file in files.items():
            demo.phieu("frame", "import", "--wave", wave.WAVE, "--group", group, str(file))
        dossiers = f"{sum(here.dossiers.values()):,} dossiers"
        posts = f"{sum(len(group.posts) for group in here.groups):,} officials' posts"
        say(f"{dossiers} and {posts} from {len(files)} simulated lists (iGate-style XLSX)")


def _draw(demo: Demonstration) -> None:
    if demo.size is not Size.SMALL:
        plan = demo.phieu("sample", "plan", "--wave", wave.WAVE)
        demo.file("plan.txt").write_text(plan, "utf-8")
        lines = plan.splitlines()
        _table(demo, "\n".join(lines[:PLAN_LINES]))
        demo.console.print(f"… {len(lines) - PLAN_LINES} lines more in plan.txt, the smallest samples first\n")
    with demo.step("d", "Sample") as say:
        demo.phieu("sample", "draw", "--wave", wave.WAVE, "--seed", str(demo.seed))
        demo.phieu("sample", "verify", "--wave", wave.WAVE)
        say(f"drawn with the number {demo.seed}, and drawn again to compare: the same")


def _issue(demo: Demonstration) -> None:
    with demo.step("e", "Invitations") as say:
        demo.phieu("invitations", "issue", "--wave", wave.WAVE)
        file = demo.file("invitations.csv")
        reason = "chạy thử" if demo.size is Size.SMALL else "demonstration"
        demo.phieu("invitations", "export", "--wave", wave.WAVE, "--reason", reason, "-o", str(file))
        slips = ""
        if demo.size is not Size.NATIONAL:
            demo.phieu("slips", "--wave", wave.WAVE, "-o", str(demo.file("slips.pdf")))
            slips = ", 8 slips a page in slips.pdf"
        with file.open(encoding="utf-8-sig") as lines:
            issued = sum(1 for _ in lines) - 1
        say(f"{issued:,} with codes in invitations.csv{slips}; seal 0 written, the wave is open")


def _collect(demo: Demonstration) -> None:
    here = demo.scene
    names = {unit.id: unit.name for unit in here.units}
    qualities = quality.qualities(here.units, demo.facts, demo.seed)
    units = demo.file("simulation/units.json")
    units.parent.mkdir()
    units.write_text(json.dumps({id: [names[id], qualities[id]] for id in names}, ensure_ascii=False), "utf-8")
    with Server(demo.instance) as server, Crowd(demo.file("invitations.csv"), units, server.url, demo.seed) as crowd:
        with demo.step("f", "Answers over HTTP") as say:
            result = _answers(demo, crowd)
            conducts = result["conducts"]
            say(
                f"{result['receipts']:,} forms submitted, {conducts.get('break_off', 0)} broken off, "
                f"{conducts.get('refuse', 0)} refused, {conducts.get('silent', 0)} never opened"
            )
        with demo.step("g", "Close") as say:
            paper = _record_paper(demo, result["paper"])
            _rates(demo)
            demo.phieu("close", "--wave", wave.WAVE)
            after = crowd.after_close(lambda done, total: None)
            say(
                f"{paper} paper forms recorded, {after['turned_away']} late answers turned away, "
                f"{after['counted']:,} of {result['receipts']:,} receipts found counted"
            )
    faults = [*result["faults"], *after["faults"]]
    if faults or after["counted"] != result["receipts"]:
        raise jobs.JobFailed(f"{len(faults)} respondents met what nobody should meet, first:\n{faults[:1]}")


def _answers(demo: Demonstration, crowd: Crowd) -> Mapping[str, Any]:
    """Let the crowd answer; a seal is written in the middle, as in a real wave."""
    sealed: list[bool] = []
    with demo.progress("respondents answering") as shown:

        def heard(done: int, total: int) -> None:
            shown(done, total)
            if not sealed and done >= SEAL_AT * total:
                sealed.append(True)
                demo.phieu("seal", "--wave", wave.WAVE)

        return crowd.in_time(heard)


def _record_paper(demo: Demonstration, paper: Mapping[str, list[int]]) -> int:
    """Forms that came back on paper, damaged or late, are recorded by staff; no answers of theirs are counted."""
    for state, serials in paper.items():
        chosen = [part for serial in serials for part in ("--serial", str(serial))]
        if chosen:
            told = ("--state", state, "--reason", "phiếu giấy mô phỏng")
            demo.phieu("invitations", "record", "--wave", wave.WAVE, *chosen, *told)
    return sum(map(len, paper.values()))


def _rates(demo: Demonstration) -> None:
    """Return rates by group, and by unit where that fits a screen."""
    for by in ("group", "unit"):
        if by == "group" or demo.size is Size.SMALL:
            _table(demo, demo.phieu("rates", "--wave", wave.WAVE, "--by", by))
    _table(demo, RATES_LEGEND)


def _table(demo: Demonstration, text: str) -> None:
    demo.console.print(text, markup=False, soft_wrap=True)


def _freeze(demo: Demonstration) -> None:
    with demo.step("g", "Freeze and verify") as say:
        key = str(demo.file("outside/wave.key"))
        dataset = str(demo.file("dataset"))
        demo.phieu("freeze", "--wave", wave.WAVE, "--key", key, "-o", dataset, bar="opening boxes")
        demo.phieu("verify", dataset)
        counts = json.loads((demo.file("dataset") / "manifest.json").read_text("utf-8"))["counts"]
        say(opened(counts))


def _publish(demo: Demonstration) -> None:
    here = demo.scene
    framework = catalogue.framework(here.framework)
    appraised = demo.file("appraised.xlsx")
    given = ["--dataset", str(demo.file("dataset")), "--framework", here.framework, "--appraised", str(appraised)]
    qualities = quality.qualities(here.units, demo.facts, demo.seed)
    with demo.step("h", "Weights, estimates, points, index, ranks") as say:
        appraisal.write_appraised(here, framework, qualities, demo.seed, appraised)
        compared = "no previous year"
        if demo.size is Size.SMALL:
            known = appraisal.write_previous(here.units, demo.facts, demo.file("previous.csv"))
            given += ["--previous", str(demo.file("previous.csv"))]
            compared = f"compared with the {known} published indices of 2019"
        demo.file("index.json").write_text(demo.phieu("index", *given, "--format", "json"), "utf-8")
        say(f"appraised points are illustrative; {compared}")
    with demo.step("i", "Report") as say:
        demo.phieu("report", *given, "-o", str(demo.file("report")), bar="writing the report")
        say("report/index.html and report/index.xlsx")


def _leave_open(demo: Demonstration) -> None:
    with demo.step("j", "A pilot wave left open for a phone") as say:
        qualities = quality.qualities(demo.scene.units, demo.facts, demo.seed)
        tryout.open_to_try(demo.phieu, demo.scene, qualities, demo.seed, demo.today, demo.file("thu"))
        say("thu/slips.pdf")
