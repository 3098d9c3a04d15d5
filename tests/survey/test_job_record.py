"""A job beside the server: started once, seen by any worker, whatever becomes of it."""

from __future__ import annotations

import fcntl
import json
import sys

import pytest

from forms.faults import Faults
from survey import job_record, jobs, mixer, sides

CHILD = """
import sys
from survey import jobs
jobs.tell(1, 4, "mở hộp")
print("kết quả"); print("lời nhắn", file=sys.stderr)
"""


@pytest.fixture
def child(monkeypatch, tmp_path):
    """Let jobs run a script of ours in place of the phieu command."""

    def use(source: str) -> None:
        (tmp_path / "child.py").write_text(CHILD + source, "utf-8")
        monkeypatch.setattr(jobs, "command", lambda instance, *arguments: [sys.executable, str(tmp_path / "child.py")])

    return use


def watched(settings, clock, source, child):
    """Begin a job and watch it to its end, in this process."""
    child(source)
    with jobs._alone(settings.instance, ("freeze",)) as lock:
        job_record.begin(settings.instance, ("freeze", "--wave", "nho"), "desk:lan", clock)
        assert jobs.status(settings).running
        job_record.watch(settings.instance, lock, ("freeze",), clock)
    return jobs.status(settings)


def test_before_the_first_job_there_is_none(settings, clock):
    assert jobs.status(settings) is None
    job_record.watch(settings.instance, 0, ("freeze",), clock)
    for told in ("broken", "[]", "{}", '{"arguments": ["freeze"], "messages": [], "of_a_newer_version": 1}'):
        (settings.instance / job_record.FILE).write_text(told, "utf-8")
        assert jobs.status(settings) is None


def test_what_a_job_did_is_kept(settings, clock, child):
    ended = watched(settings, clock, "", child)
    assert (ended.state, ended.done, ended.total, ended.text) == ("done", 1, 4, "mở hộp")
    assert ended.output == "kết quả\n" and ended.messages == ("lời nhắn",) and ended.share == 0.25
    assert ended.who == "desk:lan" and ended.ended_at and not ended.running
    assert (settings.instance / job_record.FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("source", "state"),
    [("print('phieu: no such wave', file=sys.stderr); sys.exit(2)", "refused"), ("raise RuntimeError('x')", "failed")],
)
def test_a_job_that_was_refused_or_failed_says_so(settings, clock, child, source, state):
    ended = watched(settings, clock, source, child)
    assert ended.state == state and ended.messages
    if state == "refused":
        assert "no such wave" in ended.messages[-1] and ended.share is not None


def test_a_job_whose_watcher_was_killed_was_interrupted(settings, clock):
    job_record.begin(settings.instance, ("freeze",), "desk:lan", clock)
    assert jobs.status(settings).state == "interrupted" and jobs.status(settings).share is None


def test_two_who_press_at_once(settings):
    (settings.instance / "job.lock").write_text("phieu freeze", "utf-8")
    with (settings.instance / "job.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Faults, match="`phieu freeze` is still running"):
            jobs.start(settings, "report", who="desk:lan")


def test_a_started_job_runs_by_itself_and_the_log_names_who_asked(settings, monkeypatch):
    jobs.start(settings, "user", "add", "lan", "--full-name", "Lan", "--office", "Trường", "--role", "analyst",
               who="desk:hoa")  # fmt: skip
    with pytest.raises(Faults, match="still running"):
        jobs.start(settings, "user", "list", who="desk:hoa")
    jobs._STARTED[-1].wait(60)
    status = jobs.status(settings)
    assert status.state == "done" and len(status.output.strip()) == 23
    from survey.store import Store

    with Store(settings.database).read() as tx:
        assert str(list(tx.audit_all())[-1]["who"]).startswith("desk:hoa by cli")
    assert json.loads((settings.instance / job_record.FILE).read_text("utf-8"))["who"] == "desk:hoa"


def test_the_end_of_a_job_is_said_once_and_by_whoever_may_have_started_it(child, settings, clock, caplog, monkeypatch):
    watched(settings, clock, "", child)
    with caplog.at_level("INFO", "phieu"):
        ended = mixer.Ended(settings)
        ended.look()  # it ended before there was a mixer
        watched(settings, clock, "sys.exit(1)", child)
        ended.look()
        ended.look()
        monkeypatch.setenv(sides.ONLY, sides.Side.PUBLIC)
        watched(settings, clock, "", child)
        ended.look()
    (said,) = [record for record in caplog.records if record.event == "job.ended"]
    assert (said.levelname, said.fields["state"], said.fields["command"]) == ("WARNING", "failed", "freeze")
    assert "--wave" not in str(said.fields)
