"""Long work in a child: its output, its progress, its faults, and never two at once."""

from __future__ import annotations

import fcntl
import sys

import pytest

from forms.faults import Faults
from survey import jobs

CHILD = """
import sys
from survey import jobs
from forms.faults import Fault, Faults
def work():
    for done in (1, 2):
        jobs.tell(done, 2, "đếm")
    print("kết quả")
    print("lời nhắn", file=sys.stderr)
    print('{"done": broken', file=sys.stderr)
"""


@pytest.fixture
def child(monkeypatch, tmp_path):
    """Let jobs start a script of ours in place of the phieu command."""

    def use(source: str) -> None:
        (tmp_path / "child.py").write_text(CHILD + source, "utf-8")
        monkeypatch.setattr(jobs, "command", lambda instance, *arguments: [sys.executable, str(tmp_path / "child.py")])

    return use


def test_output_messages_and_progress_arrive_apart(child, tmp_path):
    child("work()")
    heard: list[jobs.Progress] = []
    finished = jobs.run(tmp_path / "new", "freeze", heard=heard.append)
    assert finished.output == "kết quả\n"
    assert finished.messages == ("lời nhắn", '{"done": broken')
    assert heard == [jobs.Progress(1, 2, "đếm"), jobs.Progress(2, 2, "đếm")]


def test_nobody_listening_hears_nothing(monkeypatch, capsys):
    monkeypatch.delenv(jobs.PROGRESS, raising=False)
    jobs.tell(1, 2, "đếm")
    assert capsys.readouterr().err == ""


def test_wrong_input_comes_back_as_its_faults(child, tmp_path):
    child("print('phieu: a.csv:3: no such unit', file=sys.stderr); sys.exit(2)")
    with pytest.raises(Faults) as stopped:
        jobs.run(tmp_path, "frame")
    assert [str(fault) for fault in stopped.value.faults] == ["a.csv:3: no such unit"]


def test_a_failure_of_the_program_is_another_thing(child, tmp_path):
    child("raise RuntimeError('broken')")
    with pytest.raises(jobs.JobFailed, match=r"(?s)`phieu report -o x` failed.*RuntimeError: broken"):
        jobs.run(tmp_path, "report", "-o", "x")


def test_much_output_on_both_pipes_blocks_nobody(child, tmp_path):
    child("for n in range(20000):\n  print('o' * 50)\n  print('e' * 50, file=sys.stderr)")
    finished = jobs.run(tmp_path, "export")
    assert len(finished.output) == 51 * 20000
    assert len(finished.messages) == 20000


def test_one_job_at_a_time(child, tmp_path):
    child("work()")
    with (tmp_path / "job.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write("phieu freeze --wave demo")
        other.flush()
        with pytest.raises(Faults, match="`phieu freeze --wave demo` is still running"):
            jobs.run(tmp_path, "report")
    assert jobs.run(tmp_path, "report").output == "kết quả\n", "and the next may run once it is over"


def test_nobody_else_gets_the_lock_while_the_child_runs(child, tmp_path):
    child(
        "import fcntl\n"
        f"second = open({str(tmp_path / 'job.lock')!r})\n"
        "try:\n  fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB); print('free')\n"
        "except BlockingIOError:\n  print('held')\n"
    )
    assert jobs.run(tmp_path, "freeze").output == "held\n"


def test_the_command_is_our_own_interpreter(tmp_path):
    assert jobs.command(tmp_path, "init") == [sys.executable, "-m", "survey.cli", "--instance", str(tmp_path), "init"]
