"""``phieu import-responses``: a response table of another tool as a dataset."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forms import catalogue
from forms import questionnaire as questionnaires

if TYPE_CHECKING:
    from analysis.sheet import Sheet
    from survey.external.dataset import Table
    from survey.external.mapping import Mapped

MOST_FAULTS = 50


@click.command("import-responses")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--mapping", metavar="MAP.toml", type=click.Path(dir_okay=False, path_type=Path),
              help="Which column holds which item, and what its words mean.")  # fmt: skip
@click.option("--and", "more", nargs=2, multiple=True, metavar="FILE MAP.toml",
              type=click.Path(dir_okay=False, path_type=Path),
              help="A further table with a mapping of its own: another group of the same wave.")  # fmt: skip
@click.option("-o", "folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="The new dataset.")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken over, and every fault.")
@click.option("--template", "asked", metavar="QUESTIONNAIRE",
              help="Print a mapping of this questionnaire, suggested from the header, and stop.")  # fmt: skip
@click.option("--unit-column", default="", metavar="HEADING", help="With --template: the column that names units.")
def import_responses(
    file: Path,
    mapping: Path | None,
    more: Sequence[tuple[Path, Path]],
    folder: Path | None,
    dry_run: bool,
    asked: str | None,
    unit_column: str,
) -> None:
    """Answers from Google Forms, LimeSurvey, Kobo or a spreadsheet as a dataset that is counted like a wave's.

    Without a design in the mapping it is marked as no probability sample, in every report.
    """
    if asked is not None:
        from survey.external.template import headings, suggested

        known = catalogue.opened(asked, catalogue.QUESTIONNAIRES, catalogue.questionnaire, questionnaires.load_file)
        _, cells = _read(file, {*headings(known), unit_column})
        click.echo(suggested(cells, known, asked, unit_column), nl=False)
        return
    if mapping is None or (folder is None and not dry_run):
        raise click.UsageError("Give --template, or --mapping with -o DIR or --dry-run.")
    from survey.external import dataset

    tables = [_taken(*each) for each in ((file, mapping), *more)]
    if folder is None or dry_run:
        dataset.check(tables)
    else:
        dataset.write(tables, folder)
        click.echo(f"{folder}: written; count it with `phieu index`, `phieu analyse` and `phieu quality`", err=True)


def _taken(file: Path, mapping: Path) -> Table:
    from forms.faults import Fault
    from survey.external import answers, dataset
    from survey.external import mapping as mappings

    mapped = _mapped(mapping, file)
    sheet, cells = _read(file, mapped.headings)
    mappings.require(mappings.missing(mapped, tuple(cells), str(file)))
    read = answers.rows(mapped, cells, sheet.rows, sheet.number_of, str(file))
    faults, found = [*read.faults[:MOST_FAULTS]], read.answered
    if len(read.faults) > MOST_FAULTS:
        faults.append(Fault(f"has {len(read.faults) - MOST_FAULTS} more faults", str(file)))
    mappings.require(faults)
    for line in read.changed:
        click.echo(f"taken otherwise: {line}", err=True)
    for heading in cells:
        if heading not in mapped.headings | mapped.ignored:
            click.echo(f"left out: column “{heading}”", err=True)
    items = {each.item.id for each in mapped.columns}
    for item in mapped.questionnaire.items.values():
        if item.id not in items and item.type is not questionnaires.ItemType.NOTE:
            click.echo(f"not in the table: item “{item.id}”", err=True)
    empty = sheet.rows - len(found)
    said = "a sample by its design" if mapped.probability else "no probability sample"
    if mapped.normalised:
        said += " with weights scaled to it, so that errors are those of a large population"
    click.echo(f"{len(found):,} rows taken over, {empty:,} without an answer; {len(items)} items; {said}")
    return dataset.Table(mapped, found, file)


def _mapped(mapping: Path, file: Path) -> Mapped:
    """A mapping. Raises Faults: its own, and those of a table that could not be read anyway."""
    from forms.faults import Faults
    from survey.external import mapping as mappings

    try:
        return mappings.read(mapping)
    except Faults as faults:
        try:
            _read(file, ())
        except Faults as others:
            raise Faults([*faults.faults, *others.faults]) from faults
        raise


def _read(file: Path, headings: Collection[str]) -> tuple[Sheet, dict[str, Sequence[str | None]]]:
    """A table whose heading is the row that has most of ``headings``, and its columns as text."""
    from analysis.headings import wanted
    from analysis.sheet import read_sheet

    sheet = read_sheet(file, wanted(headings))
    return sheet, _cells(sheet)


def _cells(sheet: Sheet) -> dict[str, Sequence[str | None]]:
    """Every column as text; columns with neither heading nor content are none."""
    from pyarrow import string

    from analysis.headings import UNNAMED

    columns = {
        name: sheet.column(name).cast(string()).to_pylist() if not sheet.labels.get(name) else _labelled(sheet, name)
        for name in sheet.columns
    }
    return {name: cells for name, cells in columns.items() if any(cells) or not UNNAMED.fullmatch(name)}


def _labelled(sheet: Sheet, name: str) -> list[str | None]:
    codes, levels = sheet.levels(name)
    return [levels[code] if code >= 0 else None for code in codes.tolist()]
