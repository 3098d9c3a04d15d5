"""Acts on invitations that assess the organiser itself wait until a second person, of no rated office, approves.

A view that wants one of ``deeds.DEEDS`` done calls

    outcome = approvals.do_or_ask(web(), wave_here(), account_here(), deeds.REISSUE, {"serials": [7]}, reason)

and is told ``DONE`` (nothing had to wait, the domain's function ran; its Faults are raised) or ``ASKED`` (it is on the
page of approvals now: say so and redirect). For what ends in a file that only the asker can take, the outcome is
``GRANTED`` when nothing has to wait or when an approval of exactly these arguments lies ready, which is thereby used
up; only then hand out the file.

Approving runs the domain's function at once, in the asker's name; what became of it stays with the request. Requests
end after a week. Everything is logged: the asking, the decision, and by the domain the deed itself.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from forms.faults import Faults
from survey import audit
from survey.accounts.accounts import Account
from survey.approvals.deeds import DEEDS, Arguments, Bench
from survey.approvals.organiser import own_units
from survey.invitations import stated
from survey.keying import keyers
from survey.keys import Keyring
from survey.plan.wave_spec import WaveSpec
from survey.wave import RegisteredWave

LASTS = timedelta(days=7)
_NONCE = 12


class Outcome(StrEnum):
    """What became of an act that was wanted."""

    DONE = "done"
    ASKED = "asked"
    GRANTED = "granted"


@dataclass(frozen=True, slots=True)
class Request:
    """An act that waits or waited. ``state``: as the store has it, or ``expired``."""

    number: int
    wave: str
    kind: str
    shown: Mapping[str, Any]
    reason: str
    asker: str
    asked_at: str
    state: str
    decided_by: str
    decided_at: str
    note: str


def must_wait(bench: Bench, wave: RegisteredWave, kind: str, arguments: Arguments) -> bool:
    """Whether an act concerns invitations about the organiser's own unit."""
    own = own_units(wave.spec)
    return bool(own) and bool(own & DEEDS[kind].touches(bench, wave, arguments))


def do_or_ask(
    bench: Bench, wave: RegisteredWave, account: Account, kind: str, arguments: Arguments, reason: str
) -> Outcome:
    """Do an act, or ask a second person for it. Raises Faults: what the domain refuses, or a missing reason."""
    deed, why = DEEDS[kind], stated(reason)
    if not must_wait(bench, wave, kind, arguments):
        if deed.do is None:
            return Outcome.GRANTED
        deed.do(bench, wave, arguments, account.who, why)
        return Outcome.DONE
    if deed.do is None and _use_grant(bench, wave, account, kind, arguments):
        return Outcome.GRANTED
    _ask(bench, wave, account, kind, arguments, why)
    return Outcome.ASKED


def _ask(bench: Bench, wave: RegisteredWave, account: Account, kind: str, told: Arguments, reason: str) -> None:
    shown = DEEDS[kind].shown(told)
    with bench.store.write() as tx:
        waiting = tx.approval_of(wave=wave.spec.id, kind=kind, asker=account.who, state="pending")
        same = [row["number"] for row in waiting
                if _opened(bench.keyring, row["arguments"]) == _plain(told) and not _is_old(bench, row)]  # fmt: skip
        if same:
            raise Faults(f"request {same[0]} asks for the same already, and waits for a second person")
        number = tx.approval_add(
            wave=wave.spec.id, kind=kind, arguments=_sealed(bench.keyring, told),
            shown=json.dumps(shown, ensure_ascii=False), reason=reason, asker=account.who,
            asked_at=bench.clock().isoformat(timespec="seconds"),
        )  # fmt: skip
        detail = {"request": number, "kind": kind, "reason": reason, **shown}
        audit.append(tx, bench.clock, account.who, "second person asked", wave.spec.id, detail)


def _use_grant(bench: Bench, wave: RegisteredWave, account: Account, kind: str, told: Arguments) -> bool:
    """Whether this was approved for this person; an approval is good for once."""
    with bench.store.write() as tx:
        for row in list(tx.approval_of(wave=wave.spec.id, kind=kind, asker=account.who, state="granted")):
            if _is_old(bench, row) or _opened(bench.keyring, row["arguments"]) != _plain(told):
                continue
            tx.approval_move(number=row["number"], was="granted", state="used", who=None, at=None, note="")
            audit.append(tx, bench.clock, account.who, "approval used", wave.spec.id, {"request": row["number"]})
            return True
    return False


def may_decide(spec: WaveSpec, account: Account, request: Request) -> str:
    """'' when somebody may decide on a request, else why not: of a rated office, the asker, or it does not wait."""
    if request.state != "pending":
        return f"request {request.number} does not wait: it is {request.state}"
    if request.asker == account.who:
        return "whoever asks cannot approve: a second person is needed"
    try:
        keyers.require_unrated(spec, account.office, f"{account.full_name} cannot approve")
    except Faults as faults:
        return str(faults)
    return ""


def approve(bench: Bench, wave: RegisteredWave, number: int, account: Account) -> Outcome:
    """Approve a request and do it at once. Raises Faults when one may not, or when the domain refuses: that is kept."""
    request = get(bench, number)
    _require_decider(wave, account, request)
    deed = DEEDS[request.kind]
    _decide(bench, request, account, "granted" if deed.do is None else "doing", "request approved", "")
    if deed.do is None:
        return Outcome.GRANTED
    with bench.store.read() as tx:
        told = _opened(bench.keyring, tx.approval_get(number=number)["arguments"])
    try:
        if told is None:
            raise Faults("the instance key is another one by now: ask again")
        deed.do(bench, wave, told, request.asker, request.reason)
    except Faults as faults:
        _end(bench, request, account, "failed", str(faults))
        raise
    _end(bench, request, account, "done", "")
    return Outcome.DONE


def refuse(bench: Bench, wave: RegisteredWave, number: int, account: Account, *, reason: str) -> None:
    """Refuse a request, with the reason. Raises Faults when one may not decide."""
    request = get(bench, number)
    _require_decider(wave, account, request)
    _decide(bench, request, account, "refused", "request refused", stated(reason))


def withdraw(bench: Bench, number: int, account: Account) -> None:
    """Take one's own request back. Raises Faults when it is somebody else's, or does not wait."""
    request = get(bench, number)
    if request.asker != account.who or request.state != "pending":
        raise Faults(f"request {number} cannot be withdrawn: it is not yours, or does not wait")
    _decide(bench, request, account, "withdrawn", "request withdrawn", "")


def _require_decider(wave: RegisteredWave, account: Account, request: Request) -> None:
    if why_not := may_decide(wave.spec, account, request):
        raise Faults(why_not)


def _decide(bench: Bench, request: Request, account: Account, state: str, action: str, note: str) -> None:
    """Move it on from waiting: of two who decide at once, one is told that it waits no more."""
    at = bench.clock().isoformat(timespec="seconds")
    with bench.store.write() as tx:
        if not tx.approval_move(number=request.number, was="pending", state=state, who=account.who, at=at, note=note):
            raise Faults(f"request {request.number} does not wait: somebody decided in between")
        detail = {"request": request.number, "kind": request.kind, "asker": request.asker, "reason": note}
        audit.append(tx, bench.clock, account.who, action, request.wave, detail)


def _end(bench: Bench, request: Request, account: Account, state: str, note: str) -> None:
    with bench.store.write() as tx:
        tx.approval_move(number=request.number, was="doing", state=state, who=None, at=None, note=note)
        if state == "failed":
            detail = {"request": request.number, "fault": note}
            audit.append(tx, bench.clock, account.who, "approved act failed", request.wave, detail)


def get(bench: Bench, number: int) -> Request:
    """One request. Raises Faults when there is none of this number."""
    with bench.store.read() as tx:
        row = tx.approval_get(number=number)
    if row is None:
        raise Faults(f"there is no request {number}")
    return _request(bench, row)


def waiting(bench: Bench) -> int:
    """How many requests wait now."""
    with bench.store.read() as tx:
        return int(tx.approval_waiting(since=(bench.clock() - LASTS).isoformat(timespec="seconds")))


def latest(bench: Bench, limit: int = 100) -> tuple[Request, ...]:
    """The requests that wait, then what was decided, the latest first."""
    with bench.store.read() as tx:
        return tuple(_request(bench, row) for row in tx.approval_all(limit=limit))


def _request(bench: Bench, row: Mapping[str, Any]) -> Request:
    state = "expired" if row["state"] in ("pending", "granted") and _is_old(bench, row) else row["state"]
    return Request(
        row["number"], row["wave"], row["kind"], json.loads(row["shown"]), row["reason"], row["asker"],
        row["asked_at"], state, row["decided_by"] or "", row["decided_at"] or "", row["note"],
    )  # fmt: skip


def _is_old(bench: Bench, row: Mapping[str, Any]) -> bool:
    return bench.clock() > datetime.fromisoformat(row["asked_at"]) + LASTS


def _plain(told: Arguments) -> Any:
    """As JSON gives it back."""
    return json.loads(json.dumps(told))


def _box(keyring: Keyring) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"phieu/1 approvals").derive(keyring.instance_key()))


def _sealed(keyring: Keyring, told: Arguments) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _box(keyring).encrypt(nonce, json.dumps(told).encode(), None)


def _opened(keyring: Keyring, box: bytes) -> Any:
    """The arguments; None when the instance key is another one by now."""
    try:
        return json.loads(_box(keyring).decrypt(box[:_NONCE], box[_NONCE:], None))
    except InvalidTag:
        return None
