"""``phieu report``: the publication pack goes out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import click

from analysis import appraised as appraisal
from analysis import report as pack
from analysis import rounds
from analysis.dataset import open_dataset
from analysis.report import annexes
from survey import jobs
from survey.commands.counting import More, count, framework, with_more

_PATH = click.Path(path_type=Path)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.option("--dataset", "folder", type=_FOLDER, required=True, help="The frozen dataset.")
@click.option("--framework", "named", required=True, metavar="F", help="A framework file, or the id of a bundled one.")
@click.option(
    "--appraised", type=_PATH, required=True, help="Appraised points: a table, a folder of tables, or of rounds."
)
@with_more
@click.option("-o", "target", type=_FOLDER, required=True, help="Folder for the report; written over.")
def report(folder: Path, named: str, appraised: Path, target: Path, **more: Any) -> None:
    """Write the publication pack: index.html (opens anywhere, no network), a page of each unit, index.xlsx, …

    The same dataset, framework and tables give the same bytes.
    """
    dataset = open_dataset(folder)
    counted_by = framework(named)
    jobs.tell(0, None, "counting")
    files = More(**more)
    result = count(dataset, counted_by, appraised, more=files)
    sources = [("Điểm thẩm định", appraised), *files.labelled()]
    given = [(label, _source(file)) for label, file in sources]
    found = annexes.of(dataset, result)
    for path in pack.write(target, result, counted_by, dataset.manifest, given, annexes=found, heard=jobs.tell):
        if path.parent == target:  # the units' pages are many
            click.echo(path)


def _source(file: Path) -> pack.Source:
    if rounds.is_kept(file):
        return pack.Source(file.name, rounds.opened(file).head)
    if file.is_dir():
        return pack.Source(file.name, appraisal.hash_of(file))
    return pack.Source(file.name, hashlib.sha256(file.read_bytes()).hexdigest())
