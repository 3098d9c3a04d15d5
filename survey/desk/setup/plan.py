"""The whole plan: what it still lacks, the key that answers are sealed to, registering; the file itself, in and out."""

from __future__ import annotations

import re
import tomllib

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired

from forms import framework as frameworks
from forms import questionnaire as questionnaires
from forms.faults import Fault, Faults
from survey import sealing
from survey import wave as waves
from survey.desk.blueprint import blueprint
from survey.desk.fields import SentFile
from survey.desk.gate import account_here
from survey.desk.setup.groups import GroupForm
from survey.desk.setup.page import Shown, StepForm, href, keep, load, revision_of, say_stale, show, step_name
from survey.language import gettext as _
from survey.setup import about, fieldwork, groups, preparation
from survey.setup.checking import Problem, Step
from survey.setup.preparation import Stale
from survey.setup.standing import STEPS
from survey.web import web

LARGEST_FILE = 2 << 20  # bytes of a wave file, a questionnaire, a framework
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,60}\.toml")


class Register(StepForm):
    """Where the key pair comes from."""

    origin = RadioField(validate_choice=False)
    pem = TextAreaField()
    file = SentFile()


@blueprint.route("/w/<wave>/setup/plan", methods=["GET", "POST"], endpoint="setup_plan")
def setup_plan(wave: str) -> ResponseReturnValue:
    """Check the plan; a POST registers it, or gives a registered one another key."""
    shown = load(wave)
    form = Register() if request.method == "POST" else Register(None, origin="outside", revision=shown.now.revision)
    form.origin.choices = [
        ("outside", _("Tôi có khóa công khai tạo ở máy khác (nên chọn)")), ("server", _("Để máy chủ tự tạo cặp khóa")),
    ]  # fmt: skip
    if request.method == "POST" and _register(form, shown):
        flash(_("Đã ghi nhận kế hoạch."))
        return redirect(href(Step.LISTS, wave) if not shown.now.known else request.path, 303)
    problems = [(step, step_name(step), href(step, wave), _linked(shown, step)) for step in STEPS]
    print_of = sealing.fingerprint(shown.wave.public_key) if shown.wave else ""
    return show("plan.html", shown, Step.PLAN, status=422 if form.errors else 200, form=form, fingerprint=print_of,
                problems=[each for each in problems if each[3]], lacking=_lacking(shown))  # fmt: skip


def _linked(shown: Shown, step: Step) -> list[tuple[Fault, str]]:
    """A step's problems, each with the address of the field where it is mended; equal ones once."""
    found = {
        (problem.fault.message, problem.position): problem for problem in shown.now.problems if problem.step is step
    }
    return [(problem.fault, _field(shown, problem)) for problem in found.values()]


def _field(shown: Shown, problem: Problem) -> str:
    if problem.step is Step.GROUPS and problem.position is not None:
        group = shown.now.data["group"][problem.position].get("id", "")
        field = groups.field_of(problem.path)
        anchor = f"#{field}" if field and field in GroupForm.__dict__ else ""
        return (
            url_for("desk.setup_group", wave=shown.id, group=group) + anchor if group else href(Step.GROUPS, shown.id)
        )
    named = {Step.ABOUT: about.field_of, Step.FIELDWORK: fieldwork.field_of}.get(problem.step)
    field = named(problem.path) if named else ""
    return href(problem.step, shown.id) + (f"#{field}" if field else "")


def _lacking(shown: Shown) -> list[str]:
    """Documents that the file names and nobody sent in."""
    data = shown.now.data
    named = [data.get("framework", ""), *(group.get("questionnaire", "") for group in data.get("group", []))]
    return [name for name in dict.fromkeys(named) if name.endswith(".toml") and name not in shown.now.documents]


def _register(form: Register, shown: Shown) -> bool:
    try:
        public = _public(form)
        if shown.now.known:
            waves.change_key(web().store, web().keyring, web().clock, shown.id, public, who=account_here().who)
        else:
            preparation.register(web().store, web().keyring, web().clock, shown.id, revision_of(form), public,
                                 who=account_here().who)  # fmt: skip
    except Faults as faults:
        form.refuse(faults)
    except Stale as stale:
        say_stale(form, shown, stale)
    else:
        return True
    return False


def _public(form: Register) -> bytes | None:
    """The public half; None where the server is to make the pair. A private key is refused, and said to be burnt."""
    if form.origin.data == "server":
        return None
    sent = request.files.get(form.file.name)
    content = (form.pem.data or "").strip().encode()
    if sent is not None and sent.filename:
        content = sent.stream.read(LARGEST_FILE)
    if b"PRIVATE KEY" in content:
        form.pem.data = ""
        said = "this is a private key: it must never come here. Make another pair and keep its private half away"
        raise Faults([Fault(said, column="pem")])
    if not content:
        raise Faults([Fault("is not filled in", column="pem")])
    try:
        return sealing.read_public_pem(content + b"\n")
    except ValueError as error:
        raise Faults([Fault(str(error), column="pem")]) from error


@blueprint.get("/w/<wave>/setup/plan/file", endpoint="setup_file")
def setup_file(wave: str) -> ResponseReturnValue:
    """The wave file as it stands."""
    shown = load(wave)
    response = Response(shown.now.text, mimetype="application/toml")
    response.headers["Content-Disposition"] = f'attachment; filename="{shown.id}.toml"'
    return response


class SendIn(StepForm):
    """A wave file in place of this one, or a document that it names."""

    sent = SentFile(validators=[InputRequired()])


@blueprint.route("/w/<wave>/setup/plan/send", methods=["GET", "POST"], endpoint="setup_send")
def setup_send(wave: str) -> ResponseReturnValue:
    """Send in a whole wave file, or a questionnaire or framework that it names."""
    shown = load(wave)
    form = SendIn() if request.method == "POST" else SendIn(None, revision=shown.now.revision)
    if request.method == "POST" and _sent_in(form, shown):
        flash(_("Đã nhận tệp."))
        return redirect(href(Step.PLAN, wave), 303)
    return show("send.html", shown, Step.PLAN, status=422 if form.errors else 200, form=form, lacking=_lacking(shown))


def _sent_in(form: SendIn, shown: Shown) -> bool:
    sent = request.files.get(form.sent.name)
    try:
        if sent is None or not sent.filename:
            raise Faults([Fault("is not filled in", column="sent")])
        name = sent.filename.replace("\\", "/").rpartition("/")[2].lower()
        text = text_of(sent.stream.read(LARGEST_FILE + 1), "sent")
        kind, data = _read(text, name)
    except Faults as faults:
        form.refuse(faults)
        return False
    if kind == "wave":
        return keep(form, shown, lambda now: _replace(now, data))
    return keep(form, shown, lambda now: None, {name: text})


def text_of(content: bytes, field: str) -> str:
    """A text file that was sent in. Raises Faults in the name of the field."""
    if len(content) > LARGEST_FILE:
        raise Faults([Fault(f"is larger than {LARGEST_FILE >> 20} MiB; send it in parts", column=field)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Faults([Fault("is not UTF-8 text", column=field)]) from error


def parsed(text: str, field: str) -> dict[str, object]:
    """A TOML text that was sent in. Raises Faults in the name of the field."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Faults([Fault(f"is not valid TOML: {error}", column=field)]) from error


def _read(text: str, name: str) -> tuple[str, dict[str, object]]:
    """What a file is, told by what it holds; a document is checked. Raises Faults."""
    data = parsed(text, "sent")
    if "section" in data or "kind" in data:
        if not _FILE_NAME.fullmatch(name):
            raise Faults([Fault("the file's name has a–z, 0–9, _ and - only, and ends in .toml", column="sent")])
        try:
            questionnaires.load(text, name) if "section" in data else frameworks.load(text, name)
        except Faults as faults:
            raise Faults(Fault(str(fault), column="sent") for fault in faults.faults[:20]) from None
        return "document", data
    if "group" in data or "unit" in data:
        return "wave", data
    raise Faults([Fault("is neither a wave file, a questionnaire nor a framework", column="sent")])


def _replace(now: dict[str, object], data: dict[str, object]) -> None:
    now.clear()
    now.update(data)
