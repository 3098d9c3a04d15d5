"""``phieu index``: points, domains, index and ranks of a frozen wave; what moved between two results."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import click

from analysis import moved, unit_table
from analysis.dataset import open_dataset
from analysis.moved import Difference
from analysis.numbers import number, ranks, signed
from analysis.report import data
from analysis.result import IndexResult, KindResult
from forms.faults import Faults
from survey.commands.counting import More, count, framework, with_more
from survey.output import csv_text, json_text, table_text

__all__ = ["count", "framework", "index"]

_PATH = click.Path(path_type=Path)


@click.group(invoke_without_command=True)
@click.option("--dataset", "folder", type=click.Path(path_type=Path, file_okay=False), help="The frozen dataset.")
@click.option("--framework", "named", metavar="F", help="A framework file, or the id of a bundled one.")
@click.option("--appraised", type=_PATH, help="Appraised points: a table, a folder of tables, or of rounds.")
@with_more
@click.option("--format", "layout", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.pass_context
def index(
    ctx: click.Context, /, folder: Path | None, named: str | None, appraised: Path | None, layout: str, **more: Any
) -> None:
    """Count a frozen wave: points, domains, index, ranks and how far each may be trusted.

    --dataset, --framework and --appraised are needed; `index diff` compares two results instead.
    """
    if ctx.invoked_subcommand is not None:
        return
    if folder is None or named is None or appraised is None:
        given = {"--dataset": folder, "--framework": named, "--appraised": appraised}
        lacking = [name for name, value in given.items() if value is None]
        raise click.UsageError(f"Missing option {', '.join(f'{name!r}' for name in lacking)}.")
    result = count(open_dataset(folder), framework(named), appraised, more=More(**more))
    if layout == "json":
        click.echo(data.text(result), nl=False)
    elif layout == "csv":
        click.echo(csv_text(unit_table.headings(result), unit_table.rows(result)))
    else:
        _table(result)


def _table(result: IndexResult) -> None:
    names = {unit: words.get("vi", unit) for unit, words in result.wave.unit_names.items()}
    for kind in result.kinds:
        rows = [
            [
                names[unit.unit],
                "" if unit.rank is None else str(unit.rank),
                number(unit.published),
                "" if unit.rank is None else f"{unit.rank_lower}–{unit.rank_upper}",
                f"{number(unit.ci_low)}–{number(unit.ci_high)}",
                signed(unit.change.change) if unit.change else "",
            ]
            for unit in (*kind.units, *kind.unranked)
        ]
        click.echo(table_text([kind.kind, "rank", "index", "ranks (95%)", "interval (95%)", "change"], rows))
        click.echo()
        _beside(kind, names)
    click.echo(f"dataset {result.dataset_hash}")
    for note in result.notes:
        click.echo(str(note), err=True)


def _beside(kind: KindResult, names: dict[str, str]) -> None:
    """What is found beside the ranks, where there is any."""
    if any(unit.like_for_like or unit.target or unit.self_gap is not None for unit in kind.units):
        rows = []
        for unit in kind.units:
            like, target = unit.like_for_like, unit.target
            rows.append([
                names[unit.unit],
                f"{signed(like.change)} ± {number(like.se)} ({like.verdict})" if like else "",
                f"{number(target.target)}, {signed(-target.gap)}" if target else "",
                signed(unit.self_gap) if unit.self_gap is not None else "",
            ])  # fmt: skip
        click.echo(table_text([kind.kind, "change like for like", "target, index − target", "self − appraised"], rows))
        click.echo()
    found = kind.sensitivity
    if found is None:
        return
    rows = [[names[unit.unit], str(unit.rank), ranks(found.ranges[unit.unit].low, found.ranges[unit.unit].high)]
            for unit in kind.units]  # fmt: skip
    click.echo(table_text([kind.kind, "rank", "ranks by other choices"], rows))
    for each in found.weighty:
        said = f"{each.choice} {each.subject}".strip()
        click.echo(f"  {said}: ranks shift by {number(each.shift)} on average")
    click.echo()


@index.command("diff")
@click.argument("before", metavar="A", type=_PATH)
@click.argument("after", metavar="B", type=_PATH)
@click.option("--format", "layout", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def diff(before: Path, after: Path, layout: str) -> None:
    """List what moved between two results: points, indices and ranks, unit by unit.

    A and B are what `phieu index --format json` printed, or folders of reports.
    """
    try:
        found = moved.difference(moved.read(before), moved.read(after))
    except (KeyError, TypeError, AttributeError) as error:
        raise Faults(f"{before} and {after} are not two results that this version can compare ({error})") from error
    if layout == "json":
        click.echo(json_text(_document(found)))
        return
    headings = ["unit", "cell", "from", "to", "moved"]
    if layout == "csv":
        click.echo(csv_text(["kind", *headings], list(_csv(found))))
        return
    rows = []
    for unit in found.units:
        if unit.moved:
            rows.append([unit.name, "index", number(unit.index_before), number(unit.index_after), signed(unit.change)])
            if unit.rank_before != unit.rank_after:
                rows.append(["", "rank", str(unit.rank_before or "—"), str(unit.rank_after or "—"), ""])
            rows += [
                ["", f"{cell.subcriterion} ({cell.source})", number(cell.before), number(cell.after),
                 signed((cell.after or 0) - (cell.before or 0))]
                for cell in unit.cells
            ]  # fmt: skip
    click.echo(table_text(headings, rows) if rows else "Nothing moved.")
    for differs, what in ((not found.same_dataset, "dataset"), (not found.same_framework, "framework")):
        if differs:
            click.echo(f"The two were not counted from the same {what}.", err=True)


def _document(found: Difference) -> dict[str, Any]:
    units = [{**dataclasses.asdict(unit), "change": unit.change} for unit in found.units if unit.moved]
    return {"units": units, "same_dataset": found.same_dataset, "same_framework": found.same_framework}


def _csv(found: Difference) -> Any:
    for unit in found.units:
        if not unit.moved:
            continue
        yield [unit.kind, unit.unit, "index", unit.index_before, unit.index_after, unit.change]
        yield [unit.kind, unit.unit, "rank", unit.rank_before, unit.rank_after, None]
        for cell in unit.cells:
            change = (cell.after or 0) - (cell.before or 0)
            yield [unit.kind, unit.unit, f"{cell.subcriterion} ({cell.source})", cell.before, cell.after, change]
