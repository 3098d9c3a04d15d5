"""What a report was made of, kept beside it as ways from its folder, so that it can be made again and compared."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from analysis.past import RESULT
from forms.faults import Fault, Faults

NAME = "inputs.json"
PATHS = ("dataset", "appraised", "before", "before_appraised", "merged", "aims")
MEANING = {
    "appraised": "table of appraised points", "before": "table of the previous year",
    "before_appraised": "table of last year's points", "merged": "table of mergers", "aims": "table of targets",
}  # fmt: skip
FRAMEWORKS = ("framework", "before_framework")


@dataclass(frozen=True, slots=True)
class Inputs:
    """The arguments of a report; frameworks are files or ids of bundled ones.

    ``before``: last year's table, result, report or dataset; ``merged``: mergers and renames; ``aims``: targets;
    ``points``: the heading of the appraised points; ``step``: the round of appraisal that is counted.
    """

    dataset: Path
    framework: str
    appraised: Path
    before: Path | None = None
    before_framework: str | None = None
    before_appraised: Path | None = None
    merged: Path | None = None
    aims: Path | None = None
    points: str | None = None
    step: str | None = None

    @property
    def sources(self) -> tuple[tuple[str, Path], ...]:
        """The files and folders besides dataset and framework, as the report labels them."""
        before = self.before
        if before is not None and before.is_dir():
            before = next((file for file in (before / RESULT, before / "manifest.json") if file.is_file()), before)
        told = (
            ("Điểm thẩm định", self.appraised),
            ("Kết quả năm trước", before),
            ("Điểm thẩm định năm trước", self.before_appraised),
            ("Sáp nhập, đổi tên", self.merged),
            ("Mục tiêu", self.aims),
        )
        return tuple((label, file) for label, file in told if file is not None)


def write(folder: Path, inputs: Inputs) -> None:
    """Keep the ways from ``folder`` to its inputs; two folders beside each other keep the same."""

    def way(path: object) -> object:
        return os.path.relpath(path, folder) if isinstance(path, Path) else path

    told = {name: way(value) for name, value in asdict(inputs).items()}
    for name in FRAMEWORKS:
        if (named := getattr(inputs, name)) is not None and Path(named).is_file():
            told[name] = way(Path(named))
    (folder / NAME).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")


def read(folder: Path) -> Inputs:
    """What this report was made of. Raises Faults for each input that is not there any more."""
    told: dict[str, Any] = dict(_document(folder / NAME))
    faults = [Fault(f"names no {each.name}", str(folder / NAME)) for each in fields(Inputs) if each.name not in told]
    if faults or told["dataset"] is None or told["appraised"] is None:
        raise Faults(faults or [Fault("names no dataset or no appraised points", str(folder / NAME))])
    for name in PATHS:
        told[name] = _found(folder, told[name])
        if told[name] is not None and not told[name].exists():
            said = f"the {MEANING.get(name, name)} that the report was made of is no more at {told[name]}"
            faults.append(Fault(said, str(folder)))
    if faults:
        raise Faults(faults)
    for name in FRAMEWORKS:
        if told[name] is not None and (folder / told[name]).is_file():
            told[name] = str(folder / told[name])
    return Inputs(**{each.name: told[each.name] for each in fields(Inputs)})


def _found(folder: Path, way: str | None) -> Path | None:
    return None if way is None else Path(os.path.normpath(folder / way))


def _document(file: Path) -> dict[str, str]:
    return parsed(file, lambda told: isinstance(told, dict))


def parsed(file: Path, fits: Callable[[object], bool]) -> dict[str, str]:
    """A JSON document. Raises Faults where there is none, or not of this shape."""
    try:
        told = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Faults([Fault("cannot be read: this is no report, or not a whole one", str(file))]) from error
    if not fits(told):
        raise Faults([Fault("is no document of this version", str(file))])
    found: dict[str, str] = told
    return found
