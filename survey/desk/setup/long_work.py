"""Work on lists: done at once while they are short, beside the server as a job when a page would have to wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request

from survey import jobs, said
from survey.desk import jobs_page
from survey.language import SOURCE, chosen
from survey.language import gettext as _
from survey.web import web

LONG_ROWS = 20_000  # about a second of work; a worker that serves respondents is not held longer
LONG_BYTES = 2 << 20


@dataclass(frozen=True, slots=True)
class Working:
    """A job on a wave's lists as its page shows it; ``share`` None while nobody can know."""

    running: bool
    name: str
    share: float | None = None
    telling: str = ""
    refused: tuple[str, ...] = ()
    over: bool = False  # it ended while somebody watched


def do(long: bool, at_once: Callable[[], object], *arguments: str, wave: str) -> bool:
    """Do it now, or begin ``phieu ARGUMENTS``; True when it is done. Raises Faults, also when another job runs."""
    if long:
        jobs_page.begin(*arguments, wave=wave)
    else:
        at_once()
    return not long


def begun() -> str:
    """What is said of work that goes on beside the server."""
    return _("Danh sách dài nên được xử lý riêng; trang này cho biết đến đâu. Có thể rời trang.")


def on(*beginning: str, wave: str) -> Working | None:
    """The job of this kind on this wave that runs, or was the last; None when there is nothing to be said of it."""
    status = jobs.status(web().settings)
    mine = status is not None and status.arguments[: len(beginning)] == beginning and wave in status.arguments
    if status is None or not mine:
        return None
    vietnamese = chosen() == SOURCE
    if status.running:
        telling = said.deed(status.text, chosen()) if status.text else ""
        return Working(True, jobs_page.name_of(status.arguments), status.share, telling)
    watched = bool(request.headers.get("X-Phieu-Refresh"))
    if status.state == "done":
        return Working(False, jobs_page.name_of(status.arguments), over=True) if watched else None
    lines = status.messages or (_("Việc bị ngắt giữa chừng, chưa có gì thay đổi. Xin làm lại."),)
    told = tuple(said.vietnamese(line) if vietnamese else line for line in lines)
    return Working(False, jobs_page.name_of(status.arguments), refused=told)
