"""One message to one mail server, and exactly what is known of it afterwards."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from pathlib import Path

from forms.faults import Fault, Faults

TIMEOUT = 30.0
_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")


@dataclass(frozen=True, slots=True)
class MailSettings:
    """``[smtp]`` of phieu.toml. ``security``: none, starttls or tls; the password lies in a file of its own."""

    host: str
    sender: str
    port: int = 25
    security: str = "starttls"
    user: str = ""
    password_file: str = ""
    reply_to: str = ""
    per_minute: int = 60
    retries: int = 3


class Unsent(Exception):
    """The message was certainly not accepted; it may be tried again."""


class Rejected(Unsent):
    """The server will never take a message for this address."""


class Unsure(Exception):
    """The server went away after the whole message was given to it: it may have been accepted."""


def is_address(text: str) -> bool:
    """Whether this can be an e-mail address."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def compose(settings: MailSettings, to: str, subject: str, body: str) -> EmailMessage:
    """A plain message; it asks for no automatic answer and says where to write to be left alone."""
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.sender
    message["To"] = Address(addr_spec=to)
    message["Subject"] = subject
    reply = settings.reply_to or settings.sender
    message["Reply-To"] = reply
    message["List-Unsubscribe"] = f"<mailto:{reply}?subject=unsubscribe>"
    message["Auto-Submitted"] = "auto-generated"
    message["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2].strip(">"))
    message.set_content(body, cte="base64" if not body.isascii() else "7bit")
    return message


class Server:
    """A connection that is made when needed and made again when it broke."""

    def __init__(self, settings: MailSettings, folder: Path, connect: Callable[[], smtplib.SMTP] | None = None) -> None:
        self.settings, self.folder = settings, folder
        self._connect = connect or self._open
        self._smtp: smtplib.SMTP | None = None

    def send(self, message: EmailMessage, to: str) -> None:
        """Give one message over. Raises Rejected, Unsent or Unsure; returns only when the server accepted it."""
        try:
            smtp = self._smtp = self._smtp or self._connect()
            self._envelope(smtp, to)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise Unsent(_said(error)) from error
        self._content(smtp, message)

    def _envelope(self, smtp: smtplib.SMTP, to: str) -> None:
        """Sender, recipient, and leave to begin: nothing is accepted before the text is."""
        code, said = smtp.mail(self.settings.sender.rpartition("<")[2].strip(">"))
        if code >= 400:
            smtp.rset()
            raise smtplib.SMTPResponseException(code, said)
        code, said = smtp.rcpt(to)
        if code >= 500:
            smtp.rset()
            raise Rejected(f"{code} {_text(said)}")
        if code >= 400:
            smtp.rset()
            raise Unsent(f"{code} {_text(said)}")
        code, said = smtp.docmd("DATA")
        if code != 354:
            raise smtplib.SMTPResponseException(code, said)

    def _content(self, smtp: smtplib.SMTP, message: EmailMessage) -> None:
        text = re.sub(rb"(?m)^\.", b"..", message.as_bytes(policy=SMTP))
        try:
            smtp.send(text + (b"" if text.endswith(b"\r\n") else b"\r\n") + b".\r\n")
            code, said = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise Unsure(_said(error)) from error
        if code >= 400:
            raise Unsent(f"{code} {_text(said)}")

    def close(self) -> None:
        """Take leave, if the server still listens."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()

    def _open(self) -> smtplib.SMTP:
        told = self.settings
        context = ssl.create_default_context()
        if told.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(told.host, told.port, timeout=TIMEOUT, context=context)
        else:
            smtp = smtplib.SMTP(told.host, told.port, timeout=TIMEOUT)
        try:
            smtp.ehlo_or_helo_if_needed()
            if told.security == "starttls":
                smtp.starttls(context=context)
                smtp.ehlo()
            if told.user:
                smtp.login(told.user, self._password())
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _password(self) -> str:
        file = self.folder / self.settings.password_file
        try:
            return file.read_text("utf-8").strip()
        except OSError as error:
            raise Faults([Fault(f"the mail server's password cannot be read: {error.strerror}", str(file))]) from error


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(error) or type(error).__name__
