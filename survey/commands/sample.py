"""``phieu sample``: plan, record the list, draw, verify."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from survey import audit, clock, jobs, output, wave
from survey.config import load
from survey.sample import draw_check, draws, reserves
from survey.sample.draws import Made
from survey.sample.planning import Plan
from survey.setup import planned
from survey.store import Store

_WAVE = click.option("--wave", "identity", required=True, metavar="W", help="The wave's id.")
_GROUP = click.option("--group", metavar="G", help="Only this respondent group.")
_REASON = click.option("--reason", default="", help="Why a group is drawn a second time; both draws stay listed.")


_PAIRS = 12  # pairs of units named on the screen; the JSON names all


@click.group()
def sample() -> None:
    """Draw respondents, so that anybody can repeat the draw."""


@sample.command()
@_WAVE
@_GROUP
@click.option("--keep", is_flag=True, help="Keep the tables for the desk, too.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.pass_obj
def plan(instance: Path, identity: str, group: str | None, keep: bool, form: str) -> None:
    """Print what the design will bring: population, sample, expected returns, margin of error, smallest first."""
    store = Store(load(instance).database)
    registered = wave.get(store, identity)
    asked = [draws.group_of(registered, group)] if group else list(registered.spec.listed_groups)
    made = []
    for place, each in enumerate(asked):
        jobs.tell(place, len(asked), "working out the sample plan")
        made.append(planned.work_out(store, registered, each.id, keep=keep))
    _print_plans(made, form)


def _print_plans(plans: list[Plan], form: str) -> None:
    headings = ("unit", "group", "population", "sample", "returns", "margin of error")
    rows = sorted(
        (row for each in plans for row in each.rows), key=lambda row: (round(row.returns, 6), row.group, row.unit)
    )
    if form == "json":
        click.echo(output.json_text([asdict(each) for each in plans]))
    elif form == "csv":
        told = [(row.unit, row.group, row.population, row.drawn, row.returns, row.margin) for row in rows]
        click.echo(output.csv_text(headings, told))
    else:
        shown = [
            (row.unit, row.group, f"{row.population}", f"{row.drawn:.1f}", f"{row.returns:.1f}", _percent(row.margin))
            for row in rows
        ]
        click.echo(output.table_text(headings, shown))
        _say_plans(plans)


def _percent(margin: float | None) -> str:
    return "–" if margin is None else f"±{100 * margin:.1f}%"


def _say_plans(plans: list[Plan]) -> None:
    for each in plans:
        reserve = f", {each.reserve} in reserve" if each.reserve else ""
        pages = f"; pages a person: {each.pages}"
        click.echo(f"{each.group}: {each.population} in the list, {each.invitations} to draw{reserve}{pages}")
        for note in each.notes:
            click.echo(f"  {note}")
        if each.blocks:
            _say_blocks(each.blocks, each.uncovered)


def _say_blocks(blocks: Sequence[Sequence[str]], uncovered: Sequence[Sequence[str]]) -> None:
    click.echo(f"  {len(blocks)} blocks of units, {len(uncovered)} pairs of units share none:")
    for block in blocks:
        click.echo(f"    {', '.join(block)}")
    if uncovered:
        shown = "; ".join(" – ".join(pair) for pair in uncovered[:_PAIRS])
        click.echo(f"  never together: {shown}{'; …' if len(uncovered) > _PAIRS else ''}")


@sample.command("list")
@_WAVE
@_GROUP
@_REASON
@click.pass_obj
def list_(instance: Path, identity: str, group: str | None, reason: str) -> None:
    """Record the person-free lists and print their hashes, before the public number is known."""
    store = Store(load(instance).database)
    registered = wave.get(store, identity)
    jobs.tell(0, None, "recording the lists")
    _record(store, registered, _groups(store, registered, group, reason), reason)


def _groups(store: Store, registered: wave.RegisteredWave, group: str | None, reason: str) -> list[str]:
    if group:
        return [group]
    # With nothing left to draw, all are asked for: the refusal then says of each what a second draw needs.
    return (not reason and draws.waiting(store, registered)) or [each.id for each in registered.spec.listed_groups]


def _record(store: Store, registered: wave.RegisteredWave, groups: list[str], reason: str) -> None:
    for listed in draws.record_lists(store, clock.now, registered, groups, reason=reason, who=audit.operator()):
        when = "recorded before" if listed.again else "recorded"
        click.echo(f"{listed.group}: list {listed.number} of {listed.rows} rows {when}, SHA-256 {listed.hash}")


@sample.command()
@_WAVE
@_GROUP
@click.option("--seed", "number", required=True, metavar="NUMBER", help="The public number, digits as announced.")
@_REASON
@click.pass_obj
def draw(instance: Path, identity: str, group: str | None, number: str, reason: str) -> None:
    """Draw with a public number that was named before it existed (a lottery result), and record everything.

    Groups whose list is not recorded yet are recorded first; only `phieu sample list` in advance proves to others
    that the list was fixed before the number.
    """
    store = Store(load(instance).database)
    registered = wave.get(store, identity)
    draws.checked_number(number)
    jobs.tell(0, None, "drawing the sample")
    groups = _groups(store, registered, group, reason)
    _record(store, registered, groups, reason)
    for made in draws.draw(store, clock.now, registered, groups, number, who=audit.operator()):
        _say_draw(made)


def _say_draw(made: Made) -> None:
    click.echo(f"{made.group}: {made.drawn} drawn in {made.cells} cells, effective seed {made.seed}")
    for note in made.note["notes"]:
        click.echo(f"  {note}")
    for cell, number in made.note["left_out"].items():
        click.echo(f"  left out, too few: {cell} ({number})")
    if blocks := made.note.get("blocks"):
        _say_blocks(blocks, made.note["uncovered_pairs"])


@sample.command()
@_WAVE
@click.option("--group", required=True, metavar="G", help="The respondent group's id.")
@click.option("--n", "number", required=True, type=click.IntRange(1), help="How many of the reserve join the sample.")
@click.option("--stratum", metavar="S", help="Only of this stratum's reserve (default: of all, in proportion).")
@click.option("--reason", required=True, metavar="TEXT", help="Why; the log keeps it.")
@click.option("--dry-run", "dry", is_flag=True, help="Say who would join, and change nothing.")
@click.pass_obj
def release(
    instance: Path, identity: str, group: str, number: int, stratum: str | None, reason: str, dry: bool
) -> None:
    """Let the next of the reserve join the sample, in the order that was drawn; issue their invitations afterwards."""
    store = Store(load(instance).database)
    registered = wave.get(store, identity)
    made = reserves.release(store, clock.now, registered, group, number, reason=reason, who=audit.operator(),
                            stratum=stratum, dry=dry)  # fmt: skip
    for pool, joined in sorted(made.by_pool.items()):
        click.echo(f"{pool}: {joined}")
    done = "would join" if dry else "join"
    click.echo(f"{group}: {number} of the reserve {done} the sample (release {made.number}), {made.left} still wait.")


@sample.command()
@click.option("--wave", "identity", metavar="W", help="The wave's id (default: every wave).")
@click.pass_obj
def verify(instance: Path, identity: str | None) -> None:
    """Repeat every recorded draw from the frame and compare: list, hash, seed, selection, cells and weights."""
    store = Store(load(instance).database)
    if identity is None:
        with store.read() as tx:
            identities = [row["id"] for row in tx.wave_ids()]
    else:
        identities = [identity]
    differing = 0
    for each in identities:
        for check in draw_check.verify(store, wave.get(store, each)):
            differing += bool(check.differences)
            what = f"{each}, {check.group}: list {check.number}, SHA-256 {check.list_hash}"
            state = "differs" if check.differences else "agrees"
            click.echo(f"{what}, {f'{check.drawn} drawn' if check.seed else 'not drawn yet'}: {state}")
            for difference in check.differences:
                click.echo(f"  {difference}")
    if differing:
        sys.exit(1)


@sample.command("export-list")
@_WAVE
@click.option("--group", required=True, metavar="G", help="The respondent group's id.")
@click.option("-o", "--output", "file", type=click.Path(path_type=Path, dir_okay=False), help="Default: print it.")
@click.pass_obj
def export_list(instance: Path, identity: str, group: str, file: Path | None) -> None:
    """Write the recorded person-free list, byte for byte as hashed, for anybody who wants to repeat the draw."""
    store = Store(load(instance).database)
    text = draws.export_list(store, wave.get(store, identity), group)
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_bytes(text.encode())
        click.echo(f"{file}: {text.count(chr(10)) - 1} rows", err=True)
