"""What a wave file says of counters, messages and post; every fault with its line."""

from __future__ import annotations

from datetime import date

import pytest

from forms.faults import Faults
from forms.text import Text
from survey.config import load
from survey.counter.selection import Override, Period
from survey.delivery import messages
from survey.delivery.messages import Channel, Message, Purpose, Reminders
from survey.plan import wave_file
from tests.survey.counter.conftest import WAVE as COUNTER
from tests.survey.sending.test_sending import WAVE as SENDING


def faults(text: str) -> str:
    with pytest.raises(Faults) as caught:
        wave_file.load(text, "w")
    return "\n".join(str(fault) for fault in caught.value.faults)


def test_a_counter_plan_is_read():
    spec = wave_file.load(COUNTER, "w")
    assert spec.counter is not None
    assert spec.counter.exists == date(2026, 3, 2)
    assert [period.id for period in spec.counter.periods] == ["dau", "cuoi"]
    (group,) = spec.counter_groups
    assert group.counter is not None and group.counter.overrides == (Override("so_b", "", 1.0),)
    assert (str(group.design.method), group.design.by) == ("counter", ("unit", "period"))
    assert spec.listed_groups == ()
    assert (spec.office_of("cho_a"), spec.office_of("trung_tam"), spec.office_of("so_b")) == ("so_a", None, "so_b")


def test_a_wave_without_periods_is_one():
    text = COUNTER.replace(COUNTER[COUNTER.index("[[counter.period]]") : COUNTER.index("[[unit]]")], "")
    plan = wave_file.load(text, "w").counter
    assert plan is not None and plan.periods == (Period("all", date(2026, 3, 1), date(2026, 3, 31)),)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("date = 2026-03-02", "date = 2026-04-02", "comes into being on 2026-04-02, after the wave closes"),
        ("opens = 2026-03-16", "opens = 2026-03-10", "the periods “dau” and “cuoi” overlap"),
        ("closes = 2026-03-28", "closes = 2026-04-28", "does not lie between 2026-03-01 and 2026-03-31"),
        ("p = 0.3", "p = 0.0", "“p” is 0: nobody would be asked"),
        ("p = 0.3", "p = 1.5", "must be from 0 to 1"),
        ('unit = "so_b"', 'unit = "so_x"', "“so_x” is not a unit of this wave"),
        ('unit = "so_b"', 'unit = "so_b", period = "giua"', "“giua” is not a period of [counter]"),
        ('assesses = "dossier"', 'assesses = "own"', "a group asked at counters assesses “dossier”"),
        ('assesses = "dossier"', 'assesses = "dossier"\nmargins = ["channel"]', "has no “margins”"),
        ("[group.counter]\np = 0.3\nother = [ { unit = \"so_b\", p = 1.0 } ]", 'design = { method = "counter" }',
         "counter"),
    ],
)  # fmt: skip
def test_each_fault_of_a_counter_plan_is_told(old: str, new: str, said: str):
    assert old in COUNTER
    assert said in faults(COUNTER.replace(old, new, 1))


def test_a_counter_group_needs_the_waves_plan():
    text = COUNTER[: COUNTER.index("[counter]")] + COUNTER[COUNTER.index("[[unit]]") :]
    assert "needs [counter]" in faults(text)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{closes} tại {link}", "{closes} tại đây", "names neither {link} nor {code}"),
        ("{closes} tại {link}", "{ngay} tại {link}", "“{ngay}” is no field"),
        ('subject.vi = "Nhắc lần nữa: {title}"', 'subject.vi = "Nhắc: {link}"', "never holds {link} or {code}"),
        ('groups = ["lanh_dao"]', 'groups = ["ai"]', "“ai” is not a group of this wave"),
        ('purpose = "remind"', 'purpose = "remind"\nchannel = "sms"', "only e-mail has a subject"),
        ('purpose = "remind"', 'purpose = "thank"', "must be one of: invite, remind"),
        ("days_apart = 5", "days_apart = 0", "must be at least 1"),
    ],
)
def test_each_fault_of_a_message_is_told(old: str, new: str, said: str):
    assert old in SENDING
    assert said in faults(SENDING.replace(old, new, 1))


def test_reminders_are_allowed_twice_unless_the_file_says_other():
    assert wave_file.load(SENDING, "w").reminders == Reminders(2, 5)
    none = SENDING.replace("most = 2", "most = 0")
    assert wave_file.load(none, "w").reminders.most == 0


def test_the_nearest_template_is_chosen():
    own = Message(Purpose.INVITE, Channel.EMAIL, ("a",), Text({"vi": "a"}), Text({"vi": "{link}"}))
    common = Message(Purpose.INVITE, Channel.EMAIL, (), Text({"vi": "b"}), Text({"vi": "{link}"}))
    told = (common, own)
    assert messages.choose(told, Purpose.INVITE, Channel.EMAIL, "a") is own
    assert messages.choose(told, Purpose.INVITE, Channel.EMAIL, "b") is common
    assert messages.choose(told, Purpose.REMIND, Channel.EMAIL, "a") == messages.usual(Purpose.REMIND, Channel.EMAIL)


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("channel", list(Channel))
def test_our_own_words_name_known_fields_and_a_link(purpose: Purpose, channel: Channel):
    usual = messages.usual(purpose, channel)
    assert messages.unknown_fields(usual.body) == messages.unknown_fields(usual.subject) == []
    assert all("{link}" in words for words in usual.body.values())


def test_a_label_goes_with_the_value_it_lacks():
    values = dict.fromkeys(messages.FIELDS, "x") | {"hotline": ""}
    text = Text({"vi": "Mời {title}.\nHỏi đáp: {hotline}\nXin cảm ơn.", "en": "Dear {title}"})
    assert messages.filled(text, values, ["vi"]) == "Mời x.\nXin cảm ơn."
    assert messages.filled(text, values, ["vi", "en"]).endswith("———\n\nDear x")
    assert messages.filled(text, values, ["fr"]) == "Mời x.\nXin cảm ơn."


@pytest.mark.parametrize(
    ("smtp", "said"),
    [
        ('host = "h"', "“smtp.sender” is missing"),
        ('host = "h"\nsender = "ks"', "“smtp.sender” is no address"),
        ('host = "h"\nsender = "a@b.vn"\nsecurity = "ssl"', "must be none, starttls or tls"),
        ('host = "h"\nsender = "a@b.vn"\nport = "25"', "“smtp.port” must be a whole number"),
        ('host = 1\nsender = "a@b.vn"', "“smtp.host” must be a text"),
        ('host = "h"\nsender = "a@b.vn"\nper_minute = 0', "at least 1"),
        ('host = "h"\nsender = "a@b.vn"\npassword = "x"', "unknown key “smtp.password”"),
    ],
)
def test_each_fault_of_the_mail_server_is_told(settings, smtp: str, said: str):
    (settings.instance / "phieu.toml").write_text(f"[smtp]\n{smtp}\n", "utf-8")
    with pytest.raises(Faults, match=said.replace("(", "\\(").replace(".", "\\.")):
        load(settings.instance)


def test_the_mail_server_is_read(settings):
    told = '[smtp]\nhost = "h"\nsender = "Khảo sát <a@b.vn>"\nuser = "u"\n'
    (settings.instance / "phieu.toml").write_text(told, "utf-8")
    smtp = load(settings.instance).smtp
    assert smtp is not None and (smtp.port, smtp.security, smtp.user) == (25, "starttls", "u")
