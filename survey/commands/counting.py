"""What ``phieu index`` and ``phieu report`` take besides dataset, framework and appraised points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from analysis import appraised as appraisal
from analysis import compose, mergers, past, previous, rounds, targets
from analysis.beside import Beside
from analysis.dataset import Dataset, open_dataset
from analysis.mergers import Continued, Mergers
from analysis.past import Past
from analysis.previous import Previous
from analysis.quality.examined import examined
from analysis.result import IndexResult
from forms import catalogue, framework_workbook
from forms import framework as frameworks
from forms.faults import Faults
from forms.framework import Framework

_PATH = click.Path(path_type=Path)
_FILE = click.Path(path_type=Path, dir_okay=False)
_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class More:
    """Files beside the appraised points. ``before``: a table, a result.json, a report's folder or a dataset's."""

    before: Path | None = None
    before_framework: str | None = None
    before_appraised: Path | None = None
    merged: Path | None = None
    aims: Path | None = None
    points: str | None = None
    step: str | None = None


NO_MORE = More()


def with_more(command: _Command) -> _Command:
    """Add the options of ``More`` to a command; they arrive as its keyword arguments."""
    for option in reversed((
        click.option("--previous", "before", type=_PATH, metavar="PATH", help="Last year: a table unit,index[,se]"
                     "[,<domain id>…], its result.json or report folder, or its dataset (with the next two)."),
        click.option("--previous-framework", "before_framework", metavar="F", help="Framework of last year's dataset."),
        click.option("--previous-appraised", "before_appraised", type=_PATH, metavar="FILE",
                     help="Appraised points of last year's dataset."),
        click.option("--mergers", "merged", type=_FILE, metavar="FILE",
                     help="Mergers, renames and ends of units: unit,previous[,n]."),
        click.option("--targets", "aims", type=_FILE, metavar="FILE", help="Targets: unit,target[,source]."),
        click.option("--points", "points", metavar="HEADING",
                     help="The column of appraised points, where several may be meant."),
        click.option("--round", "step", type=click.Choice([str(each) for each in rounds.GIVEN]),
                     help="Of a record of rounds: count as it stood at the end of this one."),
    )):  # fmt: skip
        command = option(command)
    return command


def framework(named: str) -> Framework:
    """A framework by file (TOML or workbook), or by the id of a bundled one. Raises ``Faults``."""
    return catalogue.opened(named, catalogue.FRAMEWORKS, catalogue.framework, _by_file)


def _by_file(path: Path) -> Framework:
    workbook = path.suffix.lower() in framework_workbook.SUFFIXES
    return framework_workbook.read(path) if workbook else frameworks.load_file(path)


def units_of(dataset: Dataset) -> list[appraisal.Unit]:
    """The units of a dataset."""
    told = dataset.manifest["units"]
    return [appraisal.Unit(unit["id"], unit["name"].get("vi", unit["id"]), unit["kind"]) for unit in told]


def count(
    dataset: Dataset, counted_by: Framework, appraised: Path, before: Path | None = None, more: More = NO_MORE
) -> IndexResult:
    """Read the tables that go with a dataset and count it. Raises ``Faults``."""
    units = units_of(dataset)
    names = {unit.id: unit.name for unit in units}
    table = appraisal.wanted(counted_by, units)
    kept = rounds.opened(appraised) if rounds.is_kept(appraised) else None
    if more.step is not None:
        if kept is None:
            raise Faults(f"{appraised} is no record of rounds: --round needs one")
        kept = rounds.upto(kept, rounds.Round(more.step))
    read = rounds.standing(kept, table) if kept is not None else appraisal.read(appraised, table, chosen=more.points)
    changes = mergers.read(more.merged, names) if more.merged is not None else Mergers()
    last, compared, became = _last(before or more.before, more, counted_by, units, changes)
    beside = Beside(
        own=read.own,
        flagged=examined(dataset).flagged,
        past=compared,
        continued=became,
        ended=became.ended or changes.ended,
        targets=targets.read(more.aims, names) if more.aims is not None else {},
        rounds=rounds.facts(kept) if kept is not None else None,
    )
    return compose.index_result(dataset, counted_by, read.points, last, beside=beside)


def _last(
    path: Path | None, more: More, counted_by: Framework, units: Sequence[appraisal.Unit], changes: Mergers
) -> tuple[dict[str, Previous] | None, Past | None, Continued]:
    """What was published last year, and what can be compared like for like.

    Units of a kind that this wave does not have ended with it, unless the mapping says what they became.
    """
    names = {unit.id: unit.name for unit in units}
    if path is None:
        if changes.into:
            raise Faults("--mergers says what units of last year became: it needs --previous")
        return None, None, Continued({})
    compared = _past(path, more)
    if compared is None:
        domains = dict.fromkeys(domain.id for kind in counted_by.kinds.values() for domain in kind.domains)
        return previous.read(path, names, list(domains), changes), None, Continued({})
    kinds = {unit.kind for unit in units}
    told = {(kind.kind, unit): compared.names.get(unit, unit) for kind in compared.kinds for unit in kind.units}
    gone = {key: name for key, name in told.items() if key[0] not in kinds and changes.of(name) is None}
    assessed = {key[1]: name for key, name in told.items() if key not in gone}
    became = mergers.continued(assessed, names, changes, str(path))
    became = replace(became, ended=(*became.ended, *gone.values()))
    return previous.merged(compared.published, compared.names, became), compared, became


def _past(path: Path, more: More) -> Past | None:
    """A previous year that can be taken apart; None where ``path`` is a table."""
    if path.is_dir() and (path / "manifest.json").is_file():
        if more.before_framework is None or more.before_appraised is None:
            raise Faults(f"{path} is a dataset: to count it, give --previous-framework and --previous-appraised")
        dataset, counted_by = open_dataset(path), framework(more.before_framework)
        table = appraisal.wanted(counted_by, units_of(dataset))
        return compose.past(dataset, counted_by, appraisal.read(more.before_appraised, table).points)
    return past.read(path) if path.is_dir() or path.suffix.lower() == ".json" else None
