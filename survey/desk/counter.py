"""The clerk's page: a dossier's number in, an answer out, and the slip past this screen to a printer or a tablet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from forms.faults import Faults
from survey import invitations
from survey.counter import desk as counter
from survey.counter import handing, printers, tablets
from survey.counter import secret as counter_secret
from survey.counter.desk import Answer
from survey.counter.printers import Printer
from survey.counter.selection import dossier_number
from survey.desk import carrying
from survey.desk.blueprint import blueprint
from survey.desk.gate import account_here, wave_here
from survey.desk.rendering import page as render
from survey.invitations import Door
from survey.kiosks import Listed
from survey.language import gettext as _
from survey.web import web

LONGEST = 120  # characters of a dossier number, link and all
PURPOSE = "counter"
PRINTED, SENT, AGAIN = "printed", "sent", "again"  # what was done since the answer


@dataclass(frozen=True, slots=True)
class Asked:
    """The dossier on the screen: what was answered about it and what was done since."""

    number: str
    answer: Answer
    done: str = ""

    @property
    def live(self) -> bool:
        """Whether its slip may be printed, or a tablet opened; one that was sent to a tablet may be printed instead."""
        return self.answer is Answer.SELECTED and self.done != PRINTED

    @property
    def over(self) -> bool:
        """Whether it left this counter, so that it might have to be handed out once more."""
        return self.done in (PRINTED, SENT) or self.answer is Answer.DONE


@dataclass(frozen=True, slots=True)
class Ways:
    """How a slip can leave this counter."""

    printers: tuple[Printer, ...]
    tablets: tuple[Listed, ...]

    @property
    def none(self) -> bool:
        """Whether there is no way: nothing should be asked then."""
        return not (self.printers or self.tablets)


@blueprint.get("/w/<wave>/counter", endpoint="counter")
def show(wave: str) -> ResponseReturnValue:
    """One field for the next dossier, and what was answered about the last."""
    return _page(_asked(request.args.get("t", "")))


@blueprint.post("/w/<wave>/counter", endpoint="counter_ask")
def ask(wave: str) -> ResponseReturnValue:
    """Ask about a dossier."""
    number = dossier_number(request.form.get("number", "")[:LONGEST])
    if not number:
        return _page(None, fault=_("Xin nhập hoặc quét mã hồ sơ."), status=422)
    if _ways().none:
        return _page(None, status=422)
    w = web()
    try:
        answer = counter.ask(
            w.store, w.keyring, w.clock, wave_here(), number, handed_over="handed_over" in request.form,
            place=account_here().place, who=account_here().who,
        )  # fmt: skip
    except Faults as fault:
        return _page(None, fault=said(fault), status=422)
    return _onward(Asked(number, answer))


@blueprint.post("/w/<wave>/counter/print", endpoint="counter_print")
def print_slip(wave: str) -> ResponseReturnValue:
    """The slip goes to a printer of this counter."""
    w = web()

    def do(number: str) -> None:
        handing.print_slip(
            w.store, w.keyring, w.settings, w.clock, wave_here(), number, place=account_here().place,
            printer=request.form.get("printer", ""), who=account_here().who,
        )  # fmt: skip

    return _handed(do, PRINTED)


@blueprint.post("/w/<wave>/counter/open", endpoint="counter_open")
def open_tablet(wave: str) -> ResponseReturnValue:
    """A tablet of this counter opens the questionnaire."""
    w, told = web(), request.form.get("kiosk", "")
    kiosk = int(told) if told.isascii() and told.isdecimal() and len(told) < 10 else 0

    def do(number: str) -> None:
        tablets.offer(
            w.store, w.keyring, w.clock, wave_here(), number, kiosk, place=account_here().place,
            who=account_here().who,
        )  # fmt: skip

    return _handed(do, SENT)


@blueprint.post("/w/<wave>/counter/again", endpoint="counter_again")
def again(wave: str) -> ResponseReturnValue:
    """The slip jammed, or the tablet failed: once more, with a reason."""
    w, reason = web(), request.form.get("reason", "").strip()

    def do(number: str) -> None:
        handing.ask_again(
            w.store, w.keyring, w.clock, wave_here(), number, reason=reason[:200], place=account_here().place,
            who=account_here().who,
        )  # fmt: skip

    missing = "" if reason else _("Xin ghi lý do in lại, ví dụ: kẹt giấy.")
    return _handed(do, AGAIN, missing=missing, reason=reason)


def _handed(do: Callable[[str], None], done: str, *, missing: str = "", **typed: str) -> ResponseReturnValue:
    """Do it with the dossier that the page is about; the page again, with what was typed, where it cannot be done."""
    asked = _asked(request.form.get("t", ""))
    if asked is None:
        return _page(None, fault=_("Trang này đã cũ. Xin hỏi lại hồ sơ."), status=422)
    if missing:
        return _page(asked, fault=missing, status=422, **typed)
    try:
        do(asked.number)
    except Faults as fault:
        return _page(asked, fault=said(fault), status=422, **typed)
    return _onward(Asked(asked.number, Answer.SELECTED, done))


def said(fault: Faults) -> str:
    """What a clerk is told where the counter cannot do it."""
    sentences: dict[type[Faults], str] = {
        counter.Closed: _("Đợt điều tra này hôm nay không nhận trả lời. Không hỏi, không phát phiếu."),
        counter.OnTwoLists: _("Mã hồ sơ này có trong danh sách của hai nhóm. Xin báo điều phối khảo sát."),
        counter_secret.NotReady: _("Chưa có số công khai nên chưa chọn được hồ sơ nào. Xin báo điều phối khảo sát."),
        handing.NotLive: _("Hồ sơ này không còn chờ phát phiếu: đã phát, hoặc đã quá 15 phút. Xin hỏi lại."),
        handing.NotAgain: _("Phiếu này không in lại được ở quầy. Xin báo điều phối khảo sát."),
        tablets.Busy: _("Máy này đang chờ mở phiếu của người khác. Xin chọn máy khác hoặc chờ phiếu kia được mở."),
        printers.NoPrinter: _("Quầy này chưa có máy in như vậy. Xin báo điều phối khảo sát hoặc dùng máy trả lời."),
        printers.NotPrinted: _("Máy in không nhận phiếu. Chưa có phiếu nào được phát: kiểm tra máy in rồi bấm in lại."),
    }  # fmt: skip
    return sentences.get(type(fault), _("Không thực hiện được. Xin báo điều phối khảo sát."))


def answered(answer: Answer) -> tuple[str, str, str]:
    """(sign, headline, what to do) of an answer."""
    return {
        Answer.SELECTED: ("✓", _("Được chọn"), _("Phát phiếu ngay trong 15 phút: in phiếu hoặc mở trên máy trả lời.")),
        Answer.NOT_SELECTED: ("–", _("Không được chọn"), _("Không phải làm gì thêm. Chuyển sang hồ sơ tiếp theo.")),
        Answer.EARLY: ("!", _("Chưa đến hạn"), _(
            "Kết quả chưa đến hạn trả và chưa được trả. Lượt hỏi này được ghi là hỏi sớm."
        )),
        Answer.UNLISTED: ("?", _("Không có trong danh sách"), _(
            "Xem lại mã hồ sơ. Hồ sơ có thể thuộc nơi khác hoặc ngoài thời gian điều tra."
        )),
        Answer.DONE: ("✓", _("Đã phát phiếu"), _("Hồ sơ này đã được in phiếu hoặc đã mở trên máy trả lời.")),
    }[answer]  # fmt: skip


def _asked(word: str) -> Asked | None:
    told = carrying.opened(web().keyring, account_here().name, f"{PURPOSE} {wave_here().spec.id}", word)
    return None if told is None else Asked(told["number"], Answer(told["answer"]), told["done"])


def _word(asked: Asked) -> str:
    told = {"number": asked.number, "answer": asked.answer, "done": asked.done}
    return carrying.seal(web().keyring, account_here().name, f"{PURPOSE} {wave_here().spec.id}", told)


def _onward(asked: Asked) -> ResponseReturnValue:
    """To the page that shows it, which may be loaded again without asking again."""
    return redirect(url_for("desk.counter", wave=wave_here().spec.id, t=_word(asked)), 303)


def _ways() -> Ways:
    w, place = web(), account_here().place
    here = tablets.at_place(w.store, w.clock, place)
    return Ways(printers.of_place(w.settings.printers, place), tuple(here))


def _page(asked: Asked | None, *, fault: str = "", status: int = 200, **more: Any) -> Response:
    wave, place = wave_here(), account_here().place
    names = {each.id: each.name for each in wave.spec.places}
    known = place in names and bool(wave.spec.counter_groups)
    return render(
        "counter.html", status=status, asked=asked, word=_word(asked) if asked else "", fault=fault, ways=_ways(),
        told=answered(asked.answer) if asked else None, place=names[place].of("vi") if place in names else place,
        known=known, door=invitations.door(wave, web().clock) is Door.OPEN, **more,
    )  # fmt: skip
