"""``phieu estimate``: survey statistics on any file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forms.faults import Faults
from survey import output
from survey.commands.design_options import DESIGN, MARGINS, Option, layout_of, margins_of, names, options, parted

if TYPE_CHECKING:
    from analysis.answer import Answer
    from analysis.assembly import Layout
    from analysis.margins import Margins
    from analysis.question import Asked, Question

_FIGURES = ("estimate", "se", "ci_low", "ci_high", "df", "deff", "n", "missing", "ndf", "p_value")

_PATIENCE = 10  # seconds until a scheduler that does not answer is given up
_NOT_THERE = (
    "counted here and not on the cluster, which takes means, totals, proportions and ratios of a long Parquet file "
    "whose clusters stay within its row groups"
)

_STATISTICS: tuple[Option, ...] = (
    click.option("--mean", metavar="COL,…", multiple=True, callback=names, help="Means."),
    click.option("--total", metavar="COL,…", multiple=True, callback=names, help="Totals."),
    click.option("--proportion", metavar="COL=VALUE", multiple=True, help="Share of rows where a column has a value."),
    click.option("--ratio", metavar="NUM/DEN", multiple=True, help="Ratio of two totals."),
    click.option("--quantile", metavar="COL=P", multiple=True, help="Quantile P, between 0 and 1."),
    click.option("--chisq", metavar="COL,COL", multiple=True, help="Test of independence (Rao–Scott, second order)."),
    click.option(
        "--contrast",
        metavar="A - B",
        multiple=True,
        help="A linear combination of domains of --by, as "
        "0.5*A + 0.5*B - C; without --by, of the statistics asked for; or “pairs”: all differences.",
    ),
    click.option("--by", metavar="COL[,COL…]", callback=names, help="A figure for each combination of these columns."),
    click.option("--where", metavar="COL=VALUE", help="Only rows with a value (the design is still the whole file)."),
)

_MANNER: tuple[Option, ...] = (
    click.option("--ci", type=click.Choice(["t", "logit", "beta", "wilson"]), default="t", show_default=True,
                 help="Intervals of proportions; other statistics have t."),
    click.option("--level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95, show_default=True,
                 help="Confidence of the intervals."),
    click.option("--df", type=click.Choice(["design", "domain"]), default="design", show_default=True,
                 help="Degrees of freedom from the whole design, or from the PSUs and strata of the domain."),
    click.option("--lonely", type=click.Choice(["fail", "adjust", "average", "certainty"]), default="fail",
                 show_default=True, help="What a stratum with a single PSU contributes."),
    click.option("--covariance", is_flag=True, help="With --format json: the covariance of all rows, in their order."),
    click.option("--r-script", is_flag=True, help="Print a script for R survey that asks the same, and stop."),
    click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True),
)  # fmt: skip


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options(DESIGN, _STATISTICS, _MANNER, MARGINS)
def estimate(file: Path, covariance: bool, r_script: bool, form: str, **given: Any) -> None:
    """Estimate from FILE (CSV, XLSX, Parquet, .sav, .dta; one row a respondent) with errors by its sampling design."""
    from analysis.contrasts import contrast
    from analysis.design import Df, Lonely
    from analysis.intervals import Interval
    from analysis.labelled import SUFFIXES
    from analysis.question import Question
    from analysis.r_script import r_script as script
    from analysis.sheet import read_sheet

    asked = _asked(given)
    given["cluster"], address = _address(given["cluster"])
    if covariance and form != "json":
        raise Faults("--covariance needs --format json")
    where = None if given["where"] is None else parted("--where", given["where"], "COL=VALUE")
    question = Question(
        asked, given["by"], where, Interval(given["ci"]), given["level"], Df(given["df"]), Lonely(given["lonely"]),
        tuple(contrast(text) for text in given["contrast"]),
    )  # fmt: skip
    if r_script:
        named = [read_sheet(file).named] if file.suffix.lower() in SUFFIXES else []
        click.echo(script(file, layout_of(given), question, margins_of(given), *named), nl=False)
        return
    found = _found(file, layout_of(given), question, margins_of(given), address)
    if form == "json":
        click.echo(output.json_text(found.document(covariance=covariance)))
    else:
        _print(found, given["by"], form)


def _found(file: Path, layout: Layout, question: Question, margins: Margins, address: str | None) -> Answer:
    """The answer, part by part where the file allows it; ``address``: of a scheduler that is to count."""
    from analysis.answer import answer, answer_in_parts
    from analysis.outline import answerable, outlined
    from analysis.sheet import read_sheet

    outline = outlined(file, layout, question) if not margins and answerable(file, layout, question) else None
    if outline is not None:
        with _workers(address) as each:
            return answer_in_parts(outline, each, keep=address is None)
    if address is not None:
        click.echo(f"note: {_NOT_THERE}", err=True)
    return answer(read_sheet(file), layout, question, margins)


def _address(clusters: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """Columns of clusters, and the address of a Dask scheduler, which has “://”."""
    addresses = [name for name in clusters if "://" in name]
    if len(addresses) > 1:
        raise Faults("--cluster takes one address of a Dask scheduler")
    return tuple(name for name in clusters if "://" not in name), addresses[0] if addresses else None


@contextmanager
def _workers(address: str | None) -> Iterator[Any]:
    """Threads of this machine, or the workers of a Dask cluster. Raises Faults when it cannot be reached."""
    from analysis.engine import on_cluster, on_threads

    if address is None:
        yield on_threads()
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise Faults("--cluster with an address needs Dask: install phieu[cluster]") from error
    try:
        client = Client(address, timeout=_PATIENCE)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise Faults(f"--cluster {address}: no Dask scheduler answers there") from error
    with client:
        yield on_cluster(client)


def _asked(given: Mapping[str, Any]) -> tuple[Asked, ...]:
    from analysis.question import Asked, Statistic

    asked = [Asked(Statistic.MEAN, column) for column in given["mean"]]
    asked += [Asked(Statistic.TOTAL, column) for column in given["total"]]
    for text in given["proportion"]:
        column, value = parted("--proportion", text, "COL=VALUE")
        asked.append(Asked(Statistic.PROPORTION, column, value=value))
    for text in given["ratio"]:
        column, below = parted("--ratio", text, "NUM/DEN", "/")
        asked.append(Asked(Statistic.RATIO, column, denominator=below))
    for text in given["quantile"]:
        column, share = parted("--quantile", text, "COL=P")
        asked.append(Asked(Statistic.QUANTILE, column, p=_share(text, share)))
    for text in given["chisq"]:
        column, other = parted("--chisq", text, "COL,COL", ",")
        asked.append(Asked(Statistic.CHISQ, column, other=other))
    if not asked:
        raise Faults("nothing was asked: give --mean, --total, --proportion, --ratio, --quantile or --chisq")
    return tuple(asked)


def _share(text: str, share: str) -> float:
    try:
        p = float(share)
    except ValueError:
        p = 0.0
    if not 0 < p < 1:
        raise Faults(f"--quantile {text}: P must be a number between 0 and 1")
    return p


def _print(found: Answer, by: tuple[str, ...], form: str) -> None:
    own = ["statistic", "variable", "value", "p"]
    own += ["of", "contrast"] if any(row.contrast for row in found.rows) else []
    headings = [*own, *by, *_FIGURES]
    lines = [
        [
            *(getattr(row, name) for name in own),
            *(row.by.get(name) for name in by),
            *(getattr(row, name) for name in _FIGURES),
        ]
        for row in found.rows
    ]
    click.echo(output.csv_text(headings, lines) if form == "csv" else _table(headings, lines))
    for note in found.notes:
        click.echo(f"note: {note}", err=True)


def _table(headings: list[str], lines: list[list[Any]]) -> str:
    """Numbers to 7 digits; columns that are empty throughout are left out."""
    kept = [at for at in range(len(headings)) if any(line[at] is not None for line in lines)]
    texts = [["" if line[at] is None else _text(line[at]) for at in kept] for line in lines]
    return output.table_text([headings[at] for at in kept], texts)


def _text(value: Any) -> str:
    return f"{value:.7g}" if isinstance(value, float) else str(value)
