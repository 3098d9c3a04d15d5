"""The keyer's page: scan a strip, key the form, next. Nothing here names an invitation, a contact or a result.

The code travels sealed in a hidden field, in no address. Results of a form go on in words, never with its code.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from forms.faults import Faults
from forms.questionnaire import ItemType
from survey import audit, invitations
from survey.desk import carrying
from survey.desk.blueprint import blueprint
from survey.desk.gate import account_here, wave_here
from survey.desk.keying_names import keyer_name
from survey.desk.keying_words import fault_of, refused, result_of
from survey.desk.rendering import page as render
from survey.invitations import Door, Invitation
from survey.keying import counting_in, keyed_page, keyers, keying
from survey.keying.counting_in import Batch, scanned
from survey.keying.keyed_file import Form
from survey.keying.keyers import Keyer
from survey.keying.keying import Result, Sitting
from survey.language import gettext as _
from survey.web import web

STRIP = "strip"
BEGUN = "batch begun"
ANSWERED_ALREADY = "đã có câu trả lời"


@dataclass(frozen=True, slots=True)
class Strip:
    """A strip in hand: its code, which stays off the screen, and its invitation."""

    code: str
    invitation: Invitation

    @property
    def units(self) -> tuple[str, ...]:
        """The offices on the paper, in its order."""
        return self.invitation.unit_ids


@blueprint.get("/w/<wave>/keying", endpoint="keying")
def show(wave: str) -> ResponseReturnValue:
    """The batches with forms to key."""
    known = counting_in.status(web().store, web().drafts, wave)
    open_ones = [batch for batch in known if not batch.waiting and (batch.left or batch.held)]
    return render("keying.html", batches=open_ones, keyer=_keyer(), takes=_takes())


@blueprint.post("/w/<wave>/keying/<int:batch>/begin", endpoint="keying_begin")
def begin(wave: str, batch: int) -> ResponseReturnValue:
    """Begin with a batch: logged once, not form by form."""
    at, here = _sitting(batch), _batch(batch)
    if here.waiting or not _takes():
        abort(404)
    keying.begin(at, here.left + here.held, who=account_here().who)
    return redirect(url_for("desk.keying_batch", wave=wave, batch=batch, s=_begun(batch)), 303)


@blueprint.get("/w/<wave>/keying/<int:batch>", endpoint="keying_batch")
def batch_page(wave: str, batch: int) -> ResponseReturnValue:
    """One field for the next strip, and what became of the last form."""
    if not _has_begun(batch):
        return redirect(url_for("desk.keying", wave=wave), 303)
    done = request.args.get("done", "")
    return _scan(batch, result=result_of(Result[done]) if done in Result.__members__ else None)


@blueprint.post("/w/<wave>/keying/<int:batch>", endpoint="keying_scan")
def scan(wave: str, batch: int) -> ResponseReturnValue:
    """A strip was scanned: the form to key, or why there is none. Changes nothing."""
    _require_begun(batch)
    code = scanned(request.form.get("strip", ""))
    if not code:
        return _scan(batch, fault=_("Xin quét hoặc gõ mã trên cuống phiếu."), status=422)
    found = _strip(code)
    if isinstance(found, str):
        return _scan(batch, fault=refused(found), aside=False, status=422)
    if found.invitation.spent:
        return _scan(batch, fault=result_of(Result.ANSWERED)[1], aside=True, status=422)
    if not found.invitation.open:
        return _scan(batch, fault=result_of(Result.OUT)[1], aside=True, status=422)
    return _form(batch, found, {}, ())


@blueprint.post("/w/<wave>/keying/<int:batch>/form", endpoint="keying_form")
def key(wave: str, batch: int) -> ResponseReturnValue:
    """Take the keyed form, or show it again with what is wrong."""
    _require_begun(batch)
    told = carrying.opened(web().keyring, account_here().name, f"{STRIP} {wave}", request.form.get("t", ""))
    found = _strip(told["code"]) if told else _("Trang này đã cũ.")
    if isinstance(found, str):
        return _scan(batch, fault=_("Trang này đã cũ. Xin quét lại cuống phiếu."), status=422)
    typed = request.form.to_dict()
    keyed = keyed_page.read(wave_here().questionnaire_of(found.invitation.group), found.units, typed)
    if keyed.wrong:
        return _form(batch, found, typed, keyed.wrong)
    if keyed.empty:
        return _form(batch, found, typed, (), blank=True)
    result = keying.key(_sitting(batch), Form(found.code, 1, keyed.draft))
    return redirect(url_for("desk.keying_batch", wave=wave, batch=batch, s=_begun(batch), done=result.name), 303)


@blueprint.post("/w/<wave>/keying/<int:batch>/aside", endpoint="keying_aside")
def aside(wave: str, batch: int) -> ResponseReturnValue:
    """Put one form aside that is refused because a response was there."""
    _require_begun(batch)
    w = web()
    try:
        counting_in.set_aside(
            w.store, w.drafts, w.clock, wave_here(), batch, 1, who=account_here().who, reason=ANSWERED_ALREADY
        )
    except Faults:
        return _scan(batch, fault=_("Lô này không còn phiếu nào chưa có kết quả."), status=422)
    return redirect(url_for("desk.keying_batch", wave=wave, batch=batch, s=_begun(batch), aside="1"), 303)


@blueprint.post("/w/<wave>/keying/<int:batch>/end", endpoint="keying_end")
def end(wave: str, batch: int) -> ResponseReturnValue:
    """The batch is put away: the keyer says that strips are destroyed and sheets shuffled."""
    _require_begun(batch)
    if "destroyed" not in request.form:
        return _scan(
            batch, fault=_("Xin hủy hết cuống và xáo các tờ phiếu, rồi đánh dấu trước khi kết thúc lô."), status=422
        )
    w = web()
    with w.store.write() as tx:
        detail = {"batch": batch, "keyer": account_here().full_name}
        audit.append(tx, w.clock, account_here().who, "paper strips destroyed", wave, detail)
    return redirect(url_for("desk.keying", wave=wave), 303)


def _keyer() -> Keyer | None:
    """Who keys; None for an account that the coordinator did not choose for this wave, or of an office it rates."""
    name = keyer_name(account_here(), {each.name for each in keyers.of_wave(web().store, wave_here().spec.id)})
    try:
        return keyers.get(web().store, wave_here(), name) if name else None
    except Faults:
        return None


def _takes() -> bool:
    here = wave_here()
    return here.state == "open" and invitations.door(here, web().clock) is not Door.NOT_YET


def _batch(number: int) -> Batch:
    known = counting_in.status(web().store, web().drafts, wave_here().spec.id)
    return {each.number: each for each in known}.get(number) or abort(404)


def _sitting(batch: int) -> Sitting:
    w, keyer = web(), _keyer()
    if keyer is None:
        abort(redirect(url_for("desk.keying", wave=wave_here().spec.id), 303))
    return Sitting(w.store, w.drafts, w.keyring, w.clock, wave_here(), batch, keyer)


def _begun(batch: int) -> str:
    return carrying.seal(web().keyring, account_here().name, f"{BEGUN} {wave_here().spec.id}", {"batch": batch})


def _has_begun(batch: int) -> bool:
    word = request.values.get("s", "")
    told = carrying.opened(web().keyring, account_here().name, f"{BEGUN} {wave_here().spec.id}", word)
    return told == {"batch": batch} and _keyer() is not None


def _require_begun(batch: int) -> None:
    """Back to the batches for whoever did not begin with this one: nothing is done."""
    if not _has_begun(batch):
        abort(redirect(url_for("desk.keying", wave=wave_here().spec.id), 303))


def _strip(code: str) -> Strip | str:
    """The strip's invitation; else why it has none, in the domain's words."""
    with web().store.read() as tx:
        found = counting_in.of_code(tx, web().keyring.wave_keys(wave_here().spec.id), code)
    return found if isinstance(found, str) else Strip(code, found)


def _scan(
    number: int, *, result: tuple[str, str] | None = None, fault: str = "", aside: bool = False, status: int = 200
) -> Response:  # fmt: skip
    return render(
        "keying_batch.html", status=status, batch=_batch(number), begun=_begun(number), result=result, fault=fault,
        aside=aside, put_aside=request.method == "GET" and "aside" in request.args,
    )  # fmt: skip


def _form(
    number: int, strip: Strip, typed: dict[str, str], wrong: tuple[keyed_page.Wrong, ...], *, blank: bool = False
) -> Response:  # fmt: skip
    here = wave_here()
    asked = here.questionnaire_of(strip.invitation.group)
    word = carrying.seal(web().keyring, account_here().name, f"{STRIP} {here.spec.id}", {"code": strip.code})
    faults = {each.field: fault_of(each, asked) for each in wrong}
    return render(
        "keying_form.html", status=422 if faults or blank else 200, batch=_batch(number), begun=_begun(number),
        word=word, parts=keyed_page.parts(asked, strip.units), typed=typed, faults=faults, blank=blank,
        units={unit: here.spec.unit(unit).name.of("vi") for unit in strip.units}, Type=ItemType,
        group=here.spec.group(strip.invitation.group).name.of("vi"),
    )  # fmt: skip
