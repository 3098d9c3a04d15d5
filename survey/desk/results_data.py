"""A frozen dataset at the desk: its manifest's facts, and its figures by unit and item as a job made them.

The page reads what ``phieu analyse`` wrote, small cells already hidden by the one engine; it counts nothing itself.
"""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from forms.faults import Faults
from survey.desk import downloads, faces, item_view, jobs_page
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm
from survey.desk.gate import wave_here
from survey.desk.rendering import page
from survey.language import gettext as _
from survey.publishing import comment_themes, shelf
from survey.publishing.shelf import Shelved
from survey.web import web


class Starting(DeskForm):
    """Nothing but the token."""


def dataset_here(name: str) -> Shelved:
    """The dataset that the address names, still what its freeze logged; 404 otherwise."""
    found = (
        one
        for one in shelf.datasets(web().store, wave_here().spec.id, web().settings.instance)
        if one.name == name and one.manifest
    )
    return next(found, None) or abort(404)


def figures_of(one: Shelved, name: str) -> Any:
    """A document of the figures of a dataset; None before they were made."""
    return shelf.document(shelf.figures(web().settings.instance, wave_here().spec.id, one.name) / name)


@blueprint.get("/w/<wave>/results/data/<name>", endpoint="results_data")
def data(wave: str, name: str) -> ResponseReturnValue:
    """Facts of the manifest and, once they were made, the figures that the address asks for."""
    return _page(dataset_here(name), Starting(None))


def _page(one: Shelved, form: Starting, status: int = 200) -> ResponseReturnValue:
    job = jobs_page.latest_of(wave_here().spec.id)
    about = figures_of(one, shelf.ABOUT)
    seen = item_view.seen(about, request.args, lambda name: figures_of(one, name)) if about else None
    return page(
        "results_data.html", status=status, one=one, form=form, about=about, seen=seen, facts=_facts(one),
        manifest=one.manifest, job=jobs_page.card(job) if job else None, live=job is not None and job.running,
        whole=faces.whole, moment=faces.moment, query=item_view.query(request.args),
    )  # fmt: skip


@blueprint.post("/w/<wave>/results/data/<name>/analyse", endpoint="results_analyse")
def analyse(wave: str, name: str) -> ResponseReturnValue:
    """Start the job that makes the figures."""
    one, form = dataset_here(name), Starting(request.form)
    if one.interim:
        form.form_errors.append(_("Bộ chốt tạm chỉ cho xem số lượng."))
        return _page(one, form, 422)
    instance = web().settings.instance
    target, themes = shelf.figures(instance, wave_here().spec.id, one.name), comment_themes.place(instance, wave)
    given = ("--themes", str(themes)) if themes.is_file() else ()
    try:
        jobs_page.begin("analyse", "--dataset", str(one.folder), *given, "-o", str(target), wave=wave)
    except Faults as faults:
        form.refuse(faults)
        return _page(one, form, 422)
    flash(_("Đang tính. Có thể rời trang này."))
    return redirect(url_for("desk.results_data", wave=wave, name=name), 303)


@blueprint.get("/w/<wave>/results/data/<name>/figures.<kind>", endpoint="results_figures")
def figures(wave: str, name: str, kind: str) -> Response:
    """What is seen as a table: the figures of the unit or the item that the address asks for; CSV or XLSX."""
    one = dataset_here(name)
    about = figures_of(one, shelf.ABOUT)
    if about is None or kind not in ("csv", "xlsx"):
        abort(404)
    seen = item_view.seen(about, request.args, lambda file: figures_of(one, file))
    return downloads.table(f"{wave}-{seen.name}.{kind}", *item_view.table(seen))


@blueprint.get("/w/<wave>/results/data/<name>/all.csv", endpoint="results_all")
def all_figures(wave: str, name: str) -> Response:
    """Every figure, as the job wrote them."""
    file = shelf.figures(web().settings.instance, wave_here().spec.id, dataset_here(name).name) / shelf.FIGURES
    if not file.is_file():
        abort(404)
    return downloads.file(f"{wave}-figures.csv", file.read_bytes(), "text/csv")


def _facts(one: Shelved) -> list[tuple[str, str]]:
    told = one.manifest or {}
    origin = _("máy chủ tạo ra") if told.get("key_origin") == "server" else _("tạo ngoài máy chủ")
    n = {name: faces.whole(value) for name, value in one.counts.items()}
    return [
        (_("Mã băm của bộ dữ liệu"), one.hash),
        (_("Chốt lúc"), _("%(at)s, người chốt: %(who)s", at=faces.moment(one.at), who=one.who)),
        (_("Nơi lưu"), str(one.folder)),
        (_("Khóa"), origin),
        (_("Phiếu phát ra, đã dùng, hộp mở được"), " · ".join(n.get(key, "0") for key in ("issued", "spent", "boxes"))),
        (_("Người trả lời, lượt đánh giá"), " · ".join(n.get(key, "0") for key in ("respondents", "assessments"))),
        (_("Không thuộc đối tượng, bỏ dở, ô quá ít người"),
         " · ".join(n.get(key, "0") for key in ("screened_out", "broke_off", "too_few"))),
        (_("Niêm phong"), faces.whole(len(told.get("seals", ())))),
        (_("Kế hoạch (mã băm)"), str(told.get("plan_sha256", ""))),
        (_("Phần mềm"), str(told.get("product", ""))),
    ]  # fmt: skip
