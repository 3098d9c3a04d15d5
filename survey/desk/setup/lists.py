"""Lists of each group: sent in, tried, seen, imported."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired

from forms.faults import Fault, Faults
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, SentFile
from survey.desk.gate import account_here
from survey.desk.setup import long_work
from survey.desk.setup.groups import column_name
from survey.desk.setup.page import Shown, load, show
from survey.frames import template
from survey.frames.cell_values import unmarked
from survey.frames.headings import known
from survey.language import chosen
from survey.language import gettext as _
from survey.setup import trial, uploads
from survey.setup.checking import Step
from survey.setup.typed import Typed
from survey.setup.uploads import Choices, Upload
from survey.wave import Group
from survey.web import web


class SendList(DeskForm):
    """A file, and where it comes from."""

    file = SentFile(validators=[InputRequired()])
    supplier = StringField()
    on = StringField()
    replace = BooleanField()


@blueprint.get("/w/<wave>/setup/lists", endpoint="setup_lists")
def setup_lists(wave: str) -> ResponseReturnValue:
    """Every group that is drawn from a list, with what it has."""
    shown = load(wave)
    spec = shown.registered.spec
    groups = [(group.id, group.name.of(chosen()), shown.standing.lists[group.id]) for group in spec.listed_groups]
    return show("lists.html", shown, Step.LISTS, groups=groups, counters=len(spec.counter_groups))


@blueprint.route("/w/<wave>/setup/lists/<group>", methods=["GET", "POST"], endpoint="setup_list")
def setup_list(wave: str, group: str) -> ResponseReturnValue:
    """One group's list; a POST sends a file in, which is tried at once and not imported."""
    shown = load(wave)
    asked = _group(shown, group)
    form = SendList() if request.method == "POST" else SendList(None, replace=bool(shown.standing.lists[group].rows))
    if request.method == "POST" and _receive(form, shown, group):
        return redirect(request.path, 303)
    return _show(shown, asked, form, status=422 if form.errors else 200)


def _group(shown: Shown, group: str) -> Group:
    found = next((each for each in shown.registered.spec.listed_groups if each.id == group), None)
    if found is None:
        abort(404)
    return found


def _receive(form: SendList, shown: Shown, group: str) -> bool:
    sent = request.files.get(form.file.name)
    _require_open(shown, group)
    typed = Typed({"on": form.on.data or "", "supplier": form.supplier.data or ""})
    try:
        choices = Choices(replace=bool(form.replace.data), supplier=typed.line("supplier"), on=typed.day("on"))
        typed.check()
        if sent is None or not sent.filename:
            raise Faults([Fault("is not filled in", column="file")])
        uploads.receive(web().store, web().settings, web().clock, shown.registered, group, sent.stream, sent.filename,
                        choices, who=account_here().who)  # fmt: skip
        _look(shown, group)
    except Faults as faults:
        form.refuse(Faults(fault if fault.column else Fault(fault.message, column="file") for fault in faults.faults))
        return False
    return True


def _look(shown: Shown, group: str) -> None:
    """Try the file that waits."""
    w = web()

    def look() -> None:
        uploads.look(w.store, w.keyring, w.settings, w.clock, shown.registered, group)

    if not long_work.do(_is_long(shown, group), look, *_WAITING, *_told(shown, group), wave=shown.id):
        flash(long_work.begun())


_WAITING = ("frame", "waiting")


def _told(shown: Shown, group: str) -> tuple[str, ...]:
    return "--wave", shown.id, "--group", group


def _is_long(shown: Shown, group: str) -> bool:
    return uploads.waiting(web().store, shown.id, group).bytes > long_work.LONG_BYTES


def _show(shown: Shown, asked: Group, form: DeskForm, status: int = 200) -> ResponseReturnValue:
    with web().store.read() as tx:
        imports = [dict(row) for row in tx.upload_imports(wave=shown.id, grp=asked.id)]
        by_unit = [dict(row) for row in tx.upload_by_unit(wave=shown.id, grp=asked.id)]
    names = {unit.id: unit.name.of(chosen()) for unit in shown.registered.spec.units}
    working = long_work.on(*_WAITING, *_told(shown, asked.id), wave=shown.id)
    styles = ["plain", "igate", "portal"] if asked.assesses == "dossier" else ["posts"]
    return show("list.html", shown, Step.LISTS, status=status, form=form, group=asked, upload=_waiting(shown, asked.id),
                imports=imports, by_unit=by_unit, names=names, fields=_fields(asked), styles=styles,
                column_name=column_name, recognised=_recognised(asked), closed=_closed(shown, asked.id),
                there=shown.standing.lists[asked.id], working=working)  # fmt: skip


def _waiting(shown: Shown, group: str) -> Upload | None:
    try:
        return uploads.waiting(web().store, shown.id, group)
    except Faults:
        return None


def _closed(shown: Shown, group: str) -> bool:
    """Whether the list stands: drawn from, or the wave is open."""
    return shown.standing.lists[group].drawn or shown.registered.state != "draft"


def _require_open(shown: Shown, group: str) -> None:
    if _closed(shown, group):
        raise Faults(f"group {group}: it is drawn already, and its list stays")


class _Recognised(dict[str, str]):
    """A heading of a file → the field that it is taken for by itself, as our templates call it."""

    def __contains__(self, heading: object) -> bool:
        return super().__contains__(unmarked(str(heading)))

    def __getitem__(self, heading: str) -> str:
        return super().__getitem__(unmarked(heading))


def _recognised(group: Group) -> _Recognised:
    return _Recognised(
        {unmarked(spelling): headings[0] for name, headings in known(group).items() for spelling in (name, *headings)}
    )


def _fields(group: Group) -> list[tuple[str, str]]:
    """What a column may be said to be."""
    return [(name, headings[0]) for name, headings in known(group).items()]


@blueprint.post("/w/<wave>/setup/lists/<group>/columns", endpoint="setup_list_columns")
def setup_list_columns(wave: str, group: str) -> ResponseReturnValue:
    """Say what columns are, and try the file again."""
    shown = load(wave)
    asked = _group(shown, group)
    fields = {name for name, _ in _fields(asked)}
    headings, chosen_fields = request.form.getlist("heading"), request.form.getlist("field")
    mapping = {heading: field for heading, field in zip(headings, chosen_fields, strict=False) if field in fields}
    upload = uploads.waiting(web().store, shown.id, group)
    told = upload.choices
    uploads.choose(web().store, shown.id, group, Choices(mapping, told.replace, told.supplier, told.on))
    _look(shown, group)
    return redirect(url_for("desk.setup_list", wave=wave, group=group), 303)


@blueprint.post("/w/<wave>/setup/lists/<group>/take", endpoint="setup_list_take")
def setup_list_take(wave: str, group: str) -> ResponseReturnValue:
    """Import the file that was tried, or let go of it."""
    shown = load(wave)
    _group(shown, group)
    there = url_for("desk.setup_list", wave=wave, group=group)
    if request.form.get("deed") == "discard":
        uploads.discard(web().store, web().settings, shown.id, group)
        flash(_("Đã bỏ tệp. Chưa có gì được nhập."))
        return redirect(there, 303)
    _require_open(shown, group)
    w, who = web(), account_here().who

    def take() -> None:
        done = uploads.take(w.store, w.keyring, w.settings, w.clock, shown.registered, group, who=who)
        flash(_("Đã nhập %(kept)s dòng.", kept=done.rows_kept))

    if not long_work.do(_is_long(shown, group), take, *_WAITING, *_told(shown, group), "--take", wave=shown.id):
        flash(long_work.begun())
    return redirect(there, 303)


@blueprint.post("/w/<wave>/setup/lists/<group>/trial", endpoint="setup_list_trial")
def setup_list_trial(wave: str, group: str) -> ResponseReturnValue:
    """In a pilot: a handful of made-up rows, so that slips can be printed and handed to whoever tries."""
    shown = load(wave)
    _group(shown, group)
    _require_open(shown, group)
    done = trial.make_list(web().store, web().keyring, web().settings, web().clock, shown.registered, group,
                           who=account_here().who)  # fmt: skip
    flash(_("Đã tạo %(kept)s dòng chạy thử.", kept=done.rows_kept))
    return redirect(url_for("desk.setup_lists", wave=wave), 303)


@blueprint.get("/w/<wave>/setup/lists/<group>/template", endpoint="setup_template")
def setup_template(wave: str, group: str) -> ResponseReturnValue:
    """An empty list with the columns that the group needs, as a workbook or CSV."""
    shown = load(wave)
    asked = _group(shown, group)
    style = request.args.get("style", "plain")
    if style not in template.STYLES:
        abort(404)
    ending = "csv" if request.args.get("as") == "csv" else "xlsx"
    content = template.content(shown.registered.spec, asked, style, ending)
    response = Response(BytesIO(content).read(), mimetype=_MIME[ending])
    response.headers["Content-Disposition"] = f'attachment; filename="{asked.id}_{style}.{ending}"'
    return response


_MIME: dict[str, Any] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
