"""``phieu report``: the publication pack goes out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from analysis.dataset import Dataset
from analysis.result import IndexResult
from forms.framework import Framework
from survey import jobs
from survey.commands.counting import More, count, framework, with_more
from survey.progress import progress
from survey.publishing import packs
from survey.publishing.inputs import Inputs
from survey.publishing.packs import Heard

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
    given = Inputs(folder, named, appraised, **more)
    with told("writing the report") as heard:
        made = packs.write(target, given, counted, heard=heard)
    for path in made:
        if path.parent == target:  # the units' pages are many
            click.echo(path)


@contextmanager
def told(text: str) -> Iterator[Heard]:
    """A bar for whoever watches, and lines for a parent that listens."""
    with progress(text) as moved:

        def heard(done: int, total: int | None, what: str) -> None:
            jobs.tell(done, total, what)
            moved(done, total or 1, what)

        yield heard


def counted(given: Inputs, dataset: Dataset) -> tuple[IndexResult, Framework]:
    """The result of a report's inputs, and the framework that counted it. Raises ``Faults``."""
    counted_by = framework(given.framework)
    more = More(**{each.name: getattr(given, each.name) for each in fields(More)})
    return count(dataset, counted_by, given.appraised, more=more), counted_by
