"""What is published, version by version, in ``instance/published``: read by the web workers, written by commands alone.

A publication is one wave's results of some unit kinds. Its versions stay as they were; the register says which one is
current, which was corrected by a later one, and which was withdrawn. Whatever the register does not name is not served.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from forms.faults import Fault, Faults

NAME = "register.json"
ALL = "all"
PUBLISHED, CORRECTED, WITHDRAWN = "published", "corrected", "withdrawn"


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its state, the decision behind it, when it came out, and the SHA-256 of every file served.

    ``style`` and ``script`` are what its pages carry, which the policy of the answer allows and nothing else.
    """

    number: int
    state: str
    decision: str
    date: str
    signer: str
    at: str
    with_ranks: bool
    title: str
    heading: str
    files: Mapping[str, str]
    style: str
    script: str
    dataset: str
    reason: str = ""
    """Why it corrects the one before, or was withdrawn."""
    ended: str = ""
    """When it was corrected or withdrawn."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One wave's results of some kinds, under a name (``all``, or the kinds)."""

    name: str
    kinds: tuple[str, ...]
    versions: tuple[Version, ...]

    @property
    def current(self) -> Version | None:
        """The version that is served; None when it was withdrawn."""
        last = self.versions[-1]
        return last if last.state == PUBLISHED else None

    def version(self, number: int) -> Version | None:
        """The version of that number, unless it was withdrawn."""
        found = (each for each in self.versions if each.number == number and each.state != WITHDRAWN)
        return next(found, None)


def folder(instance: Path, wave: str) -> Path:
    """Where a wave's publications are."""
    return instance / "published" / wave


def place(instance: Path, wave: str, publication: str, number: int) -> Path:
    """Where the files of one version are."""
    return folder(instance, wave) / publication / str(number)


def read(instance: Path, wave: str) -> tuple[Publication, ...]:
    """All publications of a wave, also withdrawn ones; none where nothing was ever published."""
    file = folder(instance, wave) / NAME
    try:
        told = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return ()
    except ValueError as error:
        raise Faults([Fault(f"is not valid JSON: {error}", str(file))]) from error
    return tuple(_publication(each) for each in told["publications"])


def _publication(told: Mapping[str, Any]) -> Publication:
    versions = tuple(Version(**each) for each in told["versions"])
    return Publication(told["name"], tuple(told["kinds"]), versions)


def named(publications: tuple[Publication, ...], name: str) -> Publication | None:
    """The publication of that name."""
    return next((each for each in publications if each.name == name), None)


def with_version(publications: tuple[Publication, ...], name: str, kinds: tuple[str, ...], made: Version) -> tuple[
    Publication, ...
]:  # fmt: skip
    """The register after a version came out: the one before is corrected by it, unless it had been withdrawn."""
    old = named(publications, name)
    if old is None:
        return (*publications, Publication(name, kinds, (made,)))
    last = old.versions[-1]
    ended = replace(last, state=CORRECTED, ended=made.at) if last.state == PUBLISHED else last
    new = Publication(name, kinds, (*old.versions[:-1], ended, made))
    return tuple(new if each is old else each for each in publications)


def without(publications: tuple[Publication, ...], name: str, at: str, reason: str) -> tuple[Publication, ...]:
    """The register after a withdrawal: no version of the publication is served any more."""
    made = []
    for each in publications:
        if each.name == name:
            ended = [
                version if version.state == WITHDRAWN
                else replace(version, state=WITHDRAWN, ended=at, reason=reason or version.reason)
                for version in each.versions
            ]  # fmt: skip
            made.append(replace(each, versions=tuple(ended)))
        else:
            made.append(each)
    return tuple(made)


def write(instance: Path, wave: str, publications: tuple[Publication, ...]) -> None:
    """Replace the register at once: a reader sees the old one or the new one."""
    home = folder(instance, wave)
    home.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"publications": [asdict(each) for each in publications]}, ensure_ascii=False, indent=1) + "\n"
    made = home / f"{NAME}.new"
    with made.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    made.replace(home / NAME)
