"""The first page and the last one."""

from __future__ import annotations

from flask import Response
from markupsafe import Markup

from survey import drafts
from survey.citizen import messages, sheets
from survey.citizen.form import Form, start_looks
from survey.citizen.gate import Visit
from survey.citizen.rendering import page as render
from survey.citizen.rendering import receipt as receipt_page
from survey.dispositions import State
from survey.language import chosen, day, go, home
from survey.language import gettext as _
from survey.plan.wave_spec import WALK_IN
from survey.web import web

RECEIPT = "receipt"  # a page of which there is one


def show(here: Visit) -> Response:
    """Who asks, about whom, why, how long, and why it can be believed that nobody learns who said what."""
    if here.invitation.state is State.REFUSED:
        return render(
            "message.html", hotlines=here.hotlines, message=messages.refused(), undo=True, code=here.code, typed=()
        )
    started = bool(here.draft.entries)
    if not sheets.suits():
        return _print(here, here.code, here.form, started=started)
    looks = start_looks(here.invitation, here.draft)
    return sheets.filled(here, looks, lambda code, form: _print(here, code, form, started=started))


def _print(here: Visit, code: str, form: Form, *, started: bool) -> Response:
    spec, language = here.wave.spec, chosen()
    group = spec.group(here.invitation.group)
    return render(
        "start.html",
        hotlines=here.hotlines,
        code=code,
        title=spec.title.of(language),
        heading=_heading(form),
        lead=_lead(here, group.assesses),
        several=form.declinable,
        units=form.units,
        authority=spec.authority,
        minutes=form.questionnaire.minutes,
        closes=day(spec.closes),
        k=spec.k,
        started=started,
        hides_earlier=here.hides_earlier,
        simulated=spec.simulated,
        pilot=here.wave.pilot,
    )


def first_page(here: Visit, *, afresh: bool) -> int | None:
    """Where *Begin* leads: to the first page, or to the first one left unanswered; None when only sending is left.

    ``afresh`` throws away what an earlier sitting left.
    """
    if not here.hides_earlier:
        return here.form.first_open(here.draft)
    if afresh:
        drafts.discard(web().drafts, here.keys, here.code)
    here.begin_sitting()
    return 1 if afresh else here.form.first_untouched(here.draft)


def _heading(form: Form) -> str:
    units = form.units
    if len(units) == 1:
        return _("Xin ý kiến Ông/Bà về %(unit)s", unit=units[0].name.of(chosen()))
    return _("Xin ý kiến Ông/Bà về %(number)s cơ quan, địa phương", number=len(units))


def _lead(here: Visit, assesses: str) -> str:
    if here.invitation.mode == WALK_IN:
        return _(
            "Ý kiến gửi qua bảng mã QR được thống kê riêng, không tính vào điểm cải cách hành chính, vì người trả lời "
            "không được chọn ngẫu nhiên."
        )
    if assesses == "dossier":
        return _(
            "Ông/Bà được chọn ngẫu nhiên trong số những người có hồ sơ do cơ quan này giải quyết. Câu trả lời được "
            "dùng để chấm điểm cải cách hành chính của cơ quan."
        )
    if assesses == "own":
        return _(
            "Xin Ông/Bà đánh giá công tác cải cách hành chính tại cơ quan mình. Câu trả lời được dùng để chấm điểm "
            "cải cách hành chính của cơ quan."
        )
    if here.form.declinable:
        return _(
            "Xin Ông/Bà đánh giá lần lượt từng nơi dưới đây, theo những gì Ông/Bà biết. Nơi nào không đủ thông tin thì "
            "có thể bỏ qua."
        )
    return _("Xin Ông/Bà đánh giá công tác cải cách hành chính của cơ quan này, theo những gì Ông/Bà biết.")


def receipt(here: Visit, code: str) -> Response:
    """The receipt, shown once: it is in no address and no log."""
    if not sheets.suits():
        return _print_receipt(here, code)
    return sheets.filled(
        here, RECEIPT, lambda _code, _form: _print_receipt(here, sheets.blank("receipt")), receipt=code
    )


def _print_receipt(here: Visit, code: str) -> Response:
    link = Markup('<a href="{}">{}</a>').format(go(home() + "check"), _("Kiểm tra phiếu trả lời"))
    saved = "\n".join((here.wave.spec.title.of(chosen()), _("Mã biên nhận của Ông/Bà"), code, ""))
    return receipt_page(hotlines=here.hotlines, receipt=code, check_link=link, saved=saved)
