"""``phieu appraised`` and ``phieu report``: the appraised points come in, the publication pack goes out."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from analysis import appraised as appraisal
from analysis import appraised_template
from analysis import report as pack
from analysis.appraised import Unit, Wanted
from analysis.dataset import open_dataset
from analysis.numbers import number
from analysis.report import annexes
from forms.faults import Faults
from survey import jobs
from survey import wave as waves
from survey.commands.index import count, framework
from survey.config import load
from survey.output import table_text
from survey.store import Store

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_of_dataset = click.option("--dataset", "folder", type=_FOLDER, help="Take the units of this frozen dataset …")
_of_wave = click.option("--wave", "identity", metavar="W", help="… or of this wave.")
_by_framework = click.option(
    "--framework", "named", required=True, metavar="F", help="A framework file, or the id of a bundled one."
)


@click.group()
def appraised() -> None:
    """Points given by the appraisal of documents, beside what the survey measures."""


@appraised.command()
@_by_framework
@_of_dataset
@_of_wave
@click.option("-o", "target", type=_FILE, required=True, help="Workbook to write (.xlsx).")
@click.pass_obj
def template(instance: Path, named: str, folder: Path | None, identity: str | None, target: Path) -> None:
    """Write the empty table: one row a unit, one column an appraised subcriterion, limits in every cell."""
    table = _table(instance, named, folder, identity)
    appraised_template.write(table, target)
    asked = len(list(appraisal.columns(table)))
    click.echo(f"{target}: {len(table.units)} units, {asked} appraised subcriteria")


@appraised.command("import")
@click.argument("file", type=_FILE)
@_by_framework
@_of_dataset
@_of_wave
@click.pass_obj
def import_(instance: Path, file: Path, named: str, folder: Path | None, identity: str | None) -> None:
    """Check a filled table, every cell of it, and print each unit's sum; nothing is stored."""
    table = _table(instance, named, folder, identity)
    read = appraisal.read(file, table)
    rows = []
    for unit in table.units.values():
        given, own = read.points.get(unit.id, {}), read.own.get(unit.id, {})
        gap = sum(own[sub] - given[sub] for sub in own if sub in given)
        most = sum(table.maxima[unit.id].values())
        rows.append([unit.name, unit.kind, number(sum(given.values())), number(most), number(gap) if own else ""])
    click.echo(table_text(["unit", "kind", "points", "maximum", "self − appraised"], rows))
    click.echo(f"{file}: {sum(map(len, read.points.values()))} points of {len(read.points)} units, no faults", err=True)


def _table(instance: Path, named: str, folder: Path | None, identity: str | None) -> Wanted:
    if (folder is None) == (identity is None):
        raise Faults("name the units' source: either --dataset DIR or --wave W")
    if folder is not None:
        told = open_dataset(folder).manifest["units"]
        units = [Unit(unit["id"], unit["name"].get("vi", unit["id"]), unit["kind"]) for unit in told]
    else:
        spec = waves.get(Store(load(instance).database), str(identity)).spec
        units = [Unit(unit.id, unit.name.of("vi"), unit.kind) for unit in spec.units]
    return appraisal.wanted(framework(named), units)


@click.command()
@click.option("--dataset", "folder", type=_FOLDER, required=True, help="The frozen dataset.")
@_by_framework
@click.option("--appraised", "points", type=_FILE, required=True, help="Appraised points (XLSX or CSV).")
@click.option("--previous", "before", type=_FILE, help="Last year's table: unit,index[,se][,<domain id>…].")
@click.option("-o", "target", type=_FOLDER, required=True, help="Folder for the report; written over.")
def report(folder: Path, named: str, points: Path, before: Path | None, target: Path) -> None:
    """Write the publication pack: index.html (opens anywhere, no network), a page of each unit, index.xlsx, …

    The same dataset, framework and tables give the same bytes.
    """
    dataset = open_dataset(folder)
    counted_by = framework(named)
    jobs.tell(0, None, "counting")
    result = count(dataset, counted_by, points, before)
    sources = [("Điểm thẩm định", points)] + ([("Kết quả năm trước", before)] if before else [])
    given = [(label, _source(file)) for label, file in sources]
    found = annexes.of(dataset, result)
    for path in pack.write(target, result, counted_by, dataset.manifest, given, annexes=found, heard=jobs.tell):
        if path.parent == target:  # the units' pages are many
            click.echo(path)


def _source(file: Path) -> pack.Source:
    return pack.Source(file.name, hashlib.sha256(file.read_bytes()).hexdigest())
