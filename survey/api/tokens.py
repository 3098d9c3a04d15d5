"""Tokens: issued and revoked at the command line, logged, and kept as hashes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from forms.faults import Faults
from survey import audit
from survey.clock import Clock
from survey.store import Store

PREFIX = "phieu_"  # so that a token is known for one where it was left lying


class Scope(StrEnum):
    """What a token may read."""

    RESULTS = "results"
    FIELDWORK = "fieldwork"


@dataclass(frozen=True, slots=True)
class Token:
    """A token that is good; ``wave`` None for every wave."""

    id: str
    scope: Scope
    wave: str | None


def issue(store: Store, clock: Clock, name: str, scope: Scope, wave: str | None, *, who: str) -> tuple[str, str]:
    """A new token for ``name``: its id, and itself, which is shown once. Raises Faults without a name or wave."""
    if not name.strip():
        raise Faults("a token needs the name of who gets it")
    id, token = secrets.token_hex(4), PREFIX + secrets.token_urlsafe(32)
    with store.write() as tx:
        if wave is not None and tx.wave_now(id=wave) is None:
            raise Faults(f"there is no wave “{wave}”")
        tx.token_add(id=id, hash=_hash(token), name=name.strip(), scope=str(scope), wave=wave,
                     issued=clock().isoformat(timespec="seconds"))  # fmt: skip
        detail = {"token": id, "name": name.strip(), "scope": str(scope)}
        audit.append(tx, clock, who, "API token issued", wave, detail)
    return id, token


def revoke(store: Store, clock: Clock, id: str, reason: str, *, who: str) -> None:
    """End a token. Raises Faults when there is none such, or it has ended."""
    with store.write() as tx:
        if tx.token_revoke(id=id, at=clock().isoformat(timespec="seconds")) != 1:
            raise Faults(f"there is no token “{id}” that is still good")
        audit.append(tx, clock, who, "API token revoked", None, {"token": id, "reason": reason})


def everyone(store: Store) -> list[Mapping[str, Any]]:
    """Every token without itself, those that are good first."""
    with store.read() as tx:
        return [dict(row) for row in tx.token_all()]


def known(store: Store, token: str) -> Token | None:
    """The token that somebody shows, if it is good."""
    if not token.startswith(PREFIX) or len(token) > 100:
        return None
    with store.read() as tx:
        row = tx.token_by(hash=_hash(token))
    return None if row is None else Token(row["id"], Scope(row["scope"]), row["wave"])


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
