"""One deployment's settings: ``instance/phieu.toml`` with the environment over it, read once, frozen."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from forms.faults import Fault, Faults
from survey import seal_times
from survey.counter import printers
from survey.counter.printers import Printer
from survey.delivery.mail import MailSettings, is_address
from survey.metrics import settings as metrics
from survey.metrics.settings import MetricsSettings
from survey.seal_times import SealTimes
from survey.store import CONNECTIONS, Address, Place

DEFAULT_BASE_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a deployment is told; paths are absolute."""

    instance: Path
    base_url: str = DEFAULT_BASE_URL
    workers: int = 2
    smtp: MailSettings | None = None
    printers: tuple[Printer, ...] = ()  # of counters
    server: Address | None = None  # of PostgreSQL; without it the instance has files of its own
    seals: SealTimes = field(default_factory=SealTimes)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)

    @property
    def database(self) -> Place:
        """The main database: a file, or where the server is."""
        return self.server or self.instance / "phieu.db"

    @property
    def drafts(self) -> Place:
        """Partial answers, in a file or in tables that no backup contains."""
        return self.server or self.instance / "drafts.db"

    @property
    def keys(self) -> Path:
        """The folder of keys, mode 0700; its files 0600."""
        return self.instance / "keys"


def load(instance: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read ``instance/phieu.toml``; ``PHIEU_BASE_URL``, ``PHIEU_WORKERS`` and ``PHIEU_DATABASE`` go before it.

    Raises Faults when the instance was never made, a key is unknown or a value has the wrong type.
    """
    file = instance / "phieu.toml"
    if not file.exists():
        raise Faults(f"{instance} is no instance yet: run `phieu --instance {instance} init` first")
    try:
        told = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Faults([Fault(f"is not valid TOML: {error}", str(file))]) from error
    faults = _secrets(told, str(file))
    told |= _from(environ)
    wanted: dict[str, type] = {"base_url": str, "workers": int, "smtp": dict, "counter": dict, "seals": dict,
                               "database": str, "connections": int, "metrics": dict}  # fmt: skip
    faults += [Fault(f"unknown key “{key}”", str(file)) for key in told if key not in wanted]
    for key, kind in wanted.items():
        if key in told and not isinstance(told[key], kind):
            faults.append(Fault(f"“{key}” must be a {kind.__name__}, not {told[key]!r}", str(file)))
    smtp = None
    if isinstance(told.get("smtp"), dict):
        smtp = _mail(told["smtp"], str(file), faults)
    at_counters: tuple[Printer, ...] = ()
    if isinstance(told.get("counter"), dict):
        at_counters = printers.read(told["counter"], str(file), faults)
    server = None
    if isinstance(told.get("database"), str):
        server = _server(told["database"], told.get("connections", CONNECTIONS), str(file), faults)
    seals = seal_times.read(told["seals"], str(file), faults) if isinstance(told.get("seals"), dict) else SealTimes()
    figures = metrics.read(told["metrics"], str(file), faults) if isinstance(told.get("metrics"), dict) else None
    if faults:
        raise Faults(faults)
    base_url = str(told.get("base_url", DEFAULT_BASE_URL)).rstrip("/")
    return Settings(instance.resolve(), base_url, int(told.get("workers", 2)), smtp, at_counters, server, seals,
                    figures or MetricsSettings())  # fmt: skip


def _from(environ: Mapping[str, str]) -> dict[str, Any]:
    names = {"base_url": "PHIEU_BASE_URL", "database": "PHIEU_DATABASE", "workers": "PHIEU_WORKERS"}
    told: dict[str, Any] = {key: environ[name] for key, name in names.items() if name in environ}
    if told.get("workers", "").isdecimal():
        told["workers"] = int(told["workers"])
    return told


def _secrets(told: Mapping[str, Any], file: str) -> list[Fault]:
    """This file goes into backups, which hold no key of anything."""
    if "database" in told and urlsplit(str(told["database"])).password:
        where = "~/.pgpass of the account that serves, or PHIEU_DATABASE in its environment"
        return [Fault(f"“database” has a password, which backups would hold: put it into {where}", file)]
    return []


def _server(url: str, connections: object, file: str, faults: list[Fault]) -> Address | None:
    """``database``: where a PostgreSQL server is, nothing being the instance's own files; ``connections`` to it."""
    if not isinstance(connections, int) or connections < 1:
        faults.append(Fault(f"“connections” must be a whole number, at least 1, not {connections!r}", file))
        return None
    if url and not url.startswith(("postgresql://", "postgres://")):
        faults.append(Fault(f"“database” must be postgresql://USER@HOST/NAME, or left out, not {url!r}", file))
        return None
    return Address(url, connections) if url else None


def _mail(told: Mapping[str, Any], file: str, faults: list[Fault]) -> MailSettings | None:
    """``[smtp]``: where messages go, and as whom."""
    kinds = {each.name: str(each.type) for each in fields(MailSettings)}
    wrong = [Fault(f"unknown key “smtp.{key}”", file) for key in told if key not in kinds]
    wrong += [Fault(f"“smtp.{key}” is missing", file) for key in ("host", "sender") if key not in told]
    wrong += [
        Fault(f"“smtp.{key}” must be {'a text' if kinds[key] == 'str' else 'a whole number, at least 1'}", file)
        for key, value in told.items()
        if key in kinds and not (isinstance(value, str) if kinds[key] == "str" else type(value) is int and value > 0)
    ]
    if told.get("security", "starttls") not in ("none", "starttls", "tls"):
        wrong.append(Fault("“smtp.security” must be none, starttls or tls", file))
    if not wrong and not is_address(told["sender"].rpartition("<")[2].strip(">")):
        wrong.append(Fault(f"“smtp.sender” is no address: {told['sender']}", file))
    faults += wrong
    return None if wrong else MailSettings(**told)
