"""``phieu estimate``: survey statistics on any file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forms.faults import Faults
from survey import output

if TYPE_CHECKING:
    from analysis.question import Asked

FIGURES = ("estimate", "se", "ci_low", "ci_high", "df", "deff", "n", "missing")


def _names(_: click.Context, __: click.Parameter, given: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """``A,B`` → A, B, of one option or of a repeated one."""
    texts = (given,) if isinstance(given, str) else given or ()
    return tuple(name.strip() for text in texts for name in text.split(",") if name.strip())


def _parted(option: str, text: str, sign: str) -> tuple[str, str]:
    left, found, right = text.rpartition(sign) if sign == "/" else text.partition(sign)
    if not (found and left and right):
        raise Faults(f"{option} {text}: it should read {'COL=VALUE' if sign == '=' else 'NUM/DEN'}")
    return left.strip(), right.strip()


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--weight", metavar="COL", help="Sampling weights (default: from --fpc, else 1).")
@click.option("--stratum", metavar="COL", help="Strata.")
@click.option("--cluster", metavar="COL[,COL2]", callback=_names, help="Clusters, one column a stage.")
@click.option("--nested", is_flag=True, help="Cluster ids repeat across strata and are read within theirs.")
@click.option("--fpc", metavar="COL[,COL2]", callback=_names, help="Population counts, or fractions if all are ≤ 1.")
@click.option("--mean", metavar="COL,…", multiple=True, callback=_names, help="Means.")
@click.option("--total", metavar="COL,…", multiple=True, callback=_names, help="Totals.")
@click.option("--proportion", metavar="COL=VALUE", multiple=True, help="Share of rows where a column has a value.")
@click.option("--ratio", metavar="NUM/DEN", multiple=True, help="Ratio of two totals.")
@click.option("--by", metavar="COL[,COL…]", callback=_names, help="A figure for each combination of these columns.")
@click.option(
    "--where", metavar="COL=VALUE", help="Only for rows where a column has a value (the whole design counts)."
)
@click.option("--ci", type=click.Choice(["t", "logit", "beta", "wilson"]), default="t", show_default=True,
              help="Intervals of proportions; other statistics have t.")  # fmt: skip
@click.option("--level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95, show_default=True)
@click.option("--df", type=click.Choice(["design", "domain"]), default="design", show_default=True,
              help="Degrees of freedom from the whole design, or from the PSUs and strata of the domain.")  # fmt: skip
@click.option("--lonely", type=click.Choice(["fail", "adjust", "average", "certainty"]), default="fail",
              show_default=True, help="What a stratum with a single PSU contributes.")  # fmt: skip
@click.option("--covariance", is_flag=True, help="With --format json: the covariance of all rows, in their order.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def estimate(
    file: Path, weight: str | None, stratum: str | None, cluster: tuple[str, ...], nested: bool, fpc: tuple[str, ...],
    mean: tuple[str, ...], total: tuple[str, ...], proportion: tuple[str, ...], ratio: tuple[str, ...],
    by: tuple[str, ...], where: str | None, ci: str, level: float, df: str, lonely: str, covariance: bool, form: str,
) -> None:  # fmt: skip
    """Estimate from FILE (CSV, XLSX or Parquet; one row a respondent) with standard errors by its sampling design."""
    from analysis.answer import answer
    from analysis.assembly import Layout
    from analysis.design import Df, Lonely
    from analysis.intervals import Interval
    from analysis.question import Question
    from analysis.sheet import read_sheet

    asked = _asked(mean, total, proportion, ratio)
    if covariance and form != "json":
        raise Faults("--covariance needs --format json")
    condition = None if where is None else _parted("--where", where, "=")
    question = Question(asked, by, condition, Interval(ci), level, Df(df), Lonely(lonely))
    found = answer(read_sheet(file), Layout(weight, stratum, cluster, nested, fpc), question)
    if form == "json":
        click.echo(output.json_text(found.document(covariance=covariance)))
        return
    headings = ["statistic", "variable", "value", *by, *FIGURES]
    lines = [
        [row.statistic, row.variable, row.value, *row.by.values(), *(getattr(row, name) for name in FIGURES)]
        for row in found.rows
    ]
    click.echo(output.csv_text(headings, lines) if form == "csv" else _table(headings, lines))
    for note in found.notes:
        click.echo(f"note: {note}", err=True)


def _asked(
    mean: tuple[str, ...], total: tuple[str, ...], proportion: tuple[str, ...], ratio: tuple[str, ...]
) -> tuple[Asked, ...]:
    from analysis.question import Asked, Statistic

    shares = [_parted("--proportion", text, "=") for text in proportion]
    quotients = [_parted("--ratio", text, "/") for text in ratio]
    asked = (
        *(Asked(Statistic.MEAN, column) for column in mean),
        *(Asked(Statistic.TOTAL, column) for column in total),
        *(Asked(Statistic.PROPORTION, column, value=value) for column, value in shares),
        *(Asked(Statistic.RATIO, above, denominator=below) for above, below in quotients),
    )
    if not asked:
        raise Faults("nothing was asked: give --mean, --total, --proportion or --ratio")
    return asked


def _table(headings: list[str], lines: list[list[Any]]) -> str:
    """Numbers to 7 digits; columns that are empty throughout are left out."""
    kept = [at for at in range(len(headings)) if any(line[at] is not None for line in lines)]
    texts = [["" if line[at] is None else _text(line[at]) for at in kept] for line in lines]
    return output.table_text([headings[at] for at in kept], texts)


def _text(value: Any) -> str:
    return f"{value:.7g}" if isinstance(value, float) else str(value)
