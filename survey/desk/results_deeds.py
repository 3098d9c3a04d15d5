"""A report's way to the public, each deed asked about on its own page: submit, approve, publish or correct, withdraw.

What counts anew runs as a job under the name of whoever asked; taking results back counts nothing and happens at once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField, SelectMultipleField, StringField
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from forms.faults import Faults
from survey.desk import faces, jobs_page
from survey.desk.amounts import Day
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import account_here, wave_here
from survey.desk.rendering import page
from survey.desk.results_reports import draft_here, report_page
from survey.desk.words_of_fieldwork import kinds
from survey.language import gettext as _
from survey.publishing import register, withdrawal
from survey.publishing.shelf import PACK, Draft
from survey.publishing.withdrawal import House
from survey.web import web


class Deed(DeskForm):
    """A deed on the report as it was seen: ``seen`` is the hash of its manifest."""

    seen = HiddenField()
    sure = BooleanField(validators=[Needed()])


class Approving(Deed):
    """The decision that approves the results."""

    number = StringField(validators=[Needed(), Length(max=100)])
    date = Day(validators=[Needed()])
    signer = StringField(validators=[Needed(), Length(max=200)])


class Publishing(Approving):
    """By which decision, which kinds, with ranks or not, and what is corrected."""

    kinds = SelectMultipleField(choices=[], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
    ranks = BooleanField()
    correction = StringField(validators=[Optional(), Length(max=2000)])


class Withdrawing(DeskForm):
    """Why results are taken back."""

    reason = StringField(validators=[Needed(), Length(max=2000)])
    sure = BooleanField(validators=[Needed()])


@blueprint.route("/w/<wave>/results/report/<int:number>/submit", methods=["GET", "POST"], endpoint="results_submit")
def submit(wave: str, number: int) -> ResponseReturnValue:
    """Submit a draft for approval."""
    return _asked("submit", draft_here(number), Deed(_sent()), lambda form: ["--submit"])


@blueprint.route("/w/<wave>/results/report/<int:number>/approve", methods=["GET", "POST"], endpoint="results_approve")
def approve(wave: str, number: int) -> ResponseReturnValue:
    """Note the decision."""
    return _asked("approve", draft_here(number), Approving(_sent()), lambda form: ["--approve", *_decision(form)])


@blueprint.route("/w/<wave>/results/report/<int:number>/publish", methods=["GET", "POST"], endpoint="results_publish")
def publish(wave: str, number: int) -> ResponseReturnValue:
    """Publish, or publish anew what corrects a version that is out."""
    one, form = draft_here(number), Publishing(_sent())
    form.kinds.choices = [(kind, kinds().get(kind, kind)) for kind in one.kinds]
    if request.method == "GET":
        form.ranks.data, form.kinds.data = True, list(one.kinds)
        told = one.decision or {}
        form.number.data, form.signer.data = told.get("number"), told.get("signer")
        form.date.data = _day(told.get("date"))
    return _asked("publish", one, form, lambda form: _wishes(form, one))


def _day(text: str | None) -> Any:
    from datetime import date

    return date.fromisoformat(text) if text else None


def _sent() -> Any:
    return request.form if request.method == "POST" else None


def _line(text: str | None) -> str:
    """What was typed as one line that a command can be given."""
    return " ".join("".join(each if each.isprintable() else " " for each in text or "").split())


def _decision(form: Any) -> list[str]:
    return [f"--decision={_line(form.number.data)}", f"--date={form.date.data.isoformat()}",
            f"--signer={_line(form.signer.data)}"]  # fmt: skip


def _wishes(form: Any, one: Draft) -> list[str]:
    chosen = [] if set(form.kinds.data) == set(one.kinds) else [f"--kind={kind}" for kind in form.kinds.data]
    correction = [f"--correction={_line(form.correction.data)}"] if _line(form.correction.data) else []
    return [*_decision(form), *chosen, *([] if form.ranks.data else ["--without-ranks"]), *correction]


def _asked(deed: str, one: Draft, form: Any, options: Callable[[Any], list[str]]) -> ResponseReturnValue:
    """Ask, or start the job that does it."""
    if request.method == "GET":
        form.seen.data = one.digest
        return _page(deed, one, form)
    if not form.validate() or not _may(deed, one, form):
        return _page(deed, one, form, 422)
    if form.seen.data != one.digest:
        form.form_errors.append(_changed(one.folder / PACK))
        form.seen.data = one.digest
        return _page(deed, one, form, 422)
    wave = wave_here().spec.id
    try:
        jobs_page.begin("publish", str(one.folder), *options(form), wave=wave)
    except Faults as faults:
        form.refuse(faults)
        return _page(deed, one, form, 422)
    flash(_("Đã bắt đầu. Xem tiến độ ở dưới."))
    return redirect(url_for("desk.results_report", wave=wave, number=one.number), 303)


def _changed(file: Path) -> str:
    from datetime import UTC, datetime

    at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return _("Nội dung này đã được người khác sửa lúc %(at)s. Xin xem lại rồi gửi lần nữa.", at=faces.moment(at))


def _may(deed: str, one: Draft, form: Any) -> bool:
    """What can be said before the job runs, beside the field it is about."""
    if deed != "publish":
        return True
    if not form.kinds.data:
        form.kinds.errors = [_("Chọn ít nhất một loại cơ quan.")]
        return False
    name = register.ALL if set(form.kinds.data) == set(one.kinds) else "-".join(form.kinds.data)
    out = register.named(register.read(web().settings.instance, wave_here().spec.id), name)
    if out is not None and out.current is not None and not _line(form.correction.data):
        form.correction.errors = [_("Bản số %(n)s đang công bố: ghi rõ bản mới đính chính điều gì.",
                                    n=out.current.number)]  # fmt: skip
        return False
    return True


def _page(deed: str, one: Draft, form: Any, status: int = 200) -> Response:
    return report_page(one, status, deed=deed, form=form)


@blueprint.route("/w/<wave>/results/withdraw/<name>", methods=["GET", "POST"], endpoint="results_withdraw")
def withdraw(wave: str, name: str) -> ResponseReturnValue:
    """Take what is published off the public address."""
    instance = web().settings.instance
    found = register.named(register.read(instance, wave_here().spec.id), name)
    if found is None or found.current is None:
        abort(404)
    form = Withdrawing(_sent())
    if request.method == "GET" or not form.validate():
        return page("results_withdraw.html", status=200 if request.method == "GET" else 422, form=form, name=name,
                    version=found.current)  # fmt: skip
    house = House(instance, web().store, web().clock, account_here().who)
    withdrawal.withdraw(house, wave, name, form.reason.data.strip())
    flash(_("Đã rút. Trang công khai nói rõ kết quả đã được rút và lý do."))
    return redirect(url_for("desk.results", wave=wave), 303)
