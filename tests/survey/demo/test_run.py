"""The order of the demonstration's steps, what it refuses to replace, its processes, its last table."""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from forms.faults import Faults
from survey import jobs
from survey.cli import phieu
from survey.demo import crowd, population, run, standings
from survey.demo.crowd import Crowd, Server
from survey.demo.scene import Size

COUNTS = ("boxes", "respondents", "assessments", "screened_out", "broke_off", "too_few")
INDEX = {
    "kinds": [
        {
            "kind": "department",
            "unranked": [{}],
            "units": [
                {"unit": "so_tu_phap", "rank": 1, "published": 91.4, "ci_low": 90.0, "ci_high": 92.8, "rank_lower": 1,
                 "rank_upper": 2},
                {"unit": "so_y_te", "rank": 2, "published": 81.0, "ci_low": None, "ci_high": None, "rank_lower": None,
                 "rank_upper": None},
            ],
        }
    ]
}  # fmt: skip
RESULT = {"receipts": 9, "conducts": {"answer": 9}, "faults": [], "paper": {"late": [4, 5], "damaged": []}}


class Phieu:
    """Stands for the child processes: remembers what was typed, leaves the files that later steps read."""

    def __init__(self) -> None:
        self.typed: list[tuple[str, ...]] = []

    def __call__(self, instance: Path, *arguments: str, heard=lambda told: None) -> jobs.Finished:
        self.typed.append(arguments)
        heard(jobs.Progress(1, 2, "…"))
        output = ""
        if arguments[:2] == ("invitations", "export"):
            Path(arguments[arguments.index("-o") + 1]).write_text("serial,code\n1,A\n2,B\n", "utf-8")
        elif arguments[0] == "freeze":
            folder = Path(arguments[arguments.index("-o") + 1])
            folder.mkdir()
            counts = dict.fromkeys(COUNTS, 9)
            (folder / "manifest.json").write_text(json.dumps({"counts": counts}), "utf-8")
        elif arguments[0] == "index":
            output = json.dumps(INDEX)
        elif arguments[:2] == ("sample", "plan"):
            output = "\n".join(f"row {n}" for n in range(50))
        return jobs.Finished(output, ())

    @property
    def order(self) -> list[str]:
        """The commands in order, each once in a row."""
        names = [" ".join(each[:2]) if each[0] in run_groups else each[0] for each in self.typed]
        return [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]


run_groups = ("wave", "frame", "sample", "invitations")


@pytest.fixture
def typed(monkeypatch) -> Phieu:
    stand_in = Phieu()
    monkeypatch.setattr(jobs, "run", stand_in)
    lists = lambda scene, *_: {group.id: Path(f"{group.id}.xlsx") for group in scene.groups}  # noqa: E731
    monkeypatch.setattr(population, "write", lists)
    return stand_in


@pytest.fixture
def played(monkeypatch):
    """No server and no crowd: what they would report."""

    def use(after: dict) -> None:
        class Played:
            url = "http://127.0.0.1:1"

            def in_time(self, heard):
                heard(1, 10)
                heard(5, 10)
                heard(10, 10)
                return RESULT

            def after_close(self, heard):
                heard(1, 1)
                return after

        @contextmanager
        def entered(*_: object):
            yield Played()

        monkeypatch.setattr(run, "Server", entered)
        monkeypatch.setattr(run, "Crowd", entered)

    return use


def demonstration(folder: Path, size: Size, terminal: bool = False) -> run.Demonstration:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=200, highlight=False)
    return run.Demonstration(folder, size, 2019, dt.date(2026, 3, 1), console, "http://127.0.0.1:8000", run.facts())


WHOLE = [
    "init", "keygen", "wave create", "frame import", "sample draw", "sample verify", "invitations issue",
    "invitations export", "slips", "seal", "invitations record", "rates", "close", "freeze", "verify", "index",
    "report",
    "wave create", "frame import", "sample draw", "invitations issue", "slips",
]  # fmt: skip


@pytest.mark.parametrize("terminal", [True, False])
def test_the_small_demonstration_types_what_an_organiser_would(tmp_path, typed, played, capsys, terminal):
    played({"turned_away": 1, "counted": 9, "faults": []})
    demo = demonstration(tmp_path / "demo", Size.SMALL, terminal)
    run.run(demo, until_issued=False)
    assert typed.order == WHOLE
    told = {each[0]: each for each in typed.typed}
    assert "--previous" in told["report"]
    assert ("rates", "--wave", "demo", "--by", "unit") in typed.typed
    recorded = next(each for each in typed.typed if each[:2] == ("invitations", "record"))
    assert recorded[2:] == (
        "--wave", "demo", "--serial", "4", "--serial", "5", "--state", "late", "--reason", "phiếu giấy mô phỏng",
    )  # fmt: skip
    assert sum(each[0] == "seal" for each in typed.typed) == 1, "one seal in the middle"
    last = capsys.readouterr().out
    assert "Sở Tư pháp" in last and "91.40" in last and "90.00 – 92.80" in last
    assert "1 without an index" in last
    assert last.splitlines()[-2].endswith("report/index.html")
    assert last.splitlines()[-1].endswith("serve --host 0.0.0.0")
    said = demo.console.file.getvalue()
    assert "14 published indices of 2019" in said


def test_a_province_shows_its_plan_and_has_no_previous_year(tmp_path, typed, played):
    played({"turned_away": 0, "counted": 9, "faults": []})
    demo = demonstration(tmp_path / "demo", Size.PROVINCE)
    run.run(demo, until_issued=True)
    assert typed.order[3:6] == ["frame import", "sample plan", "sample draw"]
    assert typed.order[-1] == "slips"
    assert "… 30 lines more" in demo.console.file.getvalue()
    assert len((demo.file("plan.txt")).read_text().splitlines()) == 50


@pytest.mark.parametrize(
    "after", [{"turned_away": 1, "counted": 8, "faults": []}, {"turned_away": 1, "counted": 9, "faults": ["x"]}]
)
def test_trouble_of_respondents_fails_the_demonstration(tmp_path, typed, played, after):
    played(after)
    with pytest.raises(jobs.JobFailed, match="respondents met what nobody should meet"):
        run.run(demonstration(tmp_path / "demo", Size.SMALL), until_issued=False)


def test_only_a_demonstration_is_ever_replaced(tmp_path):
    run.make_room(tmp_path / "new")
    (tmp_path / "new" / "phieu.db").write_text("old")
    run.make_room(tmp_path / "new")
    assert [each.name for each in (tmp_path / "new").iterdir()] == [run.MARKER]
    real = tmp_path / "real"
    real.mkdir()
    run.make_room(real)
    (real / run.MARKER).unlink()
    (real / "phieu.db").write_text("a real survey")
    with pytest.raises(Faults, match="holds something else than a demonstration"):
        run.make_room(real)
    assert (real / "phieu.db").read_text() == "a real survey"


# The command


def asked(monkeypatch, *arguments: str) -> run.Demonstration:
    seen: list[tuple[run.Demonstration, bool]] = []
    monkeypatch.setattr(run, "run", lambda demo, until: seen.append((demo, until)))
    monkeypatch.delenv("PHIEU_INSTANCE", raising=False)
    done = CliRunner().invoke(phieu, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert seen[0][1] == ("issued" in arguments)
    return seen[0][0]


def test_the_command_goes_to_a_folder_of_its_own(monkeypatch, tmp_path):
    assert asked(monkeypatch, "demo").instance == Path("instance/demo")
    assert asked(monkeypatch, "--instance", str(tmp_path), "demo", "--until", "issued").instance == tmp_path
    assert asked(monkeypatch, "--instance", "instance", "demo").instance == Path("instance")
    assert asked(monkeypatch, "demo", "--size", "province", "--seed", "4").size is Size.PROVINCE


def test_the_command_says_a_failure_without_a_traceback(monkeypatch, tmp_path):
    def fail(*_: object) -> None:
        raise jobs.JobFailed("the server did not come up")

    monkeypatch.setattr(run, "run", fail)
    done = CliRunner().invoke(phieu, ["--instance", str(tmp_path), "demo"])
    assert done.exit_code == 1
    assert "Error: the server did not come up" in done.output


# The processes

READY = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + READY


def stand_in(monkeypatch, tmp_path: Path, source: str) -> None:
    (tmp_path / "server.py").write_text(source, "utf-8")
    monkeypatch.setattr(
        jobs, "command", lambda instance, *arguments: [sys.executable, str(tmp_path / "server.py"), arguments[-1]]
    )


def test_a_server_is_ready_inside_and_gone_after(monkeypatch, tmp_path):
    stand_in(monkeypatch, tmp_path, READY)
    with Server(tmp_path) as server:
        assert server._ready()
    assert not server._ready()
    assert server._process.returncode is not None


def test_a_server_that_will_not_go_is_killed(monkeypatch, tmp_path):
    stand_in(monkeypatch, tmp_path, STUBBORN)
    with Server(tmp_path) as server:
        monkeypatch.setattr(crowd, "_PATIENCE", 0.2)
    assert server._process.returncode == -9


def test_a_server_that_ends_at_once_is_said(monkeypatch, tmp_path):
    stand_in(monkeypatch, tmp_path, "raise SystemExit('no')")
    with pytest.raises(jobs.JobFailed, match=r"did not come up; see .*serve\.log"), Server(tmp_path):
        pass
    assert "no" in (tmp_path / "serve.log").read_text()


def people(monkeypatch, tmp_path: Path, source: str) -> Crowd:
    (tmp_path / "people.py").write_text(source, "utf-8")
    made = Crowd(tmp_path, tmp_path, "http://x", 1)
    made._command = [sys.executable, str(tmp_path / "people.py")]
    return made


def test_the_crowd_tells_its_progress_and_waits_for_the_close(monkeypatch, tmp_path):
    source = (
        "import json, sys\n"
        "print(json.dumps({'done': 1, 'total': 2}))\nprint(json.dumps({'result': {'receipts': 2}}), flush=True)\n"
        "print(json.dumps({'result': {'heard': sys.stdin.readline()}}))\n"
    )
    heard: list[tuple[int, int]] = []
    with people(monkeypatch, tmp_path, source) as crowd:
        assert crowd.in_time(lambda done, total: heard.append((done, total))) == {"receipts": 2}
        assert crowd.after_close(lambda done, total: None) == {"heard": "closed\n"}
    assert heard == [(1, 2)]


def test_a_crowd_that_dies_is_said(monkeypatch, tmp_path):
    with pytest.raises(jobs.JobFailed, match="ended before its work"), people(monkeypatch, tmp_path, "") as crowd:
        crowd.in_time(lambda done, total: None)


def test_a_free_port_is_free():
    assert crowd.free_port() > 1023


# The last table


def test_long_lists_show_both_ends():
    many = [INDEX["kinds"][0]["units"][0] | {"rank": n, "unit": f"u{n}"} for n in range(1, 12)]
    out = io.StringIO()
    names = {f"u{n}": f"Cơ quan {n}" for n in range(1, 12)}
    standings.standings(
        Console(file=out, width=120), {"kinds": [{"kind": "commune", "units": many, "unranked": []}]}, names
    )
    said = out.getvalue()
    assert all(f"Cơ quan {n}" in said for n in (1, 2, 3, 9, 10, 11))
    assert "Cơ quan 4" not in said and "…" in said
