"""The one job that runs beside the server: how far it is, what came of it."""

from __future__ import annotations

import re
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from survey import audit, jobs, said
from survey.desk import faces
from survey.desk.blueprint import blueprint
from survey.desk.gate import account_here, allowed
from survey.desk.rendering import page
from survey.job_record import JobStatus
from survey.language import SOURCE, chosen
from survey.language import gettext as _
from survey.web import web

COUNTING = ("close", "freeze", "analyse", "report", "publish")
_WAVE = re.compile(r"[a-z][a-z0-9_]*")


@blueprint.get("/jobs", endpoint="jobs")
def every() -> ResponseReturnValue:
    """The running job, else the last; ``?wave=`` names where one came from."""
    wave = request.args.get("wave", "")
    back = url_for("desk.results", wave=wave) if _WAVE.fullmatch(wave) and allowed("results") else ""
    return page("jobs.html", back=back, **card(jobs.status(web().settings)))


def card(status: JobStatus | None) -> dict[str, Any]:
    """What the template of a job shows."""
    return {
        "status_of": status, "mine": status is not None and status.who == account_here().who,
        "name": name_of(status.arguments) if status else "", "state": _state(status),
        "asker": faces.who(status.who) if status else "",
        "started": faces.moment(status.started_at) if status else "",
        "ended": faces.moment(status.ended_at) if status and status.ended_at else "", "percent": faces.percent,
        "telling": said.deed(status.text, chosen()) if status else "",
        "messages": _said(status.messages) if status else [],
    }  # fmt: skip


def _said(messages: tuple[str, ...]) -> list[str]:
    return [said.line(line) if chosen() == SOURCE else line for line in messages]


def latest_of(wave: str) -> JobStatus | None:
    """The job that runs or ran last, if it is about this wave's counting."""
    status = jobs.status(web().settings)
    if status is None or not status.arguments or status.arguments[0] not in COUNTING:
        return None
    ours = any(part == wave or f"/{wave}/" in part for part in status.arguments[1:])
    return status if ours else None


def begin(*arguments: str, wave: str | None = None) -> None:
    """Start a job for whoever is signed in, and log it. For view modules; raises Faults when another job runs."""
    w, person = web(), account_here()
    jobs.start(w.settings, *arguments, who=person.who, clock=w.clock)
    with w.store.write() as tx:
        audit.append(tx, w.clock, person.who, "job started", wave, {"arguments": list(arguments)})


def name_of(arguments: tuple[str, ...]) -> str:
    """A job as people call it."""
    if arguments[:1] == ("publish",) and "--submit" in arguments:
        return _("Trình duyệt báo cáo")
    if arguments[:1] == ("publish",) and "--approve" in arguments:
        return _("Ghi quyết định phê duyệt")
    return {
        "close": _("Đóng đợt"), "freeze": _("Chốt số liệu"), "report": _("Lập báo cáo"), "export": _("Xuất bộ dữ liệu"),
        "index": _("Tính chỉ số"), "analyse": _("Tính số liệu theo câu hỏi"),
        "frame": _("Nạp danh sách"), "sample": _("Rút mẫu"), "slips": _("In phiếu"),
        "letters": _("In thư"), "send": _("Gửi thư điện tử"), "publish": _("Công bố"),
        "proof": _("Lập hồ sơ thực hiện"),
    }.get(arguments[0], arguments[0]) if arguments else ""  # fmt: skip


def _state(status: object) -> str:
    return {
        "running": _("Đang chạy"), "done": _("Đã xong"), "refused": _("Không thực hiện được"),
        "failed": _("Bị lỗi"), "interrupted": _("Bị ngắt giữa chừng"),
    }.get(getattr(status, "state", ""), "")  # fmt: skip
