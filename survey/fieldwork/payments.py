"""Payment lists (bảng kê chi trả): forms accepted by interviewer, respondents who are paid for answering.

From dispositions only. An interviewer is paid for each invitation of the own batches that was answered; a respondent of
a paid group is named because the invitation is answered, and nothing here knows what the answer was. Whoever sees the
second list sees contacts, so its making is logged with a reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING, Any

from analysis import numbers
from forms.faults import Faults
from survey import audit
from survey.clock import Clock
from survey.fieldwork import amounts
from survey.fieldwork.papers import moment
from survey.invitations import stated
from survey.paper import marks
from survey.plan.fieldwork_file import Payment
from survey.store import Store

if TYPE_CHECKING:
    from survey.wave import RegisteredWave


class Payee(StrEnum):
    """Who is paid."""

    INTERVIEWER = "interviewer"
    RESPONDENT = "respondent"


_TITLES = {
    Payee.INTERVIEWER: "Bảng kê chi trả thù lao điều tra viên",
    Payee.RESPONDENT: "Bảng kê chi trả cho người trả lời phiếu",
}


class Nameless(Faults):
    """Some who answered have no name: the list had none, or contacts were purged."""

    def __init__(self, nameless: int, answered: int) -> None:
        super().__init__(
            f"{nameless} of {answered} who answered have no name in the list (or contacts were purged): "
            "a payment list cannot be made of them"
        )
        self.nameless, self.answered = nameless, answered


@dataclass(frozen=True, slots=True)
class Line:
    """One who is paid. ``about``: the group, or the address; ``forms`` is 1 for a respondent; ``rate`` in đồng."""

    name: str
    about: str
    forms: int
    rate: int

    @property
    def amount(self) -> int:
        """In đồng."""
        return self.forms * self.rate


@dataclass(frozen=True, slots=True)
class PaymentList:
    """A list to be signed; ``columns`` are left empty, like the signature."""

    payee: Payee
    title: str
    wave_title: str
    issuer: str
    plan: str
    marks: tuple[str, ...]
    basis: str
    made_at: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def forms(self) -> int:
        """All forms paid for."""
        return sum(line.forms for line in self.lines)

    @property
    def total(self) -> int:
        """In đồng."""
        return sum(line.amount for line in self.lines)

    @property
    def total_in_words(self) -> str:
        """The total, in words, beginning with a capital."""
        words = amounts.in_words(self.total)
        return words[0].upper() + words[1:]

    @property
    def headings(self) -> tuple[str, ...]:
        """Of the table, number and signature included."""
        about = "Nhóm đối tượng" if self.payee is Payee.INTERVIEWER else "Địa chỉ"
        return ("STT", "Họ và tên", about, "Số phiếu", "Mức chi (đồng)", "Thành tiền (đồng)", *self.columns, "Ký nhận")

    def document(self) -> dict[str, Any]:
        """For the typesetter."""
        blank = ("",) * (len(self.columns) + 1)
        rows = [
            [str(at), line.name, line.about, numbers.count(line.forms), numbers.count(line.rate),
             numbers.count(line.amount), *blank]
            for at, line in enumerate(self.lines, start=1)
        ]  # fmt: skip
        return {
            "title": self.title, "wave": self.wave_title, "issuer": self.issuer, "plan": self.plan,
            "marks": list(self.marks), "basis": self.basis, "made_at": self.made_at, "headings": list(self.headings),
            "rows": rows, "total": numbers.count(self.total), "forms": numbers.count(self.forms),
            "words": self.total_in_words, "further": len(self.columns),
        }  # fmt: skip


def make(
    store: Store, clock: Clock, wave: RegisteredWave, payee: Payee, *, who: str, reason: str
) -> PaymentList:  # fmt: skip
    """Make a list and log that it was made. Raises Faults when the wave declares no such payment, or nobody is due."""
    told, spec = declared(wave, payee), wave.spec
    with store.write() as tx:
        lines = _LINES[payee](tx, wave, told)
        if not lines:
            raise Faults("nobody is to be paid yet: no form was accepted")
        due = sum(line.amount for line in lines)
        detail = {"list": str(payee), "n": len(lines), "total": due, "reason": stated(reason)}
        audit.append(tx, clock, who, audit.PAYMENT_LIST, spec.id, detail)
    return PaymentList(
        payee, _TITLES[payee], spec.title.of("vi"), spec.authority.name.of("vi") if spec.authority else "",
        marks.plan(wave), marks.marks(wave), told.basis, moment(clock().isoformat(), spec.timezone), told.columns,
        tuple(lines),
    )  # fmt: skip


def declared(wave: RegisteredWave, payee: Payee) -> Payment:
    """What the wave file says of such payments. Raises Faults when it says nothing."""
    told = wave.spec.payment
    if told is None or not (told.interviewer if payee is Payee.INTERVIEWER else told.respondent):
        where = "interviewer" if payee is Payee.INTERVIEWER else "respondent"
        raise Faults(f"the file of wave “{wave.spec.id}” declares no payment: [payment] needs “{where}”")
    return told


def _interviewers(tx: Any, wave: RegisteredWave, told: Payment) -> list[Line]:
    return [
        Line(row["holder"], wave.spec.group(row["grp"]).name.of("vi"), row["n"], told.interviewer)
        for row in tx.payment_interviewers(wave=wave.spec.id)
    ]


def _respondents(tx: Any, wave: RegisteredWave, told: Payment) -> list[Line]:
    rates = dict(told.respondent)
    rows = list(tx.payment_respondents(wave=wave.spec.id, groups=json.dumps(list(rates))))
    nameless = sum(1 for row in rows if not (row["name"] or "").strip())
    if nameless:
        raise Nameless(nameless, len(rows))
    return [Line(row["name"], row["address"] or "", 1, rates[row["grp"]]) for row in rows]


_LINES: dict[Payee, Callable[[Any, RegisteredWave, Payment], list[Line]]] = {
    Payee.INTERVIEWER: _interviewers,
    Payee.RESPONDENT: _respondents,
}


def pdf(made: PaymentList) -> bytes:
    """To be printed and signed, as a tagged PDF (PDF/UA-1)."""
    from survey.paper import typesetting  # only who prints needs the typesetter

    return typesetting.pdf("payments", made.document())


def xlsx(made: PaymentList) -> bytes:
    """The same as a workbook: amounts are numbers, the total is a formula with its value, the last column is empty."""
    import xlsxwriter

    content = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet("Bảng kê")
        bold, money = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"num_format": "#,##0"})
        strong = book.add_format({"num_format": "#,##0", "bold": True})
        head = [made.title, made.wave_title, *(mark for mark in made.marks), made.basis, f"Lập lúc {made.made_at}"]
        for row, said in enumerate(head):
            sheet.write_string(row, 0, said, bold if row == 0 else None)
        top = len(head) + 1
        sheet.write_row(top, 0, made.headings, bold)
        for at, line in enumerate(made.lines, start=1):
            sheet.write_row(top + at, 0, (at, line.name, line.about, line.forms))
            sheet.write_row(top + at, 4, (line.rate, line.amount), money)
        end = top + len(made.lines) + 1
        sheet.write_string(end, 1, "Cộng", bold)
        sheet.write_formula(end, 3, f"=SUM(D{top + 2}:D{end})", strong, made.forms)
        sheet.write_formula(end, 5, f"=SUM(F{top + 2}:F{end})", strong, made.total)
        sheet.write_string(end + 1, 1, f"Bằng chữ: {made.total_in_words}")
        _widths(sheet, made.columns)
        sheet.freeze_panes(top + 1, 0)
    return content.getvalue()


def _widths(sheet: Any, columns: Sequence[str]) -> None:
    for first, last, width in ((0, 0, 6), (1, 2, 28), (3, 3, 10), (4, 5, 16), (6, 6 + len(columns), 22)):
        sheet.set_column(first, last, width)
