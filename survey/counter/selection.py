"""The counter draw: is this dossier selected? Pure; anybody with the key, the plan and the list can ask again.

Whether a dossier is selected follows from its number, the office that decides it and a key that no one had when the
plan was sealed: from nothing that a clerk does. ``docs/reference/counter.md`` repeats it by hand.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from survey.frames.cell_values import plain

LAPSES_AFTER = timedelta(minutes=15)
LEAST_ASKED = 0.9  # a smaller share of an office's dossiers asked about marks its channel
MOST_IRREGULAR = 0.05  # and so does a larger share of early, lapsed and repeated questions, or of second slips


@dataclass(frozen=True, slots=True)
class Period:
    """A part of the wave, both days included: a dossier belongs to the one in which its result falls due."""

    id: str
    opens: date
    closes: date


@dataclass(frozen=True, slots=True)
class CounterPlan:
    """What a wave that selects at counters fixes before opening.

    ``number`` names the public number, such as a lottery prize; it comes into being on the day ``exists``.
    """

    number: str
    exists: date
    periods: tuple[Period, ...]

    def period_of(self, due: date) -> Period | None:
        """The period in which a result falls due; None when it is in none."""
        return next((period for period in self.periods if period.opens <= due <= period.closes), None)


@dataclass(frozen=True, slots=True)
class Override:
    """Another share for a unit, a period, or a unit in a period; '' stands for every one."""

    unit: str
    period: str
    p: float


@dataclass(frozen=True, slots=True)
class Shares:
    """The share of a group's dossiers that is selected: ``p``, unless an override (the last that fits) says other."""

    p: float
    overrides: tuple[Override, ...] = ()

    def of(self, unit: str, period: str) -> float:
        """The share for a unit in a period."""
        fits = [each.p for each in self.overrides if each.unit in ("", unit) and each.period in ("", period)]
        return fits[-1] if fits else self.p


def draw_key(secret: bytes, public_number: str) -> bytes:
    """SHA-256 of the secret followed by the public number's digits: 32 bytes."""
    return hashlib.sha256(secret + public_number.encode()).digest()


def secret_hash(secret: bytes) -> str:
    """What seal 0 holds of the secret, so that it cannot be chosen after the public number is known."""
    return hashlib.sha256(secret).hexdigest()


def threshold(p: float) -> int:
    """⌊p·2⁶⁴⌋, p being the decimal number that the plan says, not its neighbour in binary. Raises ValueError."""
    if not 0 < p <= 1:
        raise ValueError(f"{p} is no share above 0 and up to 1")
    return int(Fraction(repr(p)) * 2**64)


def selected(key: bytes, group: str, unit: str, number: str, p: float) -> bool:
    """Whether the first 64 bits of HMAC-SHA-256(key, group ‖ unit ‖ number) lie below ⌊p·2⁶⁴⌋."""
    digest = hmac.digest(key, f"{group}{unit}{number}".encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "big") < threshold(p)


def dossier_number(text: str) -> str:
    """A dossier number as the draw takes it: capitals, no spaces, whether typed or scanned."""
    return plain(text).replace(" ", "").upper()


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole; ``value`` is None of nothing."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The part as a share."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Conduct:
    """How an office's counter asked, as published. ``listed`` and ``selected`` are of the whole list."""

    group: str
    unit: str
    listed: int
    asked: int
    selected: int | None  # None where nobody worked it out
    handed: int
    early: int
    lapsed: int
    repeated: int
    questions: int
    again: int = 0  # slips asked for a second time

    @property
    def share_asked(self) -> Share:
        """Dossiers asked about, of those on the list."""
        return Share(self.asked, self.listed)

    @property
    def irregular(self) -> Share:
        """Questions that were early, repeated or lapsed, of all questions."""
        return Share(self.early + self.lapsed + self.repeated, self.questions)

    def document(self) -> dict[str, object]:
        """As the manifest publishes it."""
        counts = {name: getattr(self, name) for name in self.__slots__}
        shares = {"share_asked": self.share_asked, "irregular": self.irregular, "share_again": self.printed_again}
        return counts | {name: share.value for name, share in shares.items()} | {"marks": self.marks}

    @property
    def printed_again(self) -> Share:
        """Slips asked for again, of those handed over: a second code may go to other hands than the first."""
        return Share(self.again, self.handed)

    @property
    def marks(self) -> tuple[str, ...]:
        """Why this office's channel is marked; empty when it is not."""
        return (
            *(["under 90% asked"] if (self.share_asked.value or 0.0) < LEAST_ASKED and self.listed else []),
            *(["over 5% irregular"] if (self.irregular.value or 0.0) > MOST_IRREGULAR else []),
            *(["over 5% printed again"] if (self.printed_again.value or 0.0) > MOST_IRREGULAR else []),
        )
