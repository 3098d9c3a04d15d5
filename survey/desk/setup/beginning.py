"""How a wave begins: from nothing, from last year's, from a file; and a rehearsal of one."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired

from forms.faults import Fault, Faults
from forms.names import free_identifier
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, SentFile
from survey.desk.gate import account_here
from survey.desk.rendering import page
from survey.desk.setup.page import href, load, show
from survey.desk.setup.plan import LARGEST_FILE, parsed, text_of
from survey.language import chosen
from survey.language import gettext as _
from survey.setup import copying, preparation
from survey.setup.preparation import Stale
from survey.setup.standing import State
from survey.setup.typed import Typed
from survey.wave import RegisteredWave
from survey.web import web

LONGEST_ID = 40


class Begin(DeskForm):
    """A title, an id, and what it begins from."""

    title = StringField()
    id = StringField()
    source = RadioField(validate_choice=False)
    copied = SelectField(validate_choice=False)
    opens = StringField()
    file = SentFile()


class Pilot(DeskForm):
    """The rehearsal's id and first day."""

    id = StringField(validators=[InputRequired()])
    opens = StringField(validators=[InputRequired()])


def _taken() -> set[str]:
    with web().store.read() as tx:
        return {row["id"] for row in tx.wave_ids()} | {row["id"] for row in tx.preparation_all()}


def _waves() -> list[RegisteredWave]:
    with web().store.read() as tx:
        names = [row["id"] for row in tx.wave_ids()]
    return sorted((web().wave(name) for name in names), key=lambda each: each.spec.opens, reverse=True)


@blueprint.route("/setup/new", methods=["GET", "POST"], endpoint="setup_new")
def setup_new() -> ResponseReturnValue:
    """Begin a wave."""
    waves = _waves()
    form = Begin() if request.method == "POST" else Begin(None, source="nothing")
    form.source.choices = [
        ("nothing", _("Từ đầu")),
        ("copy", _("Sao chép một đợt trước")),
        ("file", _("Từ tệp đợt điều tra (.toml)")),
    ]
    form.copied.choices = [(each.spec.id, each.spec.title.of(chosen())) for each in waves]
    if request.method == "POST":
        try:
            made = _begun(form, waves)
        except Faults as faults:
            form.refuse(faults)
        else:
            return redirect(url_for("desk.setup_about", wave=made), 303)
    unfinished = preparation.unregistered(web().store)
    return page("setup/new.html", status=422 if form.errors else 200, form=form, unfinished=unfinished, waves=waves)


def _title(data: dict[str, Any]) -> str:
    title = data.get("title", "")
    return str(title.get("vi", "")) if isinstance(title, dict) else str(title)


def _begun(form: Begin, waves: list[RegisteredWave]) -> str:
    """Begin what the form says; returns the id. Raises Faults, a ``column`` each."""
    typed = Typed({"title": form.title.data or "", "id": form.id.data or "", "opens": form.opens.data or ""})
    source = next((each for each in waves if each.spec.id == form.copied.data), None)
    title = typed.line("title", required=form.source.data != "file")
    opens = typed.day("opens", required=form.source.data == "copy")
    if form.source.data == "copy" and source is None:
        typed.fault("copied", "is not filled in")
    typed.check()
    documents: dict[str, str] = {}
    data: dict[str, Any] = {}
    if form.source.data == "file":
        data = _sent(form)
        title = title or _title(data)
    elif form.source.data == "copy" and source is not None and opens is not None:
        data = copying.moved(source, opens)
        documents = dict(preparation.get(web().store, source.spec.id).documents)
    old = data.get("title", {})
    data["title"] = {**(old if isinstance(old, dict) and not title else {}), "vi": title or _title(data)}
    proposed = str(data.get("id", "")) if form.source.data == "file" else title
    identity = typed.line("id") or free_identifier(proposed[:LONGEST_ID], _taken(), "dot_dieu_tra")
    copied = source.spec.id if form.source.data == "copy" and source else ""
    try:
        preparation.begin(web().store, web().clock, identity, data, who=account_here().who, source=copied,
                          documents=documents)  # fmt: skip
    except Faults as faults:
        raise Faults(Fault(fault.message, column="id") for fault in faults.faults) from None
    return identity


def _sent(form: Begin) -> dict[str, Any]:
    sent = request.files.get(form.file.name)
    if sent is None or not sent.filename:
        raise Faults([Fault("is not filled in", column="file")])
    data: dict[str, Any] = dict(parsed(text_of(sent.stream.read(LARGEST_FILE + 1), "file"), "file"))
    if not ("unit" in data or "group" in data):
        raise Faults([Fault("is neither a wave file, a questionnaire nor a framework", column="file")])
    return data


@blueprint.get("/w/<wave>/setup", endpoint="setup")
def setup(wave: str) -> ResponseReturnValue:
    """Where the wave is on its way."""
    shown = load(wave)
    done = all(state is State.DONE for state in shown.standing.states.values())
    return show("overview.html", shown, None, next=href(shown.standing.next, wave), done=done)


@blueprint.route("/w/<wave>/setup/pilot", methods=["GET", "POST"], endpoint="setup_pilot")
def setup_pilot(wave: str) -> ResponseReturnValue:
    """Begin a rehearsal of this plan: a wave of its own, whose answers never mix with the real ones."""
    shown = load(wave)
    source = shown.registered
    if source.pilot:
        abort(404)
    proposed = free_identifier(f"{wave}_thu", _taken(), "thu")
    form = Pilot() if request.method == "POST" else Pilot(None, id=proposed, opens=_today().isoformat())
    if request.method == "POST":
        typed = Typed({"id": form.id.data or "", "opens": form.opens.data or ""})
        opens, identity = typed.day("opens", required=True), typed.line("id", required=True)
        try:
            typed.check()
            preparation.begin(web().store, web().clock, identity, copying.pilot(source, opens or _today()),
                              who=account_here().who, pilot=True, source=wave,
                              documents=shown.now.documents)  # fmt: skip
        except Faults as faults:
            form.refuse(Faults(fault if fault.column else Fault(fault.message, column="id") for fault in faults.faults))
        else:
            flash(_("Đã lập đợt chạy thử. Các bước giống đợt thật."))
            return redirect(url_for("desk.setup", wave=identity), 303)
    return show("pilot.html", shown, None, status=422 if form.errors else 200, form=form)


def _today() -> date:
    return web().clock().date()


@blueprint.post("/w/<wave>/setup/forget", endpoint="setup_forget")
def setup_forget(wave: str) -> ResponseReturnValue:
    """Give up what was never registered."""
    shown = load(wave)
    text = request.form.get("revision", "")
    try:
        preparation.forget(web().store, web().clock, wave, int(text) if text.isdecimal() else -1,
                           who=account_here().who)  # fmt: skip
    except Stale:
        flash(_("Nội dung này vừa được người khác sửa nên chưa xóa."))
        return redirect(url_for("desk.setup", wave=shown.id), 303)
    flash(_("Đã xóa đợt đang chuẩn bị."))
    return redirect(url_for("desk.setup_new"), 303)
