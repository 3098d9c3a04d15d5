"""Proof of fieldwork: one document for the file, from which somebody who was not there sees how a wave was held.

It says what the store holds and nothing else: the draw, the seals, the rates with their definitions, control calls,
agreement of two keyings, how counters asked, and every departure from the plan. Counts are of dispositions, for the
file of the organiser and its inspectors; what is published is the report, where small cells are hidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis import numbers
from survey import control_told
from survey.clock import Clock
from survey.fieldwork import checks_told, counting, departures, rates_told, recorded, selection_told
from survey.fieldwork.papers import Part, moment
from survey.keying import record as paper_record
from survey.paper import marks
from survey.store import Store

if TYPE_CHECKING:
    from survey.wave import RegisteredWave


@dataclass(frozen=True, slots=True)
class Proof:
    """The document. ``facts``: its head."""

    title: str
    issuer: str
    plan: str
    marks: tuple[str, ...]
    made_at: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]

    def document(self) -> dict[str, Any]:
        """For the typesetter."""
        return {
            "title": self.title, "issuer": self.issuer, "plan": self.plan, "marks": list(self.marks),
            "made_at": self.made_at, "facts": [list(fact) for fact in self.facts],
            "parts": [part.document() for part in self.parts],
        }  # fmt: skip


def gather(store: Store, clock: Clock, wave: RegisteredWave) -> Proof:
    """Everything the file should say of a wave, as of now."""
    spec, here = wave.spec, recorded.read(store, wave)
    board = counting.count(store, wave)
    parts = [
        selection_told.sample(here),
        selection_told.sealed(here),
        *rates_told.parts(wave, board),
        checks_told.calls(here, control_told.of_store(store, spec.id, spec.k)),
        checks_told.keying(paper_record.of_store(store, wave)),
        checks_told.counters(here),
        departures.part(store, wave),
        _log(store),
    ]
    facts = (
        ("Đợt điều tra", f"{spec.title.of('vi')} (mã {spec.id})"),
        ("Thời gian nhận trả lời", f"từ {numbers.day(spec.opens)} đến hết {numbers.day(spec.closes)}"),
        ("Tình trạng", _STATES[wave.state]),
        ("Phương án (SHA-256)", wave.plan_hash),
        ("Số cơ quan, địa phương được đánh giá", numbers.count(len(spec.units))),
    )
    return Proof(
        "Hồ sơ chứng minh việc tổ chức điều tra",
        spec.authority.name.of("vi") if spec.authority else "",
        marks.plan(wave),
        marks.marks(wave),
        moment(clock().isoformat(), spec.timezone),
        facts,
        tuple(part for part in parts if part is not None),
    )


_STATES = {"draft": "chưa mở", "open": "đang nhận trả lời", "closed": "đã đóng", "frozen": "đã chốt số liệu"}


def pdf(proof: Proof) -> bytes:
    """The same as a tagged PDF (PDF/UA-1)."""
    from survey.paper import typesetting  # only who prints needs the typesetter

    return typesetting.pdf("proof", proof.document())


def _log(store: Store) -> Part:
    with store.read() as tx:
        head = tx.audit_head()
    last = (head["number"], head["hash"]) if head else (0, numbers.NOTHING)
    said = (
        "Mọi việc của người làm công tác điều tra đều ghi vào nhật ký có mã băm nối nhau; sửa hay xóa một dòng thì các "
        "dòng sau không còn khớp. Kiểm tra bằng lệnh “phieu doctor”."
    )
    return Part("nhat-ky", "Nhật ký", (said,), (("Số dòng", numbers.count(last[0])), ("Mã băm của dòng cuối", last[1])))
