"""Units and places: in rows to be changed, pasted as a list, or sent in as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from wtforms import TextAreaField

from forms.faults import Fault, Faults
from survey.desk.blueprint import blueprint
from survey.desk.fields import SentFile
from survey.desk.setup.page import Shown, StepForm, href, keep, load, onward, show
from survey.language import gettext as _
from survey.setup import offices
from survey.setup.checking import Step
from survey.setup.offices import Line

LARGEST_LIST = 2 << 20  # bytes of a list of offices


class Offices(StepForm):
    """The rows come by themselves, named «name-<id>», «second-<id>», «gone-<id>»."""

    pasted = TextAreaField()
    file = SentFile()


def kind_name(kind: str) -> str:
    """A kind of unit as people say it."""
    return {
        "department": _("Sở, ban, ngành"),
        "commune": _("Xã, phường, đặc khu"),
        "district": _("Huyện, thị xã, thành phố"),
        "agency": _("Cơ quan ngành dọc"),
    }.get(kind, kind)


@blueprint.route("/w/<wave>/setup/units", methods=["GET", "POST"], endpoint="setup_units")
def setup_units(wave: str) -> ResponseReturnValue:
    """The offices that are assessed, with their kinds."""
    return _step(load(wave), Step.UNITS)


@blueprint.route("/w/<wave>/setup/places", methods=["GET", "POST"], endpoint="setup_places")
def setup_places(wave: str) -> ResponseReturnValue:
    """Where dossiers are received and slips are handed out, and which assessed office runs it."""
    return _step(load(wave), Step.PLACES)


def _step(shown: Shown, step: Step) -> ResponseReturnValue:
    key = "unit" if step is Step.UNITS else "place"
    if request.method == "GET":
        form = Offices(None, revision=shown.now.revision)
        return _show(shown, step, form, _rows(shown.now.data.get(key, []), key))
    form = Offices()

    def change(data: dict[str, Any]) -> None:
        data[key] = _changed(data.get(key, []), key) + _added(form, data, key)
        if not data[key]:
            del data[key]

    if keep(form, shown, change):
        if not (form.pasted.data or "").strip() and not _sent(form):
            return onward(shown, step)
        flash(_("Đã lưu. Xin xem lại danh sách bên dưới."))
        return redirect(href(step, shown.id), 303)
    return _show(shown, step, form, _rows(shown.now.data.get(key, []), key, request.form), status=422)


def _show(
    shown: Shown, step: Step, form: Offices, rows: list[dict[str, Any]], status: int = 200
) -> ResponseReturnValue:
    data = shown.now.data
    units = [(str(each.get("id")), offices.name_of(each)) for each in data.get("unit", [])]
    there = [str(each.get("kind")) for each in data.get("unit", [])]
    kinds = [(kind, kind_name(kind)) for kind in dict.fromkeys((*offices.KINDS, *there))]
    options = kinds if step is Step.UNITS else [("", _("Không cơ quan nào được đánh giá")), *units]
    return show("offices.html", shown, step, status=status, form=form, rows=rows, of_units=step is Step.UNITS,
                options=options)  # fmt: skip


def _rows(
    tables: Sequence[Mapping[str, Any]], key: str, typed: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """What stands in the rows: as typed, where something was."""
    second = "kind" if key == "unit" else "unit"
    rows = []
    for table in tables:
        identity = str(table.get("id"))
        told = {"name": offices.name_of(table), "second": str(table.get(second, "")), "gone": ""}
        if typed is not None:
            told |= {part: typed.get(f"{part}-{identity}", "") for part in told}
        rows.append({"id": identity, "ends": table.get("valid_to"), **told})
    return rows


def _changed(tables: Sequence[Mapping[str, Any]], key: str) -> list[dict[str, Any]]:
    """The rows as typed, without those taken out. Raises Faults."""
    second, faults, kept = "kind" if key == "unit" else "unit", [], []
    for table in tables:
        identity = str(table.get("id"))
        name = " ".join(request.form.get(f"name-{identity}", offices.name_of(table)).split())
        if request.form.get(f"gone-{identity}"):
            continue
        if not name:
            faults.append(Fault(f"“{identity}” has no name", ""))
        told = request.form.get(f"second-{identity}", str(table.get(second, "")))
        others = {k: v for k, v in table.items() if k not in ("name", second)}
        words = table.get("name")
        made = {**others, "name": {**(words if isinstance(words, Mapping) else {}), "vi": name[: offices.LONGEST]}}
        kept.append(made | ({second: told} if told else {}))
    if faults:
        raise Faults(faults)
    return kept


def _added(form: Offices, data: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """What was pasted, then what was sent in. Raises Faults, in the name of the field."""
    made: list[dict[str, Any]] = []
    for field, lines in (("pasted", _pasted), ("file", _uploaded)):
        try:
            found = lines(form)
            there = [*data.get(key, []), *made]
            made += offices.units(found, there) if key == "unit" else offices.places(found, there, data.get("unit", []))
        except Faults as faults:
            raise Faults(Fault(_at(fault), column=field) for fault in faults.faults) from None
    return made


def _at(fault: Fault) -> str:
    return fault.message if fault.row is None else f"line {fault.row}: {fault.message}"


def _pasted(form: Offices) -> list[Line]:
    text = form.pasted.data or ""
    return offices.pasted(text) if text.strip() else []


def _uploaded(form: Offices) -> list[Line]:
    sent = _sent(form)
    if sent is None:
        return []
    content = sent.stream.read(LARGEST_LIST + 1)
    if len(content) > LARGEST_LIST:
        raise Faults(f"is larger than {LARGEST_LIST >> 20} MiB; send it in parts")
    return offices.uploaded(content, "")


def _sent(form: Offices) -> FileStorage | None:
    sent = request.files.get(form.file.name)
    return sent if sent is not None and sent.filename else None
