"""The desk's cookie: signed with the instance key, sent under /desk alone, so that no respondent's page has one."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, cast

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from survey.proxy import on_tls

if TYPE_CHECKING:
    from survey.web import Web

COOKIE = "desk"
SECURE = "__Secure-"
FOLDER = "/desk"

_FILE = re.compile(re.escape(FOLDER) + r"/static/[0-9a-f]{16}/[A-Za-z0-9_.-]+")


class DeskSessions(SecureCookieSessionInterface):
    """Flask's signed sessions, only where staff are."""

    digest_method = staticmethod(hashlib.sha256)

    def get_cookie_name(self, app: Flask) -> str:
        """Behind TLS a name that browsers take over TLS alone: nobody in between can plant one. ``__Host-`` would ask
        for the path / and so send staff's cookie with respondents' pages."""
        return SECURE + COOKIE if on_tls(request) else COOKIE

    def get_cookie_path(self, app: Flask) -> str:
        return request.script_root + FOLDER

    def get_cookie_httponly(self, app: Flask) -> bool:
        return True

    def get_cookie_secure(self, app: Flask) -> bool:
        return on_tls(request)

    def get_cookie_samesite(self, app: Flask) -> str:
        return "Lax"  # Strict would show the sign-in page to whoever follows a colleague's link

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """None elsewhere than at the desk: nothing can be kept there."""
        if not at_desk(request.path, request.method):
            return None
        web = cast("Web", app)
        derived = HKDF(SHA256(), 32, salt=None, info=b"phieu/1 desk session").derive(web.keyring.instance_key())
        app.secret_key = derived  # read anew at each page: the key may rotate
        return super().open_session(app, request)


def at_desk(path: str, method: str = "GET") -> bool:
    """Whether this is a page of the desk: all under its folder but what can be one of its unchanging files."""
    if path != FOLDER and not path.startswith(FOLDER + "/"):
        return False
    return method not in ("GET", "HEAD") or not _FILE.fullmatch(path)
