"""Frameworks of the index at the desk: which there are, and whether a file is sound. Nothing sent up is kept."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from forms import framework as frameworks
from forms import framework_workbook, tables
from forms.faults import Faults
from forms.framework import Framework
from forms.questionnaire import Item
from survey import exports, library
from survey.desk import downloads
from survey.desk.blueprint import blueprint
from survey.desk.navigation import every_wave
from survey.desk.questionnaires import LARGEST_TEXT, Sent
from survey.desk.rendering import page
from survey.web import web


@blueprint.route("/frameworks", methods=["GET", "POST"], endpoint="frameworks")
def listed() -> ResponseReturnValue:
    """All that are known; a file sent up is checked against every questionnaire that is known."""
    form = Sent()
    if request.method == "GET" or not form.validate():
        return _list(form, 200 if request.method == "GET" else 422)
    try:
        return _list(form, 200, checked=_read(form.file.data))
    except Faults as faults:
        return _list(form, 422, faults)


def _list(form: Sent, status: int, faults: Faults | None = None, checked: Framework | None = None) -> Response:
    return page(
        "frameworks.html",
        status=status,
        form=form,
        faults=faults.faults if faults else (),
        checked=checked,
        known=library.counted(web().store, every_wave()),
    )


def _items() -> dict[str, Item]:
    items: dict[str, Item] = {}
    for each in library.asked(web().store, every_wave()):
        items.update(each.document.items)  # type: ignore[union-attr]
    return items


def _read(sent: object) -> Framework:
    name = str(getattr(sent, "filename", "") or "")[-80:]
    content: bytes = sent.read((10 << 20) + 1)  # type: ignore[attr-defined]
    if not content.startswith(tables.WORKBOOKS):
        return frameworks.load(tables.decoded(content[:LARGEST_TEXT], name), name, _items())
    tables.opened(content, name, 64 << 20)
    with tempfile.TemporaryDirectory(dir=web().settings.instance) as folder:
        file = Path(folder) / "framework.xlsx"
        file.write_bytes(content)
        try:
            return framework_workbook.read(file, _items())
        except Faults as faults:  # the file is called as it was sent
            told = str(file)
            raise Faults(type(each)(each.message, each.file.replace(told, name), each.row, each.column)
                         for each in faults.faults) from faults  # fmt: skip


@blueprint.get("/frameworks/<name>/file.<kind>", endpoint="frameworks_file")
def file(name: str, kind: str) -> ResponseReturnValue:
    """The framework as TOML, or as the workbook that offices keep."""
    known = {each.name: each.document for each in library.counted(web().store, every_wave())}
    found = known.get(name)
    if not isinstance(found, Framework) or kind not in ("toml", "xlsx"):
        return abort(404)
    if kind == "toml":
        return downloads.file(f"{found.id}.toml", found.text.encode(), "application/toml")
    with tempfile.TemporaryDirectory(dir=web().settings.instance) as folder:
        made = Path(folder) / "framework.xlsx"
        framework_workbook.write(found, made)
        return downloads.file(f"{found.id}.xlsx", made.read_bytes(), exports.TABLES[".xlsx"])
