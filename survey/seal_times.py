"""``[seals]`` of phieu.toml: when waves are sealed, and who is sent the seals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from forms.faults import Fault
from survey.delivery import mail


@dataclass(frozen=True, slots=True)
class SealTimes:
    """``[seals]``: times of day where the wave is held, and the addresses of the witnesses."""

    at: tuple[time, ...] = ()
    witnesses: tuple[str, ...] = ()


def read(told: Mapping[str, Any], file: str, faults: list[Fault]) -> SealTimes:
    """``[seals]`` of phieu.toml; what is wrong goes to ``faults``."""
    faults += [Fault(f"unknown key “seals.{key}”", file) for key in told if key not in ("at", "witnesses")]
    at, witnesses = told.get("at", []), told.get("witnesses", [])
    times: list[time] = []
    if not isinstance(at, list) or not isinstance(witnesses, list):
        faults.append(Fault("“seals.at” and “seals.witnesses” must be lists of texts", file))
        return SealTimes()
    for each in at:
        try:
            times.append(each if isinstance(each, time) else time.fromisoformat(str(each)))
        except ValueError:
            faults.append(Fault(f'“seals.at”: {each!r} is no time of day such as "17:30"', file))
    wrong = [each for each in witnesses if not (isinstance(each, str) and mail.is_address(each))]
    faults += [Fault(f"“seals.witnesses”: {each!r} is no address", file) for each in wrong]
    return SealTimes(tuple(sorted(times)), tuple(each for each in witnesses if each not in wrong))
