"""The draw: lists are recorded first and their hashes shown; then the public number is entered, and all is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import InputRequired

from forms.faults import Fault, Faults
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import account_here
from survey.desk.setup import long_work
from survey.desk.setup.page import Shown, load, show
from survey.desk.setup.sample import is_long
from survey.language import chosen
from survey.language import gettext as _
from survey.sample import draws
from survey.setup.checking import Step
from survey.wave import Group, RegisteredWave
from survey.web import web

MOST_PAIRS = 12  # pairs of units that nobody compares, named on the page


class PublicNumber(DeskForm):
    """The number, as announced."""

    number = StringField(validators=[InputRequired()])
    sure = BooleanField()


class Again(DeskForm):
    """A second draw of one group: why, in words for the log and the report."""

    group = HiddenField()
    reason = StringField(validators=[Needed()])


@dataclass(frozen=True, slots=True)
class Recorded:
    """A group's last list and draw, with what was noted of it."""

    id: str
    name: str
    rows: int
    hash: str = ""
    listed_at: str = ""
    number: str = ""
    seed: str = ""
    drawn_at: str = ""
    drawn: int = 0
    cells: int = 0
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, int] | None = None
    blocks: tuple[tuple[str, ...], ...] = ()
    uncovered: tuple[tuple[str, ...], ...] = ()
    earlier: tuple[Mapping[str, Any], ...] = ()  # lists and draws that a later one replaced; both stay on record


@blueprint.route("/w/<wave>/setup/draw", methods=["GET", "POST"], endpoint="setup_draw")
def setup_draw(wave: str) -> ResponseReturnValue:
    """What is recorded of each group; a POST records the lists, or draws with the public number."""
    shown = load(wave)
    form = PublicNumber() if request.method == "POST" else PublicNumber(None)
    if request.method == "POST" and _deed(form, shown):
        return redirect(request.path, 303)
    return _page(shown, form, Again(None))


def _page(shown: Shown, asked: PublicNumber, again: Again) -> ResponseReturnValue:
    groups = recorded(shown.registered)
    form = again if again.errors else asked  # the one that is told of above
    return show("draw.html", shown, Step.DRAW, status=422 if form.errors else 200, form=form, asked=asked,
                groups=groups, listed=all(each.hash for each in groups), drawn=all(each.drawn_at for each in groups),
                ready=all(each.rows for each in shown.standing.lists.values()), again=again,
                waiting=[each.id for each in groups if not each.drawn_at], working=_working(shown.id))  # fmt: skip


def _working(wave: str) -> long_work.Working | None:
    return long_work.on("sample", "list", wave=wave) or long_work.on("sample", "draw", wave=wave)


def _deed(form: PublicNumber, shown: Shown) -> bool:
    wave = shown.registered
    waiting = draws.waiting(web().store, wave)
    try:
        if request.form.get("deed") == "record":
            _record(shown, waiting)
            return True
        if not waiting:
            raise Faults("every group is drawn: nothing is left to draw")
        number = (form.number.data or "").strip()
        if not number:
            raise Faults([Fault("is not filled in", column="number")])
        draws.checked_number(number)
        if not form.sure.data:
            raise Faults([Fault("say that this is the number as announced: a draw is made once", column="sure")])
        _draw(shown, waiting, number)
    except Faults as faults:
        form.refuse(Faults(_placed(fault) for fault in faults.faults))
        return False
    return True


def _record(shown: Shown, groups: Sequence[str], reason: str = "") -> None:
    """Record the lists of these groups, now or as a job. Raises Faults."""
    w, who = web(), account_here().who

    def record() -> None:
        draws.record_lists(w.store, w.clock, shown.registered, groups, reason=reason, who=who)
        flash(_("Đã chốt danh sách. Mã băm ghi dưới đây, công bố trước khi có con số công khai."))

    told = ("--group", *groups, "--reason", reason) if reason else ()
    if not long_work.do(is_long(shown), record, "sample", "list", "--wave", shown.id, *told, wave=shown.id):
        flash(long_work.begun())


def _draw(shown: Shown, groups: Sequence[str], number: str) -> None:
    """Draw these groups with the public number, now or as a job. Raises Faults."""
    w, who = web(), account_here().who

    def draw() -> None:
        draws.draw(w.store, w.clock, shown.registered, groups, number, who=who)
        flash(_("Đã rút mẫu."))

    if not long_work.do(is_long(shown), draw, "sample", "draw", "--wave", shown.id, "--seed", number, wave=shown.id):
        flash(long_work.begun())


@blueprint.post("/w/<wave>/setup/draw/again", endpoint="setup_draw_again")
def setup_draw_again(wave: str) -> ResponseReturnValue:
    """Record the list of a group that is drawn already once more, with the reason: a second draw waits for a number."""
    shown = load(wave)
    form = Again()
    group = form.group.data or ""
    if group not in [each.id for each in recorded(shown.registered) if each.drawn_at]:
        abort(404)
    if form.validate():
        try:
            _record(shown, [group], form.reason.data.strip())
        except Faults as faults:
            form.refuse(faults)
        else:
            return redirect(url_for("desk.setup_draw", wave=wave), 303)
    return _page(shown, PublicNumber(None), form)


def _placed(fault: Fault) -> Fault:
    return Fault(fault.message, column="number") if "is no public number" in fault.message else fault


def recorded(wave: RegisteredWave) -> list[Recorded]:
    """Every group that is drawn from a list."""
    key = wave.spec.id
    with web().store.read() as tx:
        last = {group.id: tx.draw_last(wave=key, grp=group.id) for group in wave.spec.listed_groups}
        there = {row["grp"]: row["n"] for row in tx.upload_imported(wave=key)}
        cells = {group.id: len(list(tx.draw_cells(wave=key, grp=group.id))) for group in wave.spec.listed_groups}
        every = [dict(row) for row in tx.draw_all(wave=key)]
        drawn = {row["grp"]: row["drawn"] for row in tx.upload_drawn(wave=key)}
    return [
        replace(
            _recorded(group, there.get(group.id, 0), last[group.id], cells[group.id], drawn.get(group.id, 0)),
            earlier=tuple(row for row in every if row["grp"] == group.id)[:-1],
        )
        for group in wave.spec.listed_groups
    ]


def _recorded(group: Group, rows: int, last: Mapping[str, Any] | None, cells: int, drawn: int) -> Recorded:
    name = group.name.of(chosen())
    if last is None:
        return Recorded(group.id, name, rows)
    told = json.loads(last["design"])
    if not draws.is_drawn(last):
        return Recorded(group.id, name, rows, last["list_hash"], last["listed_at"])
    return Recorded(
        group.id, name, rows, last["list_hash"], last["listed_at"], last["public_number"], last["effective_seed"],
        last["drawn_at"], drawn, cells, tuple(told.get("notes", ())), told.get("left_out"),
        tuple(map(tuple, told.get("blocks", ()))), tuple(map(tuple, told.get("uncovered_pairs", ())))[:MOST_PAIRS],
    )  # fmt: skip


@blueprint.get("/w/<wave>/setup/draw/record", endpoint="setup_draw_record")
def setup_draw_record(wave: str) -> ResponseReturnValue:
    """The record to be printed, signed and published before the public number exists."""
    shown = load(wave)
    groups = [each for each in recorded(shown.registered) if each.hash]
    if not groups:
        abort(404)
    return show("record.html", shown, Step.DRAW, groups=groups, plan_hash=shown.registered.plan_hash)


@blueprint.get("/w/<wave>/setup/draw/<group>.csv", endpoint="setup_draw_list")
def setup_draw_list(wave: str, group: str) -> ResponseReturnValue:
    """The person-free list, byte for byte as hashed."""
    shown = load(wave)
    if group not in [each.id for each in shown.registered.spec.listed_groups]:
        abort(404)
    text = draws.export_list(web().store, shown.registered, group)
    response = Response(text.encode(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{shown.id}_{group}.csv"'
    return response
