"""Messages to those who have not finished: by e-mail one by one, or as a list for a gateway.

**At most once.** Before a message is given to the server its row says *sending*, on the disk; afterwards *sent*.
Whatever happens between, a power cut or a server that goes away after the last byte, leaves *sending*: it may have
arrived, and is not sent again in this round (a reminder reaches its person later). What was certainly not accepted
loses its row and is tried again, now or in the next run.

Rows of a finished reminder are deleted: they would tell who had not answered on which day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from survey import audit, invitations
from survey.clock import Clock, today
from survey.config import Settings
from survey.delivery import mail, messages
from survey.delivery.due import Due, Round, plan
from survey.delivery.messages import Channel, Message, Purpose
from survey.delivery.silencing import address_hash, undeliverable
from survey.keys import Keyring, WaveKeys
from survey.store import Store

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

GIVE_UP = 5  # messages in a row that could not be given over: the server is down


@dataclass(slots=True)
class Sent:
    """What a run came to; ``unsure``: begun and never confirmed, now or in an earlier run of the round."""

    round: Round
    due: int = 0
    sent: int = 0
    rejected: int = 0
    unsent: int = 0
    unsure: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    trouble: str = ""


def words(
    wave: RegisteredWave, here: Round, due: Due, languages: Sequence[str], marks: Sequence[str]
) -> tuple[str, str]:
    """Subject and body of a message; what is not real yet says so first."""
    template: Message = messages.choose(wave.spec.messages, here.purpose, here.channel, due.group)
    known = languages or tuple(template.body)
    subject = messages.filled(template.subject, due.values, known[:1])
    told = " ".join(f"[{mark}]" for mark in marks)
    body = messages.filled(template.body, due.values, known)
    if here.channel is Channel.EMAIL:
        return f"{told} {subject}".strip(), body
    return "", f"{told} {body}".strip()


def send(
    store: Store, keyring: Keyring, settings: Settings, clock: Clock, wave: RegisteredWave, purpose: Purpose,
    server: mail.Server, *, groups: Sequence[str] = (), languages: Sequence[str] = (), marks: Sequence[str] = (),
    wait: Callable[[float], None], told: Callable[[int, int], None] = lambda done, total: None, who: str,
) -> Sent:  # fmt: skip
    """Send a round by e-mail, or go on with one; stop when the server takes nothing any more. Run again to go on."""
    here, due, out = plan(store, keyring, settings, clock, wave, purpose, Channel.EMAIL, groups=groups)
    if due or here.resumed:
        here = _begun(store, clock, wave, here, len(due), who)
    result = Sent(here, len(due), unsure=out["begun before, and not confirmed"], left_out=out)
    run = _Run(store, clock, wave, keyring.wave_keys(wave.spec.id), server, wait, result, who)
    try:
        for number, each in enumerate(due, start=1):
            subject, body = words(wave, here, each, languages, marks)
            run.give(each, mail.compose(server.settings, each.address, subject, body))
            told(number, len(due))
            if run.in_a_row == GIVE_UP:
                break
            wait(60.0 / server.settings.per_minute)
    finally:
        server.close()
    if not result.unsent:
        _finish(store, wave, here)
    return result


@dataclass(slots=True)
class _Run:
    """A run of a round; ``in_a_row``: messages that the server has just not taken."""

    store: Store
    clock: Clock
    wave: RegisteredWave
    keys: WaveKeys
    server: mail.Server
    wait: Callable[[float], None]
    result: Sent
    who: str
    in_a_row: int = 0

    def give(self, each: Due, message: EmailMessage) -> None:
        """One message, tried again where it was certainly not accepted."""
        at = {"wave": self.wave.spec.id, "serial": each.serial, "round": self.result.round.number}
        for attempt in range(self.server.settings.retries + 1):
            with self.store.write() as tx:
                if not tx.message_begin(**at):
                    self.result.left_out["finished meanwhile"] += 1
                    return
            if self._tried(each, message, at):
                self.in_a_row = 0
                return
            if attempt < self.server.settings.retries:
                self.wait(2.0**attempt)
        self.result.unsent += 1
        self.in_a_row += 1

    def _tried(self, each: Due, message: EmailMessage, at: Mapping[str, Any]) -> bool:
        """Whether there is nothing to try again: it was accepted, may have been, or never will be."""
        try:
            self.server.send(message, each.address)
        except mail.Unsure as error:
            self.result.unsure, self.result.trouble = self.result.unsure + 1, str(error)
        except mail.Rejected as error:
            self._reject(each, at)
            self.result.rejected, self.result.trouble = self.result.rejected + 1, str(error)
        except mail.Unsent as error:
            with self.store.write() as tx:
                tx.message_take_back(**at)
            self.result.trouble = str(error)
            return False
        else:
            with self.store.write() as tx:
                tx.message_end(**at, state="sent")
            self.result.sent += 1
        return True

    def _reject(self, each: Due, at: Mapping[str, Any]) -> None:
        """The server knows no such address: nothing more goes there; an invitation not opened is undeliverable."""
        with self.store.write() as tx:
            tx.message_end(**at, state="rejected")
            tx.message_silence(wave=self.wave.spec.id, address=address_hash(self.keys, each.address), reason="bounced")
        undeliverable(self.store, self.clock, self.wave, [each.serial], self.who)


def _begun(store: Store, clock: Clock, wave: RegisteredWave, here: Round, due: int, who: str) -> Round:
    if here.number:
        return here
    with store.write() as tx:
        number = tx.message_add_round(
            wave=wave.spec.id, purpose=here.purpose, channel=here.channel,
            begun_on=today(clock, wave.spec.timezone).isoformat(),
        )  # fmt: skip
        detail = {"round": number, "purpose": here.purpose, "channel": here.channel, "due": due}
        audit.append(tx, clock, who, "messages begun", wave.spec.id, detail)
    return Round(number, here.purpose, here.channel)


def _finish(store: Store, wave: RegisteredWave, here: Round) -> None:
    with store.write() as tx:
        tx.message_finish_round(wave=wave.spec.id, number=here.number)
        if here.purpose is Purpose.REMIND:
            tx.message_forget_round(wave=wave.spec.id, round=here.number)


def listed(
    store: Store, keyring: Keyring, settings: Settings, clock: Clock, wave: RegisteredWave, purpose: Purpose,
    channel: Channel, write: Callable[[list[tuple[str, str]]], None],
    *, groups: Sequence[str] = (), languages: Sequence[str] = ("vi",), marks: Sequence[str] = (), who: str, reason: str,
) -> Sent:  # fmt: skip
    """A round as (telephone, text) for a gateway: ``write`` gets the rows before they count as sent.

    Were the machine to stop in between, the file is there and the round is not: throw one of the two away.
    """
    told = {"reason": invitations.stated(reason)}
    here, due, out = plan(store, keyring, settings, clock, wave, purpose, channel, groups=groups)
    write([(each.address, words(wave, here, each, languages, marks)[1]) for each in due])
    here = _begun(store, clock, wave, here, len(due), who)
    with store.write() as tx:
        for each in due:
            if tx.message_begin(wave=wave.spec.id, serial=each.serial, round=here.number):
                tx.message_end(wave=wave.spec.id, serial=each.serial, round=here.number, state="sent")
        detail = {"n": len(due), "channel": channel, **told}
        audit.append(tx, clock, who, "list for a gateway exported", wave.spec.id, detail)
    _finish(store, wave, here)
    return Sent(here, len(due), sent=len(due), left_out=out)
