"""``phieu export``: a frozen dataset for analysts' own tools."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forms.faults import Fault, Faults
from survey.placing import together
from survey.progress import progress

if TYPE_CHECKING:
    from analysis.export.rows import Rows

FORMATS = ("csv", "xlsx", "sav", "dta", "parquet")
_BESIDE = {"csv": (".codebook.csv", ".R"), "dta": (".do", ".R")}
"""What lies beside the file, under its whole name: of several formats in one folder, none takes another's."""


@click.command()
@click.option("--dataset", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="The frozen dataset.")  # fmt: skip
@click.option("--as", "form", required=True, type=click.Choice(FORMATS), help="The format.")
@click.option("-o", "--output", "file", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="The file to write (mode 0600); FILE.R, FILE.do and FILE.codebook.csv lie beside it.")  # fmt: skip
@click.option("--lang", "language", default="vi", show_default=True, help="Language of labels.")
@click.option("--values", type=click.Choice(["codes", "labels"]), default="codes", show_default=True,
              help="In CSV and XLSX: codes, or the words they stand for.")  # fmt: skip
@click.option("--replicates", default=0, show_default=True, type=click.IntRange(0, 2_000), metavar="N",
              help="So many bootstrap weights beside the design.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Write over FILE and what lies beside it.")
def export(
    folder: Path, form: str, file: Path, language: str, values: str, replicates: int, overwrite: bool
) -> None:  # fmt: skip
    """Labelled data with weights and design, for R, SPSS, Stata or a spreadsheet. Never publish rows."""
    from analysis.dataset import open_dataset
    from analysis.export.rows import rows
    from analysis.export.variables import languages

    labels = values == "labels"
    if file.suffix != f".{form}":
        raise Faults([Fault(f"must end in .{form}", str(file))])
    if labels and form not in ("csv", "xlsx"):
        raise Faults(f"--values labels is for CSV and XLSX: a .{form} file holds codes and their labels")
    dataset = open_dataset(folder)
    if language not in (known := languages(dataset)):
        raise Faults(f"nothing here is in “{language}”: --lang is one of {', '.join(known)}")
    given = rows(dataset, language, replicates)
    if form in ("sav", "dta"):
        _warn_of_memory(given, form)
    files = [file.with_name(file.name + ending) for ending in _BESIDE.get(form, (".R",))]
    with together([*files, file], overwrite=overwrite) as scratch, progress("rows written") as moved:
        done = 0

        def heard(more: int) -> None:
            nonlocal done
            done += more
            moved(done, given.total)

        said = _write(given, form, scratch / file.name, labels, heard)
    click.echo(f"{file}: {given.total:,} rows × {len(given.variables)} variables, dataset {given.dataset.hash[:12]}…")
    for line in (*given.notes, *said):
        click.echo(f"note: {line}", err=True)
    click.echo("These are rows of respondents: for analysis, never for publication.", err=True)


def _warn_of_memory(given: Rows, form: str) -> None:
    """Before the work, not after an hour of it: a program that runs out of memory is killed without a word."""
    from analysis.export import statistical
    from survey.surroundings import free_memory

    needed, free = statistical.memory(given), free_memory()
    if free is not None and needed > free:
        click.echo(
            f"warning: a .{form} is made in memory: this one needs about {needed >> 20:,} MB, and {free >> 20:,} MB "
            "are free. Close other programs, or take --as parquet or csv, which are written as the rows are read.",
            err=True,
        )


def _write(given: Rows, form: str, file: Path, labels: bool, heard: Callable[[int], None]) -> list[str]:
    """The file, and what lies beside it; what had to be cut or renamed."""
    from analysis.export import delimited, scripts

    book, names, said = None, None, []
    match form:
        case "csv":
            book = delimited.write_csv(given, file, labels, heard)
        case "xlsx":
            book, said = file, delimited.write_xlsx(given, file, labels, heard)
        case _:
            # Imported here: what these formats need would take a tenth of the memory that a long CSV may.
            from analysis.export import statistical

            said = getattr(statistical, f"write_{form}")(given, file, heard)
            if form in statistical.LIMITS:
                names = statistical.names(given.variables, statistical.LIMITS[form])
    _beside(file, ".R", scripts.r_script(given, file, book if labels else None, names))
    if form == "dta" and names is not None:
        _beside(file, ".do", scripts.stata_script(given, file, names))
    return said


def _beside(file: Path, ending: str, text: str) -> None:
    file.with_name(file.name + ending).write_text(text, "utf-8")
