"""Prometheus' text format 0.0.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_TEXT = str.maketrans({"\\": "\\\\", "\n": "\\n"})
_LABEL = _TEXT | str.maketrans({'"': '\\"'})


@dataclass(slots=True)
class Family:
    """Figures of one name. ``kind``: counter, gauge or histogram; a sample's suffix is empty but in a histogram."""

    name: str
    kind: str
    help: str
    samples: list[tuple[str, Mapping[str, str], float]] = field(default_factory=list)

    def add(self, value: float, suffix: str = "", **labels: str) -> None:
        """One figure more."""
        self.samples.append((suffix, labels, value))

    def add_histogram(self, bounds: Sequence[float], buckets: Sequence[int], total: float, **labels: str) -> None:
        """A histogram by how many lie under each limit and over the one before; the last bucket is without limit."""
        below = 0
        for limit, n in zip([*map(number, bounds), "+Inf"], buckets, strict=True):
            below += n
            self.add(below, "_bucket", **labels, le=limit)
        self.add(total, "_sum", **labels)
        self.add(below, "_count", **labels)


def written(families: Iterable[Family]) -> str:
    """The whole text; a family without figures is left out."""
    return "".join(line + "\n" for family in families if family.samples for line in _lines(family))


def _lines(family: Family) -> Iterable[str]:
    yield f"# HELP {family.name} {family.help.translate(_TEXT)}"
    yield f"# TYPE {family.name} {family.kind}"
    for suffix, labels, value in family.samples:
        told = ",".join(f'{name}="{text.translate(_LABEL)}"' for name, text in labels.items())
        yield f"{family.name}{suffix}{{{told}}} {number(value)}" if told else f"{family.name}{suffix} {number(value)}"


def number(value: float) -> str:
    """A number as short as it can be read back."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))
