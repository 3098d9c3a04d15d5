"""``phieu weights``: the weights of any file, each step a column of a new file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey import output
from survey.commands.design_options import DESIGN, MARGINS, Option, layout_of, margins_of, names, options

if TYPE_CHECKING:
    from analysis.weighting import Weighting

_STEPS = ("step", "n", "min", "max", "sum", "weighting_deff")

_RESPONSE: tuple[Option, ...] = (
    click.option("--disposition", metavar="COL", help="What became of each row: respondent, nonrespondent, unknown, "
                 "ineligible; an AAPOR category; or a state of an invitation."),
    click.option("--response-class", metavar="COL[,COL…]", callback=names, help="Nonresponse is made up for within "
                 "these; classes under 20 valid rows with a factor above 3 merge over the columns, the last first."),
    click.option("--eligible", metavar="SHARE", type=float,
                 help="Eligible share of those of unknown eligibility (default: as among the known)."),
    click.option("--trim", metavar="TIMES", type=float, help="No weight above so many times the median of the weights; "
                 "after calibration, trim and calibrate again, at most 20 times."),
)  # fmt: skip

_OUTPUT: tuple[Option, ...] = (
    click.option("--replicates", metavar="N", type=click.IntRange(2, 10_000), help="Add N columns of replicate weights "
                 "(rescaling bootstrap; nonresponse and calibration are repeated on each)."),
    click.option("--seed", metavar="NUMBER", type=click.IntRange(0), default=1, show_default=True,
                 help="Of the replicates."),
    click.option("--chart", metavar="FILE.svg", type=click.Path(path_type=Path), help="A chart of the weights."),
    click.option("-o", "--output", "target", type=click.Path(path_type=Path), required=True, metavar="FILE",
                 help="CSV or Parquet: all columns of FILE, then a column a step, the last one “weight”."),
    click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True),
)  # fmt: skip


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options(DESIGN, _RESPONSE, MARGINS, _OUTPUT)
def weights(file: Path, target: Path, form: str, **given: Any) -> None:
    """Weights of FILE: from its design, for those who answered, trimmed, brought to known totals; every step shown."""
    from analysis.response import Response
    from analysis.sheet import read_sheet
    from analysis.weighting import weighting, write
    from forms.faults import Faults

    sheet = read_sheet(file)
    response = None
    if given["disposition"] is not None:
        response = Response(given["disposition"], given["response_class"], given["eligible"])
    elif given["response_class"] or given["eligible"] is not None:
        raise Faults("--response-class and --eligible need --disposition")
    found = weighting(sheet, layout_of(given), margins_of(given), response, given["trim"])
    columns, notes = found.columns(), list(found.notes)
    if given["replicates"] is not None:
        more, said = _replicates(found, given["replicates"], given["seed"])
        columns, notes = {**columns, **more}, [*notes, *said]
    write(sheet, columns, target)
    if given["chart"] is not None:
        _chart(found, given["chart"])
    _print(found.document() | {"notes": notes}, form)


def _replicates(found: Weighting, number: int, seed: int) -> tuple[dict[str, Any], list[str]]:
    from analysis.replicates import Replicator, replicated

    replicator, again = Replicator.of(found.design), [0]
    made = replicated(replicator, number, seed, found.replicate, again)
    columns = {f"weight_{place}": weight for place, weight in enumerate(made, 1)}
    notes = [
        f"{number} replicates: the variance of an estimate is the mean of (replicate − estimate)²; in R: svrepdesign("
        f'weights = ~weight, repweights = "weight_[0-9]+", type = "other", scale = 1/{number}, rscales = 1, '
        "combined.weights = TRUE, mse = TRUE)"
    ]
    if replicator.lonely:
        notes.append(f"strata with a single PSU show no variance: {', '.join(replicator.lonely[:5])}")
    if again[0]:
        notes.append(f"{again[0]} draws on which a step could not be repeated were drawn again")
    return columns, notes


def _chart(found: Weighting, file: Path) -> None:
    from analysis.weight_chart import weight_chart
    from forms.faults import Fault, Faults

    if file.suffix.lower() != ".svg":
        raise Faults([Fault("the chart is an .svg file", str(file))])
    file.write_text(weight_chart(found.cascade.steps).svg, "utf-8")


def _print(document: dict[str, Any], form: str) -> None:
    if form == "json":
        click.echo(output.json_text(document))
        return
    steps = [[step[name] for name in _STEPS] for step in document["steps"]]
    if form == "csv":
        click.echo(output.csv_text(list(_STEPS), steps))
    else:
        tables = (output.table_text(headings, [[_text(cell) for cell in line] for line in lines])
                  for headings, lines in _tables(document, steps))  # fmt: skip
        click.echo("\n\n".join(tables))
    for note in document["notes"]:
        click.echo(f"note: {note}", err=True)


def _tables(document: dict[str, Any], steps: list[list[Any]]) -> list[tuple[list[str], list[list[Any]]]]:
    """Steps; response classes; terms of the calibration and its rounds, with an empty line between."""
    tables: list[tuple[list[str], list[list[Any]]]] = [(list(_STEPS), steps)]
    if document["eligibility"] is not None:
        said = document["eligibility"]
        tables.append((["eligible share", "from"], [[said["e"], "given" if said["given"] else "the known"]]))
    if document["classes"]:
        tables.append(_table(["class", "valid", "eligible", "factor"], document["classes"]))
    if document["trimming"] is not None:
        tables.append(_table(["limit", "again_after_calibration"], [document["trimming"]]))
    if document["calibration"] is not None:
        tables.append(_table(["term", "before", "reached", "total"], document["calibration"]["terms"]))
        tables.append(_table(["round", "misfit"], document["calibration"]["convergence"]))
    return tables


def _table(headings: list[str], rows: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    return headings, [[row[name] for name in headings] for row in rows]


def _text(value: Any) -> str:
    return f"{value:.7g}" if isinstance(value, float) else str(value)
