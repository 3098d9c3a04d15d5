"""What is written to respondents by e-mail, SMS and Zalo. Pure: a template and an invitation in, words out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from forms.text import LANGUAGE, Text

FIELDS = ("title", "link", "code", "closes", "hotline", "issuer", "units")
_FIELD = re.compile(r"\{([^{}]*)\}")


class Purpose(StrEnum):
    """Why a message is sent."""

    INVITE = "invite"
    REMIND = "remind"


class Channel(StrEnum):
    """How a message is sent: e-mail by us, the others by a gateway that takes a list."""

    EMAIL = "email"
    SMS = "sms"
    ZALO = "zalo"


@dataclass(frozen=True, slots=True)
class Message:
    """A template; ``groups`` is empty where it is for every group. Only e-mail has a subject."""

    purpose: Purpose
    channel: Channel
    groups: tuple[str, ...]
    subject: Text
    body: Text


@dataclass(frozen=True, slots=True)
class Reminders:
    """How often the unfinished are reminded at most, and how many days apart at least."""

    most: int = 2
    days_apart: int = 5


USUAL_REMINDERS = Reminders()


_NOTHING = Text({"vi": ""})
_SUBJECT = Text({"vi": "{title}: mời Ông/Bà trả lời", "en": "{title}: you are invited to answer"})
_INVITE = Text(
    {
        "vi": (
            "Kính gửi Ông/Bà,\n\n"
            "{issuer} trân trọng mời Ông/Bà trả lời phiếu khảo sát “{title}”.\n"
            "Xin mở liên kết sau và trả lời trước hết ngày {closes}:\n{link}\n\n"
            "Liên kết này dành riêng cho Ông/Bà và chỉ dùng được một lần; xin không chuyển cho người khác. "
            "Câu trả lời không gắn với họ tên của Ông/Bà.\n"
            "Nếu không muốn tham gia, xin mở liên kết và chọn “Tôi không muốn tham gia”; "
            "Ông/Bà sẽ không nhận thư nhắc.\n"
            "Hỏi đáp: {hotline}\n\nTrân trọng cảm ơn Ông/Bà."
        ),
        "en": (
            "Dear Sir or Madam,\n\n"
            "{issuer} invites you to answer the questionnaire “{title}”.\n"
            "Please open this link and answer by the end of {closes}:\n{link}\n\n"
            "The link is yours alone and works once; please do not pass it on. "
            "Your answers are not kept with your name.\n"
            "If you do not wish to take part, open the link and say so; you will get no reminder.\n"
            "Questions: {hotline}\n\nThank you."
        ),
    }
)
_REMIND_SUBJECT = Text({"vi": "{title}: nhắc Ông/Bà trả lời trước ngày {closes}", "en": "{title}: a reminder"})
_REMIND = Text(
    {
        "vi": (
            "Kính gửi Ông/Bà,\n\n"
            "{issuer} chưa nhận được phiếu trả lời của Ông/Bà cho khảo sát “{title}”. "
            "Phiếu còn mở đến hết ngày {closes}:\n{link}\n\n"
            "Nếu không muốn tham gia, xin mở liên kết và chọn “Tôi không muốn tham gia”; "
            "Ông/Bà sẽ không nhận thư nhắc nữa.\nHỏi đáp: {hotline}\n\nTrân trọng cảm ơn Ông/Bà."
        ),
        "en": (
            "Dear Sir or Madam,\n\n"
            "{issuer} has not received your answers to “{title}” yet. "
            "The questionnaire stays open until the end of {closes}:\n{link}\n\n"
            "If you do not wish to take part, open the link and say so; you will get no further reminder.\n"
            "Questions: {hotline}\n\nThank you."
        ),
    }
)
_SHORT = Text({"vi": "{issuer} mời Ông/Bà trả lời khảo sát đến hết ngày {closes}: {link} Hỏi đáp: {hotline}"})
_SHORT_REMIND = Text({"vi": "{issuer} nhắc Ông/Bà: phiếu khảo sát còn mở đến hết ngày {closes}: {link}"})


def usual(purpose: Purpose, channel: Channel) -> Message:
    """The words used where the wave file has none."""
    invite = purpose is Purpose.INVITE
    if channel is Channel.EMAIL:
        subject, body = (_SUBJECT, _INVITE) if invite else (_REMIND_SUBJECT, _REMIND)
        return Message(purpose, channel, (), subject, body)
    return Message(purpose, channel, (), _NOTHING, _SHORT if invite else _SHORT_REMIND)


def choose(templates: Sequence[Message], purpose: Purpose, channel: Channel, group: str) -> Message:
    """The template for a group: its own, else the one for every group, else ours."""
    fits = [each for each in templates if (each.purpose, each.channel) == (purpose, channel)]
    own = [each for each in fits if group in each.groups]
    common = [each for each in fits if not each.groups]
    return (own or common or [usual(purpose, channel)])[0]


def unknown_fields(text: Text) -> list[str]:
    """What stands in braces and is no field."""
    return [name for words in text.values() for name in _FIELD.findall(words) if name not in FIELDS]


def filled(text: Text, values: Mapping[str, str], languages: Sequence[str]) -> str:
    """The words in these languages, one below the other, with their fields; languages that the text lacks are left out.

    A field without a value takes its line's label with it: no “Hỏi đáp:” before nothing.
    """
    told = [language for language in languages if language in text] or [LANGUAGE]
    return "\n\n———\n\n".join(_one(text[language], values) for language in told)


def _one(words: str, values: Mapping[str, str]) -> str:
    lines = [line for line in words.split("\n") if not _labels_nothing(line, values)]
    return _FIELD.sub(lambda match: values[match[1]], "\n".join(lines))


def _labels_nothing(line: str, values: Mapping[str, str]) -> bool:
    return any(line.rstrip().endswith(f": {{{name}}}") and not values[name] for name in FIELDS) and line.count("{") == 1
