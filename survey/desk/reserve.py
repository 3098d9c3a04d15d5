"""More of the reserve: what it would mean, then the deed, with its reason for report and log."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from forms.faults import Faults
from survey import issuing
from survey.approvals import approvals, deeds
from survey.desk import gate, rendering
from survey.desk.approvals_page import waiting_note
from survey.desk.blueprint import blueprint
from survey.desk.follow_up_forms import Releasing
from survey.language import chosen
from survey.language import gettext as _
from survey.web import web


@dataclass(frozen=True, slots=True)
class Preview:
    """What a release would do; ``left`` is sent along, so that somebody else's release in between is noticed."""

    n: int
    group: str
    left: int


@blueprint.route("/w/<wave>/follow-up/reserve", methods=["GET", "POST"], endpoint="follow_up_reserve")
def follow_up_reserve(wave: str) -> ResponseReturnValue:
    """First the preview, then, confirmed, the release and its invitations."""
    waiting = _waiting()
    form = Releasing(request.form if request.method == "POST" else None)
    form.group.choices = [SelectChoice("", _("chọn …")), *(SelectChoice(group, name) for group, name, _n in waiting)]
    if request.method == "GET":
        return _page(form, waiting)
    if not form.validate() or (number := _number(form, waiting)) is None:
        return _page(form, waiting, status=422)
    group, left = form.group.data, {each: n for each, _name, n in waiting}[form.group.data] - number
    if request.form.get("sure") != str(left):
        if "sure" in request.form:
            form.form_errors.append(_("Người khác vừa dùng mẫu dự phòng này. Hãy xem lại số còn lại."))
        preview = Preview(number, dict((each, name) for each, name, _n in waiting)[group], left)
        return _page(form, waiting, preview, status=422 if "sure" in request.form else 200)
    try:
        outcome = _release(group, number, form.reason.data)
    except Faults:
        form.form_errors.append(_("Chưa bổ sung được: danh sách hoặc đợt điều tra vừa thay đổi. Chưa có gì bị đổi."))
        return _page(form, _waiting(), status=422)
    flash(waiting_note() if outcome is approvals.Outcome.ASKED else _("Đã bổ sung %(n)s người.", n=number))
    return redirect(url_for("desk.follow_up_reserve", wave=wave), 303)


def _release(group: str, number: int, reason: str) -> approvals.Outcome:
    told = {"group": group, "number": number, "stratum": None}
    return approvals.do_or_ask(web(), gate.wave_here(), gate.account_here(), deeds.RELEASE, told, reason)


@blueprint.post("/w/<wave>/follow-up/reserve/issue", endpoint="follow_up_issue")
def follow_up_issue(wave: str) -> ResponseReturnValue:
    """Issue the invitations of those who were released and have none yet."""
    app, here = web(), gate.wave_here()
    made = issuing.issue(app.store, app.keyring, app.clock, here, who=gate.account_here().who)
    flash(_("Đã phát ra %(made)s phiếu. Hãy in hoặc gửi phiếu cho họ.", made=made))
    return redirect(url_for("desk.follow_up_reserve", wave=wave), 303)


def _to_issue() -> int:
    """How many were released and have no invitation; none before the wave is open, when issuing opens it."""
    here = gate.wave_here()
    if here.state != "open":
        return 0
    with web().store.read() as tx:
        return sum(1 for _row in tx.invitation_to_issue(wave=here.spec.id))


def _waiting() -> list[tuple[str, str, int]]:
    """Group, its name and how many wait."""
    here = gate.wave_here()
    with web().store.read() as tx:
        rows = {row["grp"]: row["waits"] for row in tx.followup_reserve(wave=here.spec.id)}
    return [(group.id, group.name.of(chosen()), rows[group.id]) for group in here.spec.groups if group.id in rows]


def _number(form: Releasing, waiting: list[tuple[str, str, int]]) -> int | None:
    """How many are asked for; None, with an error beside the field, when that cannot be."""
    text = (form.number.data or "").strip()
    most = {group: n for group, _name, n in waiting}[form.group.data]
    if not (text.isascii() and text.isdecimal() and len(text) < 8 and int(text) >= 1):
        form.number.errors = [_("Ghi một số nguyên từ 1 trở lên.")]
        return None
    if int(text) > most:
        form.number.errors = [_("Nhóm này chỉ còn %(n)s người dự phòng.", n=most)]
        return None
    return int(text)


def _page(
    form: Releasing, waiting: list[tuple[str, str, int]], preview: Preview | None = None, status: int = 200
) -> Response:
    return rendering.page(
        "follow_up_reserve.html", status=status, form=form, shown=preview,
        waiting=[(name, n) for _group, name, n in waiting], to_issue=_to_issue(),
    )  # fmt: skip
