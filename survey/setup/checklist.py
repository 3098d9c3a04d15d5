"""What is looked at before a wave opens: what stops it, what its organiser should know, what is in order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from forms.faults import Faults
from survey import links
from survey.clock import Clock, today
from survey.config import Settings
from survey.keying import keyers
from survey.sample import draws
from survey.store import Store
from survey.wave import RegisteredWave


class Weight(StrEnum):
    """How much a finding weighs."""

    FINE = "fine"
    KNOW = "know"  # may be meant, and has a consequence that is told
    STOP = "stop"


class Subject(StrEnum):
    """What was looked at."""

    DRAWN = "drawn"
    LINKS = "links"
    AUTHORITY = "authority"
    HOTLINE = "hotline"
    KEYERS = "keyers"
    KEY = "key"
    FRAMEWORK = "framework"
    DAYS = "days"
    PILOT = "pilot"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; ``case`` tells which of its sentences applies, ``detail`` what it names."""

    subject: Subject
    weight: Weight
    case: str = ""
    detail: str = ""


def examine(store: Store, settings: Settings, clock: Clock, wave: RegisteredWave) -> list[Finding]:
    """Look at everything; changes nothing."""
    return [
        _drawn(store, wave),
        _links(settings, wave),
        _days(clock, wave),
        _authority(wave),
        _finding(Subject.HOTLINE, not wave.spec.hotline, wave.spec.hotline),
        _keyers(store, wave),
        _key(wave),
        _framework(wave),
        Finding(Subject.PILOT, Weight.KNOW if wave.pilot else Weight.FINE, "pilot" if wave.pilot else "real"),
    ]


def stops(findings: list[Finding]) -> bool:
    """Whether the wave cannot be opened as it is."""
    return any(finding.weight is Weight.STOP for finding in findings)


def _finding(subject: Subject, lacking: bool, detail: str = "") -> Finding:
    return Finding(subject, Weight.KNOW if lacking else Weight.FINE, "lacking" if lacking else "", detail)


def _drawn(store: Store, wave: RegisteredWave) -> Finding:
    left = draws.waiting(store, wave)
    return Finding(Subject.DRAWN, Weight.STOP if left else Weight.FINE, "lacking" if left else "", ", ".join(left))


def _links(settings: Settings, wave: RegisteredWave) -> Finding:
    try:
        warned = links.warning(settings.base_url, wave, local=False)
    except Faults:
        return Finding(Subject.LINKS, Weight.STOP, "local", settings.base_url)
    return Finding(Subject.LINKS, Weight.KNOW if warned else Weight.FINE, "local" if warned else "", settings.base_url)


def _days(clock: Clock, wave: RegisteredWave) -> Finding:
    now = today(clock, wave.spec.timezone)
    if now > wave.spec.closes:
        return Finding(Subject.DAYS, Weight.STOP, "over", wave.spec.closes.isoformat())
    return Finding(Subject.DAYS, Weight.FINE, "begun" if now >= wave.spec.opens else "", wave.spec.opens.isoformat())


def _authority(wave: RegisteredWave) -> Finding:
    told = wave.spec.authority
    return _finding(Subject.AUTHORITY, told is None, told.name.of("vi") if told else "")


def _keyers(store: Store, wave: RegisteredWave) -> Finding:
    if not wave.spec.on_paper:
        return Finding(Subject.KEYERS, Weight.FINE, "unneeded")
    return _finding(Subject.KEYERS, bool(keyers.missing(store, wave)))


def _key(wave: RegisteredWave) -> Finding:
    outside = wave.key_origin == "outside"
    return Finding(Subject.KEY, Weight.FINE if outside else Weight.KNOW, wave.key_origin)


def _framework(wave: RegisteredWave) -> Finding:
    """One that could not count the wave never comes so far: registering refuses it."""
    if wave.framework is None:
        return Finding(Subject.FRAMEWORK, Weight.KNOW, "none")
    title = wave.framework.title.of("vi")
    illustrative = wave.framework.illustrative
    return Finding(Subject.FRAMEWORK, Weight.KNOW if illustrative else Weight.FINE,
                   "illustrative" if illustrative else "", title)  # fmt: skip
