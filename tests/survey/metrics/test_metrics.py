"""``/metrics``: read by a parser that is not ours, shown to its operator alone, and never finer than it may be."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families as parsed
from werkzeug.routing import Map, Rule

from forms.faults import Fault, Faults
from survey import create_app, health, job_record, jobs, seals, timed_seals, wave
from survey.audit import append
from survey.config import load
from survey.metrics import access, counting, settings, slots, state, text
from survey.metrics.access import Access
from survey.metrics.counting import Counted
from survey.metrics.settings import MetricsSettings
from survey.metrics.text import Family
from survey.seal_times import SealTimes
from survey.store import Store, StoreError
from survey.web import Web
from tests.conftest import Scene
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent

TOKEN = "k" * access.SHORTEST
NEAR = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"}


@pytest.fixture
def served(tmp_path: Path) -> Web:
    return create_app(worlds.build(tmp_path).settings)


def figures(app: Web, **asked: Any) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What `/metrics` says, by name and labels, as Prometheus' own parser reads it."""
    answer = app.test_client().get("/metrics", base_url="http://localhost/", **asked)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, text.CONTENT_TYPE)
    families = list(parsed(answer.text))
    assert len({family.name for family in families}) == len(families)
    assert all(family.documentation and family.type in ("counter", "gauge", "histogram") for family in families)
    found = {(each.name, tuple(sorted(each.labels.items()))): each.value for one in families for each in one.samples}
    assert len(found) == sum(len(family.samples) for family in families)
    return found


def test_what_an_operator_wants_to_know_is_there(served: Web) -> None:
    told = figures(served)
    for name in ("phieu_server_start_timestamp_seconds", "phieu_workers", "phieu_worker_starts_total",
                 "phieu_mixer_last_round_timestamp_seconds", "phieu_mixer_starts_total", "phieu_mixer_failures_total",
                 "phieu_disk_free_bytes", "phieu_disk_size_bytes", "phieu_job_running",
                 "phieu_witness_letters_unsent"):  # fmt: skip
        assert told[name, ()] >= 0, name
    for database in ("main", "drafts"):
        assert told["phieu_store_up", (("database", database),)] == 1
        assert told["phieu_database_bytes", (("database", database), ("part", "data"))] % state.LUMP == 0
    assert told["phieu_wave_open", (("wave", "demo"),)] == 1
    assert told["phieu_message_rounds_unfinished", (("wave", "demo"),)] == 0
    assert told["phieu_workers", ()] == 1 and told["phieu_disk_free_bytes", ()] % state.LUMP == 0
    assert not any(name.startswith(("phieu_backup", "phieu_job_last")) for name, _ in told)


def test_seals_and_letters_that_ought_to_be_out(tmp_path: Path) -> None:
    world = worlds.build(tmp_path)
    told = replace(world.settings, seals=SealTimes((time(10, 30),), ("a@b.vn", "c@d.vn")))
    app = create_app(told, lambda: datetime(2026, 3, 10, 5, 0, tzinfo=UTC))
    assert figures(app)["phieu_seals_overdue", ()] == 1 and figures(app)["phieu_witness_letters_unsent", ()] == 2
    timed_seals.seal_due(world.store, app.clock, told)
    assert figures(app)["phieu_seals_overdue", ()] == 0


def test_what_an_operator_is_woken_for_is_a_figure_and_says_how_to_mend(served: Web) -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "metrics.md").read_text("utf-8")
    rules = re.findall(r"(?m)^- alert: (\w+).*\n  expr: (.+)$", page[page.index("## What to be woken for") :])
    figures(served)  # a request is counted once it was answered
    known = {name for name, _ in figures(served)} | {"phieu_backup_last_timestamp_seconds"}
    asked = {name for _, rule in rules for name in re.findall(r"phieu_\w+", rule)}
    assert asked - known == set()
    assert {"phieu_seals_overdue", "phieu_witness_letters_unsent"} <= asked
    mended = dict(re.findall(r"(?m)^\| `(\w+)` \| (.+) \|$", page))
    assert [name for name, _ in rules if not mended.get(name)] == []


def test_a_job_file_that_cannot_be_read_hides_no_other_figure(served: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(settings: object) -> None:
        raise PermissionError(13, "Permission denied", "job.lock")

    before = figures(served)
    monkeypatch.setattr(jobs, "status", refuse)
    told = figures(served)
    assert {name for name, _ in before} - {name for name, _ in told} == {"phieu_job_running"}
    assert ("phieu_mixer_failures_total", ()) in told


def test_ages_of_seals_backups_jobs(served: Web) -> None:
    world = served
    seals.seal(world.store, world.clock, wave.get(world.store, "demo"))
    with world.store.write() as tx:
        append(tx, world.clock, "test", "backup made", None, {})
        append(tx, world.clock, "test", "purged", "demo", {})
    job_record._write(
        world.settings.instance,
        job_record.JobStatus("x", ("freeze",), "lan", "2026-03-01T00:00:00+00:00", "done", "2026-03-01T00:01:00+00:00"),
    )
    told, now = figures(served), world.clock().timestamp()
    assert told["phieu_job_last_end_timestamp_seconds", (("state", "done"),)] == 1772323260
    for name in ("phieu_backup_last_timestamp_seconds", "phieu_purge_last_timestamp_seconds"):
        assert now - 60 < told[name, ()] <= now
    assert now - 60 < told["phieu_seal_last_timestamp_seconds", (("wave", "demo"),)] <= now


def test_a_database_that_takes_nothing_is_told(served: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise StoreError("disk I/O error")

    monkeypatch.setattr(type(served.store), "check_writable", refuse)
    monkeypatch.setattr(state, "open_ones", refuse)
    told = figures(served)
    assert told["phieu_store_up", (("database", "main"),)] == 0
    assert not any(name == "phieu_wave_open" for name, _ in told)


@pytest.mark.both_engines
def test_figures_of_either_engine(scene: Scene) -> None:
    seals.seal(scene.store, scene.clock, scene.wave)
    told = figures(create_app(scene.settings))
    assert told["phieu_store_up", (("database", "main"),)] == told["phieu_store_up", (("database", "drafts"),)] == 1
    assert told["phieu_wave_open", (("wave", "nho"),)] == 1
    assert told["phieu_message_rounds_unfinished", (("wave", "nho"),)] == 0
    assert told["phieu_seal_last_timestamp_seconds", (("wave", "nho"),)] == int(scene.clock().timestamp())
    files = isinstance(scene.settings.database, Path)
    assert any(name == "phieu_database_bytes" for name, _ in told) == files  # a server's are its own to tell


# Requests


def test_respondents_are_counted_in_whole_steps_and_staff_one_by_one(tmp_path: Path) -> None:
    world = worlds.build(tmp_path)
    app = create_app(world.settings, world.clock)
    client = app.test_client()
    for _ in range(3):
        client.get("/desk/sign-in")
        client.head("/desk/")
    code = world.take()
    seen = []
    for _ in range(21):
        client.get(f"/P/{code}")
        client.get(f"/p/{code}?lang=en")
        seen.append(figures(app))
    told = [each.get(("phieu_http_requests_total", of("GET", "/P/<code>", "2xx")), 0) for each in seen]
    assert told == [2 * n // 10 * 10 for n in range(1, 22)]
    assert seen[-1]["phieu_http_requests_total", of("GET", "/desk/sign-in", "2xx")] == 3
    assert seen[-1]["phieu_http_requests_total", of("GET", "/desk/", "3xx")] == 3
    assert not any("/metrics" in dict(labels).values() for _, labels in seen[0])  # it is counted once it has answered


def of(method: str, route: str, status: str) -> tuple[tuple[str, str], ...]:
    return (("method", method), ("route", route), ("status", status))


def test_a_whole_response_is_counted_under_the_patterns_of_its_routes(tmp_path: Path) -> None:
    world = worlds.build(tmp_path)
    app = create_app(world.settings, world.clock)
    patterns = {rule.rule for rule in app.url_map.iter_rules()}
    for _ in range(2):  # the second one goes the short way
        person = Respondent(app, world.take())
        person.fill_to_check()
        assert person.fill().element("receipt")
    app.test_client().get("/nowhere")
    counted = {(each.method, each.route, each.status): each.n for each in app.counts.all(1)}
    for kind in (("POST", "/P/<code>/submit", "2xx"), ("GET", "/P/<code>/check", "2xx"), ("POST", "/P/<code>", "3xx")):
        assert counted[kind] == 2, kind
    assert {route for _, route, _ in counted} <= patterns | {counting.UNKNOWN}
    assert counted["other", counting.UNKNOWN, "4xx"] == 1
    assert all(row.seconds > 0 for row in app.counts.all(1))


def test_what_breaks_is_counted_as_broken(served: Web) -> None:
    def broken(environ: object, start_response: object) -> Iterator[bytes]:
        raise ValueError("7KXM")

    with pytest.raises(ValueError, match="7KXM"):
        counting.watched(broken, served.counts)({"REQUEST_METHOD": "BREW"}, lambda *_: None)  # type: ignore[arg-type, return-value]
    (row,) = served.counts.all(1)
    assert (row.method, row.route, row.status, row.n) == ("other", "-", "5xx", 1)


SECONDS = st.sampled_from([0.0005, *(limit * 0.9 for limit in counting.BOUNDS), 60.0])


@given(st.lists(st.tuples(st.sampled_from(["200 OK", "303 See Other"]), SECONDS), max_size=120), st.integers(1, 25))
def test_figures_of_respondents_move_all_at_once_and_after_a_step_alone(
    asked: list[tuple[str, float]], step: int
) -> None:
    counts = counting.Counts(Map([Rule("/P/<code>", methods=["GET"])]))
    counts.add("GET", "/P/<code>", "200 OK", 0.1)
    before, moves = {each.status: each for each in counts.all(step)}, 0
    for status, seconds in asked:
        counts.add("GET", "/P/<code>", status, seconds)
        now = {each.status: each for each in counts.all(step)}
        for name, each in now.items():
            old = before.get(name, Counted(*each[:3], [0] * 13, 0.0))
            assert each == old or each.n - old.n == step
            assert all(new >= was for new, was in zip(each.buckets, old.buckets, strict=True))
            assert each.seconds == counting.spread(each.buckets)  # what was really added up is not in it
            moves += each != old
        before = now
    assert moves <= (len(asked) + 1) // step
    told = {name: sum(status[:1] == name[:1] for status, _ in asked) + (name == "2xx") for name in ("2xx", "3xx")}
    whole = {name: n // step * step for name, n in told.items() if n >= step}
    assert {name: each.n for name, each in before.items()} == whole


def test_processes_of_one_server_show_the_same(served: Web) -> None:
    """Whichever is asked: what one showed is what the others show until the next step."""
    counts, place = counting.Counts(served.url_map), slots.make(served.counts.width, 2)
    assert place is not None
    counts.join(place)
    for _ in range(9):
        counts.add("GET", "/check", "200 OK", 0.02)
    code = (
        "import sys; from survey import create_app; from survey.config import load; from pathlib import Path\n"
        "counts = create_app(load(Path(sys.argv[1]), {})).counts; counts.join(sys.argv[2])\n"
        "print(list(counts.all(10)))\n"
        "for _ in range(4): counts.add('GET', '/check', '200 OK', 0.3)\n"
        "print([each.n for each in counts.all(10)])"
    )
    command = [sys.executable, "-c", code, str(served.settings.instance), place]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n[13]\n"  # noqa: S603
    counts.add("GET", "/check", "200 OK", 0.02)
    (row,) = counts.all(10)
    assert (row.n, max(row.buckets)) == (13, 9)


def test_every_address_of_the_application_is_judged(served: Web) -> None:
    quiet = {each.route for each in served.counts.series if not each.logged}
    assert quiet >= {"/", "-", "/check", "/P/<code>/submit", "/open/<wave>/<place>", "/kiosk/<place>/fetch"}
    assert any(route.startswith("/desk/w/<wave>/keying/") for route in quiet)
    assert not any(route.startswith(("/desk/sign", "/api/", "/healthz")) for route in quiet)


# Who may


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, Access.GRANTED),
        ({"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]:8000"}, Access.GRANTED),
        ({"HTTP_HOST": "localhost"}, Access.GRANTED),
        ({"REMOTE_ADDR": "10.1.2.3"}, Access.NO_SUCH_PAGE),
        ({"REMOTE_ADDR": ""}, Access.NO_SUCH_PAGE),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, Access.NO_SUCH_PAGE),
        ({"HTTP_FORWARDED": "for=127.0.0.1"}, Access.NO_SUCH_PAGE),
        ({"HTTP_VIA": "1.1 caddy"}, Access.NO_SUCH_PAGE),
        ({"HTTP_HOST": "khaosat.example.vn"}, Access.NO_SUCH_PAGE),
        ({"HTTP_HOST": "[::"}, Access.NO_SUCH_PAGE),
        ({"HTTP_HOST": "127.0.0.1.evil.test"}, Access.NO_SUCH_PAGE),
    ],
)
def test_without_a_token_this_machine_alone(served: Web, more: dict[str, str], verdict: Access) -> None:
    assert access.of(served.settings, NEAR | more) is verdict


def test_with_a_token_whoever_holds_it(served: Web) -> None:
    told = replace(served.settings, metrics=MetricsSettings(True, "metrics.token"))
    assert access.of(told, NEAR) is Access.TOKEN_WANTED  # no such file: nobody
    assert "answered to nobody" in fault(told)
    file = access.file(told)
    for bad in (b"short", b"\xff" * 40):
        file.write_bytes(bad)
        assert access.of(told, NEAR | {"HTTP_AUTHORIZATION": "Bearer short"}) is Access.TOKEN_WANTED
    file.write_text(f"{TOKEN}\n", "utf-8")
    file.chmod(0o644)
    assert "others can read it" in fault(told)
    file.chmod(0o600)
    assert fault(told) == ""
    far = {"REMOTE_ADDR": "10.0.0.9", "HTTP_HOST": "x"}
    assert access.of(told, far | {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}) is Access.GRANTED
    for wrong in ("", "Bearer", f"Bearer {TOKEN}k", "Bearer \ud800é"):
        assert access.of(told, NEAR | {"HTTP_AUTHORIZATION": wrong}) is Access.TOKEN_WANTED


def fault(told: Any) -> str:
    return "".join(finding.fault for finding in health._metrics(told))


def test_the_page_says_which(served: Web) -> None:
    client = served.test_client()
    assert client.get("/metrics", base_url="http://phieu.test/").status_code == 404
    served.settings = replace(served.settings, metrics=MetricsSettings(True, "t"))
    refused = client.get("/metrics", base_url="http://localhost/")
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    access.file(served.settings).write_text(TOKEN, "utf-8")
    figures(served, headers={"Authorization": f"Bearer {TOKEN}"})
    served.settings = replace(served.settings, metrics=MetricsSettings(enabled=False))
    assert client.get("/metrics", base_url="http://localhost/").status_code == 404
    assert list(health._metrics(served.settings)) == []


def test_its_settings_are_checked() -> None:
    faults: list[Fault] = []
    assert settings.read({"enabled": False, "token_file": "t"}, "x", faults) == MetricsSettings(False, "t")
    assert faults == []
    assert settings.read({"enabled": "no", "token_file": 1, "port": 2}, "x", faults) == MetricsSettings()
    assert [str(each) for each in faults] == [
        "x: unknown key “metrics.port”", "x: “metrics.enabled” must be true or false",
        "x: “metrics.token_file” must be the name of a file",
    ]  # fmt: skip


def test_the_configuration_of_figures_is_read(tmp_path: Path) -> None:
    worlds.build(tmp_path)
    (tmp_path / "phieu.toml").write_text("[metrics]\nenabled = 7\n", "utf-8")
    with pytest.raises(Faults, match="must be true or false"):
        load(tmp_path, {})
    (tmp_path / "phieu.toml").write_text("[metrics]\nenabled = false\n", "utf-8")
    assert not load(tmp_path, {}).metrics.enabled


# The format


@given(st.text(), st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 2**53))
def test_any_label_and_number_can_be_read_back(label: str, value: float) -> None:
    label = re.sub(r"[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029\ud800-\udfff]", "", label)  # the parser splits lines at them
    family = Family("x_total", "counter", f"dòng một\nhai \\ {label}".strip())
    family.add(value, route=label)
    (read,) = parsed(text.written([family, Family("empty", "gauge", "none")]))
    assert (read.samples[0].labels, read.samples[0].value) == ({"route": label}, value)


def test_a_histogram_as_the_format_wants_it() -> None:
    family = Family("t_seconds", "histogram", "x")
    family.add_histogram((0.5, 1.0), (2, 0, 3), 4.5, route="/")
    assert text.written([family]).splitlines() == [
        "# HELP t_seconds x",
        "# TYPE t_seconds histogram",
        't_seconds_bucket{route="/",le="0.5"} 2',
        't_seconds_bucket{route="/",le="1"} 2',
        't_seconds_bucket{route="/",le="+Inf"} 5',
        't_seconds_sum{route="/"} 4.5',
        't_seconds_count{route="/"} 5',
    ]


# The memory that processes share

CHILD = """
import sys
from survey.metrics import slots
rows = slots.joined(sys.argv[1], 8)
if rows: rows.mine[3] += 7
print(rows.own if rows else None, flush=True)
sys.stdin.read()
"""


def test_processes_count_side_by_side_and_a_dead_one_takes_nothing_away() -> None:
    place = slots.make(8, 1)
    assert place is not None

    def another() -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-c", CHILD, place], stdin=-1, stdout=-1, text=True)  # noqa: S603

    first, second, third = another(), another(), None
    try:
        assert sorted(each.stdout.readline().strip() for each in (first, second)) == ["1", "2"]  # type: ignore[union-attr]
        assert slots.joined(place, 8) is None  # none is left
        first.kill()
        first.wait()
        third = another()
        assert third.stdout.readline().strip() in "12"  # type: ignore[union-attr]
        third.kill()
        third.wait()
        mine = slots.joined(place, 8)
        assert mine is not None
        assert (list(mine.total(3, 2)), mine.held(), mine.began()) == ([21, 0], 2, 4)
        slots.server_cells(place)[slots.STARTED] = 5
        assert mine.server[slots.STARTED] == 5
    finally:
        for child in filter(None, (first, second, third)):
            child.kill()
            child.communicate()


def test_without_such_memory_each_counts_for_itself(served: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    assert slots.make(8, 1) is None
    served.counts.join("/proc/self/fd/99999")
    served.counts.add("GET", "/", "200 OK", 0.1)
    assert sum(each.n for each in served.counts.all(1)) == 1
    assert slots.alone(8).mixes()


def test_a_step_is_no_smaller_than_k(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(worlds.build(tmp_path).settings)
    large = wave.get(Store(app.settings.database), "demo")
    monkeypatch.setattr(state, "open_ones", lambda store: [replace(large, spec=replace(large.spec, k=25))])
    for _ in range(24):
        app.counts.add("GET", "/", "200 OK", 0.1)
    assert ("phieu_http_requests_total", of("GET", "/", "2xx")) not in figures(app)
    app.counts.add("GET", "/", "200 OK", 0.1)
    assert figures(app)["phieu_http_requests_total", of("GET", "/", "2xx")] == 25
