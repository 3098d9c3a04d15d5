"""``[metrics]`` of phieu.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forms.faults import Fault


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Whether there is ``/metrics``; ``token_file``: where in the instance its token is; else loopback alone."""

    enabled: bool = True
    token_file: str = ""


def read(told: Mapping[str, Any], file: str, faults: list[Fault]) -> MetricsSettings:
    """Check and take over; what is wrong is added to ``faults``."""
    kinds = {"enabled": bool, "token_file": str}
    wrong = [Fault(f"unknown key “metrics.{key}”", file) for key in told if key not in kinds]
    words = {bool: "true or false", str: "the name of a file"}
    wrong += [
        Fault(f"“metrics.{key}” must be {words[kinds[key]]}", file)
        for key, value in told.items()
        if key in kinds and not isinstance(value, kinds[key])
    ]
    faults += wrong
    return MetricsSettings() if wrong else MetricsSettings(**told)
