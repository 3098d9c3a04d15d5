"""``phieu export``: a frozen dataset for analysts' own tools."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forms.faults import Fault, Faults
from survey.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.export.rows import Rows

FORMATS = ("csv", "xlsx", "sav", "dta", "parquet")


@click.command()
@click.option("--dataset", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="The frozen dataset.")  # fmt: skip
@click.option("--as", "form", required=True, type=click.Choice(FORMATS), help="The format.")
@click.option("-o", "--output", "file", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="The file to write (mode 0600); codebook and scripts lie beside it.")  # fmt: skip
@click.option("--lang", "language", default="vi", show_default=True, help="Language of labels.")
@click.option("--values", type=click.Choice(["codes", "labels"]), default="codes", show_default=True,
              help="In CSV and XLSX: codes, or the words they stand for.")  # fmt: skip
@click.option("--replicates", default=0, show_default=True, type=click.IntRange(0, 2_000), metavar="N",
              help="So many bootstrap weights beside the design.")  # fmt: skip
def export(folder: Path, form: str, file: Path, language: str, values: str, replicates: int) -> None:
    """Labelled data with weights and design, for R, SPSS, Stata or a spreadsheet. Never publish rows."""
    from analysis.dataset import open_dataset
    from analysis.export import scripts
    from analysis.export.rows import rows

    if file.suffix != f".{form}":
        raise Faults([Fault(f"must end in .{form}", str(file))])
    given = rows(open_dataset(folder), language, replicates)
    with progress("rows written") as moved:
        done = 0

        def heard(more: int) -> None:
            nonlocal done
            done += more
            moved(done, given.total)

        said = _write(given, form, file, values == "labels", heard)
    _beside(file.with_suffix(".R"), scripts.r_script(given, file))
    if form == "dta":
        from analysis.export import statistical

        names = statistical.names(given.variables, statistical.DTA)
        _beside(file.with_suffix(".do"), scripts.stata_script(given, file, names))
    click.echo(f"{file}: {given.total:,} rows × {len(given.variables)} variables, dataset {given.dataset.hash[:12]}…")
    for line in said:
        click.echo(f"note: {line}", err=True)
    click.echo("These are rows of respondents: for analysis, never for publication.", err=True)


def _write(given: Rows, form: str, file: Path, labels: bool, heard: Callable[[int], None]) -> list[str]:
    """Write beside, then put into place: a broken attempt leaves what was there."""
    from analysis.export import delimited

    scratch = file.with_name(f".{secrets.token_hex(8)}.{file.name}")
    os.close(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    said: list[str] = []
    try:
        match form:
            case "csv":
                delimited.write_csv(given, scratch, labels, heard)
                book = scratch.with_name(f"{scratch.stem}-codebook.csv")
                book.chmod(0o600)
                book.rename(file.with_name(f"{file.stem}-codebook.csv"))
            case "xlsx":
                delimited.write_xlsx(given, scratch, labels, heard)
            case _:
                # Imported here: what these formats need would take a tenth of the memory that a long CSV may.
                from analysis.export import statistical

                said = getattr(statistical, f"write_{form}")(given, scratch, heard) or []
        scratch.chmod(0o600)
        scratch.rename(file)
    finally:
        scratch.unlink(missing_ok=True)
    return said


def _beside(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    file.chmod(0o600)
