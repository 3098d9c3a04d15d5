"""Who asks, and over what, when a reverse proxy on this machine stands in between."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import Request


def address(request: Request) -> str | None:
    """The address of the browser; the last one that our proxy noted, for the ones before it may be made up."""
    return address_in(request.environ)


def address_in(environ: Mapping[str, Any]) -> str | None:
    """The same of a bare WSGI request."""
    noted: str = environ.get("HTTP_X_FORWARDED_FOR", "") if _behind_ours(environ) else ""
    return noted.rpartition(",")[2].strip() or environ.get("REMOTE_ADDR")


def on_tls(request: Request) -> bool:
    """Whether the browser's connection is encrypted."""
    return tls_in(request.environ)


def tls_in(environ: Mapping[str, Any]) -> bool:
    """The same of a bare WSGI request."""
    told = environ.get("HTTP_X_FORWARDED_PROTO", "") if _behind_ours(environ) else ""
    return environ.get("wsgi.url_scheme") in ("https", "wss") or told == "https"


def _behind_ours(environ: Mapping[str, Any]) -> bool:
    """Only a proxy on this machine is believed: anybody else can write such headers."""
    return _is_loopback(environ.get("REMOTE_ADDR") or "")


@lru_cache(maxsize=1024)
def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
