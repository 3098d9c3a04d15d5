"""Papers for the file: the proof of fieldwork, and payment lists."""

from __future__ import annotations

from flask import Response, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from forms.faults import Faults
from survey import exports
from survey.desk import downloads, gate, rendering
from survey.desk.blueprint import blueprint
from survey.desk.follow_up_forms import Paying
from survey.language import gettext as _
from survey.web import web

PDF = "application/pdf"


@blueprint.get("/w/<wave>/proof", endpoint="proof")
def proof(wave: str) -> Response:
    """The document as a page; in Vietnamese, as all papers are."""
    # Imported here, as below: papers count as reports do, and web workers stay free of that until one is asked for.
    from survey.fieldwork import proof as proofs

    return rendering.page("proof.html", proof=proofs.gather(web().store, web().clock, gate.wave_here()))


@blueprint.get("/w/<wave>/proof.pdf", endpoint="proof_pdf")
def proof_pdf(wave: str) -> Response:
    """The same, to be printed and signed."""
    from survey.fieldwork import proof as proofs

    here = gate.wave_here()
    made = proofs.gather(web().store, web().clock, here)
    return downloads.file(f"{here.spec.id}-ho-so.pdf", proofs.pdf(made), PDF)


@blueprint.route("/w/<wave>/payments", methods=["GET", "POST"], endpoint="payments")
def payments(wave: str) -> ResponseReturnValue:
    """Which list, then the list; that it was made is in the log."""
    from survey.fieldwork import payments as lists
    from survey.fieldwork.payments import Payee

    here, form = gate.wave_here(), Paying(request.form if request.method == "POST" else None)
    told = here.spec.payment
    form.payee.choices = [
        *([SelectChoice(str(Payee.INTERVIEWER), _("điều tra viên"))] if told and told.interviewer else []),
        *([SelectChoice(str(Payee.RESPONDENT), _("người trả lời"))] if told and told.respondent else []),
    ]
    if request.method == "GET" or not form.validate():
        return _page(form, 200 if request.method == "GET" else 422)
    payee = Payee(form.payee.data)
    try:
        made = lists.make(
            web().store, web().clock, here, payee, who=gate.account_here().who, reason=form.reason.data
        )  # fmt: skip
    except lists.Nameless as found:
        form.payee.errors = [
            _("%(n)s trong %(of)s người đã trả lời không có họ tên trong danh sách nên chưa lập được bảng.",
              n=found.nameless, of=found.answered)
        ]  # fmt: skip
        return _page(form, 422)
    except Faults:
        form.payee.errors = [_("Chưa có phiếu nào để chi.")]
        return _page(form, 422)
    kind = form.kind.data
    content = lists.pdf(made) if kind == "pdf" else lists.xlsx(made)
    return downloads.file(
        f"{here.spec.id}-bang-ke-{payee}.{kind}", content, PDF if kind == "pdf" else exports.TABLES[".xlsx"]
    )


def _page(form: Paying, status: int) -> Response:
    told = gate.wave_here().spec.payment
    return rendering.page(
        "payments.html", status=status, form=form, payees=form.payee.choices, basis=told.basis if told else ""
    )
