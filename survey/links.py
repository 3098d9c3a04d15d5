"""Where codes on paper and in messages lead: nowhere, for as long as nobody set ``base_url``."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from forms.faults import Faults
from survey.wave import RegisteredWave


def only_here(base_url: str) -> bool:
    """Whether an address leads to the machine that reads it, not to this server."""
    host = urlsplit(base_url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def warning(base_url: str, wave: RegisteredWave, *, local: bool) -> str:
    """What to say before codes leave: a warning, or nothing. Raises Faults for a real wave whose links lead nowhere.

    ``local``: the organiser said that links to this machine are meant.
    """
    if not only_here(base_url):
        return ""
    told = f"links lead to {base_url}, which no other machine or telephone can open: set base_url in phieu.toml"
    if local or wave.pilot or wave.spec.simulated:
        return f"warning: {told}"
    raise Faults(f"{told} (or allow it with --local)")
