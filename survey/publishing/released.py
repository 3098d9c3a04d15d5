"""Comments that an analyst has read and let the office they are about see: which, of which dataset.

Beside the register in ``instance/published``; only the desk reads it, and only for the office itself. Masking finds
forms, not meanings, so that nobody sees words that nobody has read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from survey import audit
from survey.publishing import register, shelf
from survey.publishing.withdrawal import House

NAME = "comments.json"


def fingerprint(told: Sequence[Mapping[str, Any]]) -> str:
    """The hash of what a unit would see: other words are not released by an earlier reading."""
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode("utf-8")).hexdigest()


def read(instance: Path, wave: str) -> dict[str, str]:
    """Unit → fingerprint of what was released."""
    found: dict[str, str] = shelf.document(register.folder(instance, wave) / NAME) or {}
    return found


def release(house: House, wave: str, unit: str, told: Sequence[Mapping[str, Any]]) -> None:
    """Let an office see these comments on itself."""
    kept = {**read(house.instance, wave), unit: fingerprint(told)}
    with house.store.write() as tx:
        audit.append(tx, house.clock, house.who, "comments released", wave, {"unit": unit})
        _write(house, wave, kept)


def withhold(house: House, wave: str, unit: str) -> None:
    """Take that back."""
    kept = {other: digest for other, digest in read(house.instance, wave).items() if other != unit}
    with house.store.write() as tx:
        audit.append(tx, house.clock, house.who, "comments withheld", wave, {"unit": unit})
        _write(house, wave, kept)


def _write(house: House, wave: str, released: Mapping[str, str]) -> None:
    home = register.folder(house.instance, wave)
    home.mkdir(parents=True, exist_ok=True)
    scratch = home / f"{NAME}.new"
    scratch.write_text(json.dumps(released), "utf-8")
    scratch.replace(home / NAME)
