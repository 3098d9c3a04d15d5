"""Results at the desk, first page: what was frozen, made of it and published, and the next thing to do."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from forms.faults import Faults
from survey import placed_key, seals
from survey.desk import faces, jobs_page
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import wave_here
from survey.desk.rendering import page
from survey.language import gettext as _
from survey.placed_key import Placed
from survey.publishing import register, shelf
from survey.publishing.register import Publication
from survey.publishing.shelf import Shelved
from survey.wave import RegisteredWave
from survey.web import web

FREEZE, REPORT, PUBLISH, DONE = "freeze", "report", "publish", "done"


class Freezing(DeskForm):
    """That one means it: a dataset is never written over."""

    sure = BooleanField(validators=[Needed()])


@dataclass(frozen=True, slots=True)
class Keys:
    """Where the private key is, as far as the desk may know: made here, placed, or elsewhere."""

    here: bool
    placed: Placed
    place: str
    command: str

    @property
    def ready(self) -> bool:
        """Whether a job can freeze."""
        return self.here or self.placed is Placed.READY


@blueprint.get("/w/<wave>/results", endpoint="results")
def first(wave: str) -> ResponseReturnValue:
    """Where the counting of a wave stands."""
    return _page(Freezing(None))


@blueprint.post("/w/<wave>/results/freeze", endpoint="results_freeze")
def freeze(wave: str) -> ResponseReturnValue:
    """Start a job that freezes, with the key that an operator placed or the server made."""
    form, here = Freezing(request.form), wave_here()
    interim = here.state == "open"
    if not form.validate():
        return _page(form, 422)
    keys = _keys(here, interim=interim)
    if not keys.ready or (interim and not _declared(here)):
        form.form_errors.append(_("Chưa chốt được: đợt chưa đóng, hoặc khóa riêng chưa nằm đúng chỗ."))
        return _page(form, 422)
    target = shelf.next_dataset(web().settings.instance, wave, interim=interim)
    options = (["--interim"] if interim else []) + ([] if keys.here else ["--placed"])
    try:
        jobs_page.begin("freeze", "--wave", wave, *options, "-o", str(target), wave=wave)
    except Faults as faults:
        form.refuse(faults)
        return _page(form, 422)
    flash(_("Đang chốt số liệu."))
    return redirect(url_for("desk.results", wave=wave), 303)


def _page(form: Freezing, status: int = 200) -> ResponseReturnValue:
    here, instance = wave_here(), web().settings.instance
    frozen = shelf.datasets(web().store, here.spec.id, web().settings.instance)
    final = [one for one in frozen if not one.interim and one.manifest is not None]
    drafts = shelf.drafts(instance, here.spec.id)
    out = register.read(instance, here.spec.id)
    job = jobs_page.latest_of(here.spec.id)
    return page(
        "results.html", status=status, form=form, frozen=frozen, drafts=drafts, published=out,
        next=_next(bool(final), bool(drafts), out), keys=_keys(here, interim=here.state == "open"),
        declared=here.state == "open" and _declared(here), job=jobs_page.card(job) if job else None,
        live=job is not None and job.running, counts=_counts, whole=faces.whole, moment=faces.moment,
        date_of=faces.date_of, state_of=report_state, version_state=version_state, final=final[0] if final else None,
    )  # fmt: skip


def _next(final: bool, drafted: bool, out: tuple[Publication, ...]) -> str:
    if not final:
        return FREEZE
    if any(each.current for each in out):
        return DONE
    return PUBLISH if drafted else REPORT


def _declared(here: RegisteredWave) -> bool:
    with web().store.read() as tx:
        return seals.declares_interim(tx, here.spec.id)


def _keys(here: RegisteredWave, *, interim: bool) -> Keys:
    instance, wave = web().settings.instance, here.spec.id
    target = shelf.next_dataset(instance, wave, interim=interim)
    words = ["phieu", "--instance", str(instance), "freeze", "--wave", wave, *(["--interim"] if interim else [])]
    made_here = web().keyring.private_file(wave) is not None
    key = [] if made_here else ["--key", "KHOA_RIENG.pem"]
    return Keys(made_here, placed_key.look(instance, wave), str(placed_key.place(instance, wave)),
                shlex.join([*words, *key, "-o", str(target)]))  # fmt: skip


def _counts(one: Shelved) -> Mapping[str, str]:
    return {name: faces.whole(n) for name, n in one.counts.items()}


def report_state(state: str) -> str:
    """Where a report stands, as people say it."""
    return {
        "draft": _("Dự thảo"), "submitted": _("Đã trình"), "approved": _("Đã có quyết định"),
        "published": _("Đã công bố"),
    }.get(state, state)  # fmt: skip


def version_state(state: str) -> str:
    """What became of a version."""
    return {
        register.PUBLISHED: _("Đang công bố"), register.CORRECTED: _("Đã đính chính"),
        register.WITHDRAWN: _("Đã rút"),
    }.get(state, state)  # fmt: skip
