"""The one connection: what it says when a password is missing, a line begins with a point, a server babbles."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from forms.faults import Faults
from survey.delivery import mail
from survey.delivery.mail import MailSettings, Rejected, Server, Unsent
from tests.survey.sending.mail_server import serving


def settings(port: int, **told: object) -> MailSettings:
    return MailSettings("127.0.0.1", "Khảo sát <ks@tinh.vn>", port, "none", **told)  # type: ignore[arg-type]


def test_lines_that_begin_with_a_point_arrive_whole(tmp_path: Path):
    with serving() as box:
        told = settings(box.port)
        server = Server(told, tmp_path)
        server.send(mail.compose(told, "ai@tinh.vn", "Thư mời", ".mot\n..hai\nba"), "ai@tinh.vn")
        server.close()
    ((to, message),) = box.taken
    assert to == "ai@tinh.vn"
    assert message.get_content().splitlines() == [".mot", "..hai", "ba"]
    assert message["From"] == "Khảo sát <ks@tinh.vn>"


def test_a_rejected_address_leaves_the_connection_good(tmp_path: Path):
    with serving() as box:
        box.unknown = {"khong@tinh.vn"}
        told = settings(box.port)
        server = Server(told, tmp_path)
        with pytest.raises(Rejected, match="550"):
            server.send(mail.compose(told, "khong@tinh.vn", "x", "x"), "khong@tinh.vn")
        server.send(mail.compose(told, "co@tinh.vn", "x", "x"), "co@tinh.vn")
        server.close()
        assert (box.recipients(), box.connections) == (["co@tinh.vn"], 1)


def test_a_login_that_cannot_be_made_sends_nothing(tmp_path: Path):
    with serving() as box:
        told = settings(box.port, user="ks", password_file="mat_khau")  # noqa: S106 - a file's name
        server = Server(told, tmp_path)
        with pytest.raises(Faults, match="password cannot be read"):
            server.send(mail.compose(told, "a@b.vn", "x", "x"), "a@b.vn")
        file = tmp_path / "mat_khau"
        file.write_text("bi mat\n", "utf-8")
        file.chmod(stat.S_IRUSR)
        with pytest.raises(Unsent):  # the server knows no AUTH
            server.send(mail.compose(told, "a@b.vn", "x", "x"), "a@b.vn")
    assert box.taken == []


def test_encryption_that_the_server_lacks_sends_nothing(tmp_path: Path):
    with serving() as box:
        for security, box.hangs_up in (("starttls", 0), ("tls", 1)):
            told = MailSettings("127.0.0.1", "ks@tinh.vn", box.port, security)
            with pytest.raises(Unsent):
                Server(told, tmp_path).send(mail.compose(told, "a@b.vn", "x", "x"), "a@b.vn")
    assert box.taken == []


@pytest.mark.parametrize(
    "text", ["a", "a@b", "a b@c.vn", "a@b.vn,c@d.vn", "<a@b.vn>", "a@b.vn\nBcc: x@y.vn", "a" * 255]
)
def test_what_is_no_address_is_not_written_to(text: str):
    assert not mail.is_address(text)
    assert mail.is_address("lan.nguyen+khao-sat@so.tinh.gov.vn")
