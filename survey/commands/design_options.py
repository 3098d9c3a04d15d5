"""Options of the commands that work on any file: its sampling design, and population totals to weight it to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forms.faults import Faults

if TYPE_CHECKING:
    from analysis.assembly import Layout
    from analysis.margins import Margins

Option = Callable[[Callable[..., None]], Callable[..., None]]


def names(_: click.Context, __: click.Parameter, given: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """``A,B`` → A, B, of one option or of a repeated one."""
    texts = (given,) if isinstance(given, str) else given or ()
    return tuple(name.strip() for text in texts for name in text.split(",") if name.strip())


def parted(option: str, text: str, form: str, sign: str = "=") -> tuple[str, str]:
    """``COL=VALUE`` → COL, VALUE. Raises Faults saying how it should read."""
    left, _, right = text.rpartition(sign) if sign == "/" else text.partition(sign)
    if not (left.strip() and right.strip()):
        raise Faults(f"{option} {text}: it should read {form}")
    return left.strip(), right.strip()


DESIGN: tuple[Option, ...] = (
    click.option("--weight", metavar="COL", help="Sampling weights (default: from --fpc, else 1)."),
    click.option("--stratum", metavar="COL", help="Strata."),
    click.option(
        "--cluster",
        metavar="COL[,COL2]",
        callback=names,
        help="Clusters, one column a stage. "
        "With “://” it is the address of a Dask scheduler that counts a long Parquet file.",
    ),
    click.option("--nested", is_flag=True, help="Cluster ids repeat across strata and are read within theirs."),
    click.option("--fpc", metavar="COL[,COL2]", callback=names, help="Population counts, or fractions if all are ≤ 1."),
)

MARGINS: tuple[Option, ...] = (
    click.option("--poststratify", metavar="COL=FILE.csv", help="Weight to the counts (level,count) of one column."),
    click.option("--rake", metavar="COL=FILE.csv", multiple=True, help="Weight to the counts of several columns."),
    click.option("--calibrate", metavar="FILE.csv", type=click.Path(path_type=Path),
                 help="Weight to totals (term,total): (Intercept), a numeric column, or column=level."),
    click.option("--calibration", type=click.Choice(["linear", "raking", "logit"]), default="linear", show_default=True,
                 help="Distance that --calibrate keeps small."),
    click.option("--bounds", metavar="LOW,HIGH", help="Least and greatest factor that --calibrate may use."),
)  # fmt: skip


def options(*groups: tuple[Option, ...]) -> Option:
    """All options of these groups, in their order."""

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed([option for group in groups for option in group]):
            command = option(command)
        return command

    return add


def layout_of(given: Mapping[str, Any]) -> Layout:
    """The design's columns as given."""
    from analysis.assembly import Layout

    return Layout(given["weight"], given["stratum"], given["cluster"], given["nested"], given["fpc"])


def margins_of(given: Mapping[str, Any]) -> Margins:
    """The population totals as given. Raises Faults for bounds that are not two numbers."""
    from analysis.calibration import Distance
    from analysis.margins import Margins

    bounds = None
    if given["bounds"] is not None:
        low, high = parted("--bounds", given["bounds"], "LOW,HIGH", ",")
        try:
            bounds = (float(low), float(high))
        except ValueError as error:
            raise Faults(f"--bounds {given['bounds']}: it should read LOW,HIGH, two numbers") from error
    one = given["poststratify"]
    return Margins(
        None if one is None else _margin("--poststratify", one),
        tuple(_margin("--rake", text) for text in given["rake"]),
        given["calibrate"],
        Distance(given["calibration"]),
        bounds,
    )


def _margin(option: str, text: str) -> tuple[str, Path]:
    column, file = parted(option, text, "COL=FILE.csv")
    return column, Path(file)
