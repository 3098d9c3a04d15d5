"""Seals at the times of day that ``[seals]`` in phieu.toml sets, and sent by e-mail to the witnesses that it names.

What a witness was sent is in the log, by number and hash: whoever was not reached is sent what is missing next time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time as clock_time
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from survey import audit, seals, wave
from survey.delivery import mail
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.clock import Clock
    from survey.config import Settings
    from survey.wave import RegisteredWave

SENT = "seals sent"  # the entry of the log
SUBJECT = "Niêm phong số {number} của đợt {wave}"
BODY = """\
Kính gửi Ông/Bà,

Hệ thống khảo sát vừa lập niêm phong số {number} của đợt “{title}” ({wave}), lúc {at}.

Mã niêm phong (SHA-256):
{hash}

Số phiếu trả lời đã niêm phong: {responses}.

Xin Ông/Bà giữ thư này và tệp đính kèm (chuỗi niêm phong từ số 0). Nếu về sau có người sửa, thêm hoặc bớt phiếu đã
niêm phong thì chuỗi niêm phong đưa ra khi đó không còn chứa mã trên. Cách tự kiểm tra, không cần phần mềm Phiếu:

    python3 check_seals.py TỆP --seal {number}:{hash}

Niêm phong gần nhất cũng được đăng tại {base_url}/check
"""
_MOST = 10_000  # entries of the log that are looked through
LATE = timedelta(minutes=10)  # a seal that is not there by then is overdue: servers look every few seconds
SEAL_AGAIN, SEND_AGAIN = 60.0, 300.0  # seconds after which a seal, or sending, is tried again


def seal_due(store: Store, clock: Clock, settings: Settings) -> list[tuple[str, int]]:
    """Seal every open wave for which a set time has passed since its last seal; (wave, number) of each new one."""
    made = []
    for registered in wave.open_ones(store):
        with store.sealing() as tx:  # looked at inside: another server may have sealed it just now
            if _is_due(tx, clock, settings.seals.at, registered):
                made.append((registered.spec.id, seals.write(tx, clock, registered)))
    return made


def due(store: Store, clock: Clock, settings: Settings) -> list[str]:
    """The waves that ``seal_due`` would seal now."""
    found = wave.open_ones(store) if settings.seals.at else ()
    with store.read() as tx:
        return [each.spec.id for each in found if _is_due(tx, clock, settings.seals.at, each)]


def overdue(store: Store, clock: Clock, settings: Settings) -> list[str]:
    """The open waves whose set time passed ``LATE`` ago without a seal: nothing seals them."""
    return due(store, lambda: clock() - LATE, settings)


def _is_due(tx: Transaction, clock: Clock, at: tuple[time, ...], registered: RegisteredWave) -> bool:
    last = tx.seal_last(wave=registered.spec.id)
    if last is None or not at:
        return False
    zone = ZoneInfo(registered.spec.timezone)
    now = clock().astimezone(zone)
    days = (now.date(), now.date() - timedelta(days=1))
    latest = max(each for day in days for each in (datetime.combine(day, t, zone) for t in at) if each <= now)
    return datetime.fromisoformat(json.loads(last["body"])["at"]) < latest


def unsent(store: Store, settings: Settings) -> Iterator[tuple[RegisteredWave, str]]:
    """Every wave with the witnesses who were not sent its last seal; waves that are only for trying have none."""
    if not settings.seals.witnesses:
        return
    with store.read() as tx:
        last = {row["id"]: tx.seal_last(wave=row["id"]) for row in tx.wave_ids()}
        rows = tx.audit_search(text="", wave="", who="", action=SENT, since="", until="", limit=_MOST, offset=0)
        reached = {(row["wave"], told["to"], told["hash"]) for row in rows for told in [json.loads(row["detail"])]}
    for identity in (identity for identity, row in last.items() if row is not None):
        for to in settings.seals.witnesses:
            if (identity, to, last[identity]["hash"]) not in reached:
                registered = wave.get(store, identity)
                if not registered.spec.simulated:
                    yield registered, to


def send(store: Store, clock: Clock, settings: Settings, server: mail.Server, *, who: str) -> tuple[int, list[str]]:
    """Send every witness the chains whose last seal was not sent; how many letters, and what went wrong by address."""
    sent, wrong = 0, []
    for registered, to in list(unsent(store, settings)):
        identity = registered.spec.id
        with store.read() as tx:
            chain = [{"body": row["body"], "hash": row["hash"]} for row in tx.seal_all(wave=identity)]
        try:
            server.send(_letter(settings, server.settings, registered, chain, to), to)
        except (mail.Unsent, mail.Unsure) as error:  # a letter that arrives twice does no harm
            wrong.append(f"{to}: {error}")
            continue
        sent += 1
        with store.write() as tx:
            detail = {"to": to, "seal": len(chain) - 1, "hash": chain[-1]["hash"]}
            audit.append(tx, clock, who, SENT, identity, detail)
    server.close()
    return sent, wrong


def _letter(
    settings: Settings, by: mail.MailSettings, registered: RegisteredWave, chain: list[dict[str, str]], to: str
) -> EmailMessage:
    body = json.loads(chain[-1]["body"])
    at = datetime.fromisoformat(body["at"]).astimezone(ZoneInfo(registered.spec.timezone))
    told = {"number": body["number"], "wave": registered.spec.id, "title": registered.spec.title.of("vi"),
            "at": f"{at:%H:%M} ngày {at:%d/%m/%Y}", "hash": chain[-1]["hash"], "responses": body["responses"],
            "base_url": settings.base_url}  # fmt: skip
    message = mail.compose(by, to, SUBJECT.format(**told), BODY.format(**told))
    content = json.dumps(chain, ensure_ascii=False, indent=1).encode()
    name = f"niem-phong-{registered.spec.id}-{body['number']}.json"
    message.add_attachment(content, maintype="application", subtype="json", filename=name)
    return message


class Beside:
    """Runs ``phieu seal --due`` beside a server when something is to be sealed or sent: mixing waits for neither."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self._settings, self._store, self._clock = settings, store, clock
        self._child: subprocess.Popen[bytes] | None = None
        self._next_seal = self._next_letter = 0.0

    def look(self) -> bool:
        """Start it where there is something to do, none runs and the last try is long enough ago; whether it did."""
        if self._child is not None and self._child.poll() is None:
            return False
        now = clock_time.monotonic()
        sealing = now >= self._next_seal and bool(due(self._store, self._clock, self._settings))
        posting = now >= self._next_letter and self._settings.smtp is not None
        if not sealing and not (posting and any(unsent(self._store, self._settings))):
            return False
        self._next_seal, self._next_letter = now + SEAL_AGAIN, now + SEND_AGAIN
        command = [sys.executable, "-P", "-m", "survey.cli", "--instance", str(self._settings.instance)]
        self._child = subprocess.Popen([*command, "seal", "--due"], stdout=subprocess.DEVNULL)  # noqa: S603 - our own
        return True
