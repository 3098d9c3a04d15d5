"""Follow-up: who has not finished, what a call came to, new codes and codes taken back. Contacts, never answers."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from forms.faults import Faults
from survey import invitations
from survey.approvals import approvals, deeds
from survey.delivery import visits
from survey.delivery.visits import Outcome
from survey.desk import downloads, gate, looks, rendering
from survey.desk import words_of_fieldwork as words
from survey.desk.approvals_page import waiting_note
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm
from survey.desk.follow_up_forms import Exported, Reasoned, Recorded
from survey.desk.handover import outcome_name
from survey.dispositions import OPEN, SPENT, STAFF_MAY_RECORD, State
from survey.fieldwork import unfinished
from survey.fieldwork.unfinished import Person, Sought
from survey.language import chosen
from survey.language import gettext as _
from survey.web import web

# Forms on paper have pages of their own.
_OF_PAPER = frozenset({State.DAMAGED, State.LATE})
_KEPT = ("unit", "group", "place", "state", "serial")


@blueprint.get("/w/<wave>/follow-up", endpoint="follow_up")
def follow_up(wave: str) -> Response:
    """Who has not finished, fifty on a page."""
    return _list_page()


def _list_page(form: DeskForm | None = None) -> Response:
    here, told = gate.wave_here(), request.args
    whom = unfinished.sought(told)
    after = told.get("after", "0")
    start = int(after) if after.isascii() and after.isdecimal() and len(after) < 10 else 0
    found = unfinished.page(web().store, here, whom, after=start)
    more = len(found) > unfinished.PAGE
    looks.log_look(looks.FOLLOW_UP, min(len(found), unfinished.PAGE))
    return rendering.page(
        "follow_up.html",
        status=200 if form is None else 422,
        people=found[: unfinished.PAGE],
        next=_link(whom, after=str(found[unfinished.PAGE - 1].serial)) if more else "",
        first=_link(whom) if start else "",
        fields=_fields(whom),
        whom=whom,
        query=_link(whom),
        form=form or Exported(),
        **names(),
    )


def names() -> dict[str, dict[str, str]]:
    """Names that lists of people need."""
    spec = gate.wave_here().spec
    return {
        "unit_names": {unit.id: unit.name.of(chosen()) for unit in spec.units},
        "group_names": {group.id: group.name.of(chosen()) for group in spec.groups},
        "place_names": {
            **{unit.id: unit.name.of(chosen()) for unit in spec.units},
            **{place.id: place.name.of(chosen()) for place in spec.places},
        },
        "states": words.states(),
        "mode_names": words.modes(),
        "flags": {"staff": _("số của cán bộ"), "shared": _("nhiều người chung số")},
    }


def _link(whom: Sought, **more: str) -> str:
    kept = {name: str(getattr(whom, name) or "") for name in _KEPT} | more
    query = urlencode({name: value for name, value in kept.items() if value})
    address = url_for("desk.follow_up", wave=gate.wave_here().spec.id)
    return f"{address}?{query}" if query else address


def _fields(whom: Sought) -> list[dict[str, object]]:
    spec, everything = gate.wave_here().spec, ("", _("tất cả"))
    told = [
        ("unit", _("Cơ quan được đánh giá"), [(unit.id, unit.name.of(chosen())) for unit in spec.units], whom.unit),
        ("group", _("Nhóm đối tượng"), [(group.id, group.name.of(chosen())) for group in spec.groups], whom.group),
        ("place", _("Nơi giao phiếu"), [(place.id, place.name.of(chosen())) for place in spec.places], whom.place),
        ("state", _("Tình trạng"), [(str(each), words.states()[each]) for each in unfinished.CHOICES], whom.state),
    ]
    return [
        {"name": name, "label": label, "options": [everything, *options], "chosen": chosen}
        for name, label, options, chosen in told
        if len(options) > 1
    ]


@blueprint.post("/w/<wave>/follow-up/list", endpoint="follow_up_export")
def follow_up_export(wave: str) -> ResponseReturnValue:
    """The whole list with contacts, as a file; logged with its reason."""
    form = Exported(request.form)
    if not form.validate():
        return _list_page(form)
    here, whom = gate.wave_here(), unfinished.sought(request.args)
    asked = {name: getattr(whom, name) or None for name in ("unit", "place", "group", "state")}
    outcome = approvals.do_or_ask(web(), here, gate.account_here(), deeds.CONTACTS, asked, form.reason.data)
    if outcome is approvals.Outcome.ASKED:
        flash(waiting_note())
        return redirect(_link(whom), 303)
    found = unfinished.export(
        web().store, web().clock, here, whom, who=gate.account_here().who, reason=form.reason.data or ""
    )
    told = names()
    units, groups, states = told["unit_names"], told["group_names"], told["states"]
    heads = (_("Số phiếu"), _("Họ và tên"), _("Điện thoại"), _("Thư điện tử"), _("Địa chỉ"), _("Nhóm đối tượng"),
             _("Cơ quan được đánh giá"), _("Tình trạng"), _("Số lần đến hoặc gọi"))  # fmt: skip
    rows = [
        (each.serial, each.name, each.phone, each.email, each.address, groups.get(each.group, ""),
         "; ".join(units.get(unit, unit) for unit in each.units), states.get(each.state, ""), each.visits)
        for each in found
    ]  # fmt: skip
    kind = form.kind.data
    return downloads.table(f"{here.spec.id}-chua-tra-loi.{kind}", heads, rows)


@blueprint.get("/w/<wave>/follow-up/<int:serial>", endpoint="follow_up_person")
def follow_up_person(wave: str, serial: int) -> Response:
    """One person: how to reach, how far, what to record."""
    person = _person(serial)
    looks.log_look(looks.FOLLOW_UP_PERSON, 1)
    return _person_page(person)


def _person(serial: int) -> Person:
    found = unfinished.person(web().store, gate.wave_here(), serial)
    if found is None:
        abort(404)
    return found


def _person_page(
    person: Person, record: Recorded | None = None, reissue: Reasoned | None = None, revoke: Reasoned | None = None
) -> Response:
    here = gate.wave_here()
    with web().store.read() as tx:
        visited = [
            (row["number"], row["outcome"]) for row in tx.followup_visits(wave=here.spec.id, serial=person.serial)
        ]
    over = person.state in SPENT or person.state is State.REVOKED
    form = record or (_record_form(person) if _choices(person) else None)
    return rendering.page(
        "follow_up_person.html",
        status=422 if record or reissue or revoke else 200,
        person=person,
        visited=visited,
        outcome_name=outcome_name,
        over=over,
        record=form,
        reissue=_apart(reissue or Reasoned(), "reissue"),
        revoke=_apart(revoke or Reasoned(), "revoke"),
        **names(),
    )


def _apart(form: Reasoned, name: str) -> Reasoned:
    """Three forms stand on the page: the fields of two get ids of their own."""
    form.reason.id = f"{name}-reason"
    return form


def _choices(person: Person) -> list[tuple[str, str]]:
    """What may be recorded of somebody now."""
    if person.mode in invitations.VISITED:
        left = person.state in OPEN and person.visits < visits.MOST
        return [(str(each), outcome_name(each)) for each in Outcome] if left else []
    allowed = STAFF_MAY_RECORD.get(person.state, frozenset()) - _OF_PAPER
    return [(str(each), said) for each, said in words.states().items() if each in allowed]


def _record_form(person: Person, *, posted: bool = False) -> Recorded:
    form = Recorded(request.form if posted else None)
    form.outcome.choices = [SelectChoice("", _("chọn …")), *(SelectChoice(*each) for each in _choices(person))]
    return form


@blueprint.post("/w/<wave>/follow-up/<int:serial>/record", endpoint="follow_up_record")
def follow_up_record(wave: str, serial: int) -> ResponseReturnValue:
    """What a call or a visit came to."""
    person = _person(serial)
    form = _record_form(person, posted=True)
    if not form.validate():
        return _person_page(person, record=form)
    here, who = gate.wave_here(), gate.account_here().who
    told, reason = form.outcome.data, form.reason.data or ""
    if told not in dict(_choices(person)):
        return _moved_on(serial, form, "record")
    try:
        if person.mode in invitations.VISITED:
            visits.record(web().store, web().clock, here, serial, Outcome(told), who=who, reason=reason)
        else:
            invitations.record(web().store, web().clock, here, serial, State(told), who=who, reason=reason)
    except Faults:
        return _moved_on(serial, form, "record")
    flash(_("Đã ghi kết quả của phiếu số %(serial)s.", serial=serial))
    return redirect(url_for("desk.follow_up_person", wave=wave, serial=serial), 303)


def _moved_on(serial: int, form: Reasoned, which: str) -> Response:
    """Somebody, perhaps the respondent, was quicker."""
    form.reason.errors = [
        *form.reason.errors, _("Không ghi được vì phiếu vừa đổi tình trạng. Hãy xem tình trạng mới rồi quyết định lại.")
    ]  # fmt: skip
    return _person_page(_person(serial), **{which: form})


@blueprint.post("/w/<wave>/follow-up/<int:serial>/reissue", endpoint="follow_up_reissue")
def follow_up_reissue(wave: str, serial: int) -> ResponseReturnValue:
    """A new code in place of the old one; nobody here sees either."""
    done = _("Phiếu số %(serial)s có mã mới; mã cũ không dùng được nữa. Hãy in lại phiếu.", serial=serial)
    return _taken_out(serial, deeds.REISSUE, "reissue", done)


@blueprint.post("/w/<wave>/follow-up/<int:serial>/revoke", endpoint="follow_up_revoke")
def follow_up_revoke(wave: str, serial: int) -> ResponseReturnValue:
    """Take an unspent invitation back for good."""
    return _taken_out(serial, deeds.REVOKE, "revoke", _("Đã thu hồi phiếu số %(serial)s.", serial=serial))


def _taken_out(serial: int, deed: str, which: str, done: str) -> ResponseReturnValue:
    """Do it, or ask a second person where the form is about the organiser itself."""
    person, form = _person(serial), Reasoned(request.form)
    if not form.validate():
        return _person_page(person, **{which: form})
    here, told = gate.wave_here(), {"serials": [serial]}
    try:
        outcome = approvals.do_or_ask(web(), here, gate.account_here(), deed, told, form.reason.data)
    except Faults:
        if not approvals.must_wait(web(), here, deed, told):
            return _moved_on(serial, form, which)
        form.reason.errors = [_("Đề nghị này đã có và đang chờ duyệt.")]
        return _person_page(person, **{which: form})
    flash(waiting_note() if outcome is approvals.Outcome.ASKED else done)
    return redirect(url_for("desk.follow_up_person", wave=here.spec.id, serial=serial), 303)
