"""The respondent's routes: thin, one gate before them, nothing changed by a GET."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from forms.questionnaire import Page
from survey import codes, invitations, proxy, responses
from survey.citizen import checking, gate, proving, rendering, sections, starting
from survey.citizen.gate import Visit, visit
from survey.language import gettext as _
from survey.language import go
from survey.responses import Outcome
from survey.web import web

blueprint = Blueprint("citizen", __name__, template_folder="templates")
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


@blueprint.before_request
def enter() -> Response | None:
    """Refuse what is no form, then find out whose page this is."""
    if request.method == "POST" and request.content_length and request.mimetype not in FORM_TYPES:
        abort(415)
    if request.method == "POST" and request.content_length is None and "Transfer-Encoding" in request.headers:
        abort(411)  # no browser sends a form so, and nobody could tell a whole one from one that was cut off
    return gate.enter()


def _onward(target: str) -> ResponseReturnValue:
    return Response(status=303, headers={"Location": target})


def _page(here: Visit, number: int) -> Page:
    if not 1 <= number <= len(here.form.pages):
        abort(404)
    return here.form.pages[number - 1]


@blueprint.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """What this is; type a code."""
    typed = request.form.get("code", "")
    if request.method == "GET":
        return rendering.page("code.html", hotlines=web().known_hotlines, typed="", fault="")
    code = codes.normalise(typed)
    if codes.is_valid(code):
        return _onward(go(f"P/{code}"))
    fault = typing_fault(code)
    return rendering.page(
        "code.html", status=422, hotlines=web().known_hotlines, switchable=False, typed=typed[:40], fault=fault
    )


def typing_fault(code: str) -> str:
    """What is wrong with a code that was typed, before any look-up."""
    if not code:
        return _("Xin nhập mã trả lời in trên phiếu.")
    if len(code) != codes.LENGTH:
        return _("Mã trả lời có 12 chữ và số; Ông/Bà đã nhập %(number)s.", number=len(code))
    return _("Có chữ hoặc số bị nhầm. Xin so lại từng nhóm bốn ký tự với mã in trên phiếu.")


@blueprint.route("/check", methods=["GET", "POST"])
def check_receipt() -> ResponseReturnValue:
    """Is my answer counted? Read only; asked by POST so that no receipt stands in an address we write."""
    typed = request.values.get("receipt", "")[:60]
    wanted = request.form.get("as", "")
    if typed and wanted and (proof := proving.given(typed, wanted)) is not None:
        return proof
    found = responses.counted(web().store, typed) if typed else None
    return rendering.page(
        "counted.html",
        seals=proving.last_seals(),
        hotlines=web().known_hotlines,
        switchable=request.method == "GET" and not typed,
        typed=typed,
        found=found,
        fault=receipt_fault(codes.normalise(typed)) if typed and not found else "",
    )


def receipt_fault(receipt: str) -> str:
    """Why no response has this receipt, as far as its looks tell."""
    if len(receipt) == codes.RECEIPT_LENGTH:
        return _("Không có phiếu trả lời nào mang mã biên nhận này. Xin Ông/Bà xem lại từng chữ và số.")
    if codes.is_valid(receipt):
        return _("Đây là mã trả lời in trên phiếu. Mã biên nhận có 16 chữ và số, hiện ra sau khi gửi phiếu.")
    return _("Mã biên nhận có 16 chữ và số; Ông/Bà đã nhập %(number)s.", number=len(receipt))


@blueprint.route("/P/<code>", methods=["GET", "POST"])
@blueprint.route("/p/<code>", methods=["GET", "POST"])
def start(code: str) -> ResponseReturnValue:
    """The first page; *Begin* posts here and changes nothing either: a section does that."""
    here = visit()
    if request.method != "POST":
        return starting.show(here)
    return _onward(go(f"{here.code}/{starting.first_page(here, afresh='afresh' in request.form) or 'check'}"))


@blueprint.get("/P/<code>/")
@blueprint.get("/p/<code>/")
def start_with_slash(code: str) -> ResponseReturnValue:
    """Some scanners and people add a slash."""
    return _onward(go(f"../{visit().code}"))


@blueprint.get("/P/<code>/<int:number>")
@blueprint.get("/p/<code>/<int:number>")
def section(code: str, number: int) -> ResponseReturnValue:
    """Show a section; one on which nothing is asked leads on."""
    here = visit()
    page = _page(here, number)
    draft = here.seen(here.draft)
    in_sitting = here.sitting or not here.hides_earlier
    if in_sitting and here.form.vanishes(page, draft):
        return _onward(go(str(here.form.after(number, draft) or "check")))
    return sections.show(here, page, draft)


@blueprint.post("/P/<code>/<int:number>")
@blueprint.post("/p/<code>/<int:number>")
def save_section(code: str, number: int) -> ResponseReturnValue:
    """Save a section and lead on; with faults the page comes back and what was right is saved."""
    here = visit()
    page = _page(here, number)
    before = here.seen(here.draft)
    found, saved = sections.save(here, page)
    if isinstance(saved, Outcome):
        return gate.overtaken()
    now = here.seen(saved)
    if found.faults:
        typed = request.form.to_dict(flat=False)
        return sections.show(here, page, now, sections.Refused(found.faults, typed))
    return _onward(sections.next_target(here, page, before, now))


@blueprint.get("/P/<code>/check")
@blueprint.get("/p/<code>/check")
def check(code: str) -> ResponseReturnValue:
    """The answers, and the form that submits them; outside a sitting that may see them, the first page."""
    here = visit()
    if here.hides_earlier and not here.sitting:
        return _onward(go(f"../{here.code}"))
    return checking.show(here)


@blueprint.post("/P/<code>/submit")
@blueprint.post("/p/<code>/submit")
def submit(code: str) -> ResponseReturnValue:
    """Spend the invitation. The one POST that answers 200: the receipt is in its body and nowhere else."""
    here, w = visit(), web()
    result = responses.submit(
        w.store,
        w.drafts,
        w.keyring,
        w.clock,
        here.wave,
        here.code,
        request.form.get("receipt", ""),
        request.form.get("tag", ""),
        seen=sections.seen_revision(),
    )
    if result.stored:
        w.arrivals.add(here.wave, here.keys, here.invitation, proxy.address(request))
    if result.outcome is Outcome.RECEIVED:
        return starting.receipt(here, codes.grouped(result.receipt))
    if result.outcome is Outcome.FRESH:
        here.begin_sitting()
        return checking.show(here, stale=True)
    return gate.overtaken()


@blueprint.post("/P/<code>/refuse")
@blueprint.post("/p/<code>/refuse")
def refuse(code: str) -> ResponseReturnValue:
    """The respondent does not wish to take part."""
    here = visit()
    invitations.refuse(web().store, web().clock, here.wave, here.invitation)
    return _onward(go(f"../{here.code}"))


@blueprint.post("/P/<code>/undo")
@blueprint.post("/p/<code>/undo")
def undo(code: str) -> ResponseReturnValue:
    """The respondent thought again."""
    here = visit()
    begun = here.draft.revision > 0
    invitations.undo_refusal(web().store, web().clock, here.wave, here.invitation, begun=begun)
    return _onward(go(f"../{here.code}"))


@blueprint.get("/P/<code>/submit")
@blueprint.get("/p/<code>/submit")
@blueprint.get("/P/<code>/refuse")
@blueprint.get("/p/<code>/refuse")
@blueprint.get("/P/<code>/undo")
@blueprint.get("/p/<code>/undo")
def back_to_start(code: str) -> ResponseReturnValue:
    """An address of a POST opened by hand, or a reload that lost its form."""
    return _onward(go(f"../{visit().code}"))
