"""Reports at the desk: a new one as a job, and one with all its files."""

from __future__ import annotations

import mimetypes
import re
from pathlib import PurePosixPath

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from forms.faults import Faults
from forms.framework import Framework
from survey import exports, headers, library
from survey.desk import downloads, faces, jobs_page
from survey.desk.blueprint import blueprint
from survey.desk.gate import wave_here
from survey.desk.navigation import every_wave
from survey.desk.rendering import page
from survey.desk.results import report_state
from survey.desk.results_tables import NewReport, keep
from survey.language import gettext as _
from survey.publishing import register, shelf
from survey.publishing.shelf import Draft
from survey.web import web

FIRST = ("index.html", "bao-cao.pdf", "bao-cao.docx", "index.xlsx", "phieu-don-vi.pdf", "to-trinh.docx",
         "quyet-dinh.docx", "result.json", "annexes.json")  # fmt: skip
_STYLE, _SCRIPT = re.compile(r"<style>(.*?)</style>", re.DOTALL), re.compile(r"<script>(.*?)</script>", re.DOTALL)


@blueprint.route("/w/<wave>/results/report/new", methods=["GET", "POST"], endpoint="results_new")
def new(wave: str) -> ResponseReturnValue:
    """What the report is made of; then a job makes it."""
    here, frozen = wave_here(), shelf.datasets(web().store, wave, web().settings.instance)
    form = NewReport(None if request.method == "GET" else request.form | request.files)
    form.fill(here, frozen)
    if request.method == "GET":
        return page("results_new.html", form=form)
    if not form.judge():
        return page("results_new.html", status=422, form=form)
    chosen = {one.name: one for one in frozen}[form.dataset.data]
    known = {each.name: each.document for each in library.counted(web().store, every_wave())}
    framework = known[form.framework.data]
    assert isinstance(framework, Framework)  # noqa: S101 - the list holds no other
    target = shelf.next_report(web().settings.instance, wave)
    try:
        options = keep(form, here, shelf.given(target), framework.text)
        jobs_page.begin("report", f"--dataset={chosen.folder}", *options, "-o", str(target), wave=wave)
    except Faults as faults:
        form.refuse(faults)
        return page("results_new.html", status=422, form=form)
    flash(_("Đang lập báo cáo bản số %(n)s.", n=target.name))
    return redirect(url_for("desk.results", wave=wave), 303)


def draft_here(number: int) -> Draft:
    """The report that the address names; 404 where there is none."""
    found = shelf.draft(web().settings.instance, wave_here().spec.id, number)
    return found if found is not None else abort(404)


@blueprint.get("/w/<wave>/results/report/<int:number>", endpoint="results_report")
def report(wave: str, number: int) -> ResponseReturnValue:
    """One report: where it stands, what it was made of, its files, and what can be done with it."""
    return report_page(draft_here(number))


def report_page(one: Draft, status: int = 200, **more: object) -> Response:
    """The page of a report, with a deed's form where one is being asked about."""
    wave = wave_here().spec.id
    job = jobs_page.latest_of(wave)
    out = register.read(web().settings.instance, wave)
    files = shelf.ordered(tuple(one.files), FIRST)
    folders: dict[str, list[str]] = {}
    for name in files:
        folders.setdefault(str(PurePosixPath(name).parent), []).append(name)
    return page(
        "results_report.html", status=status, one=one, state=report_state(one.state), top=folders.pop(".", []),
        folders=folders, what=_what(), live=job is not None and job.running, job=jobs_page.card(job) if job else None,
        date_of=faces.date_of, current=next((each.current for each in out if each.current), None), **more,
    )  # fmt: skip


def _what() -> dict[str, str]:
    return {
        "index.html": _("Trang kết quả"), "bao-cao.pdf": _("Báo cáo để in"), "bao-cao.docx": _("Báo cáo để sửa lời"),
        "index.xlsx": _("Bảng tính"), "phieu-don-vi.pdf": _("Phiếu từng cơ quan"),
        "to-trinh.docx": _("Dự thảo tờ trình"), "quyet-dinh.docx": _("Dự thảo quyết định"),
        "result.json": _("Kết quả cho máy đọc"), "annexes.json": _("Phụ lục cho máy đọc"),
        "don-vi": _("Trang của từng cơ quan"), "du-lieu-mo": _("Dữ liệu mở"), "bieu-do": _("Biểu đồ"),
    }  # fmt: skip


@blueprint.get("/w/<wave>/results/report/<int:number>/file/<path:name>", endpoint="results_file")
def file(wave: str, number: int, name: str) -> Response:
    """A file that the report's manifest names and that is still what it names; pages are shown, others saved."""
    one = draft_here(number)
    content = shelf.is_sound(one.folder, one.files, name)
    if content is None:
        abort(404)
    suffix = PurePosixPath(name).suffix
    if suffix == ".html":
        return _shown(content.decode("utf-8"))
    kind = exports.TABLES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return downloads.file(f"{wave}-{PurePosixPath(name).name}", content, kind)


def _shown(text: str) -> Response:
    """A page of the report with its own style and script, and nothing else, allowed."""
    style, script = (found.group(1) if (found := each.search(text)) else "" for each in (_STYLE, _SCRIPT))
    response = Response(text, mimetype="text/html")
    response.headers["Content-Security-Policy"] = headers.policy(style=style, script=script)
    return response
