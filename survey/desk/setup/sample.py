"""The sample plan: what each group's design brings for each unit, and what another number or error would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, StringField

from forms.faults import Faults
from survey.desk.blueprint import blueprint
from survey.desk.setup import long_work
from survey.desk.setup.page import Shown, StepForm, keep, load, show, typed
from survey.language import chosen
from survey.language import gettext as _
from survey.sample.planning import Plan
from survey.setup import groups, planned
from survey.setup.checking import Step
from survey.setup.planned import Table
from survey.setup.preparation import Data
from survey.wave import Group
from survey.web import web

MOST_ROWS = 150  # of a group's table on one page, the smallest first


class Design(StepForm):
    """What is tried: the part of a group's design that says how many."""

    size = RadioField(validate_choice=False)
    n = StringField()
    error = StringField()
    min = StringField()
    response = StringField()
    reserve = StringField()


@dataclass(frozen=True, slots=True)
class Line:
    """A group in the overview; errors are of its units, None where it has no table yet."""

    id: str
    name: str
    plan: Plan | None
    fresh: bool
    returns: float = 0.0
    best: float | None = None
    middle: float | None = None
    worst: float | None = None


@blueprint.get("/w/<wave>/setup/sample", endpoint="setup_sample")
def setup_sample(wave: str) -> ResponseReturnValue:
    """The overview of all groups, and the table of one."""
    shown = load(wave)
    return _show(shown, request.args.get("group", ""))


def _show(shown: Shown, asked: str, form: Design | None = None) -> ResponseReturnValue:
    wave = shown.registered
    tables = planned.tables(web().store, wave)
    lines = [_line(group, tables.get(group.id)) for group in wave.spec.listed_groups]
    here = next((line for line in lines if line.id == asked), lines[0] if lines else None)
    table = _table_of(shown, here.id) if here else {}
    if form is None and here and not shown.now.fixed and "design" in table:
        told = groups.shown(table)
        form = Design(None, **{field.name: told.get(field.name) for field in Design(None) if field.name in told},
                      revision=shown.now.revision)  # fmt: skip
    if form is not None:
        form.size.choices = [("n", _("Số phiếu")), ("slovin", _("Sai số, Slovin")), ("cochran", _("Sai số, Cochran"))]
    names = {unit.id: unit.name.of(chosen()) for unit in wave.spec.units}
    rows = here.plan.rows[:MOST_ROWS] if here and here.plan else ()
    return show("sample.html", shown, Step.SAMPLE, status=422 if form and form.errors else 200, lines=lines, line=here,
                rows=rows, names=names, form=form, census=table.get("design", {}).get("method", "census") == "census",
                working=long_work.on(*_PLAN, wave=shown.id),
                total_drawn=sum(line.plan.invitations for line in lines if line.plan))  # fmt: skip


_PLAN = ("sample", "plan", "--wave")


def is_long(shown: Shown) -> bool:
    """Whether working on all lists of the wave would keep a page waiting."""
    return sum(each.rows for each in shown.standing.lists.values()) > long_work.LONG_ROWS


def _line(group: Group, table: Table | None) -> Line:
    name = group.name.of(chosen())
    if table is None:
        return Line(group.id, name, None, False)
    margins = [row.margin for row in table.plan.rows if row.margin is not None]
    returns = table.plan.invitations * group.design.response
    told = (min(margins), median(margins), max(margins)) if margins else (None, None, None)
    return Line(group.id, name, table.plan, table.fresh, returns, *told)


def _table_of(shown: Shown, group: str) -> Mapping[str, Any]:
    return next((each for each in shown.now.data.get("group", []) if each.get("id") == group), {})


@blueprint.post("/w/<wave>/setup/sample/work-out", endpoint="setup_sample_work_out")
def setup_sample_work_out(wave: str) -> ResponseReturnValue:
    """Work out the tables that are missing or of another plan or list."""
    shown = load(wave)

    def work_out() -> None:
        planned.work_out_missing(web().store, shown.registered)
        flash(_("Đã tính kế hoạch mẫu."))

    if not long_work.do(is_long(shown), work_out, *_PLAN, wave, "--keep", wave=wave):
        flash(long_work.begun())
    return redirect(url_for("desk.setup_sample", wave=wave), 303)


@blueprint.post("/w/<wave>/setup/sample/<group>", endpoint="setup_sample_try")
def setup_sample_try(wave: str, group: str) -> ResponseReturnValue:
    """Another number, error or expected response for a group: kept, and the table worked out with it."""
    shown = load(wave)
    form = Design()

    def change(data: Data) -> None:
        table = next((each for each in data.get("group", []) if each.get("id") == group), None)
        if table is None:
            abort(404)
        groups.change(table, groups.shown(table) | typed(form))

    def work_out() -> None:
        planned.work_out(web().store, web().wave(wave), group)
        flash(_("Đã tính lại với thiết kế mới."))

    if keep(form, shown, change):
        try:
            if not long_work.do(is_long(shown), work_out, *_PLAN, wave, "--keep", wave=wave):
                flash(long_work.begun())
        except Faults as faults:
            form.refuse(faults)
            form.revision.data = str(load(wave).now.revision)
        else:
            return redirect(url_for("desk.setup_sample", wave=wave, group=group), 303)
    return _show(load(wave), group, form)
