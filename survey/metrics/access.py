"""Who may read the figures: whoever holds the token that the operator set, else this machine alone."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping
from enum import Enum, auto
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from survey.config import Settings

SHORTEST = 32  # characters of a token
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_FORWARDED_HOST")


class Access(Enum):
    """What whoever asks for the figures is told."""

    GRANTED = auto()
    TOKEN_WANTED = auto()
    NO_SUCH_PAGE = auto()


def of(settings: Settings, environ: Mapping[str, Any]) -> Access:
    """Decide on a request. Without a token only what never left this machine is answered: a proxy's request came from
    elsewhere, and another name for this machine is what a page in a browser here would have chosen."""
    told = settings.metrics
    if not told.enabled:
        return Access.NO_SUCH_PAGE
    if told.token_file:
        wanted = token(settings)
        sent = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ").strip()
        good = wanted is not None and hmac.compare_digest(sent.encode("utf-8", "replace"), wanted.encode())
        return Access.GRANTED if good else Access.TOKEN_WANTED
    near = _here(environ.get("REMOTE_ADDR")) and _here(_host(environ.get("HTTP_HOST", "")))
    return Access.GRANTED if near and not any(name in environ for name in _FORWARDED) else Access.NO_SUCH_PAGE


def file(settings: Settings) -> Path:
    """Where the token is."""
    return settings.instance / settings.metrics.token_file


def token(settings: Settings) -> str | None:
    """The token; None where the file cannot be read, or holds too short a one."""
    try:
        text = file(settings).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text if len(text) >= SHORTEST else None


def _host(named: str) -> str | None:
    try:
        return urlsplit(f"//{named}").hostname
    except ValueError:
        return None


def _here(address: str | None) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False
