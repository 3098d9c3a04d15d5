"""Where a restore puts the answers: into the database that the folder owns, never into the one a backup came from."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from forms.faults import Faults
from survey.backup.archive import CONFIGURATION, DATABASE
from survey.config import load
from survey.store import Address, Place

_LINE = re.compile(r"""^[ \t]*(?:database|"database"|'database')[ \t]*=.*(?:\n|\Z)""", re.MULTILINE)
_ENVIRONMENT = "PHIEU_DATABASE"


def database_of(instance: Path, chosen: str | None, environ: Mapping[str, str] = os.environ) -> Place:
    """What the folder's own configuration says; where it has none, ``chosen`` (a URL), else a file of its own.

    Raises Faults where two of these name different databases: a drill must not find the one that is in use.
    """
    named = environ.get(_ENVIRONMENT)
    if (instance / CONFIGURATION).exists():
        own = load(instance, environ).database
        if chosen is not None and own != Address(chosen, own.connections if isinstance(own, Address) else 1):
            raise Faults(f"{instance} keeps its answers in {own}: leave out --database, or take a folder that is empty")
        return own
    if named and named != chosen:
        raise Faults(
            f"{_ENVIRONMENT} names {Address(named)}, and {instance} is no instance yet: unset it to restore into a "
            "file there, or name the same address by --database"
        )
    if chosen is None:
        return instance / DATABASE
    if not chosen.startswith(("postgresql://", "postgres://")):
        raise Faults(f"--database must be postgresql://USER@HOST/NAME, not {chosen!r}")
    if urlsplit(chosen).password and not named:
        raise Faults(f"--database has a password: put it into ~/.pgpass, or the address into {_ENVIRONMENT} as well")
    return Address(chosen)


def told(configuration: bytes) -> str | None:
    """The address that a configuration names, as it may be said; None where it names none."""
    address = tomllib.loads(configuration.decode("utf-8")).get("database")
    return str(Address(str(address))) if address else None


def configuration_for(configuration: bytes, place: Place, environ: Mapping[str, str] = os.environ) -> bytes:
    """A backup's configuration with the address of ``place`` in place of its own. Raises Faults."""
    wanted = tomllib.loads(text := configuration.decode("utf-8"))
    if wanted.pop("database", None) is not None:
        text = _LINE.sub("", text, count=1)
    if isinstance(place, Address) and environ.get(_ENVIRONMENT) != place.url:
        text = f"database = {json.dumps(place.url)}\n{text}"
        wanted["database"] = place.url
    if not _says(text, wanted):
        raise Faults("the backup's configuration names its database in a way that cannot be left out: "
                     f"write a {CONFIGURATION} into the folder first")  # fmt: skip
    return text.encode("utf-8")


def _says(text: str, wanted: dict[str, object]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False
