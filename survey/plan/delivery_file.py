"""What a wave file says of counters, messages and post: read key by key, each fault with its line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from forms.text import Text
from forms.toml import Table
from survey.counter.selection import CounterPlan, Override, Period, Shares
from survey.delivery import messages
from survey.delivery.messages import Channel, Message, Purpose, Reminders

_NEVER = date(1970, 1, 1)
WHOLE = "all"  # the one period of a wave that declares none


@dataclass(frozen=True, slots=True)
class Return:
    """Where forms come back to by post, and the mark that says who pays for it."""

    name: str
    address: str
    prepaid: str = ""


def a_date(table: Table, key: str) -> date:
    """A required date; 1970-01-01 after a fault."""
    value = table.data.get(key)
    if value is None:
        table.fault(None, f"“{key}” is missing")
        return _NEVER
    if isinstance(value, datetime) or not isinstance(value, date):
        table.fault(key, f"“{key}” must be a date such as 2026-03-01, without quotation marks")
        return _NEVER
    return value


def counter_plan(table: Table | None, opens: date, closes: date) -> CounterPlan | None:
    """``[counter]``: the public number's name and date, and the wave's periods."""
    if table is None:
        return None
    table.only("number", "date", "period")
    periods = tuple(_period(each, opens, closes) for each in table.tables("period"))
    for position, one in enumerate(periods):
        for other in periods[:position]:
            if one.id == other.id or (one.opens <= other.closes and other.opens <= one.closes):
                table.fault("period", f"the periods “{other.id}” and “{one.id}” overlap or have one name")
    exists = a_date(table, "date")
    if _NEVER < closes < exists:
        table.fault("date", f"the public number comes into being on {exists}, after the wave closes on {closes}")
    return CounterPlan(table.string("number"), exists, periods or (Period(WHOLE, opens, closes),))


def _period(table: Table, opens: date, closes: date) -> Period:
    table.only("id", "opens", "closes")
    period = Period(table.id(), a_date(table, "opens"), a_date(table, "closes"))
    if _NEVER not in (period.opens, period.closes, opens, closes) and not (
        opens <= period.opens <= period.closes <= closes
    ):
        table.fault("opens", f"the period “{period.id}” does not lie between {opens} and {closes}")
    return period


def shares(table: Table | None, units: Iterable[str], plan: CounterPlan | None) -> Shares | None:
    """``[group.counter]``: the share selected, and where another one holds."""
    if table is None:
        return None
    table.only("p", "other")
    if plan is None:
        table.fault(None, "a group asked at counters needs [counter], with the public number's name and date")
    identities = tuple(units)
    known = {period.id for period in plan.periods} if plan else set()
    overrides = []
    for each in table.tables("other"):
        each.only("unit", "period", "p")
        unit, period = each.string("unit", ""), each.string("period", "")
        if unit and unit not in identities:
            each.fault("unit", f"“{unit}” is not a unit of this wave")
        if period and plan and period not in known:
            each.fault("period", f"“{period}” is not a period of [counter]")
        overrides.append(Override(unit, period, _share(each)))
    return Shares(_share(table), tuple(overrides))


def _share(table: Table) -> float:
    p = table.number("p", 0.0, 1.0)
    if p == 0:
        table.fault("p", "“p” is 0: nobody would be asked")
    return p or 1.0


def templates(tables: Iterable[Table], groups: Iterable[str]) -> tuple[Message, ...]:
    """``[[message]]``: words for a purpose, a channel and some groups."""
    known = tuple(groups)
    found = []
    for table in tables:
        table.only("purpose", "channel", "groups", "subject", "body")
        channel = table.option("channel", Channel, Channel.EMAIL) or Channel.EMAIL
        named = table.strings("groups")
        for group in named:
            if group not in known:
                table.fault("groups", f"“{group}” is not a group of this wave")
        subject = (table.words("subject") if channel is Channel.EMAIL else None) or Text({"vi": ""})
        if channel is not Channel.EMAIL and "subject" in table:
            table.fault("subject", "only e-mail has a subject")
        message = Message(table.option("purpose", Purpose) or Purpose.INVITE, channel, named, subject,
                          table.words("body"))  # fmt: skip
        _check_words(table, message)
        found.append(message)
    return tuple(found)


def _check_words(table: Table, message: Message) -> None:
    for key, text in (("subject", message.subject), ("body", message.body)):
        for name in messages.unknown_fields(text):
            known = ", ".join(f"{{{each}}}" for each in messages.FIELDS)
            table.fault(key, f"“{{{name}}}” is no field; known: {known}")
    for language, words in message.body.items():
        if words.strip() and "{link}" not in words and "{code}" not in words:
            table.fault("body", f"the text in {language} names neither {{link}} nor {{code}}: nobody could answer")
    if any("\n" in words or "{link}" in words or "{code}" in words for words in message.subject.values()):
        table.fault("subject", "a subject is one line and never holds {link} or {code}: many can read it")


def reminders(table: Table | None) -> Reminders:
    """``[reminders]``: how often at most."""
    if table is None:
        return Reminders()
    table.only("most", "days_apart")
    most = table.integer("most", 2, low=0)
    return Reminders(2 if most is None else most, table.integer("days_apart", 5, low=1) or 5)


def return_address(table: Table | None) -> Return | None:
    """``[return]``: name, address, prepaid mark."""
    if table is None:
        return None
    table.only("name", "address", "prepaid")
    return Return(table.string("name"), table.string("address"), table.string("prepaid", ""))
