"""Who a message is due to now, and why others get none. Nothing is changed here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from forms.faults import Faults
from survey import codes, invitations
from survey.clock import Clock, today
from survey.config import Settings
from survey.delivery import mail
from survey.delivery.messages import Channel, Purpose
from survey.delivery.silencing import address_hash
from survey.invitations import Door
from survey.keys import Keyring, WaveKeys
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.wave import RegisteredWave


class Why(StrEnum):
    """Why nothing can be sent now."""

    CLOSED = "closed"
    NO_GROUP = "no_group"
    UNFINISHED = "unfinished"
    NOBODY_INVITED = "nobody_invited"
    ENOUGH = "enough"
    TOO_SOON = "too_soon"


class NotNow(Faults):
    """Nothing can be sent now. ``number``: the unfinished round, or the most reminders; ``on``: from which day."""

    def __init__(self, why: Why, message: str, *, number: int = 0, on: date | None = None) -> None:
        super().__init__(message)
        self.why, self.number, self.on = why, number, on


@dataclass(frozen=True, slots=True)
class Due:
    """An invitation that a message of this round is for."""

    serial: int
    group: str
    address: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Round:
    """One sending: a first invitation, or a reminder. ``number`` is 0 while it is only planned."""

    number: int
    purpose: Purpose
    channel: Channel
    resumed: bool = False


def plan(
    store: Store, keyring: Keyring, settings: Settings, clock: Clock, wave: RegisteredWave, purpose: Purpose,
    channel: Channel, *, groups: Sequence[str] = (),
) -> tuple[Round, list[Due], Counter[str]]:  # fmt: skip
    """Who would get a message now, and how many are left out by which reason. Nothing is changed.

    A round that was not finished is taken up again. Raises Faults when the wave takes no answers, or the wave
    file allows no (further) reminder yet.
    """
    if invitations.door(wave, clock) is not Door.OPEN:
        raise NotNow(Why.CLOSED, f"wave “{wave.spec.id}” takes no answers today: nothing is sent")
    wanted = _groups(wave, channel, groups)
    keys = keyring.wave_keys(wave.spec.id)
    with store.read() as tx:
        here = _round(tx, clock, wave, purpose, channel)
        silent = {row["address"] for row in tx.message_silent(wave=wave.spec.id)}
        before = {row["serial"]: row["state"] for row in tx.message_in_round(wave=wave.spec.id, round=here.number)}
        rows = [dict(row) for row in tx.message_addressed(wave=wave.spec.id) if row["grp"] in wanted]
    due: list[Due] = []
    out: Counter[str] = Counter()
    for row in rows:
        address = (row["email"] if channel is Channel.EMAIL else row["phone"]) or ""
        why = _left_out(row, address, here, before, silent, keys)
        if why:
            out[why] += 1
        elif why is None:
            due.append(Due(row["serial"], row["grp"], address, _values(wave, settings, keys, row)))
    return here, due, out


def _groups(wave: RegisteredWave, channel: Channel, named: Sequence[str]) -> set[str]:
    """The groups that the wave file sends to by this channel, or those of them that are named."""
    there = {group.id for group in wave.spec.groups if group.mode == channel}
    wrong = [name for name in named if name not in there]
    if wrong or not there:
        told = f"group “{wrong[0]}” is" if wrong else "no group is"
        raise NotNow(
            Why.NO_GROUP, f'{told} sent by {channel}: the wave file says mode = "{channel}" for those that are'
        )
    return set(named) or there


def _round(tx: Transaction, clock: Clock, wave: RegisteredWave, purpose: Purpose, channel: Channel) -> Round:
    last = tx.message_last_round(wave=wave.spec.id, channel=channel)
    if last is not None and not last["finished"]:
        if last["purpose"] != purpose:
            other = "without --remind" if last["purpose"] == Purpose.INVITE else "with --remind"
            said = f"round {last['number']} is not finished: run `phieu send` {other} first"
            raise NotNow(Why.UNFINISHED, said, number=last["number"])
        return Round(last["number"], purpose, channel, resumed=True)
    if purpose is Purpose.INVITE:
        return Round(0, purpose, channel)
    if last is None:
        raise NotNow(Why.NOBODY_INVITED, "nobody was invited yet: run `phieu send` without --remind first")
    allowed = wave.spec.reminders
    if tx.message_reminders(wave=wave.spec.id, channel=channel) >= allowed.most:
        said = f"the wave allows {allowed.most} reminders, and they were sent"
        raise NotNow(Why.ENOUGH, said, number=allowed.most)
    earliest = date.fromisoformat(last["begun_on"]) + timedelta(days=allowed.days_apart)
    if today(clock, wave.spec.timezone) < earliest:
        said = f"messages stay {allowed.days_apart} days apart: the next reminder is due on {earliest:%d/%m/%Y}"
        raise NotNow(Why.TOO_SOON, said, on=earliest)
    return Round(0, purpose, channel)


def _left_out(
    row: Mapping[str, Any], address: str, here: Round, before: Mapping[int, str], silent: set[bytes], keys: WaveKeys
) -> str | None:
    """Why an invitation gets nothing; '' where that is not worth a word, None where it is due."""
    if row["serial"] in before:
        return "begun before, and not confirmed" if before[row["serial"]] == "sending" else ""
    if here.purpose is Purpose.REMIND and row["invited"] not in ("sent", "sending"):
        return "never invited"
    if here.purpose is Purpose.INVITE and row["invited"]:
        return ""
    if not address:
        return "no address"
    if row["flagged"]:
        return "shared or staff contact"
    if here.channel is Channel.EMAIL and not mail.is_address(address):
        return "no valid address"
    return "bounced or opted out" if address_hash(keys, address) in silent else None


def _values(wave: RegisteredWave, settings: Settings, keys: WaveKeys, row: Mapping[str, Any]) -> dict[str, str]:
    spec = wave.spec
    code = codes.derive(keys.code, row["serial"], row["generation"])
    names = [spec.unit(unit).name.of("vi") for unit, _ in json.loads(row["units"])]
    return {
        "title": spec.title.of("vi"),
        "link": f"{settings.base_url}/P/{code}",
        "code": codes.grouped(code),
        "closes": f"{spec.closes:%d/%m/%Y}",
        "hotline": spec.hotline,
        "issuer": spec.authority.name.of("vi") if spec.authority else "Cơ quan chủ trì",
        "units": "; ".join(names),
    }
