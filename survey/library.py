"""The questionnaires and frameworks an instance knows: bundled, asked by its waves, or sent up to be looked at."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from forms import catalogue
from forms import framework as frameworks
from forms import questionnaire as questionnaires
from forms.faults import Faults
from forms.framework import Framework
from forms.questionnaire import Questionnaire
from survey import originals
from survey.store import Store
from survey.wave import RegisteredWave

LOOKED_AT = "looked-at"  # a folder of the instance
KEPT = 24 * 3600  # seconds: a document sent up to be looked at, and nothing else, goes after a day
MOST = 200
SHORT = 16  # characters of a hash that name a document in an address


@dataclass(frozen=True, slots=True)
class Known:
    """A document with where it comes from; ``waves`` ask it now, or did before it was corrected."""

    document: Questionnaire | Framework
    bundled: bool
    waves: tuple[str, ...]

    @property
    def name(self) -> str:
        """What addresses call it."""
        return self.document.hash[:SHORT]


def asked(store: Store, waves: Sequence[RegisteredWave]) -> list[Known]:
    """Every questionnaire, those of waves first, then the bundled ones that no wave asks."""
    with store.read() as tx:
        rows = [(row["hash"], row["body"], row["id"]) for row in originals.kept(tx, "questionnaire")]
    known = {hash: Known(_asked(body, id), False, _asking(hash, waves)) for hash, body, id in rows}
    for id in catalogue.QUESTIONNAIRES:
        bundled = catalogue.questionnaire(id)
        before = known.get(bundled.hash)
        known[bundled.hash] = Known(bundled, True, before.waves if before else ())
    return sorted(known.values(), key=lambda each: (not each.waves, each.document.id))


# What is stored never changes: read once a process.


@lru_cache(maxsize=64)
def _asked(text: str, name: str) -> Questionnaire:
    return questionnaires.load(text, name)


@lru_cache(maxsize=64)
def _framework(text: str, name: str) -> Framework:
    return frameworks.load(text, name)


def _asking(hash: str, waves: Sequence[RegisteredWave]) -> tuple[str, ...]:
    return tuple(
        wave.spec.id
        for wave in waves
        if hash in {each.hash for each in wave.questionnaires.values()} | set(wave.planned.values())
    )


def counted(store: Store, waves: Sequence[RegisteredWave]) -> list[Known]:
    """Every framework, those of waves first."""
    with store.read() as tx:
        rows = [(row["hash"], row["body"], row["id"]) for row in originals.kept(tx, "framework")]
    known: dict[str, Known] = {}
    for hash, body, id in rows:
        using = tuple(wave.spec.id for wave in waves if wave.framework and wave.framework.hash == hash)
        known[hash] = Known(_framework(body, id), False, using)
    for id in catalogue.FRAMEWORKS:
        bundled = catalogue.framework(id)
        before = known.get(bundled.hash)
        known[bundled.hash] = Known(bundled, True, before.waves if before else ())
    return sorted(known.values(), key=lambda each: (not each.waves, each.document.id))


def keep(instance: Path, found: Questionnaire) -> None:
    """Put a questionnaire where it can be looked at for a day; the oldest make room."""
    folder = instance / LOOKED_AT
    folder.mkdir(mode=0o700, exist_ok=True)
    files = sorted(folder.glob("*.toml"), key=lambda file: file.stat().st_mtime)
    for file in files:
        if file.stat().st_mtime < time.time() - KEPT or len(files) >= MOST:
            file.unlink(missing_ok=True)
            files = files[1:]
    (folder / f"{found.hash[:SHORT]}.toml").write_text(found.text, "utf-8", newline="\n")


def find(store: Store, instance: Path, name: str) -> Questionnaire | None:
    """A questionnaire by the beginning of its hash; None when there is none (any more)."""
    for id in catalogue.QUESTIONNAIRES:
        if catalogue.questionnaire(id).hash.startswith(name):
            return catalogue.questionnaire(id)
    with store.read() as tx:
        for row in originals.kept(tx, "questionnaire"):
            if row["hash"].startswith(name):
                return _asked(row["body"], row["id"])
    try:
        text = (instance / LOOKED_AT / f"{name}.toml").read_text("utf-8")
        found = questionnaires.load(text, name)
    except (OSError, Faults):
        return None
    return found if hashlib.sha256(text.encode()).hexdigest().startswith(name) else None
