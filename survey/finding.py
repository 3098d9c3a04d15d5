"""What the doctor says of one thing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; ``fault`` is empty when it is well, ``warning`` when there is nothing to think of."""

    what: str
    fault: str = ""
    mend: str = ""
    warning: str = ""
