"""``phieu appraised``: points of the appraisal come in, round by round, each change with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from analysis import appraised as appraisal
from analysis import appraised_template, reply_sheet, rounds
from analysis.appraised import Unit, Wanted
from analysis.dataset import open_dataset
from analysis.numbers import number, signed
from analysis.office import sheets
from analysis.rounds import Import, Round
from forms.faults import Faults
from forms.names import NameFault, Names
from survey import audit, clock
from survey import wave as waves
from survey.commands.counting import framework, units_of
from survey.config import load
from survey.output import json_text, table_text
from survey.store import Store

_PATH = click.Path(path_type=Path)
_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_of_dataset = click.option("--dataset", "folder", type=_FOLDER, help="Take the units of this frozen dataset …")
_of_wave = click.option("--wave", "identity", metavar="W", help="… or of this wave.")
_by_framework = click.option(
    "--framework", "named", required=True, metavar="F", help="A framework file, or the id of a bundled one."
)
_kept_in = click.option("--rounds", "kept_in", type=_FOLDER, required=True, help="Folder with the record of rounds.")
_of_unit = click.option("--unit", "named_unit", required=True, metavar="U", help="The unit: id or name.")
_by = click.option("--by", metavar="WHO", help="Who does it (default: the machine's account).")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def appraised() -> None:
    """Points given by the appraisal of documents, beside what the survey measures."""


@appraised.command()
@_by_framework
@_of_dataset
@_of_wave
@click.option("--by-unit", is_flag=True, help="In the offices' own layout: a sheet a unit, criteria as rows.")
@click.option("-o", "target", type=_FILE, required=True, help="Workbook to write (.xlsx).")
@click.pass_obj
def template(
    instance: Path, named: str, folder: Path | None, identity: str | None, by_unit: bool, target: Path
) -> None:
    """Write the empty table: one row a unit, one column an appraised subcriterion, limits in every cell."""
    table = _table(instance, named, folder, identity)
    (sheets.write if by_unit else appraised_template.write)(table, target)
    asked = len(list(appraisal.columns(table)))
    click.echo(f"{target}: {len(table.units)} units, {asked} appraised subcriteria")


@appraised.command("import")
@click.argument("files", type=_PATH, nargs=-1, required=True, metavar="FILE…")
@_by_framework
@_of_dataset
@_of_wave
@click.option("--points", "chosen", metavar="HEADING", help="The column of points, where several may be meant.")
@click.option("--round", "step", type=click.Choice([str(each) for each in Round]), help="Keep it as this round …")
@click.option("--rounds", "kept_in", type=_FOLDER, help="… in this folder's record.")
@click.option("--reason", default="", help="Why cells change, where the table gives no reason of its own.")
@click.option("--document", default="", help="By what document, where the table names none of its own.")
@_by
@click.pass_obj
def import_(
    instance: Path, files: tuple[Path, ...], named: str, folder: Path | None, identity: str | None, chosen: str | None,
    step: str | None, kept_in: Path | None, reason: str, document: str, by: str | None,
) -> None:  # fmt: skip
    """Check tables or folders of tables, every cell of them, and print each unit's sum.

    Our own table and the offices' layouts are read: criteria as rows, comma numbers, one sheet or one file a unit.
    Without --round nothing is stored. With it, cells that are new or changed are kept with their old value, reason,
    document and who: `self`, `appraised`, `explained` (from reply sheets, within each unit's window), `submitted`.
    """
    if (step is None) != (kept_in is None):
        raise Faults("--round and --rounds go together")
    table = _table(instance, named, folder, identity)
    turn = Round(step) if step else None
    if turn is Round.EXPLAINED and chosen is None:
        chosen = reply_sheet.AFTER
    partial = turn in (Round.SELF, Round.EXPLAINED, Round.SUBMITTED)
    read = appraisal.read(files, table, own_counts=turn is Round.SELF, chosen=chosen, partial=partial)
    _show(table, read)
    if turn is None or kept_in is None:
        told = f"{read.file}: {sum(map(len, read.points.values()))} points of {len(read.points)} units, no faults"
        click.echo(told, err=True)
        return
    kept = rounds.opened(kept_in)
    at = clock.now().astimezone().isoformat(timespec="seconds")
    given = Import(turn, read, by or audit.operator(), at, reason, document)
    record = rounds.planned(kept, given, {unit.id: unit.name for unit in table.units.values()})
    rounds.append(kept, record)
    changed = sum(cell["old"] is not None for cell in record["cells"])
    new = len(record["cells"]) - changed
    click.echo(f"{kept_in}: round {turn}, {new} cells set, {changed} changed", err=True)


def _show(table: Wanted, read: appraisal.Appraised) -> None:
    rows = []
    for unit in table.units.values():
        given, own = read.points.get(unit.id, {}), read.own.get(unit.id, {})
        gap = sum(own[sub] - given[sub] for sub in own if sub in given)
        most = sum(table.maxima[unit.id].values())
        rows.append([unit.name, unit.kind, number(sum(given.values())), number(most), signed(gap) if own else ""])
    click.echo(table_text(["unit", "kind", "points", "maximum", "self − appraised"], rows))
    for place in read.skipped:
        click.echo(f"{place}: no table of points, not read", err=True)


@appraised.command()
@_kept_in
@_by_framework
@_of_dataset
@_of_wave
@_of_unit
@click.option("--opens", type=_DAY, required=True, help="First day on which it may ask for a review.")
@click.option("--closes", type=_DAY, required=True, help="Last day, included.")
@_by
@click.pass_obj
def window(
    instance: Path, kept_in: Path, named: str, folder: Path | None, identity: str | None, named_unit: str,
    opens: click.DateTime, closes: click.DateTime, by: str | None,
) -> None:  # fmt: skip
    """Set the days on which a unit may ask for its points to be looked at again."""
    unit = _unit(_table(instance, named, folder, identity), named_unit)
    at = clock.now().astimezone().isoformat(timespec="seconds")
    days = [f"{day:%Y-%m-%d}" for day in (opens, closes)]
    rounds.append(rounds.opened(kept_in), rounds.window(unit.id, *days, by=by or audit.operator(), at=at))
    click.echo(f"{unit.name}: {days[0]} to {days[1]}")


@appraised.command("reply-sheet")
@_kept_in
@_by_framework
@_of_dataset
@_of_wave
@_of_unit
@click.option("-o", "target", type=_FILE, required=True, help="Workbook to write (.xlsx).")
@click.pass_obj
def reply(
    instance: Path, kept_in: Path, named: str, folder: Path | None, identity: str | None, named_unit: str,
    target: Path,
) -> None:  # fmt: skip
    """Write a unit's reply sheet: what stands, room for what it asks and why, and for the answer."""
    table = _table(instance, named, folder, identity)
    unit, kept = _unit(table, named_unit), rounds.opened(kept_in)
    days = kept.window(unit.id)
    closes = "/".join(reversed(days[1].split("-"))) if days else ""
    reply_sheet.write(kept, table, unit.id, target, closes)
    click.echo(f"{target}: {len(table.maxima[unit.id])} subcriteria of “{unit.name}”")


@appraised.command()
@_kept_in
@_by_framework
@_of_dataset
@_of_wave
@_of_unit
@click.option("-o", "target", type=_FILE, required=True, help="PDF to write.")
@click.pass_obj
def record(
    instance: Path, kept_in: Path, named: str, folder: Path | None, identity: str | None, named_unit: str,
    target: Path,
) -> None:  # fmt: skip
    """Write the record of a unit's review (biên bản rà soát): every changed cell with its reason, to be signed."""
    # Imported here: typesetting is needed by this command alone.
    from survey.paper import review

    table = _table(instance, named, folder, identity)
    unit, kept = _unit(table, named_unit), rounds.opened(kept_in)
    survey = review.survey_points(open_dataset(folder), framework(named), unit.id) if folder is not None else None
    target.write_bytes(review.pdf(kept, table, unit.id, survey))
    click.echo(f"{target}: {len(rounds.changes(kept, unit.id))} changed cells of “{unit.name}”")


@appraised.command("rounds")
@_kept_in
@click.option("--format", "layout", type=click.Choice(["table", "json"]), default="table", show_default=True)
def show_rounds(kept_in: Path, layout: str) -> None:
    """List the rounds that were imported and the cells that they changed."""
    told = rounds.facts(rounds.opened(kept_in))
    if layout == "json":
        click.echo(json_text({"rounds": [_plain(each) for each in told.rounds],
                              "changes": [_plain(each) for each in told.changes], "head": told.head}))  # fmt: skip
        return
    rows = [[each.round, each.at, each.by, each.file, str(each.cells)] for each in told.rounds]
    click.echo(table_text(["round", "at", "by", "file", "cells"], rows))
    for each in told.changes:
        moved = f"{number(each.old)} → {number(each.new)}"
        click.echo(
            f"{each.round} {each.unit} {each.subcriterion}: {moved}: {each.reason} ({each.document or 'no document'})"
        )


def _plain(each: object) -> Mapping[str, object]:
    return {name: getattr(each, name) for name in each.__slots__}  # type: ignore[attr-defined]


def _unit(table: Wanted, named: str) -> Unit:
    try:
        return table.units[Names({unit.id: unit.name for unit in table.units.values()}).find(named)]
    except NameFault as fault:
        raise Faults(f"--unit: {fault}") from fault


def _table(instance: Path, named: str, folder: Path | None, identity: str | None) -> Wanted:
    if (folder is None) == (identity is None):
        raise Faults("name the units' source: either --dataset DIR or --wave W")
    if folder is not None:
        units = units_of(open_dataset(folder))
    else:
        spec = waves.get(Store(load(instance).database), str(identity)).spec
        units = [Unit(unit.id, unit.name.of("vi"), unit.kind) for unit in spec.units]
    return appraisal.wanted(framework(named), units)
