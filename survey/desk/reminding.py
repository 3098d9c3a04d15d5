"""Reminders and first messages: first who would get one and why others do not, then the sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from forms.faults import Faults
from survey import links
from survey.approvals import approvals, deeds
from survey.delivery import due, sending
from survey.delivery.due import Due, NotNow, Round, Why
from survey.delivery.messages import Channel, Purpose
from survey.desk import downloads, gate, jobs_page, rendering
from survey.desk.approvals_page import waiting_note
from survey.desk.blueprint import blueprint
from survey.desk.follow_up_forms import Exported
from survey.language import day
from survey.language import gettext as _
from survey.paper import marks as paper_marks
from survey.web import web

HIDDEN = "X" * 12  # in place of a code, wherever a message is shown


@dataclass(frozen=True, slots=True)
class Planned:
    """A sending that could be made now, or why it cannot."""

    title: str
    purpose: Purpose
    channel: Channel
    due: int = 0
    left_out: tuple[tuple[str, int], ...] = ()
    sample: tuple[str, str] | None = None
    why: str = ""
    resumed: bool = False


def channels() -> list[Channel]:
    """Those by which some group of this wave is reached."""
    modes = {group.mode for group in gate.wave_here().spec.groups}
    return [channel for channel in Channel if str(channel) in modes]


@blueprint.get("/w/<wave>/follow-up/messages", endpoint="follow_up_messages")
def follow_up_messages(wave: str) -> Response:
    """What could be sent, as of now: nothing is changed by looking."""
    return _page()


def _page(form: Exported | None = None, asked: Mapping[str, str] | None = None) -> Response:
    asked = request.args if asked is None else asked
    purpose, channel = asked.get("purpose", ""), asked.get("channel", "")
    here, ways = gate.wave_here(), channels()
    chosen = purpose in tuple(Purpose) and channel in ways
    with web().store.read() as tx:
        rounds = [dict(row) for row in tx.followup_rounds(wave=here.spec.id)]
    return rendering.page(
        "follow_up_messages.html", status=200 if form is None else 422, ways=_ways(ways, purpose, channel),
        planned=_planned(Purpose(purpose), Channel(channel)) if chosen else None, rounds=rounds,
        form=form or Exported(), purposes=_purposes(), names=_names(), mail=web().settings.smtp,
    )  # fmt: skip


def _ways(there: list[Channel], purpose: str, channel: str) -> list[dict[str, object]]:
    address = url_for("desk.follow_up_messages", wave=gate.wave_here().spec.id)
    return [
        {"href": f"{address}?purpose={each}&channel={way}", "what": _purposes()[each], "how": _names()[way],
         "here": (each, way) == (purpose, channel)}
        for way in there
        for each in Purpose
    ]  # fmt: skip


def _purposes() -> dict[str, str]:
    return {"invite": _("thư mời"), "remind": _("nhắc")}


def _names() -> dict[str, str]:
    return {"email": _("thư điện tử"), "sms": _("tin nhắn SMS"), "zalo": _("Zalo")}


def _planned(purpose: Purpose, channel: Channel) -> Planned:
    app, here = web(), gate.wave_here()
    title = _("Xem trước: %(what)s bằng %(how)s", what=_purposes()[purpose], how=_names()[channel])
    try:
        found, people, out = due.plan(app.store, app.keyring, app.settings, app.clock, here, purpose, channel)
    except NotNow as refused:
        return Planned(title, purpose, channel, why=reason_why(refused))
    left = tuple(sorted((_left_out().get(why, why), n) for why, n in out.items()))
    return Planned(title, purpose, channel, len(people), left, _sample(found, people), resumed=found.resumed)


def _sample(found: Round, people: list[Due]) -> tuple[str, str] | None:
    """The first message, with neither its code nor its link."""
    if not people:
        return None
    first, here = people[0], gate.wave_here()
    link = first.values["link"].rpartition("/")[0] + "/" + HIDDEN
    shown = Due(first.serial, first.group, "", dict(first.values) | {"code": HIDDEN, "link": link})
    return sending.words(here, found, shown, ("vi",), paper_marks.marks(here))


def reason_why(refused: NotNow) -> str:
    """Why nothing can be sent now, in the language of the page."""
    return {
        Why.CLOSED: _("Hôm nay đợt điều tra không nhận trả lời nên không gửi gì."),
        Why.NO_GROUP: _("Không nhóm nào được liên hệ bằng hình thức này."),
        Why.UNFINISHED: _("Lượt gửi số %(n)s còn dang dở; hãy gửi tiếp lượt đó trước.", n=refused.number),
        Why.NOBODY_INVITED: _("Chưa gửi thư mời nên chưa có ai để nhắc."),
        Why.ENOUGH: _("Phương án cho nhắc nhiều nhất %(n)s lần, đã nhắc đủ.", n=refused.number),
        Why.TOO_SOON: _("Chưa đến hạn: có thể nhắc từ ngày %(day)s.", day=day(refused.on) if refused.on else ""),
    }[refused.why]


def _left_out() -> dict[str, str]:
    return {
        "begun before, and not confirmed": _("đã gửi dở trước đây, chưa rõ đến hay không; không gửi lại"),
        "never invited": _("chưa từng được mời"),
        "no address": _("không có địa chỉ"),
        "shared or staff contact": _("địa chỉ chung của nhiều người hoặc của cán bộ"),
        "no valid address": _("địa chỉ không đúng dạng"),
        "bounced or opted out": _("thư bị trả lại, hoặc người nhận không muốn nhận nữa"),
    }


@blueprint.post("/w/<wave>/follow-up/messages", endpoint="follow_up_send")
def follow_up_send(wave: str) -> ResponseReturnValue:
    """Send a round by e-mail, as a job: it takes as long as the mail server wants."""
    purpose, app, here = request.form.get("purpose", ""), web(), gate.wave_here()
    if purpose not in tuple(Purpose) or Channel.EMAIL not in channels() or app.settings.smtp is None:
        abort(400)
    form = Exported()
    refused = links_lead_nowhere() or _planned(Purpose(purpose), Channel.EMAIL).why
    if not refused:
        remind = ["--remind"] if purpose == Purpose.REMIND else []
        try:
            jobs_page.begin("send", "--wave", here.spec.id, *remind, wave=here.spec.id)
        except Faults:
            refused = _("Một việc khác đang chạy. Hãy đợi việc đó xong rồi gửi.")
    if refused:
        form.form_errors.append(refused)
        return _page(form, {"purpose": purpose, "channel": Channel.EMAIL})
    flash(_("Đang gửi. Mục Việc đang chạy cho biết gửi đến đâu."))
    return redirect(url_for("desk.follow_up_messages", wave=wave), 303)


def links_lead_nowhere() -> str:
    """Why codes may not leave yet: their links would open on this machine alone; '' when they lead somewhere."""
    try:
        links.warning(web().settings.base_url, gate.wave_here(), local=False)
    except Faults:
        return _("Liên kết trên phiếu còn trỏ về chính máy chủ này nên điện thoại không mở được. Hãy đặt base_url "
                 "trong phieu.toml trước.")  # fmt: skip
    return ""


@blueprint.post("/w/<wave>/follow-up/gateway", endpoint="follow_up_gateway")
def follow_up_gateway(wave: str) -> ResponseReturnValue:
    """A list for a gateway: telephones and texts with codes, so only for who may have codes. Then it counts as sent."""
    form = Exported(request.form)
    purpose, channel = request.form.get("purpose", ""), request.form.get("channel", "")
    if purpose not in tuple(Purpose) or channel not in channels() or channel == Channel.EMAIL:
        abort(400)
    if refused := links_lead_nowhere():
        form.form_errors.append(refused)
    if not form.validate() or refused:
        return _page(form, request.form)
    app, here = web(), gate.wave_here()
    kept: list[tuple[str, str]] = []
    if late := _planned(Purpose(purpose), Channel(channel)).why:  # an approval is good for once: not for nothing
        form.reason.errors = [late]
        return _page(form, request.form)
    asked = {"unit": None, "place": None, "group": _only_group(channel), "contacts": True}
    outcome = approvals.do_or_ask(app, here, gate.account_here(), deeds.EXPORT_CODES, asked, form.reason.data)
    if outcome is approvals.Outcome.ASKED:
        flash(waiting_note())
        return redirect(url_for("desk.follow_up_messages", wave=wave), 303)
    sending.listed(
        app.store, app.keyring, app.settings, app.clock, here, Purpose(purpose), Channel(channel), kept.extend,
        marks=paper_marks.marks(here), who=gate.account_here().who, reason=form.reason.data,
    )  # fmt: skip
    return downloads.table(f"{here.spec.id}-{channel}.{form.kind.data}", ("phone", "text"), kept)


def _only_group(channel: str) -> str | None:
    """The group that a channel reaches, where it is one; the approval is then about that group alone."""
    groups = [group.id for group in gate.wave_here().spec.groups if group.mode == channel]
    return groups[0] if len(groups) == 1 else None
