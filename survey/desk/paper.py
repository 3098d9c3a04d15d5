"""Forms on paper as the coordinator has them: counted in by batch, set aside, damaged, and who may key them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Length

from forms.faults import Faults
from survey.accounts import accounts
from survey.accounts.accounts import Account
from survey.accounts.roles import Role
from survey.clock import today
from survey.desk.amounts import Day, WholeNumber
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import account_here, wave_here
from survey.desk.keying_names import keyed_as, keyer_name
from survey.desk.rendering import page as render
from survey.keying import agreement, counting_in, keyers
from survey.keying.agreement import Tally
from survey.keying.counting_in import Batch
from survey.language import gettext as _
from survey.web import web


class CountIn(DeskForm):
    """A batch that arrived."""

    place = SelectField(validate_choice=True)
    number = WholeNumber()
    arrived = Day()


class Recount(DeskForm):
    """Another number for a batch, and why."""

    counted = WholeNumber()
    reason = StringField(validators=[Needed(), Length(max=200)])


class Aside(DeskForm):
    """Forms that will not be keyed."""

    forms = WholeNumber()
    reason = StringField(validators=[Needed(), Length(max=200)])


class Damaged(DeskForm):
    """Forms that nobody can read: strips that can be, one a line, and how many have none."""

    strips = TextAreaField()
    unreadable = WholeNumber(low=0, empty=True)
    reason = StringField(validators=[Needed(), Length(max=200)])


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of a batch's page; the one that was refused keeps what was typed."""

    recount: Recount
    aside: Aside
    damaged: Damaged

    @property
    def refused(self) -> DeskForm | None:
        """The one with faults."""
        return next((form for form in (self.recount, self.aside, self.damaged) if form.errors), None)


@blueprint.route("/w/<wave>/paper", methods=["GET", "POST"], endpoint="paper")
def show(wave: str) -> ResponseReturnValue:
    """Every batch and what became of its forms; a new one."""
    here = wave_here()
    form = CountIn(request.form if request.method == "POST" else None)
    form.place.choices = [("", _("Gửi qua bưu điện")), *((each.id, each.name.of("vi")) for each in here.spec.places)]
    form.place.flags.required = True  # the post is a choice like another
    if request.method == "GET":
        form.arrived.data = today(web().clock, here.spec.timezone)
    elif form.validate() and (made := _count_in(form)) is not None:
        flash(_("Đã ghi lô %(number)s: %(forms)s phiếu.", number=made.number, forms=made.counted))
        return redirect(url_for("desk.paper", wave=wave), 303)
    return _list(form, 422 if request.method == "POST" else 200)


def _count_in(form: CountIn) -> Batch | None:
    w, here = web(), wave_here()
    arrived: date | None = form.arrived.data
    if arrived and not here.spec.opens <= arrived <= today(w.clock, here.spec.timezone):
        opens = f"{here.spec.opens:%d/%m/%Y}"
        form.arrived.errors = [_("Ngày nhận phải từ ngày mở đợt (%(opens)s) đến hôm nay.", opens=opens)]
        return None
    try:
        return counting_in.count_in(
            w.store, w.drafts, w.clock, here, place=form.place.data or "", number=form.number.data, arrived=arrived,
            who=account_here().who,
        )  # fmt: skip
    except Faults as faults:
        form.refuse(faults)
        return None


@blueprint.get("/w/<wave>/paper/<int:batch>", endpoint="paper_batch")
def one(wave: str, batch: int) -> ResponseReturnValue:
    """A batch: its account, and what may be done with it."""
    return _batch_page(batch, _forms())


@blueprint.post("/w/<wave>/paper/<int:batch>/recount", endpoint="paper_recount")
def recount(wave: str, batch: int) -> ResponseReturnValue:
    """Correct a miscount."""
    form, w = Recount(prefix="recount-"), web()

    def do() -> None:
        counting_in.recount(
            w.store, w.drafts, w.clock, wave_here(), batch, form.counted.data, who=account_here().who,
            reason=form.reason.data,
        )  # fmt: skip

    return _done(batch, form, do, _forms(recount=form), _("Đã sửa số phiếu của lô %(number)s.", number=batch))


@blueprint.post("/w/<wave>/paper/<int:batch>/aside", endpoint="paper_aside")
def aside(wave: str, batch: int) -> ResponseReturnValue:
    """Account for forms that will not be keyed."""
    form, w = Aside(prefix="aside-"), web()

    def do() -> None:
        counting_in.set_aside(
            w.store, w.drafts, w.clock, wave_here(), batch, form.forms.data, who=account_here().who,
            reason=form.reason.data,
        )  # fmt: skip

    return _done(batch, form, do, _forms(aside=form), _("Đã ghi phiếu để riêng của lô %(number)s.", number=batch))


@blueprint.post("/w/<wave>/paper/<int:batch>/damaged", endpoint="paper_damaged")
def damaged(wave: str, batch: int) -> ResponseReturnValue:
    """Record forms that are too damaged to be keyed."""
    form, w = Damaged(prefix="damaged-"), web()

    def do() -> None:
        counting_in.damaged(
            w.store, w.drafts, w.keyring, w.clock, wave_here(), batch, strips(form.strips.data),
            form.unreadable.data or 0, who=account_here().who, reason=form.reason.data,
        )  # fmt: skip

    return _done(batch, form, do, _forms(damaged=form), _("Đã ghi phiếu hỏng của lô %(number)s.", number=batch))


@blueprint.route("/w/<wave>/paper/keyers", methods=["GET", "POST"], endpoint="paper_keyers")
def paper_keyers(wave: str) -> ResponseReturnValue:
    """Who may key forms of this wave: accounts of that role, of no rated office."""
    w, here, fault = web(), wave_here(), ""
    if request.method == "POST":
        chosen = next((each for each in _keying_accounts() if each.name == request.form.get("account")), None)
        if chosen is None:
            abort(404)
        try:
            if "remove" in request.form:
                called = keyer_name(chosen, _keyer_names()) or keyed_as(chosen)
                keyers.remove(w.store, w.clock, here, called, who=account_here().who,
                              reason=request.form.get("reason", "") or "điều phối bỏ tên")  # fmt: skip
            else:
                keyers.add(w.store, w.clock, here, keyed_as(chosen), chosen.office, who=account_here().who)
            return redirect(url_for("desk.paper_keyers", wave=wave), 303)
        except keyers.Rated:
            fault = _("%(name)s không được nhập phiếu: cơ quan “%(office)s” được đánh giá trong đợt này, thuộc hoặc "
                      "quản lý một cơ quan được đánh giá.", name=chosen.full_name, office=chosen.office)  # fmt: skip
        except Faults:
            fault = _("Tên này đã có hoặc đã bỏ.")
    names = _keyer_names()
    known = {each.name: keyer_name(each, names) for each in _keying_accounts()}
    accounts_there = [(each, bool(known[each.name])) for each in _keying_accounts()]
    others = sorted(names - set(known.values()))
    return render("paper_keyers.html", status=422 if fault else 200, fault=fault, people=accounts_there, others=others)


def _keyer_names() -> set[str]:
    return {each.name for each in keyers.of_wave(web().store, wave_here().spec.id)}


def _keying_accounts() -> list[Account]:
    return [each for each in accounts.everybody(web().store) if each.role is Role.KEYER and not each.disabled]


def of_strips(faults: Faults) -> Faults:
    """The same with its lines named as the field is called."""
    return Faults(replace(each, file=_("Cuống phiếu")) if each.file == "strips" else each for each in faults.faults)


def strips(text: str | None) -> list[tuple[int, str]]:
    """Lines of scanned or typed strips, numbered; blank ones are left out."""
    return [(number, line.strip()) for number, line in enumerate((text or "").splitlines(), start=1) if line.strip()]


def _forms(**given: Any) -> Forms:
    made = {"recount": Recount, "aside": Aside, "damaged": Damaged}
    return Forms(**{name: given.get(name) or kind(None, prefix=f"{name}-") for name, kind in made.items()})


def _done(batch: int, form: DeskForm, do: Any, forms: Forms, told: str) -> ResponseReturnValue:
    """Do what a form asks; back to the batch, or the form again with what is wrong."""
    if form.validate():
        try:
            do()
        except counting_in.Full:
            form.form_errors.append(_("Nhiều hơn số phiếu chưa có kết quả của lô này."))
        except counting_in.TooFew as fault:
            form.form_errors.append(_(
                "%(number)s phiếu của lô này đã nhập hoặc đã để riêng; số đếm không được nhỏ hơn.", number=fault.booked
            ))  # fmt: skip
        except Faults as faults:
            form.refuse(of_strips(faults))
        else:
            flash(told)
            return redirect(url_for("desk.paper_batch", wave=wave_here().spec.id, batch=batch), 303)
    return _batch_page(batch, forms, 422)


def _batch_page(number: int, forms: Forms, status: int = 200) -> Response:
    batch = {each.number: each for each in batches()}.get(number)
    if batch is None:
        abort(404)
    return render("paper_batch.html", status=status, batch=batch, forms=forms, place=place_name(batch.place))


def batches() -> list[Batch]:
    """The batches of this wave."""
    return counting_in.status(web().store, web().drafts, wave_here().spec.id)


def place_name(place: str) -> str:
    """Where forms came from, as people say it."""
    spec = wave_here().spec
    names = {each.id: each.name.of("vi") for each in spec.units} | {each.id: each.name.of("vi") for each in spec.places}
    return names.get(place, place) if place else _("Gửi qua bưu điện")


def late_name(batch: Batch) -> str:
    """What was decided on a late batch; '' for one that came in time."""
    if not batch.late:
        return ""
    return {None: _("đến muộn, chờ quyết định"), True: _("đến muộn, được nhận"), False: _("đến muộn, không nhận")}[
        batch.admitted
    ]


def _keyed_again() -> Tally:
    """Cells that two persons keyed, and how many differ; words are compared apart."""
    here = wave_here()
    with web().store.read() as tx:
        rows = {row["item"]: Tally(row["compared"], row["differed"]) for row in tx.paper_agreement(wave=here.spec.id)}
    asked = here.questionnaires.values()
    return agreement.overall(rows, [item for item in rows if any(agreement.words(each, item) for each in asked)])


def _list(form: CountIn, status: int) -> Response:
    w, here = web(), wave_here()
    known = batches()
    return render(
        "paper.html", status=status, form=form, batches=known, place_name=place_name, late_name=late_name,
        again=_keyed_again(), nobody=bool(keyers.missing(w.store, here)),
        late=any(batch.late and batch.admitted is None for batch in known),
        waiting=sum(batch.held for batch in known), takes=here.state == "open",
    )  # fmt: skip
