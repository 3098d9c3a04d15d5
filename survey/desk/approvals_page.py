"""Acts that wait for a second person: approve, refuse with a reason, or take one's own request back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from forms.faults import Faults
from survey.accounts.accounts import Account
from survey.approvals import approvals, deeds
from survey.approvals.approvals import Outcome, Request
from survey.desk import faces
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import account_here
from survey.desk.rendering import page
from survey.language import chosen
from survey.language import gettext as _
from survey.wave import RegisteredWave
from survey.web import web


class Refusal(DeskForm):
    """Why a request is refused."""

    reason = StringField(validators=[Needed()])


@dataclass(frozen=True, slots=True)
class Line:
    """A request as the page shows it."""

    request: Request
    what: str
    wave: str
    parts: tuple[tuple[str, str], ...]
    asked: str
    decided: str
    state: str
    mine: bool
    why_not: str


@blueprint.get("/approvals", endpoint="approvals")
def every() -> ResponseReturnValue:
    """What waits, and what was decided."""
    return _page(Refusal(None))


def _page(form: Refusal, status: int = 200, wrong: int = 0) -> ResponseReturnValue:
    lines = [_line(account_here(), one) for one in approvals.latest(web())]
    waiting = [line for line in lines if line.request.state == "pending"]
    rest = [line for line in lines if line.request.state != "pending"]
    return page("approvals.html", status=status, waiting=waiting, rest=rest, form=form, wrong=wrong)


def _line(person: Account, one: Request) -> Line:
    wave = web().wave(one.wave)
    why_not = approvals.may_decide(wave.spec, person, one) if one.state == "pending" else ""
    decided = faces.moment(one.decided_at) if one.decided_at else ""
    return Line(
        one, kind_name(one.kind), wave.spec.title.of(chosen()), tuple(_parts(wave, one.shown)),
        faces.moment(one.asked_at), decided, _state(one.state), one.asker == person.who, why_not,
    )  # fmt: skip


def kind_name(kind: str) -> str:
    """A kind of act as people say it."""
    return {
        deeds.ADMIT_LATE: _("Nhận các phiếu về muộn"),
        deeds.EXCLUDE_LATE: _("Loại các phiếu về muộn"),
        deeds.RELEASE: _("Dùng mẫu dự phòng"),
        deeds.REISSUE: _("Cấp lại mã"),
        deeds.REVOKE: _("Thu hồi phiếu"),
        deeds.EXPORT_CODES: _("Xuất mã trả lời"),
        deeds.SLIPS: _("In phiếu có mã"),
        deeds.CONTACTS: _("Tải danh sách liên hệ"),
        deeds.VISIT_LIST: _("Lấy danh sách đến gặp"),
        deeds.HAND_AGAIN: _("Cho phát lại phiếu của một hồ sơ"),
    }.get(kind, kind)


def _parts(wave: RegisteredWave, shown: Mapping[str, Any]) -> list[tuple[str, str]]:
    named: dict[str, Sequence[Any]] = {"unit": wave.spec.units, "place": wave.spec.places, "group": wave.spec.groups}
    words = {
        "serials": _("Số phiếu"), "strips": _("Số cuống phiếu"), "group": _("Nhóm đối tượng"), "number": _("Số lượng"),
        "stratum": _("Tầng"), "unit": _("Cơ quan"), "place": _("Nơi tiếp nhận"), "contacts": _("Kèm địa chỉ liên hệ"),
        "state": _("Tình trạng"),
    }  # fmt: skip
    told = []
    for key, value in shown.items():
        names = {each.id: each.name.of(chosen()) for each in named.get(key, ())}
        text = ", ".join(map(str, value)) if isinstance(value, list) else names.get(value, str(value))
        text = {True: _("có"), False: _("không")}[value] if isinstance(value, bool) else text
        if value not in (None, ""):
            told.append((words.get(key, key), text))
    return told


def _state(state: str) -> str:
    return {
        "pending": _("Chờ duyệt"), "doing": _("Đang thực hiện"), "done": _("Đã thực hiện"),
        "failed": _("Không thực hiện được"),
        "granted": _("Đã duyệt, chờ người đề nghị lấy tệp"), "used": _("Đã lấy tệp"), "refused": _("Không duyệt"),
        "withdrawn": _("Đã rút đề nghị"), "expired": _("Quá hạn bảy ngày"),
    }[state]  # fmt: skip


@blueprint.post("/approvals/<int:number>/approve", endpoint="approvals_approve")
def approve(number: int) -> ResponseReturnValue:
    """Approve, which does the act at once."""
    wave = _wave_of(number)
    outcome = approvals.approve(web(), wave, number, account_here())
    done = outcome is Outcome.DONE
    flash(_("Đã duyệt và thực hiện.") if done else _("Đã duyệt. Người đề nghị lấy được tệp một lần."))
    return redirect(url_for("desk.approvals"), 303)


@blueprint.post("/approvals/<int:number>/refuse", endpoint="approvals_refuse")
def refuse(number: int) -> ResponseReturnValue:
    """Refuse, with the reason."""
    form, wave = Refusal(request.form), _wave_of(number)
    if not form.validate():
        return _page(form, 422, number)
    approvals.refuse(web(), wave, number, account_here(), reason=form.reason.data)
    flash(_("Đã ghi là không duyệt."))
    return redirect(url_for("desk.approvals"), 303)


@blueprint.post("/approvals/<int:number>/withdraw", endpoint="approvals_withdraw")
def withdraw(number: int) -> ResponseReturnValue:
    """Take one's own request back."""
    _wave_of(number)
    approvals.withdraw(web(), number, account_here())
    flash(_("Đã rút đề nghị."))
    return redirect(url_for("desk.approvals"), 303)


def _wave_of(number: int) -> RegisteredWave:
    try:
        return web().wave(approvals.get(web(), number).wave)
    except Faults:
        abort(404)


def waiting_note() -> str:
    """What a view flashes when its act has to wait for a second person."""
    return _("Việc này liên quan đến cơ quan chủ trì nên cần người thứ hai duyệt. Đề nghị đã ghi ở mục Chờ duyệt.")
