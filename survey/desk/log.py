"""The log: who did what when and why; searchable, exportable, and whether its chain is whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from survey import audit, said
from survey.desk import downloads, faces
from survey.desk.blueprint import blueprint
from survey.desk.gate import account_here
from survey.desk.rendering import page
from survey.language import chosen
from survey.language import gettext as _
from survey.web import web

A_PAGE = 50
LONGEST_CHECK = 5_000  # entries; a longer chain is checked when asked for, so that a page never waits for it
MOST = 100_000  # entries of one file


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; '' looks for nothing."""

    text: str = ""
    wave: str = ""
    who: str = ""
    action: str = ""
    since: str = ""
    until: str = ""

    def query(self) -> dict[str, str]:
        """As the store takes it: days begin and end where the survey is held."""
        return {
            "text": self.text, "wave": self.wave, "who": self.who, "action": self.action,
            "since": _midnight(self.since, 0), "until": _midnight(self.until, 1),
        }  # fmt: skip

    def carried(self) -> dict[str, str]:
        """What a link keeps."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


def _midnight(day: str, later: int) -> str:
    if not day:
        return ""
    begins = datetime.combine(date.fromisoformat(day) + timedelta(days=later), time(), faces.HERE)
    return begins.astimezone(ZoneInfo("UTC")).isoformat(timespec="seconds")


def _wanted(told: Any) -> Wanted:
    """The search of an address or a form; a day that is none looks for nothing."""
    values = {name: str(told.get(name, "")).strip()[:200] for name in Wanted.__slots__}
    for name in ("since", "until"):
        try:
            values[name] = date.fromisoformat(values[name]).isoformat() if values[name] else ""
        except ValueError:
            values[name] = ""
    return Wanted(**values)


@blueprint.get("/log", endpoint="log")
def log() -> ResponseReturnValue:
    """The entries that fit, the latest first, fifty a page."""
    wanted = _wanted(request.args)
    number = request.args.get("page", "1")
    at = max(1, int(number)) if number.isdecimal() and len(number) < 7 else 1
    with web().store.read() as tx:
        head = tx.audit_head()
        whole = int(head["number"]) if head else 0
        found = int(tx.audit_count(**wanted.query())) if wanted.carried() else whole
        rows = [dict(row) for row in tx.audit_search(**wanted.query(), limit=A_PAGE, offset=(at - 1) * A_PAGE)]
        people = [row["who"] for row in tx.audit_people() if row["who"]]
        actions = [row["action"] for row in tx.audit_actions()]
        lists = {"who": people, "action": actions, "wave": [row["id"] for row in tx.wave_ids()]}
    checked = whole <= LONGEST_CHECK or request.args.get("check") == "1"
    pages = -(-found // A_PAGE)
    return page(
        "log.html", wanted=wanted, rows=[_shown(row) for row in rows], found=found, whole=whole, lists=lists,
        checked=checked, faults=audit.verify(web().store) if checked else [], at=at, pages=pages,
        before=_turn(wanted, at - 1) if at > 1 else "", after=_turn(wanted, at + 1) if at < pages else "",
        deed=deed, person=faces.who, check="?" + urlencode(wanted.carried() | {"check": "1"}), whole_number=faces.whole,
    )  # fmt: skip


def _turn(wanted: Wanted, at: int) -> str:
    return "?" + urlencode(wanted.carried() | {"page": str(at)})


def deed(action: str) -> str:
    """What the log calls a deed, in the language of the page."""
    return said.deed(action, chosen())


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    told = said.detail(json.loads(row["detail"]), chosen())
    return row | {"deed": deed(row["action"]), "at": faces.moment(row["at"]), "told": told}


@blueprint.post("/log/export", endpoint="log_export")
def log_export() -> ResponseReturnValue:
    """The entries that fit as a file, the earliest first; the log says that they left."""
    wanted, form = _wanted(request.form), request.form.get("format", "")
    if form not in ("csv", "xlsx"):
        abort(422)
    with web().store.write() as tx:
        rows = list(tx.audit_search(**wanted.query(), limit=MOST, offset=0))[::-1]
        detail = {"n": len(rows), **wanted.carried()}
        audit.append(tx, web().clock, account_here().who, "log exported", None, detail)
    return _file(rows, form)


def _file(rows: list[Any], form: str) -> Response:
    headings = [_("Số"), _("Thời điểm"), _("Ai"), _("Việc"), _("Đợt"), _("Chi tiết")]
    table = [(row["number"], row["at"], row["who"], row["action"], row["wave"] or "", row["detail"]) for row in rows]
    return downloads.table(f"nhat-ky.{form}", headings, table)
