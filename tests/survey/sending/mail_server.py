"""A mail server on a real socket that takes messages, refuses addresses, and dies where a test says."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default


@dataclass
class Mailbox:
    """What the server was given, and how it is to behave. ``dies``: after so many whole messages, before answering."""

    port: int = 0
    unknown: set[str] = field(default_factory=set)
    busy: list[int] = field(default_factory=list)  # codes for the next recipients
    dies: int | None = None
    hangs_up: int = 0  # so many connections are cut before a word
    connections: int = 0
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)

    def recipients(self) -> list[str]:
        """Who got something, in order."""
        return [to for to, _ in self.taken]


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        box: Mailbox = self.server.box  # type: ignore[attr-defined]
        box.connections += 1
        if box.hangs_up:
            box.hangs_up -= 1
            return
        self.say("220 test")
        to = ""
        while line := self.rfile.readline():
            word, _, rest = line.decode().strip().partition(" ")
            match word.upper():
                case "EHLO" | "HELO" | "RSET" | "MAIL":
                    self.say("250 ok")
                case "RCPT":
                    to = rest.partition("<")[2].partition(">")[0]
                    code = 550 if to in box.unknown else box.busy.pop(0) if box.busy else 250
                    self.say(f"{code} {to}")
                case "DATA":
                    self.say("354 go on")
                    text = self.text()
                    box.taken.append((to, email.message_from_bytes(text, policy=default)))  # type: ignore[arg-type]
                    if box.dies is not None and len(box.taken) >= box.dies:
                        box.dies = None
                        return
                    self.say("250 taken")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("502 what?")

    def text(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) and line != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def serving() -> Iterator[Mailbox]:
    """A server for as long as the block lasts."""
    box = Mailbox()
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.box = box  # type: ignore[attr-defined]
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
