"""``phieu index``: points, domains, index and ranks of a frozen wave."""

from __future__ import annotations

from pathlib import Path

import click

from analysis import appraised as appraisal
from analysis import compose, previous, unit_table
from analysis.dataset import Dataset, open_dataset
from analysis.numbers import number, signed
from analysis.report import data
from analysis.result import IndexResult
from forms import catalogue, framework_workbook
from forms import framework as frameworks
from forms.framework import Framework
from survey.output import csv_text, table_text

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option(
    "--dataset", "folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="The frozen dataset."
)
@click.option("--framework", "named", required=True, metavar="F", help="A framework file, or the id of a bundled one.")
@click.option("--appraised", type=_FILE, required=True, help="Appraised points (XLSX or CSV).")
@click.option("--previous", "before", type=_FILE, help="Last year's table: unit,index[,se][,<domain id>…].")
@click.option("--format", "layout", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def index(folder: Path, named: str, appraised: Path, before: Path | None, layout: str) -> None:
    """Count a frozen wave: points, domains, index, ranks and how far each may be trusted."""
    result = count(open_dataset(folder), framework(named), appraised, before)
    if layout == "json":
        click.echo(data.text(result), nl=False)
    elif layout == "csv":
        click.echo(csv_text(unit_table.headings(result), unit_table.rows(result)))
    else:
        _table(result)


def framework(named: str) -> Framework:
    """A framework by file (TOML or workbook), or by the id of a bundled one. Raises ``Faults``."""
    return catalogue.opened(named, catalogue.FRAMEWORKS, catalogue.framework, _by_file)


def _by_file(path: Path) -> Framework:
    workbook = path.suffix.lower() in framework_workbook.SUFFIXES
    return framework_workbook.read(path) if workbook else frameworks.load_file(path)


def count(dataset: Dataset, counted_by: Framework, appraised: Path, before: Path | None) -> IndexResult:
    """Read the tables that go with a dataset and count it. Raises ``Faults``."""
    units = [
        appraisal.Unit(unit["id"], unit["name"].get("vi", unit["id"]), unit["kind"])
        for unit in dataset.manifest["units"]
    ]
    points = appraisal.read(appraised, appraisal.wanted(counted_by, units)).points
    last = None
    if before is not None:
        domains = dict.fromkeys(domain.id for kind in counted_by.kinds.values() for domain in kind.domains)
        last = previous.read(before, {unit.id: unit.name for unit in units}, list(domains))
    return compose.index_result(dataset, counted_by, points, last)


def _table(result: IndexResult) -> None:
    for kind in result.kinds:
        rows = [
            [
                result.wave.unit_names[unit.unit].get("vi", unit.unit),
                "" if unit.rank is None else str(unit.rank),
                number(unit.published),
                "" if unit.rank is None else f"{unit.rank_lower}–{unit.rank_upper}",
                f"{number(unit.ci_low)}–{number(unit.ci_high)}",
                signed(unit.change.change) if unit.change else "",
            ]
            for unit in (*kind.units, *kind.unranked)
        ]
        click.echo(table_text([kind.kind, "rank", "index", "ranks (95%)", "interval (95%)", "change"], rows))
        click.echo()
    click.echo(f"dataset {result.dataset_hash}")
    for note in result.notes:
        click.echo(str(note), err=True)
