"""Who asks, and over what, when a reverse proxy on this machine stands in between."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from flask import Request


def _behind_ours(request: Request) -> bool:
    """Only a proxy on this machine is believed: anybody else can write such headers."""
    return _is_loopback(request.remote_addr or "")


@lru_cache(maxsize=1024)
def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def address(request: Request) -> str | None:
    """The address of the browser; the last one that our proxy noted, for the ones before it may be made up."""
    noted = request.headers.get("X-Forwarded-For", "") if _behind_ours(request) else ""
    return noted.rpartition(",")[2].strip() or request.remote_addr


def on_tls(request: Request) -> bool:
    """Whether the browser's connection is encrypted."""
    told = request.headers.get("X-Forwarded-Proto", "") if _behind_ours(request) else ""
    return request.is_secure or told == "https"
